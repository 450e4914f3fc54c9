"""Channels on disk. Every function takes the open transaction; its caller owns it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from houston.channels.orders import StatusChange
from houston.channels.state import FAULTS_MAX, Policy, State, recent_faults
from houston.channels.status import policy, status
from houston.kernel.db import Row, Tx
from houston.kernel.errors import Conflict
from houston.kernel.ids import AccountId, ChannelId, NodeId
from houston.kernel.sentence import say

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(State)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as it is stored."""

    id: ChannelId
    account: AccountId
    name: str
    phone: str
    transport: str
    state: State
    owner: NodeId | None
    fence: int
    qr_code: str | None
    qr_until: datetime | None
    pacing_per_minute: int | None
    catch_up_expected: int | None
    catch_up_retrieved: int | None
    caught_up_at: datetime | None
    created_at: datetime


def _channel(row: Row) -> Channel:
    state = _decoder.decode(row["state"])
    evidence_at = max(filter(None, (state.evidence_at, row["evidence_at"])), default=None)
    return Channel(
        id=ChannelId(row["id"]),
        account=AccountId(row["account_id"]),
        name=row["name"],
        phone=row["phone"],
        transport=row["transport"],
        state=replace(state, evidence_at=evidence_at),
        owner=None if row["owner"] is None else NodeId(row["owner"]),
        fence=row["fence"],
        qr_code=row["qr_code"],
        qr_until=row["qr_until"],
        pacing_per_minute=row["pacing_per_minute"],
        catch_up_expected=row["catch_up_expected"],
        catch_up_retrieved=row["catch_up_retrieved"],
        caught_up_at=row["caught_up_at"],
        created_at=row["created_at"],
    )


_COLUMNS: Final = (
    "id, account_id, name, phone, transport, state, evidence_at, owner, fence, qr_code, qr_until,"
    " pacing_per_minute, catch_up_expected, catch_up_retrieved, caught_up_at, created_at"
)


async def add(
    tx: Tx,
    channel: ChannelId,
    account: AccountId,
    name: str,
    transport: str,
    state: State,
    now: datetime,
) -> None:
    """Store a new channel.

    Raises:
        Conflict: the number already has a channel, here or in another account.
    """
    try:
        await tx.execute(
            "insert into channels"
            " (id, account_id, name, phone, transport, state, status, accepting, created_at)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            channel,
            account,
            name,
            state.phone,
            transport,
            encode_state(state),
            status(state).value,
            policy(state) is not Policy.REFUSE,
            now,
        )
    except asyncpg.UniqueViolationError as error:
        raise taken(state.phone) from error


def taken(phone: str) -> Conflict:
    return Conflict(
        say("The number {phone} already has a channel", phone=phone),
        "Use that channel, or delete it first: a number that is opened twice fights itself",
    )


def encode_state(state: State) -> str:
    return _encoder.encode(state).decode()


async def lock(tx: Tx, channel: ChannelId, account: AccountId | None = None) -> Channel | None:
    """Read a channel and keep everybody else from changing it until the transaction ends."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from channels where id = $1 and ($2::uuid is null or account_id = $2) for update",
        channel,
        account,
    )
    return None if row is None else _channel(row)


async def save(tx: Tx, channel: ChannelId, state: State, status: str, *, accepting: bool) -> None:
    """Write the state and what is read off it.

    Raises:
        Conflict: a deleted channel comes back, but its number has a new one.
    """
    try:
        await tx.execute(
            "update channels set state = $2, status = $3, accepting = $4 where id = $1",
            channel,
            encode_state(state),
            status,
            accepting,
        )
    except asyncpg.UniqueViolationError as error:
        raise taken(state.phone) from error


async def one(tx: Tx, account: AccountId, channel: ChannelId) -> Channel | None:
    row = await tx.fetchrow(
        f"select {_COLUMNS} from channels where id = $1 and account_id = $2", channel, account
    )
    return None if row is None else _channel(row)


async def of_account(tx: Tx, account: AccountId) -> list[Channel]:
    """All channels of an account, also the deleted ones, in the order of their making."""
    rows = await tx.fetch(
        f"select {_COLUMNS} from channels where account_id = $1 order by created_at, id", account
    )
    return [_channel(row) for row in rows]


async def refused_for_age(tx: Tx) -> int:
    """How many channels, of all accounts, wait for a newer library."""
    found: int = await tx.fetchval(
        "select count(*) from channels where (state ->> 'outdated')::boolean and status <> 'DELETED'"
    )
    return found


async def faulty(tx: Tx, now: datetime) -> list[str]:
    """With what the links of channels, of all accounts, fail over and over, in the other side's words."""
    rows = await tx.fetch(
        "select state from channels"
        " where status <> 'DELETED' and jsonb_array_length(state -> 'faults') >= $1",
        FAULTS_MAX,
    )
    states = [_decoder.decode(row["state"]) for row in rows]
    return [str(state.detail) for state in states if recent_faults(state, now) >= FAULTS_MAX]


async def change(tx: Tx, channel: ChannelId, name: str, pacing_per_minute: int | None) -> None:
    await tx.execute(
        "update channels set name = $2, pacing_per_minute = $3 where id = $1",
        channel,
        name,
        pacing_per_minute,
    )


# --- Pairing -----------------------------------------------------------------------------------


async def keep_credentials(tx: Tx, channel: ChannelId, credentials: bytes, now: datetime) -> None:
    await tx.execute(
        "insert into channel_credentials (channel_id, credentials, stored_at) values ($1, $2, $3)"
        " on conflict (channel_id) do update"
        " set credentials = excluded.credentials, stored_at = excluded.stored_at",
        channel,
        credentials,
        now,
    )


async def forget_credentials(tx: Tx, channel: ChannelId) -> None:
    await tx.execute("delete from channel_credentials where channel_id = $1", channel)


async def credentials(tx: Tx, channel: ChannelId) -> bytes | None:
    found = await tx.fetchval(
        "select credentials from channel_credentials where channel_id = $1", channel
    )
    return None if found is None else bytes(found)


async def show_code(tx: Tx, channel: ChannelId, code: str | None, until: datetime | None) -> None:
    """Keep the live code where every node can show it; None takes it away."""
    await tx.execute(
        "update channels set qr_code = $2, qr_until = $3 where id = $1", channel, code, until
    )


# --- History -----------------------------------------------------------------------------------


async def record(tx: Tx, channel: ChannelId, change: StatusChange) -> int:
    """Write one line of the history, which is kept for ever; its number."""
    return int(
        await tx.fetchval(
            "insert into channel_history (channel_id, at, old, new, reason, detail, actor, evidence_at)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
            channel,
            change.at,
            change.old.value,
            change.new.value,
            change.reason.value,
            change.detail,
            change.actor,
            change.evidence_at,
        )
    )


async def history(
    tx: Tx, channel: ChannelId, since: datetime | None, until: datetime | None, limit: int
) -> list[Row]:
    """The lines of the history in a stretch of time, the oldest first."""
    return list(
        await tx.fetch(
            "select * from (select id, at, old, new, reason, detail, actor, evidence_at from channel_history"
            " where channel_id = $1 and ($2::timestamptz is null or at >= $2)"
            " and ($3::timestamptz is null or at < $3)"
            " order by at desc, id desc limit $4) newest order by at, id",
            channel,
            since,
            until,
            limit,
        )
    )


async def caught_up(
    tx: Tx, channel: ChannelId, expected: int, retrieved: int, now: datetime
) -> None:
    """Note how much of what waited at WhatsApp was retrieved (law I2)."""
    await tx.execute(
        "update channels set catch_up_expected = $2, catch_up_retrieved = $3, caught_up_at = $4 where id = $1",
        channel,
        expected,
        retrieved,
        now,
    )


async def note_evidence(tx: Tx, seen: Sequence[tuple[ChannelId, datetime]]) -> None:
    """Write proofs of life of many channels at once."""
    await tx.execute(
        "update channels c set evidence_at = s.at from unnest($1::uuid[], $2::timestamptz[]) as s (id, at)"
        " where c.id = s.id",
        [channel for channel, _ in seen],
        [at for _, at in seen],
    )


# --- Who holds what ----------------------------------------------------------------------------


async def share(tx: Tx, node: NodeId, transports: Sequence[str]) -> tuple[int, int, int]:
    """How many channels want a node at all, how many of these this node holds, and how many nobody does."""
    row = await tx.fetchrow(
        "select count(*) as all, count(*) filter (where owner = $1) as mine,"
        " count(*) filter (where owner is null) as nobodys"
        " from channels where accepting and transport = any($2)",
        node,
        transports,
    )
    assert row is not None
    return row["all"], row["mine"], row["nobodys"]


async def claim(tx: Tx, node: NodeId, transports: Sequence[str], limit: int) -> list[Channel]:
    """Take channels that nobody alive holds. The fence rises, so an earlier holder can no longer write."""
    rows = await tx.fetch(
        "update channels set owner = $1, fence = fence + 1 where id in (select id from channels"
        " where accepting and transport = any($2)"
        " and (owner is null or owner not in (select id from live_nodes))"
        f" order by id limit $3 for update skip locked) returning {_COLUMNS}",
        node,
        transports,
        limit,
    )
    return [_channel(row) for row in rows]


async def give_back(tx: Tx, node: NodeId, fences: Mapping[UUID, int]) -> None:
    """End claims, each named by its fence: the same node may have a newer one on the same channel."""
    await tx.execute(
        "update channels c set owner = null from unnest($2::uuid[], $3::bigint[]) as g (id, fence)"
        " where c.id = g.id and c.owner = $1 and c.fence = g.fence",
        node,
        list(fences),
        list(fences.values()),
    )


async def held_by(tx: Tx, node: NodeId) -> dict[UUID, int]:
    """The channels that a node holds, each with its fence."""
    rows = await tx.fetch("select id, fence from channels where owner = $1", node)
    return {row["id"]: row["fence"] for row in rows}
