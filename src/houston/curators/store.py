"""The only file that touches curators, incidents, purses and notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from houston.curators.rules import OF_INCIDENTS, Incident, Kind, Purse, Want
from houston.curators.rules import balance_wake_at as purse_wake_at
from houston.curators.rules import wake_at as incident_wake_at
from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Curator:
    """A person who is told."""

    id: UUID
    account: AccountId
    name: str
    phone: str
    channels: list[ChannelId] | None
    wants: frozenset[Want]
    language: str
    zone: ZoneInfo
    quiet_from: time | None
    quiet_until: time | None
    after_minutes: int
    routes: list[str]
    created_at: datetime


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


# --- Curators --------------------------------------------------------------------------------


async def save(tx: Tx, one: Curator) -> None:
    """Add a curator, or give one other words and wishes."""
    await tx.execute(
        _SAVE,
        one.id,
        one.account,
        one.name,
        one.phone,
        one.channels,
        sorted(one.wants),
        one.language,
        one.zone.key,
        one.quiet_from,
        one.quiet_until,
        one.after_minutes,
        one.routes,
        one.created_at,
    )


_SAVE: Final = """
insert into curators (id, account_id, name, phone, channels, wants, language, time_zone, quiet_from,
    quiet_until, after_minutes, routes, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (id) do update set name = $3, phone = $4, channels = $5, wants = $6, language = $7,
    time_zone = $8, quiet_from = $9, quiet_until = $10, after_minutes = $11, routes = $12
"""


async def of_account(tx: Tx, account: AccountId) -> list[Curator]:
    rows = await tx.fetch(
        "select * from curators where account_id = $1 order by created_at, id", account
    )
    return [_curator(row) for row in rows]


async def one(tx: Tx, account: AccountId, curator: UUID) -> Curator | None:
    row = await tx.fetchrow(
        "select * from curators where account_id = $1 and id = $2 for update", account, curator
    )
    return None if row is None else _curator(row)


async def remove(tx: Tx, account: AccountId, curator: UUID) -> None:
    await tx.execute("delete from curators where account_id = $1 and id = $2", account, curator)


async def is_own_number(tx: Tx, account: AccountId, phone: str) -> bool:
    """Whether a number is a channel of the account: then it must never be told anything (law C1)."""
    return bool(
        await tx.fetchval(
            "select exists (select from channel_gate where account_id = $1 and phone = $2"
            " and status <> 'DELETED')",
            account,
            phone,
        )
    )


async def own_channels(tx: Tx, account: AccountId, channels: Sequence[ChannelId]) -> int:
    """How many of these channels belong to the account."""
    return int(
        await tx.fetchval(
            "select count(*) from channel_gate where account_id = $1 and id = any($2::uuid[])",
            account,
            list(channels),
        )
    )


async def named(tx: Tx, channel: ChannelId) -> tuple[str, str]:
    """The name and the number of a channel."""
    row = await tx.fetchrow("select name, phone from channel_gate where id = $1", channel)
    assert row is not None
    return row["name"], row["phone"]


async def count_told(tx: Tx, channels: Sequence[ChannelId]) -> list[Row]:
    return await tx.fetch(
        "select g.id, count(*)::int as people from channel_gate g join curators c using (account_id)"
        " where g.id = any($1::uuid[]) and $2 = any(c.wants)"
        " and (c.channels is null or g.id = any(c.channels)) group by g.id",
        list(channels),
        Want.STATUSES,
    )


def _curator(row: Row) -> Curator:
    return Curator(
        id=row["id"],
        account=AccountId(row["account_id"]),
        name=row["name"],
        phone=row["phone"],
        channels=row["channels"],
        wants=frozenset(Want(word) for word in row["wants"]),
        language=row["language"],
        zone=ZoneInfo(row["time_zone"]),
        quiet_from=row["quiet_from"],
        quiet_until=row["quiet_until"],
        after_minutes=row["after_minutes"],
        routes=row["routes"],
        created_at=row["created_at"],
    )


# --- What is wrong ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with whose it is."""

    id: UUID
    account: AccountId
    channel: ChannelId
    incident: Incident


async def lock_incident(tx: Tx, channel: ChannelId) -> Case | None:
    row = await tx.fetchrow("select * from incidents where channel_id = $1 for update", channel)
    return None if row is None else _case(row)


async def due_incidents(tx: Tx, now: datetime, limit: int) -> list[Case]:
    """Those that time alone moves on; what another node has in hand is passed over."""
    rows = await tx.fetch(
        "select * from incidents where wake_at <= $1 order by wake_at limit $2"
        " for update skip locked",
        now,
        limit,
    )
    return [_case(row) for row in rows]


async def save_incident(tx: Tx, case: Case) -> None:
    await tx.execute(
        "insert into incidents (channel_id, account_id, id, state, wake_at) values ($1, $2, $3, $4, $5)"
        " on conflict (channel_id) do update set state = $4, wake_at = $5",
        case.channel,
        case.account,
        case.id,
        _encoder.encode(case.incident).decode(),
        incident_wake_at(case.incident),
    )


async def close_incident(tx: Tx, channel: ChannelId) -> None:
    await tx.execute("delete from incidents where channel_id = $1", channel)


def _case(row: Row) -> Case:
    incident = msgspec.json.decode(row["state"], type=Incident)
    return Case(row["id"], AccountId(row["account_id"]), ChannelId(row["channel_id"]), incident)


async def lock_purse(tx: Tx, account: AccountId) -> Purse:
    """What was known last of an account's money; nothing at first."""
    state = await tx.fetchval("select state from purses where account_id = $1 for update", account)
    return Purse() if state is None else msgspec.json.decode(state, type=Purse)


async def due_purses(tx: Tx, now: datetime, limit: int) -> list[tuple[AccountId, Purse]]:
    rows = await tx.fetch(
        "select account_id, state from purses where wake_at <= $1 order by wake_at limit $2"
        " for update skip locked",
        now,
        limit,
    )
    return [
        (AccountId(row["account_id"]), msgspec.json.decode(row["state"], type=Purse))
        for row in rows
    ]


async def save_purse(tx: Tx, account: AccountId, purse: Purse) -> None:
    await tx.execute(
        "insert into purses (account_id, state, wake_at) values ($1, $2, $3)"
        " on conflict (account_id) do update set state = $2, wake_at = $3",
        account,
        _encoder.encode(purse).decode(),
        purse_wake_at(purse),
    )


# --- Notices ---------------------------------------------------------------------------------


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


async def answered(tx: Tx, said: Sequence[Said]) -> list[tuple[AccountId, ChannelId]]:
    """The channels of whose incidents curators have heard before they said something in that chat."""
    rows = await tx.fetch(
        _ANSWERED,
        [one.account for one in said],
        [one.channel for one in said],
        [one.phone for one in said],
        [one.at for one in said],
        sorted(OF_INCIDENTS),
    )
    return [(AccountId(row["account_id"]), ChannelId(row["channel_id"])) for row in rows]


# WhatsApp tells times in whole seconds.
_ANSWERED: Final = """
select distinct i.account_id, i.channel_id
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
update notices n set due_at = $2, attempts = attempts + 1
from curators c
where c.id = n.curator_id and n.id = (
    select id from notices where open and due_at <= $1 order by due_at, id limit 1 for update skip locked
)
returning n.id, n.account_id, n.channel_id, n.kind, n.text, n.via, n.attempts, c.phone, c.routes, c.language
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


async def note_sent(tx: Tx, notice: UUID, way: str, now: datetime) -> None:
    await tx.execute(
        "update notices set open = false, way = $2, sent_at = $3, error = null where id = $1",
        notice,
        way,
        now,
    )


async def note_not_sent(tx: Tx, notice: UUID, error: str, again_at: datetime) -> None:
    await tx.execute(
        "update notices set error = $2, due_at = $3 where id = $1", notice, error, again_at
    )


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
