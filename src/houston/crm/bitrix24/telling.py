"""Houston's own words for an operator, by the first way that is open. None of them leads to the client."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from houston.crm.bitrix24 import remembered
from houston.crm.bitrix24.bbcode import escaped
from houston.crm.bitrix24.portal import Portal
from houston.crm.connector import AskPerson, Carried, Errand, Failure, GiveUp, Outcome, phone_of

_OURS: Final = "Houston"
_Way = Callable[[Portal, Errand, str], Awaitable[Any | Failure]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What to say, and on which occasion: the same one twice is said once."""

    key: str
    text: str


async def tell(portal: Portal, errand: Errand, words: Words) -> Outcome:
    """By the first way that is open: into the chat, to the operator, or beside the client's words."""
    return await _tell(
        portal, errand, words, (_into_the_chat, _to_the_operator, _beside_the_client)
    )


async def tell_operator(portal: Portal, errand: Errand, words: Words) -> Outcome:
    """In a chat that is no channel's: there, nothing can be said in the client's place."""
    return await _tell(portal, errand, words, (_into_the_chat, _to_the_operator))


async def _tell(portal: Portal, errand: Errand, words: Words, ways: Sequence[_Way]) -> Outcome:
    connection, chat = portal.connection, _place(errand).chat
    before = remembered.told_in(connection, chat)
    if before is not None and before.key == words.key and before.done:
        return Carried()
    told = remembered.Told(chat=chat, key=words.key, text=words.text, done=False)
    await remembered.keep_told(connection, told)
    outcome = await _by_the_first_open_way(portal, errand, words.text, ways)
    if isinstance(outcome, Carried):
        await remembered.keep_told(connection, msgspec.structs.replace(told, done=True))
    return outcome


def _place(errand: Errand) -> remembered.Place:
    return remembered.place_of(errand.their_chat, errand.address)


async def _by_the_first_open_way(
    portal: Portal, errand: Errand, text: str, ways: Sequence[_Way]
) -> Outcome:
    for way in ways:
        answer = await way(portal, errand, text)
        if not isinstance(answer, GiveUp):
            return answer if isinstance(answer, Failure) else Carried()
    return answer


async def _into_the_chat(portal: Portal, errand: Errand, text: str) -> Any | Failure:
    """A system message. Only somebody who is in the chat may write one: the operator, or else the installer."""
    place = _place(errand)
    if not place.chat:
        return GiveUp("The chat is not known yet")
    words = {
        "DIALOG_ID": f"chat{place.chat}",
        "MESSAGE": escaped(text),
        "SYSTEM": "Y",
        "SKIP_CONNECTOR": "Y",
        "URL_PREVIEW": "N",
    }
    now = portal.clock.now()
    token = remembered.token_of(portal.connection, errand.their_contact, now)
    if token is not None:
        answer = await portal.call_as(token, "im.message.add", words)
        return _closed(answer)
    if errand.their_contact:
        return GiveUp("The operator's token has expired")
    return await portal.call("im.message.add", words)


def _closed(answer: Any | Failure) -> Any | Failure:
    """That an operator's token opens nothing says nothing about the app's own keys."""
    return GiveUp(answer.why) if isinstance(answer, AskPerson) else answer


async def _to_the_operator(portal: Portal, errand: Errand, text: str) -> Any | Failure:
    """A notification, for which one need not be in the chat."""
    if not errand.their_contact:
        return GiveUp("No operator has written in this chat")
    chat = _place(errand).chat
    where = f"[chat={chat}]{phone_of(errand.address) or errand.address}[/chat]"
    body = {
        "USER_ID": errand.their_contact,
        "MESSAGE": f"{where}: {escaped(text)}",
        "TAG": f"HOUSTON|{chat}",
    }
    return await portal.call("im.notify.system.add", body)


async def _beside_the_client(portal: Portal, errand: Errand, text: str) -> Any | Failure:
    """In the client's place, marked as Houston's: what connector users write is never sent to a client."""
    line = remembered.line_of(portal.connection, errand.channel)
    if line is None:
        return GiveUp("The channel is attached to no open line")
    shown = text if text.startswith(_OURS) else f"{_OURS}: {text}"
    message = {
        "user": {"id": _place(errand).client},
        "message": {
            "id": f"houston-{errand.chat}-{portal.clock.now().timestamp():.0f}",
            "date": int(portal.clock.now().timestamp()),
            "text": escaped(shown),
            "disable_crm": "Y",
        },
        "chat": {"id": _place(errand).client},
    }
    return await portal.call(
        "imconnector.send.messages",
        {
            "CONNECTOR": remembered.connector_id(portal.connection.id),
            "LINE": line,
            "MESSAGES": [message],
        },
    )
