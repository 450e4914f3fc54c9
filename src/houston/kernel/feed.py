"""The one feed of facts: written with the change, read by followers below the transaction horizon.

Every consumer of facts (webhooks, the browser's stream, relays, curators) is a follower with a cursor
of its own. A follower sees each fact at least once and in order; it moves its cursor after success.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import BadRequest
from houston.kernel.facts import FACTS, Fact
from houston.kernel.ids import AccountId, ChannelId

_TYPES: Final = {fact.kind: fact for fact in FACTS}
_encoder = msgspec.json.Encoder()


class Cursor(msgspec.Struct, frozen=True, order=True):
    """A place in the feed: everything up to and with it has been read."""

    era: int
    xid: int
    seq: int

    def __str__(self) -> str:
        return f"{self.era}-{self.xid}-{self.seq}"

    @classmethod
    def parse(cls, text: str, field: str = "after") -> "Cursor":
        """The cursor that `str()` wrote.

        Raises:
            BadRequest: it is not one.
        """
        parts = text.split("-")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
            raise BadRequest(field, text, "give the `id` of an event exactly as it was received")
        era, xid, seq = map(int, parts)
        if era >= 2**31 or xid >= 2**63 or seq >= 2**63:
            raise BadRequest(field, text, "give the `id` of an event exactly as it was received")
        return cls(era, xid, seq)


BEGINNING: Final = Cursor(0, 0, 0)
ANYONE: Final = "true"
"""The condition of a follower that hears of every account."""


class Entry(msgspec.Struct, frozen=True):
    """A fact with whose it is."""

    account: AccountId
    channel: ChannelId | None
    fact: Fact


class Event(msgspec.Struct, frozen=True):
    """An entry as it stands in the feed."""

    cursor: Cursor
    at: datetime
    account: AccountId
    channel: ChannelId | None
    kind: str
    body: bytes

    def fact(self) -> Fact:
        """The fact itself; decoding is left to those who need more than its kind."""
        return msgspec.json.decode(self.body, type=_TYPES[self.kind])


async def write(tx: Tx, now: datetime, entries: Sequence[Entry]) -> None:
    """Record facts together with the change that made them true."""
    if entries:
        await tx.execute(
            _WRITE,
            now,
            [entry.account for entry in entries],
            [entry.channel for entry in entries],
            [entry.fact.kind for entry in entries],
            [_encoder.encode(entry.fact).decode() for entry in entries],
        )


_WRITE = """
insert into events (era, at, account_id, channel_id, kind, body)
select (select era from feed_era), $1, f.account_id, f.channel_id, f.kind, f.body
from unnest($2::uuid[], $3::uuid[], $4::text[], $5::jsonb[])
    with ordinality as f (account_id, channel_id, kind, body, n)
order by f.n
"""


async def read(
    tx: Tx,
    after: Cursor,
    *,
    account: AccountId | None = None,
    kinds: Sequence[str] | None = None,
    where: str = ANYONE,
    limit: int = 100,
) -> list[Event]:
    """The next facts behind a cursor, only of one account or of some kinds if these are given.

    `where` is a condition on `account_id` in SQL, judged in the same moment as the facts are read.
    Facts of transactions that might still be overtaken are not shown yet: they come later, in
    their place, instead of being passed over. Those of an earlier era cannot be.
    """
    sql = _READ.format(where=where)
    rows = await tx.fetch(sql, after.era, after.xid, after.seq, account, kinds, limit)
    return [_event(row) for row in rows]


def _event(row: Row) -> Event:
    return Event(
        Cursor(row["era"], row["xid"], row["seq"]),
        row["at"],
        AccountId(row["account_id"]),
        None if row["channel_id"] is None else ChannelId(row["channel_id"]),
        row["kind"],
        row["body"].encode(),
    )


_READ = """
select era, xid::text::bigint as xid, seq, at, account_id, channel_id, kind, body
from events
where (era, xid, seq) > ($1, $2::bigint::text::xid8, $3)
    and (xid < pg_snapshot_xmin(pg_current_snapshot()) or era < (select era from feed_era))
    and ($4::uuid is null or account_id = $4)
    and ($5::text[] is null or kind = any($5))
    and {where}
order by era, xid, seq
limit $6
"""


async def read_deeds(
    tx: Tx, account: AccountId, before: Cursor | None, *, limit: int
) -> list[Event]:
    """What people, keys and links to codes did, the newest first, for those who look back.

    Nobody follows this with a cursor, so facts that might still be overtaken are shown.
    """
    at = before or Cursor(2**31 - 1, 0, 0)
    rows = await tx.fetch(_READ_DEEDS, account, at.era, at.xid, at.seq, limit)
    return [_event(row) for row in rows]


_READ_DEEDS = """
select era, xid::text::bigint as xid, seq, at, account_id, channel_id, kind, body
from events
where account_id = $1 and body ? 'actor'
    and (era, xid, seq) < ($2, $3::bigint::text::xid8, $4)
    and body ->> 'actor' like any ('{person %,api key %,code link %}')
order by era desc, xid desc, seq desc
limit $5
"""


async def ends(
    tx: Tx, account: AccountId, since: datetime, until: datetime
) -> tuple[Cursor, Cursor] | None:
    """The first and the last of an account's facts of some time; None when there are none."""
    rows = await tx.fetch(_ENDS, account, since, until)
    found = sorted(Cursor(row["era"], row["xid"], row["seq"]) for row in rows)
    return (found[0], found[-1]) if found else None


_ENDS = """
(
    select era, xid::text::bigint as xid, seq
    from events
    where account_id = $1 and at between $2 and $3
    order by era, xid, seq
    limit 1
)
union all
(
    select era, xid::text::bigint as xid, seq
    from events
    where account_id = $1 and at between $2 and $3
    order by era desc, xid desc, seq desc
    limit 1
)
"""


async def holds(tx: Tx, account: AccountId, place: Cursor) -> bool:
    """Whether a fact of the account is exactly there."""
    found = await tx.fetchval(
        "select exists (select from events where era = $2 and xid = $3::bigint::text::xid8"
        " and seq = $4 and account_id = $1)",
        account,
        place.era,
        place.xid,
        place.seq,
    )
    return bool(found)


async def end_of_feed(tx: Tx) -> Cursor:
    """A cursor behind everything that is visible now: a follower that starts here hears only news."""
    row = await tx.fetchrow(
        "select (select era from feed_era) as era,"
        " (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1) as xid"
    )
    assert row is not None
    return Cursor(row["era"], row["xid"], 2**63 - 1)


class News(msgspec.Struct, frozen=True):
    """What a follower finds behind its cursor."""

    events: list[Event]
    reached: Cursor
    """There is nothing else up to here. It moves on where nothing concerns the follower, too: else each
    look would go through all the facts of others again."""
    more: bool


async def news(
    tx: Tx,
    after: Cursor,
    *,
    account: AccountId | None = None,
    kinds: Sequence[str] | None = None,
    where: str = ANYONE,
    limit: int = 100,
) -> News:
    """The same as `read`, and how far it looked, in one statement: followers ask this many times a second."""
    sql = _NEWS.format(where=where)
    rows = await tx.fetch(sql, after.era, after.xid, after.seq, account, kinds, limit)
    end = Cursor(rows[0]["end_era"], rows[0]["end_xid"], 2**63 - 1)
    events = [_event(row) for row in rows if row["kind"] is not None]
    last, more = events[-1].cursor if events else after, len(events) == limit
    return News(events, last if more else max(end, last), more)


_NEWS = f"""
select e.*, f.era as end_era, pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 as end_xid
from feed_era f
left join lateral ({_READ}) e on true
order by e.era, e.xid, e.seq
"""  # noqa: S608 - a constant of this file


async def lock_cursor(tx: Tx, follower: str, now: datetime) -> Cursor | None:
    """Where a follower stands, for it alone until the transaction ends; None while another node works.

    A follower that never read begins at the present: it hears news, not history.
    """
    row = await tx.fetchrow(_LOCK, follower)
    if row is None:  # It is new, or another node is at it.
        begin = await end_of_feed(tx)
        await tx.execute(_BEGIN, follower, begin.era, begin.xid, begin.seq, now)
        row = await tx.fetchrow(_LOCK, follower)
    return None if row is None else Cursor(row["era"], row["xid"], row["seq"])


_LOCK = "select era, xid::text::bigint as xid, seq from cursors where follower = $1 for update skip locked"


_BEGIN = """
insert into cursors (follower, era, xid, seq, moved_at)
values ($1, $2, $3::bigint::text::xid8, $4, $5)
on conflict do nothing
"""


async def move_cursor(tx: Tx, follower: str, to: Cursor, now: datetime) -> None:
    """Note that a follower is done with everything up to a place."""
    await tx.execute(
        "update cursors set era = $2, xid = $3::bigint::text::xid8, seq = $4, moved_at = $5"
        " where follower = $1",
        follower,
        to.era,
        to.xid,
        to.seq,
        now,
    )


async def lag(database: Database) -> int:
    """How many facts stand behind the slowest cursor."""
    async with database.single() as tx:
        return int(
            await tx.fetchval(
                "select count(*) from events where (era, xid, seq) >"
                " (select era, xid, seq from cursors order by era, xid, seq limit 1)"
            )
        )


def entries(account: AccountId, channel: ChannelId, facts: Sequence[Fact]) -> list[Entry]:
    """Facts about one channel, ready to write."""
    return [Entry(account, channel, fact) for fact in facts]
