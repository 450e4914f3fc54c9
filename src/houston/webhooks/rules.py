"""What an answer to a POST means, and when it is tried again. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

GIVE_UP_AFTER: Final = timedelta(days=3)
"""How long one POST is tried before it becomes a dead letter."""
_REFUSALS_MAX: Final = 3
"""How often a body that the other side calls wrong is tried, in case it was not the body."""
_PAUSES_SECONDS: Final = (1, 2, 5, 15, 30, 60, 300, 900, 1800, 3600)
_WRONG_ADDRESS: Final = frozenset({401, 403, 404, 405, 410})
_TRY_LATER: Final = frozenset({408, 425, 429})


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
