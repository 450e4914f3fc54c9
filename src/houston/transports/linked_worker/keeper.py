"""The server's side of the pipe: one worker process, started, fed, listened to, and killed when it hangs."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import structlog

from houston.kernel.clock import Clock
from houston.kernel.loop import end
from houston.transports.linked_worker.frames import (
    Beat,
    Begin,
    FromServer,
    FromWorker,
    Unpacker,
    packed,
)
from houston.transports.linked_worker.rules import masked

log = structlog.get_logger(__name__)

PROGRAM: Final = (sys.executable, "-m", "houston.transports.linked_worker")
BEAT_SECONDS: Final = 5.0
SILENCE_SECONDS_MAX: Final = 15.0
_START_SECONDS_MAX: Final = 30.0
_END_SECONDS_MAX: Final = 8.0
_UNSTORED_MAX: Final = 2_000
"""What a worker has said and the database has not taken yet; what comes then waits in its pipe."""
_LOG_LINES_MAX: Final = 100
"""In ten seconds; a library that floods its output must not flood ours."""


class Keeper:
    """Keeps one worker. It is used until it dies, and never started again: there are new ones."""

    def __init__(
        self,
        clock: Clock,
        hear: Callable[[FromWorker], None],
        died: "Callable[[Keeper], None]",
        *,
        silence_seconds_max: float = SILENCE_SECONDS_MAX,
    ) -> None:
        self._clock = clock
        self._hear = hear
        self._died = died
        self._silence_seconds_max = silence_seconds_max
        self._heard_at = 0.0
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._unstored: set[asyncio.Future[None]] = set()
        self.channels: set[str] = set()
        """Those that are open in it."""

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def start(self, program: Sequence[str], env: Mapping[str, str], begin: Begin) -> None:
        """Start the program. The key goes over the socket: arguments and variables can be read."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *program,
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                env={**os.environ, **env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        # It may be silent for longer until it has loaded everything.
        self._heard_at = self._clock.monotonic() + _START_SECONDS_MAX - self._silence_seconds_max
        self.say(begin)
        self._tasks = [
            asyncio.create_task(self._listen(reader), name="linked-worker"),
            asyncio.create_task(self._watch(), name="linked-worker-watch"),
            asyncio.create_task(self._read_output(), name="linked-worker-output"),
        ]

    def say(self, frame: FromServer) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(packed(frame))

    def await_stored(self, stored: "asyncio.Future[None]") -> None:
        """Something that the worker said is on its way to our disk."""
        if not stored.done():
            self._unstored.add(stored)
            stored.add_done_callback(self._unstored.discard)

    def kill(self) -> None:
        if self._process is not None and self.is_alive:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def close(self) -> None:
        """End it in order, and otherwise by force."""
        if self._writer is not None:
            self._writer.close()
        if self._process is not None:
            try:
                async with asyncio.timeout(_END_SECONDS_MAX):
                    await self._process.wait()
            except TimeoutError:
                self.kill()
                await self._process.wait()
        await end(*self._tasks)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        unpacker = Unpacker()
        with suppress(OSError, ValueError):
            while data := await reader.read(2**18):
                self._heard_at = self._clock.monotonic()
                for frame in unpacker.frames_from_worker(data):
                    if not isinstance(frame, Beat):
                        self._hear(frame)
                await self._room()
        self.kill()
        assert self._process is not None
        code = await self._process.wait()
        if self._writer is not None:
            self._writer.close()
        tell = log.info if code == 0 else log.warning
        tell("linked_worker_ended", pid=self.pid, code=code, channels=len(self.channels))
        self._died(self)

    async def _room(self) -> None:
        """A worker that floods its pipe, or a database that is slow, must not cost us our memory."""
        while len(self._unstored) > _UNSTORED_MAX:
            self._heard_at = self._clock.monotonic()  # Its silence is our doing.
            await asyncio.wait(self._unstored, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)

    async def _watch(self) -> None:
        """A worker that says nothing hangs: its channels are better off with a new one."""
        while self.is_alive:
            await self._clock.sleep(self._silence_seconds_max / 5)
            silent = self._clock.monotonic() - self._heard_at
            if silent > self._silence_seconds_max:
                log.warning("linked_worker_hangs", pid=self.pid, silent_seconds=round(silent))
                self.kill()
                return

    async def _read_output(self) -> None:
        """What the library prints is read away, or it would block; a little of it is logged, masked."""
        assert self._process is not None
        assert self._process.stdout is not None
        lines, since = 0, self._clock.monotonic()
        while chunk := await self._process.stdout.read(2**14):
            if self._clock.monotonic() - since > 10:
                lines, since = 0, self._clock.monotonic()
            for line in chunk.decode("utf-8", "replace").splitlines():
                lines += 1
                if line.strip() and lines <= _LOG_LINES_MAX:
                    log.debug("linked_worker_said", pid=self.pid, line=masked(line))
