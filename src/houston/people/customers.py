"""The accounts that an account makes for customers of its own, and closes.

It knows them by a number, may pay for them, and sees nothing of what is in them but by their own keys.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from houston.kernel import feed
from houston.kernel.db import Tx
from houston.kernel.errors import Conflict, NotFound
from houston.kernel.facts import CustomerChanged
from houston.kernel.ids import AccountId
from houston.kernel.sentence import say
from houston.people import keyring, store, store_customers
from houston.people.keyring import NewAccount
from houston.people.rules import Caller, check_name

_CUSTOMERS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Customer:
    """An account that another one made."""

    number: int
    account: AccountId
    name: str
    is_closed: bool


async def make(tx: Tx, caller: Caller, name: str, now: datetime) -> tuple[int, NewAccount]:
    """Another account, with its first key, which is shown this once.

    Raises:
        BadRequest: the name cannot be one.
        Conflict: there are too many already.
    """
    tidy = check_name(name)
    await store.lock_account(tx, caller.account)  # Two at once must not both be the last one.
    if await store_customers.count(tx, caller.account) >= _CUSTOMERS_MAX:
        what = say("An account makes at most {max:,} others", max=_CUSTOMERS_MAX)
        raise Conflict(what, "Close some first")
    made = await keyring.found_account(tx, tidy, now)
    number = await store_customers.add(tx, caller.account, made.account, now)
    await _tell(tx, caller, number, tidy, "made", now)
    return number, made


async def one(tx: Tx, caller: Caller, number: int) -> Customer:
    """
    Raises:
        NotFound: the caller's account made none with this number.
    """
    row = await store_customers.one(tx, caller.account, number)
    if row is None:
        raise NotFound("There is no such account", "Use the number that you were given for it")
    return Customer(
        row["number"], AccountId(row["customer_id"]), row["name"], row["closed_at"] is not None
    )


async def close(tx: Tx, caller: Caller, customer: Customer, now: datetime) -> None:
    """End its keys and sign-ins. What is in it stays as it is; a repeat is harmless."""
    if await store_customers.close(tx, customer.account, now):
        await _tell(tx, caller, customer.number, customer.name, "closed", now)


async def _tell(tx: Tx, caller: Caller, number: int, name: str, change: str, now: datetime) -> None:
    fact = CustomerChanged(number=number, name=name, change=change, actor=caller.actor)
    await feed.write(tx, now, [feed.Entry(caller.account, None, fact)])
