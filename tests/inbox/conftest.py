"""Every test here runs loops; none of them may fail in silence."""

from collections.abc import AsyncIterator

import pytest

from tests.houses import House, housed
from tests.loops import Logged
from tests.loops import logged as logged


@pytest.fixture(autouse=True)
def no_loop_fails(logged: Logged) -> None:
    pass


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A node that drives its channels and sends."""
    async with housed(database_url) as house:
        yield house


@pytest.fixture
async def still_house(database_url: str) -> AsyncIterator[House]:
    """A node that does nothing by itself: what is accepted stays where it is."""
    async with housed(database_url, loops=()) as house:
        yield house
