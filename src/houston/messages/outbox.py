"""What a caller can ask of the outbox: say something, change it, take it back, cancel what waits.

Both the native interface and the foreign dialects come through here, so that a message means the
same whoever brings it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from houston.channels.state import Status
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Row
from houston.kernel.errors import BadRequest, Conflict, NotFound
from houston.kernel.facts import ChatMarked, MessageMoved
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, chat_id, new_id
from houston.kernel.sentence import say
from houston.kernel.wake import Topic, Wakes
from houston.messages import store, store_merging, store_reactions, store_reading
from houston.messages.acceptor import Accepted, Acceptor
from houston.messages.changes import change
from houston.messages.emojis import check_emoji
from houston.messages.line import kind_number
from houston.messages.rules import (
    CLIENT_REF_CHARACTERS_MAX,
    ON_THE_WIRE,
    Direction,
    MessageStatus,
    check_address,
    check_text,
    check_uri,
    check_writable,
    is_hidden,
    wire_id_of,
)
from houston.messages.store import Body, NewMessage
from houston.transports.transport import OutgoingKind, Transport

NOTHING_TO_QUOTE: Final = NotFound(
    "There is no such message to quote", "Check the id; it must be one of this account"
)
_NOT_YOURS: Final = NotFound(
    "There is no such message", "Check its id; it must be one of this account"
)


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants said. Either `text` or `content_uri`."""

    account: AccountId
    channel: ChannelId
    address: str
    text: str | None = None
    content_uri: str | None = None
    client_ref: str | None = None
    quoted: MessageId | None = None
    author: str = ""
    clears_unanswered: bool = True
    repeat_seconds: float | None = None
    """How long `client_ref` makes a repeat harmless; None is for ever."""


class Outbox:
    """Every way into the queue and out of it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wakes: Wakes,
        acceptor: Acceptor,
        transports: Mapping[str, Transport],
    ) -> None:
        self._transports = transports
        self._database = database
        self._clock = clock
        self._wakes = wakes
        self._acceptor = acceptor

    async def say(self, saying: Saying) -> Accepted:
        """Queue a message.

        Raises:
            BadRequest: it cannot be sent as it is.
            ChannelRefuses: the channel's status refuses it; nothing was stored (law M1).
            NotFound: the account has no such channel, or no such message to quote.
        """
        address = await self._number_of(saying.channel, check_address("chat_id", saying.address))
        body = _said(saying)
        if saying.quoted is not None:
            async with self._database.single() as tx:
                quoted = await store_reading.message(tx, saying.account, saying.quoted)
            if quoted is None:
                raise NOTHING_TO_QUOTE
            body = Body(
                text=body.text,
                content_uri=body.content_uri,
                quoted=saying.quoted,
                quoted_wire_id=quoted["wire_id"],
            )
        return await self._queue(
            saying.account,
            saying.channel,
            chat_id(saying.channel, address),
            address,
            OutgoingKind.SAY,
            body,
            saying,
        )

    async def _number_of(self, channel: ChannelId, address: str) -> str:
        """Where a person is written to: under the number, once it is known."""
        if not is_hidden(address):
            return address
        hidden = chat_id(channel, address)
        async with self._database.single() as tx:
            found = (await store_merging.known(tx, [hidden])).get(hidden)
        return address if found is None else str(found["address"])

    async def edit(
        self, account: AccountId, message: MessageId, text: str, author: str = ""
    ) -> Accepted:
        """Give an outgoing message another text: at once while it waits, else by a message that does so.

        Raises:
            BadRequest: the text cannot be sent.
            NotFound: there is no such message.
            Conflict: it cannot be edited any more.
        """
        text = check_text("text", text)
        row, now = await self._ours(account, message), self._clock.now()
        async with self._database.transaction() as tx:
            waits = await store.lock_untried(tx, message)
            if waits:
                await change(tx, message, text, now, now, by_us=True)
        if waits:
            self._wakes.here(Topic.FEED)
            return _as_it_was(row)
        return await self._about(row, OutgoingKind.EDIT, text, author)

    async def take_back(self, account: AccountId, message: MessageId, author: str = "") -> Accepted:
        """Unsay an outgoing message: cancel it while it waits, else revoke it for everyone.

        Raises:
            NotFound: there is no such message.
            Conflict: it cannot be taken back any more.
        """
        row = await self._ours(account, message)
        if await self.cancel(account, ChannelId(row["channel_id"]), [message]):
            return _as_it_was(row)
        return await self._about(row, OutgoingKind.REVOKE, None, author)

    async def react(
        self, account: AccountId, message: MessageId, emoji: str | None, author: str = ""
    ) -> Accepted:
        """Put the emoji of the channel on a message of either side, or (None) take it off.

        Of what waits to be done to one message, only the last is left.

        Raises:
            BadRequest: it is not one emoji.
            NotFound: there is no such message.
            Conflict: WhatsApp does not have it (yet), or this transport knows no reactions.
        """
        if emoji is not None:
            check_emoji("emoji", emoji)
        row = await self._on_the_wire(account, message)
        accepted = await self._about(row, OutgoingKind.REACT, emoji, author)
        async with self._database.transaction() as tx:
            await store_reactions.supersede(
                tx, accepted.chat, row["wire_id"], newest=accepted.message
            )
        return accepted

    async def cancel(
        self, account: AccountId, channel: ChannelId, ids: Sequence[UUID] | None
    ) -> list[MessageId]:
        """Take messages out of a queue, in any status; without `ids` all that is not on its way.

        Raises:
            NotFound: the account has no such channel.
        """
        now = self._clock.now()
        async with self._database.transaction() as tx:
            if await store_reading.account_of(tx, channel) != account:
                raise NotFound("There is no such channel", "List the channels to see their ids")
            rows = await store.cancel(tx, channel, ids)
            await feed.write(
                tx, now, feed.entries(account, channel, [_cancelled(row, now) for row in rows])
            )
        await self._wakes.everywhere(Topic.QUEUE, [channel])
        return [MessageId(row["id"]) for row in rows]

    async def decide(self, account: AccountId, message: MessageId, *, arrived: bool) -> None:
        """A person says what became of an uncertain message: it arrived, or is to be sent again (M6).

        Raises:
            NotFound: there is no such message.
            Conflict: nothing about it is uncertain.
        """
        row, now = await self._ours(account, message), self._clock.now()
        status = MessageStatus.SENT if arrived else MessageStatus.QUEUED
        channel = ChannelId(row["channel_id"])
        async with self._database.transaction() as tx:
            if not await store.decide(tx, message, status, now):
                raise Conflict("Nothing about this message is uncertain", "Look at its status")
            fact = MessageMoved(
                message_id=message,
                chat_id=ChatId(row["chat_id"]),
                address=row["address"],
                status=status.word,
                at=now,
                client_ref=row["client_ref"],
            )
            await feed.write(tx, now, feed.entries(account, channel, [fact]))
        await self._wakes.everywhere(Topic.QUEUE, [channel])

    async def mark(self, account: AccountId, chat: ChatId, unanswered: int, actor: str) -> None:
        """Set the counter of unanswered messages by hand: "No reply needed", or back.

        Raises:
            NotFound: there is no such chat.
        """
        async with self._database.transaction() as tx:
            channel = await store.mark(tx, account, chat, unanswered)
            if channel is None:
                raise NotFound("There is no such chat", "List the chats to see their ids")
            fact = ChatMarked(chat_id=chat, unanswered=unanswered, actor=actor)
            await feed.write(tx, self._clock.now(), [feed.Entry(account, channel, fact)])
        self._wakes.here(Topic.FEED)

    async def _ours(self, account: AccountId, message: MessageId) -> Row:
        async with self._database.single() as tx:
            row = await store_reading.message(tx, account, message)
        if row is None or row["direction"] != Direction.OUTGOING or row["kind"] != 0:
            raise _NOT_YOURS
        if (
            row["status"] in (MessageStatus.FAILED, MessageStatus.CANCELLED)
            or row["deleted_at"] is not None
        ):
            raise Conflict("The message was never sent or is gone", "Send a new one")
        return row

    async def _on_the_wire(self, account: AccountId, message: MessageId) -> Row:
        """A message that both sides see."""
        async with self._database.single() as tx:
            row = await store_reading.message(tx, account, message)
        if row is None or row["direction"] == Direction.NOTICE or row["kind"] != 0:
            raise _NOT_YOURS
        transport = self._transports.get(row["transport"])
        if transport is not None and not transport.capabilities.react:
            raise Conflict("This kind of channel knows no reactions", "Answer with a message")
        if row["status"] not in ON_THE_WIRE or row["deleted_at"] is not None:
            raise Conflict("WhatsApp does not have the message", "React once it was sent")
        return row

    async def _about(self, row: Row, kind: OutgoingKind, text: str | None, author: str) -> Accepted:
        body = Body(
            text=text,
            target=row["id"],
            target_wire_id=row["wire_id"],
            target_author=row["author"] or None,
        )
        account, channel = AccountId(row["account_id"]), ChannelId(row["channel_id"])
        saying = Saying(
            account=account,
            channel=channel,
            address=row["address"],
            author=author,
            clears_unanswered=False,
        )
        return await self._queue(
            account, channel, ChatId(row["chat_id"]), row["address"], kind, body, saying
        )

    async def _queue(
        self,
        account: AccountId,
        channel: ChannelId,
        chat: ChatId,
        address: str,
        kind: OutgoingKind,
        body: Body,
        saying: Saying,
    ) -> Accepted:
        message = MessageId(new_id())
        return await self._acceptor.accept(
            NewMessage(
                id=message,
                account=account,
                channel=channel,
                chat=chat,
                address=address,
                kind=kind_number(kind),
                author=saying.author,
                client_ref=saying.client_ref,
                body=body,
                wire_id=wire_id_of(message),
                clears_unanswered=saying.clears_unanswered,
                repeat_seconds=saying.repeat_seconds,
            )
        )


def _said(saying: Saying) -> Body:
    if saying.client_ref is not None:
        if not 0 < len(saying.client_ref) <= CLIENT_REF_CHARACTERS_MAX:
            cure = say("use 1 to {max} characters", max=CLIENT_REF_CHARACTERS_MAX)
            raise BadRequest("client_ref", saying.client_ref, cure)
        check_writable("client_ref", saying.client_ref)
    match saying.text, saying.content_uri:
        case None, None:
            raise BadRequest("text", None, "give a `text`, or a `content` to send")
        case str(), str():
            raise BadRequest(
                "content", saying.content_uri, "give either `text` or `content`, not both"
            )
        case text, None if text is not None:
            return Body(text=check_text("text", text))
        case _, uri:
            return Body(content_uri=check_uri("content", uri or ""))


def _as_it_was(row: Row) -> Accepted:
    return Accepted(MessageId(row["id"]), ChatId(row["chat_id"]), Status(row["channel_status"]))


def _cancelled(row: Row, now: datetime) -> MessageMoved:
    return MessageMoved(
        message_id=MessageId(row["id"]),
        chat_id=ChatId(row["chat_id"]),
        address=row["address"],
        status=MessageStatus.CANCELLED.word,
        at=now,
        client_ref=row["client_ref"],
    )
