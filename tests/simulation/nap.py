"""Jumps over quiet stretches: a working link that is probed and answers, over and over.

A jump is taken only where two rounds in a row were alike in everything but their times, nothing else
is in the calendar, and no time in the state lies ahead. Then a hundred rounds more are alike as well.
"""

from collections import deque
from datetime import datetime, timedelta
from math import floor
from typing import TYPE_CHECKING

from houston.channels.changed import changed
from houston.channels.state import State
from tests.simulation.calendar import START, Appointment
from tests.simulation.whatsapp import Stream

if TYPE_CHECKING:
    from tests.simulation.life import Life

QUIET_TURNS_MIN = 3
TOLERANCE = timedelta(seconds=5)
ROUNDS_LEFT = 1
"""So many rounds before something happens are lived through."""


class Nap:
    """Watches the timer of the node that holds the channel."""

    def __init__(self, life: "Life") -> None:
        self._life = life
        self._past: deque[tuple[State, datetime]] = deque(maxlen=2)
        """What was known the last times that the timer fired; a round fires it once or twice."""
        self._wakeful_until = START + timedelta(days=life.traits.wakeful_days)

    def jumps(self, coming: Appointment, moment: datetime) -> bool:
        """If what comes is the next of many quiet rounds, move it to where the quiet ends."""
        node = self._life.leases.holder()
        if node is None or node.held is None or coming is not node.timer:
            return False
        if coming.at < self._wakeful_until:
            return False
        state = node.held.state
        stream = node.stream
        if node.quiet_turns < QUIET_TURNS_MIN or not self._answers(stream):
            self._past.clear()
            return False
        past = list(self._past)
        self._past.append((state, coming.at))
        for before, at in reversed(past):
            moving = _moving(before, state, coming.at - at)
            if moving is not None:
                return self._jumps(coming, moment, coming.at - at, moving)
        return False

    def _answers(self, stream: Stream | None) -> bool:
        """A link that has died unnoticed will not go on as it did."""
        whatsapp = self._life.whatsapp
        return stream is not None and whatsapp.answers(stream)

    def _jumps(
        self, coming: Appointment, moment: datetime, length: timedelta, moving: set[str]
    ) -> bool:
        node = self._life.leases.holder()
        assert node is not None
        assert node.held is not None
        state = node.held.state
        ahead = [at for name, at in _times(state) if name not in moving and at > coming.at]
        quiet_until = min([self._life.calendar.second_at() or moment, moment, *ahead])
        rounds = floor((quiet_until - coming.at) / length) - ROUNDS_LEFT
        if rounds < 1:
            return False
        time = rounds * length
        times = {name: getattr(state, name) + time for name in moving}
        node.held.state = changed(state, **times)
        if node.held.evidence_at is not None:
            node.held.evidence_at += time
        assert coming.do is not None
        node.timer = self._life.calendar.at(coming.at + time, coming.do, is_timer=True)
        coming.call_off()
        self._past.clear()
        self._life.referee.slept(time)
        self._life.note("time", f"{time} pass quietly")
        return True


def _moving(before: State, after: State, length: timedelta) -> set[str] | None:
    """The times that have moved on with the clock; None if anything else has changed."""
    moving = set()
    for name, value in after.__dict__.items():
        old = before.__dict__[name]
        if value == old:
            continue
        if not (isinstance(value, datetime) and isinstance(old, datetime)):
            return None
        if abs(value - old - length) > TOLERANCE:
            return None
        moving.add(name)
    return moving


def _times(state: State) -> list[tuple[str, datetime]]:
    return [(name, at) for name, at in state.__dict__.items() if isinstance(at, datetime)]
