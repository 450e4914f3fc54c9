"""What a portal calls about: which calls are genuine, what they say, and what has to be remembered of them."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from houston.crm.bitrix24 import remembered
from houston.crm.bitrix24.bbcode import to_whatsapp
from houston.crm.bitrix24.form import unfolded
from houston.crm.bitrix24.keys import INSTALL, REMOVED, known_keys
from houston.crm.bitrix24.words import nobody_speaks_in
from houston.crm.connector import (
    Connection,
    Heard,
    Hook,
    Note,
    OperatorChanged,
    OperatorWrote,
    Trust,
    Unreadable,
)
from houston.crm.wire import Table, table
from houston.kernel.ids import MessageId
from houston.kernel.sentence import say

ADD: Final = "ONIMCONNECTORMESSAGEADD"
UPDATE: Final = "ONIMCONNECTORMESSAGEUPDATE"
DELETE: Final = "ONIMCONNECTORMESSAGEDELETE"
STATUS_DELETE: Final = "ONIMCONNECTORSTATUSDELETE"
LINE_DELETE: Final = "ONIMCONNECTORLINEDELETE"
UNINSTALL: Final = "ONAPPUNINSTALL"
_INSTALLED: Final = "ONAPPINSTALL"
BOUND: Final = (ADD, UPDATE, DELETE, STATUS_DELETE, LINE_DELETE, UNINSTALL)
"""What the portal is asked to call about. It calls about its installation unasked."""
_TEXTS: Final = (ADD, UPDATE, DELETE)
_LIFE_SECONDS: Final = 3600.0


def trust_of(connection: Connection, hook: Hook) -> Trust:
    """An installation brings the token that proves all later calls, so itself it is only believed later."""
    said = unfolded(hook.body)
    auth, keys = table(said.get("auth")), known_keys(connection)
    token, member = str(auth.get("application_token") or ""), str(auth.get("member_id") or "")
    if (
        keys is not None
        and keys.application
        and hmac.compare_digest(keys.application.encode(), token.encode())
    ):
        return (
            Trust.PROVEN if "" in (member, keys.member) or member == keys.member else Trust.REFUSED
        )
    home = urlsplit(connection.settings["portal"]).netloc
    if _event(said) == _INSTALLED and auth.get("refresh_token") and auth.get("domain") == home:
        return Trust.DOUBTFUL
    return Trust.REFUSED


def note_of(connection: Connection, hook: Hook) -> Note | None:
    said = unfolded(hook.body)
    auth, data = table(said.get("auth")), said.get("data")
    match _event(said):
        case event if event == _INSTALLED:
            install = {**auth, "heard": hook.at.isoformat()}
            return Note(remember={INSTALL: msgspec.json.encode(install).decode()}, anew=True)
        case event if event == UNINSTALL:
            gone = {f"{remembered.LINE}{line}": None for line in remembered.lines(connection)}
            token = str(auth.get("application_token"))
            return Note(remember={REMOVED: token, **gone}, anew=True)
        case event if event == STATUS_DELETE and _is_ours(connection, table(data)):
            return Note(remember={f"{remembered.LINE}{_number(_field(data, 'line'))}": None})
        case event if event == LINE_DELETE:
            return Note(remember={f"{remembered.LINE}{_number(data)}": None})
        case event if event in _TEXTS:
            return Note(remember={**_token(auth, hook.at), **_changed(event, said)})
        case _:
            return None


def read_hook(connection: Connection, hook: Hook) -> Sequence[Heard]:
    said = unfolded(hook.body)
    data, event = table(said.get("data")), _event(said)
    if event not in _TEXTS or not _is_ours(connection, data):
        return []
    found = [_heard(connection, event, said, one, hook.at) for one in _messages(data)]
    return [one for one in found if one is not None]


def _heard(
    connection: Connection, event: str, said: Table, one: Table, now: datetime
) -> Heard | None:
    im, message = table(one.get("im")), table(one.get("message"))
    theirs, chat = str(im.get("message_id") or ""), str(im.get("chat_id") or "")
    address, line = str(table(one.get("chat")).get("id") or ""), _field(said.get("data"), "line")
    channel, place = remembered.channel_of(connection, line), remembered.Place(chat, address)
    if not _is_number(theirs) or not _is_number(chat) or not address or "\x00" in address:
        return Unreadable("Bitrix24 told of a message without its ids")
    if channel is None and event != ADD:
        why = say(
            "The open line {line} is attached to none of the connection's channels", line=line
        )
        return Unreadable(str(why))
    author = _number(message.get("user_id")) or _number(table(said.get("auth")).get("user_id"))
    text = to_whatsapp(str(message.get("text") or "")) or None
    if event != ADD:
        return OperatorChanged(
            change=f"{event} {theirs} {said.get('ts')} {_digest(text)}",
            message=theirs,
            chat=str(place),
            address=address,
            channel=channel,
            text=None if event == DELETE else text or "",
            author=f"Bitrix24 {author}".strip(),
        )
    told = remembered.told_in(connection, chat)
    if told is not None and text == told.text:
        return None  # Houston's own words.
    return OperatorWrote(
        message=theirs,
        chat=str(place),
        address=address,
        channel=channel,
        contact=author,
        text=text,
        files=_files(message),
        author=f"Bitrix24 {author}".strip(),
        perhaps=_echo(connection, address, author, text, now),
        nowhere="" if channel is not None else nobody_speaks_in(line),
    )


def _echo(
    connection: Connection, address: str, author: str, text: str | None, now: datetime
) -> MessageId | None:
    """Something written on the phone was shown under an employee's name: it may be told as if they wrote it."""
    keys = known_keys(connection)
    if keys is None or author != keys.user:
        return None
    said = remembered.said_to(connection, address, now)
    return next((one.message for one in said if one.text == text), None)


def _digest(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()[:16]


def _files(message: Table) -> tuple[str, ...]:
    files = message.get("files")
    found = [table(one).get("link") for one in files] if isinstance(files, list) else []
    return tuple(str(uri) for uri in found if uri)


def _event(said: Table) -> str:
    return str(said.get("event") or "").upper()


def _messages(data: Table) -> list[Table]:
    found = data.get("MESSAGES", data.get("DATA"))
    return [table(one) for one in found] if isinstance(found, list) else []


def _field(data: object, name: str) -> str:
    """Some events write their fields small, some in capitals."""
    found = table(data)
    return str(found.get(name.upper()) or found.get(name) or "")


def _is_number(said: str) -> bool:
    return said.isascii() and said.isdigit()


def _number(value: object) -> str:
    return str(value) if _is_number(str(value)) else ""


def _is_ours(connection: Connection, data: Table) -> bool:
    return _field(data, "connector").lower() == remembered.connector_id(connection.id)


def _token(auth: Table, now: datetime) -> Mapping[str, str]:
    """Of whoever acted. Robots have none."""
    token, user = auth.get("access_token"), _number(auth.get("user_id"))
    if not token or not user:
        return {}
    said = str(auth.get("expires") or "")
    until = float(said) if _is_number(said) else now.timestamp() + _LIFE_SECONDS
    kept = remembered.encoded(remembered.Token(token=str(token), until=until))
    return {f"{remembered.USER}{user}": kept}


def _changed(event: str, said: Table) -> Mapping[str, str]:
    """So that the change is confirmed in the portal, and not told there as news."""
    if event == ADD:
        return {}
    found: dict[str, str] = {}
    for one in _messages(table(said.get("data"))):
        theirs = _number(table(one.get("im")).get("message_id"))
        text = str(table(one.get("message")).get("text") or "")
        found[f"{remembered.CHANGED}{theirs}"] = "" if event == DELETE else to_whatsapp(text)
    return found
