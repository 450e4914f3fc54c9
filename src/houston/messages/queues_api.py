"""Queues over HTTP: what waits, why, and taking it out; and what may be missing on the way in."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, Parameter

from houston.channels import store as channels
from houston.channels.views import Queues, QueueView
from houston.kernel.db import Database
from houston.kernel.errors import BadRequest, NotFound
from houston.kernel.ids import ChannelId, MessageId
from houston.messages import reach, store_gaps, store_reading
from houston.messages.outbox import Outbox
from houston.messages.views import CancelledView, MessageView, message_view
from houston.people.rules import Caller, Doing

_CANCELLED_MAX: Final = 100_000
Limit = Annotated[int, Parameter(ge=1, le=200, description="At most so many")]


class CancelRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which messages to take out of the queue: these, or all."""

    ids: list[MessageId] | None = None
    all: bool = False


@get(
    "/channels/{channel_id:uuid}/queue",
    summary="What waits, and why",
    tags=["queues"],
    doing=Doing.READ,
)
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


class GapView(msgspec.Struct, frozen=True):
    """A stretch of time of which messages may be missing, and nobody can fetch them any more."""

    since: datetime
    until: datetime
    noted_at: datetime


@get(
    "/channels/{channel_id:uuid}/gaps",
    summary="When messages may be missing, the newest first",
    tags=["channels"],
    doing=Doing.READ,
)
async def list_gaps(
    channel_id: FromPath[ChannelId],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    limit: Limit = 100,
) -> list[GapView]:
    """A phone forgets what it was asked for too late. Ask people whether they wrote then."""
    async with database.single() as tx:
        if await channels.one(tx, caller.account, channel_id) is None:
            raise NotFound("There is no such channel", "List the channels to see their ids")
        rows = await store_gaps.newest(tx, channel_id, limit)
    return [GapView(row["since"], row["until"], row["noted_at"]) for row in rows]


@get(
    "/channels/{channel_id:uuid}/queue/messages",
    summary="The messages that wait, in order",
    tags=["queues"],
    doing=Doing.READ,
)
async def list_queue(
    channel_id: FromPath[ChannelId],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    limit: Limit = 100,
) -> list[MessageView]:
    async with database.single() as tx:
        seller = reach.sells_at(caller, channel_id)
        rows = await store_reading.waiting(tx, caller.account, channel_id, limit, seller)
    return [message_view(row) for row in rows]


@post(
    "/channels/{channel_id:uuid}/queue/cancel",
    summary="Take messages out of the queue",
    status_code=200,
    tags=["queues"],
    doing=Doing.WRITE,
)
async def cancel_queue(
    channel_id: FromPath[ChannelId],
    data: JSONBody[CancelRequest],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outbox: NamedDependency[Outbox],
) -> CancelledView:
    if data.all == (data.ids is not None):
        raise BadRequest("ids", data.ids, "give either `ids`, or `all`: true")
    ids = await _cancellable(database, caller, channel_id, None if data.all else data.ids)
    cancelled = await outbox.cancel(caller.account, channel_id, ids)
    return CancelledView(cancelled)


async def _cancellable(
    database: Database, caller: Caller, channel: ChannelId, ids: list[MessageId] | None
) -> list[MessageId] | None:
    """A seller takes only what is in chats of their own out of the queue."""
    seller = reach.sells_at(caller, channel)
    if seller is None:
        return ids
    async with database.single() as tx:
        rows = await store_reading.waiting(tx, caller.account, channel, _CANCELLED_MAX, seller)
    own = [MessageId(row["id"]) for row in rows]
    return own if ids is None else [one for one in ids if one in set(own)]


queue_routes: Final = (get_queue, list_queue, cancel_queue, list_gaps)
