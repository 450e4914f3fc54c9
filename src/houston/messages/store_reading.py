"""What stands in chats and queues, for those who look: nothing here changes anything (law S12)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from houston.channels.state import Status
from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, PersonId
from houston.people.rules import EVERYWHERE, Sight


async def account_of(tx: Tx, channel: ChannelId) -> AccountId | None:
    """Whose channel it is; None when there is none."""
    found = await tx.fetchval("select account_id from channel_gate where id = $1", channel)
    return None if found is None else AccountId(found)


async def message(tx: Tx, account: AccountId, message: MessageId) -> Row | None:
    """A message with the address of its chat."""
    return await tx.fetchrow(
        "select m.*, c.address, c.owner_id, g.status as channel_status, g.transport"
        " from messages m join chats c on c.id = m.chat_id join channel_gate g on g.id = m.channel_id"
        " where m.id = $1 and m.account_id = $2",
        message,
        account,
    )


async def on_the_wire(tx: Tx, known: Sequence[tuple[ChatId, str]]) -> list[Row]:
    """Messages by their chat and the id that WhatsApp knows them by, with their text."""
    return await tx.fetch(
        "select m.id, m.chat_id, m.wire_id, m.body ->> 'text' as text"
        " from unnest($1::uuid[], $2::text[]) as k (chat_id, wire_id) join messages m using (chat_id, wire_id)",
        [chat for chat, _ in known],
        [wire_id for _, wire_id in known],
    )


async def queues(tx: Tx, channels: Sequence[ChannelId]) -> dict[UUID, Row]:
    """What waits in each of many queues; channels in which nothing waits are left out."""
    rows = await tx.fetch(
        """
        select q.channel_id, q.length, q.messages, q.since, now() as now, head.id as head, head.not_before
        from (
            select channel_id, count(*) as length, count(*) filter (where kind = 0) as messages,
                min(created_at) as since
            from messages
            where channel_id = any($1) and open
            group by channel_id
        ) q
        cross join lateral (
            select id, not_before from messages m
            where m.channel_id = q.channel_id and m.open
            order by seq limit 1
        ) head
        """,
        channels,
    )
    return {row["channel_id"]: row for row in rows}


async def waiting(
    tx: Tx, account: AccountId, channel: ChannelId, limit: int, seller: PersonId | None = None
) -> list[Row]:
    """The messages of a queue, in order; without those in the chats of a seller's colleagues."""
    return list(
        await tx.fetch(
            """
            select m.*, g.status as channel_status
            from messages m join channel_gate g on g.id = m.channel_id
            where m.channel_id = $1 and m.account_id = $2 and m.open
                and ($4::uuid is null or not exists (
                    select from chats c where c.id = m.chat_id and c.owner_id <> $4
                ))
            order by m.seq limit $3
            """,
            channel,
            account,
            limit,
            seller,
        )
    )


async def status_of(tx: Tx, channel: ChannelId) -> Status:
    """The status that the gate of a channel shows."""
    return Status(await tx.fetchval("select status from channel_gate where id = $1", channel))


async def heads(tx: Tx, channels: Sequence[ChannelId]) -> list[ChannelId]:
    """Those of the channels in which something waits: one step into the index for each."""
    rows = await tx.fetch(
        """
        select c.id
        from unnest($1::uuid[]) as c (id)
        cross join lateral (
            select from messages m where m.channel_id = c.id and m.open limit 1
        ) head
        """,
        channels,
    )
    return [ChannelId(row["id"]) for row in rows]


async def same_text_waiting(tx: Tx, chat: ChatId, text: str) -> Row:
    """Whether the same words already wait for this chat, and since when (law M6)."""
    row = await tx.fetchrow(
        "select count(*) as count, min(created_at) as since from messages"
        " where chat_id = $1 and direction = 1 and kind = 0 and open and body ->> 'text' = $2"
        " and channel_id = (select channel_id from chats where id = $1)",
        chat,
        text,
    )
    assert row is not None
    return row


_CHATS: Final = """
with hits as materialized (
    select m.chat_id, m.id, m.body, m.direction, m.created_at, m.seq
    from messages m
    where message_words(m.body) @@ $14::text::tsquery
        and m.kind = 0 and m.account_id = $1 and m.direction < 2 and m.deleted_at is null
    limit 20000
),
said as (
    select distinct on (chat_id) chat_id, id, body, direction, created_at
    from hits
    order by chat_id, created_at desc, seq desc
)
select c.*, g.status as channel_status, m.id as last_id, m.body as last_body,
    m.direction as last_direction, m.status as last_status, m.created_at as last_created_at,
    said.id as said_id, said.body as said_body, said.direction as said_direction,
    said.created_at as said_at
from chats c
join channel_gate g on g.id = c.channel_id
left join said on said.chat_id = c.id
left join lateral (
    select * from messages m where m.chat_id = c.id and m.kind = 0
    order by m.created_at desc, m.seq desc limit 1
) m on true
where c.account_id = $1
    and g.status <> 'DELETED'
    and ($2::uuid is null or c.channel_id = $2)
    and ($3::text is null or c.name ilike '%' || $3 || '%' or c.address like '%' || $3 || '%'
        or said.id is not null)
    and ($4::bool is null or (c.unanswered > 0) = $4)
    and ($7::uuid is null or c.id = $7)
    and ($8::uuid[] is null or c.channel_id = any($8))
    and ($9::uuid is null or c.owner_id is null or c.owner_id = $9
        or (c.channel_id = any($10)) = $11)
    and ($12::uuid is null or c.owner_id = $12)
    and ($13::text[] is null or c.address = any($13))
order by c.unanswered > 0 desc, c.last_at desc, c.id
limit $5 offset $6
"""


async def chats(
    tx: Tx,
    account: AccountId,
    *,
    chat: ChatId | None = None,
    channel: ChannelId | None = None,
    named: str | None = None,
    said: str | None = None,
    unanswered: bool | None = None,
    owner: PersonId | None = None,
    limit: int = 1,
    offset: int = 0,
    sight: Sight = EVERYWHERE,
) -> list[Row]:
    """Chats with their last message: unanswered ones first, then by time.

    `named` is a pattern of names and numbers. Chats in which a message fits `said`, a query of words,
    are found as well, with the newest such message. Words that stand in tens of thousands of messages
    tell nothing apart: of these, a part is looked at.
    """
    return list(
        await tx.fetch(
            _CHATS,
            account,
            channel,
            named,
            unanswered,
            limit,
            offset,
            chat,
            sight.channels,
            sight.seller,
            sight.listed,
            sight.all_but_listed,
            owner,
            sight.chats,
            said,
        )
    )


async def count_chats(tx: Tx, account: AccountId, sight: Sight) -> Row:
    """How many chats somebody sees, and in how many of them an answer is due."""
    row = await tx.fetchrow(
        """
        select count(*) as chats, count(*) filter (where c.unanswered > 0) as unanswered
        from chats c join channel_gate g on g.id = c.channel_id
        where c.account_id = $1
            and g.status <> 'DELETED'
            and ($2::uuid[] is null or c.channel_id = any($2))
            and ($3::uuid is null or c.owner_id is null or c.owner_id = $3
                or (c.channel_id = any($4)) = $5)
            and ($6::text[] is null or c.address = any($6))
        """,
        account,
        sight.channels,
        sight.seller,
        sight.listed,
        sight.all_but_listed,
        sight.chats,
    )
    assert row is not None
    return row


async def unanswered(tx: Tx, account: AccountId, since: datetime) -> list[Row]:
    """The chats in which somebody waits for an answer and where something was said since."""
    return list(
        await tx.fetch(
            "select c.channel_id, c.address, c.unanswered, c.last_at from chats c"
            " join channel_gate g on g.id = c.channel_id"
            " where c.account_id = $1 and c.last_at >= $2 and c.unanswered > 0"
            " and g.status <> 'DELETED'",
            account,
            since,
        )
    )


async def chat(tx: Tx, account: AccountId, chat: ChatId) -> Row | None:
    """A chat with its channel's status."""
    return await tx.fetchrow(
        "select c.*, g.status as channel_status from chats c join channel_gate g on g.id = c.channel_id"
        " where c.id = $1 and c.account_id = $2",
        chat,
        account,
    )


async def messages(tx: Tx, chat: ChatId, before: MessageId | None, limit: int) -> list[Row]:
    """The newest messages of a chat, or those before a known one; oldest first.

    By the time at which they were said, and by arrival where that is the same: a backlog may
    arrive out of order, and WhatsApp's times are whole seconds.
    """
    return list(
        await tx.fetch(
            """
            select * from (
                select m.*, g.status as channel_status
                from messages m
                join channel_gate g on g.id = m.channel_id
                left join messages edge on edge.id = $2
                where m.chat_id = $1 and m.kind = 0
                    and ($2::uuid is null or (m.created_at, m.seq) < (edge.created_at, edge.seq))
                order by m.created_at desc, m.seq desc
                limit $3
            ) newest
            order by created_at, seq
            """,
            chat,
            before,
            limit,
        )
    )
