"""The feed live: one reader for all browsers of this node, each fact encoded once.

A stream is resumable: who comes back with the id of the last event it saw misses nothing. What came while a
stream was being written goes out as one piece: writing is the dearest part of a flood.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.event_view import event_view
from houston.kernel.feed import Cursor
from houston.kernel.ids import AccountId
from houston.kernel.loop import Bell
from houston.kernel.wake import Topic, Wakes

_PAGE: Final = 500
_BEHIND_MAX: Final = 2_000
_LOOK_EVERY_SECONDS: Final = 1.0
_BREATH_SECONDS: Final = 15.0
_HELLO: Final = b"retry: 1000\n\n"
_BREATH: Final = b": still here\n\n"
_encoder = msgspec.json.Encoder()


Hear = Callable[[feed.Event], None]
"""Called with each new event, in order; it returns at once."""
Sees = Callable[[feed.Event], Awaitable[bool]]
"""Whether an event is for whoever listens."""


def frame(event: feed.Event) -> bytes:
    """One event of the stream."""
    data = _encoder.encode(event_view(event))
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (
        str(event.cursor).encode(),
        event.kind.encode(),
        data,
    )


@dataclass(eq=False, slots=True)
class Listener:
    """One open stream, and what it has still to be told. A breath is no event."""

    account: AccountId
    waiting: list[tuple[feed.Event | None, bytes]] = field(default_factory=list)
    ended: bool = False
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, event: feed.Event | None, data: bytes) -> None:
        self.waiting.append((event, data))
        self._rung.set()

    def end(self) -> None:
        """After what it has still to be told."""
        self.ended = True
        self._rung.set()

    async def hear(self) -> list[tuple[feed.Event | None, bytes]]:
        """What has come meanwhile, as soon as there is something; nothing at the end."""
        await self._rung.wait()
        self._rung.clear()
        told, self.waiting = self.waiting, []
        return told


class Hub:
    """Gives the news to whoever listens."""

    def __init__(self, database: Database, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._clock = clock
        self._listeners: dict[AccountId, set[Listener]] = defaultdict(set)
        self._watchers: dict[AccountId, Hear] = {}
        self._reached: Cursor | None = None
        self._bell = Bell()
        self._breathed_at = clock.monotonic()
        self._closed = False
        wakes.on(Topic.FEED, lambda _: self._bell.ring())

    async def duty(self) -> None:
        """One turn of the loop. Without anybody who listens or watches nothing is read."""
        self._breathe()
        if not self._listeners and not self._watchers:
            self._reached = None
        elif self._reached is not None:
            async with self._database.single() as tx:
                news = await feed.read(tx, self._reached, limit=_PAGE)
            self._give(news)
            if len(news) == _PAGE:
                return
        await self._bell.wait(_LOOK_EVERY_SECONDS)

    async def listen(
        self, account: AccountId, after: Cursor | None, sees: Sees
    ) -> AsyncGenerator[bytes, None]:
        """Everything behind a cursor, then everything new that `sees` lets through, until it is closed."""
        listener = Listener(account)
        reached = await self._begin()
        self._listeners[account].add(listener)
        last = after or reached
        try:
            yield _HELLO
            async for event in self._missed(account, last if after else None):
                last = event.cursor
                if await sees(event):
                    yield frame(event)
            ended = False
            while not (self._closed or ended):
                told, ended = await listener.hear(), listener.ended
                piece = [data for event, data in told if await _is_for(event, last, sees)]
                if piece:
                    yield b"".join(piece)
        finally:
            self._forget(listener)

    async def watch(self, account: AccountId, hear: Hear) -> None:
        """Let somebody in this process hear of an account, from now on."""
        await self._begin()
        self._watchers[account] = hear

    def unwatch(self, account: AccountId) -> None:
        self._watchers.pop(account, None)

    async def _begin(self) -> Cursor:
        """Where the reader is; it starts at the end of the feed."""
        if self._reached is None:
            async with self._database.single() as tx:
                end = await feed.end_of_feed(tx)
            self._reached = self._reached or end
        return self._reached

    async def _missed(self, account: AccountId, after: Cursor | None) -> AsyncIterator[feed.Event]:
        while after is not None:
            async with self._database.single() as tx:
                events = await feed.read(tx, after, account=account, limit=_PAGE)
            for event in events:
                yield event
            after = events[-1].cursor if len(events) == _PAGE else None

    def _breathe(self) -> None:
        """Say in every stream that we are still here. A timer for each would be the dearest part of it."""
        now = self._clock.monotonic()
        if now < self._breathed_at + _BREATH_SECONDS:
            return
        self._breathed_at = now
        for listeners in self._listeners.values():
            for listener in listeners:
                if not listener.waiting:
                    listener.tell(None, _BREATH)

    def _give(self, news: Sequence[feed.Event]) -> None:
        for event in news:
            if hear := self._watchers.get(event.account):
                hear(event)
            listeners = self._listeners.get(event.account, ())
            data = frame(event) if listeners else b""
            for listener in tuple(listeners):
                if len(listener.waiting) < _BEHIND_MAX:
                    listener.tell(event, data)
                else:
                    # It cannot follow. It comes back with the id of its last event and reads on from disk.
                    self._forget(listener)
                    listener.end()
            self._reached = event.cursor

    def _forget(self, listener: Listener) -> None:
        self._listeners[listener.account].discard(listener)
        if not self._listeners[listener.account]:
            del self._listeners[listener.account]

    def close(self) -> None:
        """End all streams, so that the server can stop."""
        self._closed = True
        for listeners in list(self._listeners.values()):
            for listener in tuple(listeners):
                self._forget(listener)
                listener.end()


async def _is_for(event: feed.Event | None, after: Cursor, sees: Sees) -> bool:
    """Whether somebody who has everything up to a cursor is to be told."""
    return event is None or (event.cursor > after and await sees(event))
