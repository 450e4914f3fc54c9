"""What stands in a portal's chats: what operators wrote while nobody heard them, and what arrived after all."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from houston.crm.bitrix24 import remembered
from houston.crm.bitrix24.bbcode import to_whatsapp
from houston.crm.bitrix24.portal import Portal
from houston.crm.connector import Failure, GiveUp, KnownChat, OperatorWrote
from houston.crm.wire import Table, table
from houston.kernel.ids import MessageId

_METHOD = "imopenlines.session.history.get"


async def unheard(
    portal: Portal, since: datetime, chats: Sequence[KnownChat]
) -> list[OperatorWrote] | Failure:
    """Operators' messages that nobody confirmed. What waits in Houston is among them, and is known there."""
    ids = [remembered.place_of(chat.theirs, chat.address).chat for chat in chats]
    answers = await portal.batch([(_METHOD, {"CHAT_ID": id}) for id in ids])
    if not isinstance(answers, list):
        return answers
    found: list[OperatorWrote] = []
    for chat, answer in zip(chats, answers, strict=True):
        if not isinstance(answer, GiveUp):  # A chat that was deleted, or is closed to the app.
            found += _written(portal, chat, table(answer), since)
    return found


async def is_there(portal: Portal, chat: str, message: MessageId) -> bool | Failure:
    """Whether the chat shows a message of Houston's."""
    answer = await portal.call(_METHOD, {"CHAT_ID": chat})
    if isinstance(answer, GiveUp):
        return False
    if isinstance(answer, Failure):
        return answer
    return any(str(message) in _confirmed(one) for one in _messages(table(answer)))


def _written(
    portal: Portal, chat: KnownChat, history: Table, since: datetime
) -> list[OperatorWrote]:
    id = remembered.place_of(chat.theirs, chat.address).chat
    channel = remembered.channel_of(portal.connection, _line(history, id))
    people = table(history.get("users"))
    return [
        OperatorWrote(
            message=str(one.get("id")),
            chat=chat.theirs,
            address=chat.address,
            channel=channel,
            contact=str(one.get("senderid")),
            text=to_whatsapp(str(one.get("text") or "")) or None,
            files=_files(one, table(history.get("files"))),
            author=f"Bitrix24 {one.get('senderid')}",
        )
        for one in _messages(history)
        if channel is not None
        and _at(one) >= since
        and not _confirmed(one)
        and _is_operators(portal, id, one, people)
    ]


def _is_operators(portal: Portal, chat: str, one: Table, people: Table) -> bool:
    """Neither the portal's own, nor the client's, nor a robot's, nor Houston's words in an operator's name."""
    person = table(people.get(str(one.get("senderid"))))
    told = remembered.told_in(portal.connection, chat)
    ours = told is not None and str(one.get("text") or "").endswith(told.text)
    system = str(one.get("senderid") or "0") == "0" or bool(table(one.get("params")).get("system"))
    return not (system or ours or person.get("connector") or person.get("bot"))


def _messages(history: Table) -> list[Table]:
    """In the order in which they were written."""
    found = [table(one) for one in table(history.get("message")).values()]
    return sorted(found, key=lambda one: int(one["id"]) if str(one.get("id")).isdigit() else 0)


def _confirmed(one: Table) -> list[str]:
    """The ids that Houston gave it."""
    ids: Any = table(one.get("params")).get("connectorMid")
    return [str(id) for id in ids] if isinstance(ids, list) else [str(ids)] if ids else []


def _at(one: Table) -> datetime:
    """What has no date that can be read is too old to be missed."""
    try:
        at = datetime.fromisoformat(str(one.get("date")))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _line(history: Table, chat: str) -> str:
    """`connector|line|client|user`."""
    about = table(table(history.get("chat")).get(chat))
    parts = str(about.get("entityId") or about.get("entity_id") or "").split("|")
    return parts[1] if len(parts) > 1 else ""


def _files(one: Table, files: Table) -> tuple[str, ...]:
    ids = table(one.get("params")).get("fileId")
    found = (
        [table(files.get(str(id))).get("urldownload") for id in ids]
        if isinstance(ids, list)
        else []
    )
    return tuple(str(uri) for uri in found if uri)
