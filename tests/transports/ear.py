"""An ear for a wire: it notes every event, and decides when an event counts as stored."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from houston.transports.events import Event, KeysChanged

Kind = TypeVar("Kind", bound=Event)


async def until(condition: Callable[[], Any], what: str = "", seconds: float = 60.0) -> Any:
    """The condition's first true value; an assertion fails when there is none in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not (found := condition()):
        assert loop.time() < deadline, f"not within {seconds} s: {what or condition}"
        await asyncio.sleep(0.005)
    return found


class Ear:
    """Hears a wire. While `forgetful`, nothing that is heard is ever stored."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.forgetful = False

    def __call__(self, event: Event) -> Awaitable[None]:
        # New keys are no word about the link, and may come at any time.
        if not isinstance(event, KeysChanged):
            self.heard.append(event)
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self.forgetful:
            stored.set_result(None)
        return stored

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.heard if isinstance(event, kind)]

    async def hears(self, kind: type[Kind], times: int = 1) -> Kind:
        """The last of at least so many events of a kind."""
        await until(lambda: len(self.all(kind)) >= times, f"{kind.__name__} in {self.heard}")
        return self.all(kind)[-1]

    def forget(self) -> None:
        """Begin a new page."""
        self.heard.clear()
