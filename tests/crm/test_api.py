"""Connections as an administrator makes them, over HTTP on a whole server whose loops stand still."""

from typing import Any

import pytest

from houston.crm.bitrix24.words import WORDS
from houston.kernel.language import LANGUAGES
from tests.people.conftest import hall as hall
from tests.people.hall import Account, Hall

SECRET = "a-token-of-an-agent"
SETTINGS = {
    "url": "http://127.0.0.1:9",
    "account_id": "1",
    "inbox_id": "3",
    "access_token": SECRET,
}


@pytest.fixture
async def flowers(hall: Hall) -> Account:
    return await hall.account("Flowers")


async def connection(flowers: Account, **more: Any) -> dict[str, Any]:
    channels = more.pop("channels", None) or [await flowers.channel("79001112233")]
    body = {"kind": "chatwoot", "name": "Desk", "channels": channels, "settings": SETTINGS}
    made: dict[str, Any] = await flowers.key.post("/connections", body | more)
    return made


async def test_the_form_says_where_each_thing_is_found(flowers: Account):
    kinds = await flowers.key.get("/connections/kinds")

    chatwoot = next(one for one in kinds if one["kind"] == "chatwoot")
    assert all(field["title"] and field["where"] for field in chatwoot["fields"])
    assert [field["name"] for field in chatwoot["fields"] if field["secret"]] == [
        "access_token",
        "hook_secret",
    ]


async def test_a_secret_is_never_shown_again(flowers: Account):
    made = await connection(flowers)
    shown = await flowers.key.get("/connections")

    assert SECRET not in str(made) + str(shown)
    assert shown[0]["secrets"] == ["access_token"]
    assert shown[0]["status"]["title"] == "Just a minute"


async def test_the_crm_calls_an_address_that_nobody_can_guess(flowers: Account, hall: Hall):
    made = await connection(flowers)
    path = made["hook_url"].removeprefix(hall.url)

    known = await hall.http.post(path, content=b'{"event": "message_created"}')
    unknown = await hall.http.post(path + "x", content=b'{"event": "message_created"}')
    other_kind = await hall.http.post(path.replace("chatwoot", "planfix"), content=b"{}")

    assert [known.status_code, unknown.status_code, other_kind.status_code] == [200, 404, 404]
    rows = await hall.rows("select open, proven from crm_hooks")
    assert [(row["open"], row["proven"]) for row in rows] == [(True, False)]


async def test_a_test_says_what_is_wrong(flowers: Account):
    made = await connection(flowers)

    findings = await flowers.key.post(f"/connections/{made['id']}/test")
    path, russian = f"/api/v1/connections/{made['id']}/test", {"accept-language": "ru"}
    answer = await flowers.key.ask("POST", path, headers=russian)

    assert [one["good"] for one in findings] == [False]
    assert "Cannot be reached" in findings[0]["text"]
    assert answer.json()[0]["text"].startswith("Входящие не читаются: ")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "excel"}, "kind"),
        ({"channels": []}, "channels"),
        ({"channels": ["00000000-0000-0000-0000-000000000000"]}, "channels"),
        ({"settings": {**SETTINGS, "colour": "red"}}, "settings.colour"),
        ({"settings": {**SETTINGS, "inbox_id": "three"}}, "settings.inbox_id"),
        ({"settings": {**SETTINGS, "access_token": ""}}, "settings.access_token"),
        ({"name": " "}, "name"),
    ],
)
async def test_wrong_input_is_named(flowers: Account, wrong: dict[str, Any], field: str):
    channel = await flowers.channel("79001112233")
    body = {"kind": "chatwoot", "name": "Desk", "channels": [channel], "settings": SETTINGS}

    answer = await flowers.key.ask("POST", "/api/v1/connections", json=body | wrong)

    assert answer.status_code == 400, answer.text
    assert answer.json()["field"] == field
    assert SECRET not in answer.text


async def test_a_change_keeps_what_it_leaves_out(flowers: Account):
    made = await connection(flowers)
    path = f"/api/v1/connections/{made['id']}"

    body = {"settings": {"inbox_id": "4", "hook_secret": "cwsecret"}, "enabled": False}
    changed = (await flowers.key.ask("PATCH", path, json=body)).json()

    assert changed["settings"]["inbox_id"] == "4"
    assert changed["secrets"] == ["access_token", "hook_secret"]
    assert changed["hook_url"] == made["hook_url"]
    assert (changed["name"], changed["status"]["state"]) == ("Desk", "off")
    assert await flowers.key.get(f"/connections/{made['id']}") == changed
    assert (await flowers.key.ask("DELETE", path)).status_code == 204
    assert await flowers.key.get("/connections") == []
    events = await flowers.key.get("/events")
    turns = [one["body"] for one in events if one["kind"] == "connection.state"]
    assert [(turn["old"], turn["new"]) for turn in turns] == [
        ("untried", "off"),
        ("off", "removed"),
    ]


@pytest.mark.parametrize(
    ("state", "fault", "title", "problem"),
    [
        ("working", None, "Работает", None),
        ("untried", None, "Минутку", None),
        ("unreachable", "timeout", "CRM не отвечает", "CRM слишком долго не отвечала."),
        (
            "keys_refused",
            "keys_refused",
            "CRM не принимает ключи",
            "CRM не принимает токен или секрет.",
        ),
        (
            "gone",
            "gone",
            "Аккаунта CRM больше нет",
            "Аккаунт CRM переехал, закрыт или не оплачен.",
        ),
    ],
)
async def test_every_state_says_what_it_means_what_to_do_and_what_went_wrong(
    flowers: Account, hall: Hall, state: str, fault: str | None, title: str, problem: str | None
):
    made = await connection(flowers)
    await hall.rows("update crm_connections set state = $1, fault = $2", state, fault)

    path = f"/api/v1/connections/{made['id']}"
    russian = await flowers.key.ask("GET", path, headers={"accept-language": "ru"})
    said, english = russian.json()["status"], (await flowers.key.ask("GET", path)).json()["status"]

    assert (said["state"], said["title"], said["problem"]) == (state, title, problem)
    assert said["meaning"].endswith(".")
    assert said["todo"].endswith(".")
    assert english["meaning"] != said["meaning"]


async def test_a_page_may_be_framed_by_its_crm_alone_and_runs_nothing(flowers: Account, hall: Hall):
    settings = {"portal": "https://flowers.bitrix24.example"}
    made = await connection(flowers, kind="bitrix24", settings=settings)
    path = made["hook_url"].removeprefix(hall.url) + "/page"

    shown = await hall.http.post(f"{path}?LANG=ru", content=b"PLACEMENT=DEFAULT")
    other = await connection(flowers, channels=made["channels"])
    none = await hall.http.post(other["hook_url"].removeprefix(hall.url) + "/page")

    policy = shown.headers["content-security-policy"]
    assert shown.status_code == 200
    assert "client_secret" in shown.text
    assert policy.endswith("frame-ancestors https://flowers.bitrix24.example")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy + shown.text
    assert none.status_code == 404


@pytest.mark.parametrize(
    ("named", "spoken", "begins"),
    [
        ("ru", "ru", "Введите в Houston"),
        ("la", "es", "Introduzca en Houston"),
        ("br", "pt", "Informe no Houston"),
        ("vn", "en", "Enter the app"),
    ],
)
async def test_the_page_speaks_the_language_of_the_portal(
    flowers: Account, hall: Hall, named: str, spoken: str, begins: str
):
    made = await connection(flowers, kind="bitrix24", settings={"portal": "https://f.example"})
    path = made["hook_url"].removeprefix(hall.url) + "/page"

    shown = (await hall.http.post(f"{path}?LANG={named}", content=b"PLACEMENT=DEFAULT")).text

    assert f'lang="{spoken}"' in shown
    assert begins in shown


def test_the_page_has_every_word_in_every_language():
    assert WORDS.keys() == LANGUAGES.keys()
    assert len({frozenset(words) for words in WORDS.values()}) == 1


async def test_who_comes_back_from_amocrms_question_reads_how_it_went(flowers: Account, hall: Hall):
    uuid, nowhere = "344a5002-f8ca-454d-af3d-396180102ac7", "http://127.0.0.1:9"
    chats = {"host": nowhere, "channel_id": uuid, "secret": "a" * 40, "bot_id": uuid}
    account = {"account_id": uuid, "account_url": nowhere, "client_id": uuid}
    opens = {"client_secret": "secret-of-the-integration"}
    made = await connection(flowers, kind="amocrm", settings=chats | account | opens)
    path = made["hook_url"].removeprefix(hall.url)

    shown = await hall.http.get(f"{path}/oauth?code=<b>def502</b>&referer=127.0.0.1")
    chatwoots = await hall.http.get(f"{path.replace('amocrm', 'chatwoot')}/oauth?code=1")

    assert (shown.status_code, chatwoots.status_code) == (200, 404)
    assert "amoCRM did not take the code" in shown.text
    assert "<b>" not in shown.text
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert opens["client_secret"] not in shown.text + str(made)
