"""The control's routes that real wires need worded differently, and those that no simulator has: `/sim`.

All others are the simulated WhatsApp's own, so that one suite plays both.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from houston.transports.simulated_whatsapp.asked import DONE, Asked, Code, Number, Play
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


ROUTES = [scan, enter_code, refuse_login, refuse_sends, cut, stream_error]
