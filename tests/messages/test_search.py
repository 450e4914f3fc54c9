"""Looks for what was said: over HTTP on a whole server, and what is shown of a text by itself."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from houston.messages.search import excerpt
from tests.people.hall import Account, Hall, Visitor
from tests.people.hall import hall as open_hall

TEXTS = {
    "79160000001": "Ёлка и новый МОТОЦИКЛ приедут завтра",
    "79160000002": "Your order-1042 is on its way: https://shop.example/path?a=100%_sure",
    "79160000003": "¿Cómo está? Será el señor ÁVILA, o'clock \\ it's 'quoted' \U0001f6b2",
    "79160000004": "word " * 1_997 + "the very last",
}


@pytest.fixture
async def hall(database_url: str) -> AsyncIterator[Hall]:
    async with open_hall(database_url) as hall:
        yield hall


@pytest.fixture
async def flowers(hall: Hall) -> Account:
    return await hall.account("Flowers")


async def found(who: Visitor, q: str) -> list[str]:
    return sorted(chat["phone"] for chat in await who.get("/chats", q=q))


async def test_a_chat_is_found_by_the_beginnings_of_words_that_were_said_in_it(
    flowers: Account,
) -> None:
    channel = await flowers.channel("79990001122")
    for person, text in TEXTS.items():
        await flowers.message(channel, person, text)
        await flowers.message(channel, person, "and something else")
    first, second, third, fourth = TEXTS
    for q, expected in {
        "мотоцикл": [first],
        "МоТоЦ": [first],
        "елка": [first],
        "ЁЛК нов": [first],
        "нов мотоцикл завтра": [first],
        "отоцикл": [],
        "мотоцикл завтрак": [],
        "1042": [second],
        "order-1042": [second],
        "SHOP.example": [second],
        "way shop": [second],
        "cómo": [third],
        "SEÑOR ávila": [third],
        "o'clock": [third],
        "'quoted'": [third],
        "very LAST": [fourth],
        "some": [first, second, third, fourth],
        "7916": [first, second, third, fourth],
        "so": [],
        "%%%": [],
        "___": [],
        "\\\\\\": [],
        "' & !a:* |": [],
        "'); drop table chats; --": [],
        "\x00мотоцикл": [first],
        "": [first, second, third, fourth],
    }.items():
        assert await found(flowers.key, q) == expected, q
    (chat,) = await flowers.key.get("/chats", q="елка")
    assert chat["found"]["text"] == TEXTS[first]
    assert chat["last_message"]["text"] == "and something else"
    messages = await flowers.key.get(f"/chats/{chat['id']}/messages")
    assert chat["found"]["id"] == messages[0]["id"]
    (chat,) = await flowers.key.get("/chats", q="very last")
    assert chat["found"]["text"].endswith("word the very last")
    assert len(chat["found"]["text"]) < 200
    (chat,) = await flowers.key.get("/chats", q=second)
    assert chat["found"] is None
    too_long = await flowers.key.ask("GET", "/api/v1/chats", params={"q": "я" * 10_000})
    assert too_long.status_code == 400
    assert "q" in too_long.text


async def test_what_was_edited_is_found_as_it_is_and_what_was_unsaid_never(
    hall: Hall, flowers: Account
) -> None:
    channel = await flowers.channel("79990001122")
    said = await flowers.message(channel, "79160000001", "a bicycle")
    path = f"/api/v1/messages/{said['id']}"
    await flowers.key.ask("PATCH", path, json={"text": "a scooter"})
    assert await found(flowers.key, "bicycle") == []
    assert await found(flowers.key, "scooter") == ["79160000001"]
    await hall.rows("update messages set deleted_at = now() where id = $1", UUID(said["id"]))
    assert await found(flowers.key, "scooter") == []


async def test_nobody_finds_what_they_may_not_read(hall: Hall, flowers: Account) -> None:
    ours, other = await flowers.channel("79990001122"), await flowers.channel("79990001133")
    anna_id, anna = await flowers.person("Anna", None, {ours: "seller"})
    boris_id, boris = await flowers.person("Boris", None, {ours: "seller"})
    for person, owner in (("79160000001", anna_id), ("79160000002", boris_id)):
        made = await flowers.message(ours, person, "a secret bicycle")
        chat = f"/api/v1/chats/{made['chat_id']}"
        answer = await flowers.key.ask("PATCH", chat, json={"owner_id": owner})
        assert answer.is_success, answer.text
    await flowers.message(other, "79160000003", "a secret bicycle")
    stranger = await hall.account("Stones")

    assert await found(anna, "bicycle") == ["79160000001"]
    assert await found(boris, "bicycle") == ["79160000002"]
    assert len(await found(flowers.key, "bicycle")) == 3
    assert await found(stranger.key, "bicycle") == []


@pytest.mark.parametrize(
    ("text", "asked", "shown"),
    [
        ("short", "nothing of it", "short"),
        ("line one\nline two", "two", "line one line two"),
        ("x " * 100 + "Ёлка " + "y " * 100, "елк", None),
        ("п" * 10_000, "п", "п" * 160 + "…"),
        ("", "", ""),
    ],
)
def test_the_part_that_was_looked_for_is_shown(text: str, asked: str, shown: str | None) -> None:
    seen = excerpt(text, asked)
    if shown is None:
        assert "Ёлка" in seen
        assert seen.startswith("…x")
        assert seen.endswith("…")
    else:
        assert seen == shown
