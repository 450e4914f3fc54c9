"""Money over HTTP: how the account stands, its ledger, and the ways in which money comes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, Parameter

from houston.billing import store
from houston.billing.rules import CardMoney, Entry, Kind, Terms, payment_ref
from houston.billing.till import AMOUNT_MAX, Moving, Standing, Till, standing
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Tx
from houston.kernel.errors import BadRequest, Conflict, Forbidden
from houston.kernel.ids import AccountId
from houston.kernel.sentence import say
from houston.kernel.wake import Wakes
from houston.people import store as people
from houston.people.rules import Caller, Doing, may

_MONTH_DAYS: Final = 30


class Checkout(Protocol):
    """A way to pay by card."""

    async def begin(
        self, account: AccountId, amount: int, currency: str, return_url: str
    ) -> str: ...

    def hear(self, body: bytes, signature: str | None) -> CardMoney | None: ...


@dataclass(frozen=True, slots=True)
class Cashier:
    """What every route here needs. Without a till this server counts no money."""

    database: Database
    clock: Clock
    wakes: Wakes
    till: Till | None
    checkout: Checkout | None
    own_top_up: bool

    def counting(self) -> Till:
        if self.till is None:
            raise Conflict("This server counts no money", "Nothing needs to be paid")
        return self.till


class TermsView(msgspec.Struct, frozen=True):
    """What a channel costs from a day on."""

    plan: str
    price_per_channel_day: int
    since: date


class MoneyView(msgspec.Struct, frozen=True):
    """How an account stands. Amounts are whole minor units of the currency: cents."""

    balance: int
    currency: str
    plan: str
    price_per_channel_day: int
    next_plan: TermsView | None
    """What will be so from tomorrow on; null: what is so today."""
    channels_charged: int
    """How many channels cost money each day: those that are neither disabled nor deleted."""
    channels_paid_today: int
    """For how many of them today is charged, or free. A new one is charged within seconds."""
    paid: bool
    """False: channels stand still until there is more money."""
    in_debt: bool
    money_until: datetime | None
    """When it runs out if nothing changes; null: nothing costs anything."""
    trial_ends: date
    """The first day that costs money."""
    promised_until: datetime | None
    needed_for_a_day: int
    needed_for_30_days: int
    pay_by_card: bool


class AccountView(msgspec.Struct, frozen=True):
    """The paying customer, who owns channels."""

    id: AccountId
    name: str
    created_at: datetime
    status_notices: str
    """Who is told that a channel waits for its scan: `operators` or `curators`."""
    notice_delay_minutes: int
    """How long a trouble that may pass by itself lasts before curators are told."""
    warning_days: list[int]
    """With how many days of money left curators are told."""
    money: MoneyView | None
    """Null where nobody counts money, and for those who have nothing to do with it."""


class EntryView(msgspec.Struct, frozen=True):
    """A line of the ledger, which is never changed. `amount` is positive; the kind says which way it went."""

    number: int
    at: datetime
    kind: str
    amount: int
    balance: int
    day: date | None
    ref: str | None
    note: str
    actor: str


class LedgerPage(msgspec.Struct, frozen=True):
    """Entries, the newest first. Give `next_before` as `before` to read on."""

    entries: list[EntryView]
    next_before: int | None


class TopUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money that came in. `ref` names this payment: the same again is the same money."""

    amount: int
    ref: str
    note: str = ""


class CheckoutAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payment by card. The person comes back to `return_url`, whether they paid or not."""

    amount: int
    return_url: str


class CheckoutView(msgspec.Struct, frozen=True):
    """Where the person pays."""

    url: str


@get("/account", summary="The account, and how it stands", doing=None)
async def get_account(
    caller: NamedDependency[Caller], cashier: NamedDependency[Cashier]
) -> AccountView:
    """The money is shown to those who may pay."""
    async with cashier.database.transaction() as tx:
        row = await people.account(tx, caller.account)
        assert row is not None  # Its key was just found.
        money = None
        if cashier.till is not None and may(caller, Doing.PAY):
            stands = await standing(tx, cashier.till.plan, caller.account, cashier.clock.now())
            money = _money(stands, by_card=cashier.checkout is not None)
    return AccountView(
        AccountId(row["id"]),
        row["name"],
        row["created_at"],
        row["status_notices"],
        row["notice_delay_minutes"],
        row["warning_days"],
        money,
    )


@get("/account/ledger", summary="Every movement of money, the newest first", doing=Doing.PAY)
async def get_ledger(
    caller: NamedDependency[Caller],
    cashier: NamedDependency[Cashier],
    before: Annotated[int | None, Parameter(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Parameter(ge=1, le=1_000)] = 100,
) -> LedgerPage:
    async with cashier.database.single() as tx:
        found = await store.entries(tx, caller.account, before, limit)
    more = bool(found) and found[-1].number > 1
    return LedgerPage([_entry(one) for one in found], found[-1].number if more else None)


@post(
    "/account/top-up",
    summary="Write down money that came in",
    status_code=200,
    doing=Doing.PAY,
)
async def top_up(
    data: JSONBody[TopUp], caller: NamedDependency[Caller], cashier: NamedDependency[Cashier]
) -> EntryView:
    """Only where the server's setting `billing_own_top_up` allows it. A repeated `ref` is harmless and
    answers with the entry that is there."""
    till = cashier.counting()
    if not cashier.own_top_up:
        cure = "Pay by card, or ask who runs this server to enter the payment"
        raise Forbidden("Accounts of this server do not enter payments themselves", cure)
    moving = Moving(
        account=caller.account,
        amount=data.amount,
        ref=data.ref,
        note=data.note,
        actor=caller.actor,
    )
    return _entry(await till.top_up(moving))


@post(
    "/account/promise",
    summary="Promise to pay, and go on meanwhile",
    status_code=200,
    doing=Doing.PAY,
)
async def promise(caller: NamedDependency[Caller], cashier: NamedDependency[Cashier]) -> MoneyView:
    """Once until the next payment, where the server's setting `billing_promise_days` allows it."""
    stands = await cashier.counting().promise(caller.account)
    return _money(stands, by_card=cashier.checkout is not None)


@post("/account/checkout", summary="Pay by card", status_code=200, doing=Doing.PAY)
async def begin_checkout(
    data: JSONBody[CheckoutAsked],
    caller: NamedDependency[Caller],
    cashier: NamedDependency[Cashier],
) -> CheckoutView:
    """Answers with the page to send the person to. The balance grows when Stripe says that they paid."""
    till = cashier.counting()
    if cashier.checkout is None:
        raise Conflict("This server takes no cards", "Ask who runs it how to pay")
    if not 0 < data.amount <= AMOUNT_MAX:
        raise BadRequest("amount", data.amount, "use a whole number of minor units (cents)")
    address = urlsplit(data.return_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise BadRequest("return_url", data.return_url, "give an address that begins with https://")
    async with cashier.database.single() as tx:
        stands = await standing(tx, till.plan, caller.account, cashier.clock.now())
    currency = stands.book.currency
    return CheckoutView(
        await cashier.checkout.begin(caller.account, data.amount, currency, data.return_url)
    )


@post("/stripe", include_in_schema=False, status_code=200)
async def hear_stripe(
    request: Request[Any, Any, Any], cashier: NamedDependency[Cashier]
) -> dict[str, bool]:
    """Stripe's webhook. What is answered with an error Stripe tells again, for days."""
    till = cashier.counting()
    if cashier.checkout is None:
        raise Conflict("This server takes no cards", "Set HOUSTON_STRIPE_SECRET_KEY")
    body = await request.body()
    money = cashier.checkout.hear(body, request.headers.get("stripe-signature"))
    if money is not None:
        await _book_card_money(cashier, till, money)
    return {"received": True}


async def _book_card_money(cashier: Cashier, till: Till, money: CardMoney) -> None:
    async with cashier.database.single() as tx:
        account = await _whose(tx, money)
        stands = await standing(tx, till.plan, account, cashier.clock.now())
    if stands.book.currency != money.currency:
        what = say(
            "{payment} is in {theirs}, the account in {ours}",
            payment=money.payment,
            theirs=money.currency,
            ours=stands.book.currency,
        )
        raise Conflict(what, "Give the money back at Stripe, or enter it by hand")
    moving = Moving(
        account=account,
        amount=money.amount,
        ref=money.ref,
        note="by card",
        actor="stripe",
        is_gone=True,
    )
    await (till.top_up(moving) if money.kind is Kind.TOP_UP else till.refund(moving))


async def _whose(tx: Tx, money: CardMoney) -> AccountId:
    """Stripe serves others as well: what is not ours is refused, so that it is seen over there."""
    found: AccountId | None
    if money.kind is Kind.REFUND:
        found = await store.account_of_ref(tx, payment_ref(money.payment))
    else:
        row = await people.account(tx, _account(money.account)) if money.account else None
        found = None if row is None else AccountId(row["id"])
    if found is None:
        what = say("{payment} is of no account here", payment=money.payment)
        raise Conflict(what, "Look it up at Stripe")
    return found


def _account(text: str) -> AccountId:
    try:
        return AccountId(UUID(text))
    except ValueError as error:
        what = say("{account} is no account", account=text)
        raise Conflict(what, "Look the payment up at Stripe") from error


def _money(stands: Standing, *, by_card: bool) -> MoneyView:
    book, today = stands.book, stands.at.date()
    now, later = book.on(today), book.terms[-1]
    return MoneyView(
        balance=book.balance,
        currency=book.currency,
        plan=now.plan,
        price_per_channel_day=now.price,
        next_plan=terms_view(later) if later.since > today else None,
        channels_charged=stands.channels,
        channels_paid_today=stands.paid_today,
        paid=book.paid,
        in_debt=book.balance < 0,
        money_until=stands.money_until,
        trial_ends=book.trial_ends,
        promised_until=book.promised_until,
        needed_for_a_day=stands.needed(1),
        needed_for_30_days=stands.needed(_MONTH_DAYS),
        pay_by_card=by_card,
    )


def terms_view(terms: Terms) -> TermsView:
    return TermsView(terms.plan, terms.price, terms.since)


def _entry(entry: Entry) -> EntryView:
    return EntryView(
        number=entry.number,
        at=entry.at,
        kind=entry.kind,
        amount=entry.amount,
        balance=entry.balance,
        day=entry.day,
        ref=entry.ref,
        note=entry.note,
        actor=entry.actor,
    )


billing_api = Router(
    "/",
    route_handlers=[get_account, get_ledger, top_up, promise, begin_checkout],
    tags=["account"],
)
