"""Takes in what comes from outside: saved first, acknowledged to the messenger after (law I1).

Everything heard goes through one group commit, in the order of hearing, whatever the status is.
"""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Final, cast

import structlog
from msgspec import structs

from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.content import Content, ContentState
from houston.kernel.db import BAD_VALUE, LOST, Database, Row, Tx
from houston.kernel.facts import (
    ContentArrived,
    MessageMoved,
    MessageReceived,
)
from houston.kernel.group_commit import GroupCommit
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, chat_id, new_id
from houston.kernel.missed import MessageMissed, MessagesMissed
from houston.kernel.wake import Topic, Wakes
from houston.messages import store, store_gaps, store_reading
from houston.messages.changes import change
from houston.messages.merging import united
from houston.messages.reactions import react
from houston.messages.rules import (
    EMOJI_CHARACTERS_MAX,
    MISSED_ECHO_TEXT,
    MISSED_TEXT,
    Direction,
    MessageStatus,
    storable,
)
from houston.messages.store import Body, HeardMessage
from houston.messages.store_reactions import Reaction
from houston.transports.events import (
    Echoed,
    Edited,
    Gap,
    Incoming,
    MessageEvent,
    Missed,
    Reacted,
    Receipt,
    ReceiptKind,
    Revoked,
)

log = structlog.get_logger(__name__)

Heard = tuple[ChannelId, MessageEvent]

_RECEIPTS: Final = {
    ReceiptKind.SENT: MessageStatus.SENT,
    ReceiptKind.DELIVERED: MessageStatus.DELIVERED,
    ReceiptKind.READ: MessageStatus.READ,
}


class Receiver:
    """The entrance for everything that the other side says."""

    def __init__(self, database: Database, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._clock = clock
        self._wakes = wakes
        self._commits: GroupCommit[Heard, None] = GroupCommit(self._commit)

    def hear(self, channel: ChannelId, event: MessageEvent) -> Awaitable[None]:
        """Take an event; the awaitable is done when it is on the disk."""
        return self._commits.add((channel, event))

    async def close(self) -> None:
        await self._commits.close()

    async def _commit(self, batch: Sequence[Heard]) -> list[None]:
        while True:
            try:
                await self._save(batch)
                return [None] * len(batch)
            except LOST as error:
                # Nothing was acknowledged, so nothing is lost; but nothing may overtake it either.
                log.warning("receiving_postponed", messages=len(batch), error=str(error))
                await self._clock.sleep(0.5)
            except BAD_VALUE:
                mended = [(channel, storable(event)) for channel, event in batch]
                if len(batch) > 1 or mended == batch:
                    raise  # Each is tried by itself then; only the guilty one comes here again.
                batch = mended

    async def _save(self, batch: Sequence[Heard]) -> None:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            heard, merged = await united(tx, batch, now)
            for kind, run in groupby(heard, key=lambda heard: type(heard[1])):
                await _SAVES[kind](tx, list(run), now)
        for one in merged:
            self._wakes.here(Topic.MERGED, [one.channel, one.old, one.new])
        self._wakes.here(Topic.FEED)


# --- New messages ------------------------------------------------------------------------------


async def _save_messages(tx: Tx, heard: Sequence[Heard], now: datetime) -> None:
    messages = [_message(channel, cast(Incoming | Echoed, event)) for channel, event in heard]
    quotes = await _quotes(tx, messages)
    messages = [_quoting(message, quotes) for message in messages]
    stored = await store.receive(tx, messages)
    fresh = [message for message in messages if message.id in stored]
    if fresh:
        await store.count_unanswered(tx, unanswered(fresh))
        received = [_received(message, stored[message.id], quotes) for message in fresh]
        await feed.write(tx, now, received)
    for message in messages:
        if message.id not in stored:
            await _fill_content(tx, message, now)


Quotes = Mapping[tuple[ChatId, str], tuple[MessageId, str | None]]
"""The id and the text of what is quoted, by its chat and its id on the wire."""


async def _quotes(tx: Tx, messages: Sequence[HeardMessage]) -> Quotes:
    """What is here already stands before what comes together with its quotation: the latter may be a repeat."""
    quoted = [(m.chat, m.body.quoted_wire_id) for m in messages if m.body.quoted_wire_id]
    if not quoted:
        return {}
    together = {(m.chat, m.wire_id): (m.id, m.body.text) for m in messages}
    return together | {
        (ChatId(row["chat_id"]), row["wire_id"]): (MessageId(row["id"]), row["text"])
        for row in await store_reading.on_the_wire(tx, quoted)
    }


def _quoting(message: HeardMessage, quotes: Quotes) -> HeardMessage:
    found = quotes.get((message.chat, message.body.quoted_wire_id or ""))
    if found is None:
        return message
    return replace(message, body=structs.replace(message.body, quoted=found[0]))


async def _fill_content(tx: Tx, message: HeardMessage, now: datetime) -> None:
    """A message is told again when what came with it is there at last, or is given up."""
    content = message.body.content
    if content is None or content.state is ContentState.FETCHING:
        return
    row = await store.fill_content(tx, message.chat, message.author, message.wire_id, content)
    if row is not None:
        await feed.write(tx, now, [_arrived(row, content)])


def _arrived(row: Row, content: Content) -> feed.Entry:
    fact = ContentArrived(
        message_id=MessageId(row["id"]),
        chat_id=ChatId(row["chat_id"]),
        address=row["address"],
        author=row["author"],
        author_name=row["author_name"],
        text=row["text"],
        content=content,
        echo=row["direction"] == Direction.OUTGOING,
        at=row["created_at"],
    )
    return feed.Entry(AccountId(row["account_id"]), ChannelId(row["channel_id"]), fact)


def _message(channel: ChannelId, event: Incoming | Echoed) -> HeardMessage:
    incoming = isinstance(event, Incoming)
    return HeardMessage(
        id=MessageId(new_id()),
        channel=channel,
        chat=chat_id(channel, event.chat),
        address=event.chat,
        direction=Direction.INCOMING if incoming else Direction.OUTGOING,
        author=event.author if isinstance(event, Incoming) else "",
        author_name=event.author_name if isinstance(event, Incoming) else None,
        body=Body(
            text=event.text,
            content=event.content,
            quoted_wire_id=event.quoted_wire_id if isinstance(event, Incoming) else None,
        ),
        wire_id=event.wire_id,
        at=event.sent_at,
        retrieved=event.retrieved,
    )


def unanswered(messages: Iterable[HeardMessage]) -> dict[ChatId, tuple[int, bool]]:
    """For each chat: how many messages came after our last word among these, if there was one."""
    counts: dict[ChatId, tuple[int, bool]] = {}
    for message in messages:
        count, answered = counts.get(message.chat, (0, False))
        ours = message.direction is Direction.OUTGOING
        counts[message.chat] = (0, True) if ours else (count + 1, answered)
    return counts


def _received(message: HeardMessage, account: AccountId, quotes: Quotes) -> feed.Entry:
    quoted = quotes.get((message.chat, message.body.quoted_wire_id or ""), (None, None))
    fact = MessageReceived(
        message_id=message.id,
        chat_id=message.chat,
        address=message.address,
        author=message.author,
        author_name=message.author_name,
        text=message.body.text,
        content_uri=None if message.body.content is None else message.body.content.uri,
        content=message.body.content,
        quoted_wire_id=message.body.quoted_wire_id,
        echo=message.direction is Direction.OUTGOING,
        retrieved=message.retrieved,
        at=message.at,
        quoted_message_id=quoted[0],
        quoted_text=quoted[1],
    )
    return feed.Entry(account, message.channel, fact)


# --- What happens to messages that are there ---------------------------------------------------


async def _save_receipts(tx: Tx, heard: Sequence[Heard], now: datetime) -> None:
    receipts = [
        (chat_id(channel, event.chat), wire_id, _RECEIPTS[event.kind], event.at)
        for channel, event in cast(Sequence[tuple[ChannelId, Receipt]], heard)
        for wire_id in event.wire_ids
    ]
    moved = await store.mark_receipts(tx, receipts)
    await feed.write(tx, now, [entry for row in moved for entry in _steps(row)])


def _steps(row: Row) -> list[feed.Entry]:
    """Every step that a receipt proves, in order: what was read was delivered, and was sent before."""
    before, reached = row["status_before"], row["status"]
    return [
        feed.Entry(
            AccountId(row["account_id"]),
            ChannelId(row["channel_id"]),
            MessageMoved(
                message_id=MessageId(row["id"]),
                chat_id=ChatId(row["chat_id"]),
                address=row["address"],
                status=step.word,
                at=row["read_at"] if step is MessageStatus.READ else row["at"],
                client_ref=row["client_ref"],
            ),
        )
        for step in (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ)
        if before < step <= reached and row["kind"] == 0
    ]


async def _save_changes(tx: Tx, heard: Sequence[Heard], now: datetime) -> None:
    for channel, event in cast(Sequence[tuple[ChannelId, Edited | Revoked]], heard):
        chat = chat_id(channel, event.chat)
        text = event.text if isinstance(event, Edited) else None
        for author in _authors(event):
            target = await store.by_wire_id(tx, chat, author, event.wire_id)
            if target is not None:
                await change(tx, target, text, event.at, now, by_us=author == "")
                break


def _authors(event: Edited | Revoked) -> tuple[str, ...]:
    """Whose message it may be about. The author of a message of ours is nobody.

    In a talk between two, the other one changes only messages of its own.
    """
    return (event.author,) if event.author == event.chat else (event.author, "")


async def _save_reactions(tx: Tx, heard: Sequence[Heard], now: datetime) -> None:
    for channel, event in cast(Sequence[tuple[ChannelId, Reacted]], heard):
        reaction = Reaction(
            chat=chat_id(channel, event.chat),
            wire_id=event.wire_id,
            author=event.author,
            author_name=event.author_name,
            emoji=(event.emoji or "")[:EMOJI_CHARACTERS_MAX] or None,
            at=event.at,
        )
        await react(tx, reaction, now)


async def _save_gaps(tx: Tx, heard: Sequence[Heard], now: datetime) -> None:
    for channel, event in cast(Sequence[tuple[ChannelId, Gap]], heard):
        account = await store_reading.account_of(tx, channel)
        assert account is not None  # A channel is never erased, and this one has a wire.
        await store_gaps.note(tx, channel, event.since, event.until, now)
        fact = MessagesMissed(since=event.since, until=event.until)
        await feed.write(tx, now, feed.entries(account, channel, [fact]))


async def _save_missed(tx: Tx, heard: Sequence[Heard], now: datetime) -> None:
    """The chat says of each that it is missing, once, and waits for somebody to look at the phone."""
    for channel, event in cast(Sequence[tuple[ChannelId, Missed]], heard):
        chat = chat_id(channel, event.chat)
        text = MISSED_TEXT if event.author else MISSED_ECHO_TEXT
        account = await store_gaps.miss(tx, channel, chat, event, text)
        if account is None:
            continue
        if event.author:
            await store.count_unanswered(tx, {chat: (1, False)})
        fact = MessageMissed(
            chat_id=chat, address=event.chat, author=event.author, text=text, at=event.at
        )
        await feed.write(tx, now, feed.entries(account, channel, [fact]))


_SAVES: Final = {
    Incoming: _save_messages,
    Echoed: _save_messages,
    Receipt: _save_receipts,
    Edited: _save_changes,
    Revoked: _save_changes,
    Reacted: _save_reactions,
    Gap: _save_gaps,
    Missed: _save_missed,
}
