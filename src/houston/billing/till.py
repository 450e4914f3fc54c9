"""Where money is taken and given: each change of a ledger with what follows from it, in one transaction.

Who may run is told to the channels by `tell`, which app.py plugs in: billing knows no channel's status.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from houston.billing import store
from houston.billing.rules import (
    Book,
    Entry,
    Kind,
    Payable,
    Plan,
    Settled,
    Terms,
    forecast,
    midnight_after,
    money_until,
    needed,
    post,
    settle,
)
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Tx
from houston.kernel.errors import BadRequest, Conflict, NotFound
from houston.kernel.facts import Fact
from houston.kernel.ids import AccountId, ChannelId
from houston.kernel.money import BalanceChanged, BalanceExhausted, BalanceForecast, BalanceRestored
from houston.kernel.sentence import say
from houston.kernel.wake import Topic, Wakes
from houston.people import store as people

AMOUNT_MAX: Final = 10**12
_TEXT_MAX: Final = 200

Tell = Callable[[Tx, Sequence[ChannelId], bool, datetime], Awaitable[None]]
"""Tell channels that they are paid, or are not, in the transaction of the money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """Money that is to move between the world and an account."""

    account: AccountId
    amount: int
    ref: str | None = None
    """The same one again, for the same amount, is the same money."""
    note: str = ""
    actor: str
    is_gone: bool = False
    """A refund that was given elsewhere already: it is written down even if that makes a debt."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands now, for people and for whoever warns them."""

    book: Book
    channels: int
    """How many cost money each day."""
    paid_today: int
    """For how many of them today is charged, or free."""
    money_until: datetime | None
    at: datetime

    def needed(self, days: int) -> int:
        """What is missing for so many days."""
        return needed(self.book, self.channels, days, self.at)


async def book_of(tx: Tx, plan: Plan, account: AccountId, now: datetime) -> Book:
    """The account's book, locked; opened if it has none yet.

    Raises:
        NotFound: there is no such account.
    """
    book = await store.lock(tx, plan, account)
    if book is None:
        if await people.account(tx, account) is None:
            raise NotFound("There is no such account", "Use the id that `account create` printed")
        await store.open_books(tx, [account], plan.currency, trial_ends(plan, now).date(), now)
        book = await store.lock(tx, plan, account)
    assert book is not None
    return book


def trial_ends(plan: Plan, now: datetime) -> datetime:
    """The midnight at which days begin to cost money; the day of the beginning is the first free one."""
    if not plan.trial_days:
        return midnight_after(now) - timedelta(days=1)
    return midnight_after(now) + timedelta(days=plan.trial_days - 1)


async def standing(tx: Tx, plan: Plan, account: AccountId, now: datetime) -> Standing:
    """How an account stands. Reading it changes nothing; who has no book yet is shown an empty one."""
    book = await store.book(tx, plan, account)
    if book is None:
        book = Book(
            account=account,
            currency=plan.currency,
            terms=(Terms(date.min, plan.name, plan.price_per_channel_day),),
            trial_ends=trial_ends(plan, now).date(),
        )
    channels, paid_today = await store.counts(tx, account, now.date())
    return Standing(book, channels, paid_today, money_until(book, channels, now), now)


async def move(tx: Tx, plan: Plan, kind: Kind, moving: Moving, now: datetime) -> Entry:
    """Write a top-up or a refund, and have the account settled soon.

    Raises:
        BadRequest: the amount or a text cannot be.
        Conflict: the reference was used for another amount, or more is to go back than there is.
    """
    _check(moving)
    book = await book_of(tx, plan, moving.account, now)
    if moving.ref is not None:
        earlier = await store.entry_of_ref(tx, moving.account, moving.ref)
        if earlier is not None:
            return _same(earlier, kind, moving)
    if kind is Kind.REFUND and not moving.is_gone and moving.amount > book.balance:
        what = say(
            "The balance is {balance}, less than {amount}",
            balance=book.balance,
            amount=moving.amount,
        )
        raise Conflict(what, "Give back at most the balance")
    book, entry = post(
        book,
        kind,
        moving.amount,
        now,
        actor=moving.actor,
        ref=moving.ref,
        note=moving.note,
    )
    await store.add_entries(tx, [entry])
    await store.save(tx, [book], due=True)
    channels, _ = await store.counts(tx, moving.account, now.date())
    await _write_facts(tx, moving.account, [_changed(book, entry, channels, now)], now)
    return entry


def _check(moving: Moving) -> None:
    if not 0 < moving.amount <= AMOUNT_MAX:
        cure = say(
            "use a whole number of minor units (cents) from {min} to {max}", min=1, max=AMOUNT_MAX
        )
        raise BadRequest("amount", moving.amount, cure)
    for field, text in (("ref", moving.ref), ("note", moving.note)):
        if text is not None and not (len(text) <= _TEXT_MAX and text.isprintable()):
            cure = say("use up to {max} printable characters", max=_TEXT_MAX)
            raise BadRequest(field, text, cure)
    if moving.ref == "":
        raise BadRequest("ref", "", "give a reference that names this payment and no other")


def _same(earlier: Entry, kind: Kind, moving: Moving) -> Entry:
    if (earlier.kind, earlier.amount) != (kind, moving.amount):
        what = say(
            "The reference {ref} was used for a {kind} of {amount}",
            ref=moving.ref,
            kind=earlier.kind,
            amount=earlier.amount,
        )
        raise Conflict(what, "Give a new reference to a new payment")
    return earlier


class Till:
    """Moves money and settles at once. One for each node."""

    def __init__(
        self, database: Database, clock: Clock, wakes: Wakes, plan: Plan, tell: Tell
    ) -> None:
        self.plan = plan
        self._database = database
        self._clock = clock
        self._wakes = wakes
        self._tell = tell

    async def top_up(self, moving: Moving) -> Entry:
        """Take money in. Channels that it pays for run again in the same transaction."""
        return await self._move(Kind.TOP_UP, moving)

    async def refund(self, moving: Moving) -> Entry:
        """Give money back. What is charged already stays charged: today goes on."""
        return await self._move(Kind.REFUND, moving)

    async def hand_over(self, taking: Moving, giving: Moving) -> Entry:
        """Move money from one account to another: what the other one got. Both lines are written, or none.

        Raises:
            Conflict: the two count in different currencies, or there is less than that.
        """
        now = self._clock.now()
        async with self._database.transaction() as tx:
            both = sorted(
                {taking.account, giving.account}
            )  # In one order, so that nobody waits in a ring.
            currencies = {(await book_of(tx, self.plan, one, now)).currency for one in both}
            if len(currencies) > 1:
                one, other = sorted(currencies)
                what = say("The two accounts count in {one} and {other}", one=one, other=other)
                raise Conflict(what, "Put them on plans of one currency")
            await move(tx, self.plan, Kind.REFUND, taking, now)
            entry = await move(tx, self.plan, Kind.TOP_UP, giving, now)
            books = [await book_of(tx, self.plan, one, now) for one in both]
            told = await self._settle(tx, books, now)
        await self._wake(told)
        return entry

    async def promise(self, account: AccountId) -> Standing:
        """Let an account run on credit for the days that the server allows, once until it pays.

        Raises:
            Conflict: it promised already, or this server takes no promises.
        """
        now = self._clock.now()
        async with self._database.transaction() as tx:
            book = await book_of(tx, self.plan, account, now)
            if not self.plan.promise_days:
                raise Conflict("This server takes no promises", "Top up the balance")
            if book.promised_until is not None:
                raise Conflict("A payment is promised already", "Top up the balance")
            until = now + timedelta(days=self.plan.promise_days)
            book = replace(book, promised_until=until)
            await store.save(tx, [book], due=True)
            told = await self._settle(tx, [book], now)
            stands = await standing(tx, self.plan, account, now)
        await self._wake(told)
        return stands

    async def settle_due(self, limit: int) -> int:
        """Settle books that wait for it and that no other node has in hand; how many there were."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            books = await store.lock_due(tx, self.plan, now.date(), limit)
            told = await self._settle(tx, books, now) if books else []
        await self._wake(told)
        return len(books)

    async def forgive(self, limit: int) -> int:
        """Let channels run that stand still for want of money, and have nobody warned of it any more; how
        many there were at most (`billing = off`)."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            channels = await store.stopped(tx, limit)
            await self._tell(tx, channels, True, now)
            books = await store.forecast_for_ever(tx, self.plan, limit)
            for book in books:
                await _write_facts(tx, book.account, [_forecast(book, now)], now)
        await self._wake(channels)
        return max(len(channels), len(books))

    async def note(self, tx: Tx, accounts: Sequence[AccountId]) -> None:
        """Have accounts settled soon. For those that have no book yet, one is opened."""
        now = self._clock.now()
        ends = trial_ends(self.plan, now).date()
        await store.open_books(tx, accounts, self.plan.currency, ends, now)
        await store.mark_due(tx, accounts)

    async def _move(self, kind: Kind, moving: Moving) -> Entry:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            entry = await move(tx, self.plan, kind, moving, now)
            book = await book_of(tx, self.plan, moving.account, now)
            told = await self._settle(tx, [book], now)
        await self._wake(told)
        return entry

    async def _settle(self, tx: Tx, books: Sequence[Book], now: datetime) -> list[ChannelId]:
        """Charge what is due, and tell the channels. All of it or nothing is on the disk."""
        payables = await store.payables(tx, [book.account for book in books])
        settled = [_settled(book, payables[book.account], now) for book in books]
        await store.write(tx, settled)
        told: list[ChannelId] = []
        for before, after in zip(books, settled, strict=True):
            channels = _count(payables[before.account])
            await _write_facts(tx, before.account, _facts(before, after, channels, now), now)
            await self._tell(tx, after.stop, False, now)
            await self._tell(tx, after.run, True, now)
            told += [*after.stop, *after.run]
        return told

    async def _wake(self, told: Sequence[ChannelId]) -> None:
        if told:
            await self._wakes.everywhere(Topic.CHANNEL, told)
        self._wakes.here(Topic.FEED)


def _settled(book: Book, payables: Sequence[Payable], now: datetime) -> Settled:
    done = settle(book, payables, now)
    told = forecast(done.book, _count(payables), now)
    return replace(done, book=replace(done.book, told=told))


def _count(payables: Sequence[Payable]) -> int:
    """How many channels cost money each day."""
    return sum(one.wanted for one in payables)


def _facts(before: Book, after: Settled, channels: int, now: datetime) -> list[Fact]:
    facts: list[Fact] = [_changed(after.book, entry, channels, now) for entry in after.entries]
    if before.paid and not after.book.paid:
        facts.append(
            BalanceExhausted(
                balance=after.book.balance,
                currency=after.book.currency,
                needed=needed(after.book, channels, 1, now),
                channels=channels,
                at=now,
            )
        )
    if after.book.paid and not before.paid:
        facts.append(
            BalanceRestored(
                balance=after.book.balance,
                currency=after.book.currency,
                money_until=money_until(after.book, channels, now),
                at=now,
            )
        )
    if after.book.told != before.told:
        facts.append(_forecast(after.book, now))
    return facts


def _forecast(book: Book, now: datetime) -> BalanceForecast:
    assert book.told is not None
    return BalanceForecast(
        balance=book.told.balance,
        currency=book.currency,
        daily=book.told.daily,
        money_until=book.told.money_until,
        at=now,
    )


def _changed(book: Book, entry: Entry, channels: int, now: datetime) -> BalanceChanged:
    return BalanceChanged(
        number=entry.number,
        reason=entry.kind,
        amount=entry.amount,
        balance=entry.balance,
        currency=book.currency,
        money_until=money_until(book, channels, now),
        ref=entry.ref,
        actor=entry.actor,
        at=entry.at,
    )


async def _write_facts(tx: Tx, account: AccountId, facts: Sequence[Fact], now: datetime) -> None:
    await feed.write(tx, now, [feed.Entry(account, None, fact) for fact in facts])
