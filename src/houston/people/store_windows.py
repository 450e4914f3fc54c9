"""Windows that CRMs open into the console, on disk."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, KeyId


async def add(
    tx: Tx,
    window: UUID,
    account: AccountId,
    key: KeyId,
    user: str,
    name: str,
    chats: Sequence[str] | None,
    roles: str | None,
    shown: str,
    link_hash: bytes,
    link_expires_at: datetime,
) -> None:
    await tx.execute(
        "insert into windows (id, account_id, key_id, user_id, user_name, chats, roles, shown, link_hash,"
        " link_expires_at) values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9, $10)",
        window,
        account,
        key,
        user,
        name,
        chats,
        roles,
        shown,
        link_hash,
        link_expires_at,
    )


async def forget_old(tx: Tx, account: AccountId, now: datetime) -> None:
    """Drop what nobody can open any more."""
    await tx.execute(
        "delete from windows where account_id = $1 and link_expires_at < $2"
        " and coalesce(expires_at, link_expires_at) < $2",
        account,
        now,
    )


async def take_link(
    tx: Tx, link_hash: bytes, now: datetime, bearer_hash: bytes, expires_at: datetime
) -> Row | None:
    """Use a link up; None when it is unknown, used or too old, or its key was revoked."""
    return await tx.fetchrow(
        "update windows w set bearer_hash = $3, expires_at = $4 from api_keys k"
        " where w.link_hash = $1 and w.link_expires_at > $2 and w.bearer_hash is null"
        " and k.id = w.key_id and k.revoked_at is null"
        " returning w.user_id, w.user_name, w.shown",
        link_hash,
        now,
        bearer_hash,
        expires_at,
    )


async def opened(tx: Tx, bearer_hash: bytes, now: datetime) -> Row | None:
    """The window that a bearer is known by, with what its key may; None when it is closed."""
    return await tx.fetchrow(
        "select w.account_id, w.key_id, w.user_id, w.user_name, w.chats, w.roles, k.scopes"
        " from windows w join api_keys k on k.id = w.key_id"
        " where w.bearer_hash = $1 and w.expires_at > $2 and k.revoked_at is null",
        bearer_hash,
        now,
    )
