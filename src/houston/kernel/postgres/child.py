"""Starts PostgreSQL's programs as direct children that die with us and never run as root."""

import asyncio
import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from houston.kernel.postgres import become


@dataclass(frozen=True, kw_only=True)
class User:
    """Who a program runs as. When Houston is not root, that is always who runs Houston."""

    uid: int
    gid: int

    @property
    def name(self) -> str | None:
        """None for a mere number, as a container may be run under."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return None


def user_for(folder: Path) -> User:
    """PostgreSQL refuses root. It then runs as the folder's owner; if that is root, as nobody."""
    if os.geteuid() != 0:
        return User(uid=os.geteuid(), gid=os.getegid())
    found = folder.stat()
    if found.st_uid != 0:
        return User(uid=found.st_uid, gid=found.st_gid)
    return nobody()


def nobody() -> User:
    found = pwd.getpwnam("nobody")
    return User(uid=found.pw_uid, gid=found.pw_gid)


def path_for_child(folder: Path) -> str:
    """How a child that was started for `folder` names it.

    Under /root there is no way for the other user, but a folder that is handed over open needs
    none. PostgreSQL only has to be told of it by a name that holds for each of its processes.
    """
    if os.geteuid() == 0 and sys.platform == "linux":
        return f"/proc/self/fd/{become.FOLDER_FD}"
    return str(folder)


async def spawn(
    command: Sequence[str | Path],
    *,
    folder: Path,
    user: User,
    stdin: int = subprocess.DEVNULL,
    output: "int | IO[bytes]",
) -> asyncio.subprocess.Process:
    """Start a program that works on `folder`. It ends when the thread that called this ends."""
    return await asyncio.create_subprocess_exec(
        *_become(command, folder=folder, user=user),
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=_environment(),
    )


async def run(
    command: Sequence[str | Path], *, folder: Path, user: User, stdin: bytes = b""
) -> tuple[int, str]:
    """Run a program to its end; its exit code and all that it said."""
    process = await spawn(
        command, folder=folder, user=user, stdin=subprocess.PIPE, output=subprocess.PIPE
    )
    try:
        said, _ = await process.communicate(stdin)
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return process.returncode, said.decode(errors="replace")


def can_run(command: Sequence[str | Path], *, user: User) -> bool:
    """Whether that user can reach and start the program."""
    if user.uid == os.geteuid():
        return True
    attempt = _become(command, folder=Path("/"), user=user)
    try:
        ended = subprocess.run(  # noqa: S603 - The programs of this very machine.
            attempt, env=_environment(), capture_output=True, timeout=30, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0


def _become(command: Sequence[str | Path], *, folder: Path, user: User) -> list[str]:
    script = [sys.executable, "-I", "-S", become.__file__]
    place = [str(os.getpid()), str(folder), str(user.uid), str(user.gid)]
    return [*script, *place, *map(str, command)]


def _environment() -> dict[str, str]:
    """Nothing of ours is the server's business; in English, because we read its complaints."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
