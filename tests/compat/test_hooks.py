"""The address of a CRM's webhooks, set over HTTP; a receiver on a real socket sees what it is told by."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests.compat.conftest import Crm
from tests.webhooks.receiver import Plan, Receiver, receiving

PATH = "/v3/webhooks"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


async def test_a_crm_key_stays_until_another_is_given_and_no_table_holds_it_open(
    crm: Crm, receiver: Receiver
) -> None:
    carried: list[str | None] = []
    for key in ({"crmKey": "k3y"}, {}, {"crmKey": "other"}, {"crmKey": ""}):
        answer = await crm.ask("PATCH", PATH, {"webhooksUri": receiver.url, **key})
        assert (answer.status_code, answer.text) == (200, "OK")
        carried.append(receiver.arrived[-1].headers.get("authorization"))
        async with crm.account.hall.database.single() as tx:
            row = await tx.fetchrow("select secret, sealed, e::text as all from endpoints e")
        assert row is not None
        assert (row["secret"], len(row["sealed"])) == (None, int(carried[-1] is not None))
        assert b"k3y".hex() not in row["all"]
    assert carried == ["Bearer k3y", "Bearer k3y", "Bearer other", None]


async def test_a_test_by_hand_carries_the_crm_key(crm: Crm, receiver: Receiver) -> None:
    await crm.ask("PATCH", PATH, {"webhooksUri": receiver.url, "crmKey": "k3y"})
    [endpoint] = await crm.told("/api/v1/endpoints")
    answer = await crm.ask("POST", f"/api/v1/endpoints/{endpoint['id']}/test")
    assert answer.json()["ok"], answer.text
    assert receiver.arrived[-1].headers["authorization"] == "Bearer k3y"


async def test_a_key_that_no_header_can_carry_is_refused(crm: Crm, receiver: Receiver) -> None:
    for key in ("two words", "\u043a\u043b\u044e\u0447", "x" * 201):
        refused = await crm.refused("PATCH", PATH, {"webhooksUri": receiver.url, "crmKey": key})
        assert (refused["error"], refused["data"]) == ("VALIDATION_ERROR", {"fields": ["crmKey"]})
    assert receiver.arrived == []


@pytest.mark.parametrize(
    ("plan", "data"),
    [(Plan(201), 201), (Plan(500), 500), (Plan(302), 302), (Plan(breaks=True), None)],
)
async def test_only_an_address_that_answers_200_is_taken_and_what_was_set_stays(
    crm: Crm, receiver: Receiver, plan: Plan, data: int | None
) -> None:
    on = {"subscriptions": {"channelsUpdates": True}}
    assert (await crm.ask("PATCH", PATH, {"webhooksUri": receiver.url} | on)).status_code == 200
    before = await crm.told(PATH)
    receiver.plans.append(plan)
    off = {"subscriptions": {"channelsUpdates": False}}
    refused = await crm.refused("PATCH", PATH, {"webhooksUri": f"{receiver.url}?again"} | off)
    assert (refused["error"], refused.get("data")) == ("testPostNotPassed", data)
    assert json.loads(receiver.arrived[-1].content) == {"test": True}
    assert await crm.told(PATH) == before


async def test_switches_are_booleans_known_by_both_names_and_go_with_the_address(
    crm: Crm, receiver: Receiver
) -> None:
    asked = {"messagesAndStatuses": "true", "templateStatus": True, "somethingNew": True}
    wanted = {"webhooksUri": receiver.url, "subscriptions": asked, "unknown": 1}
    assert (await crm.ask("PATCH", PATH, wanted)).text == "OK"
    off = dict.fromkeys(("channelsUpdates", "contactsAndDealsCreation"), False)
    on = dict.fromkeys(("messagesAndStatuses", "wabaTemplatesStatus", "templateStatus"), True)
    assert await crm.told(PATH) == {"webhooksUri": receiver.url, "subscriptions": off | on}
    assert (await crm.ask("PATCH", PATH, {"webhooksUri": ""})).text == "OK"
    assert await crm.told(PATH) == {
        "webhooksUri": "",
        "subscriptions": off | dict.fromkeys(on, False),
    }


async def test_switches_that_are_turned_at_once_are_all_turned(
    crm: Crm, receiver: Receiver
) -> None:
    await crm.ask("PATCH", PATH, {"webhooksUri": receiver.url})
    names = ("messagesAndStatuses", "channelsUpdates", "contactsAndDealsCreation")
    off = [{"subscriptions": {"wabaTemplatesStatus": False}}] * 9
    turned = [{"subscriptions": {name: True}} for name in names]
    asked = [crm.ask("PATCH", PATH, body) for body in (*off, *turned, *off)]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
    told = (await crm.told(PATH))["subscriptions"]
    assert {name for name in names if told[name]} == set(names)


async def sealed_in_tables(crm: Crm) -> list[bytes]:
    rows = await crm.account.hall.rows(
        "select sealed from crm_keys union all select unnest(sealed) from endpoints"
    )
    return [row["sealed"] for row in rows]


async def test_a_key_handed_over_first_waits_sealed_for_the_address(
    crm: Crm, receiver: Receiver
) -> None:
    for key in ("earlier", "k3y"):
        answer = await crm.ask("POST", "/v3/connect", {"crmKey": key, "state": "s", "secret": "t"})
        assert (answer.status_code, answer.text) == (200, "OK")
    [sealed] = await sealed_in_tables(crm)
    assert b"k3y" not in sealed
    for _ in range(2):
        assert (await crm.ask("PATCH", PATH, {"webhooksUri": receiver.url})).status_code == 200
        assert receiver.arrived[-1].headers["authorization"] == "Bearer k3y"
    assert len(await sealed_in_tables(crm)) == 1


async def test_a_key_handed_over_later_is_carried_from_then_on(
    crm: Crm, receiver: Receiver
) -> None:
    await crm.ask("PATCH", PATH, {"webhooksUri": receiver.url, "crmKey": "first"})
    assert (await crm.ask("POST", "/v3/connect", {"crmKey": "other"})).status_code == 200
    [endpoint] = await crm.told("/api/v1/endpoints")
    await crm.ask("POST", f"/api/v1/endpoints/{endpoint['id']}/test")
    assert receiver.arrived[-1].headers["authorization"] == "Bearer other"


async def test_a_key_of_ones_own_stands_before_the_one_handed_over(
    crm: Crm, receiver: Receiver
) -> None:
    await crm.ask("POST", "/v3/connect", {"crmKey": "handed"})
    await crm.ask("PATCH", PATH, {"webhooksUri": receiver.url, "crmKey": "own"})
    assert receiver.arrived[-1].headers["authorization"] == "Bearer own"


async def test_what_only_a_marketplace_could_do_is_refused_and_says_so(crm: Crm) -> None:
    for path in ("marketplace", "migration"):
        assert (await crm.refused("POST", f"/v3/{path}", {"crmCode": "x"}))[
            "error"
        ] == "NOT_SUPPORTED"
    for body in ({}, {"crmKey": ""}, {"crmKey": "two words"}):
        assert (await crm.refused("POST", "/v3/connect", body))["error"] == "VALIDATION_ERROR"
    assert await sealed_in_tables(crm) == []
