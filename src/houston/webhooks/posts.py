"""What goes into one POST: the longest run of facts that one dialect can tell in one body."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from houston.kernel.feed import Cursor, Event

ITEMS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Item:
    """A fact in the words of a dialect. `alone` ones never share a POST."""

    kind: str
    body: Any
    alone: bool = False


Dialect = Callable[[Event], Item | None]
"""Translates a fact, or says that the dialect has no word for it."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent next. With it, everything up to `reached` is dealt with."""

    items: tuple[Item, ...]
    reached: Cursor

    @property
    def kind(self) -> str:
        return self.items[0].kind if self.items else ""

    @property
    def body(self) -> dict[str, Any]:
        """One kind for each POST: clients exist that read only one of two."""
        return {self.kind: [item.body for item in self.items]}


def next_post(events: Sequence[Event], dialect: Dialect, kinds: Collection[str]) -> Post:
    """The longest beginning of the feed that fits into one POST.

    It is empty of items when the events are nothing that the endpoint wants.
    """
    items: list[Item] = []
    reached = events[0].cursor
    for event in events:
        item = dialect(event)
        if item is None or item.kind not in kinds:
            reached = event.cursor
        elif not items or _fits(items, item):
            items.append(item)
            reached = event.cursor
        else:
            break
    return Post(tuple(items), reached)


def _fits(items: Sequence[Item], item: Item) -> bool:
    same = item.kind == items[0].kind and len(items) < ITEMS_MAX
    return same and not item.alone and not items[0].alone
