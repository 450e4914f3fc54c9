"""The simulated WhatsApp as a server of its own: control over HTTP, nodes over a WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from litestar import Litestar, WebSocket, websocket
from litestar.di import Provide
from litestar.exceptions import HTTPException

from houston.kernel.clock import Clock
from houston.kernel.serving import listen, serve
from houston.transports.simulated_whatsapp.asked import Play, impossible, not_understood
from houston.transports.simulated_whatsapp.attachments import Attachments
from houston.transports.simulated_whatsapp.books import Journal
from houston.transports.simulated_whatsapp.control import control
from houston.transports.simulated_whatsapp.pairing import Expired, Impossible
from houston.transports.simulated_whatsapp.switchboard import Node
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.wire_protocol import MESSAGE_BYTES_MAX, PATH
from houston.transports.simulated_whatsapp.world import World

_FILE_BYTES_MAX: Final = 128 * 1024**2


@asynccontextmanager
async def serving(
    *, port: int, data_dir: Path | None, clock: Clock, host: str = "127.0.0.1"
) -> AsyncIterator[str]:
    """Run it, in this event loop; the address of its control. Port 0 takes any free one.

    With a data folder it remembers across restarts, also sudden ones, whom it knows, what waits and
    what has happened; how the network was is forgotten.

    Raises:
        BadSetting: the port or the folder cannot be had.
    """
    journal = Journal(data_dir)
    try:
        play = _play(clock, journal)
        listener = listen(host, port)
        async with serve(_app(play, clock), listener, frame_bytes_max=MESSAGE_BYTES_MAX) as url:
            play.files.address = url
            yield url
    finally:
        journal.close()


def _play(clock: Clock, journal: Journal) -> Play:
    loop = asyncio.get_running_loop()
    world = World(clock, loop.call_later, journal.note)
    traffic = Traffic(world, clock, journal.note)
    journal.replay(world, traffic)
    return Play(world, traffic, Attachments())


def _app(play: Play, clock: Clock) -> Litestar:
    @websocket(PATH)
    async def wire(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        later = asyncio.get_running_loop().call_later
        await Node(play.world, play.traffic, clock, later).serve(socket)

    def give() -> Play:
        return play

    return Litestar(
        route_handlers=[control, wire],
        dependencies={"play": Provide(give, sync_to_thread=False)},
        exception_handlers={
            Impossible: impossible,
            Expired: impossible,
            HTTPException: not_understood,
        },
        request_max_body_size=_FILE_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )
