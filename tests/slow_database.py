"""A plugin of pytest that makes the database slow, at random: `make soak` shows what counts on its speed."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import pytest

from houston.kernel.db import Database, Tx

Opens = Callable[[Database], AbstractAsyncContextManager[Tx]]

_SECONDS_MAX: Final = 0.05
"""Long beside the five milliseconds between two looks of `until`."""


def pytest_configure(config: pytest.Config) -> None:
    del config
    for way in ("transaction", "single"):
        setattr(Database, way, _slowly(getattr(Database, way)))


def _slowly(opens: Opens) -> Opens:
    @asynccontextmanager
    async def opens_slowly(database: Database) -> AsyncIterator[Tx]:
        await _takes_its_time()
        async with opens(database) as tx:
            yield tx
            await _takes_its_time()
        await _takes_its_time()

    return opens_slowly


async def _takes_its_time() -> None:
    """Mostly short, sometimes long, as on a machine that others use."""
    await asyncio.sleep(random.random() ** 3 * _SECONDS_MAX)
