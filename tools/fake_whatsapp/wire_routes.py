"""The control's routes that real wires need worded differently, and those that no simulator has: `/sim`.

All others are the simulated WhatsApp's own, so that one suite plays both.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from houston.transports.simulated_whatsapp.asked import DONE, Asked, Code, Digits, Number, Play
from tools.fake_whatsapp.addresses import GROUP, Shown
from tools.fake_whatsapp.edge import Edge
from tools.fake_whatsapp.faults import Cut, Faults

Failure = Annotated[int, msgspec.Meta(ge=400, le=599)]


@dataclass(frozen=True, slots=True)
class Wires:
    """What these routes play with besides the world."""

    edge: Edge

    def faults(self, number: str) -> Faults:
        return self.edge.exchange.faults.of(number)


class LoginRefused(Asked, frozen=True):
    """Every login is refused with this; null ends it."""

    code: Failure | None = 503


class SendsRefused(Asked, frozen=True):
    """The next messages are refused with this."""

    code: Failure = 463
    times: Annotated[int, msgspec.Meta(ge=0)] = 1


class Broken(Asked, frozen=True):
    """The link breaks now, or with the next message."""

    when: Cut | None = None


class Garbled(Asked, frozen=True):
    """The next messages arrive in envelopes that nobody can open."""

    times: Annotated[int, msgspec.Meta(ge=0)] = 1


class SaidInGroup(Asked, frozen=True):
    """A member of a group writes, and the phone `to` is a member as well."""

    person: Digits
    to: Digits
    text: str


class ShownAs(Asked, frozen=True):
    """By which address a person writes, from now on."""

    by: Shown = Shown.HIDDEN


class StreamFault(Asked, frozen=True):
    code: str = "503"


@post("/phones/{number:str}/scan", status_code=200)
async def scan(
    number: Number,
    data: JSONBody[Code],
    play: NamedDependency[Play],
    wires: NamedDependency[Wires],
) -> dict[str, Any]:
    """Read a code as the client shows it."""
    known_as = wires.edge.linkings.scan(data.code)
    play.world.pairings.scan(play.world.phone(number), known_as)
    return DONE


@post("/phones/{number:str}/enter-code", status_code=200)
async def enter_code(
    number: Number,
    data: JSONBody[Code],
    play: NamedDependency[Play],
    wires: NamedDependency[Wires],
) -> dict[str, Any]:
    known_as = await wires.edge.linkings.type(number, data.code)
    play.world.pairings.enter(play.world.phone(number), known_as)
    return DONE


@post("/phones/{number:str}/refuse-login", status_code=200)
async def refuse_login(
    number: Number, data: JSONBody[LoginRefused], wires: NamedDependency[Wires]
) -> dict[str, Any]:
    wires.faults(number).login_code = data.code
    return DONE


@post("/phones/{number:str}/refuse-sends", status_code=200)
async def refuse_sends(
    number: Number, data: JSONBody[SendsRefused], wires: NamedDependency[Wires]
) -> dict[str, Any]:
    faults = wires.faults(number)
    faults.send_code, faults.send_times = data.code, data.times
    return DONE


@post("/phones/{number:str}/cut", status_code=200)
async def cut(
    number: Number, data: JSONBody[Broken], wires: NamedDependency[Wires]
) -> dict[str, int]:
    """How many links broke at once."""
    if data.when is not None:
        wires.faults(number).cut = data.when
        return {"cut": 0}
    lines = [one for one in wires.edge.attending if one.number == number]
    for one in lines:
        one.cut()
    return {"cut": len(lines)}


@post("/phones/{number:str}/stream-error", status_code=200)
async def stream_error(
    number: Number, data: JSONBody[StreamFault], wires: NamedDependency[Wires]
) -> dict[str, Any]:
    for one in [one for one in wires.edge.attending if one.number == number]:
        one.fault(data.code)
    return DONE


@post("/phones/{number:str}/garble", status_code=200)
async def garble(
    number: Number, data: JSONBody[Garbled], wires: NamedDependency[Wires]
) -> dict[str, Any]:
    wires.faults(number).garble_times = data.times
    return DONE


@post("/phones/{number:str}/history", status_code=200)
async def history(number: Number, wires: NamedDependency[Wires]) -> dict[str, list[str]]:
    """The phone hands over what was said before, to whoever is linked and there."""
    here = [one for one in wires.edge.attending if one.number == number]
    return {"ids": [one.hand_over_history() for one in here]}


@post("/groups/{number:str}/say", status_code=200)
async def say_in_group(
    number: Number, data: JSONBody[SaidInGroup], play: NamedDependency[Play]
) -> dict[str, str]:
    group = f"{number}@{GROUP}"
    return {"id": play.traffic.say(data.person, data.to, data.text, chat=group)}


@post("/people/{number:str}/show", status_code=200)
async def show(
    number: Number, data: JSONBody[ShownAs], wires: NamedDependency[Wires]
) -> dict[str, Any]:
    wires.edge.exchange.shown[number] = data.by
    return DONE


ROUTES = [
    show,
    scan,
    enter_code,
    refuse_login,
    refuse_sends,
    cut,
    stream_error,
    garble,
    history,
    say_in_group,
]
