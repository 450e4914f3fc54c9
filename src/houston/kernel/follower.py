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
"""News may come a thousand times a second: a look waits for company."""
_NOTE_EVERY_SECONDS: Final = 1.0
"""How often a cursor is moved on past what does not concern its follower."""

Handle = Callable[[Tx, Sequence[feed.Event]], Awaitable[None]]


def _nobody() -> None:
    """Nobody waits for what was done."""


class Follower:
    """Reads the feed for one duty, whose name is the cursor's. `then` is called when something is done.

    `where` leaves out accounts that are of no concern to it (`feed.read`): so the facts of those who do not use
    a part of Houston cost that part nothing.
    """

    def __init__(
        self,
        name: str,
        kinds: Sequence[str],
        handle: Handle,
        database: Database,
        clock: Clock,
        wakes: Wakes,
        then: Callable[[], None] = _nobody,
        where: str = feed.ANYONE,
    ) -> None:
        self.name = name
        self._kinds = list(kinds)
        self._handle = handle
        self._database = database
        self._clock = clock
        self._then = then
        self._where = where
        self._seen: feed.Cursor | None = None
        self._noted_at = float("-inf")
        self._bell = Bell()
        wakes.on(Topic.FEED, self._news)

    def _news(self, _: Sequence[UUID]) -> None:
        self._bell.ring()

    async def duty(self) -> None:
        """One turn of the loop."""
        if await self._is_quiet() or not await self._read_on():
            await self._clock.sleep(_PAUSE_SECONDS)
            await self._bell.wait(_LOOK_EVERY_SECONDS)

    async def _is_quiet(self) -> bool:
        """Whether one statement, without a lock, shows that nothing came: so end most looks."""
        if self._seen is None or self._clock.monotonic() >= self._noted_at + _NOTE_EVERY_SECONDS:
            return False
        async with self._database.single() as tx:
            quiet_up_to = await feed.glance(tx, self._seen, self._kinds, self._where)
        self._seen = quiet_up_to or self._seen
        return quiet_up_to is not None

    async def _read_on(self) -> bool:
        """Handle the next facts; whether there may be more."""
        async with self._database.transaction() as tx:
            cursor = await feed.lock_cursor(tx, self.name, self._clock.now())
            if cursor is None:
                return False  # Another node is at it.
            # Up to what was seen there is nothing for it, though that may not be written down yet.
            after = max(cursor, self._seen or cursor)
            news = await feed.news(tx, after, kinds=self._kinds, where=self._where, limit=_BATCH)
            if news.events:
                await self._handle(tx, news.events)
            if news.reached > cursor:
                await feed.move_cursor(tx, self.name, news.reached, self._clock.now())
        self._seen, self._noted_at = news.reached, self._clock.monotonic()
        if news.events:
            self._then()
        return news.more
