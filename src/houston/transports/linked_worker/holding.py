"""What a channel has open in a worker: the file lock, the books, the store of keys and its sealed copies."""

import asyncio
import fcntl
import os
from collections.abc import Callable
from typing import Final

from houston.transports.linked_worker.books import ALIVE, Books
from houston.transports.linked_worker.frames import KeysSealed
from houston.transports.linked_worker.ground import Ground
from houston.transports.linked_worker.live_store import (
    LiveStore,
    discard,
    new_store,
    opened_store,
)

_LOCK_SECONDS_MAX: Final = 6.0
_KEYS_STORED_SECONDS_MAX: Final = 5.0


class Holding:
    """Empty until it is taken; everything of it is closed when it is let go."""

    def __init__(self, channel: str, ground: Ground, stream: Callable[[], int]) -> None:
        self.books: Books | None = None
        self.store: LiveStore | None = None
        self._channel = channel
        self._ground = ground
        self._stream = stream
        self._lock: int | None = None
        self._copies: dict[int, asyncio.Future[bool]] = {}
        self._copy_number = 0

    async def take(self) -> bool:
        """Take the file lock: two programs with the same keys would throw each other out."""
        if self._lock is not None:
            return True
        path = self._ground.books_dir / f"{self._channel}.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = self._ground.clock.monotonic() + _LOCK_SECONDS_MAX
        while self._ground.clock.monotonic() < deadline:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                await self._ground.clock.sleep(0.1)
            else:
                self._lock = descriptor
                return True
        os.close(descriptor)
        return False

    def open_books(self) -> Books:
        path = self._ground.books_dir / f"{self._channel}.books"
        self.books = self.books or Books(path, self._ground.seal, self._ground.clock.now())
        return self.books

    # --- The store ---------------------------------------------------------------------------

    def begin_store(self) -> LiveStore:
        """An empty one, to pair with."""
        self.close_store(remove=True)
        self.store = new_store(self._ground.live_dir, self._channel)
        return self.store

    def open_store(self, credentials: bytes) -> tuple[LiveStore, bool]:
        """The store of these credentials, and whether it begins a life that the server must know of.

        Raises:
            NotKeys: they were never given out.
            WrongKey: they cannot be opened with this server's key.
        """
        keys = self._ground.seal.open_keys(credentials)
        if self.store is None or self.store.generation != keys.generation:
            self.close_store(remove=False)
            self.store = opened_store(self._ground.live_dir, self._channel, keys)
        return self.store, self.store.generation != keys.generation

    def close_store(self, *, remove: bool) -> None:
        store, self.store = self.store, None
        if store is not None:
            store.close(and_remove=remove)

    def sealed(self, *, clean: bool) -> bytes:
        assert self.store is not None
        return self._ground.seal.close_keys(self.store.sealed_copy(clean=clean))

    async def copy_to_server(self, *, clean: bool) -> bool | None:
        """True when the server has it, False when it refuses it, None when it says nothing."""
        self._copy_number += 1
        number = self._copy_number
        waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._copies[number] = waiting
        self._ground.tell(KeysSealed(self._stream(), number, self.sealed(clean=clean)))
        try:
            async with asyncio.timeout(_KEYS_STORED_SECONDS_MAX):
                return await waiting
        except TimeoutError:
            return None
        finally:
            del self._copies[number]

    def copy_stored(self, number: int, *, ok: bool) -> None:
        waiting = self._copies.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(ok)

    # --- The end -----------------------------------------------------------------------------

    async def put_away(self) -> None:
        """Keys lie sealed at the server and nowhere else, once they are not in use."""
        if self.store is not None:
            keyed = self.store.has_keys()
            answered = not keyed or await self.copy_to_server(clean=True) is not None
            self.close_store(remove=answered)
        self.let_go()

    def forget(self, *, entries: bool) -> None:
        """The keys are worthless by now. Of a number linked by mistake the journal goes too."""
        self.close_store(remove=True)
        discard(self._ground.live_dir, self._channel)
        if entries and self.books is not None:
            self.books.forget()
        self.let_go()

    def let_go(self) -> None:
        """Close it all in order; what is on the disk stays."""
        self.close_store(remove=False)
        books, self.books = self.books, None
        if books is not None:
            books.mark(ALIVE, None)
            books.close()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)
