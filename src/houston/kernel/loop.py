"""The shape that all loops share: do the duty, wait for the one reason to wake, survive errors."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from houston.kernel.clock import Clock

log = structlog.get_logger(__name__)

_PAUSES_S = (0.1, 0.5, 1.0, 2.0)


class Bell:
    """A reason to wake: rung by whoever has work, heard once however often it was rung."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds_max: float) -> bool:
        """Return when rung, or after `seconds_max`: a lost ring delays, it never stalls.

        True when it was rung.
        """
        try:
            async with asyncio.timeout(seconds_max):
                return await self._rung.wait()
        except TimeoutError:
            return False
        finally:
            self._rung.clear()


async def keep(duty: Callable[[], Awaitable[None]], name: str, clock: Clock) -> None:
    """Do a duty over and over until cancelled; an error costs a pause, never the loop."""
    failures = 0
    while True:
        try:
            await duty()
            failures = 0
        except Exception as error:
            log.exception("loop_failed", loop=name, error=str(error))
            await clock.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
            failures += 1


async def end(*tasks: "asyncio.Task[None] | None") -> None:
    """Cancel tasks and wait until they are gone."""
    alive = [task for task in tasks if task is not None]
    for task in alive:
        task.cancel()
    await asyncio.gather(*alive, return_exceptions=True)
