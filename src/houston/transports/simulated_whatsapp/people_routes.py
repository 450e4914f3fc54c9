"""Playing the people of the simulated WhatsApp, and looking into their inboxes: `/sim/people`."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from houston.transports.simulated_whatsapp.asked import (
    DONE,
    NewText,
    Number,
    Play,
    Reaction,
    Reading,
    Regret,
    Said,
    SaidByMany,
    Switch,
    no_such_message,
    refused,
)
from houston.transports.simulated_whatsapp.people import Arrival


class ArrivalView(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """What reached a person."""

    id: str
    sender: str
    text: str | None
    content_uri: str | None
    quoted: str | None
    at: datetime
    key: str
    typed: bool
    edited: bool
    revoked: bool
    read: bool
    reactions: dict[str, str]
    content_kind: str | None = None
    """As what a person sees the file; only in an inbox."""
    content_name: str | None = None


_SEEN: Final = ArrivalView.__struct_fields__[: -len(ArrivalView.__struct_defaults__)]


def arrival_view(arrival: Arrival) -> ArrivalView:
    seen = {name: getattr(arrival, name) for name in _SEEN}
    return ArrivalView(**seen)


@post("/people/{number:str}/say", status_code=200)
async def say(number: Number, data: JSONBody[Said], play: NamedDependency[Play]) -> dict[str, str]:
    content = None if data.content_uri is None else play.files.announced(data.content_uri)
    wire_id = play.traffic.say(number, data.to, data.text, content=content, quoted=data.quoted)
    return {"id": wire_id}


@post("/people/say", status_code=200)
async def say_many(data: JSONBody[SaidByMany], play: NamedDependency[Play]) -> dict[str, list[str]]:
    """Many people at once, for load."""
    return {"ids": [play.traffic.say(one.person, one.to, one.text) for one in data.messages]}


@post("/people/{number:str}/edit", status_code=200)
async def edit(
    number: Number, data: JSONBody[NewText], play: NamedDependency[Play]
) -> Response[Any]:
    return _altered(data.id, play.traffic.alter_saying(number, data.id, data.text))


@post("/people/{number:str}/revoke", status_code=200)
async def revoke(
    number: Number, data: JSONBody[Regret], play: NamedDependency[Play]
) -> Response[Any]:
    return _altered(data.id, play.traffic.alter_saying(number, data.id, None))


@post("/people/{number:str}/react", status_code=200)
async def react(
    number: Number, data: JSONBody[Reaction], play: NamedDependency[Play]
) -> Response[Any]:
    """The person puts an emoji on a message that either of the two wrote."""
    found = play.traffic.react(number, data.to, data.id, data.emoji)
    return Response(DONE) if found else no_such_message(data.id)


@get("/people/{number:str}/inbox")
async def inbox(
    number: Number, play: NamedDependency[Play], channel: FromQuery[str | None] = None
) -> list[ArrivalView]:
    """Exactly what reached that person, in the order of arrival; repeats are visible."""
    person = play.world.mail.people.get(number)
    arrivals = [] if person is None else person.inbox
    return [_with_file(one, play) for one in arrivals if channel in (None, one.sender)]


def _with_file(arrival: Arrival, play: Play) -> ArrivalView:
    view = arrival_view(arrival)
    if arrival.content_uri is None:
        return view
    seen = play.files.announced(arrival.content_uri)
    return msgspec.structs.replace(view, content_kind=seen.kind.value, content_name=seen.name)


@post("/people/{number:str}/read", status_code=200)
async def read(
    number: Number, play: NamedDependency[Play], data: JSONBody[Reading | None] = None
) -> dict[str, int]:
    return {"read": play.traffic.read(number, (data or Reading()).channel)}


@post("/people/{number:str}/offline", status_code=200)
async def offline(number: Number, play: NamedDependency[Play]) -> dict[str, Any]:
    """The person's phone is off: what is sent to it is not delivered before it is on again."""
    play.traffic.switch(number, online=False)
    return DONE


@post("/people/{number:str}/online", status_code=200)
async def online(number: Number, play: NamedDependency[Play]) -> dict[str, Any]:
    play.traffic.switch(number, online=True)
    return DONE


@post("/people/{number:str}/absent", status_code=200)
async def absent(
    number: Number, play: NamedDependency[Play], data: JSONBody[Switch | None] = None
) -> dict[str, Any]:
    """The number is not on WhatsApp."""
    play.traffic.switch(number, absent=(data or Switch()).on)
    return DONE


def _altered(wire_id: str, found: bool) -> Response[Any]:
    if found:
        return Response(DONE)
    return refused(404, "id", wire_id[:80], "name a message that this person has said")


ROUTES = [say, say_many, edit, revoke, react, inbox, read, offline, online, absent]
