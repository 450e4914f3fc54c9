"""What goes into one POST: the longest run of facts that a dialect can tell in one body."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from houston.kernel.feed import Cursor, Event
from houston.webhooks.rules import ITEMS_MAX


@dataclass(frozen=True, slots=True)
class Item:
    """A fact in the words of a dialect. `alone` ones never share a POST."""

    kind: str
    body: Any
    alone: bool = False
    bare: bool = False
    """Its body is no entry of a list. Such a one is `alone`."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How facts are told to those who speak it."""

    hears: frozenset[str]
    """The kinds of facts that it may have words for; no others are read for it."""
    translate: Callable[[Event], Item | None]


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent next. With it, the first `events` facts are dealt with, up to `reached`."""

    items: tuple[Item, ...]
    reached: Cursor
    events: int

    @property
    def kind(self) -> str:
        return self.items[0].kind if self.items else ""

    @property
    def body(self) -> dict[str, Any]:
        """One kind for each POST: clients exist that read only one of two."""
        if self.items and self.items[0].bare:
            return {self.kind: self.items[0].body}
        return {self.kind: [item.body for item in self.items]}


def next_post(
    events: Sequence[Event], dialect: Dialect, kinds: Collection[str], items_max: int = ITEMS_MAX
) -> Post:
    """The longest beginning of the feed that fits into one POST.

    It is empty of items when the events are nothing that the endpoint wants.
    """
    items: list[Item] = []
    for number, event in enumerate(events):
        item = dialect.translate(event)
        if item is None or item.kind not in kinds:
            continue
        if items and not _fits(items, item, items_max):
            return Post(tuple(items), events[number - 1].cursor, number)
        items.append(item)
    return Post(tuple(items), events[-1].cursor, len(events))


def _fits(items: Sequence[Item], item: Item, items_max: int) -> bool:
    same = item.kind == items[0].kind and len(items) < items_max
    return same and not item.alone and not items[0].alone
