"""Turns what operators wrote in a CRM into outgoing messages, once each, or into a refusal (law M1, M6)."""

from collections.abc import Sequence
from typing import Final

from houston.crm import store_line
from houston.crm.connector import Connection, Connector, Failure, OperatorWrote, Refuse
from houston.crm.rules import client_ref
from houston.crm.store import Stored
from houston.crm.store_line import NewErrand
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.errors import BadRequest, ChannelRefuses, NotFound
from houston.kernel.ids import ChannelId, MessageId, chat_id
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
        wrote: OperatorWrote,
        *,
        proven: bool,
    ) -> Failure | None:
        """Queue what was written, unless it is known. A failure means that the CRM has to be asked later."""
        async with self._database.single() as tx:
            known = await store_line.ours(tx, one.id, wrote.message)
        if known is not None and not (wrote.again and known == [None]):
            return None
        if wrote.again or not proven:
            sure = await connector.confirm(connection, wrote)
            if not isinstance(sure, bool):
                return sure
            if not sure:
                return None
        await self._queue(one, wrote)
        return None

    async def _queue(self, one: Stored, wrote: OperatorWrote) -> None:
        channel = wrote.channel or one.channels[0]
        refused: str | None = None
        try:
            await self._say(one, channel, wrote)
        except (ChannelRefuses, BadRequest, NotFound) as error:
            refused = str(error)
        chat = chat_id(channel, wrote.address)
        async with self._database.transaction() as tx:
            now = self._clock.now()
            await store_line.link_chat(
                tx, one.id, chat, wrote.address, wrote.chat, wrote.contact, now
            )
            if refused is None:
                return
            await store_line.link_message(tx, one.id, wrote.message, None)
            what = Refuse(theirs=wrote.message, reason=refused)
            errand = NewErrand(
                connection=one.id, channel=channel, chat=chat, address=wrote.address, what=what
            )
            await store_line.enqueue(tx, [errand], now)

    async def _say(self, one: Stored, channel: ChannelId, wrote: OperatorWrote) -> None:
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
                    author=wrote.author[:_AUTHOR_CHARACTERS_MAX].replace("\x00", ""),
                )
            )
            async with self._database.single() as tx:
                await store_line.link_message(tx, one.id, wrote.message, accepted.message)

    async def _quoted(self, one: Stored, wrote: OperatorWrote) -> MessageId | None:
        """The message that is answered, if it is known here."""
        if wrote.quoted is None:
            return None
        async with self._database.single() as tx:
            known = await store_line.ours(tx, one.id, wrote.quoted)
        return known[0] if known else None


def _parts(wrote: OperatorWrote) -> Sequence[tuple[str | None, str | None]]:
    """WhatsApp takes a text or a file; an operator may send both at once."""
    texts: list[tuple[str | None, str | None]] = [(wrote.text, None)] if wrote.text else []
    return [*texts, *((None, uri) for uri in wrote.files)] or [("", None)]
