"""What money does, without touching any: entries, the bill of a day, who may run, how long it lasts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Literal

from houston.kernel.ids import AccountId, ChannelId

DAY: Final = timedelta(days=1)


class Side(StrEnum):
    """Between whom money moves. Each entry takes from one and gives to another, so all sums balance."""

    CUSTOMER = "customer"
    """What the customer has with us: the balance."""
    PAYMENTS = "payments"
    """What came in from outside."""
    SALES = "sales"
    """What we have earned."""


class Kind(StrEnum):
    """Why money moved."""

    TOP_UP = "top_up"
    CHARGE = "charge"
    REFUND = "refund"


SIDES: Final = {
    Kind.TOP_UP: (Side.PAYMENTS, Side.CUSTOMER),
    Kind.CHARGE: (Side.CUSTOMER, Side.SALES),
    Kind.REFUND: (Side.CUSTOMER, Side.PAYMENTS),
}
"""From whom, to whom. An accountant says debit and credit."""


STANDARD: Final = "standard"
"""The plan of the settings, of everybody who has chosen no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a channel costs, under a name. Amounts are whole minor units of the currency: cents."""

    name: str = STANDARD
    currency: str
    price_per_channel_day: int
    trial_days: int = 0
    promise_days: int = 0
    """For how long who has run out may go on because they promise to pay; 0: not at all."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account pays for a channel and a day, from a day on."""

    since: date
    plan: str
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How long the money lasts if nothing changes."""

    balance: int
    daily: int
    """What a day that is not free costs by now, all channels together."""
    money_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """How an account stands. All of it but the terms follows from the ledger."""

    account: AccountId
    currency: str
    terms: tuple[Terms, ...]
    """As they were agreed, one after the other; the first are those of the beginning."""
    trial_ends: date
    """The first day that costs money."""
    charged_day: date | None = None
    """The last day that was looked at."""
    paid: bool = True
    """No channel that should run stands still for want of money."""
    promised_until: datetime | None = None
    balance: int = 0
    entries: int = 0
    told: Forecast | None = None
    """What the feed says of how long the money lasts."""

    def on(self, day: date) -> Terms:
        """What was agreed for a day; of two agreements for the same day, the later one."""
        return next((one for one in reversed(self.terms) if one.since <= day), self.terms[0])

    def price(self, day: date) -> int:
        return self.on(day).price

    def costs(self, day: date) -> int:
        """What a whole day of a channel takes from the balance: nothing while the trial lasts."""
        return 0 if day < self.trial_ends else self.price(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the ledger. It is never changed; a mistake is mended by another one."""

    account: AccountId
    number: int
    at: datetime
    kind: Kind
    amount: int
    balance: int
    """After it."""
    day: date | None = None
    ref: str | None = None
    note: str = ""
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """What billing knows of a channel."""

    id: ChannelId
    wanted: bool
    """Somebody wants it to run: neither disabled nor deleted."""
    paid: bool
    """It was told so last."""
    charged_day: date | None
    """The last day that was charged for it, or was free."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One day of one channel. There is never a second one; in a free day it has no entry."""

    channel: ChannelId
    day: date
    amount: int
    entry: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a settlement came to: what to write, and whom to tell that they may run or must stop."""

    book: Book
    entries: tuple[Entry, ...] = ()
    charges: tuple[Charge, ...] = ()
    run: tuple[ChannelId, ...] = ()
    stop: tuple[ChannelId, ...] = ()


# --- Entries ---------------------------------------------------------------------------------


def post(
    book: Book,
    kind: Kind,
    amount: int,
    now: datetime,
    *,
    actor: str,
    day: date | None = None,
    ref: str | None = None,
    note: str = "",
) -> tuple[Book, Entry]:
    """Add an entry. Only its number and the balance come from what was there before."""
    assert amount > 0, amount
    change = amount if SIDES[kind][1] is Side.CUSTOMER else -amount
    balance, number = book.balance + change, book.entries + 1
    entry = Entry(
        account=book.account,
        number=number,
        at=now,
        kind=kind,
        amount=amount,
        balance=balance,
        day=day,
        ref=ref,
        note=note,
        actor=actor,
    )
    kept = book.promised_until if kind is not Kind.TOP_UP or balance < 0 else None
    return replace(book, balance=balance, entries=number, promised_until=kept), entry


# --- The bill of a day -----------------------------------------------------------------------


def settle(book: Book, channels: Sequence[Payable], now: datetime) -> Settled:
    """Charge every day that was not charged yet, up to today, and say who may run.

    It may be asked as often as you like: what is charged already is not charged again. A day is paid
    for all channels of the account that need it, or for none (law S4).
    """
    before = {channel.id: channel.paid for channel in channels}
    done = Settled(book=book)
    for day in _days(book.charged_day, now.date()):
        done, channels = _settle_day(done, channels, day, now)
    paid = _is_paid(done.book, channels, now.date())
    says = {one.id: _may_run(one, now.date(), paid=paid) for one in channels}
    return replace(
        done,
        book=replace(done.book, paid=paid),
        run=tuple(one for one, may in says.items() if may and not before[one]),
        stop=tuple(one for one, may in says.items() if not may and before[one]),
    )


def _days(charged: date | None, today: date) -> list[date]:
    """Those after the last that was looked at, and always today: there may be new channels."""
    first = today if charged is None or charged >= today else charged + DAY
    return [first + n * DAY for n in range((today - first).days + 1)]


def _settle_day(
    done: Settled, channels: Sequence[Payable], day: date, now: datetime
) -> tuple[Settled, list[Payable]]:
    book = done.book if _reached(done.book, day) else replace(done.book, charged_day=day)
    bill = {one.id: _costs(book, one, day, now) for one in channels if _needs(one, day, now)}
    if not _can_pay(book, channels, bill, day, now):
        stopped = [replace(one, paid=False) if one.id in bill else one for one in channels]
        return replace(done, book=book), stopped
    entry = None
    if total := sum(bill.values()):
        note = f"{len(bill)} channel{'s' * (len(bill) != 1)}"
        book, entry = post(book, Kind.CHARGE, total, now, actor="ledger", day=day, note=note)
    number = None if entry is None else entry.number
    charges = [Charge(channel, day, amount, number) for channel, amount in bill.items()]
    charged = [
        replace(one, charged_day=day, paid=True) if one.id in bill else one for one in channels
    ]
    entries = done.entries if entry is None else (*done.entries, entry)
    return replace(done, book=book, entries=entries, charges=(*done.charges, *charges)), charged


def _reached(book: Book, day: date) -> bool:
    return book.charged_day is not None and book.charged_day >= day


def _needs(channel: Payable, day: date, now: datetime) -> bool:
    """A day that was missed is owed only by who ran the day before: nobody could be started then."""
    if not channel.wanted or (channel.charged_day is not None and channel.charged_day >= day):
        return False
    return day == now.date() or _ran_on(channel, day)


def _ran_on(channel: Payable, day: date) -> bool:
    return channel.paid and channel.charged_day == day - DAY


def _costs(book: Book, channel: Payable, day: date, now: datetime) -> int:
    """Who goes on pays the whole day; who begins, or begins again, what is left of it."""
    price = book.costs(day)
    return price if _ran_on(channel, day) else prorated(price, now)


def prorated(price: int, now: datetime) -> int:
    """The price of what is left of a day. What cannot be divided is given to the customer."""
    left = midnight_after(now) - now
    return price * int(left.total_seconds()) // int(DAY.total_seconds())


def _can_pay(
    book: Book,
    channels: Sequence[Payable],
    bill: dict[ChannelId, int],
    day: date,
    now: datetime,
) -> bool:
    """Who was stopped must have a whole day's money: else the mere passing of a day would start them."""
    at = now if day == now.date() else midnight_after(now) - (now.date() - day + DAY)
    if day < book.trial_ends or (book.promised_until is not None and book.promised_until > at):
        return True
    whole = book.price(day)
    asked = sum(whole if not one.paid else bill[one.id] for one in channels if one.id in bill)
    return asked <= max(book.balance, 0)


def _is_paid(book: Book, channels: Sequence[Payable], today: date) -> bool:
    wanted = [one for one in channels if one.wanted]
    if not wanted:
        return book.paid or book.balance >= book.price(today)
    return all(one.charged_day is not None and one.charged_day >= today for one in wanted)


def _may_run(channel: Payable, today: date, *, paid: bool) -> bool:
    """Who is disabled is told as well, so that a press on Enable meets what is so."""
    if not channel.wanted:
        return paid
    return channel.charged_day is not None and channel.charged_day >= today


# --- What people ask -------------------------------------------------------------------------


def forecast(book: Book, channels: int, now: datetime) -> Forecast:
    daily = book.price(_unpaid_day(book, now)) * channels
    return Forecast(balance=book.balance, daily=daily, money_until=money_until(book, channels, now))


def money_until(book: Book, channels: int, now: datetime) -> datetime | None:
    """When the money runs out if nothing changes; None: never, because nothing costs anything.

    Who promised to pay goes on at least as long as that.
    """
    daily = book.price(_unpaid_day(book, now)) * channels
    if not daily:
        return None
    begins = midnight_after(now) if book.paid else midnight_after(now) - DAY
    begins = max(begins, datetime.combine(book.trial_ends, time(), UTC))
    until = begins + min(max(book.balance, 0) // daily, _DAYS_MAX) * DAY
    if book.promised_until is None:
        return until
    return max(until, midnight_after(book.promised_until - timedelta(microseconds=1)))


_DAYS_MAX: Final = 36_500
"""A hundred years are for ever, and no calendar goes on without end."""


def needed(book: Book, channels: int, days: int, now: datetime) -> int:
    """What is missing so that all channels can run for some days more."""
    first = _unpaid_day(book, now)
    prices = sum(book.costs(first + n * DAY) for n in range(days))
    return max(prices * channels - book.balance, 0)


def _unpaid_day(book: Book, now: datetime) -> date:
    """The next day that costs money: tomorrow, or today if not even that could be paid."""
    return now.date() + DAY if book.paid else now.date()


# --- Plans -----------------------------------------------------------------------------------


def agree(book: Book, plan: Plan, opened: date, today: date) -> Book:
    """Have another plan from the next day on; from today on if no day was looked at yet.

    Its free days are counted from the account's first day, so nobody gets free days twice.
    """
    since = today if book.charged_day is None else today + DAY
    terms = Terms(since, plan.name, plan.price_per_channel_day)
    free_until = opened + plan.trial_days * DAY
    return replace(book, terms=(*book.terms, terms), trial_ends=max(book.trial_ends, free_until))


def midnight_after(now: datetime) -> datetime:
    """Days are those of UTC, on every node."""
    return datetime.combine(now.date() + DAY, time(), UTC)


# --- Cards -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CardMoney:
    """Money that moved at Stripe. `payment` names it for good, however often Stripe tells of it."""

    kind: Literal[Kind.TOP_UP, Kind.REFUND]
    payment: str
    ref: str
    amount: int
    currency: str
    account: str | None
    """What we gave to Stripe on the way there; a refund is known by its payment alone."""


def payment_ref(payment: str) -> str:
    """How the ledger calls a payment by card."""
    return f"stripe:{payment}"
