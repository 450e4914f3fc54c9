"""Playing the phones of the simulated WhatsApp: `/sim/phones`."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from houston.transports.simulated_whatsapp.asked import (
    DONE,
    BanSeconds,
    Code,
    Elsewhere,
    Number,
    Phones,
    Play,
    Protection,
    Reaction,
    Seconds,
    Switch,
    Typed,
    no_such_message,
)
from houston.transports.simulated_whatsapp.phones import Phone


class PhoneView(msgspec.Struct, frozen=True):
    """A phone, as it lies on the table."""

    phone: str
    online: bool
    paired: bool
    """Somebody holds credentials that WhatsApp accepts."""
    connected: bool
    """A node of Houston holds its stream."""
    held_by: str | None
    """`houston`, `elsewhere` or nobody."""
    waiting: int
    """How much was not acknowledged yet: messages, receipts, alterations."""
    silent: bool
    banned: bool
    banned_until: datetime | None
    """None while it is banned is for good."""
    restricted_until: datetime | None


@get("/phones")
async def phones(play: NamedDependency[Play]) -> list[PhoneView]:
    return [_view(phone) for phone in play.world.phones.values()]


@post("/phones/{number:str}/scan", status_code=200)
async def scan(number: Number, data: JSONBody[Code], play: NamedDependency[Play]) -> dict[str, Any]:
    play.world.pairings.scan(play.world.phone(number), data.code)
    return DONE


@post("/phones/{number:str}/enter-code", status_code=200)
async def enter_code(
    number: Number, data: JSONBody[Code], play: NamedDependency[Play]
) -> dict[str, Any]:
    play.world.pairings.enter(play.world.phone(number), data.code)
    return DONE


@post("/phones/link", status_code=200)
async def link(data: JSONBody[Phones], play: NamedDependency[Play]) -> dict[str, str]:
    """Link many phones at once, for load: no scan; the credentials of each, in hexadecimal."""
    world = play.world
    return {number: world.pairings.link(world.phone(number)).hex() for number in data.phones}


@post("/phones/{number:str}/protect", status_code=200)
async def protect(
    number: Number, play: NamedDependency[Play], data: JSONBody[Protection | None] = None
) -> dict[str, Any]:
    play.world.protect(number, (data or Protection()).kind)
    return DONE


@post("/phones/{number:str}/confirm", status_code=200)
async def confirm(number: Number, play: NamedDependency[Play]) -> dict[str, Any]:
    play.world.pairings.confirm(play.world.phone(number))
    return DONE


@post("/phones/{number:str}/offline", status_code=200)
async def offline(number: Number, play: NamedDependency[Play]) -> dict[str, Any]:
    play.world.lose(number)
    return DONE


@post("/phones/{number:str}/online", status_code=200)
async def online(number: Number, play: NamedDependency[Play]) -> dict[str, Any]:
    play.world.find(number)
    return DONE


@post("/phones/{number:str}/open-elsewhere", status_code=200)
async def open_elsewhere(
    number: Number, play: NamedDependency[Play], data: JSONBody[Elsewhere | None] = None
) -> dict[str, Any]:
    play.world.open_elsewhere(number, (data or Elsewhere()).stubborn_times)
    return DONE


@post("/phones/{number:str}/log-out-all", status_code=200)
async def log_out_all(number: Number, play: NamedDependency[Play]) -> dict[str, Any]:
    play.world.log_out_all(number)
    return DONE


@post("/phones/{number:str}/ban", status_code=200)
async def ban(
    number: Number, play: NamedDependency[Play], data: JSONBody[BanSeconds | None] = None
) -> dict[str, Any]:
    play.world.ban(number, (data or BanSeconds()).seconds)
    return DONE


@post("/phones/{number:str}/restrict", status_code=200)
async def restrict(
    number: Number, play: NamedDependency[Play], data: JSONBody[Seconds | None] = None
) -> dict[str, Any]:
    play.world.restrict(number, (data or Seconds()).seconds)
    return DONE


@post("/phones/{number:str}/silence", status_code=200)
async def silence(
    number: Number, play: NamedDependency[Play], data: JSONBody[Switch | None] = None
) -> dict[str, Any]:
    play.world.silence(number, on=(data or Switch()).on)
    return DONE


@post("/phones/{number:str}/outdate", status_code=200)
async def outdate(
    number: Number, play: NamedDependency[Play], data: JSONBody[Switch | None] = None
) -> dict[str, Any]:
    play.world.outdate(number, on=(data or Switch()).on)
    return DONE


@post("/phones/{number:str}/type", status_code=200)
async def type_on_phone(
    number: Number, data: JSONBody[Typed], play: NamedDependency[Play]
) -> dict[str, str]:
    return {"id": play.traffic.type_on_phone(number, data.to, data.text)}


@post("/phones/{number:str}/react", status_code=200)
async def react_on_phone(
    number: Number, data: JSONBody[Reaction], play: NamedDependency[Play]
) -> Response[Any]:
    """The owner puts an emoji on a message, on the phone itself."""
    found = play.traffic.react_on_phone(number, data.to, data.id, data.emoji)
    return Response(DONE) if found else no_such_message(data.id)


def _view(phone: Phone) -> PhoneView:
    elsewhere = "elsewhere" if phone.elsewhere is not None else None
    return PhoneView(
        phone=phone.number,
        online=phone.online,
        paired=bool(phone.linked),
        connected=phone.stream is not None,
        held_by="houston" if phone.stream is not None else elsewhere,
        waiting=len(phone.kept),
        silent=phone.silent,
        banned=phone.banned is not None,
        banned_until=None if phone.banned is None else phone.banned.until,
        restricted_until=phone.restricted_until,
    )


ROUTES = [
    phones,
    scan,
    enter_code,
    link,
    protect,
    confirm,
    offline,
    online,
    open_elsewhere,
    log_out_all,
    ban,
    restrict,
    silence,
    outdate,
    type_on_phone,
    react_on_phone,
]
