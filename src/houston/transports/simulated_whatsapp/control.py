"""The network and the books of the simulated WhatsApp, and all routes of its HTTP control together."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from houston.transports.simulated_whatsapp import attachments_routes, people_routes, phone_routes
from houston.transports.simulated_whatsapp.asked import NetworkChange, Play
from houston.transports.simulated_whatsapp.people import Saying
from houston.transports.simulated_whatsapp.people_routes import ArrivalView, arrival_view


class NetworkView(msgspec.Struct, frozen=True):
    """How the network is now."""

    up: bool
    latency_ms: float
    lose_ack_rate: float
    refuse_rate: float
    code_seconds: tuple[float, ...]


class SayingView(msgspec.Struct, frozen=True):
    """What a person wrote to a channel."""

    id: str
    person: str
    to: str
    text: str | None
    at: datetime
    acknowledged: bool
    read: bool
    reactions: dict[str, str]


@post("/network", status_code=200)
async def network(
    play: NamedDependency[Play], data: JSONBody[NetworkChange | None] = None
) -> NetworkView:
    """Change the network, and see how it is."""
    world, change = play.world, data or NetworkChange()
    for name in ("latency_ms", "lose_ack_rate", "refuse_rate"):
        value = getattr(change, name)
        if value is not None:
            setattr(world.network, name, value)
    if change.seed is not None:
        play.traffic.seed(change.seed)
    if change.code_seconds is not None:
        world.pairings.code_seconds = tuple(change.code_seconds)
    if change.up is not None:
        world.set_network(up=change.up)
    return NetworkView(
        up=world.network.up,
        latency_ms=world.network.latency_ms,
        lose_ack_rate=world.network.lose_ack_rate,
        refuse_rate=world.network.refuse_rate,
        code_seconds=world.pairings.code_seconds,
    )


@get("/stats")
async def stats(play: NamedDependency[Play]) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(play.world.mail.tallies)
    return answer


@get("/books")
async def books(
    play: NamedDependency[Play],
    person: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
) -> dict[str, list[ArrivalView]]:
    """For referees: everything that reached each person, or one of them, from all or one channel."""
    return {
        one.phone: [arrival_view(a) for a in one.inbox if channel in (None, a.sender)]
        for one in play.world.mail.people.values()
        if person in (None, one.phone)
    }


@get("/sayings")
async def sayings(
    play: NamedDependency[Play],
    person: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
) -> list[SayingView]:
    """For referees: everything that people have said, in order, and what Houston says it has stored."""
    return [
        _saying_view(one)
        for one in play.world.mail.sayings.values()
        if person in (None, one.person) and channel in (None, one.to)
    ]


def _saying_view(saying: Saying) -> SayingView:
    return SayingView(**{name: getattr(saying, name) for name in SayingView.__struct_fields__})


ROUTES = [
    *phone_routes.ROUTES,
    *people_routes.ROUTES,
    *attachments_routes.ROUTES,
    network,
    stats,
    books,
    sayings,
]

control = Router("/sim", route_handlers=ROUTES)
