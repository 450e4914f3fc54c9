"""What a CRM gave for a connection and goes on changing, sealed, by name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from houston.kernel.db import Tx
from houston.kernel.ids import ConnectionId


async def all_of(tx: Tx, connection: ConnectionId) -> dict[str, bytes]:
    rows = await tx.fetch(
        "select name, sealed from crm_memory where connection_id = $1",
        connection,
    )
    return {row["name"]: row["sealed"] for row in rows}


async def put(tx: Tx, connection: ConnectionId, name: str, sealed: bytes | None) -> None:
    """Keep it, or (None) forget it."""
    if sealed is None:
        await tx.execute(
            "delete from crm_memory where connection_id = $1 and name = $2", connection, name
        )
        return
    await tx.execute(
        "insert into crm_memory (connection_id, name, sealed) values ($1, $2, $3)"
        " on conflict (connection_id, name) do update set sealed = excluded.sealed",
        connection,
        name,
        sealed,
    )


async def one(tx: Tx, connection: ConnectionId, name: str) -> bytes | None:
    sealed: bytes | None = await tx.fetchval(
        "select sealed from crm_memory where connection_id = $1 and name = $2", connection, name
    )
    return sealed


@asynccontextmanager
async def alone(tx: Tx, connection: ConnectionId, name: str) -> AsyncIterator[None]:
    """Nobody else, on any node, is in such a block of the same name. A lost connection ends it."""
    key = f"{connection} {name}"
    await tx.execute("select pg_advisory_lock(hashtextextended($1, 0))", key)
    try:
        yield
    finally:
        await tx.execute("select pg_advisory_unlock(hashtextextended($1, 0))", key)
