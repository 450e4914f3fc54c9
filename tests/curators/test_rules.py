"""The rules of who is told when, asked directly: facts and times go in, decisions come out."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from houston.curators.rules import (
    PAUSES,
    SETTLED,
    Acknowledged,
    Counted,
    Incident,
    Kind,
    Purse,
    RanOut,
    TellStatus,
    Tick,
    Turned,
    balance_wake_at,
    decide,
    decide_balance,
    due_at,
    wake_at,
)

T0 = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Life:
    """One channel: says what happens to it, and lets all time in between pass as the loop would."""

    def __init__(self) -> None:
        self.now = T0
        self.incident: Incident | None = None
        self.status = "ACTIVE"
        self.told: list[tuple[timedelta, TellStatus]] = []

    def turns(self, status: str) -> None:
        self._hear(Turned(self.status, status, "why", self.now))
        self.status = status

    def acknowledges(self) -> None:
        self._hear(Acknowledged())

    def passes(self, span: timedelta) -> None:
        end = self.now + span
        while self.incident and (due := wake_at(self.incident)) and due <= end:
            self.now = max(self.now, due)
            self._hear(Tick())
        self.now = end

    def kinds(self) -> Sequence[Kind]:
        return [told.kind for _, told in self.told]

    def _hear(self, heard: Turned | Acknowledged | Tick) -> None:
        self.incident, effects = decide(self.incident, heard, self.now)
        self.told += [(self.now - T0, told) for told in effects]


@pytest.fixture
def life() -> Life:
    return Life()


@pytest.mark.parametrize("status", ["SCAN_QR", "NOT_PAID", "OPENED_ELSEWHERE", "BLOCKED"])
def test_c2_what_needs_a_person_is_told_at_once(life: Life, status: str) -> None:
    life.turns(status)
    assert life.kinds() == [Kind.STOPPED]


@pytest.mark.parametrize("status", ["JUST_A_MINUTE", "PHONE_UNAVAILABLE", "CONFIRM_ON_PHONE"])
def test_c2_a_passing_status_is_told_after_three_minutes(life: Life, status: str) -> None:
    life.turns(status)
    life.passes(3 * MINUTE - timedelta(seconds=1))
    assert life.kinds() == []
    life.passes(timedelta(seconds=1))
    assert life.kinds() == [Kind.STOPPED]


def test_c2_a_short_stop_is_never_told(life: Life) -> None:
    life.turns("PHONE_UNAVAILABLE")
    life.passes(2 * MINUTE)
    life.turns("ACTIVE")
    life.passes(DAY)
    assert life.kinds() == []
    assert life.incident is None


def test_c2_forty_flaps_in_an_hour_are_one_incident_and_one_all_clear(life: Life) -> None:
    for _ in range(40):
        life.turns("PHONE_UNAVAILABLE")
        life.passes(MINUTE)
        life.turns("ACTIVE")
        life.passes(MINUTE / 2)
    life.passes(SETTLED)
    assert life.kinds() == [Kind.STOPPED, Kind.WORKING]


def test_c2_the_all_clear_says_how_long_it_was(life: Life) -> None:
    life.turns("SCAN_QR")
    life.passes(42 * MINUTE)
    life.turns("ACTIVE")
    life.passes(SETTLED)
    _, told = life.told[-1]
    assert (told.kind, told.since, told.until) == (Kind.WORKING, T0, T0 + 42 * MINUTE)


def test_c2_reminders_come_with_growing_pauses(life: Life) -> None:
    life.turns("SCAN_QR")
    life.passes(sum(PAUSES, timedelta()))
    at = [at for at, _ in life.told]
    assert life.kinds() == [Kind.STOPPED] + [Kind.REMINDER] * len(PAUSES)
    assert [after - before for before, after in pairwise(at)] == list(PAUSES)
    assert sorted(PAUSES) == list(PAUSES)


def test_who_acknowledges_is_reminded_no_more_but_hears_of_the_end(life: Life) -> None:
    life.turns("SCAN_QR")
    life.acknowledges()
    life.passes(30 * DAY)
    life.turns("ACTIVE")
    life.passes(SETTLED)
    assert life.kinds() == [Kind.STOPPED, Kind.WORKING]


def test_when_it_gets_worse_the_reminder_comes_at_once_and_only_once(life: Life) -> None:
    life.turns("PHONE_UNAVAILABLE")
    life.passes(3 * MINUTE)
    life.turns("SCAN_QR")
    life.turns("PHONE_UNAVAILABLE")
    life.turns("SCAN_QR")
    assert [told.status for _, told in life.told] == ["PHONE_UNAVAILABLE", "SCAN_QR"]


@pytest.mark.parametrize("word", ["DISABLED", "DELETED"])
def test_what_people_wanted_so_is_no_incident(life: Life, word: str) -> None:
    life.turns("SCAN_QR")
    life.turns(word)
    life.passes(30 * DAY)
    assert life.kinds() == [Kind.STOPPED]
    assert life.incident is None


def test_a_new_code_for_a_channel_that_was_never_linked_is_not_told(life: Life) -> None:
    life.status = "SCAN_QR"
    life.turns("SCAN_QR")
    assert life.kinds() == []


# --- Money -------------------------------------------------------------------------------------


def test_c3_warns_at_seven_three_and_one_days_and_at_zero_each_once() -> None:
    purse, told = Purse(), []
    heard: Counted | Tick = Counted(
        balance=1000, currency="EUR", money_until=T0 + 10 * DAY, daily=100
    )
    purse, _ = decide_balance(purse, heard, T0)
    while (at := balance_wake_at(purse)) is not None:
        purse, effects = decide_balance(purse, Tick(), at)
        told += [((T0 + 10 * DAY - at).days, one.kind, one.needed) for one in effects]
        assert decide_balance(purse, Tick(), at)[1] == ()
    needed = 30 * 100 - 1000
    assert told == [(days, Kind.BALANCE_LOW, needed) for days in (7, 3, 1)]
    out = RanOut(balance=5, currency="EUR", needed=95)
    purse, effects = decide_balance(purse, out, T0 + 10 * DAY)
    assert [(one.kind, one.needed) for one in effects] == [(Kind.BALANCE_OUT, 95)]
    assert decide_balance(purse, out, T0 + 10 * DAY)[1] == ()


def test_c3_warns_again_after_a_top_up_has_run_down() -> None:
    purse = Purse(balance=5, currency="EUR", daily=100, told=0)
    top_up = Counted(balance=1005, currency="EUR", money_until=T0 + 10 * DAY, daily=100)
    purse, effects = decide_balance(purse, top_up, T0)
    assert effects == ()
    purse, effects = decide_balance(purse, Tick(), T0 + 3 * DAY)
    assert [one.kind for one in effects] == [Kind.BALANCE_LOW]


def test_c3_warns_that_a_trial_ends_although_no_money_ever_moved() -> None:
    trial = Counted(balance=0, currency="EUR", money_until=T0 + 10 * DAY, daily=100)
    purse, effects = decide_balance(Purse(), trial, T0)
    assert effects == ()
    purse, effects = decide_balance(purse, Tick(), T0 + 7 * DAY)
    assert [(one.kind, one.needed) for one in effects] == [(Kind.BALANCE_LOW, 3_000)]


def test_c3_the_sum_needed_is_that_of_all_channels_also_of_one_added_just_before_midnight() -> None:
    purse, _ = decide_balance(
        Purse(), Counted(balance=900, currency="EUR", money_until=T0 + 8 * DAY, daily=100), T0
    )
    added = Counted(balance=899, currency="EUR", money_until=T0 + 4 * DAY, daily=200)
    purse, effects = decide_balance(purse, added, T0)
    assert [one.needed for one in effects] == [30 * 200 - 899]


def test_c3_who_promised_to_pay_is_warned_and_told_again_when_the_promise_ends() -> None:
    out = RanOut(balance=5, currency="EUR", needed=95)
    purse, _ = decide_balance(Purse(balance=5, daily=100, told=1), out, T0)
    still = Counted(balance=5, currency="EUR", money_until=T0, daily=100)
    purse, effects = decide_balance(purse, still, T0)
    assert (purse.told, effects) == (0, ())
    promised = Counted(balance=-95, currency="EUR", money_until=T0 + 3 * DAY, daily=100)
    purse, _ = decide_balance(purse, promised, T0)
    purse, warned = decide_balance(purse, Tick(), T0 + 2 * DAY)
    purse, ended = decide_balance(purse, out, T0 + 3 * DAY)
    assert [one.kind for one in (*warned, *ended)] == [Kind.BALANCE_LOW, Kind.BALANCE_OUT]


# --- Quiet hours -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2030-06-01T19:59+00:00", "2030-06-01T19:59+00:00"),
        ("2030-06-01T20:00+00:00", "2030-06-02T06:00+00:00"),
        ("2030-06-02T05:59+00:00", "2030-06-02T06:00+00:00"),
        ("2030-06-02T06:00+00:00", "2030-06-02T06:00+00:00"),
    ],
)
def test_quiet_hours_hold_by_the_curators_own_clock_and_over_midnight(
    now: str, expected: str
) -> None:
    found = due_at(datetime.fromisoformat(now), ZoneInfo("Europe/Berlin"), time(22), time(8))
    assert found == datetime.fromisoformat(expected)
