"""Two accounts full of data, and a referee with books of its own: every row of every table.

The served description is walked: whatever one account asks of any address, with any of its keys and
sign-ins and with ids of the other wherever an id fits, no answer has a word of the other in it, and no
row of the other changes.
"""

import asyncio
import random
from collections.abc import Mapping

import pytest
from litestar.routes import HTTPRoute

from houston.inbox.pages import pages
from tests.people.hall import Hall, Visitor
from tests.people.requests import MAY_BE_AWAY, Asked, Requests, is_uuid, routes
from tests.people.tenants import IMGHDR, OF_NOBODY, WORD, books, settle, values
from tests.people.tenants import hall as hall

pytestmark = pytest.mark.filterwarnings(IMGHDR)
REQUESTS_PER_ROUTE = 12


def secrets(kept: Mapping[str, list[str]], own: Mapping[str, list[str]]) -> set[str]:
    """Ids and marked words of an account that the other one's books do not hold."""
    text, known = _flat(kept), set(WORD.findall(_flat(own)))
    return {
        word
        for word in set(WORD.findall(text)) - known
        if is_uuid(word) or "secret" in word.lower()
    }


def _flat(kept: Mapping[str, list[str]]) -> str:
    return "\n".join(row for rows in kept.values() for row in rows)


async def send(caller: Visitor, asked: Asked) -> str:
    """What comes back, as text; of a stream, what comes at first."""
    if asked.path.endswith("/stream"):
        return await beginning_of_stream(caller, asked.path)
    body = {} if asked.body is None else {"json": asked.body}
    answer = await caller.ask(asked.method, asked.path, params=dict(asked.params), **body)
    assert answer.status_code < 500 or asked.path == MAY_BE_AWAY, f"{asked}: {answer.text}"
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
    assert {table for table, rows in before.items() if not rows} == OF_NOBODY.keys()
    hidden = secrets(before, await books(hall, mine))
    assert len(hidden) > 20
    requests = Requests(document, values(mine, theirs, before), random.Random(seed))
    succeeded = set()
    for route in routes(document):
        for number, asked in enumerate(requests.to(route, REQUESTS_PER_ROUTE)):
            caller = mine.callers[number % len(mine.callers)]
            answer = await send(caller, asked)
            told = hidden & set(WORD.findall(answer)) - set(WORD.findall(asked.words))
            assert not told, f"{asked} tells {told}: {answer}"
            succeeded.add(str(route))
    assert await books(hall, theirs) == before
    assert len(succeeded) == len(routes(document))


ASK_NOBODY = {
    "/stripe": "Stripe signs what it says",
    "/files/{file_id}/{key}/{name}": "the link holds a key",
    "/code/{token}": "the link holds a secret",
    "/counters/ws_host/api_v3/{api_key}": "the address holds the key",
    "/api/v1/session": "it lets people in",
    "/api/v1/session/invitation": "it lets people in",
    "/api/v1/windows": "a link of the CRM's lets its user in",
    "/health/live": "it is about the server",
    "/health/ready": "it is about the server",
    "/metrics": "it is about the server",
    "/api/v1/openapi.json": "the same for everybody",
    "/schema": "the same for everybody",
    "/schema/openapi.json": "the same for everybody",
    "/schema/{path}": "the same for everybody",
}
"""The addresses that answer whoever asks, and why they may; the pages of the console are others."""
SECRET = "/crm/{kind}/{token}"
"""Whoever knows such an address is who was told it."""
PLAYED = "/api/v1/simulator/{rest}"


async def test_whoever_asks_is_known_at_every_route_that_has_no_reason_not_to_ask(
    hall: Hall,
) -> None:
    """So the walk above is over all that could tell anything; the played messenger knows no account."""
    described = (await hall.http.get("/api/v1/openapi.json")).json()["paths"]
    shown = {route.path_format for route in pages.routes}
    nobody, hidden = set[str](), set[str]()
    for route in hall.application.framework.routes:
        assert isinstance(route, HTTPRoute), route
        for handler in route.route_handlers:
            asks = {"caller", "v3"} & handler.parsed_fn_signature.parameters.keys()
            if not asks and handler.http_methods != {"OPTIONS"}:
                nobody.add(route.path_format)
            elif asks and route.path_format not in described:
                hidden.add(route.path_format)
    told = {path for path in nobody if path.startswith(SECRET)}
    assert nobody - shown - told == ASK_NOBODY.keys()
    assert hidden == {PLAYED}


async def test_the_referee_sees_what_is_told_and_what_is_changed(hall: Hall) -> None:
    mine, theirs = [
        await settle(hall, name, phone)
        for name, phone in (("Flowers", "79990001"), ("Bread", "79990002"))
    ]
    before = await books(hall, theirs)
    hidden = secrets(before, await books(hall, mine))
    shown = await theirs.account.key.get("/chats")
    assert hidden & set(WORD.findall(str(shown)))
    assert {theirs.channel, theirs.chat, theirs.message, theirs.person} <= hidden
    await theirs.account.key.ask("PATCH", f"/api/v1/chats/{theirs.chat}", json={"unanswered": 9})
    after = await books(hall, theirs)
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"chats", "events"}
