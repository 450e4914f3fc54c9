"""The audit log over HTTP: who did what, when and to which channel, as the feed tells it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import Parameter

from houston.kernel import feed
from houston.kernel.db import Database
from houston.kernel.ids import ChannelId
from houston.people import store
from houston.people.rules import Caller, Doing


class ActorView(msgspec.Struct, frozen=True):
    """Who did it."""

    kind: str
    """`person`, `api key`, or `code link`: whoever held the phone."""
    id: UUID
    name: str | None


class AuditView(msgspec.Struct, frozen=True):
    """One thing that somebody did."""

    id: str
    at: datetime
    who: ActorView
    what: str
    """The kind of the fact: `channel.commanded`, `person.changed`, ..."""
    command: str | None
    """The button, where one was pressed."""
    channel_id: ChannelId | None
    details: dict[str, Any]


@get("/audit", summary="Who did what, newest first", tags=["audit"], doing=Doing.ADMINISTER)
async def list_audit(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    before: Annotated[
        str | None, Parameter(description="The `id` of the last entry you have")
    ] = None,
    limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
) -> list[AuditView]:
    """What Houston or WhatsApp did by itself is in the history of the channel, not here."""
    cursor = None if before is None else feed.Cursor.parse(before, field="before")
    async with database.single() as tx:
        names = await store.names(tx, caller.account)
        events = await feed.read_deeds(tx, caller.account, cursor, limit=limit)
    return [_view(event, names) for event in events]


def _view(event: feed.Event, names: dict[str, str]) -> AuditView:
    details: dict[str, Any] = msgspec.json.decode(event.body)
    actor = str(details.pop("actor"))
    kind, _, who = actor.rpartition(" ")
    return AuditView(
        id=str(event.cursor),
        at=event.at,
        who=ActorView(kind, UUID(who), names.get(actor)),
        what=event.kind,
        command=details.get("command"),
        channel_id=event.channel,
        details=details,
    )
