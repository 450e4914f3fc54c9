"""Planfix: WhatsApp as a chat of its own API. Set-up and limits: docs/integrations/planfix.md."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode

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
    phone_of,
)
from houston.crm.field import Field
from houston.crm.wire import Answer, Wire, failure
from houston.kernel.sentence import say

_CHAT: Final = "wa:"
"""Begins the id of a chat and of its client; the number follows, so that Planfix may begin a chat too."""
_OURS: Final = ("Houston: ", "Houston, ")
"""How Houston's own words begin. Whatever comes back so is never sent to a client."""
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
_FIELDS_MAX: Final = 500
_MARKS: Final = {"sent": "sent", "read": "read", "failed": "error", "cancelled": "error"}
_CANCELLED: Final = "It was taken out of the queue and not sent"
_HERE: Final = say("Integrations → Chats → API, in the form of the chat")

FIELDS: Final = (
    Field(
        name="url",
        title=say("Address for requests"),
        where=_HERE,
        pattern=r"https?://[^\s?#]+/webchat/api",
        example="https://company.planfix.com/webchat/api",
    ),
    Field(
        name="planfix_token",
        title=say("Planfix's token"),
        where=_HERE,
        secret=True,
        pattern=r"\S{8,200}",
    ),
    Field(
        name="provider_id",
        title=say("providerId"),
        where=say("Any word of your own without ~, the same in the form of the chat"),
        pattern=r"[^\s~]{1,50}",
        example="houston",
    ),
    Field(
        name="token",
        title=say("Your own token"),
        where=say("Make up a long one, and enter the same in the form of the chat"),
        secret=True,
        pattern=r"\S{16,200}",
    ),
)


class Planfix:
    """The connector."""

    kind = "planfix"
    title = "Planfix"
    fields = FIELDS
    channels_max = 1

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def close(self) -> None:
        await self._wire.close()

    # --- From Planfix ----------------------------------------------------------------------

    def verify(self, connection: Connection, hook: Hook) -> Trust:
        said, settings = dict(_pairs(hook.body)), connection.settings
        known = hmac.compare_digest(said.get("token", "").encode(), settings["token"].encode())
        ours = said.get("providerId") == settings["provider_id"]
        return Trust.PROVEN if known and ours else Trust.REFUSED

    def note(self, connection: Connection, hook: Hook) -> Note | None:
        return None

    def reply(self, connection: Connection, hook: Hook) -> Mapping[str, str]:
        """Both ids are wanted where an employee writes first; elsewhere they do no harm."""
        chat = _chat(dict(_pairs(hook.body)))
        return {"chatId": chat, "contactId": chat}

    def read(self, connection: Connection, hook: Hook) -> Sequence[Heard]:
        pairs = _pairs(hook.body)
        said = dict(pairs)
        text = said.get("message") or None
        if said.get("cmd") != "newMessage" or (text or "").startswith(_OURS):
            return []
        if not said.get("messageId"):
            return [Unreadable("Planfix told of a message without its messageId")]
        chat = _chat(said)
        return [
            OperatorWrote(
                message=said["messageId"],
                chat=chat,
                address=chat.removeprefix(_CHAT),
                contact=chat,
                text=text,
                files=_files(pairs),
                author=f"{said.get('userName', '')} {said.get('userLastName', '')}".strip(),
            )
        ]

    async def page(
        self, connection: Connection, hook: Hook, channels: Sequence[NamedChannel]
    ) -> Page | None:
        return None

    async def confirm(self, connection: Connection, wrote: OperatorWrote) -> bool | Failure:
        return True  # Only what carries the token gets this far.

    async def missed(
        self, connection: Connection, since: datetime, chats: Sequence[KnownChat]
    ) -> Sequence[OperatorWrote] | Failure:
        """Planfix can be asked for nothing of the kind; that it answers is all that can be found out."""
        answer = await self._reach(connection)
        return [] if isinstance(answer, Answer) else answer

    # --- To Planfix ------------------------------------------------------------------------

    async def carry(self, connection: Connection, errand: Errand) -> Outcome:
        match errand.what:
            case Say() as say:
                return await self._say(
                    connection, errand, _text(say), say.content_uri, echo=say.ours
                )
            case Notice(text=text):
                return await self._say(connection, errand, text, None, echo=True)
            case Change(text=text, old_text=old):
                shown = f"🗑 {old or ''}" if text is None else f"✏️ {text}"
                return await self._say(connection, errand, shown, None, echo=False)
            case Refuse(theirs=theirs, reason=reason):
                return await self._status(connection, theirs, "error", reason)
            case Mark(status="uncertain"):
                text = "Houston: it may have been sent, nothing can tell"
                return await self._say(connection, errand, text, None, echo=True)
            case Mark(status=status, error=error):
                if errand.their_message is None or status not in _MARKS:
                    return Carried()
                why = _CANCELLED if status == "cancelled" else error
                return await self._status(connection, errand.their_message, _MARKS[status], why)
            case React():
                return Carried()  # It has no place for one; a text would call somebody.
        raise AssertionError(errand.what)

    async def _say(
        self, connection: Connection, errand: Errand, text: str, uri: str | None, *, echo: bool
    ) -> Outcome:
        chat = errand.their_chat or f"{_CHAT}{errand.address}"
        name = errand.what.name if isinstance(errand.what, Say) else None
        phone = phone_of(errand.address)
        fields = [
            ("chatId", chat),
            ("message", text),
            ("contactId", chat),
            ("contactName", name or phone or errand.address),
        ]
        fields += [("contactPhone", phone)] if phone else []
        if uri is not None:
            file = uri.split("?")[0].rsplit("/", 1)[-1] or "file"
            fields += [("attachments[name]", file), ("attachments[url]", uri)]
        if echo:
            fields.append(("isEcho", "true"))
        answer = await self._call(connection, "newMessage", fields)
        return Carried(chat=chat, contact=chat) if isinstance(answer, Answer) else answer

    async def _status(
        self, connection: Connection, theirs: str, status: str, why: str | None
    ) -> Outcome:
        fields = [("messageId", theirs), ("messageStatus", status)]
        if status == "error":
            fields.append(("messageStatusText", why or "WhatsApp did not take it"))
        answer = await self._call(connection, "messageStatus", fields)
        return Carried() if isinstance(answer, Answer) else answer

    async def test(self, connection: Connection) -> Sequence[Finding]:
        answer = await self._reach(connection)
        if not isinstance(answer, Answer):
            return [Finding(False, "refused", {"why": answer.why})]
        where = connection.hook_url
        return [
            Finding(True, "token"),
            Finding(where.startswith("https://"), "address", {"where": where}),
        ]

    async def _reach(self, connection: Connection) -> Answer | Failure:
        """Ask for a task that does not exist: that there is none shows that the token is right."""
        answer = await self._call(connection, "getTask", [("chatId", f"{_CHAT}nobody")])
        if isinstance(answer, GiveUp) and "task not found" in answer.why:
            return Answer(400, b"", {})
        return answer

    async def _call(
        self, connection: Connection, command: str, fields: Sequence[tuple[str, str]]
    ) -> Answer | Failure:
        """The answer, if it is a success."""
        settings = connection.settings
        own = [("cmd", command), ("providerId", settings["provider_id"])]
        own.append(("planfix_token", settings["planfix_token"]))
        content = urlencode([*own, *fields]).encode()
        answer = await self._wire.call("POST", settings["url"], _FORM, content=content)
        if not isinstance(answer, Answer) or answer.ok:
            return answer
        return failure(answer)


# --- Translation -------------------------------------------------------------------------------


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """In their order: the fields of several files have the same names."""
    try:
        text = body.decode()
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_MAX)
    except ValueError:
        return []


def _chat(said: Mapping[str, str]) -> str:
    """The id of the chat; where an employee writes first there is only the number."""
    digits = "".join(one for one in said.get("contactPhone", "") if one.isdigit())
    return said.get("chatId") or f"{_CHAT}{digits}"


def _files(pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(
        uri for name, uri in pairs if name.startswith("attachments") and "[url]" in name and uri
    )


def _text(say: Say) -> str:
    """Planfix wants a text with every message, and cannot date one back."""
    text = say.text or "📎"
    return f"[{say.at:%Y-%m-%d %H:%M} UTC] {text}" if say.retrieved else text
