"""Files in the worker: sealed and uploaded before a message, downloaded and opened after one.

They lie where the server says, and are its own: here they are only read and filled.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Final

from houston.kernel.sentence import say
from houston.transports.linked_worker import rules
from houston.transports.linked_worker.connection import Connection
from houston.transports.linked_worker.frames import Answer, Fetch, Fetched, Loaded, NotFetched
from houston.transports.linked_worker.line import Line
from houston.transports.linked_worker.media import NUMBERS, Described
from houston.transports.transport import NotSent, Retry

UPLOAD_SECONDS_MAX: Final = 40.0
_DOWNLOAD_SECONDS_MAX: Final = 60.0
_LATER: Final = timedelta(seconds=30)
_NOT_NOW: Final = NotFetched("not_online", for_good=False)


async def upload(line: Line, connection: Connection, load: Loaded) -> Described | NotSent:
    """Bring a file to WhatsApp's hosts, before the message that tells of it. Nothing is sent by that."""
    ground = line.ground
    kind = NUMBERS[load.content.kind]
    try:
        async with asyncio.timeout(UPLOAD_SECONDS_MAX):
            content = await ground.call(Path(load.path).read_bytes)
            answer = await ground.call(ground.library.upload, connection.run, content, kind)
    except TimeoutError:
        text = say(
            "WhatsApp did not take the file within {seconds:g} seconds", seconds=UPLOAD_SECONDS_MAX
        )
        return _later(line, str(text))
    except OSError as error:
        return _later(line, str(say("The file cannot be read: {why}", why=error.strerror)))
    described = ground.translator.uploaded(answer, load.content)
    if isinstance(described, Described):
        return described
    return rules.upload_failure(described, ground.clock.now() + _LATER)


def _later(line: Line, text: str) -> NotSent:
    moment = line.ground.clock.now() + _LATER
    return NotSent(retry=Retry.LATER, code="not_uploaded", text=text, not_before=moment)


async def fetch(line: Line, frame: Fetch) -> Answer:
    """Download what a message of the journal announces, into the file that the server has laid there."""
    connection, books, ground = line.connection, line.holding.books, line.ground
    if connection is None or not connection.is_online or books is None:
        return _NOT_NOW
    entry = books.entry(frame.entry)
    announced = None if entry is None else ground.translator.announced(entry.body)
    if announced is None:
        return NotFetched("nothing_announced", for_good=True)
    if announced.size > frame.bytes_max:
        return NotFetched("too_large", for_good=True)
    try:
        async with asyncio.timeout(_DOWNLOAD_SECONDS_MAX):
            answer = await ground.call(ground.library.download, connection.run, announced.message)
            content = ground.translator.downloaded(answer)
            if isinstance(content, str):
                return NotFetched(*rules.download_failure(content))
            await ground.call(_fill, Path(frame.path), content)
    except (TimeoutError, OSError):
        return _NOT_NOW
    return Fetched(len(content))


def _fill(path: Path, content: bytes) -> None:
    """Whoever gave up waiting has removed the file, and it must not come back."""
    with path.open("r+b") as file:
        file.write(content)
