"""How people, tests and the demo play the simulated WhatsApp: its HTTP control."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, Parameter

from houston.transports.events import ConfirmationKind
from houston.transports.simulated_whatsapp.people import Arrival
from houston.transports.simulated_whatsapp.phones import Phone
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.world import Expired, Impossible, World

Number = Annotated[str, Parameter(pattern=r"^[0-9]{5,20}$", description="Digits without +")]
_DONE: Final[dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Play:
    """What the routes play with."""

    world: World
    traffic: Traffic


class PhoneView(msgspec.Struct, frozen=True):
    """A phone, as it lies on the table."""

    phone: str
    online: bool
    linked: int
    connected: bool
    elsewhere: bool
    shows_code: bool
    kept: int
    banned_until: datetime | None
    restricted_until: datetime | None


class ArrivalView(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """What reached a person."""

    id: str
    sender: str
    text: str | None
    content_uri: str | None
    at: datetime
    key: str
    edited: bool
    revoked: bool
    read: bool


class Scan(msgspec.Struct, frozen=True):
    code: str


class Numbers(msgspec.Struct, frozen=True):
    phones: list[str]


class Elsewhere(msgspec.Struct, frozen=True):
    stubborn_times: int = 0
    """How often the other client takes the stream back when it loses it."""


class Seconds(msgspec.Struct, frozen=True):
    seconds: Annotated[float, msgspec.Meta(ge=0, le=10**9)] = 3600


class Switch(msgspec.Struct, frozen=True):
    on: bool = True


class Protection(msgspec.Struct, frozen=True):
    kind: ConfirmationKind | None = ConfirmationKind.TWO_STEP_CODE


class Words(msgspec.Struct, frozen=True):
    to: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{5,20}$")]
    text: str


class Sayings(msgspec.Struct, frozen=True):
    """Many people at once, for load. Each is `{person, to, text}`."""

    messages: list["Saying"]


class Saying(msgspec.Struct, frozen=True):
    person: str
    to: str
    text: str


class Reading(msgspec.Struct, frozen=True):
    channel: str | None = None


class NetworkChange(msgspec.Struct, frozen=True):
    """What is left out stays."""

    up: bool | None = None
    latency_ms: Annotated[float, msgspec.Meta(ge=0, le=60_000)] | None = None
    lose_ack_rate: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    refuse_rate: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    seed: int | None = None
    code_seconds: list[float] | None = None


@get("/phones")
async def phones(play: NamedDependency[Play]) -> list[PhoneView]:
    return [_phone_view(phone) for phone in play.world.phones.values()]


@post("/phones/{number:str}/scan", status_code=200)
async def scan(number: Number, data: JSONBody[Scan], play: NamedDependency[Play]) -> Response[Any]:
    try:
        play.world.scan(number, data.code)
    except Expired:
        return _refused(410, "code", data.code, "nobody shows this code now: ask for a new one")
    except Impossible as error:
        return _refused(409, "phone", number, str(error))
    return Response(_DONE)


@post("/phones/link", status_code=200)
async def link(data: JSONBody[Numbers], play: NamedDependency[Play]) -> dict[str, str]:
    """Link many phones at once, without a scan; the credentials of each, in hexadecimal."""
    return {number: play.world.link(number).hex() for number in data.phones}


@post("/phones/{number:str}/confirm", status_code=200)
async def confirm(number: Number, play: NamedDependency[Play]) -> Response[Any]:
    try:
        play.world.confirm(number)
    except Impossible as error:
        return _refused(409, "phone", number, str(error))
    return Response(_DONE)


@post("/phones/{number:str}/protect", status_code=200)
async def protect(
    number: Number, data: JSONBody[Protection], play: NamedDependency[Play]
) -> dict[str, Any]:
    play.world.phone(number).protected_by = data.kind
    return _DONE


@post("/phones/{number:str}/offline", status_code=200)
async def offline(number: Number, play: NamedDependency[Play]) -> dict[str, Any]:
    play.world.lose(number)
    return _DONE


@post("/phones/{number:str}/online", status_code=200)
async def online(number: Number, play: NamedDependency[Play]) -> dict[str, Any]:
    play.world.find(number)
    return _DONE


@post("/phones/{number:str}/open-elsewhere", status_code=200)
async def open_elsewhere(
    number: Number, play: NamedDependency[Play], data: JSONBody[Elsewhere | None] = None
) -> dict[str, Any]:
    play.world.open_elsewhere(number, 0 if data is None else data.stubborn_times)
    return _DONE


@post("/phones/{number:str}/log-out-all", status_code=200)
async def log_out_all(number: Number, play: NamedDependency[Play]) -> dict[str, Any]:
    play.world.log_out_all(number)
    return _DONE


@post("/phones/{number:str}/ban", status_code=200)
async def ban(
    number: Number, play: NamedDependency[Play], data: JSONBody[Seconds | None] = None
) -> dict[str, Any]:
    play.world.ban(number, (data or Seconds()).seconds)
    return _DONE


@post("/phones/{number:str}/restrict", status_code=200)
async def restrict(
    number: Number, play: NamedDependency[Play], data: JSONBody[Seconds | None] = None
) -> dict[str, Any]:
    play.world.restrict(number, (data or Seconds()).seconds)
    return _DONE


@post("/phones/{number:str}/silence", status_code=200)
async def silence(
    number: Number, play: NamedDependency[Play], data: JSONBody[Switch | None] = None
) -> dict[str, Any]:
    """The link stays up and answers nothing."""
    play.world.silence(number, on=(data or Switch()).on)
    return _DONE


@post("/phones/{number:str}/outdate", status_code=200)
async def outdate(
    number: Number, play: NamedDependency[Play], data: JSONBody[Switch | None] = None
) -> dict[str, Any]:
    """WhatsApp refuses the version of whoever connects."""
    play.world.phone(number).outdated = (data or Switch()).on
    return _DONE


@post("/phones/{number:str}/type", status_code=200)
async def type_on_phone(
    number: Number, data: JSONBody[Words], play: NamedDependency[Play]
) -> dict[str, str]:
    return {"id": play.traffic.type_on_phone(number, data.to, data.text)}


@post("/people/{number:str}/say", status_code=200)
async def say(number: Number, data: JSONBody[Words], play: NamedDependency[Play]) -> dict[str, str]:
    return {"id": play.traffic.say(number, data.to, data.text)}


@post("/people/say", status_code=200)
async def say_many(data: JSONBody[Sayings], play: NamedDependency[Play]) -> dict[str, list[str]]:
    return {"ids": [play.traffic.say(one.person, one.to, one.text) for one in data.messages]}


@get("/people/{number:str}/inbox")
async def inbox(
    number: Number, play: NamedDependency[Play], channel: FromQuery[str | None] = None
) -> list[ArrivalView]:
    """Exactly what reached that person, in the order of arrival; repeats are visible."""
    person = play.world.mail.person(number)
    return [_arrival_view(one) for one in person.inbox if channel in (None, one.sender)]


@post("/people/{number:str}/read", status_code=200)
async def read(
    number: Number, play: NamedDependency[Play], data: JSONBody[Reading | None] = None
) -> dict[str, int]:
    person = play.world.mail.person(number)
    return {"read": play.traffic.read(person, None if data is None else data.channel)}


@post("/people/{number:str}/absent", status_code=200)
async def absent(
    number: Number, play: NamedDependency[Play], data: JSONBody[Switch | None] = None
) -> dict[str, Any]:
    """The number is not on WhatsApp."""
    play.world.mail.person(number).absent = (data or Switch()).on
    return _DONE


@post("/network", status_code=200)
async def network(data: JSONBody[NetworkChange], play: NamedDependency[Play]) -> dict[str, Any]:
    world = play.world
    for name in ("latency_ms", "lose_ack_rate", "refuse_rate"):
        value = getattr(data, name)
        if value is not None:
            setattr(world.network, name, value)
    if data.seed is not None:
        play.traffic.seed(data.seed)
    if data.code_seconds:
        world.code_seconds = tuple(data.code_seconds)
    if data.up is not None:
        world.set_network(up=data.up)
    answer: dict[str, Any] = msgspec.to_builtins(world.network)
    return answer


@get("/stats")
async def stats(play: NamedDependency[Play]) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(play.world.mail.tallies)
    return answer


@get("/books")
async def books(play: NamedDependency[Play]) -> dict[str, list[ArrivalView]]:
    """Every arrival, by person: for referees."""
    people = play.world.mail.people.values()
    return {person.phone: [_arrival_view(one) for one in person.inbox] for person in people}


def _phone_view(phone: Phone) -> PhoneView:
    return PhoneView(
        phone=phone.number,
        online=phone.online,
        linked=len(phone.linked),
        connected=phone.stream is not None,
        elsewhere=phone.elsewhere is not None and phone.stream is None,
        shows_code=phone.pairing is not None,
        kept=len(phone.kept),
        banned_until=phone.banned_until,
        restricted_until=phone.restricted_until,
    )


def _arrival_view(arrival: Arrival) -> ArrivalView:
    return ArrivalView(**{name: getattr(arrival, name) for name in ArrivalView.__struct_fields__})


def _refused(status: int, field: str, value: str, cure: str) -> Response[Any]:
    return Response({"field": field, "value": value[:80], "cure": cure}, status_code=status)


def bad_request(_: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A body of another shape than is asked for."""
    found = getattr(error, "extra", None)
    return Response(
        {"cure": "compare the body with the documentation", "errors": found}, status_code=400
    )


control = Router(
    "/sim",
    route_handlers=[
        phones,
        scan,
        confirm,
        link,
        protect,
        offline,
        online,
        open_elsewhere,
        log_out_all,
        ban,
        restrict,
        silence,
        outdate,
        type_on_phone,
        say,
        say_many,
        inbox,
        read,
        absent,
        network,
        stats,
        books,
    ],
)
