"""How many requests a key may send: Wazzup's 500 in five seconds, counted anew every five seconds."""

import math
from typing import Final
from uuid import UUID

from houston.compat.wazzup_v3.errors import WazzupError
from houston.kernel.clock import Clock

WINDOW_SECONDS: Final = 5


class Limit:
    """Counts requests of this node, by key."""

    def __init__(self, clock: Clock, requests_max: int) -> None:
        self._clock = clock
        self._requests_max = requests_max
        self._window = -1
        self._counts: dict[UUID, int] = {}

    def count(self, key: UUID) -> None:
        """Count a request.

        Raises:
            WazzupError: 429, with the seconds until the next window.
        """
        if not self._requests_max:
            return
        now = self._clock.monotonic()
        window = int(now // WINDOW_SECONDS)
        if window != self._window:
            self._window = window
            self._counts.clear()
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count > self._requests_max:
            seconds = math.ceil(WINDOW_SECONDS - now % WINDOW_SECONDS)
            said = f"more than {self._requests_max} requests in {WINDOW_SECONDS} seconds"
            raise WazzupError(
                "TOO_MANY_REQUESTS", said, status=429, headers={"Retry-After": str(seconds)}
            )
