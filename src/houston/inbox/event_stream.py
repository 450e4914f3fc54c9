"""An answer that goes on: server-sent events over ASGI."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from litestar.openapi.datastructures import ResponseSpec
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send

from houston.inbox.writing import Write
from houston.kernel.loop import end

_TYPE: Final = "text/event-stream"
_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}
STREAMED: Final = ResponseSpec(
    str,
    media_type=_TYPE,
    description="Events, for as long as somebody listens",
    generate_examples=False,
)
"""How the description of the interface speaks of it."""


class EventStream(ASGIResponse):
    """Written by whoever has events: the framework's own stream wakes a task and three generators for each."""

    _should_set_content_length = False

    def __init__(self, listen: Callable[[Write], Coroutine[Any, Any, None]]) -> None:
        """`listen` is given what sends a piece, and returns at the end of the stream."""
        super().__init__(media_type=_TYPE, headers=_HEADERS)
        self._listen = listen

    async def send_body(self, send: Send, receive: Receive) -> None:
        """Until there is nothing more to be said, or nobody who listens."""

        def write(piece: bytes) -> Awaitable[None]:
            return send({"type": "http.response.body", "body": piece, "more_body": True})

        listening = asyncio.create_task(self._listen(write))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait([listening, leaving], return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                await listening
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await end(listening, leaving)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
