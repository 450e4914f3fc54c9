"""Reads the feed once for all followers of a node: nearly always they stand at the same place.

Below the horizon the feed never changes, so what was read for one is as good for every other.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.feed import Cursor, News
from houston.kernel.wake import Topic, Wakes

BATCH: Final = 200
_BELIEVED_SECONDS: Final = 0.5
"""A ring may be lost, and what an old transaction hides appears without one."""


@dataclass(frozen=True, slots=True)
class _Page:
    """All facts of some kinds between two places."""

    kinds: frozenset[str]
    start: Cursor
    news: News

    def holds(self, after: Cursor, kinds: frozenset[str]) -> bool:
        """Whether it tells what comes next behind a cursor."""
        return self.start <= after <= self.news.reached and kinds <= self.kinds

    def behind(self, after: Cursor, kinds: frozenset[str]) -> News:
        events = [one for one in self.news.events if one.kind in kinds and one.cursor > after]
        return News(events, self.news.reached, self.news.more)


class Reader:
    """Holds the newest page. Who is behind it, or wants only some accounts, reads by itself."""

    def __init__(self, database: Database, clock: Clock, wakes: Wakes) -> None:
        self.database = database
        self.clock = clock
        self._wakes = wakes
        self._kinds = frozenset[str]()
        self._page: _Page | None = None
        self._rings = self._rings_heard = 0
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        wakes.on(Topic.FEED, self._rung)

    def join(self, kinds: frozenset[str], ring: Callable[[], None]) -> None:
        """Read these kinds too, and ring when there may be news."""
        self._kinds |= kinds
        self._wakes.on(Topic.FEED, lambda _: ring())

    def _rung(self, _: Sequence[UUID]) -> None:
        self._rings += 1

    async def news(self, after: Cursor, kinds: frozenset[str]) -> News:
        """The next facts of these kinds behind a cursor, and how far it has looked."""
        async with self._reading:
            page = self._page
            if page is None or (page.news.reached <= after and self._may_be_more(page)):
                page = await self._turn(page)
        if page.holds(after, kinds):
            return page.behind(after, kinds)
        return await self.read(after, kinds)

    async def read(self, after: Cursor, kinds: frozenset[str], where: str = feed.ANYONE) -> News:
        """The same from the disk, and only of some accounts."""
        async with self.database.single() as tx:
            return await feed.news(tx, after, kinds=list(kinds), where=where, limit=BATCH)

    def _may_be_more(self, page: _Page) -> bool:
        is_old = self.clock.monotonic() >= self._read_at + _BELIEVED_SECONDS
        return page.news.more or self._rings > self._rings_heard or is_old

    async def _turn(self, page: _Page | None) -> _Page:
        """To the next page. The first begins at the present: each follower comes up to it by itself."""
        rings, kinds = self._rings, self._kinds
        if page is None:
            async with self.database.single() as tx:
                start = await feed.end_of_feed(tx)
        else:
            start = page.news.reached
        self._page = _Page(kinds, start, await self.read(start, kinds))
        self._rings_heard, self._read_at = rings, self.clock.monotonic()
        return self._page
