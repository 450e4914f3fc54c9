"""The feed live: one reader for all browsers of this node, each fact encoded once.

A stream is resumable: who comes back with the id of the last event it saw misses nothing of the feed. Presence
comes between the facts, from other parts and nodes at once, and is not made up for.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

import msgspec

from houston.inbox import presence
from houston.inbox.writing import Listener, Sees, Write, Writers
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.event_view import event_view
from houston.kernel.feed import Cursor
from houston.kernel.ids import AccountId
from houston.kernel.loop import Bell
from houston.kernel.wake import Topic, Wakes

_PAGE: Final = 500
_LOOK_EVERY_SECONDS: Final = 1.0
_BREATH_SECONDS: Final = 15.0
_HELLO: Final = b"retry: 1000\n\n"
_BREATH: Final = b": still here\n\n"
_encoder = msgspec.json.Encoder()


Hear = Callable[[feed.Event], None]
"""Called with each new event, in order; it returns at once."""


def frame(event: feed.Event) -> bytes:
    """One event of the stream."""
    data = _encoder.encode(event_view(event))
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (
        str(event.cursor).encode(),
        event.kind.encode(),
        data,
    )


class Hub:
    """Gives the news to whoever listens."""

    def __init__(self, database: Database, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._clock = clock
        self._listeners: dict[AccountId, set[Listener]] = defaultdict(set)
        self._writers = Writers()
        self._watchers: dict[AccountId, Hear] = {}
        self._reached: Cursor | None = None
        self._bell = Bell()
        self._breathed_at = clock.monotonic()
        self._closed = False
        wakes.on(Topic.FEED, lambda _: self._bell.ring())
        wakes.hear(Topic.PRESENCE, self._pass_on)

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
        self, account: AccountId, after: Cursor | None, sees: Sees, write: Write
    ) -> None:
        """Write everything behind a cursor, then everything new that `sees` lets through.

        It returns when the server stops, or when who listens is too slow to follow.
        """
        reached = await self._begin()
        listener = Listener(account, after or reached, sees, write)
        self._listeners[account].add(listener)
        if self._closed:
            listener.end()
        try:
            await write(_HELLO)
            async for event in self._missed(account, after):
                await listener.tell_missed(event, frame(event))
            await listener.serve(asyncio.current_task())
            await listener.over
        finally:
            self._forget(listener)
            listener.abandon()

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
                    self._writers.tell(listener, None, _BREATH)

    def _give(self, news: Sequence[feed.Event]) -> None:
        for event in news:
            if hear := self._watchers.get(event.account):
                hear(event)
            listeners = self._listeners.get(event.account, ())
            data = frame(event) if listeners else b""
            for listener in tuple(listeners):
                if listener.can_follow:
                    self._writers.tell(listener, event, data)
                else:
                    # It cannot follow. It comes back with the id of its last event and reads on from disk.
                    self._forget(listener)
                    listener.end()
            self._reached = event.cursor

    def _pass_on(self, word: str) -> None:
        """Who can hardly follow the facts is spared it."""
        said = presence.heard(word)
        listeners = self._listeners.get(said.account, ())
        data = presence.frame(said) if listeners else b""
        for listener in listeners:
            if listener.can_follow:
                self._writers.tell(listener, said, data)

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
