"""Reacting over HTTP, with nobody who sends: what is answered, shown and refused."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from tests.people.hall import Account, Hall
from tests.people.hall import hall as open_hall

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")


@pytest.fixture
async def hall(database_url: str) -> AsyncIterator[Hall]:
    async with open_hall(database_url) as hall:
        yield hall


async def react(account: Account, message: str, body: object) -> httpx.Response:
    return await account.key.ask("POST", f"/api/v1/messages/{message}/reaction", json=body)


async def test_a_wish_is_shown_with_who_has_it_and_only_the_last_one_waits(hall: Hall) -> None:
    account = await hall.account("Flowers")
    channel = await account.channel("79990001122")
    said = await account.message(channel, "79161112233", "ready at five")
    early = await react(account, said["id"], {"emoji": "👍"})
    assert (early.status_code, early.json()["code"]) == (409, "CONFLICT")
    await hall.rows("update messages set status = 3, open = false returning id")
    for emoji in ("👍", "❤️"):
        answer = await react(account, said["id"], {"emoji": emoji, "author": "Olga"})
        assert answer.status_code == 200, answer.text
    shown, _ = await account.key.get(f"/chats/{said['chat_id']}/messages")  # And the notice.
    assert shown == answer.json()
    waits = shown["reacting"]
    assert (waits["emoji"], waits["status"], waits["name"]) == ("❤️", "queued", "Olga")
    assert shown["reactions"] == []
    queue = await account.key.get(f"/channels/{channel}/queue")
    assert queue["length"] == 1
    await account.key.post(f"/channels/{channel}/queue/cancel", {"all": True})
    assert (await account.key.get(f"/messages/{said['id']}"))["reacting"] is None


async def test_what_cannot_be_is_answered_with_the_field_and_the_cure(hall: Hall) -> None:
    account, other = await hall.account("Flowers"), await hall.account("Pizza")
    channel = await account.channel("79990001122")
    said = await account.message(channel, "79161112233", "ready at five")
    await hall.rows("update messages set status = 3, open = false returning id")
    two = await react(account, said["id"], {"emoji": "👍👍"})
    assert two.status_code == 400
    assert (two.json()["field"], two.json()["value"]) == ("emoji", "'👍👍'")
    assert "exactly one emoji" in two.json()["cure"]
    for body in ({}, {"emoji": 1}, {"emoji": "👍", "author": "\n"}, {"emojis": "👍"}):
        assert (await react(account, said["id"], body)).status_code == 400
    assert (await react(account, str(uuid4()), {"emoji": "👍"})).status_code == 404
    assert (await react(other, said["id"], {"emoji": "👍"})).status_code == 404
    await account.key.post(f"/channels/{channel}/disable")
    refused = await react(account, said["id"], {"emoji": "👍"})
    assert (refused.status_code, refused.json()["code"]) == (409, "CHANNEL_BLOCKED")
    assert len(await hall.rows("select from messages where direction < 2")) == 1
