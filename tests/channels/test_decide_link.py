"""What becomes of the link in every kind of trouble, by the calendar (law S9, retries, bans)."""

from collections.abc import Callable

import pytest

from houston.channels.orders import Check, Claimed, Command, Probed, Rescan, Stalled, UseHere
from houston.channels.state import Reason, Status
from houston.transports.events import (
    Alive,
    BacklogBegan,
    BacklogEnded,
    Banned,
    Faulted,
    LinkQuiet,
    Offline,
    Online,
    Outdated,
    Restricted,
)
from tests.channels.life import ANNA, Life, active_channel, fresh_channel, paired_channel

REFUSED = Offline("refused")


# --- Retries -----------------------------------------------------------------------------------


def test_a_lost_link_is_tried_at_once_and_then_after_1_2_5_10_20_30_seconds():
    life = active_channel()
    life.wait(60)
    assert life.hear(Offline("network")) == ["Disconnect", "Connect"]
    pauses = []
    for _ in range(8):
        life.hear(REFUSED)
        lost_at = life.now
        while not life.state.wire_open:
            life.wait(1)
        pauses.append((life.now - lost_at).seconds)
    assert pauses == [1, 2, 5, 10, 20, 30, 30, 30]


def test_a_link_that_breaks_again_and_again_is_not_tried_without_a_pause():
    life = active_channel()
    for _ in range(5):
        life.hear(REFUSED)
        life.wait(30)
        life.hear(Online(), BacklogEnded())
    assert life.hear(REFUSED) == ["Disconnect"]


def test_a_link_that_held_for_a_minute_is_tried_at_once_again():
    life = active_channel()
    for _ in range(5):
        life.hear(REFUSED)
        life.wait(30)
        life.hear(Online(), BacklogEnded())
    life.wait(60)
    assert life.hear(REFUSED) == ["Disconnect", "Connect"]


def test_connecting_that_is_never_answered_is_tried_again():
    life = paired_channel()
    assert life.wait(29) == []
    assert life.wait(1) == ["Disconnect", "Connect"]
    assert life.wait(300).count("Connect") >= 5
    assert life.status is Status.JUST_A_MINUTE


def test_any_fault_on_the_wire_is_a_lost_link():
    life = active_channel()
    assert life.hear(Faulted("515", "stream error")) == ["Disconnect", "Connect"]
    assert (life.shown.reason, life.shown.detail) == (Reason.LINK_LOST, "515")


def test_to_check_does_not_wait_for_the_next_try():
    life = active_channel()
    for _ in range(5):
        life.hear(REFUSED)
        life.wait(0 if life.state.wire_open else 20)
    life.hear(REFUSED)
    assert life.hear(Check(ANNA)) == ["Connect"]
    assert life.hear(Check(ANNA)) == []


def _connects_in_vain() -> Life:
    life = active_channel()
    for _ in range(5):
        life.hear(REFUSED)
        life.wait(0 if life.state.wire_open else 20)
    life.wait(10)
    return life


def _probes_in_vain() -> Life:
    life = active_channel()
    life.hear(REFUSED, Online(), BacklogEnded(), REFUSED)
    life.wait(1)
    life.hear(Online(), BacklogEnded(), LinkQuiet(life.now))
    return life


def _pairs_in_vain() -> Life:
    life = fresh_channel()
    life.hear(REFUSED, REFUSED)
    life.wait(1)
    return life


@pytest.mark.parametrize(
    ("press", "waiting", "done"),
    [
        (Rescan(ANNA), _connects_in_vain, ["Disconnect", "Connect"]),
        (Rescan(ANNA), _probes_in_vain, ["Disconnect", "Connect"]),
        (Rescan(ANNA), _pairs_in_vain, ["Disconnect", "Pair"]),
        (Check(ANNA), _connects_in_vain, ["Disconnect", "Connect"]),
        (Check(ANNA), _probes_in_vain, ["Disconnect", "Connect"]),
        (Check(ANNA), _pairs_in_vain, ["Disconnect", "Pair"]),
    ],
)
def test_a_press_tries_at_once_although_the_timer_of_the_last_try_is_late(
    press: Command, waiting: Callable[[], Life], done: list[str]
):
    """A simulated life pressed Rescan twice in a row, and only the second press connected (S12)."""
    life = waiting()
    assert life.state.wire_open
    life.now = life.at(31)
    assert life.hear(press) == done
    assert life.hear(press) == []


def test_a_reconnecting_link_is_told_once_and_not_at_every_try():
    life = active_channel()
    life.hear(Offline("network"))
    life.wait(600)
    assert [news.new for news in life.told] == [Status.JUST_A_MINUTE]


# --- S9: a link that proves nothing ------------------------------------------------------------


def test_a_silent_link_is_probed_and_then_is_not_active():
    life = active_channel()
    assert life.wait(89) == []
    assert life.wait(1) == ["Probe"]
    assert life.status is Status.ACTIVE
    assert life.wait(15) == ["Disconnect", "Connect"]
    assert (life.status, life.shown.reason) == (Status.JUST_A_MINUTE, Reason.NO_PROOF_OF_LIFE)


def test_a_link_that_gives_signs_of_life_is_left_alone():
    life = active_channel()
    for _ in range(100):
        life.wait(60)
        life.hear(Alive(life.now))
    assert (life.done, life.status) == ([], Status.ACTIVE)


def test_a_sign_of_life_answers_a_probe():
    life = active_channel()
    life.wait(90)
    life.hear(Alive(life.now))
    assert life.wait(60) == []
    assert life.status is Status.ACTIVE


def test_an_older_sign_of_life_does_not_answer_a_probe():
    life = active_channel()
    before = life.at(80)
    life.wait(90)
    life.hear(Alive(before), Alive(before))
    assert life.wait(15) == ["Disconnect", "Connect"]


def test_a_sign_of_life_from_the_future_is_one_of_now():
    life = active_channel()
    life.wait(5)
    life.hear(Alive(life.at(10**6)))
    assert life.shown.evidence_at == life.now


@pytest.mark.parametrize("doubt", [LinkQuiet(Life().now), Stalled(), Check(ANNA)])
def test_a_doubted_link_is_probed_once(doubt):
    life = active_channel()
    assert life.hear(doubt, doubt) == ["Probe"]
    assert life.hear(Probed(ok=True)) == []
    assert life.status is Status.ACTIVE


def test_a_failed_probe_breaks_the_link():
    life = active_channel()
    life.hear(LinkQuiet(life.now))
    assert life.hear(Probed(ok=False)) == ["Disconnect", "Connect"]
    assert life.status is Status.JUST_A_MINUTE


def test_the_answer_of_a_probe_of_an_earlier_link_says_nothing_of_this_one():
    life = active_channel()
    life.hear(LinkQuiet(life.now), Offline("x"), Online(), BacklogEnded(), Probed(ok=False))
    assert life.status is Status.ACTIVE


def test_sends_that_are_never_acknowledged_break_even_a_link_that_answers_probes():
    life = active_channel()
    life.hear(Stalled(), Probed(ok=True), Stalled(), Probed(ok=True))
    assert life.hear(Stalled()) == ["Disconnect", "Connect"]
    assert life.status is Status.JUST_A_MINUTE


def test_a_stalled_send_says_nothing_of_a_link_that_is_not_there():
    life = paired_channel()
    before = life.state
    assert (life.hear(Stalled()), life.state) == ([], before)


def test_a_link_that_falls_silent_while_catching_up_is_probed_too():
    life = paired_channel()
    life.hear(Online(), BacklogBegan(100))
    assert "Probe" in life.wait(90)
    assert life.wait(15) == ["Disconnect", "Connect"]


# --- What WhatsApp forbids ---------------------------------------------------------------------


def test_a_ban_for_a_time_is_waited_out():
    life = active_channel()
    assert life.hear(Banned(life.at(3600), "101")) == ["Disconnect"]
    assert (life.status, life.shown.reason) == (Status.BLOCKED, Reason.BLOCKED_FOR_A_TIME)
    assert life.shown.detail == "101"
    assert life.hear(Check(ANNA), Claimed(), UseHere(ANNA)) == []
    assert life.wait(3599) == []
    assert life.wait(1) == ["Connect"]
    assert life.status is Status.JUST_A_MINUTE


def test_a_ban_for_good_is_tried_again_only_by_a_person():
    life = active_channel()
    life.hear(Banned(None, "104"))
    assert life.wait(10**7) == []
    assert life.shown.reason is Reason.BLOCKED_FOR_GOOD
    assert life.hear(Check(ANNA)) == ["Connect"]
    life.hear(Banned(None, "104"))
    assert life.status is Status.BLOCKED


def test_a_ban_that_claims_to_be_over_does_not_make_us_knock_without_a_pause():
    life = active_channel()
    assert life.hear(Banned(life.at(-5), "101")) == ["Disconnect"]
    assert life.wait(59) == []
    assert life.wait(1) == ["Connect"]


def test_a_banned_number_is_not_shown_codes_until_somebody_asks():
    life = fresh_channel()
    assert life.hear(Banned(None, "104")) == ["Disconnect"]
    assert life.shown.wire_state == "qridle"
    assert life.wait(3600) == []
    assert life.hear(Rescan(ANNA)) == ["Pair"]


def test_a_number_banned_for_a_time_is_not_shown_codes_before_that():
    life = fresh_channel()
    life.hear(Banned(life.at(600), "101"), Rescan(ANNA))
    assert life.forget().wait(599) == []
    assert life.wait(1) == ["Pair"]


def test_a_restricted_number_stays_active_and_says_so_until_it_ends():
    life = active_channel()
    life.hear(Restricted(life.at(-1)), Restricted(life.at(80)))
    assert (life.status, life.shown.reason) == (Status.ACTIVE, Reason.RESTRICTED)
    life.wait(80)
    assert life.shown.reason is Reason.WORKING
    assert len(life.told) == 2


def test_an_outdated_library_is_tried_again_slowly():
    life = active_channel()
    assert life.hear(Outdated("2.3000")) == ["Disconnect"]
    assert (life.shown.reason, life.shown.detail) == (Reason.LIBRARY_OUTDATED, "2.3000")
    assert life.wait(15 * 60 - 1) == []
    assert life.wait(1) == ["Connect"]
    life.hear(Online(), BacklogEnded())
    assert life.status is Status.ACTIVE


def test_an_outdated_library_is_tried_at_once_after_a_restart():
    life = active_channel()
    life.hear(Outdated("2.3000"))
    assert life.hear(Claimed()) == ["Connect"]
