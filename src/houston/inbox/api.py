"""The feed over HTTP: pulled page by page, or streamed as server-sent events."""

from contextlib import suppress
from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, Parameter

from houston.inbox.event_stream import STREAMED, EventStream
from houston.inbox.sight import Lookout
from houston.inbox.stream import Hub
from houston.inbox.writing import Write
from houston.kernel import feed
from houston.kernel.db import Database
from houston.kernel.errors import NotAllowed
from houston.kernel.event_view import EventView, event_view
from houston.kernel.facts import KINDS
from houston.people.rules import Caller, Doing


@get("/events", summary="Facts, oldest first: pull", doing=Doing.READ)
async def list_events(
    caller: NamedDependency[Caller],
    request: Request[Any, Any, Any],
    lookout: NamedDependency[Lookout],
    database: NamedDependency[Database],
    after: Annotated[
        str | None, Parameter(description="The `id` of the last event you have")
    ] = None,
    limit: Annotated[int, Parameter(ge=1, le=1_000)] = 100,
) -> list[EventView]:
    """An empty answer means that there is nothing new yet. Every fact comes once and in order."""
    cursor = feed.BEGINNING if after is None else feed.Cursor.parse(after)
    sight, seen = lookout.sight(caller, request), list[EventView]()
    while not seen:  # A page may hold nothing that this caller sees, and still not be the last.
        async with database.single() as tx:
            events = await feed.read(tx, cursor, account=caller.account, limit=limit)
        seen = [event_view(event) for event in events if await sight.sees(event)]
        if len(events) < limit:
            break
        cursor = events[-1].cursor
    return seen


@get(
    "/events/kinds",
    summary="The kinds of facts that there are",
    doing=Doing.READ,
    sync_to_thread=False,
)
def list_event_kinds(caller: NamedDependency[Caller]) -> list[str]:
    """What webhooks can be limited to. A later version may have more."""
    return list(KINDS)


@get(
    "/stream",
    summary="Facts as they happen: server-sent events",
    responses={200: STREAMED},
    doing=Doing.READ,
    window=True,
)
async def stream_events(
    caller: NamedDependency[Caller],
    request: Request[Any, Any, Any],
    lookout: NamedDependency[Lookout],
    hub: NamedDependency[Hub],
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID")] = None,
) -> EventStream:
    """Resumable: a browser sends Last-Event-ID by itself and misses nothing. It ends when the caller is
    signed out. Between the facts comes `presence`: somebody writes in a chat, or has stopped. It is no fact,
    has no id and is told nowhere else."""
    after = None if last_event_id is None else feed.Cursor.parse(last_event_id)
    sight = lookout.sight(caller, request)

    async def listen(write: Write) -> None:
        with suppress(NotAllowed):
            await hub.listen(caller.account, after, sight.sees, write)

    return EventStream(listen)


inbox_api = Router(
    "/",
    route_handlers=[list_events, list_event_kinds, stream_events],
    tags=["events"],
)
