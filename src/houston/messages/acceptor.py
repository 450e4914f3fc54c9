"""Accepts outgoing messages: on the disk before the answer, or refused without a trace (law M1, M2)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from houston.channels.state import Status
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import NotFound
from houston.kernel.facts import MessageAccepted
from houston.kernel.group_commit import GroupCommit
from houston.kernel.ids import ChatId, MessageId
from houston.kernel.wake import Topic, Wakes
from houston.messages import store
from houston.messages.houston import call_houston
from houston.messages.rules import refusal
from houston.messages.store import NewMessage


class Accepted(msgspec.Struct, frozen=True):
    """It will be sent. A repeat of an earlier message gets that one's ids."""

    message: MessageId
    chat: ChatId
    status: Status
    """The channel's, at that moment: any but Active is what the message waits for."""
    repeated: bool = False


class Declined(msgspec.Struct, frozen=True):
    """It was not stored, and why."""

    status: Status | None
    """The status that refuses; None when the account has no such channel."""


Answer = Accepted | Declined


class Acceptor:
    """The entrance of the outbox. Everything that is to be sent comes through here."""

    def __init__(self, database: Database, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._clock = clock
        self._wakes = wakes
        self._commits: GroupCommit[NewMessage, Answer] = GroupCommit(self._commit)

    async def accept(self, message: NewMessage) -> Accepted:
        """Store a message for sending.

        Raises:
            ChannelRefuses: the channel's status refuses; nothing was stored.
            NotFound: the account has no such channel.
        """
        match await self._commits.add(message):
            case Accepted() as accepted:
                return accepted
            case Declined(status=None):
                raise NotFound("There is no such channel", "List the channels to see their ids")
            case Declined(status=status):
                assert status is not None
                raise refusal(status)

    async def close(self) -> None:
        await self._commits.close()

    async def _commit(self, batch: Sequence[NewMessage]) -> list[Answer]:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            stored = await self._store(tx, batch, now)
            missing = [message for message, found in zip(batch, stored, strict=True) if not found]
            reasons = iter(await self._explain(tx, missing, now) if missing else ())
        answers = [found or next(reasons) for found in stored]
        kept = {
            message.channel
            for message, answer in zip(batch, answers, strict=True)
            if isinstance(answer, Accepted)
        }
        await self._wakes.everywhere(Topic.QUEUE, list(kept))
        self._wakes.here(Topic.FEED)
        return answers

    async def _store(
        self, tx: Tx, batch: Sequence[NewMessage], now: datetime
    ) -> list[Accepted | None]:
        """For each message that was stored, the answer; None for each other one."""
        rows = await store.accept(tx, batch, now)
        kept = [(message, row) for message, row in zip(batch, rows, strict=True) if row]
        said = [(message, row) for message, row in kept if not message.kind]
        touched = [message for message, row in said if row["known_chat"]]
        if touched:
            await store.touch_answered(tx, touched, now)
        await feed.write(tx, now, [_entry(message, now) for message, _ in said])
        waiting = [(message, row["scan_since"]) for message, row in kept if row["scan_since"]]
        for channel, since in {(message.channel, since) for message, since in waiting}:
            chats = {message.chat for message, _ in waiting if message.channel == channel}
            await call_houston(tx, channel, datetime.fromisoformat(since), now, list(chats))
        return [
            _accepted(message, row) if row else None
            for message, row in zip(batch, rows, strict=True)
        ]

    async def _explain(self, tx: Tx, missing: Sequence[NewMessage], now: datetime) -> list[Answer]:
        rows = await store.why_not(tx, missing)
        return [
            await self._why(tx, message, row, now)
            for message, row in zip(missing, rows, strict=True)
        ]

    async def _why(self, tx: Tx, message: NewMessage, row: Row, now: datetime) -> Answer:
        if _is_forgotten(message, row, now):
            await store.release_ref(tx, row["first_id"])
        elif row["first_id"] is not None or not row["accepting"]:
            return _answer(row)
        # What was in the way is gone: a reference was released, or the gate has opened just now.
        (stored,) = await self._store(tx, [message], now)
        if stored:
            return stored
        (again,) = await store.why_not(tx, [message])
        return await self._why(tx, message, again, now)


def _is_forgotten(message: NewMessage, row: Row, now: datetime) -> bool:
    """The reference was used before, but so long ago that it counts as a new one."""
    if row["first_id"] is None or message.repeat_seconds is None or not row["accepting"]:
        return False
    return bool(row["first_at"] + timedelta(seconds=message.repeat_seconds) < now)


def _accepted(message: NewMessage, row: Row) -> Accepted:
    return Accepted(message.id, message.chat, Status(row["channel_status"]))


def _answer(row: Row) -> Answer:
    if row["first_id"] is not None:
        status = Status(row["channel_status"])
        first, chat = MessageId(row["first_id"]), ChatId(row["first_chat_id"])
        return Accepted(first, chat, status, repeated=True)
    return Declined(None if row["channel_status"] is None else Status(row["channel_status"]))


def _entry(message: NewMessage, now: datetime) -> feed.Entry:
    fact = MessageAccepted(
        message_id=message.id,
        chat_id=message.chat,
        address=message.address,
        text=message.body.text,
        content_uri=message.body.content_uri,
        author=message.author,
        client_ref=message.client_ref,
        at=now,
    )
    return feed.Entry(message.account, message.channel, fact)
