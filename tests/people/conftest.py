"""Gives tests a whole server and an account on it."""

from collections.abc import AsyncIterator

import pytest

from tests.people.hall import Account, Hall
from tests.people.hall import hall as open_hall


@pytest.fixture
async def hall(database_url: str) -> AsyncIterator[Hall]:
    async with open_hall(database_url, customers=True) as hall:
        yield hall


@pytest.fixture
async def flowers(hall: Hall) -> Account:
    return await hall.account("Flowers")
