"""Wrong requests to every address, in English and in Russian: a program is told the same, a person is not.

Whatever is declined is declined in Russian from the first word to the last; only what was sent, and the names
of fields and settings, stay as they are.
"""

import copy
import random
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.people.hall import Account, Hall, Visitor
from tests.people.requests import MAY_BE_AWAY, Asked, Requests, Route, routes
from tests.people.tenants import IMGHDR, books, settle, values
from tests.people.tenants import hall as hall

pytestmark = pytest.mark.filterwarnings(IMGHDR)
ASKED_PER_ROUTE = 9
ODD: tuple[Any, ...] = (
    "",
    "\x07",
    "x" * 12_000,
    "nobody",
    -1,
    10**30,
    1.5,
    None,
    True,
    [],
    {},
    ["x"],
)
ENGLISH = re.compile(
    r"\b(a|an|and|at|be|by|for|from|give|in|is|it|its|list|no|not|of|or|such|that|the|there|this|to|use|with|your)\b",
    re.I,
)
SENTENCES = ("title", "detail", "cure")


def native(document: Mapping[str, Any]) -> list[Route]:
    return [one for one in routes(document) if one.path.startswith("/api/v1") and not one.is_stream]


def spoiled(asked: Asked, chance: random.Random) -> Asked:
    """The same request with something odd in it."""
    params = {name: chance.choice(["", "x", "-1"]) for name in asked.params}
    body = copy.deepcopy(asked.body)
    if isinstance(body, dict):
        match chance.randrange(4):
            case 0 if body:
                del body[chance.choice(sorted(body))]
            case 1:
                body["surprise"] = 1
            case _ if body:
                body[chance.choice(sorted(body))] = chance.choice(ODD)
    return Asked(asked.method, asked.path, params if chance.random() < 0.5 else asked.params, body)


async def answer_to(caller: Visitor, asked: Asked, language: str | None) -> httpx.Response:
    headers = {} if language is None else {"accept-language": language}
    body = {} if asked.body is None else {"json": asked.body}
    return await caller.ask(
        asked.method, asked.path, params=dict(asked.params), headers=headers, **body
    )


def english_in(problem: Mapping[str, Any]) -> list[str]:
    """English words of sentences, outside of what was sent and of names."""
    told = [problem[name] for name in SENTENCES]
    told += [one["problem"] for one in problem.get("errors", ())]
    value = str(problem.get("value", "")) or "\0"
    bare = [re.sub(r"`[^`]*`|'[^']*'|/api/\S+", "", text.replace(value, "")) for text in told]
    silent = [text for text in told if not re.search("[а-яё]", text.lower())]
    return silent + [found[0] for text in bare for found in ENGLISH.finditer(text)]


async def test_whatever_is_declined_is_declined_in_the_language_of_the_reader(hall: Hall) -> None:
    own = await settle(hall, "Flowers", "79990001")
    chance = random.Random(5)
    document: dict[str, Any] = await own.account.key.get("/openapi.json")
    kept = values(own, own, await books(hall, own))
    wrong = {"string": ["", "\x07", "nobody"], "phone": ["7", "x"], "transport": ["pigeon"]}
    requests = Requests(document, {**kept, **wrong}, chance)
    codes, sentences = set(), set()
    for route in native(document):
        for number, made in enumerate(requests.to(route, ASKED_PER_ROUTE)):
            asked = spoiled(made, chance) if number % 3 else made
            caller = own.callers[number % len(own.callers)]
            english = await answer_to(caller, asked, None)
            if english.is_success or asked.path == MAY_BE_AWAY:
                continue
            russian = await answer_to(caller, asked, "ru-RU,ru;q=0.9,en;q=0.8")
            if russian.is_success:
                continue  # It was a question of the moment.
            if (
                russian.status_code != 429
            ):  # Tries are counted, so that the second may be one too many.
                same(english, russian, asked)
            assert not english_in(russian.json()), f"{asked}: {russian.text}"
            codes.add(russian.json()["code"])
            sentences.add(russian.json()["cure"])
    assert codes > {"BAD_REQUEST", "NOT_FOUND", "FORBIDDEN", "CONFLICT"}
    assert len(sentences) > 30


def same(english: httpx.Response, russian: httpx.Response, asked: Asked) -> None:
    """To a program."""
    assert english.status_code == russian.status_code, asked
    for answer, language in ((english, "en"), (russian, "ru")):
        assert answer.headers["content-language"] == language, asked
        assert answer.headers["vary"].lower() == "accept-language", asked
        assert answer.headers["content-type"].startswith("application/problem+json"), asked
    plain, told = english.json(), russian.json()
    assert plain.keys() == told.keys()
    for name in plain.keys() - {*SENTENCES, "errors"}:
        assert plain[name] == told[name], asked
    fields = [[one["field"] for one in said.get("errors", ())] for said in (plain, told)]
    assert fields[0] == fields[1], asked


@pytest.mark.parametrize(
    ("method", "path", "body", "russian"),
    [
        ("POST", "/channels", {"name": "", "phone": "7"}, "введите печатные символы, от 1 до 100"),
        ("POST", "/channels", {"name": "A", "phone": "7"}, "укажите номер с кодом страны"),
        ("POST", "/curators", {"name": "A", "phone": "x"}, "укажите номер цифрами"),
        (
            "POST",
            "/endpoints",
            {"name": "A", "url": "ftp://a"},
            "укажите адрес https в интернете: это",
        ),
        ("POST", "/account/top-up", {"amount": 0, "ref": "a"}, "укажите целое число в копейках"),
        ("POST", "/people", {"name": "A", "email": "a", "role": None}, "укажите почту"),
        ("POST", "/keys", {"name": "A", "scopes": []}, "укажите хотя бы одно из: read"),
        ("POST", "/templates", {"name": "A", "text": " "}, "напишите что-нибудь: здесь пусто"),
        ("POST", "/channels", {"phone": 7}, "Сверьте запрос с документацией"),
        ("GET", "/nowhere", None, "Сверьте запрос с документацией"),
    ],
)
async def test_wrong_input_is_told_in_russian(
    flowers: Account, method: str, path: str, body: Any, russian: str
) -> None:
    asked = Asked(method, f"/api/v1{path}", {}, body)
    answer = await answer_to(flowers.key, asked, "ru")

    assert answer.json()["cure"].startswith(russian)
    assert english_in(answer.json()) == []


async def test_json_that_is_none_is_told_in_russian(flowers: Account) -> None:
    answer = await flowers.key.ask(
        "POST",
        "/api/v1/channels",
        content=b"{'a'}",
        headers={"accept-language": "ru", "content-type": "application/json"},
    )

    assert answer.status_code == 400
    assert english_in(answer.json()) == []


async def test_a_setting_of_a_crm_says_where_it_is_found_in_russian(flowers: Account) -> None:
    channel = await flowers.channel("79990003")
    body = {"kind": "planfix", "name": "A", "channels": [channel], "settings": {"url": "x"}}
    answer = await answer_to(flowers.key, Asked("POST", "/api/v1/connections", {}, body), "ru")

    said = "это выглядит не так. Интеграции → Чаты → API, в форме чата"
    assert answer.json()["cure"] == said
    assert answer.json()["field"] == "settings.url"


async def test_the_wazzup_dialect_says_what_it_always_said(flowers: Account) -> None:
    for path in ("/v3/channels", "/v3/nowhere", "/tech/nowhere"):
        plain, asked = [
            await flowers.hall.http.get(path, headers=headers)
            for headers in ({}, {"accept-language": "ru"})
        ]
        assert plain.status_code >= 400
        told = [answer.json() | {"requestId": ""} for answer in (plain, asked)]
        assert (plain.status_code, told[0]) == (asked.status_code, told[1])


async def test_why_a_message_was_not_sent_is_told_in_russian(flowers: Account) -> None:
    channel = await flowers.channel("79990004")
    message = (await flowers.message(channel, "79990005", "Hello"))["id"]
    text = "The file cannot be fetched: it answered 404"
    async with flowers.hall.database.transaction() as tx:
        await tx.execute(
            "update messages set status = 4, error_code = 'content_gone', error_text = $1", text
        )

    path = f"/api/v1/messages/{message}"
    shown = [
        (await flowers.key.ask("GET", path, headers=headers)).json()["error"]
        for headers in ({}, {"accept-language": "ru"})
    ]

    assert shown[0] == {"code": "content_gone", "text": text}
    assert shown[1] == {
        "code": "content_gone",
        "text": "Файл не удалось скачать: пришёл ответ 404",
    }


async def test_why_a_webhook_was_not_told_is_told_in_russian(flowers: Account) -> None:
    made = await flowers.key.post("/endpoints", {"name": "A", "url": "https://flowers.example/"})
    endpoint = made["endpoint"]["id"]
    async with flowers.hall.database.transaction() as tx:
        await tx.execute(
            "insert into attempts (endpoint_id, at, kind, items, answer_start, error, took_ms, era, xid, seq)"
            " values ($1, now(), 'facts', 1, '', 'no answer within 10 seconds', 10000, 0, '1', 1)",
            endpoint,
        )

    path = f"/api/v1/endpoints/{endpoint}/attempts"
    english, russian = [
        (await flowers.key.ask("GET", path, headers=headers)).json()[0]["error"]
        for headers in ({}, {"accept-language": "ru"})
    ]

    assert english == "no answer within 10 seconds"
    assert russian == "ответа не было, секунд прошло: 10"
