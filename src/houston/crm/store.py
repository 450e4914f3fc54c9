"""Connections to CRMs, hooks that came, errands that wait, and which ids mean the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from houston.crm.connector import WHATS, Errand, Hook, KnownChat, What
from houston.crm.rules import Settlement, State
from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId, ChatId, ConnectionId, MessageId, NodeId


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
    error_at: datetime | None
    fails: int
    retry_at: datetime | None
    reconciled_at: datetime
    reconcile: bool
    created_at: datetime


_COLUMNS: Final = (
    "id, account_id, kind, name, channels, settings, secrets, enabled, state, state_since, error, error_at,"
    " fails, retry_at, reconciled_at, reconcile, created_at"
)
_TYPES: Final = {what.kind: what for what in WHATS}


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
        error_at=row["error_at"],
        fails=row["fails"],
        retry_at=row["retry_at"],
        reconciled_at=row["reconciled_at"],
        reconcile=row["reconcile"],
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


async def change(tx: Tx, one: Stored, now: datetime) -> None:
    """Keep what a person changed; what stood still because of it is tried at once."""
    await tx.execute(
        "update crm_connections set name = $2, channels = $3, settings = $4, secrets = $5, enabled = $6,"
        " state = $7, state_since = $8, fails = 0, retry_at = null, reconcile = true where id = $1",
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
    await tx.execute("update crm_connections set retry_at = null where id = $1", connection)


async def remove(tx: Tx, account: AccountId, connection: ConnectionId) -> None:
    await tx.execute(
        "delete from crm_connections where account_id = $1 and id = $2", account, connection
    )


async def of_account(tx: Tx, account: AccountId) -> list[Stored]:
    rows = await tx.fetch(
        f"select {_COLUMNS} from crm_connections where account_id = $1 order by id", account
    )
    return [_stored(row) for row in rows]


async def one(tx: Tx, connection: ConnectionId) -> Stored | None:
    row = await tx.fetchrow(f"select {_COLUMNS} from crm_connections where id = $1", connection)
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


async def knows_channels(tx: Tx, account: AccountId, channels: Sequence[ChannelId]) -> bool:
    """Whether all of them are the account's. The view is what this slice may see of channels."""
    found = await tx.fetchval(
        "select count(*) from channel_gate where account_id = $1 and id = any($2)",
        account,
        list(channels),
    )
    return bool(found == len(set(channels)))


# --- Whose turn it is --------------------------------------------------------------------------


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
                            and (e.not_before is null or e.not_before <= $2)
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


async def hold_on(tx: Tx, connection: ConnectionId, node: NodeId, until: datetime) -> bool:
    """Go on holding a connection; False if another node has it, or nobody wants it any more."""
    done = await tx.execute(
        "update crm_connections set held_until = $3 where id = $1 and held_by = $2 and enabled",
        connection,
        node,
        until,
    )
    return bool(done == "UPDATE 1")


async def let_go(tx: Tx, connection: ConnectionId, node: NodeId) -> None:
    await tx.execute(
        "update crm_connections set held_by = null, held_until = null where id = $1 and held_by = $2",
        connection,
        node,
    )


async def note(tx: Tx, connection: ConnectionId, settlement: Settlement, now: datetime) -> None:
    """Write down how the connection is. One that recovers asks what it has missed meanwhile."""
    await tx.execute(
        """
        update crm_connections set
            error = coalesce($3, error),
            error_at = case when $3::text is null then error_at else $4 end,
            state_since = case when $2::text is null or state = $2 then state_since else $4 end,
            reconcile = reconcile or ($2 = 'working' and fails > 0),
            fails = case when $2::text is null then fails when $2 = 'working' then 0 else fails + 1 end,
            state = coalesce($2, state),
            retry_at = $5
        where id = $1
        """,
        connection,
        settlement.state,
        settlement.error,
        now,
        settlement.retry_at,
    )


async def reconciled(tx: Tx, connection: ConnectionId, upto: datetime) -> None:
    await tx.execute(
        "update crm_connections set reconcile = false, reconciled_at = $2 where id = $1",
        connection,
        upto,
    )


# --- Hooks -------------------------------------------------------------------------------------


async def keep_hook(tx: Tx, connection: ConnectionId, hook: Hook, *, proven: bool) -> None:
    await tx.execute(
        "insert into crm_hooks (connection_id, hook, proven, received_at) values ($1, $2, $3, $4)",
        connection,
        _json(hook),
        proven,
        hook.at,
    )


async def next_hook(tx: Tx, connection: ConnectionId) -> tuple[int, Hook, bool] | None:
    row = await tx.fetchrow(
        "select seq, hook, proven from crm_hooks where connection_id = $1 and open order by seq limit 1",
        connection,
    )
    if row is None:
        return None
    return row["seq"], msgspec.json.decode(row["hook"], type=Hook), row["proven"]


async def close_hook(tx: Tx, seq: int, error: str | None) -> None:
    await tx.execute("update crm_hooks set open = false, error = $2 where seq = $1", seq, error)


# --- Errands -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NewErrand:
    connection: ConnectionId
    channel: ChannelId
    chat: ChatId
    address: str
    what: What


async def enqueue(tx: Tx, errands: Sequence[NewErrand], now: datetime) -> None:
    await tx.execute(
        "insert into crm_errands (connection_id, channel_id, chat_id, address, kind, what, created_at)"
        " select connection_id, channel_id, chat_id, address, kind, what, $7 from unnest($1::uuid[],"
        " $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[]) with ordinality"
        " as e (connection_id, channel_id, chat_id, address, kind, what, n) order by n",
        [one.connection for one in errands],
        [one.channel for one in errands],
        [one.chat for one in errands],
        [one.address for one in errands],
        [one.what.kind for one in errands],
        [_json(one.what) for one in errands],
        now,
    )


async def intend(tx: Tx, connection: ConnectionId, now: datetime) -> tuple[int, Errand, int] | None:
    """The next errand, noted as tried before it is. A chat waits for its own first one, no other chat does."""
    row = await tx.fetchrow(_INTEND, connection, now)
    if row is None:
        return None
    errand = Errand(
        what=msgspec.json.decode(row["what"], type=_TYPES[row["kind"]]),
        chat=ChatId(row["chat_id"]),
        channel=ChannelId(row["channel_id"]),
        address=row["address"],
        their_chat=row["their_chat"],
        their_contact=row["their_contact"] or "",
        their_message=row["their_message"],
        more=row["more"],
        repeated=row["attempts"] > 1,
    )
    return row["seq"], errand, row["attempts"]


_INTEND: Final = """
with next as (
    select seq from crm_errands e
    where connection_id = $1 and open and (not_before is null or not_before <= $2)
        and not exists (
            select from crm_errands earlier
            where earlier.connection_id = $1 and earlier.open and earlier.chat_id = e.chat_id
                and earlier.seq < e.seq
        )
    order by seq limit 1
)
update crm_errands e set attempts = attempts + 1
from next
where e.seq = next.seq
returning e.seq, e.kind, e.what, e.chat_id, e.channel_id, e.address, e.attempts,
    (select theirs from crm_chats c where c.connection_id = $1 and c.chat_id = e.chat_id) as their_chat,
    (select contact from crm_chats c where c.connection_id = $1 and c.chat_id = e.chat_id) as their_contact,
    exists (select from crm_errands later where later.connection_id = $1 and later.open
        and later.chat_id = e.chat_id and later.seq > e.seq and later.kind = 'say') as more,
    (select theirs from crm_messages m where m.connection_id = $1
        and m.message_id = (e.what ->> 'message')::uuid) as their_message
"""


async def settle(tx: Tx, seq: int, settlement: Settlement) -> None:
    await tx.execute(
        "update crm_errands set open = $2, error = coalesce($3, error), not_before = $4 where seq = $1",
        seq,
        settlement.open,
        settlement.error,
        settlement.not_before,
    )


# --- Ids ---------------------------------------------------------------------------------------


async def link_chat(
    tx: Tx,
    connection: ConnectionId,
    chat: ChatId,
    address: str,
    theirs: str,
    contact: str,
    now: datetime,
) -> None:
    """The newest word counts: a chat that was deleted in the CRM begins anew there."""
    await tx.execute(
        "insert into crm_chats (connection_id, chat_id, address, theirs, contact, used_at)"
        " values ($1, $2, $3, $4, $5, $6)"
        " on conflict (connection_id, chat_id) do update set theirs = excluded.theirs,"
        " address = excluded.address, used_at = excluded.used_at,"
        " contact = case when excluded.contact = '' then crm_chats.contact else excluded.contact end",
        connection,
        chat,
        address,
        theirs,
        contact,
        now,
    )


async def lively_chats(
    tx: Tx, connection: ConnectionId, since: datetime, limit: int
) -> list[KnownChat]:
    """The chats that were used since then, those of today first."""
    rows = await tx.fetch(
        "select theirs, address from crm_chats where connection_id = $1 and used_at >= $2"
        " order by used_at desc limit $3",
        connection,
        since,
        limit,
    )
    return [KnownChat(row["theirs"], row["address"]) for row in rows]


async def link_message(
    tx: Tx, connection: ConnectionId, theirs: str, message: MessageId | None
) -> None:
    await tx.execute(
        "insert into crm_messages (connection_id, theirs, message_id) values ($1, $2, $3)"
        " on conflict do nothing",
        connection,
        theirs,
        message,
    )


async def ours(tx: Tx, connection: ConnectionId, theirs: str) -> list[MessageId | None] | None:
    """The messages that one of the CRM is here; [None] if it was refused, None if it is unknown."""
    rows = await tx.fetch(
        "select message_id from crm_messages where connection_id = $1 and theirs = $2",
        connection,
        theirs,
    )
    return [row["message_id"] for row in rows] or None


async def forget_refusal(tx: Tx, connection: ConnectionId, theirs: str) -> None:
    await tx.execute(
        "delete from crm_messages where connection_id = $1 and theirs = $2 and message_id is null",
        connection,
        theirs,
    )
