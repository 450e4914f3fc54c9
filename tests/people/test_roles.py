"""One table says what each route is about and one what each role may; every pair is asked over HTTP.

A route that the table does not name yet is held to the scope that its own description tells.
"""

from typing import Any
from uuid import uuid4

import pytest

from tests.people.hall import Account, Hall, Visitor
from tests.people.requests import Route, routes

ABOUT = {
    "GET /api/v1/account": "anybody",
    "GET /api/v1/session": "anybody",
    "PUT /api/v1/session/password": "anybody",
    "POST /api/v1/session": "nobody yet",
    "POST /api/v1/session/invitation": "nobody yet",
    "POST /api/v1/windows": "nobody yet",
    "POST /v3/iframe": "write",
    "DELETE /api/v1/session": "anybody",
    "GET /api/v1/channels": "read",
    "GET /api/v1/channels/{channel_id}": "read",
    "GET /api/v1/channels/{channel_id}/history": "read",
    "GET /api/v1/channels/{channel_id}/queue": "read",
    "GET /api/v1/channels/{channel_id}/queue/messages": "read",
    "GET /api/v1/chats": "read",
    "GET /api/v1/chats/{chat}/messages": "read",
    "GET /api/v1/messages/{message_id}": "read",
    "POST /api/v1/messages/preview": "read",
    "GET /api/v1/events": "read",
    "GET /api/v1/stream": "read",
    "POST /api/v1/messages": "write",
    "PATCH /api/v1/messages/{message_id}": "write",
    "DELETE /api/v1/messages/{message_id}": "write",
    "POST /api/v1/messages/{message_id}/decide": "write",
    "POST /api/v1/channels/{channel_id}/queue/cancel": "write",
    "PATCH /api/v1/chats/{chat}": "write",
    "POST /api/v1/chats/{chat}/presence": "write",
    "GET /api/v1/channels/{channel_id}/qr": "steer",
    "POST /api/v1/channels/{channel_id}/{command}": "steer",
    "GET /v3/channels": "read",
    "POST /api/v1/files": "write",
    "POST /v3/message": "write",
    "PATCH /v3/message/{message_id}": "write",
    "DELETE /v3/message/{message_id}": "write",
}
ABOUT |= {
    "POST /api/v1/channels": "set_up",
    "PATCH /api/v1/channels/{channel_id}": "set_up",
    "DELETE /api/v1/channels/{channel_id}": "set_up",
    "GET /api/v1/account/ledger": "pay",
    "POST /api/v1/account/top-up": "pay",
    "POST /api/v1/account/promise": "pay",
    "POST /api/v1/account/checkout": "pay",
    "GET /v3/webhooks": "set_up",
    "PATCH /v3/webhooks": "set_up",
    "GET /v3/users": "read",
    "GET /v3/unanswered/{user_id}": "read",
    "GET /v3/templates/whatsapp": "read",
    "GET /tech/channels/list": "steer",
    "POST /tech/channels/{transport}": "set_up",
    "POST /tech/channels/{transport}/{channel_id}/{command}": "steer",
    "DELETE /tech/channels/{transport}/{channel_id}": "set_up",
    "GET /tech/accounts/balance": "pay",
    "GET /v3/contacts": "read",
    "GET /v3/deals": "read",
    "GET /v3/pipelines": "read",
    "POST /v3/users": "set_up",
    "POST /v3/pipelines": "set_up",
    "POST /v3/contacts": "write",
    "POST /v3/deals": "write",
    "GET /api/v1/people": "administer",
    "POST /api/v1/people": "administer",
    "GET /api/v1/people/{person_id}": "administer",
    "PATCH /api/v1/people/{person_id}": "administer",
    "DELETE /api/v1/people/{person_id}": "administer",
    "POST /api/v1/people/{person_id}/reset": "administer",
    "GET /api/v1/keys": "administer",
    "POST /api/v1/keys": "administer",
    "DELETE /api/v1/keys/{key_id}": "administer",
    "GET /api/v1/audit": "administer",
    "PATCH /api/v1/account": "administer",
}
ROLES = {
    "auditor": {"read"},
    "seller": {"read", "write"},
    "manager": {"read", "write", "steer"},
    "administrator": {"read", "write", "steer", "set_up", "pay", "administer"},
}
SCOPES = sorted(ROLES["administrator"])
_LEFT_OUT = {"GET /health/live", "GET /health/ready", "GET /metrics"}
_BODIES: dict[str, Any] = {
    "POST /api/v1/messages": {"text": "hello"},
    "POST /api/v1/messages/preview": {"text": "hello"},
    "PATCH /api/v1/messages/{message_id}": {"text": "changed"},
    "POST /api/v1/messages/{message_id}/decide": {"arrived": True},
    "POST /api/v1/channels/{channel_id}/queue/cancel": {"ids": []},
    "PATCH /api/v1/chats/{chat}": {"unanswered": 1},
    "POST /api/v1/chats/{chat}/presence": {"writing": True},
    "PUT /api/v1/session/password": {"old": "wrong password", "new": "another password"},
}


class Office:
    """An account with a chat, and a way to ask every route about it in earnest."""

    def __init__(self, account: Account, channel: str, message: dict[str, Any]) -> None:
        self.account = account
        self.channel = channel
        self._ids = {
            "channel_id": channel,
            "chat": message["chat_id"],
            "message_id": message["id"],
            "command": "check",
        }

    async def ask(self, caller: Visitor, route: Route) -> int:
        path, asked = route.path, route.operation.get("parameters", ())
        for one in asked:
            unknown = "1" if one["schema"].get("type") == "integer" else str(uuid4())
            path = path.replace(f"{{{one['name']}}}", self._ids.get(one["name"], unknown))
        needed = [one for one in asked if one["in"] == "query" and one["required"]]
        body = dict(_BODIES.get(str(route), {}))
        if path.startswith("/api/v1/messages") and route.method == "POST" and "text" in body:
            body |= {"channel_id": self.channel, "chat_id": "79160001111"}
        if route.is_stream:
            return await _status_of_stream(caller, path)
        sent = {} if route.method in ("GET", "DELETE") else {"json": body}
        params = {one["name"]: "a.txt" for one in needed}
        answer = await caller.ask(route.method, path, params=params, **sent)
        assert answer.status_code < 500, answer.text
        if answer.status_code == 403:
            told = answer.json()
            if path.startswith("/api/"):
                assert "administrator" in told["who_can"]
                assert self.account.email in told["cure"]
        return answer.status_code


async def _status_of_stream(caller: Visitor, path: str) -> int:
    headers = {**caller.headers}
    headers["cookie"] = "; ".join(f"{name}={one}" for name, one in caller.cookies.items())
    async with caller.http.stream("GET", path, headers=headers) as answer:
        return answer.status_code


@pytest.fixture
async def office(flowers: Account) -> Office:
    channel = await flowers.channel("79990001122")
    return Office(flowers, channel, await flowers.message(channel, "79160001111", "hello"))


async def described(account: Account) -> list[Route]:
    found = routes(await account.key.get("/openapi.json"))
    return [route for route in found if str(route) not in _LEFT_OUT]


def may(doing: set[str], route: Route) -> bool:
    about = ABOUT.get(str(route)) or route.operation.get("x-scope", "anybody")
    return about in ("anybody", "nobody yet") or about in doing


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_exactly_what_the_table_says(office: Office, role: str) -> None:
    _, person = await office.account.person("Boris", role)
    for route in await described(office.account):
        if route.path.startswith(("/v3/", "/tech/")) or str(route) == "DELETE /api/v1/session":
            continue
        status = await office.ask(person, route)
        assert (status != 403) == may(ROLES[role], route), f"{role}: {route} -> {status}"


@pytest.mark.parametrize("role", ["auditor", "seller", "manager"])
async def test_a_role_on_one_channel_is_none_on_another(office: Office, role: str) -> None:
    elsewhere = await office.account.channel("79990003344")
    _, person = await office.account.person("Boris", None, {elsewhere: role})
    for route in await described(office.account):
        about = ABOUT.get(str(route))
        if (
            about in ("read", "write", "steer")
            and "{" in route.path
            and route.path.startswith("/api/")
        ):
            status = await office.ask(person, route)
            assert status in (403, 404), f"{route} -> {status}"
    assert [one["id"] for one in await person.get("/channels")] == [elsewhere]
    assert await person.get("/chats") == []
    events = await person.get("/events")
    assert {event["channel_id"] for event in events} == {elsewhere}


async def test_who_has_no_role_anywhere_sees_nothing(office: Office) -> None:
    _, person = await office.account.person("Boris", None)
    for route in await described(office.account):
        if ABOUT.get(str(route)) in ("anybody", "nobody yet") or not route.path.startswith("/api/"):
            continue
        assert await office.ask(person, route) in (403, 404), route


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_key_may_exactly_what_its_scope_says(office: Office, scope: str) -> None:
    made = await office.account.key.post("/keys", {"name": scope, "scopes": [scope]})
    key = office.account.hall.with_key(made["api_key"])
    for route in await described(office.account):
        status = await office.ask(key, route)
        assert (status != 403) == may({scope}, route), f"{scope}: {route} -> {status}"


async def test_a_sign_in_does_not_open_the_foreign_dialect(office: Office) -> None:
    answer = await office.account.owner.ask("GET", "/v3/channels")
    assert answer.status_code == 401


async def test_the_tables_name_only_routes_that_exist(office: Office) -> None:
    assert ABOUT.keys() <= {str(route) for route in await described(office.account)}


async def test_the_description_tells_the_scope_that_a_route_takes(office: Office) -> None:
    for route in await described(office.account):
        about = ABOUT.get(str(route))
        if about is not None:
            told = route.operation.get("x-scope")
            assert told == (None if about in ("anybody", "nobody yet") else about), route


async def test_nothing_is_told_to_whoever_is_not_known(hall: Hall, office: Office) -> None:
    stranger = Visitor(hall.http)
    for route in await described(office.account):
        if (
            route.path.startswith(("/api/", "/v3/", "/tech/"))
            and ABOUT.get(str(route)) != "nobody yet"
        ):
            assert await office.ask(stranger, route) == 401, route


async def test_restoring_takes_more_than_the_other_buttons(office: Office) -> None:
    _, manager = await office.account.person("Boris", "manager")
    path = f"/api/v1/channels/{office.channel}/restore"
    assert (await manager.ask("POST", path)).status_code == 403
    assert (await office.account.owner.ask("POST", path)).status_code == 200


# --- A seller's own chats ----------------------------------------------------------------------


async def test_the_first_seller_who_writes_has_the_chat(hall: Hall, office: Office) -> None:
    anna_id, anna = await office.account.person("Anna", None, {office.channel: "seller"})
    _, boris = await office.account.person("Boris", "seller")
    body = {"channel_id": office.channel, "chat_id": "79160001111", "text": "I am Anna"}
    said = await anna.post("/messages", body)
    (chat,) = await anna.get("/chats")
    assert chat["owner_id"] == anna_id
    assert await boris.get("/chats") == []
    for method, path, sent in (
        ("GET", f"/chats/{chat['id']}/messages", None),
        ("GET", f"/messages/{said['id']}", None),
        ("PATCH", f"/messages/{said['id']}", {"text": "I am Boris"}),
        ("DELETE", f"/messages/{said['id']}", None),
        ("PATCH", f"/chats/{chat['id']}", {"unanswered": 0}),
        ("POST", "/messages", body),
        ("POST", "/messages/preview", body),
    ):
        answer = await boris.ask(method, f"/api/v1{path}", json=sent)
        assert answer.status_code == 404, f"{method} {path}: {answer.text}"
    assert await boris.get(f"/channels/{office.channel}/queue/messages") == []
    cancelled = await boris.post(f"/channels/{office.channel}/queue/cancel", {"all": True})
    assert cancelled == {"cancelled": []}
    told = [event["kind"] for event in await boris.get("/events")]
    assert "channel.added" in told
    assert not [kind for kind in told if kind.startswith(("message.", "chat."))]
    texts = [one["text"] for one in await anna.get(f"/chats/{chat['id']}/messages")]
    assert (texts[0], texts[-1]) == ("hello", "I am Anna")
    assert "I am Boris" not in texts


async def test_a_manager_sees_all_chats_and_gives_them_away(hall: Hall, office: Office) -> None:
    _, anna = await office.account.person("Anna", "seller")
    boris_id, boris = await office.account.person("Boris", "seller")
    _, manager = await office.account.person("Clara", "manager")
    await anna.post(
        "/messages", {"channel_id": office.channel, "chat_id": "79160001111", "text": "mine"}
    )
    (chat,) = await manager.get("/chats")
    path = f"/api/v1/chats/{chat['id']}"
    assert (await anna.ask("PATCH", path, json={"owner_id": boris_id})).status_code == 403
    assert (await manager.ask("PATCH", path, json={"owner_id": boris_id})).status_code == 200
    assert await anna.get("/chats") == []
    assert [one["id"] for one in await boris.get("/chats")] == [chat["id"]]
    assert (await manager.ask("PATCH", path, json={"owner_id": None})).status_code == 200
    assert len(await anna.get("/chats")) == len(await boris.get("/chats")) == 1


async def test_nobody_of_another_account_can_be_given_a_chat(hall: Hall, office: Office) -> None:
    stranger, _ = await (await hall.account("Bread")).person("Eve", "seller")
    (chat,) = await office.account.owner.get("/chats")
    path = f"/api/v1/chats/{chat['id']}"
    answer = await office.account.owner.ask("PATCH", path, json={"owner_id": stranger})
    assert answer.status_code == 404


# --- Changes that count at once ----------------------------------------------------------------


async def test_a_changed_role_counts_from_the_next_request(office: Office) -> None:
    boris_id, boris = await office.account.person("Boris", "manager")
    path = f"/api/v1/channels/{office.channel}/check"
    assert (await boris.ask("POST", path)).status_code == 200
    answer = await office.account.owner.ask(
        "PATCH", f"/api/v1/people/{boris_id}", json={"role": "auditor"}
    )
    assert answer.status_code == 200
    assert (await boris.ask("POST", path)).status_code == 403


async def test_an_open_stream_ends_when_its_reader_is_signed_out(
    hall: Hall, office: Office
) -> None:
    _, boris = await office.account.person("Boris", "manager")
    cookie = {"cookie": f"houston={boris.cookies['houston']}"}
    async with hall.http.stream("GET", "/api/v1/stream", headers=cookie) as answer:
        heard = answer.aiter_text()
        assert await anext(heard) == "retry: 1000\n\n"
        await _press(hall, office)
        assert "channel.commanded" in await anext(heard)
        assert (await boris.ask("DELETE", "/api/v1/session")).status_code == 204
        hall.clock.advance(5)
        await _press(hall, office)
        assert [part async for part in heard] == []


async def _press(hall: Hall, office: Office) -> None:
    """Make a fact, and give it to whoever listens, as the loop would."""
    await office.account.key.post(f"/channels/{office.channel}/check")
    await hall.hub.duty()
