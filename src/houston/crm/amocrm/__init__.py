"""amoCRM and Kommo: WhatsApp as a chat channel. Set-up and limits: docs/integrations/amocrm.md."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from houston.crm.amocrm.allowing import allowed, rest_of
from houston.crm.amocrm.amojo import Amojo, hook_is_genuine
from houston.crm.amocrm.fields import FIELDS
from houston.crm.amocrm.reading import PERSON, heard, is_managers, wrote
from houston.crm.connector import (
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
from houston.crm.wire import Answer, Table, Wire, table
from houston.kernel.clock import Clock
from houston.kernel.sentence import say

if TYPE_CHECKING:
    from houston.crm.amocrm.rest import Rest

_BOT: Final = {"id": "houston", "name": "Houston"}
_OTHER_ERROR: Final = 905
"""The one code whose text of our own is shown."""
_DELIVERED, _READ, _FAILED = 1, 2, -1
_SLACK: Final = timedelta(minutes=10)
"""Between our clock and amoCRM's: so far before its own time a message that was taken may stand."""


class AmoCrm:
    """The connector."""

    kind = "amocrm"
    title = "amoCRM / Kommo"
    fields = FIELDS
    channels_max = 1

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock

    async def close(self) -> None:
        await self._wire.close()

    def _amojo(self, connection: Connection) -> Amojo:
        return Amojo(self._wire, self._clock, connection)

    # --- From amoCRM -----------------------------------------------------------------------

    def verify(self, connection: Connection, hook: Hook) -> Trust:
        said = hook.headers.get("x-signature", "")
        genuine = hook_is_genuine(connection.settings["secret"], hook.body, said)
        return Trust.PROVEN if genuine else Trust.REFUSED

    def note(self, connection: Connection, hook: Hook) -> Note | None:
        return None

    def reply(self, connection: Connection, hook: Hook) -> Mapping[str, str]:
        return {}

    def read(self, connection: Connection, hook: Hook) -> Sequence[Heard]:
        settings = connection.settings
        found = heard(hook.body, settings["account_id"], settings["bot_id"])
        return [] if found is None else [found]

    async def page(
        self, connection: Connection, hook: Hook, channels: Sequence[NamedChannel]
    ) -> Page | None:
        """Where amoCRM leads whoever has allowed Houston to use contacts and leads."""
        rest = rest_of(connection, self._wire, self._clock)
        return (
            None if rest is None or hook.path != "/oauth" else await allowed(connection, hook, rest)
        )

    async def confirm(self, connection: Connection, wrote: OperatorWrote) -> bool | Failure:
        return True  # Only what is signed gets this far.

    async def missed(
        self, connection: Connection, since: datetime, chats: Sequence[KnownChat]
    ) -> Sequence[OperatorWrote] | Failure:
        """Make sure that amoCRM calls us, too: whoever installs the integration anew disconnects it."""
        amojo = self._amojo(connection)
        connected = await amojo.connect()
        if not isinstance(connected, Answer):
            return connected
        await self._be_source(connection)
        found: list[Heard] = []
        for chat in chats:
            messages = await amojo.history_since(chat.theirs, since)
            if isinstance(messages, GiveUp):
                continue  # A chat that is gone; the others are not.
            if not isinstance(messages, list):
                return messages
            found += [
                wrote(one, chat.theirs, chat.address)
                for one in messages
                if is_managers(one, connection.settings["bot_id"])
            ]
        return [one for one in found if isinstance(one, OperatorWrote)]

    async def _be_source(self, connection: Connection) -> None:
        """Beside all else: chats go on without, and the connection's test says what is wrong with it."""
        rest = rest_of(connection, self._wire, self._clock)
        name = connection.settings.get("source")
        if rest is not None and name is not None:
            await rest.be_source(str(connection.channels[0]), name)

    # --- To amoCRM -------------------------------------------------------------------------

    async def carry(self, connection: Connection, errand: Errand) -> Outcome:
        amojo = self._amojo(connection)
        match errand.what:
            case Say() as say:
                failure = await self._place(connection, amojo, errand, say)
                if isinstance(failure, Later):
                    return failure
                outcome = await self._say(amojo, errand, say)
                if failure is None or not isinstance(outcome, Carried):
                    return outcome
                # The message is worth more than its place: people wait for an answer.
                return replace(outcome, worry=_unset(failure.why))
            case Notice(text=text, at=at):
                return await _bot_says(
                    amojo, errand, text, f"notice {errand.chat} {at.isoformat()}", at
                )
            case Mark(status="uncertain", error=error, message=id, at=at):
                text = f"❔ {error or 'It may have been sent: nothing can tell'}"
                return await _bot_says(amojo, errand, text, f"uncertain {id}", at)
            case Mark() as mark:
                return await _mark(amojo, errand, mark)
            case Refuse(theirs=theirs, reason=reason):
                return await _deliver(amojo, theirs, _FAILED, reason)
            case Change() as change:
                return await _change(amojo, errand, change)
            case React(emoji=emoji):
                return await _react(amojo, errand, emoji)
        raise AssertionError(errand.what)

    async def _place(
        self, connection: Connection, amojo: Amojo, errand: Errand, say: Say
    ) -> Failure | None:
        """Before the first message of a chat: it is its contact's, so that amoCRM makes no second one."""
        rest, phone = rest_of(connection, self._wire, self._clock), phone_of(errand.address)
        if rest is None or phone is None or errand.their_chat is not None:
            return None
        chat = await _chat(amojo, errand)
        if not isinstance(chat, Carried):
            return chat
        return await rest.place(str(chat.chat), phone, say.name)

    async def _say(self, amojo: Amojo, errand: Errand, say: Say) -> Outcome:
        message = await self._message(say)
        silent = say.ours or (say.retrieved and errand.more)
        return await _write(amojo, errand, str(say.message), message, say.at, say.ours, silent)

    async def _message(self, say: Say) -> Table:
        """amoCRM wants to know the kind and the size of a file, so Houston looks at it first."""
        if say.content_uri is None:
            return {"type": "text", "text": say.text or ""}
        file = await self._wire.call("GET", say.content_uri, {})
        if not isinstance(file, Answer) or not file.ok:
            return {"type": "text", "text": "\n".join(filter(None, [say.text, say.content_uri]))}
        return {
            "type": _kind(file.headers.get("content-type", "")),
            "text": say.text or "",
            "media": say.content_uri,
            "file_name": say.content_uri.split("?")[0].rsplit("/", 1)[-1] or "file",
            "file_size": len(file.body),
        }

    async def test(self, connection: Connection) -> Sequence[Finding]:
        answer = await self._amojo(connection).connect()
        if not isinstance(answer, Answer):
            return [Finding(False, "refused", {"why": answer.why})]
        where = {"where": f"{connection.hook_url}/:scope_id"}
        return [
            *await self._test_account(connection),
            Finding(True, "connected"),
            Finding(connection.hook_url.startswith("https://"), "address", where),
        ]

    async def _test_account(self, connection: Connection) -> Sequence[Finding]:
        rest = rest_of(connection, self._wire, self._clock)
        if rest is None:
            forgotten = "account_url" in connection.settings
            return [Finding(False, "token_needed")] if forgotten else []
        known_as = await rest.chats_id()
        if not isinstance(known_as, str):
            return [Finding(False, "contacts_refused", {"why": known_as.why})]
        is_same = known_as == connection.settings["account_id"]
        return [
            Finding(True, "contacts"),
            Finding(is_same, "account", {"id": known_as}),
            *await _test_source(connection, rest),
        ]


async def _test_source(connection: Connection, rest: "Rest") -> Sequence[Finding]:
    name = connection.settings.get("source")
    if name is None:
        return []
    known = await rest.has_source(str(connection.channels[0]))
    if isinstance(known, bool):
        return [Finding(known, "source" if known else "source_missing", {"name": name})]
    return [Finding(False, "source_refused", {"why": known.why})]


async def _mark(amojo: Amojo, errand: Errand, mark: Mark) -> Outcome:
    theirs = errand.their_message
    if theirs is None or mark.status == "sent":
        return Carried()  # Older than the connection; or a step for which amoCRM has no mark.
    match mark.status:
        case "delivered":
            return await _deliver(amojo, theirs, _DELIVERED, None)
        case "read":
            return await _deliver(amojo, theirs, _READ, None)
        case "cancelled":
            why = "It was taken out of the queue and not sent"
            return await _deliver(amojo, theirs, _FAILED, why)
        case _:
            why = mark.error or "WhatsApp did not take it"
            return await _deliver(amojo, theirs, _FAILED, why)


async def _deliver(amojo: Amojo, theirs: str, status: int, error: str | None) -> Outcome:
    body: Table = {"msgid": theirs, "delivery_status": status}
    if error is not None:
        body |= {"error_code": _OTHER_ERROR, "error": error}
    answer = await amojo.call("POST", f"{amojo.scope}/{theirs}/delivery_status", body)
    return Carried() if isinstance(answer, Answer) else answer


async def _bot_says(amojo: Amojo, errand: Errand, text: str, ref: str, at: datetime) -> Outcome:
    """A bubble of the channel's bot: managers see it, and amoCRM calls nobody because of it."""
    message = {"type": "text", "text": text}
    outcome = await _write(amojo, errand, ref, message, at, ours=True, silent=True)
    if isinstance(outcome, Carried):
        return Carried(chat=outcome.chat, contact=outcome.contact)
    return outcome


async def _write(
    amojo: Amojo,
    errand: Errand,
    msgid: str,
    message: Table,
    at: datetime,
    ours: bool,
    silent: bool,
) -> Outcome:
    chat = await _chat(amojo, errand)
    if not isinstance(chat, Carried):
        return chat
    if errand.repeated and chat.chat is not None:
        there = await amojo.history_since(chat.chat, at - _SLACK)
        if not isinstance(there, list):
            return there
        for one in there:
            known = table(one.get("message"))
            if known.get("client_id") == msgid:
                return Carried(chat=chat.chat, contact=chat.contact, message=str(known.get("id")))
    payload = _payload(amojo, errand, msgid, message, at, ours) | {"silent": silent}
    payload["conversation_ref_id"] = chat.chat
    answer = await amojo.event("new_message", payload)
    if not isinstance(answer, Answer):
        return answer
    theirs = table(table(answer.json()).get("new_message")).get("msgid")
    return Carried(chat=chat.chat, contact=chat.contact, message=str(theirs) if theirs else None)


async def _chat(amojo: Amojo, errand: Errand) -> Carried | Failure:
    """The chat with a client, made where there is none. Making one twice gives the same."""
    if errand.their_chat is not None:
        return Carried(chat=errand.their_chat, contact=errand.their_contact)
    body = {"conversation_id": str(errand.chat), "user": _person(errand), **_source(amojo, errand)}
    answer = await amojo.call("POST", f"{amojo.scope}/chats", body)
    if not isinstance(answer, Answer):
        return answer
    made = table(answer.json())
    if not made.get("id"):
        why = say("amoCRM made a chat and did not say which: {answer}", answer=answer.shown())
        return GiveUp(str(why))
    return Carried(chat=str(made["id"]), contact=str(table(made.get("user")).get("id") or ""))


async def _change(amojo: Amojo, errand: Errand, change: Change) -> Outcome:
    if errand.their_message is None:
        return Carried()
    text = f"🗑 {change.old_text or ''}" if change.text is None else change.text
    message = {"type": "text", "text": text}
    payload = _payload(amojo, errand, str(change.message), message, change.at, ours=False)
    answer = await amojo.event("edit_message", payload | {"id": errand.their_message})
    return Carried() if isinstance(answer, Answer) else answer


async def _react(amojo: Amojo, errand: Errand, emoji: str | None) -> Outcome:
    if errand.their_message is None:
        return Carried()  # Older than the connection.
    person = _person(errand)
    body: Table = {
        "conversation_id": str(errand.chat),
        "id": errand.their_message,
        "user": {name: person[name] for name in ("id", "ref_id") if name in person},
        "type": "unreact" if emoji is None else "react",
    }
    answer = await amojo.call(
        "POST", f"{amojo.scope}/react", body if emoji is None else body | {"emoji": emoji}
    )
    return Carried() if isinstance(answer, Answer) else answer


# --- Translation -------------------------------------------------------------------------------


def _payload(
    amojo: Amojo, errand: Errand, msgid: str, message: Table, at: datetime, ours: bool
) -> Table:
    client = _person(errand)
    bot = {**_BOT, "ref_id": amojo.connection.settings["bot_id"]}
    people = {"sender": bot, "receiver": client} if ours else {"sender": client}
    return {
        "timestamp": int(at.timestamp()),
        "msec_timestamp": int(at.timestamp() * 1000),
        "msgid": msgid,
        "conversation_id": str(errand.chat),
        "message": message,
        **people,
        **_source(amojo, errand),
    }


def _source(amojo: Amojo, errand: Errand) -> Table:
    """By which number the client writes, where numbers are sources."""
    is_source = "source" in amojo.connection.settings
    return {"source": {"external_id": str(errand.channel)}} if is_source else {}


def _person(errand: Errand) -> Table:
    """A client; by `ref_id`, the one to whom a manager has written first."""
    phone = phone_of(errand.address)
    name = errand.what.name if isinstance(errand.what, Say) else None
    person = {
        "id": f"{PERSON}{errand.address}",
        "name": name or phone or errand.address,
        "profile": {"phone": phone} if phone else {},
    }
    return person | ({"ref_id": errand.their_contact} if errand.their_contact else {})


def _kind(mime: str) -> str:
    match mime.partition("/")[0]:
        case "image":
            return "picture"
        case "video":
            return "video"
        case "audio":
            return "voice" if "ogg" in mime else "audio"
        case _:
            return "file"


def _unset(why: str) -> str:
    return str(say("The contact was not set: {why}", why=why))
