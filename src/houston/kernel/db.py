"""The way to PostgreSQL: a pool, transactions, and numbered migrations that are never edited."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from importlib.resources.abc import Traversable
from typing import cast

import asyncpg
import structlog

from houston.kernel.errors import DatabaseMissing
from houston.kernel.sentence import Sentence, say

log = structlog.get_logger(__name__)

Row = asyncpg.Record
_MIGRATIONS_LOCK = 0x40057011  # Any number, as long as all nodes agree on it.
_OLDEST_POSTGRES = 15
_MIGRATION = re.compile(r"(\d{4})_\w+\.sql")

Tx = asyncpg.Connection
"""An open transaction. Functions of a `store.py` take one; who called them owns it."""

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # It is shutting down, crashed, or not up yet.
    asyncpg.TransactionRollbackError,  # A deadlock, which the other side won.
    asyncpg.InsufficientResourcesError,  # Its disk is full, or its memory or connections are used up.
    asyncpg.PostgresSystemError,  # Its disk fails.
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # What asyncpg says when a connection breaks amid a statement.
    OSError,
    TimeoutError,
)
"""The database went away or gave our transaction up. Trying again later is right; whether the
transaction committed is unknown."""

BAD_VALUE = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, UnicodeEncodeError)
"""A value cannot be stored. The transaction certainly did not commit."""


def lost_how(error: Exception) -> Sentence:
    """What one of LOST means, in the words of those who asked for something."""
    if isinstance(error, asyncpg.DiskFullError):
        return say("The disk of the database is full")
    return say("The database does not answer")


_SESSION = {
    "application_name": "houston",
    "jit": "off",
    # The feed is read below the oldest transaction, so one that was left behind holds everybody back.
    "idle_in_transaction_session_timeout": "60s",
}


class Database:
    """A bounded number of connections, shared by everybody in this process."""

    def __init__(self, pool: "asyncpg.Pool", dsn: str) -> None:
        self._pool = pool
        self.dsn = dsn

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """All of it happens, or nothing."""
        async with self._pool.acquire() as connection, connection.transaction():
            yield cast(Tx, connection)

    @asynccontextmanager
    async def single(self) -> AsyncIterator[Tx]:
        """A connection for single statements, each a transaction of its own; spares two round trips."""
        async with self._pool.acquire() as connection:
            yield cast(Tx, connection)

    async def close(self) -> None:
        """Close what is idle at once and what is busy after two seconds."""
        try:
            async with asyncio.timeout(2):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


async def connect(dsn: str, *, connections_max: int = 10) -> Database:
    """Open the pool.

    Raises:
        DatabaseMissing: nobody answers there, or its version is too old.
    """
    try:
        pool = await asyncpg.create_pool(
            dsn,
            min_size=2,
            max_size=connections_max,
            timeout=10,
            command_timeout=60,
            max_inactive_connection_lifetime=0,
            server_settings=_SESSION,
            reset=_nothing_to_reset,
        )
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise DatabaseMissing(f"PostgreSQL does not answer: {error}") from error
    assert pool is not None
    async with pool.acquire() as connection:
        major = connection.get_server_version().major
    if major < _OLDEST_POSTGRES:
        await pool.close()
        raise DatabaseMissing(f"PostgreSQL {major} is too old: Houston needs {_OLDEST_POSTGRES}")
    return Database(pool, dsn)


async def _nothing_to_reset(_: object) -> None:
    """An open transaction is rolled back before this. Nobody leaves anything else behind: settings, locks
    and cursors all end with their transaction. The driver's own reset is a round trip for each use."""


async def migrate(database: Database) -> list[str]:
    """Bring the tables up to date; the names of the migrations that had to run.

    Several nodes may start at once: the first one works, the others wait and find nothing to do.
    """
    async with database.transaction() as tx:
        await tx.execute("select pg_advisory_xact_lock($1)", _MIGRATIONS_LOCK)
        await tx.execute(
            "create table if not exists migrations"
            " (number integer primary key, name text not null, at timestamptz not null default now())"
        )
        done = {row["number"] for row in await tx.fetch("select number from migrations")}
        pending = [file for file in migrations() if int(file.name[:4]) not in done]
        for file in pending:
            await tx.execute(file.read_text("utf-8"))
            await tx.execute(
                "insert into migrations (number, name) values ($1, $2)",
                int(file.name[:4]),
                file.name,
            )
            log.info("migrated", name=file.name)
    return [file.name for file in pending]


def migrations() -> list[Traversable]:
    """All migrations that this version of Houston knows, in their order."""
    folder = resources.files("houston.kernel") / "migrations"
    files = [file for file in folder.iterdir() if _MIGRATION.fullmatch(file.name)]
    return sorted(files, key=lambda file: file.name)


def statement(package: str, name: str) -> str:
    """A long statement that lies in a file of its own, beside the store that uses it."""
    return (resources.files(package) / "sql" / f"{name}.sql").read_text("utf-8")
