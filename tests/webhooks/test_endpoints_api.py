"""Endpoints over HTTP, on a whole server whose loops stand still; the receiver is real."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from houston.kernel.texts import integration_texts
from tests.people.conftest import flowers as flowers
from tests.people.conftest import hall as hall
from tests.people.hall import Account, Hall
from tests.webhooks.receiver import Plan, Receiver, receiving

WELL = {"name": "CRM", "url": "https://crm.example/hook"}
UNKNOWN = "01930000-0000-7000-8000-000000000000"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def made(flowers: Account, **wishes: Any) -> dict[str, Any]:
    endpoint: dict[str, Any] = (await flowers.key.post("/endpoints", WELL | wishes))["endpoint"]
    return endpoint


async def test_a_secret_is_shown_once_and_lies_sealed(hall: Hall, flowers: Account):
    answer = await flowers.key.post("/endpoints", WELL)
    secret, endpoint = answer["secret"], answer["endpoint"]
    assert secret.startswith("whsec_")
    assert endpoint["health"] == "working"
    for path in ("/endpoints", f"/endpoints/{endpoint['id']}", "/audit"):
        assert secret not in str(await flowers.key.get(path))
    rows = await hall.rows("select sealed, secret from endpoints")
    assert secret.encode() not in rows[0]["sealed"][0]
    assert rows[0]["secret"] is None


async def test_what_is_left_out_of_a_change_stays(flowers: Account):
    endpoint = await made(flowers, kinds=["message.received"])
    path = f"/api/v1/endpoints/{endpoint['id']}"
    answer = await flowers.key.ask("PATCH", path, json={"name": "New CRM"})
    assert answer.json() == endpoint | {"name": "New CRM"}
    answer = await flowers.key.ask("PATCH", path, json={"kinds": None})
    assert answer.json()["kinds"] is None


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"name": " "}, "name"),
        ({"url": "crm.example"}, "url"),
        ({"url": "ftp://crm.example"}, "url"),
        ({"url": "https://anna:secret@crm.example"}, "url"),
        ({"url": "https://crm.example/" + "a" * 2_000}, "url"),
        ({"url": "https://crm.example:99999/hook"}, "url"),
        ({"kinds": ["message.lost"]}, "kinds"),
        ({"channels": [UNKNOWN]}, "channels"),
    ],
)
async def test_what_cannot_be_told_anything_is_refused_with_the_cure(
    flowers: Account, wishes: dict[str, Any], field: str
):
    answer = await flowers.key.ask("POST", "/api/v1/endpoints", json=WELL | wishes)
    assert answer.status_code == 400
    assert field in answer.json()["detail"]
    assert await flowers.key.get("/endpoints") == []


async def test_a_test_shows_at_once_how_the_receiver_takes_it(flowers: Account, receiver: Receiver):
    answer = await flowers.key.post("/endpoints", WELL | {"url": receiver.url})
    path = f"/endpoints/{answer['endpoint']['id']}/test"
    receiver.plans.append(Plan(500, b"out of order"))
    failed, worked = await flowers.key.post(path), await flowers.key.post(path)
    assert (failed["ok"], failed["code"], failed["answer"]) == (False, 500, "out of order")
    assert (worked["ok"], worked["code"]) == (True, 200)
    post = receiver.arrived[-1]
    told: Any = Webhook(answer["secret"]).verify(post.content, dict(post.headers))
    assert told["kind"] == "test"


async def test_pausing_and_resuming_are_shown_and_audited(flowers: Account):
    endpoint = await made(flowers)
    path = f"/endpoints/{endpoint['id']}"
    assert (await flowers.key.post(f"{path}/pause"))["health"] == "paused"
    assert (await flowers.key.post(f"{path}/pause"))["health"] == "paused"
    assert (await flowers.key.post(f"{path}/resume"))["health"] == "working"
    audit = await flowers.key.get("/audit")
    assert str(audit).count("endpoint.changed") == 4


async def test_how_it_is_is_said_in_the_readers_language(flowers: Account):
    endpoint = await made(flowers)
    assert (endpoint["title"], endpoint["what_to_do"]) == ("Working", None)
    path = f"/api/v1/endpoints/{endpoint['id']}/pause"
    answer = await flowers.key.ask("POST", path, headers={"accept-language": "ru-RU,ru;q=0.9"})
    assert answer.json()["title"] == integration_texts()["ru"].states["webhook"]["paused"].title
    assert answer.json()["what_to_do"] != endpoint["what_to_do"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event_id": "nonsense"},
        {"event_id": "1-2-3", "dead_letters": True},
        {"since": "2026-03-01T12:00:00Z"},
        {"since": "2026-03-01T12:00:00", "until": "2026-03-01T13:00:00"},
        {"since": "2026-03-02T12:00:00Z", "until": "2026-03-01T13:00:00Z"},
    ],
)
async def test_a_replay_names_one_thing_and_says_what_is_wrong(
    flowers: Account, body: dict[str, Any]
):
    endpoint = await made(flowers)
    path = f"/api/v1/endpoints/{endpoint['id']}/replay"
    answer = await flowers.key.ask("POST", path, json=body)
    assert answer.status_code == 400, answer.text


async def test_a_stretch_of_time_is_noted_to_be_told_again(flowers: Account):
    endpoint = await made(flowers)
    await flowers.channel("79990000009")
    path = f"/endpoints/{endpoint['id']}"
    window = {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    assert await flowers.key.post(f"{path}/replay", window) == {"stretches": 1}
    assert (await flowers.key.get(path))["replays"] == 1
    empty = {"since": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z"}
    assert await flowers.key.post(f"{path}/replay", empty) == {"stretches": 0}


async def test_an_event_of_somebody_else_is_not_told(hall: Hall, flowers: Account):
    endpoint = await made(flowers)
    other = await hall.account("Bakery")
    await other.channel("79990000008")
    events = await other.key.get("/events")
    path = f"/api/v1/endpoints/{endpoint['id']}/replay"
    answer = await flowers.key.ask("POST", path, json={"event_id": events[-1]["id"]})
    assert answer.status_code == 404


async def test_the_webhook_of_wazzups_interface_is_listed_and_changed_there(
    flowers: Account, receiver: Receiver
):
    answer = await flowers.key.ask(
        "PATCH",
        "/v3/webhooks",
        json={"webhooksUri": receiver.url, "subscriptions": {"messagesAndStatuses": True}},
    )
    assert answer.status_code == 200, answer.text
    (listed,) = await flowers.key.get("/endpoints")
    assert (listed["dialect"], listed["url"]) == ("wazzup_v3", receiver.url)
    path = f"/api/v1/endpoints/{listed['id']}"
    refused = await flowers.key.ask("PATCH", path, json={"url": "https://other.example"})
    assert refused.status_code == 409
    assert "/v3/webhooks" in refused.json()["detail"]
    assert (await flowers.key.post(f"/endpoints/{listed['id']}/test"))["ok"]


async def test_a_try_that_is_not_there_and_one_of_somebody_else_are_not_found(
    hall: Hall, flowers: Account
):
    endpoint = await made(flowers)
    other = await hall.account("Bakery")
    path = f"/api/v1/endpoints/{endpoint['id']}/attempts/1"
    for asker, wanting in ((flowers, "no such try"), (other, "no such endpoint")):
        answer = await asker.key.ask("GET", path)
        assert answer.status_code == 404
        assert wanting in answer.json()["detail"]


async def test_every_kind_that_is_listed_can_be_subscribed_to(flowers: Account):
    kinds = await flowers.key.get("/events/kinds")
    assert "message.received" in kinds
    assert (await made(flowers, kinds=kinds))["kinds"] == kinds


async def test_there_is_an_end_to_endpoints(flowers: Account, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("houston.webhooks.desk.ENDPOINTS_MAX", 2)
    for _ in range(2):
        await made(flowers)
    answer = await flowers.key.ask("POST", "/api/v1/endpoints", json=WELL)
    assert answer.status_code == 409


async def test_of_several_at_once_only_one_takes_the_last_place_for_endpoints(
    flowers: Account, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("houston.webhooks.desk.ENDPOINTS_MAX", 1)
    asked = [flowers.key.ask("POST", "/api/v1/endpoints", json=WELL) for _ in range(8)]
    codes = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert sorted(codes) == [201] + [409] * 7
