"""Houston's neighbours on real sockets, each in a loop of its own: here, Playwright's loop runs."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeVar

import httpx
from anyio.from_thread import start_blocking_portal
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from houston.kernel.serving import listen, serve
from tests.crm.chatwoot_double import ACCOUNT, INBOX, TOKEN, ChatwootDouble

Neighbour = TypeVar("Neighbour")


@contextmanager
def beside(one: AbstractAsyncContextManager[Neighbour]) -> Iterator[Neighbour]:
    """A neighbour that lives while the test goes on."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(one) as neighbour:
        yield neighbour


@dataclass
class Chatwoot:
    """The double of Chatwoot at an address."""

    double: ChatwootDouble
    url: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """What has to be known to reach it."""
        return {
            "url": self.url,
            "account_id": ACCOUNT,
            "inbox_id": INBOX,
            "access_token": TOKEN,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == ScopeType.HTTP
        event = await receive()
        assert event["type"] == "http.request"
        assert not event["more_body"]
        query = scope["query_string"].decode()
        asked = httpx.Request(
            scope["method"],
            f"{self.url}{scope['path']}?{query}",
            headers=[(name, value) for name, value in scope["headers"]],
            content=event["body"],
        )
        answer = await self.double.answer(asked)
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": head})
        await send({"type": "http.response.body", "body": answer.content, "more_body": False})


@asynccontextmanager
async def chatwoot_running() -> AsyncIterator[Chatwoot]:
    chatwoot = Chatwoot(ChatwootDouble(time.time))
    async with serve(chatwoot, listen("127.0.0.1", 0)) as url:
        chatwoot.url = url
        yield chatwoot
