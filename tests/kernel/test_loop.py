"""The shape of all loops, on duties that the test controls, and on a clock that notes each pause."""

import asyncio

import pytest

from houston.kernel.loop import Bell, end, keep
from tests.clocks import StoppedClock
from tests.houses import until
from tests.loops import Logged


class Duty:
    """Fails as often as it is told to, then does well."""

    def __init__(self, *, failures: int = 0) -> None:
        self.failures = failures
        self.turns = 0

    async def __call__(self) -> None:
        self.turns += 1
        await asyncio.sleep(0)
        if self.turns <= self.failures:
            raise ValueError(f"turn {self.turns}")


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(pauses_are_real=False)


# --- Keeping -----------------------------------------------------------------------------------


async def test_does_its_duty_over_and_over(clock: StoppedClock) -> None:
    duty = Duty()
    loop = asyncio.create_task(keep(duty, "test", clock))
    await until(lambda: duty.turns > 10)
    await end(loop)
    assert clock.pauses == [], "the duty itself knows when to wait"


async def test_survives_errors_with_growing_pauses(clock: StoppedClock, logged: Logged) -> None:
    duty = Duty(failures=6)
    loop = asyncio.create_task(keep(duty, "test", clock))
    await until(lambda: duty.turns > 10)
    await end(loop)
    assert clock.pauses == [0.1, 0.5, 1.0, 2.0, 2.0, 2.0]
    assert [(line["event"], line["loop"]) for line in logged] == [("loop_failed", "test")] * 6
    logged.clear()


async def test_a_turn_that_goes_well_forgives_the_failures_before_it(
    clock: StoppedClock, logged: Logged
) -> None:
    turns = iter([ValueError, ValueError, None, ValueError])

    async def duty() -> None:
        await asyncio.sleep(0)
        if (error := next(turns, None)) is not None:
            raise error

    loop = asyncio.create_task(keep(duty, "test", clock))
    await until(lambda: len(clock.pauses) == 3)
    await end(loop)
    assert clock.pauses == [0.1, 0.5, 0.1]
    logged.clear()


async def test_ends_when_it_is_cancelled(clock: StoppedClock) -> None:
    never = asyncio.Event()

    async def duty() -> None:
        await never.wait()

    loop = asyncio.create_task(keep(duty, "test", clock))
    await asyncio.sleep(0)
    await end(loop, None)
    assert loop.cancelled()


async def test_ending_waits_until_all_are_gone(clock: StoppedClock) -> None:
    gone: list[int] = []

    async def slow_to_go(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            gone.append(number)

    tasks = [asyncio.create_task(slow_to_go(n)) for n in range(3)]
    await asyncio.sleep(0)
    await end(*tasks)
    assert gone == [0, 1, 2]


# --- The bell ----------------------------------------------------------------------------------


async def test_a_bell_that_was_rung_before_is_heard_at_once_and_only_once() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    await bell.wait(60)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bell.wait(60), 0.02)


async def test_a_bell_wakes_who_waits() -> None:
    bell = Bell()
    waiting = asyncio.create_task(bell.wait(60))
    await asyncio.sleep(0)
    bell.ring()
    await asyncio.wait_for(waiting, 5)


async def test_a_bell_that_nobody_rings_only_delays() -> None:
    await asyncio.wait_for(Bell().wait(0.01), 5)
