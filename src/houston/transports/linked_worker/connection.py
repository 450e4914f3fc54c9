"""One run of a channel in the library, from connecting to its end. It cannot be started a second time."""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from itertools import count
from typing import Final

from houston.transports.linked_worker.books import Books
from houston.transports.linked_worker.ground import Ground
from houston.transports.linked_worker.live_store import LiveStore
from houston.transports.linked_worker.rest import others_rest
from houston.transports.linked_worker.translate import KEPT, Kind

FIRST_CALL_SECONDS_MAX: Final = 2.0
_BEGIN_SECONDS_MAX: Final = 45.0
"""Longer than the library tries to connect, in which it cannot be stopped."""
LEAVE_SECONDS_MAX: Final = 2.0
"""While it shows codes, the library lets go of a run only when they have run out."""
_STRAGGLE_SECONDS_MAX: Final = 3.0
_LOOK_SECONDS: Final = 0.05
_QUIET_LOOKS: Final = 6
"""After so many looks at which nothing was said, the library has said all that it took off the wire."""
_JUST_SECONDS: Final = 10.0
_LISTEN_SECONDS: Final = 0.005
_UNHEARD_MAX: Final = 2_000
_ASKED_AGAIN_SECONDS_MAX: Final = 5.0
"""After so much silence nothing more is to come of what was announced."""
_AT_A_TIME: Final = 4
_numbers = count(1)


class Note(Enum):
    """What the library notes and tells no other way."""

    PASSKEY_ASKED = auto()
    PAIRING_FAILED = auto()


_NOTES: Final = {
    # The notification by which WhatsApp asks for it, after a scan (whatsmeow, passkey.go).
    b'type="passkey_prologue_request"': Note.PASSKEY_ASKED,
    # A phone has vouched for keys that are not the library's (whatsmeow, pair.go).
    b"Failed to pair device": Note.PAIRING_FAILED,
}


@dataclass(frozen=True, slots=True)
class Called:
    """Something that the library said; `entry` is its number in the journal."""

    code: int
    body: bytes
    entry: int | None
    retrieved: bool
    """It had waited at WhatsApp."""


class Connection:
    """Its callbacks come on the library's threads: what is to be kept is written down before all else.

    The library acknowledges a message first and then puts it into a line of a hundred from which it calls us,
    one by one. Whoever stands in that line dies with the process, so it has to stay empty: the loop, which
    wants the interpreter as well, works when the library has nothing more to say.
    """

    def __init__(
        self,
        ground: Ground,
        channel: str,
        store: LiveStore,
        books: Books,
        hear: "Callable[[Connection, Called], None]",
        hear_code: "Callable[[Connection, str], None]",
        over: "Callable[[Connection, str], None]",
        hear_note: "Callable[[Connection, Note], None] | None" = None,
    ) -> None:
        self._ground = ground
        self._store = store
        self._books = books
        self._hear = hear
        self._hear_code = hear_code
        self._over = over
        self._loop = asyncio.get_running_loop()
        self._hear_note = hear_note
        listen = None if hear_note is None else self._noted
        name = f"{channel}#{next(_numbers)}"
        self.run = ground.library.prepare(name, self._called, self._shown, listen)
        self.is_online = False
        self.was_online = False
        self.is_catching_up = True
        self.in_flight = 0
        self.sent_at = float("-inf")
        self.mouth = asyncio.Lock()
        """The library sends one message of a channel at a time; who waits for it, waits here."""
        self._has_failed = False
        """A phone was not linked: the library has hung up, and does not come back from being stopped."""
        self.left = asyncio.Event()
        """The library has let go of it."""
        self.stopping = False
        self._ending: asyncio.Task[None] | None = None
        self._is_there = False
        """In the library; before that it can be neither hung up nor stopped."""
        self._began = self._ended = 0
        """Calls of the library."""
        self._retrieving = True
        """As far as it has been called; `is_catching_up` is as far as the loop has come."""
        self.expected = 0
        """How many messages have to come that had waited at WhatsApp."""
        self._announced = self._came = 0
        """Of the messages that had waited, so far."""
        self._completion: Called | None = None
        self._called_at = float("-inf")
        self._unheard: deque[Called] = deque()
        self._hearing: asyncio.Task[None] | None = None

    def start(self) -> None:
        threading.Thread(target=self._run, name=self.run.name.decode(), daemon=True).start()

    @property
    def has_just_sent(self) -> bool:
        """The server may not know yet under which id."""
        now = self._ground.clock.monotonic()
        return self.in_flight > 0 or now - self.sent_at < _JUST_SECONDS

    @property
    def quiet_seconds(self) -> float:
        """How long the library has had nothing to say; none while it is being heard."""
        if self._unheard or self._completion is not None or self._began != self._ended:
            return 0.0
        return self._ground.clock.monotonic() - self._called_at

    async def stop(self) -> bool:
        """End it; False when the library does not let go of it.

        Nobody waits for that: it has no say any more, and the next run is a run of its own.
        """
        self.stopping, self.is_online = True, False
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        seconds_max = LEAVE_SECONDS_MAX if self._has_failed else _BEGIN_SECONDS_MAX
        await asyncio.wait([self._ending], timeout=seconds_max)
        return await self._has_left(LEAVE_SECONDS_MAX if self._began else 0)

    async def _end(self) -> None:
        """A run that is not in the library yet overhears that it is to stop, so it is told again: alone it
        would go on with keys that were put away, and take in messages that nobody hears."""
        has_heard = False
        while not has_heard and not await self._has_left(0):
            await self._first_call()
            has_heard = self._is_there
            if self._began:
                await self._hang_up()
            await self._ground.call(self._ground.library.stop, self.run)

    async def _has_left(self, seconds_max: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds_max):
                await self.left.wait()
        return self.left.is_set()

    async def _first_call(self) -> None:
        """A run that has never called may not be there yet: to hang up would end the process, and to stop
        would be overheard. Let it come so far; what it says until then is kept."""
        for _ in range(round(FIRST_CALL_SECONDS_MAX / _LOOK_SECONDS)):
            if self._is_there or self.left.is_set():
                return
            await self._ground.clock.sleep(_LOOK_SECONDS)

    async def _hang_up(self) -> None:
        """Stopping alone takes the library's keys away while the wire is still open: what comes then
        cannot be read, is acknowledged all the same, and is lost."""
        await self._ground.call(self._ground.library.hang_up, self.run)
        quiet, before = 0, self._began
        for _ in range(round(_STRAGGLE_SECONDS_MAX / _LOOK_SECONDS)):
            await self._ground.clock.sleep(_LOOK_SECONDS)
            is_quiet = self._began == self._ended == before and others_rest()
            quiet = quiet + 1 if is_quiet else 0
            before = self._began
            if quiet == _QUIET_LOOKS:
                return

    # --- On threads of the library ---------------------------------------------------------

    def _run(self) -> None:
        ground = self._ground
        properties = ground.translator.properties()
        error = ground.library.run(self.run, self._store.path, bytes(Kind), properties)
        self._loop.call_soon_threadsafe(self._gone, error)

    def _called(self, code: int, body: bytes) -> None:
        self._is_there = True
        self._began += 1
        entry = self._keep(code, body) if code in KEPT else None
        called = Called(code, body, entry, self._retrieving)
        self._called_at = self._ground.clock.monotonic()
        if code == Kind.BACKLOG_COMPLETED:
            self._completion = called
        else:
            self._unheard.append(called)
        if self._retrieving:
            self._count(code, body)
        self._loop.call_soon_threadsafe(self._wake)
        self._ended += 1

    def _count(self, code: int, body: bytes) -> None:
        """What had waited is announced, and comes. That it has all come the library says too soon: it asks
        once more for what it could not open."""
        match code:
            case Kind.BACKLOG_PREVIEW:
                self._announced = self.expected = self._ground.translator.announced_backlog(body)
                with suppress(sqlite3.Error):
                    self.expected = self._books.expect(self._announced)
            case Kind.MESSAGE:
                self._came += 1
        if self._completion is not None and self._came >= self._announced:
            self._complete()

    def _complete(self) -> None:
        called, self._completion = self._completion, None
        if called is not None:
            self._retrieving = False
            with suppress(sqlite3.Error):
                self._books.stop_expecting()
            self._unheard.append(called)

    def _shown(self, code: str) -> None:
        self._is_there = True
        self._loop.call_soon_threadsafe(self._hear_code, self, code)

    def _noted(self, line: bytes) -> None:
        """What becomes of a scan the library passes on in its notes alone, unless it goes well."""
        for mark, note in _NOTES.items():
            if mark in line and self._hear_note is not None:
                self._has_failed |= note is Note.PAIRING_FAILED
                self._loop.call_soon_threadsafe(self._hear_note, self, note)

    def _keep(self, code: int, body: bytes) -> int | None:
        """The journal. On a disk that takes no more, the server's own may still: it is told anyway."""
        try:
            return self._books.keep(code, body, retrieved=self._retrieving)
        except sqlite3.ProgrammingError:
            # The books are closed, nobody hears it any more. Coming back would acknowledge it.
            threading.Event().wait()
            raise
        except sqlite3.Error:
            return None

    # --- On the loop -----------------------------------------------------------------------

    def _wake(self) -> None:
        if self._hearing is None or self._hearing.done():
            self._hearing = asyncio.create_task(self._hear_all())

    async def _hear_all(self) -> None:
        while self._unheard or self._completion is not None:
            quiet_seconds = self._ground.clock.monotonic() - self._called_at
            if not self._unheard:
                if quiet_seconds > _ASKED_AGAIN_SECONDS_MAX:
                    self._complete()
                await self._ground.clock.sleep(_LOOK_SECONDS)
                continue
            if quiet_seconds < _LISTEN_SECONDS and len(self._unheard) < _UNHEARD_MAX:
                await self._ground.clock.sleep(_LISTEN_SECONDS)
                continue
            for _ in range(min(_AT_A_TIME, len(self._unheard))):
                self._hear(self, self._unheard.popleft())
            await self._ground.clock.sleep(0)

    def _gone(self, error: str) -> None:
        self.is_online = False
        self.left.set()
        self._over(self, error)
