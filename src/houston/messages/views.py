"""Chats, messages and queues as the native interface shows them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from houston.channels.shown import shown
from houston.channels.state import Policy, Status
from houston.channels.status import POLICY, may_send
from houston.channels.store import Channel
from houston.channels.views import QueueView
from houston.kernel.content import content_at
from houston.kernel.db import Row, Tx
from houston.kernel.ids import ChannelId, ChatId, MessageId, PersonId
from houston.kernel.words import LANGUAGE
from houston.messages import store_reactions, store_reading
from houston.messages.faults import fault_words
from houston.messages.line import kind_of
from houston.messages.rules import Direction, MessageStatus, composer
from houston.messages.search import excerpt
from houston.messages.sender import Sender
from houston.messages.store import Body, decode_body


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture, a document or anything else that lies at an http(s) address, to be sent."""

    uri: str


class ContentView(msgspec.Struct, frozen=True):
    """A picture, a sound, a film or any other file of a message."""

    kind: str
    """image, audio, video, or document."""
    uri: str | None
    """Where it opens, without a key; null while it is not here."""
    mime: str | None
    name: str | None
    bytes: int | None
    state: str
    """here; `fetching`, when WhatsApp has announced it and it is still on its way; `lost`, when it
    was not retrieved and never will be."""
    fault: str | None
    """Why it is lost."""


class Fault(msgspec.Struct, frozen=True):
    """Why a message is not sent, or not yet."""

    code: str
    text: str


class ReactionView(msgspec.Struct, frozen=True):
    """An emoji that somebody has put on a message."""

    emoji: str
    by: str
    """`person`: the other side; `channel`: the number itself, through Houston or on its phone."""
    author: str | None
    """The address of the person; null for the channel."""
    name: str | None
    """What the person is called; of the channel, who did it in Houston, if they said."""
    at: datetime


class ReactingView(msgspec.Struct, frozen=True):
    """What was asked of the channel's own reaction, and is not done. Only the last wish counts."""

    emoji: str | None
    """null takes it off."""
    status: str
    """queued or sending; failed, with `error`."""
    error: Fault | None
    name: str | None
    """Who asked for it, if they said."""
    at: datetime


class MessageView(msgspec.Struct, frozen=True):
    """One message of a chat."""

    id: MessageId
    channel_id: ChannelId
    chat_id: ChatId
    direction: str
    """`incoming`, `outgoing`, or `notice` for Houston's own words in the chat."""
    kind: str
    """`say`; of what waits in a queue also `edit`, `revoke` and `react`, which are about another message."""
    author: str | None
    text: str | None
    content: ContentView | None
    quoted_message_id: UUID | None
    status: str
    """queued, sending, uncertain, sent, failed, delivered, read, cancelled; received, notice."""
    waits_for: str | None
    """The channel's status that holds a queued message back; null when nothing does."""
    error: Fault | None
    client_ref: str | None
    retrieved: bool
    """It waited at WhatsApp while the channel was away."""
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    edited_at: datetime | None
    deleted_at: datetime | None
    reactions: list[ReactionView]
    """Everybody's emoji on it, the oldest first; one of each."""
    reacting: ReactingView | None


class ChatView(msgspec.Struct, frozen=True):
    """The talk of a channel with one person."""

    id: ChatId
    channel_id: ChannelId
    phone: str
    name: str | None
    unanswered: int
    last_at: datetime
    last_message: "LastMessage | None"
    composer: str
    """What pressing Enter would do now: `send`, `queue` or `block`."""
    owner_id: PersonId | None
    """Whose chat it is; a seller sees their own and those of nobody."""
    found: "FoundMessage | None" = None
    """What was said that was looked for."""


class ChatCountView(msgspec.Struct, frozen=True):
    """How much there is to see for the caller."""

    chats: int
    unanswered: int
    """Chats in which somebody waits for an answer."""


class LastMessage(msgspec.Struct, frozen=True):
    """Enough of a chat's newest message to show it in a list."""

    id: MessageId
    text: str | None
    content: str | None
    """What came with it: image, audio, video, document."""
    direction: str
    status: str
    at: datetime


class FoundMessage(msgspec.Struct, frozen=True):
    """The newest message of a chat with the words that were looked for."""

    id: MessageId
    text: str
    """The part of it around the first of them."""
    direction: str
    at: datetime


class AcceptedView(msgspec.Struct, frozen=True):
    """The message is stored and will be sent; what holds it back, if anything, is said."""

    id: MessageId
    chat_id: ChatId
    status: str
    waits_for: str | None
    repeated: bool
    """An earlier message had the same reference: this is that one, and nothing new was stored."""


class PreviewView(msgspec.Struct, frozen=True):
    """What sending would do. `same_text_waiting` warns before a client is bombarded (law M6)."""

    composer: str
    waits_for: str | None
    same_text_waiting: int
    same_text_since: datetime | None


class CancelledView(msgspec.Struct, frozen=True):
    """The messages that were taken out of the queue; others were already on their way, or gone."""

    cancelled: list[MessageId]


def waits_for(status: Status) -> str | None:
    """The status that holds messages back, or None."""
    return None if POLICY[status] is Policy.SEND else status.value


async def message_views(tx: Tx, rows: Sequence[Row], language: str = LANGUAGE) -> list[MessageView]:
    """Messages of chats with what people and the channel put on them: one question more for all."""
    standing: defaultdict[tuple[UUID, str], list[Row]] = defaultdict(list)
    there = [row for row in rows if row["deleted_at"] is None]
    for one in await store_reactions.standing(tx, there):
        standing[one["chat_id"], one["wire_id"]].append(one)
    return [message_view(row, standing[row["chat_id"], row["wire_id"]], language) for row in rows]


def message_view(row: Row, reactions: Sequence[Row] = (), language: str = LANGUAGE) -> MessageView:
    body, status = decode_body(row["body"]), MessageStatus(row["status"])
    queued = status is MessageStatus.QUEUED
    gone = row["deleted_at"] is not None
    return MessageView(
        id=MessageId(row["id"]),
        channel_id=ChannelId(row["channel_id"]),
        chat_id=ChatId(row["chat_id"]),
        direction=Direction(row["direction"]).name.lower(),
        kind=kind_of(row).value,
        author=row["author_name"] or row["author"] or None,
        text=None if gone else body.text,
        content=None if gone else _content_view(body),
        quoted_message_id=body.quoted,
        status=status.word,
        waits_for=waits_for(Status(row["channel_status"])) if queued else None,
        error=_fault(row, language),
        client_ref=row["client_ref"],
        retrieved=row["retrieved"],
        created_at=row["created_at"],
        sent_at=row["sent_at"],
        delivered_at=row["delivered_at"],
        read_at=row["read_at"],
        edited_at=row["edited_at"],
        deleted_at=row["deleted_at"],
        reactions=[_reaction_view(one) for one in reactions if one["status"] is None],
        reacting=next(
            (_reacting_view(one, language) for one in reactions if one["status"] is not None),
            None,
        ),
    )


def _reaction_view(row: Row) -> ReactionView:
    return ReactionView(
        emoji=row["emoji"],
        by="person" if row["author"] else "channel",
        author=row["author"] or None,
        name=row["author_name"],
        at=row["at"],
    )


def _reacting_view(row: Row, language: str) -> ReactingView:
    return ReactingView(
        emoji=row["emoji"],
        status=MessageStatus(row["status"]).word,
        error=_fault(row, language),
        name=row["author_name"],
        at=row["at"],
    )


def _fault(row: Row, language: str) -> Fault | None:
    code = row["error_code"]
    if code is None:
        return None
    return Fault(code, fault_words(code, row["error_text"] or "", language))


def _content_view(body: Body) -> ContentView | None:
    content = body.content
    if content is None and body.content_uri is not None:
        content = content_at(body.content_uri)
    if content is None:
        return None
    return ContentView(
        kind=content.kind.value,
        uri=content.uri,
        mime=content.mime,
        name=content.name,
        bytes=content.bytes,
        state=content.state.value,
        fault=content.fault,
    )


def chat_view(row: Row, asked: str = "") -> ChatView:
    """`asked` is what was looked for, if anything."""
    return ChatView(
        id=ChatId(row["id"]),
        channel_id=ChannelId(row["channel_id"]),
        phone=row["address"],
        name=row["name"],
        unanswered=row["unanswered"],
        last_at=row["last_at"],
        last_message=_last_message(row),
        composer=composer(POLICY[Status(row["channel_status"])]),
        owner_id=row["owner_id"],
        found=_found_message(row, asked),
    )


def _found_message(row: Row, asked: str) -> FoundMessage | None:
    if row["said_id"] is None:
        return None
    return FoundMessage(
        id=MessageId(row["said_id"]),
        text=excerpt(decode_body(row["said_body"]).text or "", asked),
        direction=Direction(row["said_direction"]).name.lower(),
        at=row["said_at"],
    )


def _last_message(row: Row) -> LastMessage | None:
    if row["last_id"] is None:
        return None
    body = decode_body(row["last_body"])
    content = _content_view(body)
    return LastMessage(
        id=MessageId(row["last_id"]),
        text=body.text,
        content=None if content is None else content.kind,
        direction=Direction(row["last_direction"]).name.lower(),
        status=MessageStatus(row["last_status"]).word,
        at=row["last_created_at"],
    )


class QueueReader:
    """Says what waits in channels and why. Only the node that sends knows of pacing and retries."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def __call__(self, tx: Tx, channels: Sequence[Channel]) -> Mapping[UUID, QueueView]:
        found = await store_reading.queues(tx, [channel.id for channel in channels])
        return {
            channel.id: self._view(channel, found[channel.id])
            for channel in channels
            if channel.id in found
        }

    def _view(self, channel: Channel, row: Row) -> QueueView:
        why, next_try_at = self._why(channel, row)
        return QueueView(
            length=row["length"],
            messages=row["messages"],
            head=MessageId(row["head"]),
            waits_for=why,
            since=row["since"],
            next_try_at=next_try_at,
        )

    def _why(self, channel: Channel, row: Row) -> tuple[str | None, datetime | None]:
        if not may_send(channel.state):
            seen = shown(channel.state, row["now"])
            return seen.status.value, seen.next_step_at
        paced = self._sender.paced_until(channel.id)
        if row["not_before"] is not None and row["not_before"] > row["now"]:
            return "retry", row["not_before"]
        return (None, None) if paced is None else ("pacing", paced)
