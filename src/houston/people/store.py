"""Accounts and API keys on disk."""

from datetime import datetime

from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, KeyId


async def add_account(tx: Tx, account: AccountId, name: str, now: datetime) -> None:
    await tx.execute(
        "insert into accounts (id, name, created_at) values ($1, $2, $3)", account, name, now
    )


async def add_key(
    tx: Tx, key: KeyId, account: AccountId, name: str, key_hash: bytes, now: datetime
) -> None:
    await tx.execute(
        "insert into api_keys (id, account_id, name, hash, created_at) values ($1, $2, $3, $4, $5)",
        key,
        account,
        name,
        key_hash,
        now,
    )


async def account_of_key(tx: Tx, key_hash: bytes, now: datetime) -> Row | None:
    """Whose key it is and its id; None when there is no such key or it was revoked."""
    return await tx.fetchrow(
        "update api_keys set last_used_at = $2 where hash = $1 and revoked_at is null"
        " returning account_id, id",
        key_hash,
        now,
    )


async def account(tx: Tx, account: AccountId) -> Row | None:
    return await tx.fetchrow("select id, name, created_at from accounts where id = $1", account)


async def accounts(tx: Tx) -> list[Row]:
    """All accounts, the oldest first."""
    return list(await tx.fetch("select id, name, created_at from accounts order by created_at, id"))
