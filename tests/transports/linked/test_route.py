"""What channels of one server find on their way to WhatsApp, told to `Route`; its word is in the log."""

from typing import Any

from structlog.testing import capture_logs

from houston.transports.linked_worker.route import Route


def told(*steps: tuple[Any, ...]) -> list[str]:
    """What is in the log after these steps: each a word, a channel, and for `missed` the time."""
    route = Route(patience_seconds=120)
    with capture_logs() as lines:
        for word, *rest in steps:
            getattr(route, word)(*rest)
    return [line["event"] for line in lines]


def misses(channel: str, since: float, until: float) -> list[tuple[Any, ...]]:
    """Tries again every thirty seconds, and is closed in between."""
    tries = [since + 30 * n for n in range(int(until - since) // 30 + 1)]
    return [step for at in tries for step in (("missed", channel, at), ("left", channel))]


def test_when_no_channel_finds_a_way_for_two_minutes_it_is_told_once():
    one, other = misses("one", 10, 280), misses("other", 20, 290)
    both = sorted(one + other, key=lambda step: step[2] if len(step) > 2 else 0)
    assert told(*both) == ["no_way_to_whatsapp"]
    assert told(*[step for step in both if len(step) > 2 and step[2] < 140]) == []


def test_one_channel_that_is_cut_off_is_its_own_trouble():
    assert told(("found", "other"), *misses("one", 10, 1000)) == []


def test_a_channel_that_was_stopped_is_not_asked():
    assert told(("found", "other"), ("left", "other"), *misses("one", 10, 130)) == [
        "no_way_to_whatsapp"
    ]
    assert told(("missed", "one", 0.0), *misses("one", 1000, 1090)) == []
    assert told(("missed", "other", 0.0), *misses("one", 10, 130)) == ["no_way_to_whatsapp"]


def test_that_the_way_is_there_again_is_told_too_and_the_next_loss_anew():
    again = "way_to_whatsapp_found_again"
    lost, anew = misses("one", 10, 130), misses("one", 500, 620)
    assert told(*lost, ("found", "one"), *anew) == [
        "no_way_to_whatsapp",
        again,
        "no_way_to_whatsapp",
    ]
