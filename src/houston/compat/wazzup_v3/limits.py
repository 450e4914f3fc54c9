"""How many requests a key may send: Wazzup's 500 in five seconds, counted anew every five seconds."""

from typing import Final
from uuid import UUID

from houston.compat.wazzup_v3.errors import WazzupError
from houston.kernel.clock import Clock
from houston.kernel.turnstile import Turnstile

WINDOW_SECONDS: Final = 5


class Limit:
    """Counts requests of this node, by key. A limit of 0 is none."""

    def __init__(self, clock: Clock, requests_max: int) -> None:
        self._requests_max = requests_max
        self._turnstile = Turnstile(clock, requests_max, WINDOW_SECONDS)

    def count(self, key: UUID) -> None:
        """Count a request.

        Raises:
            WazzupError: 429, with the seconds until the next window.
        """
        seconds = self._turnstile.wait_seconds(key) if self._requests_max else 0
        if seconds:
            said = f"more than {self._requests_max} requests in {WINDOW_SECONDS} seconds"
            raise WazzupError(
                "TOO_MANY_REQUESTS", said, status=429, headers={"Retry-After": str(seconds)}
            )
