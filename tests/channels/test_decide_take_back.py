"""Who has the number: taken back, given up, and what a press does, by the calendar (law S7)."""

from dataclasses import replace

import pytest

from houston.channels.orders import (
    Claimed,
    Delete,
    Disable,
    EnableHere,
    PaidChanged,
    Rescan,
    UseHere,
)
from houston.channels.shown import Action
from houston.channels.state import Status
from houston.transports.events import BacklogEnded, Offline, Online, Replaced
from tests.channels.life import ANNA, active_channel, given_up


def test_a_replaced_channel_is_taken_back_by_itself():
    life = active_channel()
    assert life.hear(Replaced()) == ["Disconnect"]
    assert (life.status, life.shown.action) == (Status.JUST_A_MINUTE, Action.USE_HERE)
    assert life.wait(1) == ["Connect"]
    life.hear(Online(), BacklogEnded())
    assert (life.status, life.shown.action) == (Status.ACTIVE, None)


def test_use_here_takes_it_back_at_once_and_counts():
    life = active_channel()
    life.hear(Replaced())
    assert life.hear(UseHere(ANNA)) == ["Connect"]
    assert life.hear(UseHere(ANNA)) == []
    assert life.state.take_backs == (life.now,)


def test_gives_up_taking_back_after_five_times_in_ten_minutes():
    life = active_channel()
    for _ in range(5):
        life.replaced_and_taken_back()
        assert life.status is Status.ACTIVE
    assert life.hear(Replaced()) == ["Disconnect"]
    assert (life.status, life.shown.action) == (Status.OPENED_ELSEWHERE, Action.ENABLE_HERE)
    assert life.wait(24 * 3600) == []


def test_the_ten_minutes_slide():
    life = active_channel()
    for _ in range(20):
        life.replaced_and_taken_back()
        life.live_well(2 * 60)
        assert life.status is Status.ACTIVE


def test_the_sixth_time_is_taken_back_when_the_first_is_just_over_ten_minutes_old():
    life = active_channel()
    life.replaced_and_taken_back()
    life.live_well(595)
    for _ in range(4):
        life.replaced_and_taken_back()
    life.wait(1)
    life.hear(Replaced())
    assert life.status is Status.JUST_A_MINUTE


def test_the_sixth_time_is_given_up_when_the_first_is_not_yet_ten_minutes_old():
    life = active_channel()
    life.replaced_and_taken_back()
    life.live_well(595)
    for _ in range(4):
        life.replaced_and_taken_back()
    life.hear(Replaced())
    assert life.status is Status.OPENED_ELSEWHERE


def test_neither_a_short_success_nor_a_restart_resets_the_count():
    life = active_channel()
    for _ in range(5):
        life.replaced_and_taken_back()
        life.wait(20)
        life.hear(Claimed(), Online(), BacklogEnded())
    life.hear(Replaced())
    assert life.status is Status.OPENED_ELSEWHERE


def test_says_which_of_the_five_tries_it_is():
    life = active_channel()
    told = []
    for _ in range(5):
        life.hear(Replaced())
        told.append(life.shown.detail)
        life.hear(UseHere(ANNA))
        told.append(life.shown.detail)
        life.hear(Online(), BacklogEnded())
    assert told == ["1/5", "1/5", "2/5", "2/5", "3/5", "3/5", "4/5", "4/5", "5/5", "5/5"]
    life.hear(Replaced(), EnableHere(ANNA))
    assert life.shown.detail == "5/5", "a press is the last once more"


def test_tries_of_more_than_ten_minutes_ago_are_not_told_any_more():
    life = active_channel()
    life.replaced_and_taken_back()
    life.live_well(11 * 60)
    life.hear(Replaced())
    assert life.shown.detail == "1/5"


@pytest.mark.parametrize("order", [Disable(ANNA), PaidChanged(False), Delete(ANNA)])
def test_who_takes_a_number_that_is_just_let_go_takes_nothing_that_counts(order):
    life = active_channel()
    life.hear(order)
    life.state = replace(life.state, wire_open=True)  # It is being closed, and still speaks.
    life.hear(Replaced())
    assert (life.state.take_back, life.state.take_backs) == (None, ())


def test_a_restart_in_the_middle_goes_on_taking_back_and_counts_it_once():
    life = active_channel()
    life.hear(Replaced(), Claimed(3))
    assert life.wait(3) == ["Connect"]
    assert len(life.state.take_backs) == 1
    life.hear(Claimed())
    assert len(life.state.take_backs) == 1


def test_a_bad_network_while_taking_back_does_not_use_up_the_tries():
    life = active_channel()
    life.hear(Replaced())
    life.wait(1)
    for _ in range(10):
        life.hear(Offline("network"))
        life.wait(30)
    assert (life.status, len(life.state.take_backs)) == (Status.JUST_A_MINUTE, 1)


def test_being_replaced_before_it_was_in_counts_as_well():
    life = active_channel()
    for _ in range(5):
        life.hear(Replaced())
        life.wait(1)
    life.hear(Replaced())
    assert life.status is Status.OPENED_ELSEWHERE


@pytest.mark.parametrize("press", [EnableHere(ANNA), UseHere(ANNA), Rescan(ANNA)])
def test_each_press_is_one_more_try_and_no_more(press):
    life = given_up()
    assert life.hear(press) == ["Connect"]
    assert life.shown.action is Action.USE_HERE
    assert life.hear(Replaced()) == ["Disconnect"]
    assert life.status is Status.OPENED_ELSEWHERE
    assert life.wait(3600) == []


def test_a_press_that_helps_makes_it_active():
    life = given_up()
    life.hear(EnableHere(ANNA), Online(), BacklogEnded())
    assert life.status is Status.ACTIVE


def test_after_a_press_the_automatic_tries_are_those_that_time_has_freed():
    life = given_up()
    life.wait(11 * 60)
    life.hear(EnableHere(ANNA), Online(), BacklogEnded())
    life.hear(Replaced())
    assert life.status is Status.JUST_A_MINUTE
    assert life.wait(1) == ["Connect"]


def test_money_or_a_restart_do_not_take_back_what_was_given_up():
    life = given_up()
    assert life.hear(PaidChanged(paid=False), PaidChanged(paid=True), Claimed()) == []
    assert life.status is Status.OPENED_ELSEWHERE
