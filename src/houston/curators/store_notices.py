"""Notices on disk: what is to be told, which way it went, and who answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from houston.curators.rules import OF_INCIDENTS, Kind
from houston.curators.store import Subject, subject_of
from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId, MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to tell a curator."""

    id: UUID
    account: AccountId
    curator: UUID
    channel: ChannelId | None
    incident: UUID | None
    kind: Kind
    text: str
    due_at: datetime


async def add_notices(tx: Tx, notices: Sequence[Notice], now: datetime) -> None:
    await tx.executemany(
        "insert into notices (id, account_id, curator_id, channel_id, incident_id, kind, text, at, due_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            (n.id, n.account, n.curator, n.channel, n.incident, n.kind, n.text, now, n.due_at)
            for n in notices
        ],
    )


async def told_of(tx: Tx, incident: UUID) -> set[UUID]:
    """The curators who have heard of an incident: only they need its all-clear."""
    rows = await tx.fetch(
        "select distinct curator_id from notices where incident_id = $1 and via is not null"
        " or incident_id = $1 and sent_at is not null",
        incident,
    )
    return {row["curator_id"] for row in rows}


@dataclass(frozen=True, slots=True)
class Said:
    """A message of somebody, through a channel of ours."""

    account: AccountId
    channel: ChannelId
    phone: str
    at: datetime


async def answered(tx: Tx, said: Sequence[Said]) -> list[Subject]:
    """What was in trouble, of which curators have heard before they said something in that chat."""
    rows = await tx.fetch(
        _ANSWERED,
        [one.account for one in said],
        [one.channel for one in said],
        [one.phone for one in said],
        [one.at for one in said],
        sorted(OF_INCIDENTS),
    )
    return [subject_of(row) for row in rows]


# WhatsApp tells times in whole seconds.
_ANSWERED: Final = """
select distinct i.account_id, i.channel_id, i.integration_id, i.name
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) as s (account, channel, phone, at)
join curators c on c.account_id = s.account and c.phone = s.phone
join notices n on n.curator_id = c.id and n.via = s.channel
join incidents i on i.id = n.incident_id
where n.kind = any($5) and date_trunc('second', n.sent_at) <= s.at
    and not (i.state ->> 'acknowledged')::boolean
"""


async def drop_stale(tx: Tx, now: datetime) -> None:
    """Forget what is due and not worth telling any more: it is over, or somebody sees to it."""
    await tx.execute(
        "update notices n set open = false, error = 'no longer true' where open and due_at <= $1"
        " and kind = any($2) and via is null and not exists (select from incidents i where i.id = n.incident_id"
        " and not (i.state ->> 'acknowledged')::boolean)",
        now,
        sorted(OF_INCIDENTS),
    )


async def claim_due(tx: Tx, now: datetime, until: datetime) -> Row | None:
    """The next notice, for this node alone until `until`, with how its curator can be reached."""
    return await tx.fetchrow(_CLAIM, now, until)


_CLAIM: Final = """
update notices n set due_at = $2, attempts = attempts + 1, error = null
from curators c
where c.id = n.curator_id and n.id = (
    select id from notices where open and due_at <= $1 order by due_at, id limit 1 for update skip locked
)
returning n.id, n.account_id, n.channel_id, n.kind, n.text, n.via, n.attempts, n.turn, n.refused, c.phone,
    c.routes, c.language
"""


async def choose_channel(
    tx: Tx, notice: UUID, account: AccountId, about: ChannelId | None, phone: str
) -> ChannelId | None:
    """Another active channel of the account: the one that has carried no notice for longest (law C1)."""
    chosen: ChannelId | None = await tx.fetchval(_CHOOSE, account, about, phone)
    await tx.execute("update notices set via = $2 where id = $1", notice, chosen)
    return chosen


_CHOOSE: Final = """
select g.id from channel_gate g
left join lateral (select max(at) as last_at from notices where via = g.id) carried on true
where g.account_id = $1 and g.status = 'ACTIVE' and g.id is distinct from $2
    and not exists (
        select from channel_gate own where own.account_id = $1 and own.phone = $3 and own.status <> 'DELETED'
    )
order by carried.last_at nulls first, g.id limit 1
"""


async def note_sent(
    tx: Tx, notice: UUID, way: str, message: MessageId | None, now: datetime
) -> None:
    await tx.execute(
        "update notices set open = false, way = $2, message_id = $3, sent_at = $4, error = null"
        " where id = $1",
        notice,
        way,
        message,
        now,
    )


async def on_their_way(tx: Tx, since: datetime, limit: int) -> list[Row]:
    """Notices that lie in a channel's queue, as far as is known, and whether that channel works."""
    return await tx.fetch(
        "select n.id, n.account_id, n.via, n.message_id, n.sent_at, g.status = 'ACTIVE' as works"
        " from notices n join channel_gate g on g.id = n.via"
        " where n.message_id is not null and n.sent_at > $1 order by n.sent_at limit $2",
        since,
        limit,
    )


async def take_back(tx: Tx, notice: UUID, message: MessageId, now: datetime) -> None:
    """It was not sent after all: another way may be chosen."""
    await tx.execute(
        "update notices set open = true, via = null, way = null, sent_at = null, message_id = null,"
        " due_at = $3, turn = turn + 1 where id = $1 and message_id = $2",
        notice,
        message,
        now,
    )


async def note_refused(tx: Tx, notice: UUID, message: MessageId, why: str, now: datetime) -> None:
    """WhatsApp will never take it to that number, so only a route is left."""
    await tx.execute(
        "update notices set open = true, via = null, way = null, sent_at = null, message_id = null,"
        " due_at = $4, refused = $3 where id = $1 and message_id = $2",
        notice,
        message,
        why,
        now,
    )


async def give_up(tx: Tx, notice: UUID, error: str) -> None:
    await tx.execute("update notices set open = false, error = $2 where id = $1", notice, error)


async def let_go(tx: Tx, notice: UUID, message: MessageId) -> None:
    """It has left, so it cannot be taken back."""
    await tx.execute(
        "update notices set message_id = null where id = $1 and message_id = $2", notice, message
    )


async def note_not_sent(tx: Tx, notice: UUID, error: str, again_at: datetime) -> None:
    await tx.execute(
        "update notices set error = $2, due_at = $3 where id = $1", notice, error, again_at
    )


async def hurry(tx: Tx, account: AccountId, now: datetime) -> bool:
    """A channel works: what nothing could carry, and nobody has in hand, need not wait any longer.

    Whether there was any.
    """
    done = await tx.execute(
        "update notices set due_at = $2"
        " where account_id = $1 and open and via is null and error is not null and due_at > $2",
        account,
        now,
    )
    return bool(done != "UPDATE 0")


async def release_channel(tx: Tx, notice: UUID, again_at: datetime) -> None:
    """The chosen channel has refused, so nothing is stored there: another one may be chosen."""
    await tx.execute("update notices set via = null, due_at = $2 where id = $1", notice, again_at)


async def of_curator(tx: Tx, account: AccountId, curator: UUID, limit: int) -> list[Row]:
    return await tx.fetch(
        "select id, channel_id, kind, text, at, due_at, open, way, via, sent_at, attempts, error"
        " from notices where account_id = $1 and curator_id = $2 order by at desc, id desc limit $3",
        account,
        curator,
        limit,
    )
