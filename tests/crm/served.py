"""A double of a CRM on a real socket, for servers that are processes of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from litestar.types import Receive, Scope, Send

from houston.kernel.serving import listen, serve

Answer = Callable[[httpx.Request], Awaitable[httpx.Response]]


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[str]:
    """Where it answers, for as long as the block."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await answer(await _request(scope, receive))
        except httpx.TransportError:
            await _break(send)
            return
        headers = [(name.lower(), value) for name, value in response.headers.raw]
        await _start(send, response.status_code, headers)
        await send({"type": "http.response.body", "body": response.content, "more_body": False})

    async with serve(app, listen("127.0.0.1", 0)) as url:
        yield url


async def _request(scope: Scope, receive: Receive) -> httpx.Request:
    content = b""
    while True:
        event: Any = await receive()
        content += event.get("body", b"")
        if not event.get("more_body"):
            break
    said: Any = scope
    headers = [(name.decode(), value.decode()) for name, value in said["headers"]]
    query = said["query_string"].decode()
    url = f"http://{dict(headers)['host']}{said['path']}" + (f"?{query}" if query else "")
    return httpx.Request(said["method"], url, headers=headers, content=content)


async def _break(send: Send) -> None:
    """The connection ends in the middle of an answer: the caller cannot know whether it was heard."""
    await _start(send, 200, [(b"content-length", b"2")])


async def _start(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    start: Any = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
