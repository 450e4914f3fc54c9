"""Time and chance, as arguments. The only file that may ask the machine for either."""

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable


@runtime_checkable
class Clock(Protocol):
    """What the time is, and how to wait for a later one. The framework checks by it what it gives to routes."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ShiftedClock(SystemClock):
    """The machine's clock, moved ahead by hand: a test of ten minutes takes no time.

    Only `now` moves; waiting is real, so a test that advances must also wake whoever waits.
    """

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self._ahead

    def advance(self, by: timedelta) -> None:
        self._ahead += by


class Chance(Protocol):
    """A source of luck; `random.Random(seed)` is one."""

    def random(self) -> float:
        """A number in [0, 1)."""
        ...


def seeded_chance(seed: int) -> Chance:
    """Luck that comes again with the same seed. Nothing secret may depend on it."""
    return random.Random(seed)  # noqa: S311 - for faults that are to be repeated


def machine_chance() -> Chance:
    """Luck that nobody can repeat."""
    return random.SystemRandom()
