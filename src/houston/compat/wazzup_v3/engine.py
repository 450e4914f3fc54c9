"""The server of socket.io, and what its library leaves to be wished for.

Loaded when somebody first comes to the counter: it takes a tenth of a second, and most servers need it never.
"""

import logging
from typing import Any, Final

import engineio
import socketio

_PACKET_BYTES_MAX: Final = 10_000


class _Engine(engineio.AsyncServer):  # type: ignore[misc]  # It comes without types.
    async def disconnect(self, sid: str | None = None) -> None:
        """Let somebody go at once.

        The library would wait until they fetched all that was said to them, which they may never do.
        """
        socket = self.sockets.pop(sid, None)
        if socket is not None:
            await socket.close(wait=False)
            unblock(socket)

    async def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        """Hear nobody who was let go, and forget whoever went while they were heard.

        The library would remember both for ever: it looks only at who is there when somebody goes.
        """
        if event != "message":
            return await super()._trigger_event(event, *args, **kwargs)
        sid = args[0]
        socket = self.sockets.get(sid)
        if socket is None or socket.closing:
            return None
        answer = await super()._trigger_event(event, *args, **kwargs)
        if socket.closing:
            await super()._trigger_event("disconnect", sid, self.reason.SERVER_DISCONNECT)
        return answer


class Server(socketio.AsyncServer):  # type: ignore[misc]  # The same.
    """Speaks to whoever comes, one event of each after the other: a flood holds up only itself."""

    def __init__(self) -> None:
        quiet = logging.getLogger("houston.socketio")
        quiet.setLevel(logging.CRITICAL)  # It would write a traceback for every bad packet.
        super().__init__(
            async_mode="asgi",
            cors_allowed_origins="*",  # What opens anything is a key in a message, never a cookie.
            cors_credentials=False,
            max_http_buffer_size=_PACKET_BYTES_MAX,
            async_handlers=False,
            logger=quiet,
            engineio_logger=quiet,
        )

    def _engineio_server_class(self) -> type[_Engine]:
        return _Engine


def unblock(socket: Any) -> None:
    """End the request or the writer that waits for something to tell to somebody who is gone."""
    socket.queue.put_nowait(None)


def wire(server: Server, path: str) -> Any:
    """The server as an ASGI application."""
    return socketio.ASGIApp(server, socketio_path=path)
