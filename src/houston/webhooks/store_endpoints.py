"""Endpoints as people see and change them, on disk.

Every change takes the owner off, so that an endpoint is served anew, as it is then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from houston.kernel import feed
from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId, EndpointId

_COLUMNS: Final = """
    id, name, dialect, url, kinds, channels, created_at, older_until, paused_at, first_failed_at,
    retry_at,
    (select count(*) from dead_letters d where d.endpoint_id = endpoints.id) as dead_letters,
    (select min(at) from dead_letters d where d.endpoint_id = endpoints.id) as dead_since,
    (select count(*) from replays r where r.endpoint_id = endpoints.id) as replays
"""
_CHANGED: Final = """
    owner = null, fence = fence + 1,
    fails = 0, refusals = 0, first_failed_at = null, retry_at = null
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An endpoint as somebody wants it."""

    name: str
    url: str
    kinds: Sequence[str] | None
    channels: Sequence[ChannelId] | None


async def of_account(tx: Tx, account: AccountId) -> list[Row]:
    return list(
        await tx.fetch(
            f"select {_COLUMNS} from endpoints where account_id = $1 order by created_at, id",
            account,
        )
    )


async def one(
    tx: Tx, account: AccountId, endpoint: EndpointId, *, lock: bool = False
) -> Row | None:
    return await tx.fetchrow(
        f"select {_COLUMNS} from endpoints where account_id = $1 and id = $2"
        f" {'for update' if lock else ''}",
        account,
        endpoint,
    )


async def count(tx: Tx, account: AccountId) -> int:
    return int(await tx.fetchval("select count(*) from endpoints where account_id = $1", account))


async def add(
    tx: Tx,
    account: AccountId,
    endpoint: EndpointId,
    dialect: str,
    wanted: Wanted,
    sealed: bytes,
    now: datetime,
) -> None:
    """A new one hears what happens from now on."""
    begin = await feed.end_of_feed(tx)
    await tx.execute(
        """
        insert into endpoints
            (id, account_id, dialect, sole, name, url, kinds, channels, sealed, era, xid, seq, created_at)
        values ($1, $2, $3, false, $4, $5, $6, $7, array[$8::bytea], $9, $10::bigint::text::xid8, $11, $12)
        """,
        endpoint,
        account,
        dialect,
        wanted.name,
        wanted.url,
        wanted.kinds,
        wanted.channels,
        sealed,
        begin.era,
        begin.xid,
        begin.seq,
        now,
    )


async def change(tx: Tx, endpoint: EndpointId, wanted: Wanted) -> None:
    """It goes on where it stood, at once: perhaps it was changed because it failed."""
    await tx.execute(
        f"update endpoints set name = $2, url = $3, kinds = $4, channels = $5, {_CHANGED} where id = $1",
        endpoint,
        wanted.name,
        wanted.url,
        wanted.kinds,
        wanted.channels,
    )


async def remove(tx: Tx, endpoint: EndpointId) -> None:
    await tx.execute("delete from endpoints where id = $1", endpoint)


async def pause(tx: Tx, endpoint: EndpointId, at: datetime | None) -> None:
    """Stop telling it anything; without `at`, go on where it stood."""
    await tx.execute(
        f"update endpoints set paused_at = $2::timestamptz, {_CHANGED}"
        " where id = $1 and (paused_at is null) <> ($2::timestamptz is null)",
        endpoint,
        at,
    )


async def hurry(tx: Tx, endpoint: EndpointId) -> None:
    """There is something to do for it that its node cannot know of."""
    await tx.execute(f"update endpoints set {_CHANGED} where id = $1", endpoint)


async def sign_with(tx: Tx, endpoint: EndpointId, sealed: bytes, older_until: datetime) -> None:
    """A new secret signs from now on, and the one of before beside it for a while."""
    await tx.execute(
        f"update endpoints set sealed = array[$2::bytea] || sealed[1:1], older_until = $3, {_CHANGED}"
        " where id = $1",
        endpoint,
        sealed,
        older_until,
    )


# --- What was tried ----------------------------------------------------------------------------


async def attempts(tx: Tx, endpoint: EndpointId, before: int | None, limit: int) -> list[Row]:
    """The newest first."""
    return await _page(tx, "attempts", endpoint, before, limit)


async def attempt(tx: Tx, endpoint: EndpointId, attempt: int) -> Row | None:
    return await tx.fetchrow(
        "select * from attempts where endpoint_id = $1 and id = $2", endpoint, attempt
    )


async def dead_letters(tx: Tx, endpoint: EndpointId, before: int | None, limit: int) -> list[Row]:
    """The newest first."""
    return await _page(tx, "dead_letters", endpoint, before, limit)


async def _page(
    tx: Tx, table: str, endpoint: EndpointId, before: int | None, limit: int
) -> list[Row]:
    arguments: list[Any] = [endpoint, before, limit]
    return list(
        await tx.fetch(
            f"select * from {table} where endpoint_id = $1 and ($2::bigint is null or id < $2)"
            " order by id desc limit $3",
            *arguments,
        )
    )


async def last_attempts(tx: Tx, endpoints: Sequence[EndpointId]) -> dict[EndpointId, Row]:
    """How it went the last time, of each that was ever tried."""
    rows = await tx.fetch(
        "select l.* from unnest($1::uuid[]) as e (id) cross join lateral"
        " (select * from attempts a where a.endpoint_id = e.id order by a.id desc limit 1) as l",
        list(endpoints),
    )
    return {EndpointId(row["endpoint_id"]): row for row in rows}
