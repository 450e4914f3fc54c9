"""The server's life: started as our child, started again when it dies, ended with us."""

import asyncio
import signal
from pathlib import Path
from typing import IO

import structlog

from houston.kernel.clock import Clock
from houston.kernel.errors import Conflict, DatabaseMissing
from houston.kernel.loop import end, keep
from houston.kernel.postgres import folder as folders
from houston.kernel.postgres.binaries import find
from houston.kernel.postgres.child import path_for_child, spawn
from houston.kernel.postgres.folder import Folder
from houston.kernel.postgres.orphan import PORT, end_orphans, is_ready

log = structlog.get_logger(__name__)

_READY_SECONDS_MAX = 600.0  # After a crash it reads all of its log that was not checkpointed.
_STOP_STEPS = ((signal.SIGINT, 4.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 2.0))

_PARAMETERS = {
    # Reached through the data folder only. The name is relative, so no path can be too long for it.
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    # What was accepted is on the disk: said here, so that no file can quietly say otherwise.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Sized for a queue of a million messages; memory that is not touched costs nothing.
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # A forgotten transaction would hold back the horizon below which the feed may be read.
    "idle_in_transaction_session_timeout": "60s",
    # Our statements are short: compiling them or sharing them out costs more than running them.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


class EmbeddedPostgres:
    """A running server. It is started again whenever it ends without having been told to."""

    def __init__(self, folder: Folder, dsn: str, lock: IO[str], clock: Clock) -> None:
        self.dsn = dsn
        self._folder = folder
        self._lock = lock
        self._clock = clock
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def begin(self) -> None:
        """Start the server for the first time, and watch it from then on."""
        await self._launch()
        duty = keep(self._revive, "postgres", self._clock)
        self._watcher = asyncio.create_task(duty, name="postgres")

    async def stop(self) -> None:
        """End the server: cleanly if it can, within eight seconds in any case. Loses nothing."""
        try:
            await end(self._watcher)
            if self._process is not None:
                await _end_process(self._process)
        finally:
            self._lock.close()

    async def _revive(self) -> None:
        """The watcher's duty: one death, one new start."""
        assert self._process is not None
        code = await self._process.wait()
        log.error("postgres_ended", code=code, log=str(self._folder.log))
        await self._launch()
        log.info("postgres_restarted", pid=self.pid)

    async def _launch(self) -> None:
        await end_orphans(self._folder.data, self._clock)
        with folders.open_log(self._folder) as output:
            self._process = await spawn(
                _command(self._folder),
                folder=self._folder.data,
                user=self._folder.user,
                output=output,
            )
        await self._until_ready(self._process)

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        until = self._clock.monotonic() + _READY_SECONDS_MAX
        while not is_ready(self._folder.data, process.pid):
            if process.returncode is not None:
                said = folders.last_words(self._folder)
                raise folders.failure("PostgreSQL ended while it started", said)
            if self._clock.monotonic() > until:
                raise DatabaseMissing(f"PostgreSQL is not ready; {self._folder.log} says why")
            await self._clock.sleep(0.01)


async def start(data_dir: Path, *, bin_dir: Path | None, clock: Clock) -> EmbeddedPostgres:
    """Start PostgreSQL on a data folder, which is made when it is not there.

    The server ends when the thread that called this ends, at the latest with the process.

    Raises:
        BadSetting: `bin_dir` holds no usable PostgreSQL.
        Conflict: another Houston uses the folder.
        DatabaseMissing: there are no programs, or the folder or the server cannot be used.
    """
    found = find(bin_dir)
    lock = folders.claim(data_dir)
    try:
        folder = folders.settle(data_dir, found)
        if not folder.data.exists():
            await folders.create(folder)
            log.info("postgres_created", folder=str(folder.data))
        dsn = folders.address(folder.data)
    except BaseException:
        lock.close()
        raise
    server = EmbeddedPostgres(folder, dsn, lock, clock)
    try:
        await server.begin()
    except BaseException:
        await server.stop()
        raise
    return server


def address_of_running(data_dir: Path) -> str | None:
    """Where the server of another Houston on this folder answers; None when there is none.

    For commands that are given while Houston runs: they use its database and leave it running.
    """
    try:
        folders.claim(data_dir).close()
    except Conflict:
        there = sorted(data_dir.absolute().glob("pg[0-9][0-9]"))
        return folders.address(there[-1]) if there else None
    return None


def _command(folder: Folder) -> list[str | Path]:
    chosen = [word for name, value in _PARAMETERS.items() for word in ("-c", f"{name}={value}")]
    return [folder.programs.postgres, "-D", path_for_child(folder.data), *chosen]


async def _end_process(process: asyncio.subprocess.Process) -> None:
    for step, seconds in _STOP_STEPS:
        if process.returncode is not None:
            return
        process.send_signal(step)
        try:
            async with asyncio.timeout(seconds):
                await process.wait()
        except TimeoutError:
            log.warning("postgres_ends_slowly", signal=step.name)
