"""Saying over HTTP who writes where, on a whole server without loops, with the streams of everybody open.

What must not be heard is followed by something that is, and would have come before it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec
import pytest

from houston.kernel.loop import end
from tests.houses import until
from tests.people.hall import Account, Hall, Visitor
from tests.people.hall import hall as open_hall
from tests.people.tenants import whole

NUMBER = "79161234567"


@pytest.fixture
async def hall(database_url: str) -> AsyncIterator[Hall]:
    async with open_hall(database_url) as hall:
        yield hall


class Desk:
    """An account with a chat on one of its two channels."""

    def __init__(self, account: Account, channel: str, elsewhere: str, chat: str) -> None:
        self.account = account
        self.channel = channel
        self.elsewhere = elsewhere
        self.chat = chat

    async def say(self, who: Visitor, writing: bool = True) -> int:
        path = f"/api/v1/chats/{self.chat}/presence"
        answer = await who.ask("POST", path, json={"writing": writing})
        return answer.status_code

    @asynccontextmanager
    async def stream(self, who: Visitor) -> AsyncIterator["Heard"]:
        cookie = "; ".join(f"{name}={one}" for name, one in who.cookies.items())
        async with who.http.stream(
            "GET", "/api/v1/stream", headers={**who.headers, "cookie": cookie}
        ) as answer:
            heard = Heard(answer.aiter_text())
            try:
                await until(lambda: heard.text, "the stream is open")
                yield heard
            finally:
                await heard.end()


class Heard:
    """What a stream over HTTP has told so far."""

    def __init__(self, pieces: AsyncIterator[str]) -> None:
        self.text = ""
        self._task = asyncio.create_task(self._read(pieces))

    async def _read(self, pieces: AsyncIterator[str]) -> None:
        async for piece in pieces:
            self.text += piece

    @property
    def said(self) -> list[tuple[str, bool]]:
        """Who began and who stopped."""
        data = [line[6:] for line in self.text.split("\n") if line.startswith("data: ")]
        bodies = [msgspec.json.decode(one)["body"] for one in data]
        return [(one["name"], one["writing"]) for one in bodies]

    async def is_told(self, *said: tuple[str, bool]) -> None:
        await until(lambda: self.said == list(said), f"{said} and nothing else")

    async def end(self) -> None:
        await end(self._task)


@pytest.fixture
async def desk(hall: Hall) -> Desk:
    account = await hall.account("Flowers")
    channel = await account.channel("79990001122")
    elsewhere = await account.channel("79990003344")
    said = await account.message(channel, NUMBER, "hello")
    return Desk(account, channel, elsewhere, said["chat_id"])


async def test_all_who_may_see_the_chat_hear_who_writes_there_and_nobody_else_does(
    desk: Desk,
) -> None:
    account = desk.account
    bread = await account.hall.account("Bread")
    _, anna = await account.person("Anna", None, {desk.channel: "manager"})
    here = {desk.channel: "auditor", desk.elsewhere: "manager"}
    _, auditor = await account.person("Vera", None, here)
    _, foreign = await account.person("Gleb", None, {desk.elsewhere: "manager"})
    told = [("Anna", True), ("Anna", False)]
    async with AsyncExitStack() as streams:

        async def hearing(who: Visitor) -> Heard:
            return await streams.enter_async_context(desk.stream(who))

        own, others = await hearing(anna), [await hearing(account.owner), await hearing(auditor)]
        deaf = [await hearing(foreign), await hearing(bread.owner)]
        assert await desk.say(anna) == await desk.say(anna, writing=False) == 204
        assert await desk.say(auditor) == 403
        assert await desk.say(foreign) == await desk.say(bread.owner) == 404
        assert await desk.say(account.owner) == 204
        await others[1].is_told(*told, (account.email, True))
        await others[0].is_told(*told)
        await own.is_told((account.email, True))
        assert [one.said for one in deaf] == [[], []]


async def test_a_chat_that_was_given_away_is_written_in_out_of_hearing(desk: Desk) -> None:
    anna_id, anna = await desk.account.person("Anna", "seller")
    _, boris = await desk.account.person("Boris", "seller")
    async with desk.stream(boris) as heard, desk.stream(desk.account.owner) as all_of_it:
        assert await desk.say(anna) == 204
        await heard.is_told(("Anna", True))
        path = f"/api/v1/chats/{desk.chat}"
        answer = await desk.account.owner.ask("PATCH", path, json={"owner_id": anna_id})
        assert answer.status_code == 200
        assert await desk.say(anna) == 204
        assert await desk.say(boris) == 404
        await all_of_it.is_told(("Anna", True), ("Anna", True))
        assert heard.said == [("Anna", True)]


async def test_a_user_of_a_crm_writes_under_their_name_and_hears_of_others(desk: Desk) -> None:
    account = desk.account
    asked = {
        "user": {"id": "7", "name": "Clara of the CRM"},
        "scope": "card",
        "filter": [{"chatType": "whatsapp", "chatId": NUMBER}],
    }
    link = (await account.key.ask("POST", "/v3/iframe", json=asked)).json()["url"]
    body = {"token": link.partition("#")[2]}
    opened = (await account.hall.http.post("/api/v1/windows", json=body)).json()
    clara = account.hall.with_key(opened["bearer"])
    async with desk.stream(account.owner) as heard, desk.stream(clara) as hers:
        assert await desk.say(clara) == 204
        await heard.is_told(("Clara of the CRM", True))
        assert await desk.say(account.owner) == 204
        await hers.is_told((account.email, True))


async def test_nothing_of_it_is_kept_pulled_or_offered_to_webhooks(desk: Desk) -> None:
    account = desk.account
    before, events = await whole(account.hall), await account.key.get("/events", limit=1_000)
    async with desk.stream(account.key) as heard:
        assert await desk.say(account.owner) == 204
        await heard.is_told((account.email, True))
        assert "id: " not in heard.text
    assert await account.key.get("/events", limit=1_000) == events
    assert "presence" not in await account.key.get("/events/kinds")
    after = await whole(account.hall)
    assert {table for table in before if before[table] != after[table]} <= {"api_keys"}


async def test_what_is_said_too_often_is_not_passed_on(desk: Desk) -> None:
    _, anna = await desk.account.person("Anna", "manager")
    _, boris = await desk.account.person("Boris", "manager")
    async with desk.stream(desk.account.owner) as heard:
        answers = [await desk.say(anna, writing=n % 2 == 0) for n in range(60)]
        assert set(answers) == {204}
        assert await desk.say(boris) == 204
        await until(lambda: heard.said[-1:] == [("Boris", True)])
        assert len(heard.said) == 20 + 1
        desk.account.hall.clock.advance(10)
        assert await desk.say(anna) == 204
        await until(lambda: heard.said[-1] == ("Anna", True))


async def test_what_cannot_be_meant_is_refused_with_what_is_wrong(desk: Desk) -> None:
    async def refused(who: Visitor, chat: str, body: dict[str, Any]) -> tuple[int, str, str]:
        answer = await who.ask("POST", f"/api/v1/chats/{chat}/presence", json=body)
        told = answer.json()
        return answer.status_code, told["code"], str(told.get("errors") or told["cure"])

    owner, writing = desk.account.owner, {"writing": True}
    for body, word in (({}, "writing"), ({"writing": "x"}, "writing"), (writing | {"by": 1}, "by")):
        status, code, wrong = await refused(owner, desk.chat, body)
        assert (status, code) == (400, "BAD_REQUEST")
        assert word in wrong
    assert (await refused(owner, str(UUID(int=7)), writing))[:2] == (404, "NOT_FOUND")
    told = await refused(desk.account.key, desk.chat, writing)
    assert told == (409, "CONFLICT", "Sign in, or open a window for a user of the CRM")
