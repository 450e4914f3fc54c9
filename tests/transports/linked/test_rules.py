"""What the library's texts mean, as a table of all that were ever seen; and what may be logged of it."""

from datetime import UTC, datetime, timedelta

import pytest

from houston.transports import events
from houston.transports.events import LogoutCause
from houston.transports.linked_worker import rules
from houston.transports.linked_worker.rules import Trace, verdict
from houston.transports.transport import NotSent, Retry, Sent, Unknown

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(("back_after", "seconds"), [(10, 10), (45, 45), (8 * 3600, 45)])
def test_a_gap_reaches_from_the_last_sign_of_life_to_the_death_and_not_to_the_next_morning(
    back_after: float, seconds: float
):
    gap = rules.gap(NOW, NOW + timedelta(seconds=back_after))
    assert (gap.since, gap.until) == (NOW, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("text", "retry"),
    [
        ("websocket not connected", Retry.WHEN_ONLINE),
        ("failed to send message node: websocket not connected", Retry.WHEN_ONLINE),
        ("failed to get device list: failed to send usync query: x", Retry.WHEN_ONLINE),
        (
            "failed to get user info for 7@s.whatsapp.net to fill LID cache: failed to send usync query: x",
            Retry.WHEN_ONLINE,
        ),
        ("the store doesn't contain a device JID", Retry.WHEN_ONLINE),
        ("no LID found for 79160000000@s.whatsapp.net from server", Retry.NEVER),
        ("server returned error 463", Retry.WHEN_ALLOWED),
        ("server returned error 404", Retry.NEVER),
        ("server returned error 503", Retry.LATER),
    ],
)
def test_these_texts_say_for_certain_that_nothing_left(text: str, retry: Retry):
    result = rules.send_failure(text, NOW)
    assert isinstance(result, NotSent)
    assert result.retry is retry
    assert (result.not_before is not None) == (retry in (Retry.WHEN_ALLOWED, Retry.LATER))


@pytest.mark.parametrize(
    "text",
    [
        "timed out waiting for message send response",
        "websocket disconnected before message send (retry) returned response",
        "something that was never seen before",
        "",
    ],
)
def test_every_other_text_leaves_it_unknown(text: str):
    assert rules.send_failure(text, NOW) == Unknown(None)


def trace(
    wire_id: str | None = "A",
    proven_at: datetime | None = None,
    *,
    phone_saw_later_ones: bool = False,
    store_is_whole: bool = True,
) -> Trace:
    return Trace(
        wire_id=wire_id,
        proven_at=proven_at,
        phone_saw_later_ones=phone_saw_later_ones,
        store_is_whole=store_is_whole,
    )


def test_what_the_library_never_wrote_down_never_left():
    result = verdict(trace(None))
    assert isinstance(result, NotSent)
    assert result.retry is Retry.NOW


def test_a_store_from_an_older_copy_proves_nothing_by_what_it_lacks():
    assert verdict(trace(None, store_is_whole=False)) == Unknown(None)


def test_any_receipt_proves_that_it_left():
    assert verdict(trace("A", NOW, phone_saw_later_ones=True)) == Sent("A", NOW)


def test_what_the_phone_passed_over_never_arrived():
    assert isinstance(verdict(trace("A", phone_saw_later_ones=True)), NotSent)


def test_in_doubt_it_is_named_and_left_to_a_person():
    assert verdict(trace("A")) == Unknown("A")


@pytest.mark.parametrize(
    ("reason", "on_connect", "told"),
    [
        (2, False, events.LoggedOut(LogoutCause.LOGGED_OUT_EVERYWHERE)),
        (2, True, events.LoggedOut(LogoutCause.KEYS_REFUSED)),
        (4, True, events.LoggedOut(LogoutCause.UNLINKED_ON_PHONE)),
        (5, True, events.Banned(None, "406")),
    ],
)
def test_every_logout_has_its_cause(reason: int, on_connect: bool, told: events.Event):
    assert rules.logged_out(reason, on_connect=on_connect) == told


@pytest.mark.parametrize(
    ("seen_days", "unanswered_days", "lost"),
    [(0, None, False), (2, 2, False), (4, 3, True), (9, None, False), (10, None, True)],
)
def test_a_phone_that_was_not_seen_for_long_counts_as_gone(
    seen_days: int, unanswered_days: int | None, lost: bool
):
    seen = NOW - timedelta(days=seen_days)
    asked = None if unanswered_days is None else NOW - timedelta(days=unanswered_days)
    found = rules.phone_lost(seen, asked, NOW, silent_max=timedelta(days=3))
    assert found == (events.PhoneLost(seen) if lost else None)


def test_a_phone_that_was_never_seen_is_not_missed():
    long_ago = NOW - timedelta(days=99)
    assert rules.phone_lost(None, long_ago, NOW, silent_max=timedelta(days=3)) is None


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("QR https://wa.me/settings/linked_devices#2@abcdefgh,ijk,lmn=", "abcdefgh"),
        ("code 2@vg2a8lKaHfxU7Vaf3oj,uZN2LLRvGcR=", "vg2a"),
        ("key " + "0123456789abcdef" * 4, "0123456789abcdef"),
        ("adv uZN2LLRvGcRY0wspp9Ow2N6aTcuAdw3EOZJiAc=", "uZN2"),
        ('message conversation:"our little secret"', "little"),
        ("failed for 79161234567@s.whatsapp.net", "79161234"),
    ],
)
def test_no_code_key_text_or_whole_number_gets_into_a_log(line: str, secret: str):
    assert secret in line
    assert secret not in rules.masked(line)
