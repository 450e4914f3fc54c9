"""Windows into the console: a CRM asks for a link, a page opens it and asks every route with its bearer."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.compat.conftest import Crm
from tests.people.hall import Hall, Visitor
from tests.people.requests import Route, routes
from tests.people.test_isolation import beginning_of_stream

LENA, SECRET = "79161234567", "79169999999"
CARD: dict[str, Any] = {
    "user": {"id": "anna", "name": "Anna"},
    "scope": "card",
    "filter": [{"chatType": "whatsapp", "chatId": LENA, "name": "Lena"}],
}
GLOBAL = {"user": {"id": "anna", "name": "Anna"}, "scope": "global"}


async def link(crm: Crm, body: dict[str, Any]) -> str:
    """The token in the address that the CRM gets."""
    answer = await crm.ask("POST", "/v3/iframe", body)
    assert answer.status_code == 200, answer.text
    address, _, token = answer.json()["url"].partition("#")
    assert address == f"{crm.account.hall.url}/window"
    return str(token)


async def take(hall: Hall, token: str) -> Any:
    return await hall.http.post("/api/v1/windows", json={"token": token})


async def opened(crm: Crm, body: dict[str, Any]) -> Visitor:
    answer = await take(crm.account.hall, await link(crm, body))
    assert answer.status_code == 200, answer.text
    return crm.account.hall.with_key(answer.json()["bearer"])


@pytest.fixture
async def channel(crm: Crm) -> str:
    """With a chat that a card shows and one that it must not."""
    channel = await crm.account.channel("79990001122")
    await crm.account.message(channel, LENA, "hello Lena")
    await crm.account.message(channel, SECRET, "secretword")
    return channel


async def test_the_page_learns_what_the_crm_said_and_how_long_it_may_look(crm: Crm) -> None:
    body = CARD | {"activeChat": {"chatType": "whatsapp", "chatId": LENA}, "options": {"x": True}}
    told = (await take(crm.account.hall, await link(crm, body))).json()
    assert (told["user_id"], told["user_name"], told["shown"]) == ("anna", "Anna", body)
    assert told["expires_at"] > crm.account.hall.clock.now().isoformat()


async def test_a_link_opens_once_and_soon_and_a_window_closes_after_a_working_day(
    crm: Crm,
) -> None:
    hall = crm.account.hall
    token, late = await link(crm, CARD), await link(crm, CARD)
    bearer = (await take(hall, token)).json()["bearer"]
    hall.clock.advance(5 * 60 + 1)
    for one in (token, late, "made up", bearer):
        answer = await take(hall, one)
        assert (answer.status_code, answer.json()["code"]) == (401, "NOT_ALLOWED")
    window = hall.with_key(bearer)
    assert (await window.ask("GET", "/api/v1/chats")).status_code == 200
    hall.clock.advance(12 * 3600)
    assert (await window.ask("GET", "/api/v1/chats")).status_code == 401


async def test_a_window_closes_with_the_key_that_opened_it(crm: Crm, channel: str) -> None:
    made = await crm.account.key.post("/keys", {"name": "crm", "scopes": ["read", "write"]})
    other = crm.account.hall.with_key(made["api_key"])
    answer = await other.ask("POST", "/v3/iframe", json=GLOBAL)
    waiting = (await other.ask("POST", "/v3/iframe", json=GLOBAL)).json()["url"].split("#")[1]
    token = answer.json()["url"].partition("#")[2]
    window = crm.account.hall.with_key((await take(crm.account.hall, token)).json()["bearer"])
    assert len(await window.get("/chats")) == 2
    await crm.account.key.ask("DELETE", f"/api/v1/keys/{made['key']['id']}")
    assert (await window.ask("GET", "/api/v1/chats")).status_code == 401
    assert (await take(crm.account.hall, waiting)).status_code == 401


async def test_a_card_shows_and_writes_to_its_own_chats_alone(crm: Crm, channel: str) -> None:
    window = await opened(crm, CARD)
    (chat,) = await window.get("/chats")
    assert (await window.get("/chats/count"))["chats"] == 1
    said = await window.post("/messages", {"channel_id": channel, "chat_id": LENA, "text": "hi"})
    assert (await window.get(f"/messages/{said['id']}"))["author"] == "Anna"
    assert said["chat_id"] == chat["id"]
    hidden = next(one for one in await crm.account.key.get("/chats") if one["id"] != chat["id"])
    (secret,) = [
        one
        for one in await crm.account.key.get(f"/chats/{hidden['id']}/messages")
        if one["text"] == "secretword"
    ]
    for method, path, body in (
        ("GET", f"/chats/{hidden['id']}", None),
        ("GET", f"/chats/{hidden['id']}/messages", None),
        ("PATCH", f"/chats/{hidden['id']}", {"unanswered": 0}),
        ("GET", f"/messages/{secret['id']}", None),
        ("PATCH", f"/messages/{secret['id']}", {"text": "changed"}),
        ("DELETE", f"/messages/{secret['id']}", None),
        ("POST", f"/messages/{secret['id']}/reaction", {"emoji": "👍"}),
        ("POST", "/messages", {"channel_id": channel, "chat_id": SECRET, "text": "hi"}),
        ("POST", "/messages", {"channel_id": channel, "chat_id": hidden["id"], "text": "hi"}),
        ("POST", "/messages/preview", {"channel_id": channel, "chat_id": SECRET, "text": "hi"}),
    ):
        answer = await window.ask(method, f"/api/v1{path}", json=body)
        assert answer.status_code == 404, f"{method} {path}: {answer.text}"


async def test_nothing_of_another_chat_comes_through_any_address_nor_the_stream(
    crm: Crm, channel: str
) -> None:
    """Every address of the description is asked for; the secret chat's words are in no answer."""
    window = await opened(crm, CARD)
    ids = {"channel_id": channel}
    for route in await described(crm):
        if route.is_stream:
            heard = await beginning_of_stream(window, route.path)
            assert LENA in heard
        else:
            heard = (await ask(window, route, ids)).text
        assert SECRET not in heard, route
        assert "secretword" not in heard, route


async def test_a_window_opens_no_route_but_those_that_offer_themselves_to_it(
    crm: Crm, channel: str
) -> None:
    window = await opened(crm, GLOBAL)
    offered = set()
    for route in await described(crm):
        if route.is_stream or route.path == "/api/v1/windows":
            continue
        status = (await ask(window, route, {"channel_id": channel})).status_code
        if status not in (401, 403):
            offered.add(str(route).replace("/api/v1", ""))
    assert offered == {
        "GET /channels",
        "GET /channels/{channel_id}",
        "GET /chats",
        "GET /chats/count",
        "GET /chats/{chat}",
        "GET /chats/{chat}/messages",
        "PATCH /chats/{chat}",
        "POST /chats/{chat}/presence",
        "POST /messages",
        "POST /messages/preview",
        "GET /messages/{message_id}",
        "PATCH /messages/{message_id}",
        "DELETE /messages/{message_id}",
        "POST /messages/{message_id}/reaction",
        "GET /templates",
    }
    for path in ("/v3/channels", "/tech/channels/list", "/v3/iframe"):
        assert (await window.ask("GET", path)).status_code in (401, 405)
    assert (await window.ask("POST", "/v3/message", json={})).status_code == 401


async def test_a_window_may_no_more_than_its_key_and_the_role_of_its_user(
    crm: Crm, channel: str
) -> None:
    another = await crm.account.channel("79990003344", "Support")
    await crm.put("/v3/users", [{"id": "anna", "name": "Anna"}])
    role = {"channelId": channel, "userId": "anna", "role": "auditor"}
    assert (await crm.ask("PATCH", "/tech/settings", {"userRoles": [role]})).status_code == 200
    window = await opened(crm, GLOBAL)
    assert [one["id"] for one in await window.get("/channels")] == [channel]
    for where in (channel, another):
        body = {"channel_id": where, "chat_id": LENA, "text": "hi"}
        assert (await window.ask("POST", "/api/v1/messages", json=body)).status_code == 403
    stranger = await opened(crm, {"user": {"id": "stranger"}, "scope": "global"})
    assert (await stranger.ask("GET", "/api/v1/chats")).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"user": {"id": ""}},
        {"user": {"name": "Anna"}},
        {"user": {"id": "anna", "name": "x" * 201}},
        {"scope": "everything"},
        {"filter": []},
        {"filter": None},
        {"filter": [{"chatType": "pigeon", "chatId": LENA}]},
        {"filter": [{"chatType": "whatsapp", "chatId": "nobody"}]},
        {"filter": [{"chatType": "whatsapp", "chatId": LENA}] * 101},
        {"options": {"nul": "\x00"}},
        {"options": {"long": "x" * 70_000}},
        {"scope": "global", "filter": [{"chatType": "nul\x00"}]},
    ],
)
async def test_what_cannot_be_opened_is_told_as_this_route_tells_errors(
    crm: Crm, change: dict[str, Any]
) -> None:
    refused = await crm.refused("POST", "/v3/iframe", CARD | change)
    assert (refused["status"], refused["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_a_card_of_somebody_who_is_not_on_whatsapp_shows_no_chat(
    crm: Crm, channel: str
) -> None:
    window = await opened(crm, CARD | {"filter": [{"chatType": "telegram", "chatId": "lena"}]})
    assert await window.get("/chats") == []


async def described(crm: Crm) -> list[Route]:
    found = routes(await crm.account.key.get("/openapi.json"))
    return [one for one in found if one.path.startswith("/api/") and "/session" not in one.path]


async def ask(window: Visitor, route: Route, ids: dict[str, str]) -> Any:
    path = route.path
    asked = route.operation.get("parameters", ())
    needed = {one["name"]: "x" for one in asked if one["in"] == "query" and one["required"]}
    for one in asked:
        unknown = "1" if one["schema"].get("type") == "integer" else str(uuid4())
        path = path.replace(f"{{{one['name']}}}", ids.get(one["name"], unknown))
    body = None if route.method in ("GET", "DELETE") else json.dumps({})
    return await window.ask(route.method, path, content=body, params=needed)
