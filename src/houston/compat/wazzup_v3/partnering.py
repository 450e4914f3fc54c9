"""What Wazzup's marketplace asks of partners (WAuth). Houston has no marketplace: a CRM connects with a key.

What can be meant without one is done: a CRM hands over the key by which it knows who calls it.
"""

from typing import Any, Final

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from houston.compat.wazzup_v3 import store_crm_keys
from houston.compat.wazzup_v3.errors import WazzupError
from houston.compat.wazzup_v3.hooks import NAME, check_key
from houston.compat.wazzup_v3.manners import Manners
from houston.kernel.db import Database
from houston.people.rules import Caller, Doing
from houston.people.store import lock_account
from houston.webhooks import store


class Connecting(msgspec.Struct, frozen=True, rename="camel"):
    """`state` and `secret` prove to a marketplace who asks; here the key in the header does."""

    crm_key: str
    state: str | None = None
    secret: str | None = None


@post(
    "/connect",
    summary="Hand over the key that webhooks shall carry",
    status_code=200,
    doing=Doing.SET_UP,
    invalid="VALIDATION_ERROR",
)
async def connect(
    data: JSONBody[Connecting],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Response[Any]:
    """It is kept sealed. Where an address for webhooks is set, it carries the key from now on; else from when
    there is one."""
    if not data.crm_key:
        raise WazzupError("VALIDATION_ERROR", "Give crmKey", data={"fields": ["crmKey"]})
    check_key(data.crm_key)
    async with database.transaction() as tx:
        await lock_account(tx, v3.account)
        found = await store.sole(tx, v3.account, NAME)
        if found is None:
            await store_crm_keys.keep(tx, v3.account, data.crm_key, manners.vault)
        else:
            sealed = manners.vault.seal(data.crm_key, found.id)
            await store.keep_key(tx, found.id, sealed)
    return manners.ok()


@post("/marketplace", summary="Not here: there is no marketplace", doing=Doing.SET_UP)
async def publish(v3: NamedDependency[Caller]) -> dict[str, Any]:
    """Always refused: `NOT_SUPPORTED`."""
    why = "Houston has no marketplace: a CRM is connected with an API key of the account"
    raise WazzupError("NOT_SUPPORTED", why)


@post("/migration", summary="Not here: there is nothing to migrate from", doing=Doing.SET_UP)
async def migrate(v3: NamedDependency[Caller]) -> dict[str, Any]:
    """Always refused: `NOT_SUPPORTED`."""
    why = "Houston moves no integrations: set the webhook's address and hand over crmKey anew"
    raise WazzupError("NOT_SUPPORTED", why)


partner_routes: Final = [connect, publish, migrate]
