"""`/tech/accounts`: a partner makes accounts for its customers, pays for them and closes them.

A partner is any account, where the setting `customers` allows it. The money comes out of its own balance.
"""

from typing import Final
from uuid import uuid4

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from houston.billing.api import Cashier
from houston.billing.till import AMOUNT_MAX, Moving, standing
from houston.channels import desk as channels
from houston.channels import store
from houston.channels.desk import Desk
from houston.compat.wazzup_v3 import store_crm_keys
from houston.compat.wazzup_v3.errors import WazzupError
from houston.compat.wazzup_v3.hooks import check_key
from houston.compat.wazzup_v3.manners import Manners
from houston.kernel.db import Database, Tx
from houston.kernel.errors import Conflict, Forbidden, NotFound
from houston.kernel.wake import Topic
from houston.people import customers
from houston.people.customers import Customer
from houston.people.rules import Caller, Doing

_ALIASES: Final = {"RUB": "RUR"}
"""How Wazzup writes rubles."""
_NUMBER_MAX: Final = 2**63 - 1
_REF_CHARACTERS_MAX: Final = 100


class AccountAsked(msgspec.Struct, frozen=True, rename="camel"):
    """A customer. `lang` has no meaning here: everybody chooses their language themselves."""

    name: str
    crm_key: str | None = None
    lang: str | None = None
    currency: str | None = None


class AccountMade(msgspec.Struct, frozen=True, rename="camel"):
    """The key is shown this once."""

    account_id: int
    api_key: str


class MoneyAsked(msgspec.Struct, frozen=True, rename="camel"):
    """Money for a customer, in whole minor units. `ref` names the payment: the same again is the same money."""

    account_id: int
    value: int
    ref: str | None = None


class Balance(msgspec.Struct, frozen=True):
    """Whole minor units of the currency: cents."""

    currency: str
    balance: int


@post(
    "/accounts",
    summary="Make an account for a customer",
    status_code=200,
    doing=Doing.ADMINISTER,
    invalid="VALIDATION_ERROR",
)
async def make_account(
    data: JSONBody[AccountAsked],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
    cashier: NamedDependency[Cashier],
) -> AccountMade:
    """Only where the server's setting `customers` allows it."""
    _require_partners(manners)
    _check_currency(data.currency, cashier)
    check_key(data.crm_key or "")
    async with database.transaction() as tx:
        number, made = await customers.make(tx, v3, data.name, manners.clock.now())
        if data.crm_key:
            await store_crm_keys.keep(tx, made.account, data.crm_key, manners.vault)
    manners.wakes.here(Topic.FEED)
    return AccountMade(number, made.api_key)


@delete(
    "/accounts/{number:int}",
    summary="Close a customer's account",
    status_code=200,
    doing=Doing.ADMINISTER,
)
async def close_account(
    number: FromPath[int],
    v3: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    manners: NamedDependency[Manners],
) -> dict[str, bool]:
    """Its keys and sign-ins open nothing any more, its channels are deleted. A repeat is harmless, and goes on
    with what a first one left."""
    _require_partners(manners)
    async with desk.database.transaction() as tx:
        customer = await _one(tx, v3, number)
        await customers.close(tx, v3, customer, manners.clock.now())
    manners.keyring.forget()
    manners.wakes.here(Topic.FEED)
    # Only now, when nobody can add another one.
    async with desk.database.single() as tx:
        left = [one for one in await store.of_account(tx, customer.account) if _stands(one)]
    inside = Caller(account=customer.account, who=v3.who, roles={})
    for channel in left:
        await channels.press(desk, inside, channel.id, "delete", "en")
    return {"ok": True}


@get("/accounts/balance", summary="The balance", doing=Doing.PAY)
async def get_balance(v3: NamedDependency[Caller], cashier: NamedDependency[Cashier]) -> Balance:
    till = cashier.counting()
    async with cashier.database.transaction() as tx:
        stands = await standing(tx, till.plan, v3.account, cashier.clock.now())
    return Balance(stands.book.currency, stands.book.balance)


@post(
    "/accounts/balance",
    summary="Hand money over to a customer",
    status_code=200,
    doing=Doing.PAY,
    invalid="VALIDATION_ERROR",
)
async def hand_over(
    data: JSONBody[MoneyAsked],
    v3: NamedDependency[Caller],
    cashier: NamedDependency[Cashier],
    manners: NamedDependency[Manners],
) -> Balance:
    """Out of the own balance; answers with the customer's. Only where `customers` allows it."""
    _require_partners(manners)
    till = cashier.counting()
    _check_money(data)
    async with cashier.database.single() as tx:
        customer = await _one(tx, v3, data.account_id)
    if customer.is_closed:
        raise Conflict("This account is closed", "Make another one for the customer")
    ref = f"customer {customer.number}: {data.ref or uuid4()}"
    taking, giving = (
        Moving(account=account, amount=data.value, ref=ref, note=note, actor=actor)
        for account, note, actor in (
            (v3.account, f"to {customer.name}", v3.actor),
            (customer.account, "handed over", "partner"),
        )
    )
    entry = await till.hand_over(taking, giving)
    return Balance(till.plan.currency, entry.balance)


def _stands(channel: store.Channel) -> bool:
    return channel.state.deleted_at is None


async def _one(tx: Tx, caller: Caller, number: int) -> Customer:
    try:
        return await customers.one(tx, caller, max(0, min(number, _NUMBER_MAX)))
    except NotFound as error:
        raise WazzupError("NO_SUCH_ACCOUNT", str(error), status=404) from error


def _require_partners(manners: Manners) -> None:
    if not manners.customers:
        cure = (
            "Ask who runs it: `houston account create` makes one, HOUSTON_CUSTOMERS allows it here"
        )
        raise Forbidden("Accounts of this server make no others", cure)


def _check_currency(asked: str | None, cashier: Cashier) -> None:
    if asked is None or cashier.till is None:
        return
    kept = cashier.till.plan.currency
    if asked not in (kept, _ALIASES.get(kept)):
        said = f"Accounts of this server count in {kept}"
        raise WazzupError("VALIDATION_ERROR", said, data={"fields": ["currency"]})


def _check_money(asked: MoneyAsked) -> None:
    if not 0 < asked.value <= AMOUNT_MAX:
        said = f"Give value, a whole number of minor units (cents) from 1 to {AMOUNT_MAX}"
        raise WazzupError("VALIDATION_ERROR", said, data={"fields": ["value"]})
    ref = asked.ref
    if ref is not None and not (0 < len(ref) <= _REF_CHARACTERS_MAX and ref.isprintable()):
        said = f"Give ref, 1 to {_REF_CHARACTERS_MAX} printable characters"
        raise WazzupError("VALIDATION_ERROR", said, data={"fields": ["ref"]})


account_routes: Final = [make_account, close_account, get_balance, hand_over]
