"""Links to the codes of channels, on disk."""

from datetime import datetime
from uuid import UUID

from houston.kernel.db import Row, Tx
from houston.kernel.ids import ChannelId, KeyId, PersonId


async def put(
    tx: Tx,
    channel: ChannelId,
    link: UUID,
    token_hash: bytes,
    person: PersonId | None,
    key: KeyId | None,
    expires_at: datetime,
) -> None:
    """The channel's one link from now on."""
    await tx.execute(
        "insert into code_links (channel_id, id, hash, person_id, key_id, expires_at)"
        " values ($1, $2, $3, $4, $5, $6) on conflict (channel_id) do update set id = excluded.id,"
        " hash = excluded.hash, person_id = excluded.person_id, key_id = excluded.key_id,"
        " expires_at = excluded.expires_at, opened_at = null, used_at = null",
        channel,
        link,
        token_hash,
        person,
        key,
        expires_at,
    )


async def withdraw(tx: Tx, channel: ChannelId, now: datetime) -> datetime | None:
    """When the link would have ended; None when there was none that still showed anything."""
    found: datetime | None = await tx.fetchval(
        "delete from code_links where channel_id = $1 and expires_at > $2 and used_at is null"
        " returning expires_at",
        channel,
        now,
    )
    return found


async def found(tx: Tx, token_hash: bytes, now: datetime) -> Row | None:
    """The link of a token and whose channel it is of; None when it is unknown or too old."""
    return await tx.fetchrow(
        "select l.id, l.channel_id, l.person_id, l.key_id, l.opened_at, l.used_at, l.expires_at, c.account_id"
        " from code_links l join channels c on c.id = l.channel_id"
        " where l.hash = $1 and l.expires_at > $2",
        token_hash,
        now,
    )


async def open_first(tx: Tx, link: UUID, now: datetime) -> bool:
    """Whether nobody had opened it before."""
    done = await tx.execute(
        "update code_links set opened_at = $2 where id = $1 and opened_at is null", link, now
    )
    return bool(done == "UPDATE 1")


async def use_up(tx: Tx, channel: ChannelId, now: datetime) -> None:
    """The channel was paired: one link, one pairing."""
    await tx.execute(
        "update code_links set used_at = $2 where channel_id = $1 and used_at is null", channel, now
    )
