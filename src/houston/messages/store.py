"""Chats and messages on disk. Every function takes the open transaction; its caller owns it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from houston.kernel.content import Content
from houston.kernel.db import Row, Tx, statement
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, NodeId, PersonId
from houston.messages.rules import Direction, MessageStatus, Settlement

_HERE: Final = "houston.messages"
_ACCEPT: Final = statement(_HERE, "accept")
_TOUCH_ANSWERED: Final = statement(_HERE, "touch_answered")
_WHY_NOT: Final = statement(_HERE, "why_not")
_NEXT_IN_LINE: Final = statement(_HERE, "next_in_line")
_INTEND: Final = statement(_HERE, "intend")
_SETTLE: Final = statement(_HERE, "settle")
_RECEIPTS: Final = statement(_HERE, "receipts")
_RECEIVE: Final = statement(_HERE, "receive")
_COUNT_UNANSWERED: Final = statement(_HERE, "count_unanswered")


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a message says. `target` is the message that an edit, a revocation or a reaction is about."""

    text: str | None = None
    content_uri: str | None = None
    """What an outgoing message was asked to bring."""
    content: Content | None = None
    """What came with a message of the other side."""
    quoted: UUID | None = None
    quoted_wire_id: str | None = None
    target: UUID | None = None
    target_wire_id: str | None = None
    target_author: str | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Body)


def encode_body(body: Body) -> str:
    return _encoder.encode(body).decode()


def decode_body(body: str) -> Body:
    return _decoder.decode(body)


# --- The outbox --------------------------------------------------------------------------------


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that somebody asks to send."""

    id: MessageId
    account: AccountId
    channel: ChannelId
    chat: ChatId
    address: str
    kind: int
    author: str
    client_ref: str | None
    body: Body
    wire_id: str
    clears_unanswered: bool
    repeat_seconds: float | None
    """How long `client_ref` is remembered; None is for ever."""


async def accept(tx: Tx, messages: Sequence[NewMessage], now: datetime) -> list[Row | None]:
    """Store what may be stored; for each message that was, the status of its channel, if that waits for
    a scan, since when, and whether its chat was there before. None for each other one."""
    rows = await tx.fetch(
        _ACCEPT,
        [m.id for m in messages],
        [m.account for m in messages],
        [m.channel for m in messages],
        [m.chat for m in messages],
        [m.address for m in messages],
        [m.kind for m in messages],
        [m.author for m in messages],
        [m.client_ref for m in messages],
        [encode_body(m.body) for m in messages],
        [m.wire_id for m in messages],
        [m.clears_unanswered for m in messages],
        now,
    )
    stored = {row["n"]: row for row in rows}
    return [stored.get(place) for place in range(1, len(messages) + 1)]


async def touch_answered(tx: Tx, messages: Sequence[NewMessage], now: datetime) -> None:
    """Move the chats of messages that were just stored up, and clear their counters.

    A chat that was made with the message stands where it should: it need not be named.
    """
    await tx.execute(
        _TOUCH_ANSWERED, [m.chat for m in messages], [m.clears_unanswered for m in messages], now
    )


async def why_not(tx: Tx, messages: Sequence[NewMessage]) -> list[Row]:
    """For each message that was not stored: an earlier one of its reference, and the gate's word."""
    return list(
        await tx.fetch(
            _WHY_NOT,
            [m.account for m in messages],
            [m.channel for m in messages],
            [m.client_ref for m in messages],
        )
    )


async def release_ref(tx: Tx, message: MessageId) -> None:
    """Let the client's reference of an old message be used once more."""
    await tx.execute("update messages set client_ref = null where id = $1", message)


async def next_in_line(
    tx: Tx, channels: Sequence[ChannelId], busy: Sequence[tuple[ChannelId, ChatId]], limit: int
) -> list[Row]:
    """The oldest open messages of each channel, but of no chat that is busy."""
    return list(
        await tx.fetch(_NEXT_IN_LINE, channels, [b[0] for b in busy], [b[1] for b in busy], limit)
    )


@dataclass(frozen=True, slots=True)
class Intent:
    """The note that a message is about to leave: for which time, and what it says by now."""

    attempt: int
    body: Body


async def intend(
    tx: Tx, intents: Sequence[tuple[MessageId, ChannelId, int]], node: NodeId
) -> dict[UUID, Intent]:
    """Write down that messages are about to leave; those for which that is still allowed."""
    rows = await tx.fetch(
        _INTEND, [i[0] for i in intents], [i[1] for i in intents], [i[2] for i in intents], node
    )
    return {row["id"]: Intent(row["attempts"], decode_body(row["body"])) for row in rows}


async def settle(tx: Tx, outcomes: Sequence[tuple[MessageId, int, Settlement]]) -> set[UUID]:
    """Write down what came of each message's attempt; the ids of the messages that this moved."""
    settlements = [settlement for _, _, settlement in outcomes]
    rows = await tx.fetch(
        _SETTLE,
        [message for message, _, _ in outcomes],
        [attempt for _, attempt, _ in outcomes],
        [int(s.status) for s in settlements],
        [s.open for s in settlements],
        [s.at for s in settlements],
        [s.not_before for s in settlements],
        [s.error_code for s in settlements],
        [s.error_text for s in settlements],
        [s.wire_id for s in settlements],
    )
    return {row["id"] for row in rows}


async def close_target(tx: Tx, target: UUID, text: str | None, now: datetime) -> Row | None:
    """Give a message another text, or (None) mark it as taken back; None when nothing changed."""
    return await tx.fetchrow(
        "update messages m set"
        " body = case when $2::text is null then m.body"
        " else m.body || jsonb_build_object('text', $2::text) end,"
        " edited_at = case when $2::text is null then m.edited_at else $3 end,"
        " deleted_at = case when $2::text is null then $3 else m.deleted_at end"
        " from messages old join chats c on c.id = old.chat_id"
        " where m.id = $1 and old.id = m.id and m.deleted_at is null"
        " returning m.id, m.account_id, m.channel_id, m.chat_id, c.address, old.body ->> 'text' as old_text",
        target,
        text,
        now,
    )


async def cancel(tx: Tx, channel: ChannelId, ids: Sequence[UUID] | None) -> list[Row]:
    """Take messages out of the queue that are not on their way yet; all of them without `ids`."""
    return list(
        await tx.fetch(
            "update messages m set status = $3, open = false from chats c"
            " where m.channel_id = $1 and m.open and m.status = 0 and c.id = m.chat_id"
            " and ($2::uuid[] is null or m.id = any($2))"
            " returning m.id, m.chat_id, c.address, m.client_ref",
            channel,
            ids,
            int(MessageStatus.CANCELLED),
        )
    )


async def lock_untried(tx: Tx, message: MessageId) -> bool:
    """Keep a message that waits from being sent meanwhile; False when it was tried already."""
    found = await tx.fetchval(
        "select true from messages where id = $1 and open and status = 0 and attempts = 0 for update",
        message,
    )
    return found is True


# --- What comes in -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardMessage:
    """A message from outside, on its way to the disk."""

    id: MessageId
    channel: ChannelId
    chat: ChatId
    address: str
    direction: Direction
    author: str
    author_name: str | None
    body: Body
    wire_id: str
    at: datetime
    retrieved: bool


async def receive(tx: Tx, messages: Sequence[HeardMessage]) -> dict[UUID, AccountId]:
    """Store what is new; its account for each message that was."""
    rows = await tx.fetch(
        _RECEIVE,
        [m.id for m in messages],
        [m.channel for m in messages],
        [m.chat for m in messages],
        [m.address for m in messages],
        [int(m.direction) for m in messages],
        [m.author for m in messages],
        [m.author_name for m in messages],
        [encode_body(m.body) for m in messages],
        [m.wire_id for m in messages],
        [m.at for m in messages],
        [m.retrieved for m in messages],
    )
    return {row["id"]: AccountId(row["account_id"]) for row in rows}


async def fill_content(
    tx: Tx, chat: ChatId, author: str, wire_id: str, content: Content
) -> Row | None:
    """Put down what has become of a message's content; None when that is not news."""
    return await tx.fetchrow(
        "update messages m set body = m.body || jsonb_build_object('content', $4::jsonb)"
        " from chats c where m.chat_id = $1 and m.author = $2 and m.wire_id = $3 and c.id = m.chat_id"
        " and m.body -> 'content' ->> 'state' = 'fetching'"
        " returning m.id, m.account_id, m.channel_id, m.chat_id, c.address, m.author, m.author_name,"
        " m.body ->> 'text' as text, m.direction, m.created_at",
        chat,
        author,
        wire_id,
        _encoder.encode(content).decode(),
    )


async def count_unanswered(tx: Tx, chats: dict[ChatId, tuple[int, bool]]) -> None:
    """Move the counters: for each chat, how many came since the last answer in this batch, and
    whether there was one."""
    await tx.execute(
        _COUNT_UNANSWERED,
        list(chats),
        [count for count, _ in chats.values()],
        [answered for _, answered in chats.values()],
    )


async def mark_receipts(
    tx: Tx, receipts: Sequence[tuple[ChatId, str, MessageStatus, datetime]]
) -> list[Row]:
    """Move messages to delivered or read; those that really moved."""
    return list(
        await tx.fetch(
            _RECEIPTS,
            [r[0] for r in receipts],
            [r[1] for r in receipts],
            [int(r[2]) for r in receipts],
            [r[3] for r in receipts],
        )
    )


async def mark(tx: Tx, account: AccountId, chat: ChatId, unanswered: int) -> ChannelId | None:
    """Set a chat's counter; the chat's channel, or None when the account has no such chat."""
    found = await tx.fetchval(
        "update chats set unanswered = $3 where id = $1 and account_id = $2 returning channel_id",
        chat,
        account,
        unanswered,
    )
    return None if found is None else ChannelId(found)


async def by_wire_id(tx: Tx, chat: ChatId, author: str, wire_id: str) -> MessageId | None:
    """Our id of a message that the messenger names."""
    found = await tx.fetchval(
        "select id from messages where chat_id = $1 and author = $2 and wire_id = $3",
        chat,
        author,
        wire_id,
    )
    return None if found is None else MessageId(found)


async def call_houston(
    tx: Tx,
    channel: ChannelId,
    occurrence: str,
    text: str,
    now: datetime,
    chats: Sequence[UUID] | None,
) -> list[Row]:
    """Put Houston's notice into chats, once per occurrence; into all that wait without `chats`.

    Into none when the account has curators for that (law C5).
    """
    return list(
        await tx.fetch(
            "insert into messages (id, account_id, channel_id, chat_id, direction, author, body, wire_id,"
            " open, status, created_at)"
            " select gen_random_uuid(), c.account_id, c.channel_id, c.id, 2, 'houston',"
            " jsonb_build_object('text', $3::text), $2, false, 11, $4"
            " from chats c where c.channel_id = $1 and (c.id = any($5) or $5::uuid[] is null and exists"
            " (select from messages m where m.channel_id = $1 and m.chat_id = c.id and m.open))"
            " and not exists (select from channels_told_to_curators t where t.id = $1)"
            " on conflict do nothing returning account_id, chat_id,"
            " (select address from chats where chats.id = messages.chat_id) as address",
            channel,
            f"houston:{occurrence}",
            text,
            now,
            chats,
        )
    )


async def decide(tx: Tx, message: MessageId, status: MessageStatus, now: datetime) -> bool:
    """A person says what became of an uncertain message; False when it is not uncertain."""
    return bool(
        await tx.fetchval(
            """
            update messages
            set
                status = $2, open = $5, not_before = null, error_code = null, error_text = null,
                sent_at = case when $5 then null else $4::timestamptz end
            where id = $1 and status = $3
            returning true
            """,
            message,
            int(status),
            int(MessageStatus.UNCERTAIN),
            now,
            status is MessageStatus.QUEUED,
        )
    )


async def claim(tx: Tx, chat: ChatId, person: PersonId) -> bool:
    """Whether a chat that was nobody's is the person's own now."""
    done = await tx.execute(
        "update chats set owner_id = $2 where id = $1 and owner_id is null", chat, person
    )
    return done == "UPDATE 1"


async def give(tx: Tx, chat: ChatId, person: PersonId | None) -> None:
    await tx.execute("update chats set owner_id = $2 where id = $1", chat, person)
