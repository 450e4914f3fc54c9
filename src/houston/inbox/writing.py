"""Carries to open streams what they are to be told. It knows nothing of the feed's place on the disk.

One writer does for all streams in turn, because waking a task for each is half the price of telling it. Whoever
takes nothing just now keeps that writer, and another goes on with the rest: so nobody waits for somebody slow.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from houston.inbox.presence import Presence
from houston.kernel import feed
from houston.kernel.feed import Cursor
from houston.kernel.ids import AccountId

_BEHIND_MAX: Final = 2_000

Told = feed.Event | Presence
"""What streams tell: facts, each with its place in the feed, and what is of this moment alone."""
Sees = Callable[[Told], Awaitable[bool]]
"""Whether it is for whoever listens."""
Write = Callable[[bytes], Awaitable[None]]
"""Sends a piece to whoever listens, and returns when there is room for the next."""


class Listener:
    """One open stream, and what it has still to be told. A breath is no event."""

    def __init__(self, account: AccountId, after: Cursor, sees: Sees, write: Write) -> None:
        self.account = account
        self.waiting: list[tuple[Told | None, bytes]] = []
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when everything is said, or with the error that ended it."""
        self.is_served = True
        """Somebody writes to it or is about to: at first the stream itself, what was missed."""
        self._last = after
        self._sees = sees
        self._write = write
        self._ends = False
        self._writer: asyncio.Task[Any] | None = None

    @property
    def can_follow(self) -> bool:
        return len(self.waiting) < _BEHIND_MAX

    async def tell_missed(self, event: feed.Event, data: bytes) -> None:
        self._last = event.cursor
        if await self._sees(event):
            await self._write(data)

    async def serve(self, writer: asyncio.Task[Any] | None) -> None:
        """Write what waits, as one piece: writing is the dearest part of a flood. `writer` is this task."""
        self._writer = writer
        try:
            while self.waiting:
                told, self.waiting = self.waiting, []
                piece = []
                for one, data in told:
                    if one is None or (self._is_new(one) and await self._sees(one)):
                        piece.append(data)
                if piece:
                    await self._write(b"".join(piece))
        except Exception as error:  # noqa: BLE001 - the stream's own task raises it
            self._finish(error)
        finally:
            self.is_served, self._writer = False, None
        if self._ends:
            self._finish()

    def _is_new(self, told: Told) -> bool:
        return isinstance(told, Presence) or told.cursor > self._last

    def end(self) -> None:
        """After what it has still to be told."""
        self._ends = True
        if not self.is_served:
            self._finish()

    def _finish(self, error: Exception | None = None) -> None:
        if self.over.done():
            return
        if error is None:
            self.over.set_result(None)
        else:
            self.over.set_exception(error)

    def abandon(self) -> None:
        """Whoever listened has left: nobody need wait until they take what they were sent."""
        self.waiting.clear()
        if self._writer is not None:
            self._writer.cancel()


class Writers:
    """Those who write. There is one more than there are streams that hold one up."""

    def __init__(self) -> None:
        self._ready: deque[Listener] = deque()
        self._at_work: set[asyncio.Task[None]] = set()

    def tell(self, listener: Listener, told: Told | None, data: bytes) -> None:
        """Have it written soon, after all that waits already and together with it."""
        listener.waiting.append((told, data))
        if listener.is_served:
            return
        listener.is_served = True
        self._ready.append(listener)
        if len(self._ready) == 1:
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        """Comes again right after the writer has begun. Streams that are left then are left by one held up."""
        if not self._ready:
            return
        writer = asyncio.create_task(self._work())
        self._at_work.add(writer)
        writer.add_done_callback(self._at_work.discard)
        asyncio.get_running_loop().call_soon(self._go_on)

    async def _work(self) -> None:
        myself = asyncio.current_task()
        while self._ready:
            await self._ready.popleft().serve(myself)
