"""Counts what passes in a stretch of time, by whoever passes; counted anew with every stretch."""

import math
from collections.abc import Hashable

from houston.kernel.clock import Clock


class Turnstile:
    """Lets so many through in each stretch, on this node."""

    def __init__(self, clock: Clock, passes_max: int, seconds: float) -> None:
        self._clock = clock
        self._passes_max = passes_max
        self._seconds = seconds
        self._stretch = -1
        self._counts: dict[Hashable, int] = {}

    def wait_seconds(self, who: Hashable) -> int:
        """Count one. How many seconds are to be waited when it was one too many; 0 otherwise."""
        now = self._clock.monotonic()
        stretch = int(now // self._seconds)
        if stretch != self._stretch:
            self._stretch = stretch
            self._counts.clear()
        count = self._counts[who] = self._counts.get(who, 0) + 1
        if count <= self._passes_max:
            return 0
        return math.ceil(self._seconds - now % self._seconds)
