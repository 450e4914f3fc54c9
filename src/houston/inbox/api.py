"""The feed over HTTP: pulled page by page, or streamed as server-sent events."""

from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, Parameter
from litestar.response import Stream

from houston.inbox.stream import EventView, Hub, event_view
from houston.kernel import feed
from houston.kernel.db import Database
from houston.people.keyring import Caller


@get("/events", summary="Facts, oldest first: pull")
async def list_events(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    after: Annotated[
        str | None, Parameter(description="The `id` of the last event you have")
    ] = None,
    limit: Annotated[int, Parameter(ge=1, le=1_000)] = 100,
) -> list[EventView]:
    """An empty answer means that there is nothing new yet. Every fact comes once and in order."""
    cursor = feed.BEGINNING if after is None else feed.Cursor.parse(after)
    async with database.single() as tx:
        events = await feed.read(tx, cursor, account=caller.account, limit=limit)
    return [event_view(event) for event in events]


@get("/stream", summary="Facts as they happen: server-sent events", media_type="text/event-stream")
async def stream_events(
    caller: NamedDependency[Caller],
    hub: NamedDependency[Hub],
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID")] = None,
) -> Stream:
    """Resumable: a browser sends Last-Event-ID by itself and misses nothing."""
    after = None if last_event_id is None else feed.Cursor.parse(last_event_id)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(
        hub.listen(caller.account, after), media_type="text/event-stream", headers=headers
    )


inbox_api = Router("/", route_handlers=[list_events, stream_events], tags=["events"])
