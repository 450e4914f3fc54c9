"""An account with a row in every table, and the books of a referee: every row that is an account's own.

What a request can fill is filled by requests; what only loops write is put where they would put it.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import pytest

from tests.people import hall as halls
from tests.people.hall import Account, Hall, Visitor

WORD: Final = re.compile(r"[\w@.+-]{6,}")
UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
IMGHDR: Final = "ignore:.*imghdr.*:DeprecationWarning"
"""Apprise loads all of its plug-ins; one of them still imports it."""
OF_NOBODY: Final = {
    "cursors": "of followers, who read for everybody",
    "feed_era": "of the feed",
    "migrations": "of the database",
    "nodes": "of the server",
    "plans": "of the server, which sells to all",
    "sign_in_tries": "of names and addresses, before anybody is known",
}
"""The tables that hold nothing of an account, and whose they are."""


@pytest.fixture
async def hall(database_url: str) -> AsyncIterator[Hall]:
    """A server that counts money, where everybody is their own customer."""
    async with halls.hall(
        database_url, billing="on", billing_own_top_up=True, customers=True
    ) as hall:
        yield hall


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
    """An account with something in every table."""
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
    reader = hall.with_key(key["api_key"])
    callers = [account.key, account.owner, seller, auditor, reader]
    first = said[0]
    found = Tenant(account, mark, callers, channel, first["chat_id"], first["id"], str(person))
    await _fill_crm(found)
    await _fill_slices(found, phone)
    await _fill_what_loops_write(hall, found)
    return found


async def _fill_crm(tenant: Tenant) -> None:
    """What a CRM keeps in the foreign dialect. Ids are the CRM's own: two accounts may have the same."""
    account, mark = tenant.account, tenant.mark
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
    for path, body in (
        ("v3/connect", {"crmKey": mark}),
        ("tech/accounts", {"name": f"{mark} shop"}),
    ):
        assert (await account.key.ask("POST", f"/{path}", json=body)).status_code == 200
    asked = {"user": {"id": "same", "name": f"{mark} user"}, "scope": "global"}
    assert (await account.key.ask("POST", "/v3/iframe", json=asked)).status_code == 200
    role = {"channelId": tenant.channel, "userId": "same", "role": "seller"}
    roles = {"userRoles": [role | {"allowGetNewClients": True}]}
    answer = await account.key.ask("PATCH", "/tech/settings", json=roles)
    assert answer.status_code == 200, answer.text


async def _fill_slices(tenant: Tenant, phone: str) -> None:
    account, key, mark = tenant.account, tenant.account.key, tenant.mark
    await key.post("/account/top-up", {"amount": 9_000, "ref": mark, "note": mark})
    await key.post("/templates", {"name": f"{mark} hello", "text": f"Hello from {mark}"})
    await key.post("/plans", {"name": "friends", "price_per_channel_day": 7})
    await key.post("/account/plan", {"plan": "friends"})
    await key.post("/templates", {"name": f"{mark} hours", "text": f"{mark} text"})
    route = f"json://8.8.8.8/{mark}"
    curator = {"name": f"{mark} Mary", "phone": f"49{phone}", "routes": [route]}
    made = await key.post("/curators", curator)
    await key.post(f"/curators/{made['id']}/test")
    stretch = {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    endpoint = {"name": f"{mark} hook", "url": f"https://{mark}.example/hook"}
    told = (await key.post("/endpoints", endpoint))["endpoint"]
    await account.channel(f"{phone}5", f"{mark} other")
    await key.post(f"/endpoints/{told['id']}/replay", stretch)
    await account.endpoint(mark)
    settings = {"url": "http://127.0.0.1:9", "account_id": "1", "inbox_id": "3"}
    wanted = {"kind": "chatwoot", "name": f"{mark} desk", "channels": [tenant.channel]}
    crm = await key.post(
        "/connections", wanted | {"settings": settings | {"access_token": f"{mark}-token"}}
    )
    hook = crm["hook_url"].removeprefix(account.hall.url)
    assert (await account.hall.http.post(hook, json={"event": mark})).status_code == 200
    answer = await key.ask(
        "POST", "/api/v1/files", params={"name": f"{mark}.txt"}, content=mark.encode()
    )
    assert answer.status_code == 201, answer.text
    for command in ("disable", "enable", "code-link"):
        await key.post(f"/channels/{tenant.channel}/{command}")


async def _fill_what_loops_write(hall: Hall, tenant: Tenant) -> None:
    own = {"account": tenant.account.id, "channel": tenant.channel, "chat": tenant.chat}
    for name in ("endpoints", "crm_connections"):
        (row, *_) = await hall.rows(f"select id from {name} where account_id = $1", own["account"])
        own[name] = row["id"]
    own |= {"message": tenant.message, "mark": tenant.mark, "uuid": uuid4(), "other": uuid4()}
    async with hall.database.transaction() as tx:
        for statement in _WRITTEN_BY_LOOPS:
            await tx.execute(*_numbered(statement, own))


def _numbered(statement: str, values: Mapping[str, Any]) -> list[Any]:
    """The statement with `$1` for its first name, and the values that its names mean."""
    names = list(dict.fromkeys(_NAMED.findall(statement)))
    numbered = _NAMED.sub(lambda met: f"${names.index(met[1]) + 1}", statement)
    return [numbered, *(values[name] for name in names)]


_NAMED: Final = re.compile(r"(?<!:):([a-z_]+)")
_WRITTEN_BY_LOOPS: Final = (
    "insert into attempts (endpoint_id, at, kind, items, answer_start, error, took_ms, era, xid, seq)"
    " values (:endpoints, now(), 'message.received', 1, :mark, 'late', 5, 1, '1', 1)",
    "insert into dead_letters (endpoint_id, at, body, error, first_event, last_event)"
    " values (:endpoints, now(), jsonb_build_object('text', :mark::text), 'refused', '1-1-1', '1-1-1')",
    "insert into incidents (channel_id, account_id, id, state) values (:channel, :account, :uuid,"
    ' \'{"since": "2026-01-01T00:00:00Z", "status": "SCAN_QR", "reason": "awaiting_scan",'
    ' "down_from": "2026-01-01T00:00:00Z"}\')',
    "insert into gaps (channel_id, since, until, noted_at) values (:channel, now(), now(), now())",
    "insert into purses (account_id, state) values (:account, '{\"balance\": 5}')",
    "insert into crm_asked (account_id, kind, subject, at) values (:account, 'createContact', :mark, now())",
    "insert into crm_chats (connection_id, chat_id, theirs) values (:crm_connections, :chat, :mark)",
    "insert into crm_errands (connection_id, channel_id, chat_id, address, kind, what, created_at)"
    " values (:crm_connections, :channel, :chat, :mark, 'echo', '{}', now())",
    "insert into crm_messages (connection_id, theirs, message_id) values (:crm_connections, :mark, :message)",
    "insert into crm_memory (connection_id, name, sealed) values (:crm_connections, :mark, 'sealed')",
    "insert into reactions (chat_id, wire_id, author, emoji, at) values (:chat, :mark, :mark, '👍', now())",
    "insert into chat_aliases (merged_id, channel_id, hidden, chat_id, address, merged_at)"
    " values (:other, :channel, :mark, :chat, :mark, now())",
    "insert into channel_credentials (channel_id, credentials, stored_at)"
    " values (:channel, convert_to(:mark, 'utf8'), now())",
)


async def books(hall: Hall, tenant: Tenant) -> dict[str, list[str]]:
    """Every row of every table in which the account or anything of it is named.

    A row that says itself whose it is, is theirs: a CRM's free ids may be anybody's words.
    """
    own = str(tenant.account.id)
    everything = {
        table: [row for row in rows if json.loads(row).get("account_id", own) == own]
        for table, rows in (await whole(hall)).items()
    }
    known = {own}
    while True:
        named = {
            word
            for rows in everything.values()
            for row in rows
            if UUID.search(row) and known & set(UUID.findall(row))
            for word in UUID.findall(row)
        }
        if named <= known:
            break
        known |= named
    return {
        table: sorted(row for row in rows if known & set(UUID.findall(row)))
        for table, rows in everything.items()
    }


async def whole(hall: Hall) -> dict[str, list[str]]:
    """Every row of every table."""
    tables = await hall.rows("select tablename from pg_tables where schemaname = 'public'")
    return {
        row["tablename"]: [
            one["text"]
            for one in await hall.rows(f'select row_to_json(t)::text as text from "{row[0]}" t')
        ]
        for row in tables
    }


def ids(kept: Mapping[str, list[str]]) -> dict[str, list[Any]]:
    """Ids by the name that an address may call them: those of `api_keys` are `key_id`."""
    found: dict[str, list[Any]] = {"uuid": []}
    for table, rows in kept.items():
        known = [row["id"] for row in map(json.loads, rows) if UUID.fullmatch(str(row.get("id")))]
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
        "transport": ["whatsapp"],
        "phone": ["79990007777"],
        "q": [theirs.mark, "7999"],
        "email": ["somebody@flowers.example"],
        "password": ["wrong password"],
        "string": ["words"],
    }
