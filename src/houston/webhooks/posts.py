"""What goes into one POST: the longest run of facts that a dialect can tell in one body."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from houston.kernel.feed import Cursor, Event
from houston.webhooks.rules import ITEMS_MAX

TEST: Final = b'{"test":true}'
"""What an address of the Wazzup interface is asked to take before it is taken itself."""


@dataclass(frozen=True, slots=True)
class Item:
    """A fact in the words of a dialect. `alone` ones never share a POST."""

    kind: str
    body: Any
    alone: bool = False
    bare: bool = False
    """Its body is no entry of a list. Such a one is `alone`."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent next. With it, the first `events` facts are dealt with, up to `reached`."""

    items: tuple[Item, ...]
    told: tuple[Cursor, ...]
    """Which facts the items are."""
    reached: Cursor
    events: int

    @property
    def kind(self) -> str:
        return self.items[0].kind if self.items else ""


def bundled(post: Post) -> bytes:
    """One kind for each POST, as a list under its name: clients exist that read only one of two."""
    if post.items[0].bare:
        return msgspec.json.encode({post.kind: post.items[0].body})
    return msgspec.json.encode({post.kind: [item.body for item in post.items]})


def bearer(keys: Sequence[str]) -> dict[str, str]:
    """The receiver's own key, if it has one, by which it knows who calls."""
    return {"authorization": f"Bearer {keys[0]}"} if keys else {}


def bearing(_: Post, __: bytes, secrets: Sequence[str], ___: datetime) -> dict[str, str]:
    return bearer(secrets)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How facts are told to those who speak it."""

    hears: frozenset[str]
    """The kinds of facts that it may have words for; no others are read for it."""
    translate: Callable[[Event], Item | None]
    content: Callable[[Post], bytes] = bundled
    headers: Callable[[Post, bytes, Sequence[str], datetime], Mapping[str, str]] = bearing
    """What shows the receiver who has written; the secrets are the endpoint's, the newest first."""


Wants = Callable[[Event, Item], bool]
"""Whether an endpoint has asked for a fact."""


def next_post(
    events: Sequence[Event], dialect: Dialect, wants: Wants, items_max: int = ITEMS_MAX
) -> Post:
    """The longest beginning of the feed that fits into one POST.

    It is empty of items when the events are nothing that the endpoint wants.
    """
    items: list[Item] = []
    told: list[Cursor] = []
    for number, event in enumerate(events):
        item = dialect.translate(event)
        if item is None or not wants(event, item):
            continue
        if items and not _fits(items, item, items_max):
            return Post(tuple(items), tuple(told), events[number - 1].cursor, number)
        items.append(item)
        told.append(event.cursor)
    return Post(tuple(items), tuple(told), events[-1].cursor, len(events))


def _fits(items: Sequence[Item], item: Item, items_max: int) -> bool:
    same = item.kind == items[0].kind and len(items) < items_max
    return same and not item.alone and not items[0].alone
