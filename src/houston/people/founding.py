"""The first administrator of an account, made on the server's own machine, where nobody can invite yet."""

import secrets

from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.ids import AccountId
from houston.people import roster, store_sign_in
from houston.people.passwords import Passwords
from houston.people.roster import Newcomer
from houston.people.rules import Role, check_email

_ACTOR = "houston's command line"


async def create_administrator(
    database: Database, clock: Clock, account: AccountId, email: str
) -> str:
    """Add an administrator; the password, which is shown this once.

    Raises:
        BadRequest: the address cannot be one.
        Conflict: somebody of the account has it already.
    """
    tidy, password = check_email(email), secrets.token_urlsafe(12)
    newcomer = Newcomer(name=tidy, email=tidy, role=Role.ADMINISTRATOR, roles={})
    hashed = await Passwords().hash(password)
    async with database.transaction() as tx:
        made = await roster.invite(tx, account, newcomer, _ACTOR, clock.now())
        await store_sign_in.end_invitations(tx, made.person)
        await store_sign_in.set_password(tx, made.person, hashed)
    return password
