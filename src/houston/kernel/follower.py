"""A follower of the feed: hears facts of some kinds, each at least once and in order.

Its cursor moves in the transaction of what it does, so what it does to Houston's own tables happens
exactly once. Several nodes may run the same follower: whoever has the cursor's row works.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from houston.kernel import feed
from houston.kernel.db import Tx
from houston.kernel.loop import Bell
from houston.kernel.reader import Reader

_LOOK_EVERY_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 0.1
"""News may come a thousand times a second: a look waits for company."""
_NOTE_EVERY_SECONDS: Final = 1.0
"""How often a cursor is moved on past what does not concern its follower."""

Handle = Callable[[Tx, Sequence[feed.Event]], Awaitable[None]]
Concerns = Callable[[feed.Event], bool]


def _nobody() -> None:
    """Nobody waits for what was done."""


def _every(_: feed.Event) -> bool:
    return True


class Follower:
    """Reads the feed for one duty, whose name is the cursor's. `then` is called when something is done.

    `where` leaves out accounts that are of no concern to it (`feed.read`), and `concerns` single facts: so what
    changes nothing for a duty costs it no more than reading it.
    """

    def __init__(
        self,
        name: str,
        kinds: Sequence[str],
        handle: Handle,
        reader: Reader,
        then: Callable[[], None] = _nobody,
        where: str = feed.ANYONE,
        concerns: Concerns = _every,
    ) -> None:
        self.name = name
        self._kinds = frozenset(kinds)
        self._handle = handle
        self._reader = reader
        self._database = reader.database
        self._clock = reader.clock
        self._then = then
        self._where = where
        self._concerns = concerns
        # Up to here nothing is left to do, though that may not be written down yet.
        self._seen: feed.Cursor | None = None
        self._noted_at = float("-inf")
        self._bell = Bell()
        shared = self._kinds if where == feed.ANYONE else frozenset[str]()
        reader.join(shared, self._bell.ring)

    async def duty(self) -> None:
        """One turn of the loop."""
        if not await self._read_on():
            await self._clock.sleep(_PAUSE_SECONDS)
            await self._bell.wait(_LOOK_EVERY_SECONDS)

    async def _read_on(self) -> bool:
        """Look at what comes next, and do what concerns it; whether there may be more."""
        seen = self._seen or await self._do((), feed.BEGINNING)
        if seen is None:
            return False
        news = await self._next(seen)
        concerned, reached = list(filter(self._concerns, news.events)), news.reached
        if concerned or self._clock.monotonic() >= self._noted_at + _NOTE_EVERY_SECONDS:
            done = await self._do(concerned, reached)
            if done is None:
                return False
            reached = done
        self._seen = reached
        return news.more

    async def _next(self, seen: feed.Cursor) -> feed.News:
        if self._where == feed.ANYONE:
            return await self._reader.news(seen, self._kinds)
        return await self._reader.read(seen, self._kinds, self._where)

    async def _do(self, events: Sequence[feed.Event], reached: feed.Cursor) -> feed.Cursor | None:
        """Handle what no other node has handled, and move the cursor; where it is then.

        None while another node is at it. What was read before the lock is as good as what is read under it:
        below the horizon the feed never changes.
        """
        async with self._database.transaction() as tx:
            cursor = await feed.lock_cursor(tx, self.name, self._clock.now())
            if cursor is None:
                return None
            left = [event for event in events if event.cursor > cursor]
            if left:
                await self._handle(tx, left)
            if reached > cursor:
                await feed.move_cursor(tx, self.name, reached, self._clock.now())
        self._noted_at = self._clock.monotonic()
        if left:
            self._then()
        return max(cursor, reached)
