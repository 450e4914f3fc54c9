"""Plays the simulated WhatsApp from the console: the page may speak to its own server alone.

Only where a simulator is set up, and only for administrators: it is a toy of demos and tests.
"""

from dataclasses import dataclass
from typing import Any

import httpx
from litestar import HttpMethod, Request, Response, route
from litestar.di import NamedDependency
from litestar.params import FromPath

from houston.kernel.errors import NotFound, OutOfReach
from houston.kernel.sentence import say
from houston.people.rules import Caller

_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True)
class Toy:
    """Where the simulated WhatsApp is, if there is one."""

    url: str | None


@route(
    "/simulator/{rest:path}",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    status_code=200,
    include_in_schema=False,
)
async def play(
    rest: FromPath[str],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    toy: NamedDependency[Toy],
) -> Response[bytes]:
    """The same addresses and bodies as the simulator's own control."""
    if toy.url is None:
        raise NotFound("WhatsApp is not simulated here", "Try it in `houston demo`")
    address = f"{toy.url}/sim{rest}"
    try:
        async with httpx.AsyncClient(timeout=_SECONDS_MAX) as world:
            answer = await world.request(
                request.method,
                address,
                params=list(request.query_params.multi_items()),
                content=await request.body(),
                headers={"content-type": "application/json"},
            )
    except httpx.TransportError as error:
        what = say("The simulated WhatsApp does not answer: {why}", why=error)
        raise OutOfReach(what) from error
    return Response(answer.content, status_code=answer.status_code, media_type="application/json")
