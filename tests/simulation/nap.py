"""Jumps over quiet stretches: a working link that is probed and answers, over and over.

A jump is taken only where two rounds were alike in everything but their times, nothing else is in the
calendar, and no time in the state lies ahead. Then a hundred rounds more are alike as well.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor
from typing import TYPE_CHECKING

from houston.channels.changed import changed
from houston.channels.state import State
from tests.simulation.calendar import START, Appointment

if TYPE_CHECKING:
    from tests.simulation.life import Life
    from tests.simulation.node import Node

TOLERANCE = timedelta(seconds=5)
ROUNDS_LEFT = 0
"""So many rounds before something happens are lived through."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was known when the timer fired."""

    state: State
    at: datetime


class Nap:
    """Watches the timer of the node that holds the channel."""

    def __init__(self, life: "Life") -> None:
        self._life = life
        self._past: deque[Moment] = deque(maxlen=2)
        """The last times that the timer fired; a round fires it once or twice."""
        self._quiet: Moment | None = None
        """From here on, a round was seen to end as it began."""
        self._round = timedelta()
        self._wakeful_until = START + timedelta(days=life.traits.wakeful_days)

    def jumps(self, coming: Appointment, moment: datetime) -> bool:
        """If what comes is the next of many quiet rounds, move it to where the quiet ends."""
        node = self._life.leases.holder()
        if node is None or node.held is None or coming is not node.timer:
            return False
        if coming.at < self._wakeful_until or not self._answers(node):
            self._past.clear()
            return False
        now = Moment(node.held.state, coming.at)
        moving = self._quiet_since(now)
        return moving is not None and self._jump(node, node.held.state, moving, moment)

    def _answers(self, node: "Node") -> bool:
        """A link that works; one that has died unnoticed will not go on as it did."""
        if node.stream is None or self._life.referee.eyes.status != "ACTIVE":
            return False
        return self._life.whatsapp.answers(node.stream)

    def _quiet_since(self, now: Moment) -> set[str] | None:
        """The times that move in a quiet round that begins now; None if it is not known for quiet."""
        if self._quiet is not None:
            moving = _moving(self._quiet, now)
            if moving is not None:
                return moving
        past = list(self._past)
        self._past.append(now)
        for before in reversed(past):
            moving = _moving(before, now)
            if moving is not None:
                self._quiet, self._round = now, now.at - before.at
                return moving
        return None

    def _jump(self, node: "Node", state: State, moving: set[str], moment: datetime) -> bool:
        coming = node.timer
        assert coming is not None
        assert coming.do is not None
        assert node.held is not None
        ahead = [at for name, at in _times(state) if name not in moving and at > coming.at]
        quiet_until = min([self._life.calendar.second_at() or moment, moment, *ahead])
        rounds = floor((quiet_until - coming.at) / self._round) - ROUNDS_LEFT
        if rounds < 1:
            return False
        time = rounds * self._round
        times = {name: getattr(state, name) + time for name in moving}
        node.held.state = changed(state, **times)
        if node.held.evidence_at is not None:
            node.held.evidence_at += time
        node.timer = self._life.calendar.at(coming.at + time, coming.do, is_timer=True)
        coming.call_off()
        self._past.clear()
        self._life.referee.slept(time)
        self._life.note("time", f"{time} pass quietly")
        return True


def _moving(before: Moment, after: Moment) -> set[str] | None:
    """The times that have moved on with the clock; None if anything else has changed."""
    passed, moving = after.at - before.at, set[str]()
    old = before.state.__dict__
    for name, value in after.state.__dict__.items():
        if value is old[name] or value == old[name]:
            continue
        if not (isinstance(value, datetime) and isinstance(old[name], datetime)):
            return None
        if abs(value - old[name] - passed) > TOLERANCE:
            return None
        moving.add(name)
    return moving or None


def _times(state: State) -> list[tuple[str, datetime]]:
    return [(name, at) for name, at in state.__dict__.items() if isinstance(at, datetime)]
