"""Chatwoot: an inbox of the kind "API" is a WhatsApp number. Traps: docs/integrations/chatwoot.md."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from houston.crm.chatwoot.fields import FIELDS
from houston.crm.chatwoot.inbox import Inbox, Place
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
    Unreadable,
)
from houston.crm.wire import Answer, Table, Wire, table

OURS: Final = "houston:"
"""Begins the `source_id` of all that Houston writes: how its own messages are known when they come back."""
_OUTGOING: Final = frozenset({"outgoing", "template", 1, 3})
_BOLD: Final = re.compile(r"\*\*(.+?)\*\*")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """As Chatwoot signs what it sends to an inbox's address."""
    said = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


class Chatwoot:
    """The connector."""

    kind = "chatwoot"
    title = "Chatwoot"
    fields = FIELDS
    channels_max = 1

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def close(self) -> None:
        await self._wire.close()

    # --- From Chatwoot ---------------------------------------------------------------------

    def verify(self, connection: Connection, hook: Hook) -> Trust:
        """Older versions do not sign, and some sign with another secret than they show."""
        if not _decoded(hook.body):
            return Trust.REFUSED
        secret = connection.settings.get("hook_secret", "")
        said = hook.headers.get("x-chatwoot-signature", "")
        right = signature(secret, hook.headers.get("x-chatwoot-timestamp", ""), hook.body)
        genuine = bool(secret) and hmac.compare_digest(right.encode(), said.encode())
        return Trust.PROVEN if genuine else Trust.DOUBTFUL

    def note(self, connection: Connection, hook: Hook) -> Note | None:
        return None

    def reply(self, connection: Connection, hook: Hook) -> Mapping[str, str]:
        return {}

    def read(self, connection: Connection, hook: Hook) -> Sequence[Heard]:
        said = _decoded(hook.body)
        event = said.get("event")
        if event not in ("message_created", "message_updated") or not _is_operators(said):
            return []
        conversation = table(said.get("conversation"))
        inbox = table(said.get("inbox")).get("id", conversation.get("inbox_id"))
        if str(inbox) != connection.settings["inbox_id"]:
            return []
        return [_wrote(said, conversation, again=event == "message_updated")]

    async def page(
        self, connection: Connection, hook: Hook, channels: Sequence[NamedChannel]
    ) -> Page | None:
        return None

    async def confirm(self, connection: Connection, wrote: OperatorWrote) -> bool | Failure:
        before = int(wrote.message) + 1
        found = await Inbox(self._wire, connection).messages(wrote.chat, before)
        if not isinstance(found, list):
            return False if isinstance(found, GiveUp) else found
        same = [one for one in found if str(one.get("id")) == wrote.message and _is_operators(one)]
        if not same or _text(same[0]) != wrote.text:
            return False
        # A retry makes a failed message "sent" again; every other change of one is none of ours.
        return not wrote.again or same[0].get("status") == "sent"

    async def missed(
        self, connection: Connection, since: datetime, chats: Sequence[KnownChat]
    ) -> Sequence[OperatorWrote] | Failure:
        inbox = Inbox(self._wire, connection)
        conversations = await inbox.conversations_since(since)
        if not isinstance(conversations, list):
            return conversations
        found: list[Heard] = []
        for conversation in conversations:
            messages = await inbox.messages_since(str(conversation.get("id")), since)
            if isinstance(messages, GiveUp):
                continue  # It was deleted meanwhile; the others were not.
            if not isinstance(messages, list):
                return messages
            found += [_wrote(one, conversation) for one in messages if _is_operators(one)]
        return [one for one in found if isinstance(one, OperatorWrote)]

    # --- To Chatwoot -----------------------------------------------------------------------

    async def carry(self, connection: Connection, errand: Errand) -> Outcome:
        inbox = Inbox(self._wire, connection)
        match errand.what:
            case Say() as say:
                return await _post(inbox, errand, _said(say), say.content_uri)
            case Mark() as mark:
                return await _mark(inbox, errand, mark)
            case Refuse(theirs=theirs, reason=reason):
                return await _set_status(inbox, errand, theirs, "failed", reason)
            case Notice(text=text, at=at):
                return await _note(inbox, errand, text, f"notice:{at.isoformat()}")
            case Change(message=message, at=at) as change:
                text = f"🗑 {change.old_text or ''}" if change.text is None else f"✏️ {change.text}"
                return await _note(inbox, errand, text, f"change:{message}:{at.isoformat()}")
            case React():
                return Carried()  # It has no place for one; a text would call somebody.
        raise AssertionError(errand.what)

    async def test(self, connection: Connection) -> Sequence[Finding]:
        answer = await Inbox(self._wire, connection).call(
            "GET", f"inboxes/{connection.settings['inbox_id']}"
        )
        if not isinstance(answer, Answer):
            return [Finding(False, "unreadable", {"why": answer.why})]
        inbox = table(answer.json())
        kind, where = str(inbox.get("channel_type")), connection.hook_url
        is_api, calls_us = kind == "Channel::Api", inbox.get("webhook_url") == where
        return [
            Finding(True, "readable", {"inbox": str(inbox.get("name"))}),
            Finding(is_api, "api" if is_api else "not_api", {"type": kind}),
            Finding(calls_us, "calls" if calls_us else "does_not_call", {"where": where}),
            *_reachable(connection.hook_url),
        ]


async def _mark(inbox: Inbox, errand: Errand, mark: Mark) -> Outcome:
    theirs = errand.their_message
    if theirs is None:
        return Carried()  # Its message is older than the connection.
    match mark.status:
        case "uncertain":
            text = f"❔ {mark.error or 'It may have been sent: nothing can tell'}"
            return await _note(inbox, errand, text, f"uncertain:{mark.message}")
        case "cancelled":
            why = "It was taken out of the queue and not sent"
            return await _set_status(inbox, errand, theirs, "failed", why)
        case status:
            return await _set_status(inbox, errand, theirs, status, mark.error)


async def _set_status(
    inbox: Inbox, errand: Errand, theirs: str, status: str, error: str | None
) -> Outcome:
    body = {"status": status}
    if status == "failed":
        body["external_error"] = error or "WhatsApp did not take it"
    path = f"conversations/{errand.their_chat}/messages/{theirs}"
    answer = await inbox.call("PATCH", path, json=body)
    return Carried() if isinstance(answer, Answer) else answer


async def _note(inbox: Inbox, errand: Errand, text: str, ref: str) -> Outcome:
    """A private note: agents see it, the client never does."""
    body = {
        "content": text,
        "message_type": "outgoing",
        "private": True,
        "source_id": f"{OURS}{ref}",
    }
    outcome = await _post(inbox, errand, body, None)
    # A note is not the message that it speaks of: only the conversation is worth remembering.
    return replace(outcome, message=None) if isinstance(outcome, Carried) else outcome


async def _post(inbox: Inbox, errand: Errand, body: Table, uri: str | None) -> Outcome:
    """Write into the client's conversation, the one that is known or else one that is found or made."""
    if errand.their_chat is not None:
        place = Place(errand.their_chat, errand.their_contact)
        outcome = await _write(inbox, errand, place, body, uri)
        if not _is_gone(outcome):
            return outcome
    name = errand.what.name if isinstance(errand.what, Say) else None
    found = await inbox.place(errand.address, name)
    return await _write(inbox, errand, found, body, uri) if isinstance(found, Place) else found


async def _write(
    inbox: Inbox, errand: Errand, place: Place, body: Table, uri: str | None
) -> Outcome:
    if errand.repeated:
        there = await inbox.messages(place.conversation)
        if not isinstance(there, list):
            return there
        for one in there:
            if one.get("source_id") == body["source_id"]:
                return _carried(place, one)
    answer = await inbox.write(place.conversation, body, uri)
    return _carried(place, table(answer.json())) if isinstance(answer, Answer) else answer


def _is_gone(outcome: Outcome) -> bool:
    """Somebody deleted the conversation, so it begins anew."""
    return isinstance(outcome, GiveUp) and outcome.why.startswith("HTTP 404")


def _carried(place: Place, message: Table) -> Carried:
    theirs = str(message["id"]) if "id" in message else None
    return Carried(chat=place.conversation, contact=place.contact, message=theirs)


# --- Translation -------------------------------------------------------------------------------


def _said(say: Say) -> Table:
    """Chatwoot cannot date a message back, so one that comes late says when it was written."""
    text = say.text or ""
    if say.retrieved:
        text = f"[{say.at:%Y-%m-%d %H:%M} UTC] {text}"
    return {
        "content": text,
        "message_type": "outgoing" if say.ours else "incoming",
        "private": False,
        "source_id": f"{OURS}{say.message}",
        "external_created_at": int(say.at.timestamp()),
    }


def _decoded(body: bytes) -> Table:
    try:
        return table(msgspec.json.decode(body))
    except msgspec.DecodeError:
        return {}


def _is_operators(message: Table) -> bool:
    """Whether it is for the client, and was not written by Houston."""
    ours = str(message.get("source_id") or "").startswith(OURS)
    return (
        message.get("message_type") in _OUTGOING and message.get("private") is not True and not ours
    )


def _wrote(message: Table, conversation: Table, *, again: bool = False) -> Heard:
    theirs, chat = message.get("id"), conversation.get("id")
    person = table(table(conversation.get("meta")).get("sender"))
    phone = str(person.get("phone_number") or "")
    if not isinstance(theirs, int) or not isinstance(chat, int):
        return Unreadable("Chatwoot told of a message without an `id`, or without a conversation")
    attachments = message.get("attachments")
    files = [table(one).get("data_url") for one in attachments] if attachments else []
    return OperatorWrote(
        message=str(theirs),
        chat=str(chat),
        address=phone.removeprefix("+") or _source(conversation),
        contact=str(person.get("id") or ""),
        text=_text(message),
        files=tuple(str(uri) for uri in files if uri),
        author=str(table(message.get("sender")).get("name") or ""),
        again=again,
    )


def _source(conversation: Table) -> str:
    """A contact that Houston made carries the number as its id in the inbox."""
    return str(table(conversation.get("contact_inbox")).get("source_id") or "")


def _text(message: Table) -> str | None:
    """Chatwoot writes bold as Markdown does, WhatsApp with one star."""
    text = message.get("content")
    return _BOLD.sub(r"*\1*", text) if isinstance(text, str) and text else None


def _reachable(hook_url: str) -> list[Finding]:
    host = urlsplit(hook_url).hostname or ""
    if "." in host and not host.startswith(("127.", "10.", "192.168.")):
        return []
    return [Finding(False, "unreachable", {"host": host})]
