"""What an answer to a POST means, when it is tried again, and how much goes into it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

GIVE_UP_AFTER: Final = timedelta(days=3)
"""How long one POST is tried before it becomes a dead letter."""
ITEMS_MAX: Final = 100
"""How many facts one POST tells at most."""
_ITEMS_AFTER_FAILS: Final = (ITEMS_MAX, 10, 1)
_REFUSALS_MAX: Final = 3
_PAUSES_SECONDS: Final = (1, 2, 5, 15, 30, 60, 300, 900, 1800, 3600)
_SPREAD: Final = 0.25
_WRONG_ADDRESS: Final = frozenset({401, 403, 404, 405, 410})
_TRY_LATER: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a POST. Without a code, nothing came: `error` says why."""

    code: int | None
    start: str = ""
    error: str | None = None
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How it went so far with what is to be sent next."""

    fails: int = 0
    refusals: int = 0
    """How often the body was called wrong, among the fails."""
    first_failed_at: datetime | None = None
    retry_at: datetime | None = None


NO_TROUBLE: Final = Trouble()


@dataclass(frozen=True, slots=True)
class Done:
    """It arrived."""


@dataclass(frozen=True, slots=True)
class Again:
    """It is tried again at `trouble.retry_at`, and nothing overtakes it."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Dead:
    """It is put aside for a person to look at, and the next one is sent."""

    why: str


Verdict = Done | Again | Dead


class Health(StrEnum):
    """How it goes with an endpoint."""

    WORKING = "working"
    FAILING = "failing"
    DEAD_LETTERS = "dead_letters"
    """Something could not be delivered and waits for a person, also while the rest arrives."""
    PAUSED = "paused"


def health(*, failing: bool, dead_letters: bool, paused: bool = False) -> Health:
    """The one word, read off what is known."""
    if paused:
        return Health.PAUSED
    if dead_letters:
        return Health.DEAD_LETTERS
    return Health.FAILING if failing else Health.WORKING


def judge(answer: Answer, trouble: Trouble, now: datetime, chance: float) -> Verdict:
    """What to do after an answer; `chance` in [0, 1) spreads the retries of many endpoints.

    A wrong address or a server in trouble holds the endpoint back, for days if need be. A body that
    is refused holds it back for a few tries only: the next ones may be welcome.
    """
    if answer.code is not None and 200 <= answer.code < 300:
        return Done()
    refusals = trouble.refusals + _refuses_body(answer.code)
    if refusals >= _REFUSALS_MAX:
        return Dead(f"refused with {answer.code}")
    first = trouble.first_failed_at or now
    if now - first >= GIVE_UP_AFTER:
        return Dead(f"tried for {GIVE_UP_AFTER.days} days; at last: {answer.error or answer.code}")
    fails = trouble.fails + 1
    pause = _pause_seconds(fails, answer.retry_after_seconds or 0.0) * (1 + chance * _SPREAD)
    retry_at = now + timedelta(seconds=pause)
    return Again(Trouble(fails=fails, refusals=refusals, first_failed_at=first, retry_at=retry_at))


def _refuses_body(code: int | None) -> bool:
    return code is not None and 400 <= code < 500 and code not in _WRONG_ADDRESS | _TRY_LATER


def _pause_seconds(fails: int, asked: float) -> float:
    """Ever longer, up to an hour; who asks for more time gets it, up to the same hour."""
    pause = _PAUSES_SECONDS[min(fails, len(_PAUSES_SECONDS)) - 1]
    return max(pause, min(asked, _PAUSES_SECONDS[-1]))


def items_max(trouble: Trouble) -> int:
    """How much goes into the next POST: less after each fail.

    A slow receiver manages a small one, and one bad fact does not take ninety-nine good ones along
    when it is put aside.
    """
    return _ITEMS_AFTER_FAILS[min(trouble.fails, len(_ITEMS_AFTER_FAILS) - 1)]
