"""Gives tests a whole server, an account on it, and a CRM that speaks the dialect with its key."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.people.hall import Account, Hall
from tests.people.hall import hall as open_hall


@dataclass
class Crm:
    """A program with an account's key."""

    account: Account

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        more = {} if body is None else {"json": body}
        return await self.account.key.ask(method, path, **more)

    async def told(self, path: str) -> Any:
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def put(self, path: str, body: Any) -> None:
        answer = await self.ask("POST", path, body)
        assert (answer.status_code, answer.text) == (200, "OK")

    async def refused(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The body of an answer that is not a success."""
        answer = await self.ask(method, path, body)
        assert answer.status_code >= 400, answer.text
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
async def hall(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Hall]:
    """A test may choose settings: `@pytest.mark.parametrize("hall", [{...}], indirect=True)`."""
    async with open_hall(database_url, **getattr(request, "param", {})) as hall:
        yield hall


@pytest.fixture
async def crm(hall: Hall) -> Crm:
    return Crm(await hall.account("Flowers"))
