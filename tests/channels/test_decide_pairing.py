"""How a channel gets its keys and loses them, by the calendar (law S1, S2, S5, S6)."""

import pytest

from houston.channels.decide import decide
from houston.channels.orders import (
    WHATSAPP,
    Check,
    Claimed,
    Delete,
    Disable,
    Enable,
    EnableHere,
    PaidChanged,
    Released,
    Rescan,
    Restore,
    Woke,
)
from houston.channels.state import Reason, Status
from houston.channels.status import status
from houston.transports.events import (
    Alive,
    BacklogBegan,
    BacklogEnded,
    Banned,
    ConfirmationAsked,
    ConfirmationKind,
    Faulted,
    LoggedOut,
    LogoutCause,
    Offline,
    Online,
    Outdated,
    Paired,
    PairingCodeShown,
    PairingFailed,
    QrExpired,
    QrShown,
    Replaced,
)
from tests.channels.life import (
    ANNA,
    PHONE,
    Life,
    active_channel,
    fresh_channel,
    given_up,
    paired_channel,
)


def test_a_new_channel_is_to_be_scanned_and_opens_nothing_until_a_node_holds_it():
    life = Life()
    assert (life.status, life.hear(Woke(), Check(ANNA))) == (Status.SCAN_QR, [])


def test_a_new_channel_shows_a_code_until_it_is_paired():
    life = Life()
    assert life.hear(Claimed()) == ["Pair"]
    life.hear(QrShown("secret", life.at(20), 1, 6))
    assert life.shown.wire_state == "qr"
    assert "secret" not in repr(life.state)


def test_codes_refresh_for_a_bounded_number_of_rounds_and_then_nothing_is_open():
    life = fresh_channel()
    assert life.hear(QrExpired()) == ["Disconnect", "Pair"]
    assert life.hear(QrExpired()) == ["Disconnect", "Pair"]
    assert life.hear(QrExpired()) == ["Disconnect"]
    assert (life.shown.wire_state, life.shown.reason) == ("qridle", Reason.CODE_EXPIRED)
    assert life.wait(3600) == []
    assert not life.state.wire_open


def test_a_refreshed_code_is_no_news_but_the_end_of_all_codes_is():
    life = fresh_channel()
    life.hear(QrShown("second", life.at(40), 2, 6), QrExpired(), QrExpired())
    assert life.told == []
    life.hear(QrExpired())
    assert [(news.new, news.wire_state) for news in life.told] == [(Status.SCAN_QR, "qridle")]


def test_a_press_brings_a_new_code_when_the_old_one_has_expired():
    life = fresh_channel()
    life.hear(QrExpired(), QrExpired(), QrExpired())
    assert life.hear(Rescan(ANNA)) == ["Pair"]
    assert (life.shown.wire_state, life.shown.reason) == ("qr", Reason.AWAITING_SCAN)


def test_a_round_whose_codes_stop_coming_is_over_even_if_nobody_says_so():
    life = fresh_channel()
    assert life.wait(29) == []
    assert life.wait(2) == ["Disconnect", "Pair"]
    assert life.state.rounds == 1


def test_a_round_that_never_shows_a_code_is_tried_again_and_uses_none_of_the_rounds():
    life = Life()
    life.hear(Claimed())
    assert life.wait(300).count("Pair") > 3
    assert life.state.rounds == 0
    assert (life.shown.wire_state, life.shown.reason) == ("qridle", Reason.LINK_LOST)


def test_a_code_from_the_distant_future_does_not_hold_up_the_next_one():
    life = fresh_channel()
    life.hear(QrShown("secret", life.at(10**8), 2, 6))
    assert "Pair" in life.wait(2 * 3600)


def test_the_number_to_type_counts_as_a_code():
    life = Life()
    life.hear(Claimed(), PairingCodeShown("ABCD-1234", life.at(60)))
    assert life.state.code_until == life.at(60)
    assert life.wait(60) == []


def test_a_code_to_type_takes_the_place_of_the_one_to_scan_and_back():
    life = fresh_channel()
    assert life.hear(Rescan(ANNA, typed=True)) == ["Disconnect", "Pair"]
    assert life.state.types_code
    life.hear(PairingCodeShown("ABCD-1234", life.at(60)))
    assert life.hear(Rescan(ANNA, typed=True)) == []
    assert life.hear(Rescan(ANNA)) == ["Disconnect", "Pair"]
    assert not life.state.types_code


def test_after_it_was_typed_the_next_code_is_one_to_scan_again():
    life = fresh_channel()
    life.hear(Rescan(ANNA, typed=True), PairingCodeShown("ABCD-1234", life.at(60)))
    life.hear(Paired(PHONE, b"keys"), LoggedOut(LogoutCause.UNLINKED_ON_PHONE))
    assert (life.status, life.state.types_code) == (Status.SCAN_QR, False)


def test_a_scan_that_came_to_nothing_says_so_and_shows_another_code():
    life = fresh_channel()
    assert life.hear(PairingFailed("timeout")) == ["Disconnect", "Pair"]
    assert (life.shown.reason, life.shown.detail) == (Reason.PAIRING_FAILED, "timeout")


def test_where_whatsapp_gives_no_code_at_all_that_is_said_for_it_may_want_a_passkey():
    life = fresh_channel()
    life.hear(PairingFailed("no_code"))
    assert (life.status, life.shown.reason) == (Status.SCAN_QR, Reason.NO_CODE)


def test_a_passkey_that_could_not_be_answered_is_why_the_next_code_is_shown():
    life = fresh_channel()
    life.hear(ConfirmationAsked(ConfirmationKind.PASSKEY), PairingFailed("passkey_not_answered"))
    assert (life.status, life.shown.reason) == (Status.SCAN_QR, Reason.PASSKEY_NOT_ANSWERED)


@pytest.mark.parametrize("kind", ConfirmationKind)
def test_a_confirmation_is_asked_for_and_given_up_after_a_while(kind):
    life = fresh_channel()
    life.hear(ConfirmationAsked(kind))
    assert life.shown.status is Status.CONFIRM_ON_PHONE
    assert life.wait(179) == []
    assert life.wait(1) == ["Disconnect", "Pair"]
    assert life.status is Status.SCAN_QR


def test_a_confirmation_can_be_followed_by_being_paired():
    life = fresh_channel()
    life.hear(ConfirmationAsked(ConfirmationKind.PASSKEY))
    assert life.hear(Paired(PHONE, b"keys")) == ["KeepCredentials", "Connect"]
    assert life.status is Status.JUST_A_MINUTE


def test_a_confirmation_that_leads_nowhere_gives_way_to_a_new_code_when_asked():
    life = fresh_channel()
    life.hear(ConfirmationAsked(ConfirmationKind.PASSKEY))
    assert life.hear(Rescan(ANNA)) == ["Disconnect", "Pair"]
    assert life.status is Status.SCAN_QR


@pytest.mark.parametrize(
    ("refusing", "again"),
    [
        (PaidChanged(False), PaidChanged(True)),
        (Disable(ANNA), Enable(ANNA)),
        (Delete(ANNA), Restore(ANNA)),
    ],
)
def test_no_confirmation_outlives_a_refusal_though_nobody_is_there_to_close_the_wire(
    refusing, again
):
    life = fresh_channel()
    life.hear(ConfirmationAsked(ConfirmationKind.PASSKEY))
    state = life.state
    for order in (refusing, again):  # Taken down by a node that does not drive the channel.
        state = decide(state, order, life.now, drives=False).state
    assert status(state) is Status.SCAN_QR
    life.state = state
    assert life.hear(Woke()) == ["Disconnect", "Pair"], "whoever drives it begins anew"


def test_a_paired_channel_connects_catches_up_and_only_then_is_active():
    life = fresh_channel()
    shown = []
    for heard in (Paired(PHONE, b"k"), Online(), BacklogBegan(2), BacklogEnded()):
        life.hear(heard)
        shown.append(life.status.value)
    assert shown == ["JUST_A_MINUTE", "JUST_A_MINUTE", "JUST_A_MINUTE", "ACTIVE"]


def test_a_channel_for_which_nothing_waited_is_active_after_ten_seconds():
    life = paired_channel()
    life.hear(Online())
    life.wait(9)
    assert life.shown.status is Status.JUST_A_MINUTE
    life.wait(1)
    assert life.status is Status.ACTIVE


def test_a_backlog_may_take_its_time_but_not_for_ever():
    life = paired_channel()
    life.hear(Online(), BacklogBegan(3000))
    for _ in range(29):
        life.wait(10)
        life.hear(Alive(life.now))
    assert life.shown.status is Status.JUST_A_MINUTE
    life.wait(10)
    assert life.status is Status.ACTIVE


def test_a_foreign_number_is_logged_out_and_its_keys_are_never_kept():
    life = fresh_channel()
    assert life.hear(Paired("79995550000", b"foreign")) == ["LogOut"]
    assert (life.shown.wire_state, life.shown.detail) == ("foreignphone", "79995550000")
    assert not life.state.paired
    assert life.wait(3600) == []


def test_after_a_foreign_number_the_right_one_can_be_scanned():
    life = fresh_channel()
    life.hear(Paired("79995550000", b"foreign"))
    assert life.hear(Rescan(ANNA)) == ["Pair"]
    assert life.shown.wire_state == "qr"
    assert life.hear(Paired(PHONE, b"right")) == ["KeepCredentials", "Connect"]


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (LogoutCause.LOGGED_OUT_EVERYWHERE, Reason.LOGGED_OUT_EVERYWHERE),
        (LogoutCause.UNLINKED_ON_PHONE, Reason.UNLINKED_ON_PHONE),
        (LogoutCause.KEYS_REFUSED, Reason.KEYS_REFUSED),
    ],
)
def test_a_log_out_is_final_until_a_person_scans(cause, why):
    life = active_channel()
    assert life.hear(LoggedOut(cause)) == ["ForgetCredentials", "Disconnect"]
    assert (life.status, life.shown.wire_state, life.shown.reason) == (
        Status.SCAN_QR,
        "qridle",
        why,
    )
    assert life.wait(10**6) == []
    assert life.hear(Released(), Claimed(), Woke(), PaidChanged(paid=True)) == []
    assert life.told[0].actor == WHATSAPP


@pytest.mark.parametrize(
    "trouble",
    [Offline("network"), Faulted("500", "?"), Outdated("2.1"), Replaced(), Banned(None, "104")],
)
def test_no_trouble_but_a_log_out_destroys_keys(trouble):
    life = active_channel()
    assert "ForgetCredentials" not in life.hear(trouble)
    assert life.state.paired


def test_a_log_out_is_learned_when_the_number_is_taken_back():
    life = given_up()
    life.hear(EnableHere(ANNA), LoggedOut(LogoutCause.LOGGED_OUT_EVERYWHERE))
    assert life.status is Status.SCAN_QR
    assert life.hear(Rescan(ANNA)) == ["Pair"]
