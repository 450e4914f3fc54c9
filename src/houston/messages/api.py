"""Messages over HTTP: sending, changing and settling them."""

from typing import Annotated

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody

from houston.channels import store as channels
from houston.channels.status import POLICY
from houston.kernel.db import Database
from houston.kernel.errors import BadRequest, NotFound
from houston.kernel.ids import ChannelId, MessageId, chat_id
from houston.messages import reach, store_reading
from houston.messages.chats_api import chat_routes
from houston.messages.outbox import Outbox, Saying
from houston.messages.owners import Owners
from houston.messages.queues_api import queue_routes
from houston.messages.rules import check_address, composer
from houston.messages.views import (
    AcceptedView,
    Content,
    MessageView,
    PreviewView,
    message_views,
    waits_for,
)
from houston.people.rules import Caller, Doing


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


class ReactionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The emoji to put on a message; null takes the channel's own off."""

    emoji: str | None
    author: str | None = None
    """Who does it, for the others at Houston."""


class DecideRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person knows of an uncertain message: it arrived, or it did not and is to go out again."""

    arrived: bool


# --- Sending -----------------------------------------------------------------------------------


@post("/messages", summary="Send a message", tags=["messages"], doing=Doing.WRITE, window=True)
async def send_message(
    data: JSONBody[NewMessageRequest],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    owners: NamedDependency[Owners],
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
            address=await reach.address(
                database, caller, Doing.WRITE, data.channel_id, data.chat_id
            ),
            text=data.text,
            content_uri=None if data.content is None else data.content.uri,
            client_ref=data.client_ref if data.client_ref is not None else idempotency_key,
            quoted=data.quoted,
            author=_author(data.author) if caller.window is None else caller.window.name,
            clears_unanswered=data.clear_unanswered,
        )
    )
    seller = reach.sells_at(caller, data.channel_id)
    if seller is not None:
        await owners.claim(caller, data.channel_id, accepted.chat, seller)
    return AcceptedView(
        accepted.message, accepted.chat, "queued", waits_for(accepted.status), accepted.repeated
    )


@post(
    "/messages/preview",
    summary="What would sending do?",
    status_code=200,
    tags=["messages"],
    doing=Doing.READ,
    window=True,
)
async def preview_message(
    data: JSONBody[PreviewRequest],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PreviewView:
    channel_id, named = data.channel_id, data.chat_id
    address = await reach.address(database, caller, Doing.READ, channel_id, named)
    async with database.single() as tx:
        channel = await channels.one(tx, caller.account, data.channel_id)
        if channel is None:
            raise NotFound("There is no such channel", "List the channels to see their ids")
        same = await store_reading.same_text_waiting(
            tx, chat_id(data.channel_id, check_address("chat_id", address)), data.text
        )
        status = await store_reading.status_of(tx, data.channel_id)
    return PreviewView(composer(POLICY[status]), waits_for(status), same["count"], same["since"])


@get(
    "/messages/{message_id:uuid}",
    summary="One message",
    tags=["messages"],
    doing=Doing.READ,
    window=True,
)
async def get_message(
    message_id: FromPath[MessageId],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    language: NamedDependency[str],
) -> MessageView:
    async with database.single() as tx:
        row = await reach.message(tx, caller, Doing.READ, message_id)
        (view,) = await message_views(tx, [row], language)
    return view


@patch(
    "/messages/{message_id:uuid}",
    summary="Edit a message",
    tags=["messages"],
    doing=Doing.WRITE,
    window=True,
)
async def edit_message(
    message_id: FromPath[MessageId],
    data: JSONBody[EditRequest],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
    language: NamedDependency[str],
) -> MessageView:
    """At once while it waits; later WhatsApp is asked to, in the order of the chat."""
    await _check(database, caller, message_id)
    await outbox.edit(caller.account, message_id, data.text)
    return await _message(database, caller, message_id, language)


@delete(
    "/messages/{message_id:uuid}",
    summary="Unsay a message",
    status_code=200,
    tags=["messages"],
    doing=Doing.WRITE,
    window=True,
)
async def delete_message(
    message_id: FromPath[MessageId],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
    language: NamedDependency[str],
) -> MessageView:
    """Cancels it while it waits; later WhatsApp is asked to take it back for everyone."""
    await _check(database, caller, message_id)
    await outbox.take_back(caller.account, message_id)
    return await _message(database, caller, message_id, language)


@post(
    "/messages/{message_id:uuid}/reaction",
    summary="React to a message with an emoji, or take the channel's reaction off",
    status_code=200,
    tags=["messages"],
    doing=Doing.WRITE,
    window=True,
)
async def react_to_message(
    message_id: FromPath[MessageId],
    data: JSONBody[ReactionRequest],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
    language: NamedDependency[str],
) -> MessageView:
    """A channel has one reaction to a message of either side: this one, as soon as its status allows and in the
    order of the chat. `reacting` tells what waits, the fact `message.reaction` when it is done.

    409 means: the channel is disabled, deleted or not paid; or WhatsApp does not have the message.
    """
    await _check(database, caller, message_id)
    author = _author(data.author) if caller.window is None else caller.window.name
    await outbox.react(caller.account, message_id, data.emoji, author)
    return await _message(database, caller, message_id, language)


@post(
    "/messages/{message_id:uuid}/decide",
    summary="Settle an uncertain message",
    status_code=200,
    tags=["messages"],
    doing=Doing.WRITE,
)
async def decide_message(
    message_id: FromPath[MessageId],
    data: JSONBody[DecideRequest],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
    language: NamedDependency[str],
) -> MessageView:
    await _check(database, caller, message_id)
    await outbox.decide(caller.account, message_id, arrived=data.arrived)
    return await _message(database, caller, message_id, language)


# --- Rights ------------------------------------------------------------------------------------


async def _check(database: Database, caller: Caller, message: MessageId) -> None:
    """Whoever is not limited needs no look: the outbox finds nothing of other accounts."""
    if caller.is_limited:
        async with database.single() as tx:
            await reach.message(tx, caller, Doing.WRITE, message)


async def _message(
    database: Database, caller: Caller, message: MessageId, language: str
) -> MessageView:
    """A message that the caller has just done something with."""
    async with database.single() as tx:
        row = await reach.message(tx, caller, Doing.WRITE, message)
        (view,) = await message_views(tx, [row], language)
    return view


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
        react_to_message,
        decide_message,
        *queue_routes,
        *chat_routes,
    ],
)
