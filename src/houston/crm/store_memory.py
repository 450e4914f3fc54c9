"""What a CRM gave for a connection and goes on changing, sealed, by name."""

from houston.kernel.db import Tx
from houston.kernel.ids import ConnectionId


async def all_of(tx: Tx, connection: ConnectionId) -> dict[str, bytes]:
    rows = await tx.fetch(
        "select name, sealed from crm_memory where connection_id = $1 and sealed is not null",
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


async def lock(tx: Tx, connection: ConnectionId, name: str) -> bytes | None:
    """What is remembered, to be changed by this transaction alone."""
    await tx.execute(
        "insert into crm_memory (connection_id, name) values ($1, $2) on conflict do nothing",
        connection,
        name,
    )
    sealed: bytes | None = await tx.fetchval(
        "select sealed from crm_memory where connection_id = $1 and name = $2 for update",
        connection,
        name,
    )
    return sealed
