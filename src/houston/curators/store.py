"""Curators, incidents and purses on disk; notices are in store_notices.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from houston.curators.rules import Incident, Purse, Want
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What may be in trouble: a channel, or something that is connected, with the name that it had last."""

    account: AccountId
    channel: ChannelId | None = None
    integration: UUID | None = None
    name: str = ""

    @property
    def id(self) -> UUID | None:
        return self.channel or self.integration


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with whose it is."""

    id: UUID
    subject: Subject
    incident: Incident


async def lock_incident(tx: Tx, account: AccountId, subject: UUID | None) -> Case | None:
    row = await tx.fetchrow(
        "select * from incidents where account_id = $1 and subject = $2 for update",
        account,
        subject,
    )
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
        "insert into incidents (channel_id, integration_id, name, account_id, id, state, wake_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)"
        " on conflict (subject) do update set name = $3, state = $6, wake_at = $7",
        case.subject.channel,
        case.subject.integration,
        case.subject.name,
        case.subject.account,
        case.id,
        _encoder.encode(case.incident).decode(),
        incident_wake_at(case.incident),
    )


async def close_incident(tx: Tx, subject: Subject) -> None:
    await tx.execute("delete from incidents where subject = $1", subject.id)


def _case(row: Row) -> Case:
    incident = msgspec.json.decode(row["state"], type=Incident)
    return Case(row["id"], subject_of(row), incident)


def subject_of(row: Row) -> Subject:
    """Whose a row of incidents is."""
    return Subject(
        account=AccountId(row["account_id"]),
        channel=row["channel_id"],
        integration=row["integration_id"],
        name=row["name"],
    )


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
