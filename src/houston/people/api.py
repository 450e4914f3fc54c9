"""Who asks: the account behind a request, and what it may know of itself."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Router, get
from litestar.di import NamedDependency

from houston.kernel.db import Database
from houston.kernel.ids import AccountId
from houston.people import store
from houston.people.keyring import Caller, Keyring


class Account(msgspec.Struct, frozen=True):
    """The paying customer, who owns channels."""

    id: AccountId
    name: str
    created_at: datetime


async def provide_caller(
    request: Request[Any, Any, Any], keyring: NamedDependency[Keyring]
) -> Caller:
    """Litestar's dependency `caller`.

    Raises:
        NotAllowed: the request carries no key, or one that opens nothing.
    """
    return await keyring.caller(request.headers.get("authorization"))


@get("/account", summary="The account that the key belongs to", tags=["account"])
async def get_account(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Account:
    async with database.single() as tx:
        row = await store.account(tx, caller.account)
    assert row is not None  # Its key was just found.
    return Account(AccountId(row["id"]), row["name"], row["created_at"])


people_api = Router("/", route_handlers=[get_account])
