"""What is read off the facts: the precedence table, line by line and each against all below it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from houston.channels.state import (
    PAIRING_ROUNDS_MAX,
    Link,
    Policy,
    Reason,
    State,
    Status,
    TakeBack,
    may_restore,
    new_channel,
)
from houston.channels.status import (
    PRECEDENCE,
    detail,
    may_send,
    policy,
    read,
    reason,
    status,
    wire_state,
)
from houston.transports.events import ConfirmationKind
from tests.channels.life import ANNA, PHONE, START

NEW = new_channel(PHONE, START, actor=ANNA, sends_without_phone=False)
CONNECTING = replace(NEW, paired=True, link=Link.CONNECTING)

# Facts that make a line of the table hold, from the last line to the first. Each line's facts are
# laid over those of all lines below it, so that precedence is what decides.
LINES: dict[Status, dict[str, Any]] = {
    Status.JUST_A_MINUTE: {},
    Status.ACTIVE: {"link": Link.UP},
    Status.PHONE_UNAVAILABLE: {"phone_online": False},
    Status.BLOCKED: {"blocked": True},
    Status.OPENED_ELSEWHERE: {"held_elsewhere": True},
    Status.CONFIRM_ON_PHONE: {"confirmation": ConfirmationKind.PASSKEY},
    Status.SCAN_QR: {"paired": False, "confirmation": None},
    Status.NOT_PAID: {"paid": False},
    Status.DISABLED: {"enabled": False},
    Status.DELETED: {"deleted_at": START},
}


def stacked(word: Status) -> State:
    """Everything holds at once that stands below this line, and the line itself."""
    facts: dict[str, Any] = {}
    for line, more in LINES.items():
        facts |= more
        if line is word:
            break
    return replace(CONNECTING, **facts)


def test_the_table_is_the_law_in_the_law_s_order():
    law = (
        "DELETED DISABLED NOT_PAID SCAN_QR CONFIRM_ON_PHONE OPENED_ELSEWHERE BLOCKED "
        "PHONE_UNAVAILABLE ACTIVE JUST_A_MINUTE"
    )
    assert [word.value for word, _ in PRECEDENCE] == law.split()


@pytest.mark.parametrize("word", Status)
def test_the_first_line_that_holds_wins(word):
    assert status(stacked(word)) is word


@pytest.mark.parametrize("word", [word for word in Status if word is not Status.JUST_A_MINUTE])
def test_each_line_holds_by_its_own_facts_alone(word):
    assert status(replace(CONNECTING, **LINES[word])) is word


def test_a_confirmation_is_asked_before_there_are_keys_and_is_shown_all_the_same():
    asked = replace(NEW, confirmation=ConfirmationKind.TWO_STEP_CODE)
    assert status(asked) is Status.CONFIRM_ON_PHONE


@pytest.mark.parametrize("link", [Link.DOWN, Link.CONNECTING, Link.CATCHING_UP])
def test_a_link_is_active_only_after_what_waited_is_in(link):
    assert status(replace(CONNECTING, link=link)) is Status.JUST_A_MINUTE


@pytest.mark.parametrize(
    ("word", "does"),
    [
        (Status.DELETED, Policy.REFUSE),
        (Status.DISABLED, Policy.REFUSE),
        (Status.NOT_PAID, Policy.REFUSE),
        (Status.SCAN_QR, Policy.HOLD),
        (Status.CONFIRM_ON_PHONE, Policy.HOLD),
        (Status.OPENED_ELSEWHERE, Policy.HOLD),
        (Status.BLOCKED, Policy.HOLD),
        (Status.PHONE_UNAVAILABLE, Policy.HOLD),
        (Status.ACTIVE, Policy.SEND),
        (Status.JUST_A_MINUTE, Policy.HOLD),
    ],
)
def test_outgoing_messages_are_sent_held_or_refused_by_status(word, does):
    assert policy(stacked(word)) is does
    assert may_send(stacked(word)) is (does is Policy.SEND)


@pytest.mark.parametrize("link", Link)
@pytest.mark.parametrize("without_phone", [True, False])
def test_without_its_phone_only_a_messenger_that_can_goes_on_sending(link, without_phone):
    lost = replace(CONNECTING, phone_online=False, link=link, sends_without_phone=without_phone)
    assert status(lost) is Status.PHONE_UNAVAILABLE
    assert policy(lost) is Policy.HOLD
    assert may_send(lost) is (without_phone and link is Link.UP)


@pytest.mark.parametrize(
    ("word", "wire"),
    [
        (Status.DELETED, None),
        (Status.DISABLED, "disabled"),
        (Status.NOT_PAID, "notEnoughMoney"),
        (Status.SCAN_QR, "qr"),
        (Status.CONFIRM_ON_PHONE, "waitForPassword"),
        (Status.OPENED_ELSEWHERE, "openElsewhere"),
        (Status.BLOCKED, "blocked"),
        (Status.PHONE_UNAVAILABLE, "phoneUnavailable"),
        (Status.ACTIVE, "active"),
        (Status.JUST_A_MINUTE, "init"),
    ],
)
def test_each_status_has_its_word_on_the_wire(word, wire):
    assert wire_state(replace(CONNECTING, **LINES[word])) == wire


@pytest.mark.parametrize(
    ("facts", "wire"),
    [
        ({}, "qr"),
        ({"rounds": PAIRING_ROUNDS_MAX}, "qridle"),
        ({"failures": 1}, "qridle"),
        ({"blocked": True}, "qridle"),
        ({"wrong_number": "7999", "rounds": PAIRING_ROUNDS_MAX}, "foreignphone"),
    ],
)
def test_the_wire_says_whether_a_code_can_be_scanned(facts, wire):
    assert wire_state(replace(NEW, **facts)) == wire


SCAN_REASONS = [
    ({}, Reason.AWAITING_SCAN),
    ({"failures": 2}, Reason.LINK_LOST),
    ({"failures": 2, "outdated": True}, Reason.LIBRARY_OUTDATED),
    ({"failures": 2, "rounds": 3, "unpaired_reason": Reason.CODE_EXPIRED}, Reason.CODE_EXPIRED),
    ({"rounds": 3, "unpaired_reason": Reason.WRONG_NUMBER}, Reason.WRONG_NUMBER),
]
REASONS = [
    (Status.DELETED, {}, Reason.DELETED),
    (Status.DISABLED, {}, Reason.DISABLED),
    (Status.NOT_PAID, {}, Reason.BALANCE_EXHAUSTED),
    *((Status.SCAN_QR, facts, why) for facts, why in SCAN_REASONS),
    (Status.CONFIRM_ON_PHONE, {}, Reason.PASSKEY_ASKED),
    (
        Status.CONFIRM_ON_PHONE,
        {"confirmation": ConfirmationKind.TWO_STEP_CODE},
        Reason.TWO_STEP_CODE_ASKED,
    ),
    (Status.OPENED_ELSEWHERE, {}, Reason.OPENED_ELSEWHERE),
    (Status.BLOCKED, {}, Reason.BLOCKED_FOR_GOOD),
    (Status.BLOCKED, {"blocked_until": START}, Reason.BLOCKED_FOR_A_TIME),
    (Status.PHONE_UNAVAILABLE, {}, Reason.PHONE_LOST),
    (Status.PHONE_UNAVAILABLE, {"sends_without_phone": True}, Reason.PHONE_NOT_SEEN),
    (Status.ACTIVE, {}, Reason.WORKING),
    (Status.ACTIVE, {"restricted_until": START}, Reason.RESTRICTED),
    (Status.JUST_A_MINUTE, {}, Reason.STARTING),
    (Status.JUST_A_MINUTE, {"trouble": Reason.NO_PROOF_OF_LIFE}, Reason.NO_PROOF_OF_LIFE),
    (Status.JUST_A_MINUTE, {"take_back": TakeBack.DUE}, Reason.TAKING_BACK),
    (Status.JUST_A_MINUTE, {"outdated": True}, Reason.LIBRARY_OUTDATED),
]


@pytest.mark.parametrize(("word", "facts", "why"), REASONS)
def test_each_status_says_why(word, facts, why):
    state = replace(CONNECTING, **{**LINES[word], **facts})
    assert (status(state), reason(state)) == (word, why)
    assert read(state) == (word, why, wire_state(state))


def test_why_it_must_be_scanned_is_not_forgotten_while_it_is_disabled():
    gone = replace(NEW, unpaired_reason=Reason.LOGGED_OUT_EVERYWHERE, rounds=3)
    assert reason(replace(gone, enabled=False)) is Reason.DISABLED
    assert reason(gone) is Reason.LOGGED_OUT_EVERYWHERE


def test_the_other_side_s_own_word_is_told_only_where_it_explains_the_reason():
    lost = replace(CONNECTING, trouble=Reason.LINK_LOST, detail="network")
    wrong = replace(NEW, unpaired_reason=Reason.WRONG_NUMBER, rounds=3, wrong_number="7999")
    assert detail(lost) == "network"
    assert detail(replace(lost, enabled=False)) is None
    assert detail(wrong) == "7999"


def test_a_deleted_channel_can_be_restored_for_thirty_days_and_not_longer():
    deleted = replace(NEW, deleted_at=START)
    assert may_restore(deleted, START + timedelta(days=30, seconds=-1))
    assert not may_restore(deleted, START + timedelta(days=30))
    assert not may_restore(NEW, START)
