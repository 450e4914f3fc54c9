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
