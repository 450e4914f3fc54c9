"""Connections to CRMs, how each is, and which node works at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from houston.crm.connector import NamedChannel
from houston.crm.rules import Settlement, State
from houston.kernel import feed
from houston.kernel.connected import ConnectionTurned
from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId, ConnectionId, NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A connection as it lies in the database; its secrets are sealed."""

    id: ConnectionId
    account: AccountId
    kind: str
    name: str
    channels: tuple[ChannelId, ...]
    settings: dict[str, str]
    secrets: bytes
    enabled: bool
    state: State
    state_since: datetime
    error: str | None
    fault: str | None
    error_at: datetime | None
    fails: int
    retry_at: datetime | None
    reconciled_at: datetime
    reconcile: bool
    anew: int
    """How often somebody wanted it looked at anew."""
    created_at: datetime


_REMOVED: Final = "removed"
_COLUMNS: Final = (
    "id, account_id, kind, name, channels, settings, secrets, enabled, state, state_since, error, fault,"
    " error_at, fails, retry_at, reconciled_at, reconcile, anew, created_at"
)


def _stored(row: Row) -> Stored:
    return Stored(
        id=ConnectionId(row["id"]),
        account=AccountId(row["account_id"]),
        kind=row["kind"],
        name=row["name"],
        channels=tuple(map(ChannelId, row["channels"])),
        settings=msgspec.json.decode(row["settings"], type=dict[str, str]),
        secrets=row["secrets"],
        enabled=row["enabled"],
        state=State(row["state"]) if row["enabled"] else State.OFF,
        state_since=row["state_since"],
        error=row["error"],
        fault=row["fault"],
        error_at=row["error_at"],
        fails=row["fails"],
        retry_at=row["retry_at"],
        reconciled_at=row["reconciled_at"],
        reconcile=row["reconcile"],
        anew=row["anew"],
        created_at=row["created_at"],
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


# --- What people set ---------------------------------------------------------------------------


async def add(tx: Tx, one: Stored, hook_hash: bytes) -> None:
    await tx.execute(
        "insert into crm_connections (id, account_id, kind, name, channels, settings, secrets, hook_hash,"
        " state_since, reconciled_at, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9)",
        one.id,
        one.account,
        one.kind,
        one.name,
        list(one.channels),
        _json(one.settings),
        one.secrets,
        hook_hash,
        one.created_at,
    )


async def change(tx: Tx, before: Stored, one: Stored, now: datetime) -> None:
    """Keep what a person changed; what stood still because of it is tried at once."""
    state = State.UNTRIED if one.enabled else State.OFF
    await _tell(tx, one, before.state, state, None, now)
    await tx.execute(
        "update crm_connections set name = $2, channels = $3, settings = $4, secrets = $5, enabled = $6,"
        " state = $7, state_since = $8, fails = 0, retry_at = null, reconcile = true, anew = anew + 1"
        " where id = $1",
        one.id,
        one.name,
        list(one.channels),
        _json(one.settings),
        one.secrets,
        one.enabled,
        State.UNTRIED,
        now,
    )


async def try_at_once(tx: Tx, connection: ConnectionId) -> None:
    """Somebody looks after it: do not wait for the next try."""
    await tx.execute(
        "update crm_connections set retry_at = null, anew = anew + 1 where id = $1", connection
    )


async def begin_anew(tx: Tx, connection: ConnectionId) -> None:
    """The CRM says that it was connected anew, or cut off: look at it at once, and ask what was missed."""
    await tx.execute(
        "update crm_connections set retry_at = null, reconcile = true, anew = anew + 1 where id = $1",
        connection,
    )


async def look_back(tx: Tx) -> None:
    """Every connection asks its CRM what was missed, before it takes in anything else."""
    await tx.execute("update crm_connections set reconcile = true where enabled and not reconcile")


async def look_back_at(tx: Tx, connection: ConnectionId) -> None:
    """One connection does."""
    await tx.execute("update crm_connections set reconcile = true where id = $1", connection)


async def remove(tx: Tx, account: AccountId, connection: ConnectionId, now: datetime) -> None:
    row = await tx.fetchrow(
        f"delete from crm_connections where account_id = $1 and id = $2 returning {_COLUMNS}",
        account,
        connection,
    )
    if row is not None:
        await _tell(tx, _stored(row), _stored(row).state, _REMOVED, None, now)


async def of_account(tx: Tx, account: AccountId) -> list[Stored]:
    rows = await tx.fetch(
        f"select {_COLUMNS} from crm_connections where account_id = $1 order by id", account
    )
    return [_stored(row) for row in rows]


async def one(tx: Tx, connection: ConnectionId, *, lock: bool = False) -> Stored | None:
    row = await tx.fetchrow(
        f"select {_COLUMNS} from crm_connections where id = $1 {'for update' if lock else ''}",
        connection,
    )
    return None if row is None else _stored(row)


async def called(tx: Tx, hook_hash: bytes) -> Stored | None:
    """The connection whose address was called."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from crm_connections where hook_hash = $1 and enabled", hook_hash
    )
    return None if row is None else _stored(row)


async def waiting(tx: Tx, connections: Sequence[ConnectionId]) -> dict[ConnectionId, int]:
    """How many errands the CRM has still to be told."""
    rows = await tx.fetch(
        "select connection_id, count(*) as n from crm_errands where open and connection_id = any($1)"
        " group by connection_id",
        list(connections),
    )
    return {row["connection_id"]: row["n"] for row in rows}


async def names_of(tx: Tx, channels: Sequence[ChannelId]) -> list[NamedChannel]:
    """The channels as people know them. The view is what this slice may see of channels."""
    rows = await tx.fetch(
        "select id, name, phone from channel_gate where id = any($1) order by name, id",
        list(channels),
    )
    return [
        NamedChannel(id=ChannelId(row["id"]), name=row["name"], phone=row["phone"]) for row in rows
    ]


async def knows_channels(tx: Tx, account: AccountId, channels: Sequence[ChannelId]) -> bool:
    """Whether all of them are the account's. The view is what this slice may see of channels."""
    found = await tx.fetchval(
        "select count(*) from channel_gate where account_id = $1 and id = any($2)",
        account,
        list(channels),
    )
    return bool(found == len(set(channels)))


# --- Whose turn it is --------------------------------------------------------------------------


LISTENING: Final = "account_id in (select account_id from crm_connections where enabled)"
"""Whose facts CRMs hear, as a follower of the feed is told it."""


async def listening(tx: Tx, accounts: Sequence[AccountId]) -> list[Stored]:
    """The connections that hear the facts of some accounts."""
    rows = await tx.fetch(
        f"select {_COLUMNS} from crm_connections where enabled and account_id = any($1)",
        list(accounts),
    )
    return [_stored(row) for row in rows]


async def claim(tx: Tx, node: NodeId, now: datetime, until: datetime) -> list[Stored]:
    """Take hold of the connections that have work and that no other node works at."""
    rows = await tx.fetch(
        f"""
        update crm_connections set held_by = $1, held_until = $3
        where id in (
            select id from crm_connections c
            where enabled and (held_by is null or held_by = $1 or held_until <= $2
                or held_by not in (select id from live_nodes))
                and (retry_at is null or retry_at <= $2)
                and (reconcile
                    or exists (select from crm_hooks h where h.connection_id = c.id and h.open)
                    or exists (
                        select from crm_errands e where e.connection_id = c.id and e.open
                            and (e.not_before is null or e.not_before <= $2 or e.anew <> c.anew)
                    ))
            for update skip locked
        )
        returning {_COLUMNS}
        """,
        node,
        now,
        until,
    )
    return [_stored(row) for row in rows]


async def hold_on(
    tx: Tx, connection: ConnectionId, node: NodeId, until: datetime, *, unlooked: bool
) -> bool:
    """Go on holding a connection; False if another node has it, or nobody wants it any more.

    And, unless `unlooked`, if its CRM has to be asked first what was missed.
    """
    done = await tx.execute(
        "update crm_connections set held_until = $3"
        " where id = $1 and held_by = $2 and enabled and (not reconcile or $4)",
        connection,
        node,
        until,
        unlooked,
    )
    return bool(done == "UPDATE 1")


async def let_go(tx: Tx, connection: ConnectionId, node: NodeId) -> None:
    await tx.execute(
        "update crm_connections set held_by = null, held_until = null where id = $1 and held_by = $2",
        connection,
        node,
    )


async def note(tx: Tx, one: Stored, settlement: Settlement, now: datetime) -> None:
    """Write down how the connection is, and tell it if that is new.

    One in trouble asks what it has missed before it takes in anything again; one that somebody wanted looked at
    anew, after this was begun, is not put off by it.
    """
    row = await tx.fetchrow(
        _NOTE,
        one.id,
        settlement.state,
        settlement.error,
        now,
        settlement.retry_at,
        settlement.fault,
        one.anew,
    )
    if row is not None and row["enabled"]:
        await _tell(tx, one, row["old"], row["new"], settlement.error, now)


_NOTE: Final = """
with before as (select id as of, state as old from crm_connections where id = $1 for update)
update crm_connections set
    error = coalesce($3, error),
    fault = case when $3::text is null then fault else $6 end,
    error_at = case when $3::text is null then error_at else $4 end,
    state_since = case when $2::text is null or state = $2 then state_since else $4 end,
    reconcile = reconcile or coalesce($2 <> 'working', false),
    fails = case when $2::text is null then fails when $2 = 'working' then 0 else fails + 1 end,
    state = coalesce($2, state),
    retry_at = case when anew = $7 then $5::timestamptz end
from before
where id = before.of
returning enabled, before.old, state as new
"""


async def _tell(tx: Tx, one: Stored, old: str, new: str, error: str | None, now: datetime) -> None:
    """A state that is another one is a fact for all who look after connections."""
    if old == new:
        return
    fact = ConnectionTurned(
        connection_id=one.id, name=one.name, crm=one.kind, old=old, new=new, error=error, at=now
    )
    await feed.write(tx, now, [feed.Entry(one.account, None, fact)])


async def reconciled(tx: Tx, one: Stored, upto: datetime) -> None:
    """Nothing is missed any more, unless somebody wanted it looked at anew meanwhile."""
    await tx.execute(
        "update crm_connections set reconcile = anew <> $3, reconciled_at = $2 where id = $1",
        one.id,
        upto,
        one.anew,
    )


async def stop_looking_back(tx: Tx, one: Stored, now: datetime) -> None:
    """The CRM will not tell what was missed. Nothing waits for it; it is asked again later."""
    await tx.execute(
        "update crm_connections set reconcile = anew <> $3, looked_at = $2 where id = $1",
        one.id,
        now,
        one.anew,
    )


async def due_for_a_look(tx: Tx, now: datetime, before: datetime, limit: int) -> list[Stored]:
    """Those that nobody has asked for long, and that nobody is about to ask. One node gets each."""
    rows = await tx.fetch(
        f"""
        update crm_connections set looked_at = $1
        where id in (
            select id from crm_connections
            where enabled and not reconcile and (retry_at is null or retry_at <= $1)
                and greatest(looked_at, reconciled_at) <= $2
            order by reconciled_at limit $3
            for update skip locked
        )
        returning {_COLUMNS}
        """,
        now,
        before,
        limit,
    )
    return [_stored(row) for row in rows]


async def looked_again(tx: Tx, one: Stored, upto: datetime) -> None:
    """Nothing was missed until then, unless there was trouble meanwhile."""
    await tx.execute(
        "update crm_connections set reconciled_at = $2 where id = $1 and anew = $3 and not reconcile",
        one.id,
        upto,
        one.anew,
    )


async def hurry(tx: Tx, connection: ConnectionId, now: datetime, waits_max: timedelta) -> None:
    """Look at it when its oldest hook has waited that long, whatever it was put off to."""
    await tx.execute(
        "update crm_connections c set retry_at = due from (select min(received_at) + $3::interval as due"
        " from crm_hooks where connection_id = $1 and open) h"
        " where c.id = $1 and c.retry_at > due and due > $2",
        connection,
        now,
        waits_max,
    )
