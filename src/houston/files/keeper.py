"""Takes files in, gives them to whoever has the link, and forgets them when their time is over."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

import structlog

from houston.files import store
from houston.files.rules import Span, check_mime, check_name, link_hash, opens, span
from houston.files.shelf import Shelf
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.errors import NotFound, TooLarge
from houston.kernel.ids import AccountId, FileId, new_id
from houston.kernel.sentence import say

log = structlog.get_logger(__name__)

_SWEEP_EVERY_SECONDS: Final = 3600.0
_SWEPT_AT_ONCE: Final = 200
_LOST_AFTER: Final = timedelta(days=1)
"""Nobody uploads for so long."""
_NO_SUCH_FILE: Final = NotFound(
    "There is no such file", "Check the link; files are not kept for ever"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was taken in. `path` is the secret link to it, below the server's address."""

    id: FileId
    name: str
    mime: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as it is given out: all of it, or a span."""

    name: str
    mime: str
    size: int
    """Of the whole file."""
    span: Span | None
    parts: AsyncIterator[bytes]


class Keeper:
    """The one that all files pass through."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        shelf: Shelf,
        *,
        bytes_max: int,
        days_kept: int,
    ) -> None:
        """`days_kept` 0 is for ever."""
        self._database = database
        self._clock = clock
        self._shelf = shelf
        self._bytes_max = bytes_max
        self._kept_for = timedelta(days=days_kept) if days_kept else None

    async def keep(
        self, account: AccountId, name: str, content_type: str, parts: AsyncIterator[bytes]
    ) -> Kept:
        """Take a file in.

        Raises:
            BadRequest: its name or its kind cannot be used.
            TooLarge: it is larger than allowed; nothing of it stays.
            OutOfReach: it cannot be stored now.
        """
        name, mime = check_name(name), check_mime(content_type)
        file, key = FileId(new_id()), secrets.token_urlsafe(24)
        async with self._database.single() as tx:
            now = self._clock.now()
            await store.announce(tx, file, account, name, mime, link_hash(key), now)
        counted = _Counted(parts, self._bytes_max)
        await self._shelf.keep(file, counted.parts())
        async with self._database.single() as tx:
            await store.arrived(tx, file, counted.size)
        return Kept(file, name, mime, counted.size, f"files/{file}/{key}/{quote(name, safe='')}")

    async def show(self, file: FileId, key: str, asked: str | None = None) -> Shown:
        """Give a file to somebody who has its link; of a `Range` header, `asked`, only that part.

        Raises:
            NotFound: there is none, or the link is not its own.
            NothingThere: it has no such part.
            OutOfReach: it cannot be read now.
        """
        async with self._database.single() as tx:
            row = await store.one(tx, file)
        if row is None or not opens(key, row["link_hash"]):
            raise _NO_SUCH_FILE
        wanted = span(asked, row["bytes"])
        parts = await self._shelf.read(file, wanted)
        return Shown(row["name"], row["mime"], row["bytes"], wanted, parts)

    async def duty(self) -> None:
        """One turn of the loop: forget what is over, then wait for more of it."""
        while await self.sweep():
            pass
        await self._clock.sleep(_SWEEP_EVERY_SECONDS)

    async def sweep(self) -> int:
        """Forget some of the files whose time is over; how many. Several nodes may do it at once."""
        now = self._clock.now()
        kept_since = None if self._kept_for is None else now - self._kept_for
        lost_since = now - min(_LOST_AFTER, self._kept_for or _LOST_AFTER)
        async with self._database.single() as tx:
            files = await store.forgettable(tx, lost_since, kept_since, _SWEPT_AT_ONCE)
            if files:
                await self._shelf.drop(files)
                await store.forget(tx, files)
        if files:
            log.info("files_forgotten", count=len(files))
        return len(files)


class _Counted:
    """Parts on their way through, counted; too many of them are an error."""

    def __init__(self, parts: AsyncIterator[bytes], bytes_max: int) -> None:
        self._parts = parts
        self._bytes_max = bytes_max
        self.size = 0

    async def parts(self) -> AsyncIterator[bytes]:
        async for part in self._parts:
            self.size += len(part)
            if self.size > self._bytes_max:
                said = say("The file is larger than {max:,} bytes", max=self._bytes_max)
                raise TooLarge(said, "Send it in a smaller form, or a link to it")
            yield part
