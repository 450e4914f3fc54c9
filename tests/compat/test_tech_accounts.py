"""`/tech/accounts`: a partner's program asks a whole server over HTTP for accounts, money and their end."""

import asyncio
from typing import Any

import pytest

from tests.compat.conftest import Crm
from tests.people.hall import Visitor

PARTNERS: Any = {"customers": True, "billing": "on", "billing_own_top_up": True}
pytestmark = pytest.mark.parametrize("hall", [PARTNERS], indirect=True)
ASKED = {
    "name": "Bakery",
    "crmKey": "a-key-of-the-crm-itself",
    "lang": "en",
    "currency": "USD",
}


async def made(crm: Crm, name: str = "Bakery") -> tuple[int, Visitor]:
    answer = await crm.ask("POST", "/tech/accounts", ASKED | {"name": name})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["accountId"], crm.account.hall.with_key(told["apiKey"])


async def hand_over(crm: Crm, number: int, value: int, **more: Any) -> Any:
    answer = await crm.ask(
        "POST", "/tech/accounts/balance", {"accountId": number, "value": value, **more}
    )
    return answer.json()


async def topped_up(crm: Crm, amount: int = 1_000) -> None:
    await crm.account.key.post("/account/top-up", {"amount": amount, "ref": "first"})


async def balance(who: Visitor) -> int:
    return int((await who.ask("GET", "/tech/accounts/balance")).json()["balance"])


async def test_an_account_is_made_with_a_key_of_its_own_and_a_name(crm: Crm) -> None:
    number, theirs = await made(crm)
    account = await theirs.get("/account")
    assert (account["name"], account["money"]["balance"]) == ("Bakery", 0)
    assert await theirs.get("/channels") == []
    another, _ = await made(crm, "Florist")
    assert another != number
    [deed] = [
        one for one in await crm.account.key.get("/audit") if one["details"].get("name") == "Bakery"
    ]
    assert (deed["what"], deed["details"]["change"]) == ("customer.changed", "made")


async def test_money_goes_over_once_for_each_reference_and_none_is_made_or_lost(crm: Crm) -> None:
    await topped_up(crm)
    number, theirs = await made(crm)
    said = [hand_over(crm, number, 300, ref="invoice 7") for _ in range(6)]
    assert await asyncio.gather(*said) == [{"currency": "USD", "balance": 300}] * 6
    assert [await balance(crm.account.key), await balance(theirs)] == [700, 300]
    assert (await hand_over(crm, number, 301, ref="invoice 7"))["error"] == "VALIDATION_ERROR"
    await asyncio.gather(hand_over(crm, number, 100), hand_over(crm, number, 100))
    assert [await balance(crm.account.key), await balance(theirs)] == [500, 500]
    lines = (await theirs.get("/account/ledger"))["entries"]
    assert [(one["kind"], one["amount"], one["actor"]) for one in lines] == [
        ("top_up", amount, "partner") for amount in (100, 100, 300)
    ]


async def test_no_more_goes_over_than_there_is(crm: Crm) -> None:
    await topped_up(crm, 100)
    number, theirs = await made(crm)
    for value in (101, 0, -5, 10**18):
        assert (await hand_over(crm, number, value))["error"] == "VALIDATION_ERROR", value
    told = await asyncio.gather(*(hand_over(crm, number, 60) for _ in range(4)))
    assert sorted(one.get("balance", -1) for one in told) == [-1, -1, -1, 60]
    assert [await balance(crm.account.key), await balance(theirs)] == [40, 60]


async def test_a_closed_account_lets_nobody_in_and_a_repeat_is_harmless(crm: Crm) -> None:
    number, theirs = await made(crm)
    await topped_up(crm)
    channel = {"name": "Sales", "phone": "79990007788", "transport": "simulator"}
    await theirs.post("/channels", channel)
    for _ in range(2):
        answer = await crm.ask("DELETE", f"/tech/accounts/{number}")
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert (await theirs.ask("GET", "/api/v1/channels")).status_code == 401
    assert (await hand_over(crm, number, 1))["error"] == "VALIDATION_ERROR"
    hall = crm.account.hall
    [row] = await hall.rows("select status from channels where phone = $1", channel["phone"])
    assert row["status"] == "DELETED"
    await crm.account.key.post("/channels", channel)  # The number is free again.


async def test_accounts_of_others_are_not_there(crm: Crm) -> None:
    number, theirs = await made(crm)
    stranger = Crm(await crm.account.hall.account("Stranger"))
    for asker in (stranger, crm):
        unknown = [number] if asker is stranger else [0, 10**6, 2**63, 10**30, -1]
        for one in unknown:
            refused = await asker.refused("DELETE", f"/tech/accounts/{one}")
            assert refused["error"] in ("NO_SUCH_ACCOUNT", "NOT_FOUND"), one
    assert (await hand_over(stranger, number, 1))["error"] == "NO_SUCH_ACCOUNT"
    assert (await theirs.ask("GET", "/api/v1/channels")).status_code == 200


async def test_of_several_at_once_only_one_takes_the_last_place(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("houston.people.customers._CUSTOMERS_MAX", 1)
    asked = [crm.ask("POST", "/tech/accounts", ASKED) for _ in range(6)]
    codes = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert sorted(codes) == [200] + [400] * 5


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"currency": "KZT"}, "currency"),
        ({"crmKey": "two words"}, "crmKey"),
    ],
)
async def test_what_cannot_be_is_refused_and_named(
    crm: Crm, said: dict[str, Any], field: str
) -> None:
    refused = await crm.refused("POST", "/tech/accounts", ASKED | said)
    assert (refused["error"], refused["data"]) == ("VALIDATION_ERROR", {"fields": [field]})


async def test_only_the_scopes_for_people_and_money_open_it(crm: Crm) -> None:
    number, _ = await made(crm)
    key = await crm.account.key.post("/keys", {"name": "reads", "scopes": ["read", "set_up"]})
    reader = crm.account.hall.with_key(key["api_key"])
    asked = [
        ("POST", "/tech/accounts", ASKED),
        ("DELETE", f"/tech/accounts/{number}", None),
        ("POST", "/tech/accounts/balance", {"accountId": number, "value": 1}),
    ]
    for method, path, body in asked:
        answer = await reader.ask(method, path, json=body)
        assert (answer.status_code, answer.json()["error"]) == (403, "FORBIDDEN")
