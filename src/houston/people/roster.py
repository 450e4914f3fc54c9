"""The people of an account: invited, given roles, reset, removed; each change with its fact."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from houston.kernel import feed
from houston.kernel.db import Row, Tx
from houston.kernel.errors import BadRequest, Conflict, NotFound
from houston.kernel.facts import PersonChanged
from houston.kernel.ids import AccountId, ChannelId, PersonId, new_id
from houston.people import store, store_sign_in
from houston.people.rules import INVITED_FOR, Role, key_hash


@dataclass(frozen=True, slots=True)
class Invitation:
    """The one way in for somebody who has no password yet. The token is shown this once."""

    person: PersonId
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody who is to be invited."""

    name: str
    email: str
    role: Role | None
    roles: Mapping[ChannelId, Role]


async def invite(
    tx: Tx, account: AccountId, newcomer: Newcomer, actor: str, now: datetime
) -> Invitation:
    """Add a person, who chooses a password by the invitation.

    Raises:
        Conflict: the account has somebody with this address.
        BadRequest: a channel is not the account's.
    """
    person = PersonId(new_id())
    if not await store.add_person(
        tx, person, account, newcomer.name, newcomer.email, newcomer.role, now
    ):
        raise Conflict("Somebody has this address already", "Change that person, or remove them")
    await _set_roles(tx, account, person, newcomer.roles)
    await _tell(tx, account, person, newcomer.name, newcomer.role, "invited", actor, now)
    return await _invitation(tx, person, now)


async def change(
    tx: Tx,
    account: AccountId,
    row: Row,
    name: str,
    role: Role | None,
    roles: Mapping[ChannelId, Role],
    actor: str,
    now: datetime,
) -> None:
    """Give a person another name or other roles; they count from the next request on.

    Raises:
        Conflict: nobody would be left to administer the account.
        BadRequest: a channel is not the account's.
    """
    person = PersonId(row["id"])
    if role is not Role.ADMINISTRATOR:
        await _leave_an_administrator(tx, account, person)
    await store.change_person(tx, person, name, role)
    await _set_roles(tx, account, person, roles)
    await _tell(tx, account, person, name, role, "changed", actor, now)


async def reset(tx: Tx, account: AccountId, row: Row, actor: str, now: datetime) -> Invitation:
    """Void the password and every sign-in; a new invitation is the only way in."""
    person = PersonId(row["id"])
    await store_sign_in.set_password(tx, person, None)
    await store_sign_in.end_sign_ins(tx, person)
    await _tell(tx, account, person, row["name"], _role(row), "reset", actor, now)
    return await _invitation(tx, person, now)


async def remove(tx: Tx, account: AccountId, row: Row, actor: str, now: datetime) -> None:
    """Somebody may do nothing any more; what they did stays in the history under their name.

    Raises:
        Conflict: nobody would be left to administer the account.
    """
    person = PersonId(row["id"])
    await _leave_an_administrator(tx, account, person)
    await store.remove_person(tx, person, now)
    await store_sign_in.end_sign_ins(tx, person)
    await store_sign_in.end_invitations(tx, person)
    await _tell(tx, account, person, row["name"], _role(row), "removed", actor, now)


async def lock(tx: Tx, account: AccountId, person: PersonId) -> Row:
    """A person of the account, while nobody else changes its people.

    Raises:
        NotFound: there is none.
    """
    await store.lock_account(tx, account)
    return await one(tx, account, person)


async def one(tx: Tx, account: AccountId, person: PersonId) -> Row:
    """A person of the account.

    Raises:
        NotFound: there is none.
    """
    row = await store.person(tx, account, person)
    if row is None:
        raise NotFound("There is no such person", "List the people to see their ids")
    return row


async def _invitation(tx: Tx, person: PersonId, now: datetime) -> Invitation:
    made = Invitation(person, secrets.token_urlsafe(32), now + INVITED_FOR)
    await store_sign_in.invite(tx, key_hash(made.token), person, made.expires_at)
    return made


async def _set_roles(
    tx: Tx, account: AccountId, person: PersonId, roles: Mapping[ChannelId, Role]
) -> None:
    foreign = await store.foreign_channels(tx, account, list(roles))
    if foreign:
        raise BadRequest("channels", str(foreign[0]), "list the channels to see their ids")
    await store.set_roles(tx, person, roles)


async def _leave_an_administrator(tx: Tx, account: AccountId, person: PersonId) -> None:
    people = await store.people(tx, account)
    administrators = {row["id"] for row in people if row["role"] == Role.ADMINISTRATOR}
    if administrators == {person}:
        cure = "Make somebody else an administrator first"
        raise Conflict("Nobody would be left to administer the account", cure)


async def _tell(
    tx: Tx,
    account: AccountId,
    person: PersonId,
    name: str,
    role: Role | None,
    change: str,
    actor: str,
    now: datetime,
) -> None:
    fact = PersonChanged(person_id=person, name=name, change=change, role=role, actor=actor)
    await feed.write(tx, now, [feed.Entry(account, None, fact)])


def _role(row: Row) -> Role | None:
    return None if row["role"] is None else Role(row["role"])
