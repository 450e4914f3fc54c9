"""The arithmetic of money: hypothesis looks for a life of an account in which a sum does not add up."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houston.billing.rules import (
    DAY,
    SIDES,
    STANDARD,
    Book,
    Charge,
    Entry,
    Kind,
    Payable,
    Plan,
    Settled,
    Side,
    Terms,
    agree,
    midnight_after,
    money_until,
    needed,
    post,
    prorated,
    settle,
)
from houston.kernel.ids import AccountId, ChannelId

PRICE = 100
MORNING = datetime(2026, 3, 1, tzinfo=UTC)
NOON = MORNING + timedelta(hours=12)
ACCOUNT = AccountId(UUID(int=1))


def book(balance: int = 0, **more: object) -> Book:
    terms = (Terms(date.min, STANDARD, PRICE),)
    begun = Book(account=ACCOUNT, currency="USD", terms=terms, trial_ends=date(2026, 1, 1))
    return replace(begun, balance=balance, **more)  # type: ignore[arg-type]  # Any field may be set.


def channel(number: int = 1, charged: date | None = None, **more: bool) -> Payable:
    known = {"wanted": True, "paid": True, **more}
    return Payable(id=ChannelId(UUID(int=number)), charged_day=charged, **known)


def running(*numbers: int) -> list[Payable]:
    """Channels that were paid for yesterday."""
    return [channel(number, charged=(MORNING - DAY).date()) for number in numbers]


# --- A life ------------------------------------------------------------------------------------


@dataclass
class Life:
    """An account as a store would keep it, with every entry that ever was."""

    book: Book
    channels: dict[ChannelId, Payable]
    now: datetime = MORNING
    ledger: list[Entry] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    agreed: dict[date, int] = field(default_factory=lambda: {date.min: PRICE})
    """The price from a day on, in the order of the days."""

    def price(self, day: date) -> int:
        return [price for first, price in self.agreed.items() if first <= day][-1]

    def settle(self) -> Settled:
        done = settle(self.book, list(self.channels.values()), self.now)
        self.book = done.book
        self.ledger += done.entries
        self.charges += done.charges
        for charge in done.charges:
            one = self.channels[charge.channel]
            self.channels[charge.channel] = replace(one, charged_day=charge.day)
        for ids, paid in ((done.run, True), (done.stop, False)):
            for one_id in ids:
                self.channels[one_id] = replace(self.channels[one_id], paid=paid)
        return done

    def pay(self, kind: Kind, amount: int) -> None:
        self.book, entry = post(self.book, kind, amount, self.now, actor="test")
        self.ledger.append(entry)

    def agree(self, price: int) -> None:
        plan = Plan(name=f"plan {price}", currency="USD", price_per_channel_day=price)
        self.book = agree(self.book, plan, MORNING.date(), self.now.date())
        self.agreed[self.now.date() + DAY] = price

    def switch(self, number: int) -> None:
        known = self.channels.get(ChannelId(UUID(int=number)))
        fresh = channel(number) if known is None else replace(known, wanted=not known.wanted)
        self.channels[fresh.id] = fresh


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.integers(1, 5 * 24 * 60)),
        st.tuples(st.just("top_up"), st.integers(1, 500)),
        st.tuples(st.just("refund"), st.integers(1, 300)),
        st.tuples(st.just("switch"), st.integers(1, 5)),
        st.tuples(st.just("plan"), st.integers(0, 2 * PRICE)),
    ),
    max_size=40,
)


def lives(steps: Sequence[tuple[str, int]]) -> Life:
    life = Life(book(trial_ends=(MORNING + 2 * DAY).date()), {})
    life.settle()
    for what, number in steps:
        match what:
            case "pass":
                life.now += timedelta(minutes=number)
            case "top_up" | "refund":
                life.pay(Kind(what), number)
            case "switch":
                life.switch(number)
            case "plan":
                life.agree(number)
        before = list(life.ledger)
        life.settle()
        assert life.ledger[: len(before)] == before, "an entry was changed"
        assert_fair(life)
    return life


def assert_fair(life: Life) -> None:
    """Whoever runs is paid for today, whoever is wanted and paid for runs, and both agree with the book."""
    today = life.now.date()
    for one in life.channels.values():
        charged = one.charged_day is not None and one.charged_day >= today
        assert one.paid is charged or not one.wanted
    wanted = [one for one in life.channels.values() if one.wanted]
    assert life.book.paid is all(one.paid for one in wanted) or not wanted


@given(STEPS)
def test_all_sums_balance_whatever_happens(steps: list[tuple[str, int]]):
    life = lives(steps)
    sums = dict.fromkeys(Side, 0)
    for entry in life.ledger:
        debit, credit = SIDES[entry.kind]
        sums[debit] -= entry.amount
        sums[credit] += entry.amount

    assert sum(sums.values()) == 0
    assert sums[Side.CUSTOMER] == life.book.balance
    assert sums[Side.SALES] == sum(charge.amount for charge in life.charges)
    assert [entry.number for entry in life.ledger] == list(range(1, len(life.ledger) + 1))
    assert all(type(entry.amount) is int and entry.amount > 0 for entry in life.ledger)


@given(STEPS)
def test_no_day_of_a_channel_is_charged_twice_nor_above_its_price(steps: list[tuple[str, int]]):
    life = lives(steps)
    charges = life.charges

    assert len({(one.channel, one.day) for one in charges}) == len(charges)
    assert all(0 <= one.amount <= life.price(one.day) for one in charges)


@given(STEPS)
def test_a_charge_never_takes_more_than_is_there(steps: list[tuple[str, int]]):
    assert all(one.balance >= 0 for one in lives(steps).ledger if one.kind is Kind.CHARGE)


@given(STEPS)
def test_settling_again_changes_nothing(steps: list[tuple[str, int]]):
    life = lives(steps)
    again = life.settle()

    assert (again.entries, again.charges, again.run, again.stop) == ((), (), (), ())


# --- Days --------------------------------------------------------------------------------------


def test_who_goes_on_pays_the_whole_day_however_late_it_is_charged():
    done = settle(book(1000), running(1, 2), NOON)

    assert (done.book.balance, done.stop) == (800, ())
    assert [(one.kind, one.amount) for one in done.entries] == [(Kind.CHARGE, 200)]


def test_the_first_day_costs_what_is_left_of_it():
    assert settle(book(1000), [channel()], NOON).book.balance == 950


def test_days_that_were_missed_are_charged_one_by_one_when_a_node_is_back():
    begun = book(1000, charged_day=(MORNING - DAY).date())
    done = settle(begun, running(1), MORNING + 3 * DAY)

    assert [one.day for one in done.entries] == [(MORNING + n * DAY).date() for n in range(4)]
    assert done.book.balance == 600


def test_a_day_that_was_missed_is_not_owed_by_who_did_not_run_before_it():
    begun = book(1000, charged_day=(MORNING - DAY).date())
    done = settle(begun, [*running(1), channel(2)], NOON + DAY)

    assert [(one.channel.int, one.amount) for one in done.charges] == [(1, 100), (1, 100), (2, 50)]


def test_when_the_money_ends_amid_the_missed_days_nothing_more_is_charged():
    begun = book(250, charged_day=(MORNING - DAY).date())
    done = settle(begun, running(1), MORNING + 5 * DAY)

    assert (len(done.entries), done.book.balance, done.book.paid) == (2, 50, False)
    assert [one.int for one in done.stop] == [1]


def test_a_trial_costs_nothing_and_ends():
    trial = book(0, trial_ends=(MORNING + DAY).date(), charged_day=(MORNING - DAY).date())
    free = settle(trial, running(1), NOON)

    assert (free.entries, free.book.paid, free.charges[0].amount) == ((), True, 0)
    charged = [channel(charged=MORNING.date())]
    assert settle(free.book, charged, NOON + DAY).book.paid is False


def test_a_disabled_channel_costs_nothing():
    assert settle(book(1000), [channel(wanted=False)], NOON).entries == ()


# --- Exhausted and restored --------------------------------------------------------------------


def test_all_channels_stop_when_the_day_cannot_be_paid_for_all_of_them():
    done = settle(book(199), running(1, 2), MORNING)

    assert len(done.stop) == 2
    assert (done.entries, done.book.paid, done.book.balance) == ((), False, 199)


def test_a_channel_that_cannot_be_paid_does_not_stop_those_that_are_paid_for_today():
    paid = channel(1, charged=MORNING.date())
    done = settle(book(10, charged_day=MORNING.date()), [paid, channel(2)], NOON)

    assert [one.int for one in done.stop] == [2]


def test_who_was_stopped_is_not_started_by_the_mere_passing_of_the_day():
    stopped = [channel(charged=(MORNING - DAY).date(), paid=False)]
    late = MORNING + timedelta(hours=23)

    assert settle(book(99, paid=False), stopped, late).run == ()


def test_a_top_up_starts_all_and_takes_only_what_is_left_of_the_day():
    stopped = [channel(n, charged=(MORNING - DAY).date(), paid=False) for n in (1, 2)]
    done = settle(book(200, paid=False), stopped, NOON)

    assert len(done.run) == 2
    assert (done.book.balance, done.book.paid) == (100, True)


def test_a_disabled_channel_is_told_too_so_that_enabling_it_meets_the_truth():
    done = settle(book(0), [*running(1), channel(2, wanted=False)], MORNING)

    assert sorted(one.int for one in done.stop) == [1, 2]


def test_who_promised_goes_on_into_debt_and_no_longer_than_promised():
    promised = book(0, promised_until=NOON + DAY)

    assert settle(promised, running(1), MORNING).book.balance == -100
    assert settle(promised, running(1), NOON + DAY).stop


def test_a_payment_redeems_the_promise_only_when_the_debt_is_paid():
    promised = book(-100, promised_until=NOON)

    assert post(promised, Kind.TOP_UP, 99, MORNING, actor="x")[0].promised_until == NOON
    assert post(promised, Kind.TOP_UP, 100, MORNING, actor="x")[0].promised_until is None


# --- What people ask ---------------------------------------------------------------------------


@given(st.integers(0, 10**9), st.datetimes(timezones=st.just(UTC)))
def test_the_rest_of_a_day_never_costs_more_than_the_day(price: int, at: datetime):
    assert 0 <= prorated(price, at) <= price


@given(
    balance=st.integers(0, 2_000),
    channels=st.integers(1, 4),
    price=st.integers(1, 300),
    trial_days=st.integers(0, 9),
    promised_minutes=st.integers(0, 9 * 24 * 60),
)
def test_money_lasts_exactly_as_long_as_was_forecast(
    balance: int, channels: int, price: int, trial_days: int, promised_minutes: int
):
    """Also when the price is another one from tomorrow on, days are free, or a payment is promised."""
    promised = MORNING + timedelta(minutes=promised_minutes) if promised_minutes else None
    begins = book(
        balance + 400,
        trial_ends=(MORNING + trial_days * DAY).date(),
        promised_until=promised,
    )
    life = Life(begins, {one.id: one for one in running(*range(1, channels + 1))})
    life.settle()
    life.agree(price)
    until = money_until(life.book, channels, life.now)
    assert until is not None

    while life.now + DAY < until:
        life.now += DAY
        assert life.settle().stop == ()
    life.now = until - timedelta(seconds=1)
    assert life.settle().stop == ()
    life.now = until
    assert len(life.settle().stop) == channels


def test_nothing_that_costs_money_lasts_for_ever():
    assert money_until(book(0), 0, NOON) is None


def test_money_that_is_out_was_out_today():
    assert money_until(book(0, paid=False), 3, NOON) == MORNING
    assert midnight_after(NOON) == MORNING + DAY


@pytest.mark.parametrize(("balance", "days", "missing"), [(0, 1, 200), (150, 1, 50), (999, 3, 0)])
def test_says_how_much_is_missing(balance: int, days: int, missing: int):
    assert needed(book(balance), 2, days, NOON) == missing


def test_free_days_need_no_money():
    assert needed(book(0, trial_ends=(MORNING + 3 * DAY).date()), 2, 5, NOON) == 3 * 2 * PRICE


# --- Plans -------------------------------------------------------------------------------------


def plan(price: int, trial_days: int = 0) -> Plan:
    name = f"plan {price}"
    return Plan(name=name, currency="USD", price_per_channel_day=price, trial_days=trial_days)


def test_another_plan_counts_from_the_next_day_on_and_missed_days_cost_what_was_agreed_for_them():
    begun = settle(book(1_000), running(1), MORNING).book
    dearer = agree(begun, plan(300), MORNING.date(), MORNING.date())

    today = [channel(1, MORNING.date())]
    assert settle(dearer, today, NOON).charges == ()
    again = agree(dearer, plan(50), MORNING.date(), (MORNING + DAY).date())
    back = settle(again, today, MORNING + 3 * DAY)
    assert [charge.amount for charge in back.charges] == [300, 50, 50]


def test_of_two_choices_on_one_day_the_later_one_counts():
    begun = settle(book(1_000), [], MORNING).book
    twice = agree(agree(begun, plan(300), date.min, NOON.date()), plan(7), date.min, NOON.date())

    assert twice.price((MORNING + DAY).date()) == 7
    assert twice.price(MORNING.date()) == PRICE


def test_who_was_never_charged_is_on_a_plan_at_once():
    assert agree(book(), plan(7), MORNING.date(), MORNING.date()).price(MORNING.date()) == 7


def test_free_days_of_a_plan_count_from_the_accounts_first_day_and_are_never_taken_away():
    opened = MORNING.date()
    late = agree(
        book(trial_ends=opened + 3 * DAY), plan(7, trial_days=14), opened, opened + 20 * DAY
    )

    assert late.trial_ends == opened + 14 * DAY
    assert agree(late, plan(9), opened, opened + DAY).trial_ends == opened + 14 * DAY


def test_what_is_missing_is_counted_at_the_price_of_each_day():
    begun = settle(book(PRICE), running(1), MORNING).book
    dearer = agree(begun, plan(300), MORNING.date(), MORNING.date())

    assert needed(dearer, 1, 2, NOON) == 600
    assert needed(replace(dearer, paid=False), 1, 2, NOON) == PRICE + 300
