"""The worker's side of the pipe: takes the server's frames to their channels, and beats."""

import asyncio
import faulthandler
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from houston.kernel.clock import Clock
from houston.transports.linked_worker import errands, freight, rules
from houston.transports.linked_worker.frames import (
    Answer,
    Beat,
    Begin,
    Close,
    Fetch,
    FromServer,
    FromWorker,
    KeysStored,
    MarkRead,
    Open,
    Probe,
    Resolve,
    Send,
    Stored,
    Unpacker,
    answered,
    packed,
)
from houston.transports.linked_worker.ground import Ground, thread_pool
from houston.transports.linked_worker.library import Library
from houston.transports.linked_worker.line import Line
from houston.transports.linked_worker.seal import Seal
from houston.transports.linked_worker.translate import Translator

log = logging.getLogger(__name__)

_COPY_EVERY_SECONDS: Final = 300.0
_FAREWELL_SECONDS_MAX: Final = 9.0
_HUNG_SECONDS: Final = 60.0
"""Longer than the server waits for a beat, and than a farewell takes."""


class Worker:
    """All channels of one process. It ends when the server does."""

    def __init__(self, connection: socket.socket, library: Library, clock: Clock) -> None:
        self._connection = connection
        self._library = library
        self._clock = clock
        self._lines: dict[str, Line] = {}
        self._streams: dict[int, Line] = {}
        self._duties: set[asyncio.Task[None]] = set()
        self._ground: Ground | None = None
        self._beat_seconds = 5.0

    async def run(self) -> None:
        reader, self._writer = await asyncio.open_unix_connection(sock=self._connection)
        unpacker = Unpacker()
        # A server that is killed amid what we tell it breaks the pipe instead of closing it.
        with suppress(OSError):
            while data := await reader.read(2**18):
                for frame in unpacker.frames_from_server(data):
                    self._take(frame)
        await self._farewell()

    async def _farewell(self) -> None:
        """The server is gone. What is on the disk stays; the next worker goes on with it."""
        for duty in tuple(self._duties):
            duty.cancel()
        try:
            async with asyncio.timeout(_FAREWELL_SECONDS_MAX):
                await asyncio.gather(*(line.abandon() for line in self._lines.values()))
        except TimeoutError:
            log.warning("not all channels could be ended in time")

    # --- Frames ------------------------------------------------------------------------------

    def _tell(self, frame: FromWorker) -> None:
        if not self._writer.is_closing():
            self._writer.write(packed(frame))

    def _take(self, frame: FromServer) -> None:
        match frame:
            case Begin():
                self._begin(frame)
            case Open():
                self._later(self._line(frame).open(frame))
            case Close(stream, forget):
                line = self._streams.get(stream)
                if line is not None and line.newest == stream:
                    self._later(self._close(line, stream, forget=forget))
            case _:
                line = self._streams.get(frame.stream)
                if line is not None:
                    self._do(line, frame)

    def _do(
        self, line: Line, frame: Send | Fetch | Resolve | Probe | MarkRead | Stored | KeysStored
    ) -> None:
        match frame:
            case Send(stream, ref, message, load):
                self._later(self._answer(stream, ref, errands.send(line, message, load)))
            case Fetch(stream, ref):
                self._later(self._answer(stream, ref, freight.fetch(line, frame)))
            case Resolve(stream, ref, key):
                self._later(self._answer(stream, ref, errands.resolve(line, key)))
            case Probe(stream, ref):
                self._later(self._answer(stream, ref, errands.probe(line)))
            case MarkRead(_, chat, wire_ids):
                self._later(errands.mark_read(line, chat, wire_ids))
            case Stored(_, entries):
                line.stored(entries)
            case KeysStored(_, number, ok):
                line.holding.copy_stored(number, ok=ok)

    async def _close(self, line: Line, stream: int, *, forget: bool) -> None:
        """Until it is closed it still hears what the server says of its keys."""
        await line.close(forget=forget)
        self._streams.pop(stream, None)

    async def _answer(self, stream: int, ref: int, errand: Awaitable[Answer]) -> None:
        self._tell(answered(stream, ref, await errand))

    def _line(self, frame: Open) -> Line:
        assert self._ground is not None
        line = self._lines.get(frame.channel)
        if line is None:
            line = self._lines[frame.channel] = Line(frame.channel, self._ground)
        self._streams.pop(line.stream, None)
        self._streams[frame.stream] = line
        line.newest = frame.stream
        return line

    # --- Duties ------------------------------------------------------------------------------

    def _begin(self, frame: Begin) -> None:
        self._beat_seconds = frame.beat_seconds
        self._ground = Ground(
            library=self._library,
            translator=Translator(self._library.version),
            seal=Seal(frame.key),
            live_dir=_private_folder(frame.live_dir),
            books_dir=_private_folder(frame.books_dir),
            clock=self._clock,
            tell=self._tell,
            threads=thread_pool(),
            phone_silent_max=timedelta(seconds=frame.phone_silent_seconds),
        )
        self._later(self._every(lambda: self._beat_seconds, self._beat))
        self._later(
            self._every(lambda: min(rules.NOTE_SECONDS, frame.phone_silent_seconds / 3), self._note)
        )
        self._later(self._every(lambda: _COPY_EVERY_SECONDS, self._copy))

    async def _every(
        self, seconds: Callable[[], float], duty: Callable[[], Awaitable[None]]
    ) -> None:
        while True:
            try:
                await duty()
            except Exception:
                log.exception("a duty failed")
            await self._clock.sleep(seconds())

    async def _beat(self) -> None:
        """The server ends a worker that does not beat. Who has no server any more is ended by a thread that
        needs nothing of a loop that hangs: a number's keys would be locked for ever."""
        faulthandler.dump_traceback_later(_HUNG_SECONDS, exit=True)
        self._tell(Beat())

    async def _note(self) -> None:
        for line in tuple(self._lines.values()):
            line.keep_up()

    async def _copy(self) -> None:
        for line in tuple(self._lines.values()):
            await line.copy_keys()

    def _later(self, duty: Awaitable[None]) -> None:
        task = asyncio.ensure_future(duty)
        self._duties.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._duties.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an errand failed", exc_info=error)


def _private_folder(path: str) -> Path:
    folder = Path(path)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    return folder
