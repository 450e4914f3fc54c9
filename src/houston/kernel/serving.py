"""An ASGI application on a socket, as a context: it answers inside, and has ended outside."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from litestar.types import ASGIApp

from houston.kernel.errors import BadSetting
from houston.kernel.loop import end

_STREAMS_END_SECONDS: Final = 2
_CALLERS_WAITING_MAX: Final = 2048
_FRAME_BYTES_MAX: Final = 64 * 1024


def listen(host: str, port: int) -> socket.socket:
    """Take an address. From now on nobody is turned away there: who calls before `serve` waits for it.

    So what others are asked at the start (what was missed) leaves no moment in which it is missed again.

    Raises:
        BadSetting: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only a socket that names its protocol is given TCP_NODELAY by the event loop.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_CALLERS_WAITING_MAX)
    except OSError as error:
        listener.close()
        cure = "choose another one, or end the program that has it"
        raise BadSetting("port", port, f"{error.strerror}: {cure}") from error
    return listener


def address_of(listener: socket.socket) -> str:
    """How a browser of this machine would write it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@asynccontextmanager
async def serve(
    app: ASGIApp, listener: socket.socket, *, frame_bytes_max: int = _FRAME_BYTES_MAX
) -> AsyncIterator[str]:
    """Answer on a socket; the address at which.

    Open streams are given two seconds to end, because clients of streams never leave by themselves.
    A frame of a WebSocket is held in memory whole, before anybody can ask who sends it.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_STREAMS_END_SECONDS,
        ws="websockets-sansio",
        ws_max_size=frame_bytes_max,
        ws_per_message_deflate=False,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        while not server.started and not task.done():
            await asyncio.wait([task], timeout=0.01)
        yield address_of(listener)
    finally:
        server.should_exit = True
        await asyncio.wait([task], timeout=_STREAMS_END_SECONDS + 1)
        await end(task)


class _Server(uvicorn.Server):
    """Signals are the program's business, not the HTTP server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
