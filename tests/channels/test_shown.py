"""What a person is shown in each status: the one button, and what Houston does next and when."""

import pytest

from houston.channels.orders import Delete, Disable, EnableHere, PaidChanged, Rescan, Stalled
from houston.channels.shown import Action, NextStep
from houston.channels.state import Status
from houston.transports.events import (
    BacklogBegan,
    Banned,
    ConfirmationAsked,
    ConfirmationKind,
    LoggedOut,
    LogoutCause,
    Offline,
    Online,
    PhoneLost,
    QrExpired,
    QrShown,
    Replaced,
    Restricted,
)
from tests.channels.life import ANNA, Life, active_channel, fresh_channel, given_up, paired_channel

PASSKEY = ConfirmationAsked(ConfirmationKind.PASSKEY)
LOGGED_OUT = LoggedOut(LogoutCause.UNLINKED_ON_PHONE)

BUTTONS = [
    # known, heard, shown, button
    (active_channel, Stalled(), Status.ACTIVE, None),
    (active_channel, Delete(ANNA), Status.DELETED, Action.RESTORE),
    (active_channel, Disable(ANNA), Status.DISABLED, Action.ENABLE),
    (active_channel, PaidChanged(paid=False), Status.NOT_PAID, Action.TOP_UP),
    (active_channel, LOGGED_OUT, Status.SCAN_QR, Action.SCAN),
    (fresh_channel, PASSKEY, Status.CONFIRM_ON_PHONE, Action.CONTINUE),
    (given_up, Replaced(), Status.OPENED_ELSEWHERE, Action.ENABLE_HERE),
    (given_up, EnableHere(ANNA), Status.JUST_A_MINUTE, Action.USE_HERE),
    (active_channel, Replaced(), Status.JUST_A_MINUTE, Action.USE_HERE),
    (active_channel, Banned(None, "104"), Status.BLOCKED, Action.READ_ADVICE),
    (active_channel, PhoneLost(Life().now), Status.PHONE_UNAVAILABLE, Action.CHECK_NOW),
    (active_channel, Offline("network"), Status.JUST_A_MINUTE, None),
]


@pytest.mark.parametrize(("known", "heard", "status", "button"), BUTTONS)
def test_each_status_has_one_button_or_none(known, heard, status, button):
    life = known()
    life.hear(heard)
    assert (life.shown.status, life.shown.action) == (status, button)


def test_a_channel_deleted_for_too_long_offers_no_restore():
    life = active_channel()
    life.hear(Delete(ANNA))
    assert (life.shown.next_step, life.shown.next_step_at) == (NextStep.ERASE, life.at(30 * 86400))
    life.wait(30 * 86400)
    assert life.shown.action is None


@pytest.mark.parametrize("known", [given_up, fresh_channel, active_channel])
def test_what_waits_for_a_person_has_no_next_step(known):
    life = known()
    life.hear(Disable(ANNA))
    assert (life.shown.next_step, life.shown.next_step_at) == (None, None)


@pytest.mark.parametrize("heard", [LOGGED_OUT, Banned(None, "104"), PaidChanged(paid=False)])
def test_what_does_not_heal_by_itself_promises_nothing(heard):
    life = active_channel()
    life.hear(heard)
    assert life.shown.next_step is None


def next_step(life: Life) -> tuple[NextStep | None, float | None]:
    """What comes next, and in how many seconds."""
    shown = life.shown
    at = shown.next_step_at
    return shown.next_step, None if at is None else (at - life.now).total_seconds()


def test_codes_say_when_the_next_one_comes_and_when_there_are_no_more():
    life = fresh_channel()
    assert next_step(life) == (NextStep.SHOW_A_CODE, 20)
    life.hear(QrExpired())
    assert next_step(life) == (NextStep.SHOW_A_CODE, None)
    life.hear(QrExpired(), QrShown("code", life.at(20), 5, 6))
    assert next_step(life) == (NextStep.SHOW_A_CODE, 20)
    life.hear(QrShown("code", life.at(30), 6, 6))
    assert next_step(life) == (NextStep.SHOW_NO_MORE_CODES, 30)
    life.hear(QrExpired())
    assert next_step(life) == (None, None)
    life.hear(Rescan(ANNA))
    assert next_step(life) == (NextStep.SHOW_A_CODE, None)


def test_a_code_that_cannot_be_fetched_says_when_it_is_tried_again():
    life = fresh_channel()
    life.hear(Offline("network"), Offline("network"), Offline("network"))
    assert next_step(life) == (NextStep.SHOW_A_CODE, 1)


def test_a_confirmation_says_when_it_is_given_up():
    life = fresh_channel()
    life.hear(PASSKEY)
    assert next_step(life) == (NextStep.SHOW_A_CODE, 180)


def test_connecting_says_when_it_is_tried_again():
    life = paired_channel()
    assert next_step(life) == (NextStep.CONNECT, None)
    life.hear(Offline("network"), Offline("network"))
    assert next_step(life) == (NextStep.CONNECT, 1)


def test_catching_up_says_so():
    life = paired_channel()
    life.hear(Online(), BacklogBegan(5))
    assert next_step(life) == (NextStep.CATCH_UP, None)


def test_nothing_is_said_to_be_retrieved_before_a_phone_that_is_gone_has_announced_it():
    life = active_channel()
    life.hear(PhoneLost(life.now), Offline("network"))
    life.wait(1)
    life.hear(Online())
    assert life.shown.status is Status.PHONE_UNAVAILABLE
    assert next_step(life) == (NextStep.CHECK_THE_PHONE, None)
    life.hear(BacklogBegan(5))
    assert next_step(life) == (NextStep.CATCH_UP, None)


def test_taking_back_says_when():
    life = active_channel()
    life.hear(Replaced())
    assert next_step(life) == (NextStep.TAKE_BACK, 1)
    life.wait(1)
    assert next_step(life) == (NextStep.TAKE_BACK, None)


def test_a_ban_and_a_restriction_say_until_when():
    banned, restricted = active_channel(), active_channel()
    banned.hear(Banned(banned.at(600), "101"))
    restricted.hear(Restricted(restricted.at(600)))
    assert next_step(banned) == (NextStep.CONNECT, 600)
    assert next_step(restricted) == (NextStep.START_CHATS, 600)


def test_a_phone_that_is_away_is_looked_for_and_it_says_when():
    life = active_channel()
    life.hear(PhoneLost(life.now))
    assert next_step(life) == (NextStep.CHECK_THE_PHONE, 30)
    life.hear(Offline("phone"), Offline("phone"))
    assert next_step(life) == (NextStep.CONNECT, 1)


def test_to_look_changes_nothing():
    life = active_channel()
    before = life.state
    assert life.shown == life.shown
    assert life.state is before
