"""What comes in on a wire, in order: a message whose file has to be fetched first keeps its chat waiting, but
not for long. It knows neither messengers nor where files are kept.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import structlog

from houston.kernel.clock import Clock
from houston.kernel.content import Content, ContentState
from houston.transports import events

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

PATIENCE_SECONDS: Final = 20.0
"""For so long a message waits for its file; then it is told without, and again when the file is there."""
_PAUSES_SECONDS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 300.0, 900.0, *[3600.0] * 24)
_AT_ONCE: Final = 4

Bring = Callable[[Content, int], Awaitable[Content | None]]
"""Fetches what the entry of this number announces, one try; None is for "not now"."""
Tell = Callable[[events.Event], "asyncio.Future[None]"]
Acknowledge = Callable[[int, "asyncio.Future[None]"], None]
"""Lets the messenger forget an entry, once that future is done."""

_Message = events.Incoming | events.Echoed
_OfAChat = _Message | events.Edited | events.Revoked | events.Reacted


@dataclass(frozen=True, slots=True)
class _Waiting:
    event: _OfAChat
    entry: int | None
    patient_until: float
    bringing: "asyncio.Task[Content] | None"


class Arrivals:
    """The entrance of one wire. What was not told when it is ended, the messenger tells again."""

    def __init__(
        self,
        clock: Clock,
        bring: Bring,
        tell: Tell,
        acknowledge: Acknowledge,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._clock = clock
        self._bring = bring
        self._tell = tell
        self._acknowledge = acknowledge
        self._patience_seconds = patience_seconds
        self._chats: dict[str, deque[_Waiting]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        """Who works through the queue of each chat."""
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[Any]] = set()

    def take(self, event: events.Event, entry: int | None) -> None:
        """Pass an event on, now or when its turn has come."""
        if isinstance(event, events.BacklogEnded) and self._chats:
            self._later(self._when_all_are_told(event))
        elif isinstance(event, events.LAST_WORDS):
            self.end()
            self._pass_on(event, entry)
        elif isinstance(event, _OfAChat) and (_awaited(event) or event.chat in self._chats):
            self._wait(event, entry)
        else:
            self._pass_on(event, entry)

    def end(self) -> None:
        """The link is gone: what is kept elsewhere is told again, the rest is told now."""
        for task in self._tasks:
            task.cancel()
        self._workers.clear()
        chats, self._chats = self._chats, {}
        for waiting in [waiting for chat in chats.values() for waiting in chat]:
            if waiting.entry is None:
                self._pass_on(waiting.event, None)

    # --- In a chat -------------------------------------------------------------------------------

    def _wait(self, event: _OfAChat, entry: int | None) -> None:
        content, bringing = _awaited(event), None
        if content is not None and entry is not None:
            bringing = self._later(self._brought(content, entry))
        elif content is not None:  # Kept nowhere, so there is nothing to fetch it by.
            event = _with(event, lost(content, "not_kept"))
        until = self._clock.monotonic() + self._patience_seconds
        waiting = _Waiting(event, entry, until, bringing)
        if event.chat in self._chats:
            self._chats[event.chat].append(waiting)
        else:
            self._chats[event.chat] = deque([waiting])
            self._workers[event.chat] = self._later(self._work_through(event.chat))

    async def _work_through(self, chat: str) -> None:
        queue = self._chats[chat]
        while queue:
            await self._have_patience(queue[0])
            self._finish(queue.popleft())
        del self._chats[chat], self._workers[chat]

    async def _have_patience(self, waiting: _Waiting) -> None:
        left = waiting.patient_until - self._clock.monotonic()
        if waiting.bringing is not None and left > 0:
            await asyncio.wait([waiting.bringing], timeout=left)

    def _finish(self, waiting: _Waiting) -> None:
        event, bringing = waiting.event, waiting.bringing
        if bringing is None:
            self._pass_on(event, waiting.entry)
        elif bringing.done():
            self._pass_on(_with(event, bringing.result()), waiting.entry)
        else:
            # Not acknowledged before its file is here: so a restart goes on fetching it.
            self._tell(event)
            self._later(self._tell_again(waiting, bringing))

    async def _tell_again(self, waiting: _Waiting, bringing: "asyncio.Task[Content]") -> None:
        self._pass_on(_counted(_with(waiting.event, await bringing)), waiting.entry)

    async def _when_all_are_told(self, event: events.Event) -> None:
        """That everything was handed over is said when everything was."""
        await asyncio.wait(list(self._workers.values()))
        self._pass_on(event, None)

    def _pass_on(self, event: events.Event, entry: int | None) -> None:
        stored = self._tell(event)
        if entry is not None:
            self._acknowledge(entry, stored)

    # --- Fetching --------------------------------------------------------------------------------

    async def _brought(self, content: Content, entry: int) -> Content:
        for pause in _PAUSES_SECONDS:
            found = await self._tried(content, entry)
            if found is not None:
                return found
            await self._clock.sleep(pause)
        return lost(content, "not_retrieved")

    async def _tried(self, content: Content, entry: int) -> Content | None:
        try:
            async with self._turns:
                return await self._bring(content, entry)
        except Exception:
            log.exception("content_not_brought")
            return None

    def _later(self, duty: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        task = asyncio.create_task(duty)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def lost(content: Content, why: str) -> Content:
    """It was not retrieved, and never will be."""
    return replace(content, state=ContentState.LOST, fault=why)


def _counted(event: _Message) -> _Message:
    """What is told for the second time was counted the first time."""
    return replace(event, retrieved=False)


def _awaited(event: _OfAChat) -> Content | None:
    """The file of a message that is still to be fetched."""
    content = event.content if isinstance(event, _Message) else None
    return content if content and content.state is ContentState.FETCHING else None


def _with(event: _OfAChat, content: Content) -> _Message:
    assert isinstance(event, _Message)
    return replace(event, content=content)
