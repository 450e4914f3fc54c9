"""A clock that stands still until a test moves it. Waiting is real, so that loops still breathe."""

import asyncio
from datetime import UTC, datetime, timedelta


class StoppedClock:
    """Both the time of day and the seconds that never run backwards move together, by hand only.

    It starts at the machine's time, because PostgreSQL keeps a clock of its own.
    """

    def __init__(self) -> None:
        self._start = datetime.now(UTC)
        self._passed = timedelta()

    def now(self) -> datetime:
        return self._start + self._passed

    def monotonic(self) -> float:
        return 1_000.0 + self._passed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def advance(self, seconds: float) -> None:
        self._passed += timedelta(seconds=seconds)
