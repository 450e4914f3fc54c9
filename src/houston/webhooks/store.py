"""Endpoints, the tries to reach them, and what could not be delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from houston.kernel import feed
from houston.kernel.db import Row, Tx, statement
from houston.kernel.feed import Cursor, Event
from houston.kernel.ids import AccountId, ChannelId, EndpointId, NodeId, new_id
from houston.kernel.vault import Vault
from houston.webhooks import health
from houston.webhooks.posts import Item, Post
from houston.webhooks.rules import Answer, Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address that wants to hear facts."""

    id: EndpointId
    account: AccountId
    name: str
    dialect: str
    url: str
    kinds: frozenset[str] | None
    """What it wants to hear; None: everything, also what comes with a later version."""
    channels: frozenset[ChannelId] | None
    """Of which channels; None: of all."""
    unsealed: str | None
    """The receiver's own key as versions before this one stored it; see `left_unsealed`."""
    sealed: tuple[bytes, ...]
    """Secrets that sign, the newest first, or the receiver's own key; as the vault keeps them."""
    older_until: datetime | None
    """How long the older of them goes on signing."""
    cursor: Cursor
    trouble: Trouble
    dead_letters: bool
    """Something could not be delivered and waits for a person."""
    repeats: bool
    """Somebody asked for facts again."""
    fence: int

    def wants(self, event: Event, item: Item) -> bool:
        """Facts about the account as a whole are of every channel."""
        if self.kinds is not None and item.kind not in self.kinds:
            return False
        return self.channels is None or event.channel is None or event.channel in self.channels

    def secrets(self, vault: Vault, now: datetime) -> tuple[str, ...]:
        """What shows that we have written.

        Raises:
            WrongKey: they were sealed with another server's key.
        """
        if self.unsealed is not None:
            return (self.unsealed,)
        signs = self.older_until is not None and now < self.older_until
        return tuple(vault.open(one, self.id) for one in self.sealed[: 2 if signs else 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver a POST."""

    post: Post
    content: bytes
    answer: Answer
    at: datetime
    took_ms: int


_COLUMNS: Final = (
    "id, account_id, name, dialect, url, kinds, channels, secret, sealed, older_until, era,"
    " xid::text::bigint as xid, seq, fails, refusals, first_failed_at, retry_at, fence,"
    " exists (select from replays r where r.endpoint_id = endpoints.id) as repeats,"
    " exists (select from dead_letters d where d.endpoint_id = endpoints.id) as dead_letters"
)
_SETTLE: Final = statement("houston.webhooks", "settle")


def _endpoint(row: Row) -> Endpoint:
    return Endpoint(
        id=EndpointId(row["id"]),
        account=AccountId(row["account_id"]),
        name=health.name_of(row["name"], row["url"]),
        dialect=row["dialect"],
        url=row["url"],
        kinds=None if row["kinds"] is None else frozenset(row["kinds"]),
        channels=None if row["channels"] is None else frozenset(map(ChannelId, row["channels"])),
        unsealed=row["secret"],
        sealed=tuple(row["sealed"]),
        older_until=row["older_until"],
        cursor=Cursor(row["era"], row["xid"], row["seq"]),
        trouble=Trouble(
            fails=row["fails"],
            refusals=row["refusals"],
            first_failed_at=row["first_failed_at"],
            retry_at=row["retry_at"],
        ),
        dead_letters=row["dead_letters"],
        repeats=row["repeats"],
        fence=row["fence"],
    )


# --- What people want --------------------------------------------------------------------------


async def one(tx: Tx, endpoint: EndpointId) -> Endpoint | None:
    row = await tx.fetchrow(f"select {_COLUMNS} from endpoints where id = $1", endpoint)
    return None if row is None else _endpoint(row)


async def sole(tx: Tx, account: AccountId, dialect: str) -> Endpoint | None:
    """The one endpoint that a dialect allows an account."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from endpoints where account_id = $1 and dialect = $2 and sole",
        account,
        dialect,
    )
    return None if row is None else _endpoint(row)


async def put_sole(
    tx: Tx,
    account: AccountId,
    dialect: str,
    url: str,
    kinds: Sequence[str],
    now: datetime,
) -> EndpointId:
    """Make the one endpoint of a dialect, or change it; a key that it has stays.

    A new one hears what happens from now on. A changed one goes on where the old one stood, at once:
    perhaps it was changed because it failed.
    """
    before = await _sole_now(tx, account, dialect)
    begin = await feed.end_of_feed(tx)
    put = await tx.fetchval(
        """
        insert into endpoints (id, account_id, dialect, sole, url, kinds, era, xid, seq, created_at)
        values ($1, $2, $3, true, $4, $5, $6, $7::bigint::text::xid8, $8, $9)
        on conflict (account_id, dialect) where sole do update set
            url = excluded.url, kinds = excluded.kinds,
            fails = 0, refusals = 0, first_failed_at = null, retry_at = null,
            owner = null, fence = endpoints.fence + 1
        returning id
        """,
        new_id(),
        account,
        dialect,
        url,
        list(kinds),
        begin.era,
        begin.xid,
        begin.seq,
        now,
    )
    if before is not None:
        await _tell(tx, before, await _sole_now(tx, account, dialect), now)
    return EndpointId(put)


async def _sole_now(tx: Tx, account: AccountId, dialect: str) -> Row | None:
    """How the one endpoint of a dialect is, locked."""
    return await tx.fetchrow(
        "select id, account_id, name, url, paused_at, first_failed_at,"
        " exists (select from dead_letters d where d.endpoint_id = endpoints.id) as dead_letters"
        " from endpoints where account_id = $1 and dialect = $2 and sole for update",
        account,
        dialect,
    )


async def _tell(tx: Tx, before: Row, after: Row | None, now: datetime) -> None:
    name = health.name_of(before["name"], before["url"])
    change = health.word_of(before), health.word_of(after)
    await health.tell(tx, AccountId(before["account_id"]), before["id"], name, change, None, now)


async def keep_key(tx: Tx, endpoint: EndpointId, sealed: bytes | None) -> None:
    """From now on this is the receiver's own key; None: it has none."""
    kept = [] if sealed is None else [sealed]
    await tx.execute(
        "update endpoints set sealed = $2::bytea[], secret = null where id = $1", endpoint, kept
    )


async def left_unsealed(tx: Tx, limit: int) -> list[tuple[EndpointId, str]]:
    """Keys that a version before this one stored as they are, locked until they are sealed."""
    rows = await tx.fetch(
        "select id, secret from endpoints where secret is not null limit $1 for update skip locked",
        limit,
    )
    return [(EndpointId(row["id"]), row["secret"]) for row in rows]


async def remove_sole(tx: Tx, account: AccountId, dialect: str, now: datetime) -> None:
    """Forget the one endpoint of a dialect, with its tries and its dead letters."""
    before = await _sole_now(tx, account, dialect)
    if before is not None:
        await _tell(tx, before, None, now)
    await tx.execute(
        "delete from endpoints where account_id = $1 and dialect = $2 and sole", account, dialect
    )


# --- Who serves what ---------------------------------------------------------------------------


async def count(tx: Tx, dialects: Sequence[str]) -> int:
    """How many endpoints are to be served, of some dialects."""
    return int(
        await tx.fetchval(
            "select count(*) from endpoints where paused_at is null and dialect = any($1)", dialects
        )
    )


async def held(tx: Tx, node: NodeId) -> dict[EndpointId, int]:
    """The endpoints that a node serves, each with its fence."""
    rows = await tx.fetch("select id, fence from endpoints where owner = $1", node)
    return {EndpointId(row["id"]): row["fence"] for row in rows}


async def claim(
    tx: Tx, node: NodeId, dialects: Sequence[str], forgotten: Sequence[EndpointId], limit: int
) -> list[Endpoint]:
    """Take endpoints that nobody alive serves, and those that this node forgot it has.

    Only of dialects that it speaks. The fence rises, so an earlier owner can no longer write.
    """
    rows = await tx.fetch(
        f"""
        update endpoints set owner = $1, fence = fence + 1
        where id in (
            select id
            from endpoints
            where
                paused_at is null
                and dialect = any($2)
                and (owner is null or owner not in (select id from live_nodes) or id = any($3))
            order by id
            limit $4
            for update skip locked
        )
        returning {_COLUMNS}
        """,
        node,
        dialects,
        forgotten,
        limit,
    )
    return [_endpoint(row) for row in rows]


async def stands(tx: Tx, endpoint: EndpointId, fence: int) -> bool:
    """Whether a claim still stands: the endpoint exists, is unchanged and nobody else's."""
    return bool(
        await tx.fetchval(
            "select exists (select from endpoints where id = $1 and fence = $2)", endpoint, fence
        )
    )


async def give_back(tx: Tx, fences: Mapping[EndpointId, int]) -> None:
    await tx.execute(
        "update endpoints e set owner = null from unnest($1::uuid[], $2::bigint[]) as g (id, fence)"
        " where e.id = g.id and e.fence = g.fence",
        list(fences.keys()),
        list(fences.values()),
    )


# --- What was done -----------------------------------------------------------------------------


async def settle(
    tx: Tx,
    endpoint: Endpoint,
    attempt: Attempt,
    reached: Cursor,
    trouble: Trouble,
    dead_because: str | None,
) -> bool:
    """Write down one try and what follows from it; False when the claim no longer stands."""
    post, answer = attempt.post, attempt.answer
    dead = None if dead_because is None else attempt.content.decode()
    settled = await tx.fetchval(
        _SETTLE,
        endpoint.id,
        endpoint.fence,
        reached.era,
        reached.xid,
        reached.seq,
        trouble.fails,
        trouble.refusals,
        trouble.first_failed_at,
        trouble.retry_at,
        attempt.at,
        post.kind,
        len(post.items),
        answer.code,
        answer.start,
        answer.error,
        attempt.took_ms,
        post.reached.era,
        post.reached.xid,
        post.reached.seq,
        dead,
        dead_because,
        str(post.told[0]),
        str(post.told[-1]),
    )
    return settled is not None


async def move(tx: Tx, passed: Sequence[tuple[Endpoint, Cursor]]) -> None:
    """Note how far endpoints have come through facts that they do not want."""
    await tx.execute(
        """
        update endpoints e set era = p.era, xid = p.xid::text::xid8, seq = p.seq
        from unnest($1::uuid[], $2::bigint[], $3::integer[], $4::bigint[], $5::bigint[])
            as p (id, fence, era, xid, seq)
        where e.id = p.id and e.fence = p.fence
        """,
        [endpoint.id for endpoint, _ in passed],
        [endpoint.fence for endpoint, _ in passed],
        [cursor.era for _, cursor in passed],
        [cursor.xid for _, cursor in passed],
        [cursor.seq for _, cursor in passed],
    )


async def forget_attempts(tx: Tx, before: datetime) -> None:
    """Drop old tries; what is on its way or dead is not among them."""
    await tx.execute("delete from attempts where at < $1", before)
