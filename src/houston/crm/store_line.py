"""What stands in line between a CRM and Houston, both ways, and which ids mean the same there and here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from houston.crm.connector import WHATS, Errand, Hook, KnownChat, What
from houston.crm.rules import Settlement
from houston.kernel.db import Tx
from houston.kernel.ids import ChannelId, ChatId, ConnectionId, MessageId

_TYPES: Final = {what.kind: what for what in WHATS}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


# --- Hooks -------------------------------------------------------------------------------------


async def keep_hook(
    tx: Tx, connection: ConnectionId, sealed: bytes, at: datetime, *, proven: bool
) -> None:
    await tx.execute(
        "insert into crm_hooks (connection_id, sealed, proven, received_at) values ($1, $2, $3, $4)",
        connection,
        sealed,
        proven,
        at,
    )


async def next_hook(tx: Tx, connection: ConnectionId) -> tuple[int, Hook | bytes, bool] | None:
    """The oldest one, sealed; one that came before hooks were sealed, as it is."""
    row = await tx.fetchrow(
        "select seq, hook, sealed, proven from crm_hooks where connection_id = $1 and open"
        " order by seq limit 1",
        connection,
    )
    if row is None:
        return None
    hook = row["sealed"] or msgspec.json.decode(row["hook"], type=Hook)
    return row["seq"], hook, row["proven"]


async def open_hooks(tx: Tx, connection: ConnectionId, most: int) -> int:
    """How many wait, counted no further than that."""
    found: int = await tx.fetchval(
        "select count(*) from (select from crm_hooks where connection_id = $1 and open limit $2) h",
        connection,
        most,
    )
    return found


async def oldest_hook_at(tx: Tx, connection: ConnectionId) -> datetime | None:
    """Since when the one that waits longest does."""
    found: datetime | None = await tx.fetchval(
        "select min(received_at) from crm_hooks where connection_id = $1 and open", connection
    )
    return found


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


@dataclass(frozen=True, slots=True)
class KnownAs:
    """A chat of ours."""

    chat: ChatId
    address: str


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
        parts=tuple(map(MessageId, row["parts"])),
        more=row["more"],
        repeated=row["attempts"] > 1,
    )
    return row["seq"], errand, row["attempts"]


_INTEND: Final = """
with next as (
    select seq from crm_errands e
    where connection_id = $1 and open
        and (not_before is null or not_before <= $2
            or anew <> (select anew from crm_connections where id = $1))
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
        and m.message_id = (e.what ->> 'message')::uuid) as their_message,
    array(select part.message_id from crm_messages m
        join crm_messages part on part.connection_id = m.connection_id and part.theirs = m.theirs
        where m.connection_id = $1 and m.message_id = (e.what ->> 'message')::uuid
        order by part.message_id) as parts
"""


async def settle(tx: Tx, seq: int, settlement: Settlement, anew: int) -> KnownAs | None:
    """The chat that it belongs to by now: it may have become part of another meanwhile.

    Put off it is only until its CRM is looked at anew, after `anew` times: perhaps that was asked for just now.
    """
    row = await tx.fetchrow(
        "update crm_errands set open = $2, error = coalesce($3, error), not_before = $4, anew = $5"
        " where seq = $1"
        " returning chat_id, address",
        seq,
        settlement.open,
        settlement.error,
        settlement.not_before,
        anew,
    )
    return None if row is None else KnownAs(ChatId(row["chat_id"]), row["address"])


async def forget_done(tx: Tx, before: datetime, limit: int) -> int:
    """Drop what was dealt with before then, the oldest first; of which table most went.

    What repeats of a hook are known by are the ids of its messages, and those stay.
    """
    done = [
        await tx.execute(statement, before, limit) for statement in (_DROP_HOOKS, _DROP_ERRANDS)
    ]
    return max(int(one.rpartition(" ")[2]) for one in done)


_DROP_HOOKS: Final = (
    "delete from crm_hooks where seq in (select seq from crm_hooks"
    " where not open and received_at < $1 order by received_at limit $2 for update skip locked)"
)
_DROP_ERRANDS: Final = (
    "delete from crm_errands where seq in (select seq from crm_errands"
    " where not open and created_at < $1 order by created_at limit $2 for update skip locked)"
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
) -> bool:
    """The newest word counts: a chat that was deleted in the CRM begins anew there. Whether it is the first.

    The address that is known stays where none is given.
    """
    is_first: bool = await tx.fetchval(
        "insert into crm_chats (connection_id, chat_id, address, theirs, contact, used_at)"
        " values ($1, $2, $3, $4, $5, $6)"
        " on conflict (connection_id, chat_id) do update set theirs = excluded.theirs,"
        " address = case when excluded.address = '' then crm_chats.address else excluded.address end,"
        " used_at = excluded.used_at,"
        " contact = case when excluded.contact = '' then crm_chats.contact else excluded.contact end"
        " returning xmax = 0",
        connection,
        chat,
        address,
        theirs,
        contact,
        now,
    )
    return is_first


async def knows_chat(tx: Tx, connection: ConnectionId, theirs: str) -> bool:
    return bool(
        await tx.fetchval(
            "select exists (select from crm_chats where connection_id = $1 and theirs = $2)",
            connection,
            theirs,
        )
    )


async def merge_chats(
    tx: Tx, connection: ConnectionId, merged: ChatId, into: ChatId, address: str
) -> None:
    """Two chats are one: what waits goes on in it, under the number, and so does the CRM's chat.

    Where the CRM has a chat for each, both stay known, for operators may write in either.
    """
    await tx.execute(
        "update crm_errands set chat_id = $3, address = $4"
        " where connection_id = $1 and chat_id = $2 and open",
        connection,
        merged,
        into,
        address,
    )
    await tx.execute(
        "update crm_chats set address = $4, chat_id = case when exists (select from crm_chats"
        " where connection_id = $1 and chat_id = $3) then chat_id else $3 end"
        " where connection_id = $1 and chat_id in ($2, $3)",
        connection,
        merged,
        into,
        address,
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
) -> bool:
    """Note that they are the same; whether it was not known yet."""
    done = await tx.execute(
        "insert into crm_messages (connection_id, theirs, message_id) values ($1, $2, $3)"
        " on conflict do nothing",
        connection,
        theirs,
        message,
    )
    return bool(done == "INSERT 0 1")


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
