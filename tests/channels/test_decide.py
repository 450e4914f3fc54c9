"""What people, the ledger and nodes bring about: known, heard, shown, done (S3, S4, S10-S13)."""

import msgspec
import pytest

from houston.channels.orders import (
    HOUSTON,
    LEDGER,
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
    UseHere,
    Woke,
)
from houston.channels.state import Reason, State, Status
from houston.transports.events import (
    Alive,
    BacklogBegan,
    BacklogEnded,
    Banned,
    LoggedOut,
    LogoutCause,
    Offline,
    Online,
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

ENABLE, DISABLE = Enable(ANNA), Disable(ANNA)
DELETE, RESTORE = Delete(ANNA), Restore(ANNA)
BROKE, RICH = PaidChanged(paid=False), PaidChanged(paid=True)
PRESSES = [Enable(ANNA), UseHere(ANNA), EnableHere(ANNA), Rescan(ANNA), Check(ANNA)]


def logged_out(cause: LogoutCause = LogoutCause.LOGGED_OUT_EVERYWHERE) -> Life:
    life = active_channel()
    life.hear(LoggedOut(cause))
    return life.forget()


def banned() -> Life:
    life = active_channel()
    life.hear(Banned(None, "104"))
    return life.forget()


def disabled() -> Life:
    life = active_channel()
    life.hear(DISABLE)
    return life.forget()


def unpaid() -> Life:
    life = active_channel()
    life.hear(BROKE)
    return life.forget()


def deleted() -> Life:
    life = active_channel()
    life.hear(DELETE)
    return life.forget()


TABLE = [
    # known, heard, shown, done
    (fresh_channel, Paired(PHONE, b"k"), Status.JUST_A_MINUTE, "KeepCredentials Connect"),
    (fresh_channel, Paired("7999", b"k"), Status.SCAN_QR, "LogOut"),
    (fresh_channel, PairingCodeShown("ABCD", Life().at(60)), Status.SCAN_QR, ""),
    (fresh_channel, QrExpired(), Status.SCAN_QR, "Disconnect Pair"),
    (fresh_channel, PairingFailed("timeout"), Status.SCAN_QR, "Disconnect Pair"),
    (fresh_channel, Offline("network"), Status.SCAN_QR, "Disconnect Pair"),
    (fresh_channel, Online(), Status.SCAN_QR, ""),
    (fresh_channel, Replaced(), Status.SCAN_QR, ""),
    (fresh_channel, DISABLE, Status.DISABLED, "Disconnect"),
    (fresh_channel, Rescan(ANNA), Status.SCAN_QR, ""),
    (paired_channel, Online(), Status.JUST_A_MINUTE, ""),
    (paired_channel, BacklogEnded(), Status.JUST_A_MINUTE, ""),
    (paired_channel, Offline("refused"), Status.JUST_A_MINUTE, "Disconnect Connect"),
    (paired_channel, QrShown("c", Life().at(20), 1, 6), Status.JUST_A_MINUTE, ""),
    (active_channel, DISABLE, Status.DISABLED, "Disconnect"),
    (active_channel, BROKE, Status.NOT_PAID, "Disconnect"),
    (active_channel, DELETE, Status.DELETED, "Disconnect"),
    (active_channel, Check(ANNA), Status.ACTIVE, "Probe"),
    (active_channel, Rescan(ANNA), Status.ACTIVE, "Probe"),
    (active_channel, Paired(PHONE, b"k"), Status.JUST_A_MINUTE, "KeepCredentials Connect"),
    (active_channel, Paired("7999", b"k"), Status.JUST_A_MINUTE, "LogOut Connect"),
    (active_channel, Released(), Status.JUST_A_MINUTE, "Disconnect"),
    (active_channel, Claimed(), Status.JUST_A_MINUTE, "Connect"),
    (active_channel, Online(), Status.JUST_A_MINUTE, ""),
    (active_channel, BacklogBegan(3), Status.ACTIVE, ""),
    (disabled, ENABLE, Status.JUST_A_MINUTE, "Connect"),
    (disabled, RICH, Status.DISABLED, ""),
    (disabled, Online(), Status.DISABLED, ""),
    (disabled, Replaced(), Status.DISABLED, ""),
    (disabled, Claimed(), Status.DISABLED, ""),
    (disabled, UseHere(ANNA), Status.DISABLED, ""),
    (disabled, DELETE, Status.DELETED, ""),
    (disabled, LoggedOut(LogoutCause.KEYS_REFUSED), Status.DISABLED, "ForgetCredentials"),
    (unpaid, RICH, Status.JUST_A_MINUTE, "Connect"),
    (unpaid, DISABLE, Status.DISABLED, ""),
    (unpaid, Claimed(), Status.NOT_PAID, ""),
    (deleted, RESTORE, Status.JUST_A_MINUTE, "Connect"),
    (deleted, DELETE, Status.DELETED, ""),
    (deleted, DISABLE, Status.DELETED, ""),
    (deleted, RICH, Status.DELETED, ""),
    (logged_out, Rescan(ANNA), Status.SCAN_QR, "Pair"),
    (logged_out, Claimed(), Status.SCAN_QR, ""),
    (logged_out, LoggedOut(LogoutCause.KEYS_REFUSED), Status.SCAN_QR, ""),
    (given_up, EnableHere(ANNA), Status.JUST_A_MINUTE, "Connect"),
    (given_up, UseHere(ANNA), Status.JUST_A_MINUTE, "Connect"),
    (given_up, Rescan(ANNA), Status.JUST_A_MINUTE, "Connect"),
    (given_up, Check(ANNA), Status.OPENED_ELSEWHERE, ""),
    (given_up, RICH, Status.OPENED_ELSEWHERE, ""),
    (given_up, Claimed(), Status.OPENED_ELSEWHERE, ""),
    (banned, Claimed(), Status.BLOCKED, ""),
    (banned, UseHere(ANNA), Status.BLOCKED, ""),
    (banned, Check(ANNA), Status.JUST_A_MINUTE, "Connect"),
]


@pytest.mark.parametrize(("known", "heard", "shown", "done"), TABLE)
def test_known_heard_shown_done(known, heard, shown, done):
    life = known()
    life.now = life.state.link_since
    assert " ".join(life.hear(heard)) == done
    assert life.status is shown


# --- S3, S4, S10: people and money decide ------------------------------------------------------


def test_a_disabled_channel_stays_so_over_restarts_and_top_ups_and_its_keys_are_kept():
    life = active_channel()
    assert life.hear(DISABLE) == ["Disconnect"]
    assert life.hear(Released(), Claimed(), BROKE, RICH, Woke()) == []
    assert life.wait(10**6) == []
    assert (life.status, life.state.paired) == (Status.DISABLED, True)


def test_the_history_of_a_disabled_channel_says_who_disabled_it_and_when():
    life = active_channel()
    life.wait(5)
    life.hear(Disable("key:7"))
    assert [(news.actor, news.at) for news in life.told] == [("key:7", life.now)]
    assert (life.shown.actor, life.shown.since) == ("key:7", life.now)


def test_an_enabled_channel_starts_and_then_is_what_its_facts_say():
    life = disabled()
    assert life.hear(ENABLE) == ["Connect"]
    assert (life.status, life.shown.reason) == (Status.JUST_A_MINUTE, Reason.STARTING)
    life.hear(Online(), BacklogEnded())
    assert life.status is Status.ACTIVE


def test_to_enable_is_a_press_that_takes_the_number_back_once():
    life = given_up()
    life.hear(DISABLE)
    assert life.hear(ENABLE) == ["Connect"]
    life.hear(Replaced())
    assert life.status is Status.OPENED_ELSEWHERE


def test_when_the_balance_is_exhausted_the_link_closes_and_the_keys_are_kept():
    life = active_channel()
    assert life.hear(BROKE) == ["Disconnect"]
    assert (life.status, life.state.paired) == (Status.NOT_PAID, True)
    assert life.told[0].actor == LEDGER


def test_after_a_top_up_a_channel_resumes_and_nobody_scans_again():
    life = unpaid()
    assert life.hear(RICH) == ["Connect"]
    life.hear(Online(), BacklogBegan(7), BacklogEnded())
    assert life.status is Status.ACTIVE


def test_a_deleted_channel_comes_back_as_it_was_within_thirty_days():
    life = active_channel()
    life.hear(DISABLE, DELETE)
    life.wait(29 * 24 * 3600)
    life.hear(RESTORE)
    assert (life.status, life.state.paired) == (Status.DISABLED, True)


def test_a_deleted_channel_is_not_restored_after_thirty_days():
    life = deleted()
    life.wait(30 * 24 * 3600)
    assert life.hear(RESTORE) == []
    assert life.status is Status.DELETED


def test_a_repeated_delete_is_harmless_and_keeps_the_date():
    life = deleted()
    life.wait(24 * 3600)
    life.hear(DELETE)
    assert (life.told, life.state.deleted_at) == ([], life.state.since)


def test_to_restore_what_was_not_deleted_changes_nothing():
    life = active_channel()
    before = life.state
    life.hear(RESTORE)
    assert life.state is before


# --- S11, S12: history and commands ------------------------------------------------------------


def test_every_change_says_from_to_why_who_when_and_with_what_evidence():
    life = active_channel()
    evidence = life.now
    life.wait(3)
    life.hear(Offline("network"))
    (news,) = life.told
    assert (news.old, news.new) == (Status.ACTIVE, Status.JUST_A_MINUTE)
    assert (news.reason, news.detail, news.actor) == (Reason.LINK_LOST, "network", WHATSAPP)
    assert (news.at, news.evidence_at, news.wire_state) == (life.now, evidence, "init")


def test_what_houston_does_itself_is_told_as_its_own_doing():
    life = active_channel()
    life.hear(Claimed())
    assert [news.actor for news in life.told] == [HOUSTON]


def test_another_reason_of_the_same_status_is_told_and_since_remains():
    life = fresh_channel()
    since = life.shown.since
    life.wait(5)
    life.hear(Paired("7999", b"k"))
    assert [(news.old, news.new) for news in life.told] == [(Status.SCAN_QR, Status.SCAN_QR)]
    assert (life.shown.since, life.shown.reason) == (since, Reason.WRONG_NUMBER)


@pytest.mark.parametrize("known", [fresh_channel, active_channel, disabled, unpaid, deleted])
@pytest.mark.parametrize("order", [ENABLE, DISABLE, DELETE, RESTORE, BROKE, RICH, *PRESSES])
def test_an_order_given_twice_is_the_same_as_given_once(known, order):
    life = known()
    life.hear(order)
    once = life.state
    life.forget().hear(order)
    assert (life.state, life.told) == (once, [])
    assert "Connect" not in life.done


@pytest.mark.parametrize("order", [DISABLE, *PRESSES])
@pytest.mark.parametrize("known", [active_channel, disabled, given_up, banned, logged_out])
def test_a_deleted_channel_hears_no_order_but_to_come_back(known, order):
    life = known()
    life.hear(DELETE)
    before = life.state
    assert (life.hear(order), life.state) == ([], before)


# --- S13: nodes --------------------------------------------------------------------------------


def test_a_channel_that_is_claimed_connects_after_its_jitter():
    life = active_channel()
    assert life.hear(Claimed(7.5)) == []
    assert life.wait(7) == []
    assert life.wait(1) == ["Connect"]


def test_a_channel_that_is_given_back_is_closed_and_left_alone():
    life = active_channel()
    assert life.hear(Released()) == ["Disconnect"]
    assert life.wait(3600) == []
    assert life.hear(Released(), Woke(wire_open=False)) == []


def test_to_wake_for_nothing_is_harmless():
    life = active_channel()
    life.hear(Woke())
    before = life.state
    assert life.hear(*[Woke()] * 5) == []
    assert (life.state, life.told) == (before, [])


def test_an_order_that_another_node_judged_is_carried_out_by_the_holder():
    life = active_channel()
    life.hear(DISABLE)  # Judged elsewhere: nobody closed the wire.
    assert life.hear(Woke(wire_open=True)) == ["Disconnect"]
    life.hear(ENABLE)  # Judged elsewhere: nobody opened it.
    assert life.hear(Woke(wire_open=False)) == ["Connect"]
    assert life.hear(Woke(wire_open=True)) == []


def test_a_timer_that_was_lost_with_its_node_is_set_again():
    life = active_channel()
    life.hear(DISABLE, Claimed(), ENABLE)
    assert "Connect" in life.forget().wait(30)


def test_a_timer_that_another_node_asked_for_is_set_by_the_holder():
    life = active_channel()
    life.hear(Offline("x"), Offline("x"))
    life.timer = None  # Judged elsewhere: nobody set it.
    life.hear(Woke(wire_open=False))
    assert life.wait(1) == ["Connect"]


def test_a_probe_that_another_node_asked_for_is_sent_by_the_holder():
    life = active_channel()
    life.hear(Check(ANNA))
    assert life.hear(Woke(wire_open=True)) == ["Probe"]
    life.wait(16)
    assert life.status is Status.JUST_A_MINUTE


def test_a_wire_that_was_closed_says_nothing_that_still_matters():
    life = disabled()
    before = life.state
    life.hear(Online(), BacklogEnded(), Offline("x"), Replaced(), Alive(life.at(1)))
    assert life.state is before


@pytest.mark.parametrize(
    "known", [fresh_channel, active_channel, given_up, banned, deleted, logged_out]
)
def test_the_state_survives_being_stored(known):
    state = known().state
    assert msgspec.json.decode(msgspec.json.encode(state), type=State) == state


def test_what_nobody_can_say_is_a_mistake_of_the_programmer():
    with pytest.raises(AssertionError):
        active_channel().hear("hello")  # type: ignore[arg-type] # That is the point.
