"""Endpoints, the tries to reach them, and what could not be delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from houston.kernel import feed
from houston.kernel.db import Row, Tx
from houston.kernel.feed import Cursor
from houston.kernel.ids import AccountId, EndpointId, NodeId, new_id
from houston.webhooks.posts import Post
from houston.webhooks.rules import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address that wants to hear facts."""

    id: EndpointId
    account: AccountId
    dialect: str
    url: str
    kinds: tuple[str, ...]
    secret: str | None
    cursor: Cursor
    fails: int
    first_failed_at: datetime | None
    retry_at: datetime | None


_COLUMNS = (
    "id, account_id, dialect, url, kinds, secret, era, xid::text::bigint as xid, seq, fails,"
    " first_failed_at, retry_at"
)


def _endpoint(row: Row) -> Endpoint:
    return Endpoint(
        id=EndpointId(row["id"]),
        account=AccountId(row["account_id"]),
        dialect=row["dialect"],
        url=row["url"],
        kinds=tuple(row["kinds"]),
        secret=row["secret"],
        cursor=Cursor(row["era"], row["xid"], row["seq"]),
        fails=row["fails"],
        first_failed_at=row["first_failed_at"],
        retry_at=row["retry_at"],
    )


async def of_dialect(tx: Tx, account: AccountId, dialect: str) -> Endpoint | None:
    """The one endpoint that a dialect allows an account."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from endpoints where account_id = $1 and dialect = $2",
        account,
        dialect,
    )
    return None if row is None else _endpoint(row)


async def put(
    tx: Tx,
    account: AccountId,
    dialect: str,
    url: str,
    kinds: Sequence[str],
    secret: str | None,
    now: datetime,
) -> None:
    """Make the endpoint of a dialect, or change it.

    A new one hears what happens from now on. A changed one goes on where the old one stood, at once:
    perhaps it was changed because it failed.
    """
    begin = await feed.end_of_feed(tx)
    await tx.execute(
        """
        insert into endpoints (id, account_id, dialect, url, kinds, secret, era, xid, seq, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8::bigint::text::xid8, $9, $10)
        on conflict (account_id, dialect) do update set
            url = excluded.url, kinds = excluded.kinds, secret = excluded.secret,
            fails = 0, first_failed_at = null, retry_at = null
        """,
        new_id(),
        account,
        dialect,
        url,
        list(kinds),
        secret,
        begin.era,
        begin.xid,
        begin.seq,
        now,
    )


async def remove(tx: Tx, account: AccountId, dialect: str) -> None:
    await tx.execute(
        "delete from endpoints where account_id = $1 and dialect = $2", account, dialect
    )


async def held(tx: Tx, node: NodeId) -> list[Endpoint]:
    """The endpoints that a node serves, after it took over those that no living node does."""
    await tx.execute(
        """
        update endpoints set owner = $1 where id in (
            select id from endpoints
            where owner is null or owner not in (select id from live_nodes)
            for update skip locked
        )
        """,
        node,
    )
    rows = await tx.fetch(
        f"select {_COLUMNS} from endpoints where owner = $1 and paused_at is null",
        node,
    )
    return [_endpoint(row) for row in rows]


async def give_back(tx: Tx, node: NodeId) -> None:
    await tx.execute("update endpoints set owner = null where owner = $1", node)


async def move(tx: Tx, endpoint: EndpointId, node: NodeId, to: Cursor) -> bool:
    """Everything up to there is dealt with; False when another node serves the endpoint now."""
    done = await tx.execute(
        """
        update endpoints set
            era = $3, xid = $4::bigint::text::xid8, seq = $5,
            fails = 0, first_failed_at = null, retry_at = null
        where id = $1 and owner = $2
        """,
        endpoint,
        node,
        to.era,
        to.xid,
        to.seq,
    )
    return bool(done == "UPDATE 1")


async def fail(
    tx: Tx, endpoint: EndpointId, fails: int, first_failed_at: datetime, retry_at: datetime
) -> None:
    await tx.execute(
        "update endpoints set fails = $2, first_failed_at = $3, retry_at = $4 where id = $1",
        endpoint,
        fails,
        first_failed_at,
        retry_at,
    )


async def record(
    tx: Tx,
    endpoint: EndpointId,
    post: Post,
    answer: Answer,
    took_ms: int,
    next_try_at: datetime | None,
    now: datetime,
) -> None:
    """Write down one try."""
    await tx.execute(
        """
        insert into attempts (
            endpoint_id, at, kind, items, answer_code, answer_start, error, took_ms, next_try_at, era, xid, seq
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::bigint::text::xid8, $12)
        """,
        endpoint,
        now,
        post.kind,
        len(post.items),
        answer.code,
        answer.start,
        answer.error,
        took_ms,
        next_try_at,
        post.reached.era,
        post.reached.xid,
        post.reached.seq,
    )


async def bury(tx: Tx, endpoint: EndpointId, body: dict[str, Any], why: str, now: datetime) -> None:
    """Keep what could not be delivered, for a person to look at."""
    await tx.execute(
        "insert into dead_letters (endpoint_id, at, body, error) values ($1, $2, $3, $4)",
        endpoint,
        now,
        msgspec.json.encode(body).decode(),
        why,
    )


async def forget_attempts(tx: Tx, before: datetime) -> None:
    """Drop old tries; what is on its way or dead is not among them."""
    await tx.execute("delete from attempts where at < $1", before)
