"""Which chats and messages a caller reaches: the place where routes that name one ask for the right."""

from typing import Final
from uuid import UUID

from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import NotFound
from houston.kernel.ids import ChannelId, ChatId, MessageId, PersonId, chat_id
from houston.messages import store_reading
from houston.messages.rules import check_address
from houston.people.rules import Caller, Doing, Role, require

NO_CHAT: Final = NotFound("There is no such chat", "List the chats to see their ids")
NO_MESSAGE: Final = NotFound("There is no such message", "Check its id")


async def message(tx: Tx, caller: Caller, doing: Doing, message: MessageId) -> Row:
    """A message of the account that the caller may do something with.

    Raises:
        NotFound: there is none, or none that they may know of.
        Forbidden: it is not for them.
    """
    row = await store_reading.message(tx, caller.account, message)
    if row is None or not caller.sees_chat(row["address"]):
        raise NO_MESSAGE
    require(caller, doing, ChannelId(row["channel_id"]), row["owner_id"])
    return row


async def chat(tx: Tx, caller: Caller, doing: Doing, chat: ChatId) -> Row:
    """The same for a chat."""
    row = await store_reading.chat(tx, caller.account, chat)
    if row is None or not caller.sees_chat(row["address"]):
        raise NO_CHAT
    require(caller, doing, ChannelId(row["channel_id"]), row["owner_id"])
    return row


async def address(
    database: Database, caller: Caller, doing: Doing, channel: ChannelId, named: str
) -> str:
    """Where a channel is to write. A chat is named by its id or by the phone number of who is in it.

    Raises:
        NotFound: there is no such chat, or none that they may know of.
        Forbidden: it is not for them.
    """
    known, found = _chat_id(named), named
    if known is None and not caller.is_limited:
        return named
    async with database.single() as tx:
        if known is not None:
            found = str((await chat(tx, caller, Doing.READ, known))["address"])
        if caller.is_limited:
            number = check_address("chat_id", found)
            if not caller.sees_chat(number):
                raise NO_CHAT
            there = chat_id(channel, number)
            row = await store_reading.chat(tx, caller.account, there)
            require(caller, doing, channel, None if row is None else row["owner_id"])
    return found


def sells_at(caller: Caller, channel: ChannelId) -> PersonId | None:
    """Whose chats alone the caller reaches on a channel; None: those of everybody."""
    return caller.person if caller.role_at(channel) is Role.SELLER else None


def _chat_id(named: str) -> ChatId | None:
    try:
        return ChatId(UUID(named)) if "-" in named and len(named) == 36 else None
    except ValueError:
        return None
