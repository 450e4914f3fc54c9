"""A follower of the feed: hears facts of some kinds, each at least once and in order.

Its cursor moves in the transaction of what it does, so what it does to Houston's own tables happens
exactly once. Several nodes may run the same follower: whoever has the cursor's row works.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Tx
from houston.kernel.loop import Bell
from houston.kernel.wake import Topic, Wakes

_BATCH: Final = 200
_LOOK_EVERY_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 0.1
"""A look costs a transaction, and news may come a thousand times a second: it waits for company."""

Handle = Callable[[Tx, Sequence[feed.Event]], Awaitable[None]]


class Follower:
    """Reads the feed for one duty, whose name is the cursor's."""

    def __init__(
        self,
        name: str,
        kinds: Sequence[str],
        handle: Handle,
        database: Database,
        clock: Clock,
        wakes: Wakes,
    ) -> None:
        self.name = name
        self._kinds = list(kinds)
        self._handle = handle
        self._database = database
        self._clock = clock
        self._bell = Bell()
        wakes.on(Topic.FEED, self._news)

    def _news(self, _: Sequence[UUID]) -> None:
        self._bell.ring()

    async def duty(self) -> None:
        """One turn of the loop."""
        if not await self._read_on():
            await self._clock.sleep(_PAUSE_SECONDS)
            await self._bell.wait(_LOOK_EVERY_SECONDS)

    async def _read_on(self) -> bool:
        """Handle the next facts; whether there may be more."""
        async with self._database.transaction() as tx:
            cursor = await feed.lock_cursor(tx, self.name, self._clock.now())
            if cursor is None:
                return False  # Another node is at it.
            news = await feed.news(tx, cursor, kinds=self._kinds, limit=_BATCH)
            if news.events:
                await self._handle(tx, news.events)
            if news.reached > cursor:
                await feed.move_cursor(tx, self.name, news.reached, self._clock.now())
            return news.more
