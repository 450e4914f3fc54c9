"""`/tech`: a partner's program asks a whole server over HTTP to make, steer and delete channels."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.compat.conftest import Crm


async def made(crm: Crm, phone: str = "79990001122") -> dict[str, Any]:
    answer = await crm.ask("POST", "/tech/channels/whatsapp", {"name": "Sales", "phone": phone})
    assert answer.status_code == 200, answer.text
    item: dict[str, Any] = answer.json()
    return item


async def test_a_channel_is_made_and_listed_in_both_interfaces(crm: Crm) -> None:
    item = await made(crm)
    assert (item["phone"], item["name"], item["transport"]) == ("79990001122", "Sales", "whatsapp")
    assert item["state"] in ("qr", "qridle")
    assert await crm.told("/tech/channels/list") == {"channels": [item], "count": 1}
    assert await crm.told(f"/tech/channels/whatsapp/{item['guid']}") == item
    assert [one["channelId"] for one in await crm.told("/v3/channels")] == [item["guid"]]


async def test_a_live_code_is_shown_to_who_may_scan_it(crm: Crm) -> None:
    item = await made(crm)
    hall = crm.account.hall
    async with hall.database.transaction() as tx:
        await tx.execute(
            "update channels set qr_code = 'scan me', qr_until = $1::timestamptz + interval '20 s'",
            hall.clock.now(),
        )
    path = f"/tech/channels/whatsapp/{item['guid']}"
    assert (await crm.told(path))["qr"] == "scan me"
    hall.clock.advance(21)
    assert (await crm.told(path))["qr"] is None
    key = await crm.account.key.post("/keys", {"name": "reads", "scopes": ["read"]})
    answer = await hall.with_key(key["api_key"]).ask("GET", path)
    assert (answer.status_code, answer.json()["error"]) == (403, "FORBIDDEN")


async def test_disable_enable_reinit_and_delete_do_what_they_say_and_repeats_are_harmless(
    crm: Crm,
) -> None:
    path = f"/tech/channels/whatsapp/{(await made(crm))['guid']}"
    for command, state in (("disable", "disabled"), ("enable", "qr"), ("reinit", "qr")):
        for _ in range(2):
            answer = await crm.ask("POST", f"{path}/{command}")
            assert (answer.status_code, answer.json()["state"][:2]) == (200, state[:2])
    for _ in range(2):
        assert (await crm.ask("DELETE", path, {"deleteChats": True})).status_code == 200
    assert (await crm.told("/tech/channels/list"))["count"] == 0
    assert await crm.told("/v3/channels") == []


async def test_errors_are_told_in_the_words_of_the_dialect(crm: Crm) -> None:
    nobody = f"/tech/channels/whatsapp/{uuid4()}"
    for method, path in (("GET", nobody), ("DELETE", nobody), ("POST", f"{nobody}/reinit")):
        refused = await crm.refused(method, path)
        assert (refused["status"], refused["error"]) == (404, "CHANNEL_NOT_FOUND")
    refused = await crm.refused("POST", "/tech/channels/whatsapp", {"phone": "none"})
    assert (refused["error"], refused["data"]) == ("VALIDATION_ERROR", {"fields": ["phone"]})
    item = await made(crm)
    assert (await crm.refused("POST", "/tech/channels/whatsapp", {"phone": item["phone"]}))[
        "status"
    ]
    for path in (
        "/tech/channels/telegram",
        f"/tech/channels/whatsapp/{item['guid']}/fly",
        "/tech/x",
    ):
        assert (await crm.refused("POST", path, {"phone": "79990001199"}))["status"] in (400, 404)
    answer = await crm.account.hall.http.get("/tech/channels/list")
    assert (answer.status_code, answer.json()["error"]) == (401, "UNAUTHORIZED")
    assert (await crm.refused("GET", "/tech/accounts/balance"))["status"] == 400


async def test_roles_are_set_whole_and_only_to_who_and_what_there_is(crm: Crm) -> None:
    channel = (await made(crm))["guid"]
    await crm.put("/v3/users", [{"id": "anna", "name": "Anna"}])
    role = {"channelId": channel, "userId": "anna", "role": "seller", "allowGetNewClients": True}
    answer = await crm.ask("PATCH", "/tech/settings", {"userRoles": [role]})
    assert (answer.status_code, answer.json()) == (200, {"userRoles": [role]})
    wrong = [role, role, role | {"userId": "nobody"}, role | {"channelId": str(uuid4())}]
    refused = await crm.refused("PATCH", "/tech/settings", {"userRoles": wrong})
    assert [(one["index"], one["fields"]) for one in refused["data"]] == [
        (1, ["userId"]),
        (2, ["userId"]),
        (3, ["channelId"]),
    ]
    assert await crm.told("/tech/settings") == {"userRoles": [role]}
    answer = await crm.ask("DELETE", "/v3/users/anna")
    assert await crm.told("/tech/settings") == {"userRoles": []}


async def test_roles_that_are_set_at_once_are_set_by_one_of_the_two(crm: Crm) -> None:
    channel = (await made(crm))["guid"]
    await crm.put("/v3/users", [{"id": "anna", "name": "Anna"}])
    roles = [
        {"channelId": channel, "userId": "anna", "role": word, "allowGetNewClients": False}
        for word in ("seller", "manager") * 4
    ]
    asked = [crm.ask("PATCH", "/tech/settings", {"userRoles": [role]}) for role in roles]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
    [left] = (await crm.told("/tech/settings"))["userRoles"]
    assert left in roles


@pytest.mark.parametrize("uri", ["", "ftp://example", "http://127.0.0.1:9/nobody"])
async def test_an_address_is_tried_and_refused_in_the_words_of_the_webhook_routes(
    crm: Crm, uri: str
) -> None:
    refused = await crm.refused("POST", "/tech/webhooks/test", {"webhooksUri": uri})
    assert refused["error"] == ("testPostNotPassed" if "127" in uri else "uriNotValid")


async def test_accounts_make_no_others_unless_the_server_allows_it(crm: Crm) -> None:
    for method, path, body in (
        ("POST", "/tech/accounts", {"name": "Bakery"}),
        ("DELETE", "/tech/accounts/1", None),
        ("POST", "/tech/accounts/balance", {"accountId": 1, "value": 1}),
    ):
        refused = await crm.refused(method, path, body)
        assert refused["error"] == "FORBIDDEN"
        assert "HOUSTON_CUSTOMERS" in refused["description"]
