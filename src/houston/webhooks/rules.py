"""What goes into one POST, and what an answer to it means. Pure."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from houston.kernel.feed import Cursor, Event

ITEMS_MAX: Final = 100
GIVE_UP_AFTER: Final = timedelta(days=3)
"""How long one POST is tried before it becomes a dead letter."""
_REFUSALS_MAX: Final = 3
"""How often a body that the other side calls wrong is tried, in case it was not the body."""
_PAUSES_SECONDS: Final = (1, 2, 5, 15, 30, 60, 300, 900, 1800, 3600)
_WRONG_ADDRESS: Final = frozenset({401, 403, 404, 405, 410})
_TRY_LATER: Final = frozenset({408, 425, 429})


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


# --- Answers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a POST. Without a code, nothing came: `error` says why."""

    code: int | None
    start: str = ""
    error: str | None = None
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """It arrived."""


@dataclass(frozen=True, slots=True)
class Again:
    """It is tried again, and nothing overtakes it."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Dead:
    """It is put aside for a person to look at, and the next one is sent."""

    why: str


Verdict = Done | Again | Dead


def judge(
    answer: Answer, fails: int, first_failed_at: datetime, now: datetime, chance: float
) -> Verdict:
    """What to do after an answer. `fails` counts this one; `chance` in [0, 1) spreads the retries.

    A wrong address or a server in trouble holds the endpoint back, for days if need be. A body that
    is refused holds it back for a few tries only: the next ones may be welcome.
    """
    code = answer.code
    if code is not None and 200 <= code < 300:
        return Done()
    if code is not None and _refuses_body(code) and fails >= _REFUSALS_MAX:
        return Dead(f"refused with {code}")
    if now - first_failed_at >= GIVE_UP_AFTER:
        return Dead(f"tried for {GIVE_UP_AFTER.days} days; at last: {answer.error or code}")
    pause = float(_PAUSES_SECONDS[min(fails, len(_PAUSES_SECONDS)) - 1])
    asked = min(answer.retry_after_seconds or 0.0, _PAUSES_SECONDS[-1])
    return Again(now + timedelta(seconds=max(pause, asked) * (1 + chance / 4)))


def _refuses_body(code: int) -> bool:
    return 400 <= code < 500 and code not in _WRONG_ADDRESS | _TRY_LATER
