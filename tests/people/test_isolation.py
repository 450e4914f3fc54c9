"""Two accounts full of data, and a referee with books of its own: every row of every table.

The served description is walked: whatever one account asks of any address, with any of its keys and
sign-ins and with ids of the other wherever an id fits, no answer has a word of the other in it, and no
row of the other changes.
"""

import asyncio
import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.people.hall import Account, Hall, Visitor
from tests.people.requests import Asked, Requests, is_uuid, routes

_WORD = re.compile(r"[\w@.+-]{6,}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
REQUESTS_PER_ROUTE = 12


@dataclass
class Tenant:
    """An account, all of its callers, and what is known of its rows."""

    account: Account
    mark: str
    callers: list[Visitor]
    channel: str
    chat: str
    message: str
    person: str


async def settle(hall: Hall, name: str, phone: str) -> Tenant:
    """An account with something in every table that a request can fill."""
    mark = f"{name.lower()}secret"
    account = await hall.account(name)
    channel = await account.channel(phone, f"{mark} desk")
    said = [await account.message(channel, f"{phone}{n}", f"{mark} text {n}") for n in range(4)]
    await account.key.post(f"/channels/{channel}/check")
    person, seller = await account.person(f"{mark}Seller", None, {channel: "seller"})
    _, auditor = await account.person(f"{mark}Auditor", "auditor")
    await account.invited(f"{mark}Invited", "manager")
    chat = {"owner_id": person, "unanswered": 3}
    answer = await account.key.ask("PATCH", f"/api/v1/chats/{said[0]['chat_id']}", json=chat)
    assert answer.status_code == 200, answer.text
    key = await account.key.post("/keys", {"name": f"{mark} reader", "scopes": ["read"]})
    await account.endpoint(mark)
    await fill_crm(account, mark)
    reader = hall.with_key(key["api_key"])
    callers = [account.key, account.owner, seller, auditor, reader]
    first = said[0]
    return Tenant(account, mark, callers, channel, first["chat_id"], first["id"], str(person))


async def fill_crm(account: Account, mark: str) -> None:
    """What a CRM keeps in the foreign dialect. Ids are the CRM's own: two accounts may have the same."""
    point = {"chatType": "whatsapp", "chatId": "79161112233"}
    entry: dict[str, Any] = {
        "id": "same",
        "responsibleUserId": "same",
        "name": f"{mark} entry",
        "uri": mark,
    }
    books: dict[str, dict[str, Any]] = {
        "users": {},
        "contacts": {"contactData": [point]},
        "deals": {"contacts": ["same"]},
        "pipelines": {"stages": [{"id": "1", "name": f"{mark} stage"}]},
    }
    for path, more in books.items():
        answer = await account.key.ask("POST", f"/v3/{path}", json=[entry | more])
        assert answer.status_code == 200, answer.text
    asked = {"user": {"id": "same", "name": f"{mark} user"}, "scope": "global"}
    assert (await account.key.ask("POST", "/v3/iframe", json=asked)).status_code == 200


async def books(hall: Hall, tenant: Tenant) -> dict[str, list[str]]:
    """Every row of every table in which the account or anything of it is named.

    A row that says itself whose it is, is theirs: a CRM's free ids may be anybody's words.
    """
    own = str(tenant.account.id)
    tables = await hall.rows("select tablename from pg_tables where schemaname = 'public'")
    everything = {
        row["tablename"]: [
            one["text"]
            for one in await hall.rows(f'select row_to_json(t)::text as text from "{row[0]}" t')
            if json.loads(one["text"]).get("account_id", own) == own
        ]
        for row in tables
    }
    known = {own}
    while True:
        named = {
            word
            for rows in everything.values()
            for row in rows
            if _UUID.search(row) and known & set(_UUID.findall(row))
            for word in _UUID.findall(row)
        }
        if named <= known:
            break
        known |= named
    return {
        table: sorted(row for row in rows if known & set(_UUID.findall(row)))
        for table, rows in everything.items()
    }


def secrets(kept: Mapping[str, list[str]], own: Mapping[str, list[str]]) -> set[str]:
    """Ids and marked words of an account that the other one's books do not hold."""
    text, known = _flat(kept), set(_WORD.findall(_flat(own)))
    return {
        word
        for word in set(_WORD.findall(text)) - known
        if is_uuid(word) or "secret" in word.lower()
    }


def _flat(kept: Mapping[str, list[str]]) -> str:
    return "\n".join(row for rows in kept.values() for row in rows)


def ids(kept: Mapping[str, list[str]]) -> dict[str, list[Any]]:
    """Ids by the name that an address may call them: those of `api_keys` are `key_id`."""
    found: dict[str, list[Any]] = {"uuid": []}
    for table, rows in kept.items():
        known = [row["id"] for row in map(json.loads, rows) if is_uuid(str(row.get("id")))]
        found[table.rsplit("_", 1)[-1].removesuffix("s") + "_id"] = known or [str(uuid4())]
        found["uuid"] += known
    return found


def values(mine: Tenant, theirs: Tenant, kept: Mapping[str, list[str]]) -> dict[str, list[Any]]:
    """What to ask with: mostly what is theirs, now and then my own, so that requests get far."""

    def both(mine_: str, theirs_: str) -> list[Any]:
        return [theirs_, theirs_, mine_]

    channel = both(mine.channel, theirs.channel)
    chat, person = both(mine.chat, theirs.chat), both(mine.person, theirs.person)
    message = both(mine.message, theirs.message)
    return ids(kept) | {
        "channel_id": channel,
        "channelId": channel,
        "channel": channel,
        "chat": chat,
        "chat_id": [*chat, "79990009999"],
        "message_id": message,
        "quoted_message_id": message,
        "refMessageId": message,
        "id": message,
        "before": [*message, "9-1-1"],
        "after": ["0-0-0", "1-1-1"],
        "person_id": person,
        "owner_id": person,
        "user_id": ["same", theirs.mark],
        "contact_id": ["same", theirs.mark],
        "deal_id": ["same", theirs.mark],
        "command": ["enable", "disable", "check", "restore", "rescan"],
        "phone": ["79990007777"],
        "q": [theirs.mark, "7999"],
        "email": ["somebody@flowers.example"],
        "password": ["wrong password"],
        "string": ["words"],
    }


async def send(caller: Visitor, asked: Asked) -> str:
    """What comes back, as text; of a stream, what comes at first."""
    if asked.path.endswith("/stream"):
        return await beginning_of_stream(caller, asked.path)
    body = {} if asked.body is None else {"json": asked.body}
    answer = await caller.ask(asked.method, asked.path, params=dict(asked.params), **body)
    assert answer.status_code < 500, f"{asked}: {answer.text}"
    return answer.text


async def beginning_of_stream(caller: Visitor, path: str) -> str:
    headers = {**caller.headers, "last-event-id": "0-0-0"}
    headers["cookie"] = "; ".join(f"{name}={one}" for name, one in caller.cookies.items())
    heard = ""
    try:
        async with asyncio.timeout(0.3), caller.http.stream("GET", path, headers=headers) as answer:
            async for part in answer.aiter_text():
                heard += part
    except TimeoutError:
        pass
    return heard


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
async def test_no_request_of_one_account_shows_or_changes_anything_of_another(
    hall: Hall, seed: int
) -> None:
    mine, theirs = [
        await settle(hall, name, phone)
        for name, phone in (("Flowers", "79990001"), ("Bread", "79990002"))
    ]
    document = await mine.account.key.get("/openapi.json")
    before = await books(hall, theirs)
    hidden = secrets(before, await books(hall, mine))
    assert len(hidden) > 20
    requests = Requests(document, values(mine, theirs, before), random.Random(seed))
    succeeded = set()
    for route in routes(document):
        for number, asked in enumerate(requests.to(route, REQUESTS_PER_ROUTE)):
            caller = mine.callers[number % len(mine.callers)]
            answer = await send(caller, asked)
            told = hidden & set(_WORD.findall(answer)) - set(_WORD.findall(asked.words))
            assert not told, f"{asked} tells {told}: {answer}"
            succeeded.add(str(route))
    assert await books(hall, theirs) == before
    assert len(succeeded) == len(routes(document))


async def test_the_referee_sees_what_is_told_and_what_is_changed(hall: Hall) -> None:
    mine, theirs = [
        await settle(hall, name, phone)
        for name, phone in (("Flowers", "79990001"), ("Bread", "79990002"))
    ]
    before = await books(hall, theirs)
    hidden = secrets(before, await books(hall, mine))
    shown = await theirs.account.key.get("/chats")
    assert hidden & set(_WORD.findall(str(shown)))
    assert {theirs.channel, theirs.chat, theirs.message, theirs.person} <= hidden
    await theirs.account.key.ask("PATCH", f"/api/v1/chats/{theirs.chat}", json={"unanswered": 9})
    after = await books(hall, theirs)
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"chats", "events"}
