"""The live counter: a whole server on a real socket, heard by the client of socket.io's own library.

The loops that carry news to it run; everything else of the server stands still.
"""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from random import Random
from typing import Any

import aiohttp
import httpx
import pytest
import socketio

from houston.compat.wazzup_v3 import counter_socket, counters
from houston.compat.wazzup_v3.counters import Seat
from houston.compat.wazzup_v3.unanswered import Board
from houston.kernel.db import Tx
from houston.kernel.ids import AccountId
from houston.kernel.loop import end, keep
from houston.people.rules import Caller
from tests.compat.conftest import Crm
from tests.compat.test_unanswered import wait_for_answer
from tests.people.hall import Hall

PERSON = "79161234567"


class Watcher:
    """A page of a CRM that shows the counter; what it heard waits in two queues."""

    def __init__(self) -> None:
        self.wire = socketio.AsyncClient(reconnection=False)
        self.updates: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.errors: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.wire.on("counterUpdate", self.updates.put_nowait)
        self.wire.on("counterError", self.errors.put_nowait)
        self.wire.on("disconnect", lambda *_: self.gone.set())

    async def introduce(self, crm: Crm, user: str = "anna", **other: Any) -> None:
        key = crm.account.key.headers["authorization"].removeprefix("Bearer ")
        said = {"type": "api_v3", "apiKey": key, "userId": user, **other}
        await self.wire.emit("counterConnecting", said)

    async def hears(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.updates.get(), 10)

    async def hears_error(self) -> str:
        told = await asyncio.wait_for(self.errors.get(), 10)
        await asyncio.wait_for(self.gone.wait(), 10)
        assert told["description"]
        return str(told["error"])


@asynccontextmanager
async def watching(hall: Hall, *transports: str) -> AsyncIterator[Watcher]:
    found = Watcher()
    way = list(transports) or ["websocket"]
    await found.wire.connect(hall.url, socketio_path="/ws-counters/", transports=way)
    try:
        yield found
    finally:
        await found.wire.disconnect()


@pytest.fixture
async def crm(hall: Hall) -> AsyncIterator[Crm]:
    duties = {"stream": hall.hub.duty, "counters": hall.application.counters.duty}
    loops = [asyncio.create_task(keep(duty, name, hall.clock)) for name, duty in duties.items()]
    found = Crm(await hall.account("Flowers"))
    await found.put("/v3/users", [{"id": "anna", "name": "Anna"}, {"id": 7, "name": "Boris"}])
    yield found
    await hall.application.close()
    await end(*loops)


def told(counter: int, colour: str | None) -> dict[str, Any]:
    return {"counter": counter, "counterV2": counter, "type": colour}


async def test_the_address_is_told_to_whoever_has_a_key(hall: Hall, crm: Crm) -> None:
    key = crm.account.key.headers["authorization"].removeprefix("Bearer ")
    answer = await hall.http.get(f"/counters/ws_host/api_v3/{key}")
    assert answer.json() == {"host": hall.url.removeprefix("http://")}
    assert answer.headers["access-control-allow-origin"] == "*"
    answer = await hall.http.get("/counters/ws_host/api_v3/forged")
    assert (answer.status_code, answer.json()["error"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("way", [("websocket",), ("polling",), ("polling", "websocket")])
async def test_the_counter_comes_at_once_and_with_every_change_and_is_that_of_the_route(
    hall: Hall, crm: Crm, way: tuple[str, ...]
) -> None:
    channel = await crm.account.channel("79990001122")
    async with watching(hall, *way) as page:
        await page.introduce(crm)
        assert await page.hears() == told(0, None)
        await wait_for_answer(crm, channel, PERSON, 2)
        assert await page.hears() == told(2, "grey")
        route = await crm.told("/v3/unanswered/anna")
        assert (route["counterV2"], route["type"]) == (2, "grey")
        point = {"chatType": "whatsapp", "chatId": PERSON}
        lena = {"id": "c1", "responsibleUserId": "anna", "name": "Lena", "contactData": [point]}
        await crm.put("/v3/contacts", [lena])
        assert await page.hears() == told(2, "red")
        await crm.account.message(channel, PERSON, "answered")
        assert await page.hears() == told(0, None)


async def test_another_account_hears_nothing_of_it(hall: Hall, crm: Crm) -> None:
    others = Crm(await hall.account("Bread"))
    await others.put("/v3/users", [{"id": "anna", "name": "Anna"}])
    channel = await crm.account.channel("79990001122")
    async with watching(hall) as page, watching(hall) as theirs:
        await page.introduce(crm)
        await theirs.introduce(others)
        assert [await page.hears(), await theirs.hears()] == [told(0, None)] * 2
        await wait_for_answer(crm, channel, PERSON, 1)
        assert await page.hears() == told(1, "grey")
        await theirs.introduce(others, "nobody")
        assert await theirs.hears() == told(0, None)
        assert theirs.updates.empty()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"apiKey": "forged"}, "UNAUTHORIZED"),
        ({"apiKey": "two words"}, "UNAUTHORIZED"),
        ({"apiKey": None}, "VALIDATION_ERROR"),
        ({"type": "api_v2"}, "VALIDATION_ERROR"),
        ({"userId": ["anna"]}, "VALIDATION_ERROR"),
    ],
)
async def test_who_is_refused_is_told_why_and_let_go(
    hall: Hall, crm: Crm, said: dict[str, Any], error: str
) -> None:
    async with watching(hall) as page:
        await page.introduce(crm, **said)
        assert await page.hears_error() == error
        assert page.updates.empty()


async def test_a_key_without_the_scope_or_that_is_revoked_shows_nothing_more(
    hall: Hall, crm: Crm
) -> None:
    made = {}
    for scope in ("pay", "read"):
        answer = await crm.account.key.post("/keys", {"name": scope, "scopes": [scope]})
        made[scope] = answer
    async with watching(hall) as page:
        await page.introduce(crm, apiKey=made["pay"]["api_key"])
        assert await page.hears_error() == "FORBIDDEN"
    async with watching(hall) as page:
        await page.introduce(crm, apiKey=made["read"]["api_key"])
        assert await page.hears() == told(0, None)
        await crm.account.key.ask("DELETE", f"/api/v1/keys/{made['read']['key']['id']}")
        assert await page.hears_error() == "UNAUTHORIZED"


async def test_places_are_bounded_and_who_says_nothing_goes_first(
    hall: Hall, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter_socket, "_CONNECTIONS_MAX", 2)
    async with watching(hall) as silent, watching(hall) as page:
        await page.introduce(crm)
        assert await page.hears() == told(0, None)
        async with watching(hall) as late:
            await asyncio.wait_for(silent.gone.wait(), 10)
            await late.introduce(crm, userId=7)
            assert await late.hears() == told(0, None)
            answer = await hall.http.get("/ws-counters/?EIO=4&transport=polling")
            assert answer.status_code == 503
        await page.introduce(crm, "nobody")
        assert await page.hears() == told(0, None)


async def test_one_account_cannot_take_all_places(
    hall: Hall, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counters, "_SEATS_MAX", 1)
    others = Crm(await hall.account("Bread"))
    async with watching(hall) as page, watching(hall) as late, watching(hall) as theirs:
        await page.introduce(crm)
        await page.hears()
        await late.introduce(crm)
        assert await late.hears_error() == "TOO_MANY_REQUESTS"
        await theirs.introduce(others)
        assert await theirs.hears() == told(0, None)


GARBAGE = ("", "4", "40" * 3, "42", '42["counterConnecting"]', "451-[]", "9", "\x00", "6" * 9_999)


async def test_garbage_ends_at_most_its_own_connection(hall: Hall, crm: Crm) -> None:
    async with watching(hall) as page:
        await page.introduce(crm)
        await page.hears()
        for packet in (*GARBAGE, "4" + "x" * 20_000):
            opened = await hall.http.get("/ws-counters/?EIO=4&transport=polling")
            sid = opened.text.partition('"sid":"')[2].partition('"')[0]
            path = f"/ws-counters/?EIO=4&transport=polling&sid={sid}"
            for body in ("40", packet):
                answer = await hall.http.post(path, content=body)
                assert answer.status_code < 500, packet
        for path in ("?EIO=4", "?EIO=3&transport=polling", "?EIO=4&transport=carrier&sid=1", "x"):
            answer = await hall.http.get(f"/ws-counters/{path}")
            assert answer.status_code < 500, path
        await page.introduce(crm, "nobody", userId="nobody")
        assert await page.hears() == told(0, None)


async def test_a_frame_that_is_far_too_long_is_not_held_in_memory(hall: Hall, crm: Crm) -> None:
    where = f"{hall.url.replace('http', 'ws')}/ws-counters/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session, session.ws_connect(where) as line:
        await line.receive()
        await line.send_str("4" * 100_000)
        assert (await line.receive()).type is aiohttp.WSMsgType.CLOSE
        assert line.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def come_and_go(hall: Hall, crm: Crm, session: aiohttp.ClientSession, chance: Random) -> None:
    """Somebody who says what may be said and what may not, and leaves without a word or by the book."""
    key = crm.account.key.headers["authorization"].removeprefix("Bearer ")
    said = {"type": "api_v3", "apiKey": chance.choice([key, "forged"]), "userId": "anna"}
    packets = ["40", "40", "4", "40/x,", "42" + json.dumps(["counterConnecting", said])]
    where = f"{hall.url.replace('http', 'ws')}/ws-counters/?EIO=4&transport=websocket"
    with contextlib.suppress(aiohttp.ClientError):  # Whoever is let go learns it amid a word.
        line = await session.ws_connect(where)
        for packet in ["40", *chance.choices(packets, k=4)]:
            await line.send_str(packet)
        await asyncio.sleep(chance.random() / 20)
        if chance.random() < 0.5:
            await line.close()
        line._response.close()


async def test_whoever_is_gone_is_forgotten_whatever_they_were_amid(
    hall: Hall, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that no flood is remembered. Places are few, so that many are let go by the server."""
    monkeypatch.setattr(counter_socket, "_CONNECTIONS_MAX", 10)
    chance = Random(1)
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            await asyncio.gather(*(come_and_go(hall, crm, session, chance) for _ in range(60)))
    socket = hall.application.counter_socket
    server = socket._server
    async with asyncio.timeout(60):
        while server.eio.sockets:
            await asyncio.sleep(0.01)
    assert (socket._places, socket._seats, server.environ) == ({}, {}, {})
    assert not hall.application.counters._seats
    assert not hall.hub._watchers
    assert not server.manager.rooms.get("/")
    async with watching(hall) as page:
        await page.introduce(crm)
        assert await page.hears() == told(0, None)


async def test_who_goes_while_their_key_is_looked_up_takes_no_seat(
    hall: Hall, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, asked, go_on = hall.application.counters, asyncio.Event(), asyncio.Event()
    known = watched.known

    async def slowly(authorization: str) -> Caller:
        asked.set()
        await go_on.wait()
        return await known(authorization)

    monkeypatch.setattr(watched, "known", slowly)
    async with watching(hall) as page:
        await page.introduce(crm)
        await asyncio.wait_for(asked.wait(), 10)
        engine = hall.application.counter_socket._server.eio
        await engine.disconnect(*engine.sockets)
        await asyncio.wait_for(page.gone.wait(), 10)
        go_on.set()
    async with watching(hall) as late:
        await late.introduce(crm)
        assert await late.hears() == told(0, None)
        assert [len(seats) for seats in watched._seats.values()] == [1]


async def test_an_account_that_takes_long_to_count_rests_and_holds_up_no_other(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each turn of the loop is another third of a second; counting the big account takes a whole one."""
    watched, counted = hall.application.counters, Counter[AccountId]()
    big, small = [(await hall.account(name)).id for name in ("Big", "Small")]

    async def looking(tx: Tx, account: AccountId, now: datetime) -> Board:
        counted[account] += 1
        hall.clock.advance(1.0 if account == big else 0.0)
        return Board(frozenset(), [], [])

    async def nothing(_: object) -> None:
        """Nobody listens."""

    monkeypatch.setattr(counters, "look", looking)
    monkeypatch.setattr(watched, "_stays", lambda _: asyncio.sleep(0, True))
    for account in (big, small):
        seat = Seat(account=account, authorization="", user="anna", tell=nothing, refuse=nothing)
        await watched.sit(seat)
    counted.clear()
    for _ in range(60):
        watched._books_changed([big, small])
        await watched.duty()
    assert counted[small] == 60
    assert 1 < counted[big] < 6


async def test_a_stop_ends_every_connection(hall: Hall, crm: Crm) -> None:
    async with watching(hall) as page, watching(hall, "polling") as asking:
        for one in (page, asking):
            await one.introduce(crm)
            await one.hears()
        async with asyncio.timeout(15):
            await hall.application.close()
            await page.gone.wait()
            await asking.gone.wait()
        with pytest.raises(httpx.HTTPStatusError):
            (await hall.http.get("/ws-counters/?EIO=4&transport=polling&sid=1")).raise_for_status()
