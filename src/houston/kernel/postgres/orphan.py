"""Ends what an earlier server left behind, and reads whether a new one is ready.

PostgreSQL's processes work in their data folder; that is how they are found. Only Linux tells: on
other systems PostgreSQL refuses to start beside an old server, and its error names the process.
"""

import os
import signal
import sys
from pathlib import Path

from houston.kernel.clock import Clock
from houston.kernel.errors import DatabaseMissing

PORT = 5432
"""Only a part of the socket's name: no port of the network is opened."""
_STEPS = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


async def end_orphans(data: Path, clock: Clock) -> None:
    """Wait for the server of a Houston that was killed, and help it to end.

    It was told to shut down when its Houston died. We hold the lock, so it has no other master.

    Raises:
        DatabaseMissing: it survives even a kill.
    """
    if sys.platform != "linux":
        return
    for step, seconds in _STEPS:
        orphans = _working_in(data)
        for pid in orphans:
            _tell(pid, step)
        if not orphans or await _gone(data, seconds, clock):
            break
    if orphans := _working_in(data):
        raise DatabaseMissing(
            f"An old PostgreSQL on {data} does not end. End its processes {orphans}"
        )
    _forget(data)


def is_ready(data: Path, pid: int) -> bool:
    """Whether that very process accepts connections; line 1 is its id, line 8 its state."""
    try:
        lines = (data / "postmaster.pid").read_text("ascii", "replace").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _working_in(data: Path) -> list[int]:
    folder = data.resolve()
    processes = Path("/proc").glob("[0-9]*")
    return [int(process.name) for process in processes if _works_in(process, folder)]


def _works_in(process: Path, folder: Path) -> bool:
    """Not so for zombies, for strangers, and for a shell that somebody opened there."""
    try:
        there = (process / "cwd").readlink() == folder
        return there and (process / "comm").read_text().startswith("postgres")
    except OSError:
        return False


def _tell(pid: int, step: signal.Signals) -> None:
    try:
        os.kill(pid, step)
    except ProcessLookupError:
        return


async def _gone(data: Path, seconds: float, clock: Clock) -> bool:
    until = clock.monotonic() + seconds
    while _working_in(data):
        if clock.monotonic() > until:
            return False
        await clock.sleep(0.05)
    return True


def _forget(data: Path) -> None:
    """Remove what an old server left to keep others away.

    PostgreSQL would believe it if the number were a stranger's by now, which is usual in
    containers, or a zombie's that nobody buries. Its shared memory, which it checks as well, is
    not fooled.
    """
    for name in ("postmaster.pid", f".s.PGSQL.{PORT}.lock"):
        (data / name).unlink(missing_ok=True)
