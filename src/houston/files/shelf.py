"""Where the contents of files lie: a folder of this machine, or a bucket of S3-compatible storage."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from houston.files.rules import Span
from houston.kernel.errors import BadSetting, OutOfReach
from houston.kernel.ids import FileId
from houston.kernel.sentence import say

if TYPE_CHECKING:
    from obstore import GetOptions

_PART_BYTES: Final = 1024**2


class Shelf:
    """Keeps contents by the ids of their files. What is half written is never seen."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    async def keep(self, file: FileId, parts: AsyncIterator[bytes]) -> None:
        """Store what comes, all of it or nothing. An error of `parts` goes through as it is.

        Raises:
            OutOfReach: it could not be stored.
        """
        try:
            await obstore.put_async(self._objects, str(file), parts)
        except BaseError as error:
            why = _first_line(error)
            raise OutOfReach(say("The file cannot be stored: {why}", why=why)) from error

    async def read(self, file: FileId, span: Span | None = None) -> AsyncIterator[bytes]:
        """The contents, part by part, or only a span of them; it has begun when this returns.

        Raises:
            OutOfReach: it cannot be read.
        """
        options: GetOptions = {} if span is None else {"range": (span.start, span.end)}
        try:
            found = await obstore.get_async(self._objects, str(file), options=options)
        except (BaseError, FileNotFoundError) as error:
            why = _first_line(error)
            raise OutOfReach(say("The file cannot be read: {why}", why=why)) from error
        return _parts(found)

    async def drop(self, files: Sequence[FileId]) -> None:
        """Remove contents; what is gone already is no error."""
        for file in files:
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._objects, str(file))


def shelf_of(url: str | None, data_dir: Path) -> Shelf:
    """The shelf of these settings: a bucket, or a folder beside the other data.

    Raises:
        BadSetting: the address names nothing that can be used.
    """
    if url is None:
        return Shelf(LocalStore(data_dir / "files", mkdir=True))
    try:
        return Shelf(from_url(url))
    except (BaseError, OSError, ValueError) as error:
        raise BadSetting("HOUSTON_FILES_URL", url, _first_line(error)) from error


async def _parts(found: "obstore.GetResult") -> AsyncIterator[bytes]:
    async for part in found.stream(min_chunk_size=_PART_BYTES):
        yield bytes(part)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
