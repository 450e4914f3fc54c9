"""What is known of files, on disk. Their contents lie on the shelf."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId, FileId


async def announce(
    tx: Tx,
    file: FileId,
    account: AccountId,
    name: str,
    mime: str,
    link_hash: bytes,
    now: datetime,
) -> None:
    """Note that a file is on its way to the shelf, so that what never arrives is swept away."""
    await tx.execute(
        "insert into files (id, account_id, name, mime, link_hash, created_at)"
        " values ($1, $2, $3, $4, $5, $6)",
        file,
        account,
        name,
        mime,
        link_hash,
        now,
    )


async def account_of(tx: Tx, channel: ChannelId) -> AccountId:
    """Whose a file is that comes in over a channel. A channel with a wire exists."""
    found = await tx.fetchval("select account_id from channel_gate where id = $1", channel)
    return AccountId(found)


async def arrived(tx: Tx, file: FileId, size: int) -> None:
    await tx.execute("update files set bytes = $2 where id = $1", file, size)


async def one(tx: Tx, file: FileId) -> Row | None:
    """A file that has arrived."""
    return await tx.fetchrow(
        "select name, mime, link_hash, bytes from files where id = $1 and bytes is not null", file
    )


async def forgettable(
    tx: Tx, lost_before: datetime, old_before: datetime | None, limit: int
) -> list[FileId]:
    """Files that never arrived whole, and (with `old_before`) those that were kept long enough."""
    rows = await tx.fetch(
        "select id from files where created_at < $1 and (bytes is null or created_at < $2)"
        " order by created_at limit $3",
        lost_before,
        old_before,
        limit,
    )
    return [FileId(row["id"]) for row in rows]


async def forget(tx: Tx, files: Sequence[UUID]) -> None:
    await tx.execute("delete from files where id = any($1)", files)
