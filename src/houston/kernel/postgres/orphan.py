"""Reads PostgreSQL's own note of who serves a data folder, and ends a server whose Houston died."""

import os
import signal
from pathlib import Path

from houston.kernel.clock import Clock
from houston.kernel.errors import DatabaseMissing

_STEPS = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


async def end_orphan(data: Path, clock: Clock) -> None:
    """Wait for the server of a Houston that was killed, and help it to end.

    It was told to shut down when its Houston died. We hold the lock, so it has no other master.

    Raises:
        DatabaseMissing: it survives even a kill.
    """
    pid = _pid(data)
    if pid is None:
        return
    if not _serves(pid, data):
        _forget_stranger(pid, data)
        return
    for step, seconds in _STEPS:
        _tell(pid, step)
        if await _gone(pid, data, seconds, clock):
            return
    raise DatabaseMissing(
        f"An old PostgreSQL (process {pid}) on {data} does not end. End it by hand"
    )


def is_ready(data: Path, pid: int) -> bool:
    """Whether that very process accepts connections; an older one may have left its own note."""
    lines = _note(data)
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _note(data: Path) -> list[str]:
    """Line 1 is the process id, line 8 whether it is ready."""
    try:
        return (data / "postmaster.pid").read_text("ascii", "replace").splitlines()
    except FileNotFoundError:
        return []


def _pid(data: Path) -> int | None:
    lines = _note(data)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _serves(pid: int, data: Path) -> bool:
    """PostgreSQL works in its data folder; a stranger with the same number does not.

    Only Linux tells. Elsewhere PostgreSQL itself refuses to start, and its error names the process.
    """
    process = Path(f"/proc/{pid}")
    try:
        works_there = (process / "cwd").readlink() == data.resolve()
        return works_there and (process / "comm").read_text().startswith("postgres")
    except OSError:
        return False


def _forget_stranger(pid: int, data: Path) -> None:
    """Somebody else may have the number now, which is usual in containers.

    PostgreSQL would refuse to start because of him, although its shared memory, which it checks as
    well, says who is there.
    """
    if Path(f"/proc/{pid}").exists():
        (data / "postmaster.pid").unlink(missing_ok=True)


def _tell(pid: int, step: signal.Signals) -> None:
    try:
        os.kill(pid, step)
    except ProcessLookupError:
        return


async def _gone(pid: int, data: Path, seconds: float, clock: Clock) -> bool:
    until = clock.monotonic() + seconds
    while _serves(pid, data):
        if clock.monotonic() > until:
            return False
        await clock.sleep(0.02)
    return True
