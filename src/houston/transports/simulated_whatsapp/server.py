"""The simulated WhatsApp as a server of its own: control over HTTP, nodes over a WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar, WebSocket, websocket
from litestar.di import Provide
from litestar.exceptions import ValidationException

from houston.kernel.clock import Clock
from houston.kernel.serving import listen, serve
from houston.transports.simulated_whatsapp.books import Journal
from houston.transports.simulated_whatsapp.control import Play, bad_request, control
from houston.transports.simulated_whatsapp.switchboard import Node
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.wire_protocol import PATH
from houston.transports.simulated_whatsapp.world import World


@asynccontextmanager
async def serving(
    *, port: int, data_dir: Path | None, clock: Clock, host: str = "127.0.0.1"
) -> AsyncIterator[str]:
    """Run it, in this event loop; the address of its control. Port 0 takes any free one.

    With a data folder it remembers across restarts whom it knows and what waits.
    """
    journal = Journal(data_dir)
    try:
        play = _play(clock, journal)
        async with serve(_app(play, clock), listen(host, port)) as url:
            yield url
    finally:
        journal.close()


def _play(clock: Clock, journal: Journal) -> Play:
    loop = asyncio.get_running_loop()
    world = World(clock, loop.call_later, journal.note)
    traffic = Traffic(world, clock, loop.call_later, journal.note)
    journal.replay(world, traffic)
    return Play(world, traffic)


def _app(play: Play, clock: Clock) -> Litestar:
    @websocket(PATH)
    async def wire(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        await Node(play.world, play.traffic, clock).serve(socket)

    def give() -> Play:
        return play

    return Litestar(
        route_handlers=[control, wire],
        dependencies={"play": Provide(give, sync_to_thread=False)},
        exception_handlers={ValidationException: bad_request},
        openapi_config=None,
        logging_config=None,
    )
