"""Administrators made on the server's own machine: where nobody can invite yet, or nobody can get in."""

import secrets

from houston.kernel.clock import Clock
from houston.kernel.db import Database, Tx
from houston.kernel.errors import NotFound
from houston.kernel.ids import AccountId, PersonId
from houston.people import roster, store, store_sign_in
from houston.people.keyring import roles_of
from houston.people.passwords import Passwords
from houston.people.roster import Newcomer
from houston.people.rules import Role, check_email

_ACTOR = "houston's command line"


async def make_administrator(
    database: Database, clock: Clock, account: AccountId, email: str, name: str | None = None
) -> str:
    """Make somebody an administrator with a new password, which is shown this once.

    Who is there already is signed out everywhere and keeps the name; who is new and has none is called
    by the address.

    Raises:
        BadRequest: the address cannot be one.
        NotFound: there is no such account.
    """
    tidy, password = check_email(email), secrets.token_urlsafe(12)
    hashed = await Passwords().hash(password)
    async with database.transaction() as tx:
        if await store.account(tx, account) is None:
            raise NotFound("There is no such account", "Check its id")
        person = await _person(tx, clock, account, tidy, name or tidy)
        await store_sign_in.end_invitations(tx, person)
        await store_sign_in.set_password(tx, person, hashed)
    return password


async def _person(tx: Tx, clock: Clock, account: AccountId, email: str, new_name: str) -> PersonId:
    await store.lock_account(tx, account)
    now = clock.now()
    for row in await store.people(tx, account):
        if row["email"] == email:
            name, role = row["name"], Role.ADMINISTRATOR
            await roster.change(tx, account, row, name, role, roles_of(row), _ACTOR, now)
            return (await roster.reset(tx, account, row, _ACTOR, now)).person
    newcomer = Newcomer(name=new_name, email=email, role=Role.ADMINISTRATOR, roles={})
    return (await roster.invite(tx, account, newcomer, _ACTOR, now)).person
