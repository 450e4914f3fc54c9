"""Templates over HTTP on a whole server without loops: kept by managers, used by everybody who writes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.people.hall import Account, Hall
from tests.people.hall import hall as open_hall

HELLO = {"name": "Hello", "text": "Hello, {name}! How can we help?"}


@pytest.fixture
async def hall(database_url: str) -> AsyncIterator[Hall]:
    async with open_hall(database_url) as hall:
        yield hall


@pytest.fixture
async def flowers(hall: Hall) -> Account:
    return await hall.account("Flowers")


async def names(account: Account) -> list[str]:
    return [one["name"] for one in await account.key.get("/templates")]


async def refused(account: Account, body: dict[str, Any]) -> dict[str, Any]:
    answer = await account.key.ask("POST", "/api/v1/templates", json=body)
    assert answer.is_error, answer.text
    told: dict[str, Any] = answer.json()
    return {"status": answer.status_code, **told}


async def test_a_template_is_kept_reworded_and_removed_and_the_feed_tells_of_it(
    flowers: Account,
) -> None:
    made = await flowers.key.post("/templates", HELLO)
    path = f"/api/v1/templates/{made['id']}"
    answer = await flowers.key.ask("PATCH", path, json={"text": "  Good day!  "})
    assert answer.json() == {**made, "text": "Good day!"}
    await flowers.key.ask("PATCH", path, json={"text": "Good day!"})
    assert await flowers.key.get("/templates") == [answer.json()]
    assert (await flowers.key.ask("DELETE", path)).status_code == 204
    assert await names(flowers) == []
    assert (await flowers.key.ask("DELETE", path)).status_code == 404
    assert (await flowers.key.ask("PATCH", path, json={"name": "Bye"})).status_code == 404
    told = [one["details"]["change"] for one in await flowers.key.get("/audit", limit=3)]
    assert told == ["removed", "changed", "added"]


async def test_templates_are_sorted_by_name_however_it_is_written(flowers: Account) -> None:
    for name in ("prices", "Address", "bye"):
        await flowers.key.post("/templates", {"name": name, "text": name})
    assert await names(flowers) == ["Address", "bye", "prices"]


async def test_a_name_is_taken_once_also_by_two_at_the_same_time(flowers: Account) -> None:
    both = [{**HELLO, "name": name} for name in ("Hello", "HELLO")]
    answers = await asyncio.gather(
        *(flowers.key.ask("POST", "/api/v1/templates", json=body) for body in both)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    other = await flowers.key.post("/templates", {"name": "Bye", "text": "Bye!"})
    path = f"/api/v1/templates/{other['id']}"
    answer = await flowers.key.ask("PATCH", path, json={"name": "hello"})
    assert answer.json()["code"] == "CONFLICT"
    assert (await flowers.key.ask("PATCH", path, json={"name": "BYE"})).json()["name"] == "BYE"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "   "}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"name": ""}, "name"),
    ],
)
async def test_what_cannot_be_used_is_refused_by_its_field(
    flowers: Account, change: dict[str, str], field: str
) -> None:
    told = await refused(flowers, HELLO | change)
    assert (told["status"], told["field"]) == (400, field)
    assert await names(flowers) == []


async def test_a_seller_uses_templates_and_a_manager_keeps_them(flowers: Account) -> None:
    _, seller = await flowers.person("Boris", "seller")
    _, manager = await flowers.person("Vera", "manager")
    answer = await seller.ask("POST", "/api/v1/templates", json=HELLO)
    assert answer.status_code == 403
    await manager.post("/templates", HELLO)
    assert [one["text"] for one in await seller.get("/templates")] == [HELLO["text"]]


async def test_one_account_sees_nothing_of_another_ones_templates(flowers: Account) -> None:
    bread = await flowers.hall.account("Bread")
    made = await flowers.key.post("/templates", HELLO)
    path = f"/api/v1/templates/{made['id']}"
    assert await names(bread) == []
    assert (await bread.key.ask("PATCH", path, json={"text": "Bread!"})).status_code == 404
    assert (await bread.key.ask("DELETE", path)).status_code == 404
    assert (await bread.key.post("/templates", HELLO))["name"] == "Hello"
    assert await names(flowers) == ["Hello"]
