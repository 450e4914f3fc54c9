"""Accounts, people and API keys on disk."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId, KeyId, PersonId
from houston.people.rules import Doing, Role

# --- Accounts ----------------------------------------------------------------------------------


async def add_account(tx: Tx, account: AccountId, name: str, now: datetime) -> None:
    await tx.execute(
        "insert into accounts (id, name, created_at) values ($1, $2, $3)", account, name, now
    )


async def account(tx: Tx, account: AccountId) -> Row | None:
    return await tx.fetchrow(
        "select id, name, created_at, status_notices, notice_delay_minutes, warning_days"
        " from accounts where id = $1",
        account,
    )


async def choose(
    tx: Tx,
    account: AccountId,
    status_notices: str | None,
    notice_delay_minutes: int | None,
    warning_days: Sequence[int] | None,
) -> None:
    """Note what an account wants of notices; None leaves what there is."""
    await tx.execute(
        "update accounts set status_notices = coalesce($2, status_notices),"
        " notice_delay_minutes = coalesce($3, notice_delay_minutes),"
        " warning_days = coalesce($4, warning_days) where id = $1",
        account,
        status_notices,
        notice_delay_minutes,
        warning_days,
    )


async def notice_delay(tx: Tx, account: AccountId) -> timedelta:
    """For how long a passing trouble is not told."""
    found = await tx.fetchval("select notice_delay_minutes from accounts where id = $1", account)
    return timedelta(minutes=int(found))


async def warning_days(tx: Tx, account: AccountId) -> tuple[int, ...]:
    """With how many days of money left it is told, the fewest first."""
    return tuple(
        sorted(await tx.fetchval("select warning_days from accounts where id = $1", account))
    )


async def accounts(tx: Tx) -> list[Row]:
    """All accounts, the oldest first."""
    return list(await tx.fetch("select id, name, created_at from accounts order by created_at, id"))


async def lock_account(tx: Tx, account: AccountId) -> None:
    """One change of such a kind at a time: else two administrators could each remove the other.

    It holds up nobody who only refers to the account, as every new message does.
    """
    await tx.execute("select from accounts where id = $1 for no key update", account)


# --- Keys --------------------------------------------------------------------------------------


async def add_key(
    tx: Tx,
    key: KeyId,
    account: AccountId,
    name: str,
    key_hash: bytes,
    scopes: Iterable[Doing],
    now: datetime,
) -> None:
    await tx.execute(
        "insert into api_keys (id, account_id, name, hash, scopes, created_at)"
        " values ($1, $2, $3, $4, $5, $6)",
        key,
        account,
        name,
        key_hash,
        sorted(scopes),
        now,
    )


_ADMINISTRATORS = """
(select coalesce(array_agg(a.name order by a.created_at), '{}') from people a
    where a.account_id = k.account_id and a.role = 'administrator' and a.removed_at is null)
    as administrators
"""


async def key_that_opens(tx: Tx, key_hash: bytes, now: datetime) -> Row | None:
    """Whose key it is and what it may do; None when there is no such key or it was revoked."""
    return await tx.fetchrow(
        "update api_keys k set last_used_at = $2 where hash = $1 and revoked_at is null"
        f" returning account_id, id, scopes, {_ADMINISTRATORS}",
        key_hash,
        now,
    )


async def keys(tx: Tx, account: AccountId) -> list[Row]:
    """The keys that open an account, the oldest first."""
    return list(
        await tx.fetch(
            "select id, name, scopes, created_at, last_used_at from api_keys"
            " where account_id = $1 and revoked_at is null order by created_at, id",
            account,
        )
    )


async def revoke_key(tx: Tx, account: AccountId, key: KeyId, now: datetime) -> Row | None:
    """The key that opens nothing any more; None when the account has none such."""
    return await tx.fetchrow(
        "update api_keys set revoked_at = $3"
        " where account_id = $1 and id = $2 and revoked_at is null returning name, scopes",
        account,
        key,
        now,
    )


# --- People ------------------------------------------------------------------------------------


async def add_person(
    tx: Tx,
    person: PersonId,
    account: AccountId,
    name: str,
    email: str,
    role: Role | None,
    now: datetime,
) -> bool:
    """Whether the person is new; False: the account has somebody with this address already."""
    done = await tx.execute(
        "insert into people (id, account_id, name, email, role, created_at)"
        " values ($1, $2, $3, $4, $5, $6)"
        " on conflict (account_id, email) where removed_at is null do nothing",
        person,
        account,
        name,
        email,
        role,
        now,
    )
    return done == "INSERT 0 1"


_PERSON = f"""
select p.*, roles.by_channel, {_ADMINISTRATORS.replace("k.account_id", "p.account_id")}
from people p
cross join lateral (
    select coalesce(jsonb_object_agg(channel_id, role), '{{}}')::text as by_channel
    from people_roles where person_id = p.id
) roles
"""


async def people(tx: Tx, account: AccountId) -> list[Row]:
    """The people of an account, the oldest first."""
    return list(
        await tx.fetch(
            f"{_PERSON} where p.account_id = $1 and p.removed_at is null order by p.created_at, p.id",
            account,
        )
    )


async def person(tx: Tx, account: AccountId, person: PersonId) -> Row | None:
    return await tx.fetchrow(
        f"{_PERSON} where p.account_id = $1 and p.id = $2 and p.removed_at is null", account, person
    )


async def person_signed_in(tx: Tx, cookie_hash: bytes, now: datetime) -> Row | None:
    """Who holds a cookie; None when nobody does any more."""
    return await tx.fetchrow(
        f"{_PERSON} join sign_ins s on s.person_id = p.id"
        " where s.hash = $1 and s.expires_at > $2 and p.removed_at is null",
        cookie_hash,
        now,
    )


async def people_called(tx: Tx, email: str, at_most: int) -> list[Row]:
    """Those who could sign in with an address, one for each account."""
    return list(
        await tx.fetch(
            "select id, account_id, password_hash from people"
            " where email = $1 and removed_at is null and password_hash is not null"
            " order by created_at, id limit $2",
            email,
            at_most,
        )
    )


async def change_person(tx: Tx, person: PersonId, name: str, role: Role | None) -> None:
    await tx.execute("update people set name = $2, role = $3 where id = $1", person, name, role)


async def set_roles(tx: Tx, person: PersonId, roles: Mapping[ChannelId, Role]) -> None:
    """The roles on single channels, instead of those that were."""
    await tx.execute("delete from people_roles where person_id = $1", person)
    await tx.executemany(
        "insert into people_roles (person_id, channel_id, role) values ($1, $2, $3)",
        [(person, channel, role) for channel, role in roles.items()],
    )


async def foreign_channels(
    tx: Tx, account: AccountId, channels: Sequence[ChannelId]
) -> list[ChannelId]:
    """Those of the channels that are not the account's."""
    rows = await tx.fetch(
        "select id from channel_gate where account_id = $1 and id = any($2)", account, channels
    )
    return sorted(set(channels) - {row["id"] for row in rows})


async def remove_person(tx: Tx, person: PersonId, now: datetime) -> None:
    await tx.execute("update people set removed_at = $2 where id = $1", person, now)


async def names(tx: Tx, account: AccountId) -> dict[str, str]:
    """How people and keys are called, also those that are gone, by their actors in the feed."""
    rows = await tx.fetch(
        "select 'person ' || id as actor, name from people where account_id = $1"
        " union all select 'api key ' || id, name from api_keys where account_id = $1",
        account,
    )
    return {row["actor"]: row["name"] for row in rows}
