"""Turns what operators wrote in a CRM into outgoing messages, once each, or into a refusal (law M1, M6)."""

from collections.abc import Sequence
from typing import Final

from houston.crm import store_line
from houston.crm.connector import (
    NOWHERE,
    Connection,
    Connector,
    Failure,
    Notice,
    OperatorChanged,
    OperatorReacted,
    OperatorWrote,
    Refuse,
)
from houston.crm.rules import client_ref
from houston.crm.store import Stored
from houston.crm.store_line import NewErrand
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.errors import BadRequest, ChannelRefuses, Conflict, HoustonError, NotFound
from houston.kernel.ids import ChannelId, ChatId, MessageId, chat_id
from houston.messages import store_reading
from houston.messages.outbox import Outbox, Saying

_AUTHOR_CHARACTERS_MAX: Final = 200


class Intake:
    """The way from a CRM into the outbox."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    async def take(
        self,
        one: Stored,
        connector: Connector,
        connection: Connection,
        heard: OperatorWrote | OperatorChanged | OperatorReacted,
        *,
        proven: bool,
    ) -> Failure | None:
        """Do what was asked for, unless it is known. A failure means that the CRM has to be asked later."""
        if isinstance(heard, OperatorChanged):
            await self._change(one, heard)
            return None
        if isinstance(heard, OperatorReacted):
            await self._react(one, heard)
            return None
        return await self._hear(one, connector, connection, heard, proven=proven)

    async def _hear(
        self,
        one: Stored,
        connector: Connector,
        connection: Connection,
        wrote: OperatorWrote,
        *,
        proven: bool,
    ) -> Failure | None:
        async with self._database.single() as tx:
            known = await store_line.ours(tx, one.id, wrote.message)
            if known is not None and not (wrote.again and known == [None]):
                return None
            if wrote.perhaps is not None and await store_line.link_message(
                tx, one.id, wrote.message, wrote.perhaps
            ):
                return None
        if wrote.again or not proven:
            sure = await connector.confirm(connection, wrote)
            if not isinstance(sure, bool):
                return sure
            if not sure:
                return None
        await (self._turn_away(one, wrote) if wrote.nowhere else self._queue(one, wrote))
        return None

    async def _turn_away(self, one: Stored, wrote: OperatorWrote) -> None:
        """The chat is no channel's: it is known by the CRM's own name for it, beside all clients' chats."""
        channel = one.channels[0]
        chat, now = chat_id(channel, f"{one.id} {wrote.chat}"), self._clock.now()
        refusal = NewErrand(
            connection=one.id,
            channel=channel,
            chat=chat,
            address=wrote.address,
            what=Refuse(theirs=wrote.message, reason=wrote.nowhere, code=NOWHERE),
        )
        async with self._database.transaction() as tx:
            await store_line.link_chat(
                tx, one.id, chat, wrote.address, wrote.chat, wrote.contact, now
            )
            await store_line.link_message(tx, one.id, wrote.message, None)
            await store_line.enqueue(tx, [refusal], now)

    async def _queue(self, one: Stored, wrote: OperatorWrote) -> None:
        channel = wrote.channel or one.channels[0]
        refused: HoustonError | None = None
        chat = chat_id(channel, wrote.address)
        address = wrote.address
        try:
            said_in = await self._say(one, channel, wrote)
        except (ChannelRefuses, BadRequest, NotFound) as error:
            refused = error
        else:
            if said_in != chat:  # The address is a hidden one, and the number's chat is known.
                chat, address = said_in, ""
        async with self._database.transaction() as tx:
            now = self._clock.now()
            await store_line.link_chat(tx, one.id, chat, address, wrote.chat, wrote.contact, now)
            if refused is not None:
                await store_line.link_message(tx, one.id, wrote.message, None)
                await store_line.enqueue(tx, [_refusal(one, wrote, refused)], now)

    async def _change(self, one: Stored, changed: OperatorChanged) -> None:
        """Edit or take back what is known here; what cannot be changed any more is told."""
        async with self._database.single() as tx:
            done = await store_line.ours(tx, one.id, changed.change)
            known = await store_line.ours(tx, one.id, changed.message)
        parts = sorted(part for part in known or () if part is not None)
        if done is not None or not parts:
            return
        refused: HoustonError | None = None
        try:
            if changed.text is not None:  # The text is the first part; files are no texts.
                await self._outbox.edit(one.account, parts[0], changed.text, changed.author)
            for part in parts if changed.text is None else ():
                await self._outbox.take_back(one.account, part, changed.author)
        except (ChannelRefuses, BadRequest, NotFound, Conflict) as error:
            refused = error
        async with self._database.transaction() as tx:
            await store_line.link_message(tx, one.id, changed.change, None)
            if refused is not None:
                errand = _refusal(one, changed, refused)
                await store_line.enqueue(tx, [errand], self._clock.now())

    async def _react(self, one: Stored, reacted: OperatorReacted) -> None:
        """What cannot be put there is said by a notice: the message itself has not failed."""
        async with self._database.single() as tx:
            known = await store_line.ours(tx, one.id, reacted.message)
        message = known[0] if known else None
        if message is None:
            return
        try:
            author = _author(reacted.author)
            await self._outbox.react(one.account, message, reacted.emoji, author)
        except (ChannelRefuses, BadRequest, NotFound, Conflict) as error:
            async with self._database.transaction() as tx:
                now = self._clock.now()
                row = await store_reading.message(tx, one.account, message)
                assert row is not None  # No message is ever erased, and the link to it is ours.
                notice = NewErrand(
                    connection=one.id,
                    channel=ChannelId(row["channel_id"]),
                    chat=ChatId(row["chat_id"]),
                    address=row["address"],
                    what=Notice(text=f"{reacted.emoji or '❌'}: {error}", at=now),
                )
                await store_line.enqueue(tx, [notice], now)

    async def _say(self, one: Stored, channel: ChannelId, wrote: OperatorWrote) -> ChatId:
        """The chat in which it is said."""
        quoted = await self._quoted(one, wrote)
        async with self._database.single() as tx:
            await store_line.forget_refusal(tx, one.id, wrote.message)
        for part, (text, uri) in enumerate(_parts(wrote)):
            accepted = await self._outbox.say(
                Saying(
                    account=one.account,
                    channel=channel,
                    address=wrote.address,
                    text=text,
                    content_uri=uri,
                    client_ref=client_ref(one.id, wrote.message, part),
                    quoted=quoted if part == 0 else None,
                    author=_author(wrote.author),
                )
            )
            async with self._database.single() as tx:
                await store_line.link_message(tx, one.id, wrote.message, accepted.message)
        return accepted.chat

    async def _quoted(self, one: Stored, wrote: OperatorWrote) -> MessageId | None:
        """The message that is answered, if it is known here."""
        if wrote.quoted is None:
            return None
        async with self._database.single() as tx:
            known = await store_line.ours(tx, one.id, wrote.quoted)
        return known[0] if known else None


def _refusal(one: Stored, heard: OperatorWrote | OperatorChanged, error: HoustonError) -> NewErrand:
    code = error.reason_code if isinstance(error, ChannelRefuses) else error.code
    channel = heard.channel or one.channels[0]
    return NewErrand(
        connection=one.id,
        channel=channel,
        chat=chat_id(channel, heard.address),
        address=heard.address,
        what=Refuse(theirs=heard.message, reason=str(error), code=code),
    )


def _author(name: str) -> str:
    return name[:_AUTHOR_CHARACTERS_MAX].replace("\x00", "")


def _parts(wrote: OperatorWrote) -> Sequence[tuple[str | None, str | None]]:
    """WhatsApp takes a text or a file; an operator may send both at once."""
    texts: list[tuple[str | None, str | None]] = [(wrote.text, None)] if wrote.text else []
    return [*texts, *((None, uri) for uri in wrote.files)] or [("", None)]
