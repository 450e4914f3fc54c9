"""Users, contacts, deals and pipelines of CRMs on disk. Every function takes the open transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from houston.compat.wazzup_v3.bodies import Contact, ContactPoint, Deal, Pipeline, Stage, User
from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId

Book = Literal["crm_users", "crm_contacts", "crm_deals", "crm_pipelines"]
"""The tables whose rows a CRM names by ids of its own."""
_points: Final = msgspec.json.Decoder(list[ContactPoint])
_stages: Final = msgspec.json.Decoder(list[Stage])


async def remove(tx: Tx, book: Book, account: AccountId, ids: Sequence[str]) -> list[str]:
    """Forget some; the ids of those that were not there."""
    rows = await tx.fetch(
        f"delete from {book} where account_id = $1 and id = any($2) returning id", account, ids
    )
    gone = {row["id"] for row in rows}
    return [one for one in ids if one not in gone]


# --- What the CRM was asked for ----------------------------------------------------------------


async def ask_once(
    tx: Tx, account: AccountId, kind: str, subject: str, user: str | None, now: datetime
) -> bool:
    """Note that the CRM is asked to make something; False when it was asked before."""
    found = await tx.fetchval(
        "insert into crm_asked (account_id, kind, subject, user_id, at) values ($1, $2, $3, $4, $5)"
        " on conflict do nothing returning true",
        account,
        kind,
        subject,
        user,
        now,
    )
    return found is True


async def asked(tx: Tx, account: AccountId, kind: str, subjects: Sequence[str]) -> set[str]:
    """Those of the subjects that the CRM was asked to make something of."""
    rows = await tx.fetch(
        "select subject from crm_asked where account_id = $1 and kind = $2 and subject = any($3)",
        account,
        kind,
        subjects,
    )
    return {row["subject"] for row in rows}


async def forget_asked(tx: Tx, account: AccountId, kind: str, subjects: Sequence[str]) -> None:
    """It may be asked for again."""
    await tx.execute(
        "delete from crm_asked where account_id = $1 and kind = $2 and subject = any($3)",
        account,
        kind,
        subjects,
    )


async def who_is_next(tx: Tx, account: AccountId, channel: ChannelId | None) -> str | None:
    """Whose turn it is to get somebody new: of those who get them there, who got the fewest so far.

    Where nobody has a role, everybody gets new ones; None when the CRM has told of no users.
    """
    found = await tx.fetchval(
        """
        select u.id
        from crm_users u
        where u.account_id = $1
            and (
                not exists (select from crm_roles r where r.account_id = $1)
                or exists (
                    select from crm_roles r
                    where r.account_id = $1 and r.user_id = u.id and r.channel_id = $2 and r.gets_new
                )
            )
        order by
            (select count(*) from crm_asked a where a.account_id = $1 and a.user_id = u.id), u.id
        limit 1
        """,
        account,
        channel,
    )
    return None if found is None else str(found)


async def count(tx: Tx, book: Book, account: AccountId) -> int:
    return int(await tx.fetchval(f"select count(*) from {book} where account_id = $1", account))


# --- Users -------------------------------------------------------------------------------------


async def put_users(tx: Tx, account: AccountId, users: Sequence[User]) -> None:
    """Make or change users. Numbers may change hands among them, so all are let go of first."""
    await tx.execute(
        "update crm_users set phone = null where account_id = $1 and id = any($2)",
        account,
        [user.id for user in users],
    )
    await tx.execute(
        """
        insert into crm_users (account_id, id, name, phone)
        select $1, u.id, u.name, u.phone
        from unnest($2::text[], $3::text[], $4::text[]) as u (id, name, phone)
        on conflict (account_id, id) do update set name = excluded.name, phone = excluded.phone
        """,
        account,
        [user.id for user in users],
        [user.name for user in users],
        [user.phone for user in users],
    )


async def phones_of_others(tx: Tx, account: AccountId, users: Sequence[User]) -> set[str]:
    """Those of the users' numbers that somebody else has."""
    rows = await tx.fetch(
        "select phone from crm_users where account_id = $1 and phone = any($2) and id <> all($3)",
        account,
        [user.phone for user in users],
        [user.id for user in users],
    )
    return {row["phone"] for row in rows}


async def users(tx: Tx, account: AccountId) -> list[User]:
    """All users, by name."""
    rows = await tx.fetch(
        "select id, name, phone from crm_users where account_id = $1 order by name, id", account
    )
    return [_user(row) for row in rows]


async def user(tx: Tx, account: AccountId, named: str) -> User | None:
    row = await tx.fetchrow(
        "select id, name, phone from crm_users where account_id = $1 and id = $2", account, named
    )
    return None if row is None else _user(row)


def _user(row: Row) -> User:
    return User(row["id"], row["name"], row["phone"])


class UserRole(msgspec.Struct, frozen=True, rename="camel"):
    """What a user is to a channel, and whether they get those who write for the first time."""

    channel_id: str
    user_id: str
    role: Literal["auditor", "seller", "manager"]
    gets_new: bool = msgspec.field(default=False, name="allowGetNewClients")


async def roles(tx: Tx, account: AccountId) -> list[UserRole]:
    """Who is what to which channel."""
    rows = await tx.fetch(
        "select channel_id, user_id, role, gets_new from crm_roles where account_id = $1"
        " order by channel_id, user_id",
        account,
    )
    return [
        UserRole(str(row["channel_id"]), row["user_id"], row["role"], row["gets_new"])
        for row in rows
    ]


async def set_roles(tx: Tx, account: AccountId, roles: Sequence[UserRole]) -> None:
    """These roles and no others."""
    await tx.execute("delete from crm_roles where account_id = $1", account)
    await tx.executemany(
        "insert into crm_roles (account_id, user_id, channel_id, role, gets_new)"
        " values ($1, $2, $3, $4, $5)",
        [(account, one.user_id, one.channel_id, one.role, one.gets_new) for one in roles],
    )


# --- Contacts ----------------------------------------------------------------------------------


async def put_contacts(tx: Tx, account: AccountId, contacts: Sequence[Contact]) -> None:
    """Make or change contacts; in one order, so that two requests at once wait and do not block."""
    ordered = sorted(contacts, key=lambda one: one.id)
    await tx.executemany(
        """
        insert into crm_contacts (account_id, id, responsible_user_id, name, contact_data, uri, chats)
        values ($1, $2, $3, $4, $5::jsonb, $6, $7)
        on conflict (account_id, id) do update set
            responsible_user_id = excluded.responsible_user_id, name = excluded.name,
            contact_data = excluded.contact_data, uri = excluded.uri, chats = excluded.chats
        """,
        [
            (
                account,
                one.id,
                one.responsible_user_id,
                one.name,
                msgspec.json.encode(one.contact_data).decode(),
                one.uri,
                one.chats,
            )
            for one in ordered
        ],
    )


async def contacts(tx: Tx, account: AccountId, offset: int, limit: int) -> list[Contact]:
    """A page of contacts, by id."""
    rows = await tx.fetch(
        "select * from crm_contacts where account_id = $1 order by id offset $2 limit $3",
        account,
        offset,
        limit,
    )
    return [_contact(row) for row in rows]


async def contact(tx: Tx, account: AccountId, named: str) -> Contact | None:
    row = await tx.fetchrow(
        "select * from crm_contacts where account_id = $1 and id = $2", account, named
    )
    return None if row is None else _contact(row)


async def contacts_in(tx: Tx, account: AccountId, chats: Sequence[str]) -> list[Contact]:
    """The contacts who write in these chats."""
    theirs = _OF_FEW if len(chats) <= _FEW else _OF_MANY
    rows = await tx.fetch(
        f"select * from crm_contacts where account_id = $1 and {theirs} order by id", account, chats
    )
    return [_contact(row) for row in rows]


_FEW: Final = 20
_OF_FEW: Final = "chats && $2"
"""By the index. But each contact that it finds is compared with all the chats: of a thousand, for seconds."""
_OF_MANY: Final = (
    "id in (select c.id from crm_contacts c, unnest(c.chats) as own (chat)"
    " where c.account_id = $1 and own.chat = any($2))"
)
"""All contacts once: a fifth of a second for 100,000 of them, however many chats are asked for."""


async def chats_of(tx: Tx, account: AccountId, ids: Sequence[str]) -> list[str]:
    """Where these contacts write."""
    rows = await tx.fetch(
        "select unnest(chats) as chat from crm_contacts where account_id = $1 and id = any($2)",
        account,
        ids,
    )
    return [row["chat"] for row in rows]


def _contact(row: Row) -> Contact:
    points = _points.decode(row["contact_data"])
    return Contact(row["id"], row["responsible_user_id"], row["name"], points, row["uri"])


# --- Deals and pipelines -----------------------------------------------------------------------


async def put_deals(tx: Tx, account: AccountId, deals: Sequence[Deal]) -> None:
    ordered = sorted(deals, key=lambda one: one.id)
    await tx.executemany(
        """
        insert into crm_deals (account_id, id, responsible_user_id, name, uri, contacts, closed)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (account_id, id) do update set
            responsible_user_id = excluded.responsible_user_id, name = excluded.name,
            uri = excluded.uri, contacts = excluded.contacts, closed = excluded.closed
        """,
        [
            (account, d.id, d.responsible_user_id, d.name, d.uri, d.contacts, d.closed)
            for d in ordered
        ],
    )


async def with_open_deal(tx: Tx, account: AccountId, contacts: Sequence[str]) -> set[str]:
    """Those of the contacts with whom a deal is open."""
    rows = await tx.fetch(
        "select distinct c.id from unnest($2::text[]) as c (id) join crm_deals d"
        " on d.account_id = $1 and not d.closed and d.contacts @> array[c.id]",
        account,
        contacts,
    )
    return {row["id"] for row in rows}


async def deals(tx: Tx, account: AccountId, offset: int, limit: int) -> list[Deal]:
    """A page of deals, by id."""
    rows = await tx.fetch(
        "select * from crm_deals where account_id = $1 order by id offset $2 limit $3",
        account,
        offset,
        limit,
    )
    return [_deal(row) for row in rows]


async def deal(tx: Tx, account: AccountId, named: str) -> Deal | None:
    row = await tx.fetchrow(
        "select * from crm_deals where account_id = $1 and id = $2", account, named
    )
    return None if row is None else _deal(row)


def _deal(row: Row) -> Deal:
    return Deal(
        row["id"],
        row["responsible_user_id"],
        row["name"],
        row["uri"],
        row["contacts"],
        row["closed"],
    )


async def put_pipelines(tx: Tx, account: AccountId, pipelines: Sequence[Pipeline]) -> None:
    ordered = sorted(pipelines, key=lambda one: one.id)
    await tx.executemany(
        """
        insert into crm_pipelines (account_id, id, name, stages) values ($1, $2, $3, $4::jsonb)
        on conflict (account_id, id) do update set name = excluded.name, stages = excluded.stages
        """,
        [(account, p.id, p.name, msgspec.json.encode(p.stages).decode()) for p in ordered],
    )


async def pipelines(tx: Tx, account: AccountId) -> list[Pipeline]:
    """All pipelines, by id."""
    rows = await tx.fetch(
        "select id, name, stages from crm_pipelines where account_id = $1 order by id", account
    )
    return [Pipeline(row["id"], row["name"], _stages.decode(row["stages"])) for row in rows]
