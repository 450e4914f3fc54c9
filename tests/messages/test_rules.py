"""The rules of the outbox as tables: what may be said, what an answer means, how fast. No database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from houston.channels.state import Policy, Status
from houston.kernel.errors import BadRequest
from houston.kernel.ids import MessageId, new_id
from houston.messages.rules import (
    MessageStatus,
    check_address,
    check_text,
    check_uri,
    composer,
    full_allowance,
    next_allowed,
    refilled,
    refusal,
    settle,
    spent,
    wire_id_of,
)
from houston.transports.transport import NotSent, Pacing, Retry, Sent, Unknown
from tests.statuses import REFUSING

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


# --- What may be said --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["hello", " hello ", "two\nlines\tand\r\nmore", "😀" * 100, "x" * 10_000, "\u200b", "٣"]
)
def test_whatever_a_messenger_can_show_may_be_said(text: str) -> None:
    assert check_text("text", text) == text


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("", "write something"),
        (" \n\t ", "write something"),
        ("x" * 10_001, "shorten it to 10,000 characters; it has 10,001"),
        ("bell \x07", r"U\+0007 at place 6"),
        ("nothing \x00", r"U\+0000 at place 9"),
        ("half \ud800", r"U\+D800 at place 6"),
        ("\x7f", r"U\+007F at place 1"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_cure(text: str, cure: str) -> None:
    with pytest.raises(BadRequest, match=cure) as refused:
        check_text("text", text)
    assert refused.value.field == "text"


@pytest.mark.parametrize(
    "address", ["79991110001", "+79991110001", "+7 (999) 111-00-01", "7\u00a0999 1110001"]
)
def test_a_number_may_be_written_as_people_write_it(address: str) -> None:
    assert check_address("chat_id", address) == "79991110001"


@pytest.mark.parametrize(
    "address",
    ["", "1234", "1" * 21, "7999x110001", "anna", "٣٣٣٣٣٣٣", "++79991110001", "7999\n1110001"],
)
def test_what_is_no_number_is_refused(address: str) -> None:
    with pytest.raises(BadRequest, match="5 to 20 digits"):
        check_address("chat_id", address)


@pytest.mark.parametrize("uri", ["http://a/b", "https://example.com/pic?x=1#y"])
def test_content_may_lie_anywhere_on_the_web(uri: str) -> None:
    assert check_uri("content", uri) == uri


@pytest.mark.parametrize(
    "uri",
    ["", "ftp://a/b", "file:///etc/passwd", "https://", "http://a b", "http://" + "a" * 2_000],
)
def test_content_that_cannot_be_fetched_is_refused(uri: str) -> None:
    with pytest.raises(BadRequest):
        check_uri("content", uri)


# --- Refusing and holding ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (Status.DISABLED, "CHANNEL_BLOCKED"),
        (Status.NOT_PAID, "CHANNEL_NO_MONEY"),
        (Status.DELETED, "CHANNEL_NOT_FOUND"),
    ],
)
def test_each_refusal_has_the_code_that_the_law_names(word: Status, code: str) -> None:
    error = refusal(word)
    assert error.reason_code == code
    assert error.cure


def test_every_status_that_refuses_has_its_refusal() -> None:
    assert [refusal(word).reason_code for word in REFUSING]


def test_enter_sends_queues_or_does_nothing() -> None:
    assert [composer(policy) for policy in (Policy.SEND, Policy.HOLD, Policy.REFUSE)] == [
        "send",
        "queue",
        "block",
    ]


# --- What an answer means ----------------------------------------------------------------------


def test_an_acknowledged_message_is_sent_when_the_server_said_so() -> None:
    settled = settle(Sent("3EB0", NOW), repeatable=True, attempts=3, now=LATER)
    assert (settled.status, settled.open, settled.at) == (MessageStatus.SENT, False, NOW)
    assert (settled.wire_id, settled.error_code) == ("3EB0", None)


def test_what_will_never_be_sent_has_failed_and_says_why() -> None:
    refused = NotSent(retry=Retry.NEVER, code="no_whatsapp", text="not on WhatsApp")
    settled = settle(refused, repeatable=True, attempts=1, now=NOW)
    assert (settled.status, settled.open) == (MessageStatus.FAILED, False)
    assert (settled.error_code, settled.error_text) == ("no_whatsapp", "not on WhatsApp")


@pytest.mark.parametrize("retry", [retry for retry in Retry if retry is not Retry.NEVER])
def test_what_may_still_be_sent_goes_back_to_its_place(retry: Retry) -> None:
    again = settle(
        NotSent(retry=retry, code="busy", text="busy", not_before=LATER),
        repeatable=True,
        attempts=1,
        now=NOW,
    )
    assert (again.status, again.open, again.not_before) == (MessageStatus.QUEUED, True, LATER)


def test_tries_again_after_growing_pauses_and_never_gives_up() -> None:
    busy = NotSent(retry=Retry.NOW, code="busy", text="busy")
    waits = [
        settle(busy, repeatable=True, attempts=n, now=NOW).not_before for n in (1, 2, 3, 9, 10, 999)
    ]
    assert [(at - NOW).total_seconds() for at in waits if at] == [1, 2, 5, 300, 300, 300]


@pytest.mark.parametrize(
    ("client_ids", "status", "is_open"),
    [(True, MessageStatus.QUEUED, True), (False, MessageStatus.UNCERTAIN, False)],
)
def test_an_unknown_outcome_is_repeated_only_where_a_repeat_is_harmless(
    client_ids: bool, status: MessageStatus, is_open: bool
) -> None:
    settled = settle(Unknown("3EB0"), repeatable=client_ids, attempts=1, now=NOW)
    assert (settled.status, settled.open) == (status, is_open)
    assert settled.error_code


def test_a_message_that_arrived_after_all_outranks_what_was_believed_of_it() -> None:
    """Uncertain, failed, cancelled: a receipt proves all three wrong, and nothing proves a receipt wrong."""
    believed = [
        MessageStatus.QUEUED,
        MessageStatus.SENDING,
        MessageStatus.UNCERTAIN,
        MessageStatus.SENT,
        MessageStatus.FAILED,
        MessageStatus.CANCELLED,
    ]
    assert max(believed) < MessageStatus.DELIVERED < MessageStatus.READ


def test_the_words_of_outcomes_are_those_of_the_law() -> None:
    words = {"queued", "sending", "sent", "delivered", "read", "failed", "uncertain"}
    assert words <= {status.word for status in MessageStatus}


# --- The id on the wire ------------------------------------------------------------------------


def test_the_id_on_the_wire_is_a_function_of_ours() -> None:
    message = MessageId(UUID(int=7))
    assert wire_id_of(message) == wire_id_of(message) == "3EB0E75C8D9D9D88400664"


def test_ids_on_the_wire_look_like_whatsapps_own_and_differ() -> None:
    made = {wire_id_of(MessageId(new_id())) for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(one) == 22 and one == one.upper() and one.startswith("3EB0") for one in made)


# --- Pacing ------------------------------------------------------------------------------------

SLOWLY = Pacing(per_minute=20, burst=3)


def test_a_burst_may_leave_at_once_and_then_one_after_the_other() -> None:
    allowance = full_allowance(SLOWLY, NOW)
    assert allowance.messages == 3
    allowance = spent(allowance, 3)
    assert next_allowed(allowance, SLOWLY) == NOW + timedelta(seconds=3)


def test_the_allowance_grows_with_time_and_never_beyond_the_burst() -> None:
    allowance = spent(full_allowance(SLOWLY, NOW), 3)
    assert refilled(allowance, SLOWLY, NOW + timedelta(seconds=6)).messages == pytest.approx(2)
    assert refilled(allowance, SLOWLY, NOW + timedelta(days=1)).messages == 3


def test_a_clock_that_runs_backwards_takes_nothing_away() -> None:
    allowance = full_allowance(SLOWLY, NOW)
    assert refilled(allowance, SLOWLY, NOW - timedelta(hours=1)).messages == 3


def test_without_a_pace_everything_may_leave() -> None:
    unpaced = Pacing(per_minute=None, burst=1)
    allowance = refilled(full_allowance(unpaced, NOW), unpaced, NOW)
    assert allowance.messages == float("inf")
    assert next_allowed(allowance, unpaced) == NOW


@given(
    per_minute=st.integers(1, 1_000),
    burst=st.integers(1, 50),
    looks=st.lists(st.floats(0, 30), min_size=1, max_size=60),
)
@example(per_minute=40, burst=2, looks=[0.0, 2.0, 1.0])  # Leaves 0.9999999999999999 of a message.
def test_never_more_leave_in_any_time_than_burst_and_pace_allow(
    per_minute: int, burst: int, looks: list[float]
) -> None:
    pacing, now = Pacing(per_minute=per_minute, burst=burst), NOW
    allowance, left = full_allowance(pacing, now), 0
    for seconds in looks:
        now += timedelta(seconds=seconds)
        allowance = refilled(allowance, pacing, now)
        may_leave = int(allowance.messages)
        allowance, left = spent(allowance, may_leave), left + may_leave
    assert left <= burst + (now - NOW).total_seconds() / 60 * per_minute + 1e-6
    assert next_allowed(allowance, pacing) > now
