"""A clock that stands still until a test moves it. Pauses are real, so that loops breathe."""

import asyncio
from datetime import UTC, datetime, timedelta


class StoppedClock:
    """Both the time of day and the seconds that never run backwards move together, by hand only.

    It starts at the machine's time, because PostgreSQL keeps a clock of its own.
    """

    def __init__(self, *, pauses_are_real: bool = True) -> None:
        self._start = datetime.now(UTC)
        self._passed = timedelta()
        self._pauses_are_real = pauses_are_real
        self.pauses: list[float] = []
        """Every pause that somebody took, whether it was real or not."""

    def now(self) -> datetime:
        return self._start + self._passed

    def monotonic(self) -> float:
        return 1_000.0 + self._passed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(seconds if self._pauses_are_real else 0)

    def advance(self, seconds: float) -> None:
        self._passed += timedelta(seconds=seconds)
