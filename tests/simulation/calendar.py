"""Virtual time: a heap of what happens when. Time stands still between two happenings, and jumps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

Do = Callable[[], object]

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class Appointment:
    """Something that happens at its time, unless it is called off before."""

    at: datetime
    do: Do | None
    is_timer: bool = False
    """It is the timer of a channel, which alone can be moved on over a quiet stretch."""

    def call_off(self) -> None:
        self.do = None


class Calendar:
    """The only clock of a simulated life."""

    def __init__(self) -> None:
        self.now = START
        self._heap: list[tuple[datetime, int, Appointment]] = []
        self._made = 0

    def at(self, moment: datetime, do: Do, *, is_timer: bool = False) -> Appointment:
        """What is due already happens next, after whatever else is due by then."""
        appointment = Appointment(max(moment, self.now), do, is_timer)
        self._made += 1
        heappush(self._heap, (appointment.at, self._made, appointment))
        return appointment

    def later(self, seconds: float, do: Do) -> Appointment:
        return self.at(self.now + timedelta(seconds=seconds), do)

    def next(self) -> Appointment | None:
        """What happens next; it stays in the calendar."""
        while self._heap and self._heap[0][2].do is None:
            heappop(self._heap)
        return self._heap[0][2] if self._heap else None

    def second_at(self) -> datetime | None:
        """When that happens which follows the next."""
        first = self.next()
        if first is None:
            return None
        entry = heappop(self._heap)
        second = self.next()
        heappush(self._heap, entry)
        return None if second is None else second.at

    def live(self, appointment: Appointment) -> None:
        """Let time jump to what happens next, and let it happen."""
        heappop(self._heap)
        self.now = appointment.at
        do, appointment.do = appointment.do, None
        if do is not None:
            do()
