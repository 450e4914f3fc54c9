"""The data folder of the embedded PostgreSQL: one Houston at a time, made whole or not at all.

DATA_DIR/houston.lock     held by the Houston that runs here
DATA_DIR/pg18/            the data of PostgreSQL 18, closed to all but the user that it runs as
DATA_DIR/postgres.log     what PostgreSQL has to say
"""

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from houston.kernel.errors import Conflict, DatabaseMissing
from houston.kernel.postgres.binaries import Programs, lend
from houston.kernel.postgres.child import User, nobody, path_for_child, run, user_for
from houston.kernel.postgres.orphan import PORT

NAME = "houston"
"""Of the database and of the one role."""
_SOCKET_PATH_BYTES_MAX = 107
_LOG_BYTES_MAX = 10 * 1024**2


@dataclass(frozen=True, kw_only=True)
class Folder:
    """Where the data are, which programs are for them, and as whom these run."""

    data: Path
    programs: Programs
    user: User

    @property
    def log(self) -> Path:
        return self.data.parent / "postgres.log"


def claim(data_dir: Path) -> IO[str]:
    """Be the one Houston that uses this folder, until the returned file is closed or we die.

    Raises:
        Conflict: another Houston has it.
        DatabaseMissing: the folder cannot be made or written.
    """
    with _explained(data_dir):
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "houston.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            cure = "Stop it, or choose another folder with HOUSTON_DATA_DIR or --data."
            raise Conflict(f"Another Houston runs on {data_dir}", cure) from error
    return lock


def settle(data_dir: Path, found: list[Programs]) -> Folder:
    """Which data, by which programs, as whom.

    Raises:
        DatabaseMissing: the data are another version's or another user's.
    """
    data_dir = data_dir.absolute()
    programs = _fitting(data_dir, found)
    data = data_dir / f"pg{programs.major}"
    user = _user_of(data) if data.exists() else _user_to_make(data_dir)
    return Folder(data=data, programs=lend(programs, user, data_dir), user=user)


def _user_of(data: Path) -> User:
    user, owner = user_for(data), data.stat().st_uid
    if owner != user.uid:
        raise DatabaseMissing(
            f"{data} belongs to user {owner}, but Houston runs as user {user.uid}. Run it as"
            f" {owner}, or give the folder away with chown"
        )
    return user


def _user_to_make(data_dir: Path) -> User:
    """Only a user with a name can make a database; a volume of a container may have none."""
    user = user_for(data_dir)
    if user.name:
        return user
    if os.geteuid() == 0:
        return nobody()
    raise DatabaseMissing(
        f"The user id {user.uid} has no name, and initdb insists on one. Add it to /etc/passwd,"
        " or run Houston as a user who has one"
    )


def _fitting(data_dir: Path, found: list[Programs]) -> Programs:
    """The programs for the data that are there; the best ones when there are none yet."""
    there = sorted(path.name for path in data_dir.glob("pg[0-9][0-9]") if path.is_dir())
    for programs in found:
        if f"pg{programs.major}" in there:
            return programs
    if there:
        versions = " and ".join(f"PostgreSQL {name.removeprefix('pg')}" for name in there)
        here = " and ".join(sorted({str(programs.major) for programs in found}))
        raise DatabaseMissing(
            f"{data_dir} holds data of {versions}, but the programs found are of {here}. Name a"
            " folder with the right ones in HOUSTON_POSTGRES_BIN, or move the data as"
            " docs/why/embedded-postgres.md tells"
        )
    return found[0]


async def create(folder: Folder) -> None:
    """Make the database, under another name until it is complete.

    Raises:
        DatabaseMissing: PostgreSQL could not, and says why.
    """
    half = folder.data.with_name(f"{folder.data.name}.half")
    with _explained(half):
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        os.chown(half, folder.user.uid, folder.user.gid)
    there = path_for_child(half)
    make = [str(folder.programs.initdb), "-D", there, *_initdb(folder.programs)]
    await _must_run(folder, half, make)
    add = [str(folder.programs.postgres), "--single", "-D", there, "postgres"]
    await _must_run(folder, half, add, f"create database {NAME};\n".encode())
    half.rename(folder.data)


def _initdb(programs: Programs) -> list[str]:
    """Nobody but its owner and root can reach the socket, so nobody is asked who they are.

    Text sorts by code point, on every machine and for ever the same. From version 17 PostgreSQL has
    a table of letters of its own, which knows that a Cyrillic letter can be small or capital.
    """
    letters = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        *("-U", NAME, "-A", "trust", "-E", "UTF8", "--locale=C"),
        *(letters if programs.major >= 17 else []),
        *("--data-checksums", "--no-instructions"),
    ]


async def _must_run(folder: Folder, place: Path, command: list[str], stdin: bytes = b"") -> None:
    code, said = await run(command, folder=place, user=folder.user, stdin=stdin)
    if code or "ERROR:" in said:
        shutil.rmtree(place, ignore_errors=True)
        raise failure(f"The database in {folder.data} could not be made", said)


def failure(what: str, said: str) -> DatabaseMissing:
    """What went wrong, with PostgreSQL's own last words."""
    last = " | ".join(line.strip() for line in said.splitlines()[-4:] if line.strip())
    if "No space left" in said:
        what = f"{what}: the disk is full. Free some space"
    return DatabaseMissing(f"{what}. PostgreSQL says: {last or 'nothing'}")


def address(data: Path) -> str:
    """Where clients connect: the socket in the data folder."""
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(_way(data)))}&port={PORT}"


def _way(data: Path) -> Path:
    """The data folder, or a short way to it: the system takes no long path of a socket.

    PostgreSQL itself is not concerned, because it names the socket from within the folder.
    """
    if _fits(data):
        return data
    ours = Path(tempfile.gettempdir()) / f"houston-{os.getuid()}"
    way = ours / hashlib.sha256(os.fsencode(data)).hexdigest()[:8]
    if not _fits(way):
        raise DatabaseMissing(
            f"{data} and {way} are too long for a socket. Set TMPDIR to a short one"
        )
    with _explained(ours):
        ours.mkdir(mode=0o700, exist_ok=True)
        found = ours.lstat()
        if found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(errno.EACCES, "it is not only ours")
        way.unlink(missing_ok=True)
        way.symlink_to(data)
    return way


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_BYTES_MAX


def open_log(folder: Folder) -> IO[bytes]:
    """PostgreSQL's words, for the person who looks for a cause; of old ones, one file is kept."""
    with _explained(folder.log):
        if folder.log.exists() and folder.log.stat().st_size > _LOG_BYTES_MAX:
            folder.log.replace(folder.log.with_name("postgres.log.old"))
        return open(os.open(folder.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab")


def last_words(folder: Folder) -> str:
    """The end of the log."""
    with folder.log.open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
        return log.read().decode(errors="replace")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the machine refuses into an error that says what to do.

    Raises:
        DatabaseMissing: always in place of OSError.
    """
    owner = "Make it belong to the user who runs Houston, or choose another with HOUSTON_DATA_DIR"
    try:
        yield
    except OSError as error:
        cure = {
            errno.ENOSPC: "Free some space on that disk",
            errno.EACCES: owner,
            errno.EPERM: owner,
            errno.EROFS: "Choose a folder on a disk that can be written, with HOUSTON_DATA_DIR",
        }.get(error.errno or 0, "Choose another folder with HOUSTON_DATA_DIR or --data")
        raise DatabaseMissing(f"{path} cannot be used: {error.strerror}. {cure}") from error
