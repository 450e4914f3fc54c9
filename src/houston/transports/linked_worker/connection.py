"""One run of a channel in the library, from connecting to its end. It cannot be started a second time."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from itertools import count
from typing import Final

from houston.transports.linked_worker.books import Books
from houston.transports.linked_worker.ground import Ground
from houston.transports.linked_worker.live_store import LiveStore
from houston.transports.linked_worker.translate import KEPT, Kind

_STOP_SECONDS_MAX: Final = 2.0
_STRAGGLE_SECONDS: Final = 0.3
"""For what the library has taken off the wire and not told us yet."""
_JUST_SECONDS: Final = 10.0
_numbers = count(1)


class Connection:
    """Its callbacks come on the library's threads: what is to be kept is on the disk before all else."""

    def __init__(
        self,
        ground: Ground,
        channel: str,
        store: LiveStore,
        books: Books,
        hear: "Callable[[Connection, int, bytes, int | None], None]",
        hear_code: "Callable[[Connection, str], None]",
        over: "Callable[[Connection, str], None]",
    ) -> None:
        self._ground = ground
        self._store = store
        self._books = books
        self._hear = hear
        self._hear_code = hear_code
        self._over = over
        self._loop = asyncio.get_running_loop()
        self.run = ground.library.prepare(f"{channel}#{next(_numbers)}", self._called, self._shown)
        self.is_online = False
        self.was_online = False
        self.is_catching_up = True
        self.in_flight = 0
        self.sent_at = float("-inf")
        self.mouth = asyncio.Lock()
        """The library sends one message of a channel at a time; who waits for it, waits here."""
        self.left = asyncio.Event()
        """The library has let go of it."""
        self.stopping = False
        self._has_called = False

    def start(self) -> None:
        threading.Thread(target=self._run, name=self.run.name.decode(), daemon=True).start()

    @property
    def has_just_sent(self) -> bool:
        """The server may not know yet under which id."""
        now = self._ground.clock.monotonic()
        return self.in_flight > 0 or now - self.sent_at < _JUST_SECONDS

    async def stop(self) -> bool:
        """End it; False when the library does not let go of it in time.

        Nobody waits for that: it has no say any more, and the next run is a run of its own.
        """
        self.stopping, self.is_online = True, False
        try:
            async with asyncio.timeout(_STOP_SECONDS_MAX):
                if self._has_called:
                    await self._hang_up()
                await self._ground.call(self._ground.library.stop, self.run)
                await self.left.wait()
        except TimeoutError:
            return False
        return True

    async def _hang_up(self) -> None:
        """Stopping alone takes the library's keys away while the wire is still open: what comes then
        cannot be read, is acknowledged all the same, and is lost."""
        await self._ground.call(self._ground.library.hang_up, self.run)
        await self._ground.clock.sleep(_STRAGGLE_SECONDS)

    # --- On threads of the library ---------------------------------------------------------

    def _run(self) -> None:
        ground = self._ground
        properties = ground.translator.properties()
        error = ground.library.run(self.run, self._store.path, bytes(Kind), properties)
        self._loop.call_soon_threadsafe(self._gone, error)

    def _called(self, code: int, body: bytes) -> None:
        self._has_called = True
        entry = self._keep(code, body) if code in KEPT else None
        self._loop.call_soon_threadsafe(self._hear, self, code, body, entry)

    def _shown(self, code: str) -> None:
        self._loop.call_soon_threadsafe(self._hear_code, self, code)

    def _keep(self, code: int, body: bytes) -> int | None:
        """The journal. On a disk that takes no more, the server's own may still: it is told anyway."""
        try:
            return self._books.keep(code, body, retrieved=self.is_catching_up)
        except sqlite3.ProgrammingError:
            # The books are closed, nobody hears it any more. Coming back would acknowledge it.
            threading.Event().wait()
            raise
        except sqlite3.Error:
            return None

    # --- On the loop -----------------------------------------------------------------------

    def _gone(self, error: str) -> None:
        self.is_online = False
        self.left.set()
        self._over(self, error)
