"""Stretches of time of which messages may be missing, and single messages that are, on disk."""

from datetime import datetime

from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId, ChatId
from houston.transports.events import Missed


async def note(tx: Tx, channel: ChannelId, since: datetime, until: datetime, now: datetime) -> None:
    """Note a gap; one that is told again is the same."""
    await tx.execute(
        "insert into gaps (channel_id, since, until, noted_at) values ($1, $2, $3, $4)"
        " on conflict do nothing",
        channel,
        since,
        until,
        now,
    )


async def newest(tx: Tx, channel: ChannelId, limit: int) -> list[Row]:
    """The last gaps of a channel, the newest first."""
    return list(
        await tx.fetch(
            "select since, until, noted_at from gaps where channel_id = $1"
            " order by since desc, until desc limit $2",
            channel,
            limit,
        )
    )


async def miss(
    tx: Tx, channel: ChannelId, chat: ChatId, event: Missed, text: str
) -> AccountId | None:
    """Put a notice into the chat, which may begin with it; None when it stands there, or the message does."""
    await tx.execute(
        "insert into chats as c (id, account_id, channel_id, address, ours_first, they_wrote, last_at)"
        " select $1, account_id, id, $3, $4 = '', $4 <> '', $5 from channel_gate where id = $2"
        " on conflict (id) do update set they_wrote = c.they_wrote or excluded.they_wrote,"
        " last_at = greatest(c.last_at, excluded.last_at)",
        chat,
        channel,
        event.chat,
        event.author,
        event.at,
    )
    found = await tx.fetchval(
        "insert into messages (id, account_id, channel_id, chat_id, direction, author, body, wire_id,"
        " open, status, created_at)"
        " select gen_random_uuid(), account_id, id, $1, 2, 'houston', jsonb_build_object('text', $5::text),"
        " $6, false, 11, $7 from channel_gate where id = $2 and not exists"
        " (select from messages where chat_id = $1 and author = $3 and wire_id = $4)"
        " on conflict do nothing returning account_id",
        chat,
        channel,
        event.author,
        event.wire_id,
        text,
        f"missed:{event.author}:{event.wire_id}",
        event.at,
    )
    return None if found is None else AccountId(found)
