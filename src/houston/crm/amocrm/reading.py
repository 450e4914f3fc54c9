"""What amoCRM's chats say of messages and emojis, as Houston's words. Pure."""

from typing import Final

import msgspec

from houston.crm.connector import Heard, OperatorReacted, OperatorWrote, Unreadable
from houston.crm.wire import Table, table

PERSON: Final = "wa:"
"""Begins the id by which amoCRM knows a client; the number follows."""


def heard(body: bytes, account: str, bot: str) -> Heard | None:
    """What a hook says; nothing if it concerns another account, or is Houston's own."""
    said = table(decoded(body))
    if said.get("account_id") != account:
        return None
    reaction = table(table(said.get("action")).get("reaction"))
    if reaction:
        return _reacted(reaction, bot)
    message = table(said.get("message"))
    if not message or table(message.get("sender")).get("id") == bot:
        return None
    return wrote(message, str(table(message.get("conversation")).get("id") or ""))


def _reacted(said: Table, bot: str) -> Heard | None:
    user, theirs = table(said.get("user")), table(said.get("message")).get("id")
    emoji, way = said.get("emoji"), said.get("type")
    if user.get("id") == bot or str(user.get("client_id") or "").startswith(PERSON):
        return None  # Told by Houston.
    if not theirs or way not in ("react", "unreact") or (way == "react" and not emoji):
        return Unreadable("amoCRM told of a reaction without a message, a type or an emoji")
    return OperatorReacted(
        message=str(theirs),
        emoji=str(emoji) if way == "react" else None,
        author=str(user.get("name") or ""),
    )


def decoded(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None


def wrote(said: Table, chat: str, address: str = "") -> Heard:
    message, receiver = table(said.get("message")), table(said.get("receiver"))
    theirs = message.get("id")
    if not theirs or not chat:
        return Unreadable("amoCRM told of a message without an id, or without a conversation")
    media = message.get("media")
    return OperatorWrote(
        message=str(theirs),
        chat=chat,
        address=address or _address(receiver),
        contact=str(receiver.get("id") or ""),
        text=_text(message),
        files=(str(media),) if media else (),
        author=str(table(said.get("sender")).get("name") or ""),
        quoted=_quoted(message),
    )


def is_managers(one: Table, bot: str) -> bool:
    """Whether somebody in amoCRM wrote it: neither a client, nor Houston."""
    sender, message = table(one.get("sender")), table(one.get("message"))
    return not sender.get("client_id") and sender.get("id") != bot and not message.get("client_id")


def _address(receiver: Table) -> str:
    """The number of a client whom we named, or to whom a manager writes first."""
    ours = str(receiver.get("client_id") or "")
    if ours.startswith(PERSON):
        return ours.removeprefix(PERSON)
    return str(receiver.get("phone") or "").removeprefix("+")


def _text(message: Table) -> str | None:
    """Buttons become lines: a number that is linked as a device has none to show."""
    lines = [str(message.get("text") or "")]
    for row in table(message.get("markup")).get("buttons") or []:
        buttons = row if isinstance(row, list) else []
        lines += [f"• {one['text']}" for one in map(table, buttons) if one.get("text")]
    return "\n".join(filter(None, lines)) or None


def _quoted(message: Table) -> str | None:
    quoted = table(table(message.get("reply_to")).get("message")).get("id")
    return str(quoted) if quoted else None
