"""An integrator's server, as bad as they come: slow, broken, gone in the middle of an answer.

It runs on a real socket and keeps books of its own: every body that arrived, in order.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from houston.kernel.serving import listen, serve


@dataclass(frozen=True)
class Plan:
    """How to answer once. `breaks` ends the connection in the middle of the answer."""

    status: int = 200
    body: bytes = b"thanks"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: asyncio.Event | None = None
    breaks: bool = False


@dataclass(frozen=True)
class Arrived:
    """One POST, as it came."""

    path: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


class Receiver:
    """Answers by its plans, one for each POST, and by `otherwise` when they have run out."""

    def __init__(self) -> None:
        self.url = ""
        self.arrived: list[Arrived] = []
        self.plans: deque[Plan] = deque()
        self.otherwise = Plan()

    @property
    def bodies(self) -> list[Any]:
        return [one.body for one in self.arrived]

    def told(self, kind: str = "messages") -> list[Any]:
        """All items of a kind, in the order of their arrival, repeats included."""
        return [item for body in self.bodies for item in body.get(kind, [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == ScopeType.HTTP
        content = b""
        while True:
            event = await receive()
            assert event["type"] == "http.request"
            content += event["body"]
            if not event["more_body"]:
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.arrived.append(Arrived(scope["path"], headers, content))
        await _answer(self.plans.popleft() if self.plans else self.otherwise, send)


async def _answer(plan: Plan, send: Send) -> None:
    if plan.after is not None:
        await plan.after.wait()
    length = len(plan.body) + (1 if plan.breaks else 0)
    headers = [(b"content-length", str(length).encode())]
    headers += [(name.encode(), value.encode()) for name, value in plan.headers.items()]
    await send({"type": "http.response.start", "status": plan.status, "headers": headers})
    await send({"type": "http.response.body", "body": plan.body, "more_body": False})


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with serve(receiver, listen("127.0.0.1", 0)) as url:
        receiver.url = f"{url}/hook"
        yield receiver
