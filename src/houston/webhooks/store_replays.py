"""Facts that are to be told again, on disk: which of them, and how far that has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from houston.kernel.db import Tx
from houston.kernel.feed import Cursor
from houston.kernel.ids import EndpointId


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the feed: everything behind `after` up to and with `until`."""

    after: Cursor
    until: Cursor


@dataclass(frozen=True, slots=True)
class Replay:
    """One stretch for one endpoint, of which everything up to `reached` is done."""

    id: int
    reached: Cursor
    until: Cursor


def around(first: Cursor, last: Cursor) -> Stretch:
    """From one fact to another, both told. No fact lies between a cursor and its neighbour."""
    return Stretch(Cursor(first.era, first.xid, first.seq - 1), last)


async def ask(tx: Tx, endpoint: EndpointId, stretches: Sequence[Stretch], now: datetime) -> None:
    """Note what is to be told again, after what was asked for before."""
    await tx.execute(
        "insert into replays (endpoint_id, reached, until, asked_at)"
        " select $1, s.after, s.until, $4 from unnest($2::text[], $3::text[])"
        " with ordinality as s (after, until, n) order by s.n",
        endpoint,
        [str(one.after) for one in stretches],
        [str(one.until) for one in stretches],
        now,
    )


async def take_dead(tx: Tx, endpoint: EndpointId, ids: Sequence[int] | None) -> list[Stretch]:
    """Dead letters cease to be such: they are tried again. Without `ids`, all of them."""
    rows = await tx.fetch(
        "delete from dead_letters where endpoint_id = $1 and first_event is not null"
        " and ($2::bigint[] is null or id = any($2)) returning id, first_event, last_event",
        endpoint,
        ids,
    )
    found = sorted(rows, key=lambda row: row["id"])
    return [
        around(Cursor.parse(row["first_event"]), Cursor.parse(row["last_event"])) for row in found
    ]


async def next_one(tx: Tx, endpoint: EndpointId) -> Replay | None:
    row = await tx.fetchrow(
        "select id, reached, until from replays where endpoint_id = $1 order by id limit 1",
        endpoint,
    )
    if row is None:
        return None
    return Replay(row["id"], Cursor.parse(row["reached"]), Cursor.parse(row["until"]))


async def come_to(tx: Tx, replay: Replay, reached: Cursor) -> None:
    """Note how far it has come; at its end there is nothing left of it."""
    if reached >= replay.until:
        await tx.execute("delete from replays where id = $1", replay.id)
    else:
        await tx.execute("update replays set reached = $2 where id = $1", replay.id, str(reached))
