"""Chats over HTTP: the list that people work through, and what was said in each."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from houston.kernel.db import Database, Tx
from houston.kernel.errors import NotFound
from houston.kernel.ids import ChannelId, ChatId, MessageId, PersonId
from houston.messages import reach, store_reading
from houston.messages.outbox import Outbox
from houston.messages.owners import Owners
from houston.messages.queues_api import Limit
from houston.messages.search import pattern_of, query_of
from houston.messages.views import ChatCountView, ChatView, MessageView, chat_view, message_views
from houston.people import store as people
from houston.people.rules import Caller, Doing, sight


class MarkRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a chat can be set. What is left out stays."""

    unanswered: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | msgspec.UnsetType = msgspec.UNSET
    """0 is "No reply needed"."""
    owner_id: PersonId | msgspec.UnsetType | None = msgspec.UNSET
    """Whose chat it is to be; null is nobody's."""


@get(
    "/chats", summary="Chats, unanswered ones first", tags=["chats"], doing=Doing.READ, window=True
)
async def list_chats(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    channel: FromQuery[ChannelId | None] = None,
    q: Annotated[
        str | None,
        Parameter(
            max_length=100,
            description="Part of a name or number, or beginnings of words that were written",
        ),
    ] = None,
    unanswered: FromQuery[bool | None] = None,
    mine: Annotated[
        bool, Parameter(description="Only those that were given to the caller")
    ] = False,
    limit: Limit = 50,
    offset: Annotated[int, Parameter(ge=0, le=1_000_000)] = 0,
) -> list[ChatView]:
    """A chat that was found by what was said in it shows that message as `found`: the newest one that has
    words beginning like all those of `q`, small letters or capitals. Words are looked for from three
    characters on."""
    asked = None if q is None else q.replace("\x00", "").strip()
    async with database.single() as tx:
        rows = await store_reading.chats(
            tx,
            caller.account,
            channel=channel,
            named=None if asked is None else pattern_of(asked),
            said=None if asked is None else query_of(asked),
            unanswered=unanswered,
            owner=caller.person if mine else None,
            limit=limit,
            offset=offset,
            sight=sight(caller),
        )
    return [chat_view(row, asked or "") for row in rows]


@get(
    "/chats/count",
    summary="How many chats, and how many wait for an answer",
    tags=["chats"],
    doing=Doing.READ,
    window=True,
)
async def count_chats(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> ChatCountView:
    async with database.single() as tx:
        row = await store_reading.count_chats(tx, caller.account, sight(caller))
    return ChatCountView(row["chats"], row["unanswered"])


@get("/chats/{chat:uuid}", summary="One chat", tags=["chats"], doing=Doing.READ, window=True)
async def get_chat(
    chat: FromPath[ChatId],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ChatView:
    async with database.single() as tx:
        await reach.chat(tx, caller, Doing.READ, chat)
        return await _view(tx, caller, chat)


@get(
    "/chats/{chat:uuid}/messages",
    summary="Messages of a chat, oldest first",
    tags=["chats"],
    doing=Doing.READ,
    window=True,
)
async def list_messages(
    chat: FromPath[ChatId],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    language: NamedDependency[str],
    before: Annotated[
        MessageId | None, Parameter(description="Only what was said before it")
    ] = None,
    limit: Limit = 50,
) -> list[MessageView]:
    async with database.single() as tx:
        await reach.chat(tx, caller, Doing.READ, chat)
        rows = await store_reading.messages(tx, chat, before, limit)
        return await message_views(tx, rows, language)


@patch(
    "/chats/{chat:uuid}",
    summary="Set the counter (0 is “No reply needed”), or whose chat it is",
    tags=["chats"],
    doing=Doing.WRITE,
    window=True,
)
async def mark_chat(
    chat: FromPath[ChatId],
    data: JSONBody[MarkRequest],
    caller: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    owners: NamedDependency[Owners],
    database: NamedDependency[Database],
) -> ChatView:
    """Giving a chat to a seller takes the role of a manager."""
    giving = data.owner_id is not msgspec.UNSET
    async with database.single() as tx:
        row = await reach.chat(tx, caller, Doing.STEER if giving else Doing.WRITE, chat)
        if isinstance(data.owner_id, UUID):
            await _check_person(tx, caller, data.owner_id)
    if data.unanswered is not msgspec.UNSET:
        await outbox.mark(caller.account, chat, data.unanswered, caller.actor)
    if data.owner_id is not msgspec.UNSET:
        channel, to = ChannelId(row["channel_id"]), data.owner_id
        await owners.give(caller, channel, chat, to)
    async with database.single() as tx:
        return await _view(tx, caller, chat)


async def _check_person(tx: Tx, caller: Caller, person: UUID) -> None:
    if await people.person(tx, caller.account, PersonId(person)) is None:
        raise NotFound("There is no such person", "Check the id; it must be one of this account")


async def _view(tx: Tx, caller: Caller, chat: ChatId) -> ChatView:
    """A chat that the caller reaches.

    Raises:
        NotFound: its channel was deleted, and the chats with it.
    """
    rows = await store_reading.chats(tx, caller.account, chat=chat)
    if not rows:
        raise reach.NO_CHAT
    return chat_view(rows[0])


chat_routes: Final = (list_chats, count_chats, get_chat, list_messages, mark_chat)
