"""What goes into one POST: a toy dialect over events made by hand."""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pytest

from houston.kernel.feed import Cursor, Event
from houston.kernel.ids import AccountId, ChannelId, new_id
from houston.webhooks.posts import Dialect, Item, bundled, next_post

ACCOUNT, CHANNEL = AccountId(new_id()), ChannelId(new_id())
NOW = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = {"m": "messages", "s": "statuses", "c": "channels"}
ALL = frozenset(WORDS.values())


def translate(event: Event) -> Item | None:
    """`m1` is a message, `s1` a status, `c1` a change of a channel; of `-` the dialect knows nothing."""
    kind = WORDS.get(event.kind[0])
    return None if kind is None else Item(kind, event.kind, alone=kind == "channels")


TOY = Dialect(frozenset(WORDS), translate)


def feed_of(words: str) -> list[Event]:
    return [
        Event(Cursor(1, 7, number), NOW, ACCOUNT, CHANNEL, word, b"{}")
        for number, word in enumerate(words.split(), 1)
    ]


def posts_of(words: str, kinds: Collection[str] = ALL, size: int = 100) -> list[Any]:
    """All bodies that a feed makes, until it is used up."""
    events, bodies = feed_of(words), []
    while events:
        post = next_post(events, TOY, lambda _, item: item.kind in kinds, size)
        assert post.reached == events[post.events - 1].cursor
        bodies.append(json.loads(bundled(post)) if post.items else None)
        events = events[post.events :]
    return bodies


@pytest.mark.parametrize(
    ("words", "bodies"),
    [
        ("m1", [{"messages": ["m1"]}]),
        ("m1 m2 m3", [{"messages": ["m1", "m2", "m3"]}]),
        ("m1 s1 m2", [{"messages": ["m1"]}, {"statuses": ["s1"]}, {"messages": ["m2"]}]),
        ("- m1 - m2 -", [{"messages": ["m1", "m2"]}]),
        ("c1 c2", [{"channels": ["c1"]}, {"channels": ["c2"]}]),
        ("m1 c1 m2", [{"messages": ["m1"]}, {"channels": ["c1"]}, {"messages": ["m2"]}]),
        ("- - -", [None]),
    ],
)
def test_a_post_is_the_longest_run_of_one_kind(words: str, bodies: list[Any]) -> None:
    assert posts_of(words) == bodies


def test_kinds_that_nobody_asked_for_are_passed_over() -> None:
    assert posts_of("m1 s1 m2 s2", {"messages"}) == [{"messages": ["m1", "m2"]}]
    assert posts_of("s1 s2", {"messages"}) == [None]


def test_a_post_holds_a_hundred_items_at_most() -> None:
    bodies = posts_of(" ".join(f"m{number}" for number in range(250)))
    assert [len(body["messages"]) for body in bodies] == [100, 100, 50]


def test_a_smaller_post_can_be_asked_for() -> None:
    assert posts_of("m1 m2 m3", size=1) == [{"messages": [word]} for word in ("m1", "m2", "m3")]
