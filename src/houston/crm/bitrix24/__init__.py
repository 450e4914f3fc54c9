"""Bitrix24: WhatsApp in its Open Channels. Set-up and limits: docs/integrations/bitrix24.md."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from houston.crm.bitrix24 import remembered
from houston.crm.bitrix24.bbcode import escaped
from houston.crm.bitrix24.events import note_of, read_hook, trust_of
from houston.crm.bitrix24.fields import FIELDS
from houston.crm.bitrix24.history import is_there, unheard
from houston.crm.bitrix24.keys import known_keys
from houston.crm.bitrix24.page import shown_page
from houston.crm.bitrix24.portal import LINE_OFF, Pace, Portal
from houston.crm.bitrix24.setting_up import detach, looked_at, set_up, unattached
from houston.crm.bitrix24.telling import Words, tell, tell_operator
from houston.crm.connector import (
    NOWHERE,
    Carried,
    Change,
    Connection,
    Errand,
    Failure,
    Finding,
    GiveUp,
    Heard,
    Hook,
    KnownChat,
    Later,
    Mark,
    NamedChannel,
    Note,
    Notice,
    OperatorWrote,
    Outcome,
    Page,
    React,
    Refuse,
    Say,
    Trust,
    phone_of,
)
from houston.crm.wire import Table, Wire, table
from houston.kernel.clock import Clock
from houston.kernel.ids import ChannelId
from houston.kernel.sentence import say

_NOT_IN_NAMES: Final = re.compile(r"[^\w '’-]|[\d_]")
_NAME_CHARACTERS_MAX: Final = 25
_LINE_PAUSE_SECONDS: Final = 60.0
_GONE: Final = "CHANNEL_NOT_FOUND"
_ARRIVED: Final = frozenset({"sent", "delivered", "read"})
_TICKED_MAX: Final = 10_000


class Bitrix24:
    """The connector."""

    kind = "bitrix24"
    title = "Bitrix24"
    fields = FIELDS
    channels_max = 50

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock
        self._pace = Pace(clock)
        self._ticked: dict[str, None] = {}
        """Messages that this node has confirmed: what happens to them later changes nothing in the portal."""

    async def close(self) -> None:
        await self._wire.close()

    def _portal(self, connection: Connection) -> Portal:
        return Portal(self._wire, self._clock, self._pace, connection)

    # --- From Bitrix24 ---------------------------------------------------------------------

    def verify(self, connection: Connection, hook: Hook) -> Trust:
        return trust_of(connection, hook)

    def note(self, connection: Connection, hook: Hook) -> Note | None:
        return note_of(connection, hook)

    def reply(self, connection: Connection, hook: Hook) -> Mapping[str, str]:
        return {}

    def read(self, connection: Connection, hook: Hook) -> Sequence[Heard]:
        return read_hook(connection, hook)

    async def page(
        self, connection: Connection, hook: Hook, channels: Sequence[NamedChannel]
    ) -> Page | None:
        return await shown_page(self._portal(connection), hook, channels)

    async def confirm(self, connection: Connection, wrote: OperatorWrote) -> bool | Failure:
        return True  # Only what carries the application's token says anything.

    async def missed(
        self, connection: Connection, since: datetime, chats: Sequence[KnownChat]
    ) -> Sequence[OperatorWrote] | Failure:
        portal = self._portal(connection)
        return await set_up(portal) or await unheard(portal, since, chats)

    async def test(self, connection: Connection) -> Sequence[Finding]:
        return await looked_at(self._portal(connection))

    # --- To Bitrix24 -----------------------------------------------------------------------

    async def carry(self, connection: Connection, errand: Errand) -> Outcome:
        portal = self._portal(connection)
        match errand.what:
            case Say() as say:
                return await _say(portal, errand, say)
            case Mark() as mark:
                return await self._mark(portal, errand, mark)
            case Change() as change:
                return await _change(portal, errand, change)
            case Notice(text=text, at=at):
                return await tell(portal, errand, Words(key=f"notice {at.isoformat()}", text=text))
            case Refuse() as refuse:
                return await _refuse(portal, errand, refuse)
            case React():
                return Carried()  # It has no place for one; a text would call somebody.
        raise AssertionError(errand.what)

    async def _mark(self, portal: Portal, errand: Errand, mark: Mark) -> Outcome:
        """The portal shows a message as being sent until it is confirmed, and knows no further steps."""
        theirs = errand.their_message
        if theirs is None:
            return Carried()  # The client's side of the portal shows no marks.
        key, known = f"{mark.status} {mark.message}", portal.connection.memory.known
        match mark.status:
            case status if status in _ARRIVED:
                return await self._confirm_delivery(portal, errand, mark, theirs)
            case "cancelled" if known.get(f"{remembered.CHANGED}{theirs}") == "":
                return Carried()  # The operator deleted it.
            case "cancelled":
                text = "It was taken out of the queue and not sent"
            case "uncertain":
                text = f"It may have been sent: {mark.error or 'nothing can tell'}"
            case _:
                text = f"It was not sent: {mark.error or 'WhatsApp did not take it'}"
        return await tell(portal, errand, Words(key=key, text=text))

    async def _confirm_delivery(
        self, portal: Portal, errand: Errand, mark: Mark, theirs: str
    ) -> Outcome:
        """Once, when the last part of it has arrived: parts of one chat leave in order."""
        if (errand.parts and mark.message != errand.parts[-1]) or theirs in self._ticked:
            return Carried()
        outcome = await _confirm(portal, errand, theirs, mark.at)
        if isinstance(outcome, Carried):
            self._ticked[theirs] = None
            if len(self._ticked) > _TICKED_MAX:
                del self._ticked[next(iter(self._ticked))]
        return outcome


async def _say(portal: Portal, errand: Errand, say: Say) -> Outcome:
    place = remembered.place_of(errand.their_chat, errand.address)
    if errand.repeated and place.chat:
        there = await is_there(portal, place.chat, say.message)
        if there is not False:
            return Carried(chat=errand.their_chat) if there is True else there
    message: Table = {"id": str(say.message), "date": int(say.at.timestamp())}
    if say.text or say.content_uri is None:
        message["text"] = escaped(say.text or "")
    if say.content_uri is not None:
        name = say.content_uri.split("?")[0].rsplit("/", 1)[-1] or "file"
        message["files"] = [{"url": say.content_uri, "name": name}]
    if say.ours:
        await _expect_back(portal, errand, say)
        keys = known_keys(portal.connection)
        message["user_id"] = keys.user if keys is not None else ""
    answer = await _messages(portal, errand, "send", message, say.name)
    if not isinstance(answer, dict):
        return answer
    chat = table(answer.get("session")).get("CHAT_ID")
    return Carried(chat=str(replace(place, chat=str(chat)))) if chat else Carried()


async def _expect_back(portal: Portal, errand: Errand, say: Say) -> None:
    """Shown under an employee's name, it may be told as if that employee had just written it."""
    place = remembered.place_of(errand.their_chat, errand.address)
    now, text = portal.clock.now(), say.text or ""
    said = remembered.Said(client=place.client, message=say.message, text=text, at=now)
    await remembered.keep_said(portal.connection, said)


async def _messages(
    portal: Portal, errand: Errand, doing: str, message: Table, name: str | None = None
) -> Table | Failure:
    """Send, update or delete one message; what became of it."""
    where = _where(portal, errand.channel)
    if not isinstance(where, dict):
        return where
    client = remembered.place_of(errand.their_chat, errand.address).client
    about = {"user": _person(client, errand, name), "message": message, "chat": {"id": client}}
    answer = await portal.call(f"imconnector.{doing}.messages", {**where, "MESSAGES": [about]})
    if isinstance(answer, Failure):
        return _kept_for_a_line(answer)
    results: Any = table(table(answer).get("DATA")).get("RESULT")
    first = table(results[0]) if isinstance(results, list) and results else {}
    if not table(answer).get("SUCCESS") or not first.get("SUCCESS"):
        why = say("The portal did not take it: {errors}", errors=first.get("ERRORS") or answer)
        return GiveUp(str(why)[:300])
    return first


def _where(portal: Portal, channel: ChannelId) -> dict[str, str] | Later:
    """The open line of a channel. Until it has one, what belongs there waits, and everything else goes on."""
    line = remembered.line_of(portal.connection, channel)
    if line is None:
        return Later(why=unattached(channel), whole=False, seconds=_LINE_PAUSE_SECONDS)
    return {"CONNECTOR": remembered.connector_id(portal.connection.id), "LINE": line}


async def _confirm(portal: Portal, errand: Errand, theirs: str, at: datetime) -> Outcome:
    where = _where(portal, errand.channel)
    if not isinstance(where, dict):
        return where
    place = remembered.place_of(errand.their_chat, errand.address)
    one = {
        "im": {"chat_id": place.chat, "message_id": theirs},
        "message": {"id": [str(part) for part in errand.parts], "date": int(at.timestamp())},
        "chat": {"id": place.client},
    }
    answer = await portal.call("imconnector.send.status.delivery", {**where, "MESSAGES": [one]})
    return _kept_for_a_line(answer) if isinstance(answer, Failure) else Carried()


def _kept_for_a_line(failed: Failure) -> Failure:
    """A line that is off may be switched on again."""
    if isinstance(failed, GiveUp) and failed.why.startswith(str(LINE_OFF)):
        return Later(why=failed.why, whole=False, seconds=_LINE_PAUSE_SECONDS)
    return failed


async def _change(portal: Portal, errand: Errand, change: Change) -> Outcome:
    """A client's message changes where it stands; an operator's own is confirmed, or told about."""
    theirs = errand.their_message
    if theirs is None:
        message: Table = {"id": str(change.message), "date": int(change.at.timestamp())}
        if change.text is not None:
            message["text"] = escaped(change.text)
        doing = "delete" if change.text is None else "update"
        answer = await _messages(portal, errand, doing, message)
        return Carried() if isinstance(answer, dict) else answer
    name = f"{remembered.CHANGED}{theirs}"
    if portal.connection.memory.known.get(name) == (change.text or ""):
        outcome = (
            Carried() if change.text is None else await _confirm(portal, errand, theirs, change.at)
        )
        if isinstance(outcome, Carried):
            await portal.connection.memory.keep(name, None)
        return outcome
    text = f"🗑 {change.old_text or ''}" if change.text is None else f"✏️ {change.text}"
    key = f"change {change.message} {change.at.isoformat()}"
    return await tell(portal, errand, Words(key=key, text=text))


async def _refuse(portal: Portal, errand: Errand, refuse: Refuse) -> Outcome:
    """Say why. A channel that was deleted leaves its open line, too: nobody shall write into it any more.

    That a line is no channel's is said once in a chat, until one is attached to it.
    """
    if refuse.code == NOWHERE:
        return await tell_operator(portal, errand, Words(key=refuse.reason, text=refuse.reason))
    outcome = await tell(portal, errand, Words(key=f"refuse {refuse.theirs}", text=refuse.reason))
    if not isinstance(outcome, Carried) or refuse.code != _GONE:
        return outcome
    line = remembered.line_of(portal.connection, errand.channel)
    return (await detach(portal, line) if line is not None else None) or outcome


def _person(client: str, errand: Errand, name: str | None) -> Table:
    """Names are letters only, and short; a number is no name."""
    person: Table = {"id": client}
    words = " ".join(_NOT_IN_NAMES.sub(" ", name or "").split())
    first, _, last = words.partition(" ")
    for field, value in (("name", first), ("last_name", last)):
        if value:
            person[field] = value[:_NAME_CHARACTERS_MAX].strip()
    phone = phone_of(errand.address)
    if phone is not None:
        person |= {"phone": phone, "skip_phone_validate": "Y"}
    return person
