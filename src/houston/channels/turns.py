"""The turns that a channel's wire can take: a code is shown, a round is over, up, lost.

Both what is heard (`learn`) and what time brings (`steer`) lead here. Nothing is opened or closed
here; a link that is down and a round that is over mean that `steer` will close the wire.
"""

from datetime import datetime, timedelta
from typing import Any

from houston.channels.changed import changed
from houston.channels.state import (
    PAIRING_ROUNDS_MAX,
    Link,
    Reason,
    State,
)

RETRY_SECONDS = (0, 1, 2, 5, 10, 20, 30)
"""Pauses before the link is tried again; the last one for good."""
STEADY = timedelta(seconds=60)
"""A link that was up for so long is lost for the first time; a shorter success forgives nothing."""
CODE_GRACE = timedelta(seconds=10)
"""What follows a code may come a little late."""
CODE_TIME_MAX = timedelta(hours=1)


def fresh(state: State) -> State:
    """Somebody wants it to work now: earlier failures no longer make it wait."""
    return changed(state, retry_at=None, failures=0, trouble=Reason.STARTING)


def down(state: State, now: datetime, **facts: Any) -> State:
    """Nothing is connected and nothing is being paired."""
    return changed(
        state,
        **{
            "link": Link.DOWN,
            "link_since": now,
            "backlog": None,
            "probing_since": None,
            "doubted": False,
            "pairing_until": None,
            "code_until": None,
            "confirmation": None,
            **facts,
        },
    )


def lost(state: State, now: datetime, trouble: Reason, detail: str | None) -> State:
    """The wire failed, for a cause that may pass: it is tried again after a pause."""
    steady = state.link is Link.UP and now - state.link_since >= STEADY
    failures = 1 if steady else state.failures + 1
    pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1]
    rounds = state.rounds + (state.code_until is not None)
    return down(
        state,
        now,
        failures=failures,
        retry_at=now + timedelta(seconds=pause),
        trouble=trouble,
        detail=detail,
        rounds=rounds,
        unpaired_reason=_still_unpaired(state, rounds),
    )


def up(state: State, now: datetime) -> State:
    """Everything that waited is here: the channel works."""
    return changed(state, link=Link.UP, link_since=now, trouble=Reason.STARTING)


def code_shown(state: State, until: datetime, number: int, of: int, now: datetime) -> State:
    """A code is live: this round works, and is over if nothing follows the code."""
    soon = min(max(until, now), now + CODE_TIME_MAX)
    return changed(
        state,
        pairing_until=soon + CODE_GRACE,
        code_until=until,
        code_number=number,
        code_of=of,
        confirmation=None,
        failures=0,
        outdated=False,
    )


def round_over(state: State, now: datetime) -> State:
    """All codes of a round ran out. After the last round somebody has to ask for more (S1)."""
    rounds = state.rounds + 1
    return down(state, now, rounds=rounds, unpaired_reason=_still_unpaired(state, rounds))


def _still_unpaired(state: State, rounds: int) -> Reason:
    expired = not state.paired and rounds >= PAIRING_ROUNDS_MAX
    return Reason.CODE_EXPIRED if expired else state.unpaired_reason
