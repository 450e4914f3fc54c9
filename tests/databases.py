"""A PostgreSQL that lives as long as the test run, and makes a database in a few milliseconds."""

import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Final

import asyncpg
from anyio.from_thread import BlockingPortal, start_blocking_portal

from houston.kernel import db, postgres
from houston.kernel.clock import SystemClock

_MEMORY: Final = Path("/dev/shm")
_MEMORY_BYTES_MIN: Final = 4 * 2**30
"""Four servers at a time, each with its share of logs."""


class Databases:
    """Makes databases and drops them again."""

    def __init__(self, dsn: str, portal: BlockingPortal) -> None:
        self._dsn = dsn
        self._portal = portal
        self._numbers = count()
        self._admin = portal.call(asyncpg.connect, dsn)
        self.migrated = cache(self._migrated)

    @contextmanager
    def fresh(self, template: str = "template0") -> Iterator[str]:
        """The address of a new database, dropped afterwards whoever still uses it."""
        name = f"test_{next(self._numbers)}"
        self._run(f"create database {name} template {template}")
        try:
            yield self._address(name)
        finally:
            self._run(f"drop database {name} with (force)")

    def close(self) -> None:
        self._portal.call(self._admin.close)

    def _migrated(self) -> str:
        """The name of a database with Houston's tables, made once for the whole run."""
        self._run("create database migrated template template0")
        self._portal.call(_migrate, self._address("migrated"))
        return "migrated"

    def _address(self, name: str) -> str:
        return self._dsn.replace("@/houston?", f"@/{name}?")

    def _run(self, statement: str) -> None:
        self._portal.call(self._admin.execute, statement)


@contextmanager
def memory_or(folder: Path) -> Iterator[Path]:
    """A folder in memory where there is enough of it, else this one.

    A database for each test means files made and removed by the thousand, and no test pulls the plug.
    """
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _MEMORY_BYTES_MIN:
        yield folder
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY, prefix="houston-tests-") as made:
        yield Path(made)


@contextmanager
def serve(folder: Path) -> Iterator[Databases]:
    """Run a server in a thread of its own."""
    begin: Callable[[], Awaitable[postgres.EmbeddedPostgres]] = partial(
        postgres.start, folder, bin_dir=None, clock=SystemClock()
    )
    with start_blocking_portal() as portal:
        server = portal.call(begin)
        databases = Databases(server.dsn, portal)
        try:
            yield databases
        finally:
            databases.close()
            portal.call(server.stop)


async def _migrate(dsn: str) -> None:
    database = await db.connect(dsn)
    await db.migrate(database)
    await database.close()
