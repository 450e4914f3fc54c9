"""Carries contents between messages and the shelf: fetched for those that go out, kept for those that come in.

On their way they lie as files in a folder of this machine, and nowhere when they have arrived.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from mimetypes import guess_extension, guess_type
from pathlib import Path
from typing import Final
from uuid import UUID

import obstore
from obstore.store import LocalStore

from houston.files import store
from houston.files.fetcher import Failure, Fetcher
from houston.files.keeper import Keeper
from houston.files.rules import check_mime, check_name
from houston.kernel.clock import Clock
from houston.kernel.content import ANYTHING, Content, ContentState, kind_of
from houston.kernel.db import Database
from houston.kernel.errors import BadRequest, NotFound, OutOfReach, TooLarge
from houston.kernel.ids import AccountId, ChannelId, FileId
from houston.kernel.sentence import say
from houston.transports.porter import Parcel
from houston.transports.transport import NotSent, Retry

_AT_ONCE: Final = 8
"""Contents that go out at the same time; the others wait for their turn."""
_ENDINGS: Final = {"audio/ogg": ".ogg"}
"""What people expect where the registry says otherwise."""
_FETCH_SECONDS_MAX: Final = 40.0
_TURN_SECONDS_MAX: Final = 30.0
_LATER: Final = timedelta(seconds=30)


class Porter:
    """The one that all contents of messages pass through. `folder` is its own: it is emptied first."""

    def __init__(
        self,
        database: Database,
        keeper: Keeper,
        fetcher: Fetcher,
        clock: Clock,
        folder: Path,
        *,
        public_url: str,
        bytes_max: int,
    ) -> None:
        self.bytes_max = bytes_max
        self._database = database
        self._keeper = keeper
        self._fetcher = fetcher
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._folder = folder
        self._turns = asyncio.Semaphore(_AT_ONCE)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.iterdir():
            left.unlink()
        self._disk = LocalStore(folder)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Path]:
        path = self._folder / secrets.token_hex(12)
        path.touch(mode=0o600)  # Who comes too late finds no file, and may not make one.
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    # --- Out -----------------------------------------------------------------------------------

    @asynccontextmanager
    async def fetch(
        self, uri: str, bytes_max: int, *, trusted: bool = False
    ) -> AsyncIterator[Parcel | NotSent]:
        try:
            async with asyncio.timeout(_TURN_SECONDS_MAX):
                await self._turns.acquire()
        except TimeoutError:
            yield self._later("busy", "Other files go first")
            return
        try:
            async with self.place() as path:
                limit = min(bytes_max, self.bytes_max)
                yield await self._fetched(uri, path, limit, trusted=trusted)
        finally:
            self._turns.release()

    async def _fetched(
        self, uri: str, path: Path, bytes_max: int, *, trusted: bool
    ) -> Parcel | NotSent:
        try:
            async with asyncio.timeout(_FETCH_SECONDS_MAX):
                content = await self._brought(uri, path, bytes_max, trusted=trusted)
        except TimeoutError:
            text = say(
                "The file did not come within {seconds:g} seconds", seconds=_FETCH_SECONDS_MAX
            )
            return _never("content_unreachable", str(text))
        except Failure as failure:
            return _never(failure.code, failure.text)
        except (TooLarge, NotFound) as error:
            code = "content_gone" if isinstance(error, NotFound) else "content_too_large"
            return _never(code, str(error))
        except OutOfReach as error:
            return self._later("storage", str(error))
        if content.bytes == 0:
            return _never("content_empty", "The file is empty")
        return Parcel(content, path)

    async def _brought(self, uri: str, path: Path, bytes_max: int, *, trusted: bool) -> Content:
        """From our own shelf if the link opens something there, else from where it points."""
        link = _our_link(uri)
        if link is not None:
            with suppress(NotFound):
                shown = await self._keeper.show(*link)
                size = await self._lay_down(path, shown.parts, bytes_max)
                return _content(uri, shown.mime, shown.name, size)
            if self._public_url and uri.startswith(self._public_url + "/"):
                raise Failure("content_gone", "The file is no longer kept")
        async with self._fetcher.open(uri, trusted=trusted) as found:
            if found.size is not None and found.size > bytes_max:
                raise _too_large(bytes_max)
            size = await self._lay_down(path, found.parts, bytes_max)
            return _content(uri, found.content_type, found.name, size)

    async def _lay_down(self, path: Path, parts: AsyncIterator[bytes], bytes_max: int) -> int:
        size = 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for part in parts:
                size += len(part)
                if size > bytes_max:
                    raise _too_large(bytes_max)
                yield part

        await obstore.put_async(self._disk, path.name, counted(), max_concurrency=1)
        return size

    def _later(self, code: str, said: str) -> NotSent:
        return NotSent(
            retry=Retry.LATER, code=code, text=said, not_before=self._clock.now() + _LATER
        )

    # --- In ------------------------------------------------------------------------------------

    async def keep(self, channel: ChannelId, parcel: Parcel) -> Content:
        content = parcel.content
        name = _name(content)
        account = await self._account_of(channel)
        found = await obstore.get_async(self._disk, parcel.path.name)
        kept = await self._keeper.keep(account, name, content.mime, _stream(found))
        uri = f"{self._public_url}/{kept.path}"
        return replace(
            content,
            uri=uri,
            name=kept.name,
            mime=kept.mime,
            bytes=kept.size,
            state=ContentState.HERE,
        )

    async def _account_of(self, channel: ChannelId) -> AccountId:
        async with self._database.single() as tx:
            return await store.account_of(tx, channel)


_LINK: Final = re.compile(
    r"https?://[^/]+(?:/.*)?/files/([0-9a-f-]{36})/([A-Za-z0-9_-]{20,60})/[^/]*"
)


def _our_link(uri: str) -> tuple[FileId, str] | None:
    """The file and the key that a link of ours names, whatever address it begins with."""
    found = _LINK.fullmatch(uri)
    try:
        return None if found is None else (FileId(UUID(found[1])), found[2])
    except ValueError:
        return None


def _content(uri: str, said: str, name: str, size: int) -> Content:
    mime = _mime(said, name)
    return Content(kind=kind_of(mime), mime=mime, uri=uri, name=_shown_name(name, mime), bytes=size)


def _mime(said: str, name: str) -> str:
    """As the server says; where it does not know, as the name does."""
    try:
        mime = check_mime(said)
    except BadRequest:
        mime = ANYTHING
    return mime if mime != ANYTHING else guess_type(name)[0] or ANYTHING


def _shown_name(name: str, mime: str) -> str:
    try:
        return check_name(name)
    except BadRequest:
        return f"file{guess_extension(mime) or ''}"


def _name(content: Content) -> str:
    """Pictures and sounds have no name on WhatsApp."""
    ending = _ENDINGS.get(content.mime) or guess_extension(content.mime) or ""
    fallback = f"{content.kind.value}{ending}"
    return _shown_name(content.name or fallback, content.mime)


def _never(code: str, text: str) -> NotSent:
    return NotSent(retry=Retry.NEVER, code=code, text=text)


def _too_large(bytes_max: int) -> Failure:
    text = say("The file is larger than {max:,} bytes", max=bytes_max)
    return Failure("content_too_large", str(text))


async def _stream(found: "obstore.GetResult") -> AsyncIterator[bytes]:
    async for part in found.stream(min_chunk_size=2**20):
        yield bytes(part)
