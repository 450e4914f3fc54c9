"""Chats, messages and queues over HTTP."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, Parameter

from houston.channels import store as channels
from houston.channels.status import POLICY
from houston.channels.views import Queues, QueueView
from houston.kernel.db import Database
from houston.kernel.errors import BadRequest, NotFound
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, chat_id
from houston.messages import store_reading
from houston.messages.outbox import Outbox, Saying
from houston.messages.rules import check_address, composer
from houston.messages.views import (
    AcceptedView,
    CancelledView,
    ChatView,
    Content,
    MessageView,
    PreviewView,
    chat_view,
    message_view,
    waits_for,
)
from houston.people.keyring import Caller

_NO_CHAT: Final = NotFound("There is no such chat", "List the chats to see their ids")
_NO_MESSAGE: Final = NotFound("There is no such message", "Check its id")
Limit = Annotated[int, Parameter(ge=1, le=200, description="At most so many")]


class NewMessageRequest(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"quoted": "quoted_message_id"}
):
    """What to send. `chat_id` is the id of a chat, or a phone number: digits with country code."""

    channel_id: ChannelId
    chat_id: str
    text: str | None = None
    content: Content | None = None
    client_ref: str | None = None
    """A repeat with the same reference is harmless: it answers with the first message."""
    quoted: MessageId | None = None
    author: str | None = None
    clear_unanswered: bool = True


class PreviewRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message that somebody is about to send."""

    channel_id: ChannelId
    chat_id: str
    text: str


class EditRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The new text of a message."""

    text: str


class DecideRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person knows of an uncertain message: it arrived, or it did not and is to go out again."""

    arrived: bool


class CancelRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which messages to take out of the queue: these, or all."""

    ids: list[MessageId] | None = None
    all: bool = False


class MarkRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """0 is "No reply needed"."""

    unanswered: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


# --- Sending -----------------------------------------------------------------------------------


@post("/messages", summary="Send a message", tags=["messages"])
async def send_message(
    data: JSONBody[NewMessageRequest],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
    idempotency_key: Annotated[str | None, HeaderParameter(name="Idempotency-Key")] = None,
) -> AcceptedView:
    """201 means: it is on the disk and will be sent, in order, as soon as the channel's status allows.

    409 means: the channel is disabled, deleted or not paid; nothing was stored.
    """
    accepted = await outbox.say(
        Saying(
            account=caller.account,
            channel=data.channel_id,
            address=await _address(database, caller.account, data.chat_id),
            text=data.text,
            content_uri=None if data.content is None else data.content.uri,
            client_ref=data.client_ref if data.client_ref is not None else idempotency_key,
            quoted=data.quoted,
            author=_author(data.author),
            clears_unanswered=data.clear_unanswered,
        )
    )
    return AcceptedView(
        accepted.message, accepted.chat, "queued", waits_for(accepted.status), accepted.repeated
    )


@post("/messages/preview", summary="What would sending do?", status_code=200, tags=["messages"])
async def preview_message(
    data: JSONBody[PreviewRequest],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PreviewView:
    address = await _address(database, caller.account, data.chat_id)
    async with database.single() as tx:
        channel = await channels.one(tx, caller.account, data.channel_id)
        if channel is None:
            raise NotFound("There is no such channel", "List the channels to see their ids")
        same = await store_reading.same_text_waiting(
            tx, chat_id(data.channel_id, check_address("chat_id", address)), data.text
        )
        status = await store_reading.status_of(tx, data.channel_id)
    return PreviewView(composer(POLICY[status]), waits_for(status), same["count"], same["since"])


@get("/messages/{message_id:uuid}", summary="One message", tags=["messages"])
async def get_message(
    message_id: FromPath[MessageId],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MessageView:
    return await _message(database, caller.account, message_id)


@patch("/messages/{message_id:uuid}", summary="Edit a message", tags=["messages"])
async def edit_message(
    message_id: FromPath[MessageId],
    data: JSONBody[EditRequest],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
) -> MessageView:
    """At once while it waits; later WhatsApp is asked to, in the order of the chat."""
    await outbox.edit(caller.account, message_id, data.text)
    return await _message(database, caller.account, message_id)


@delete(
    "/messages/{message_id:uuid}", summary="Unsay a message", status_code=200, tags=["messages"]
)
async def delete_message(
    message_id: FromPath[MessageId],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
) -> MessageView:
    """Cancels it while it waits; later WhatsApp is asked to take it back for everyone."""
    await outbox.take_back(caller.account, message_id)
    return await _message(database, caller.account, message_id)


@post(
    "/messages/{message_id:uuid}/decide",
    summary="Settle an uncertain message",
    status_code=200,
    tags=["messages"],
)
async def decide_message(
    message_id: FromPath[MessageId],
    data: JSONBody[DecideRequest],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
) -> MessageView:
    await outbox.decide(caller.account, message_id, arrived=data.arrived)
    return await _message(database, caller.account, message_id)


# --- Queues ------------------------------------------------------------------------------------


@get("/channels/{channel_id:uuid}/queue", summary="What waits, and why", tags=["queues"])
async def get_queue(
    channel_id: FromPath[ChannelId],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queues: NamedDependency[Queues],
) -> QueueView:
    async with database.single() as tx:
        channel = await channels.one(tx, caller.account, channel_id)
        if channel is None:
            raise NotFound("There is no such channel", "List the channels to see their ids")
        return (await queues(tx, [channel])).get(channel_id, QueueView())


@get(
    "/channels/{channel_id:uuid}/queue/messages",
    summary="The messages that wait, in order",
    tags=["queues"],
)
async def list_queue(
    channel_id: FromPath[ChannelId],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    limit: Limit = 100,
) -> list[MessageView]:
    async with database.single() as tx:
        rows = await store_reading.waiting(tx, caller.account, channel_id, limit)
    return [message_view(row) for row in rows]


@post(
    "/channels/{channel_id:uuid}/queue/cancel",
    summary="Take messages out of the queue",
    status_code=200,
    tags=["queues"],
)
async def cancel_queue(
    channel_id: FromPath[ChannelId],
    data: JSONBody[CancelRequest],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
) -> CancelledView:
    if data.all == (data.ids is not None):
        raise BadRequest("ids", data.ids, "give either `ids`, or `all`: true")
    cancelled = await outbox.cancel(caller.account, channel_id, None if data.all else data.ids)
    return CancelledView(cancelled)


# --- Chats -------------------------------------------------------------------------------------


@get("/chats", summary="Chats, unanswered ones first", tags=["chats"])
async def list_chats(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    channel: FromQuery[ChannelId | None] = None,
    q: Annotated[
        str | None, Parameter(max_length=100, description="Part of a name or number")
    ] = None,
    unanswered: FromQuery[bool | None] = None,
    limit: Limit = 50,
    offset: Annotated[int, Parameter(ge=0, le=1_000_000)] = 0,
) -> list[ChatView]:
    words = None if q is None else q.replace("\x00", "").replace("%", r"\%").replace("_", r"\_")
    async with database.single() as tx:
        rows = await store_reading.chats(
            tx,
            caller.account,
            channel=channel,
            words=words,
            unanswered=unanswered,
            limit=limit,
            offset=offset,
        )
    return [chat_view(row) for row in rows]


@get("/chats/{chat:uuid}/messages", summary="Messages of a chat, oldest first", tags=["chats"])
async def list_messages(
    chat: FromPath[ChatId],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    before: Annotated[
        MessageId | None, Parameter(description="Only what was said before it")
    ] = None,
    limit: Limit = 50,
) -> list[MessageView]:
    async with database.single() as tx:
        if await store_reading.chat(tx, caller.account, chat) is None:
            raise _NO_CHAT
        rows = await store_reading.messages(tx, chat, before, limit)
    return [message_view(row) for row in rows]


@patch("/chats/{chat:uuid}", summary="Set the counter: 0 is “No reply needed”", tags=["chats"])
async def mark_chat(
    chat: FromPath[ChatId],
    data: JSONBody[MarkRequest],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
) -> ChatView:
    await outbox.mark(caller.account, chat, data.unanswered, caller.actor)
    async with database.single() as tx:
        return chat_view((await store_reading.chats(tx, caller.account, chat=chat))[0])


# --- Looking up --------------------------------------------------------------------------------


async def _message(database: Database, account: AccountId, message: MessageId) -> MessageView:
    async with database.single() as tx:
        row = await store_reading.message(tx, account, message)
    if row is None:
        raise _NO_MESSAGE
    return message_view(row)


async def _address(database: Database, account: AccountId, chat: str) -> str:
    """A chat may be named by its id or by the phone number of who is in it."""
    try:
        known = ChatId(UUID(chat)) if "-" in chat and len(chat) == 36 else None
    except ValueError:
        known = None
    if known is None:
        return chat
    async with database.single() as tx:
        row = await store_reading.chat(tx, account, known)
    if row is None:
        raise _NO_CHAT
    return str(row["address"])


def _author(name: str | None) -> str:
    if name is not None and (len(name) > 200 or not name.isprintable()):
        raise BadRequest("author", name, "use at most 200 printable characters")
    return name or ""


messages_api = Router(
    "/",
    route_handlers=[
        send_message,
        preview_message,
        get_message,
        edit_message,
        delete_message,
        decide_message,
        get_queue,
        list_queue,
        cancel_queue,
        list_chats,
        list_messages,
        mark_chat,
    ],
)
