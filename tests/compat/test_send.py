"""`POST /v3/message` as real clients send it: JSON, forms of PHP, and every way to be refused."""

from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import httpx
import pytest

from tests.compat.conftest import Crm

PERSON = "79161234567"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def channel(crm: Crm) -> str:
    return await crm.account.channel("79990001122")


async def post_form(crm: Crm, body: str, headers: dict[str, str] = FORM) -> httpx.Response:
    return await crm.account.key.ask("POST", "/v3/message", content=body, headers=headers)


async def texts(crm: Crm) -> list[str]:
    """What stands in the one chat there is."""
    (chat,) = await crm.account.key.get("/chats")
    shown = await crm.account.key.get(f"/chats/{chat['id']}/messages")
    return [one["text"] for one in shown if one["author"] != "houston"]


async def test_a_form_of_php_is_read_with_its_bracket_arrays_and_its_booleans(
    crm: Crm, channel: str
) -> None:
    fields = {
        "channelId": channel,
        "chatType": "whatsapp",
        "chatId": PERSON,
        "text": "Привет & 100% + «да»",
        "clearUnanswered": "0",
        "templateValues[0]": "x",
        "buttonsObject[buttons][0][text]": "y",
        "crmUserId": "7",
    }
    answer = await post_form(crm, urlencode(fields))
    assert (answer.status_code, answer.json()["chatId"]) == (201, PERSON)
    for flag in ("1", "true", "false", ""):
        assert (await post_form(crm, urlencode(fields | {"clearUnanswered": flag}))).is_success
    assert await texts(crm) == [fields["text"]] * 5


async def test_a_form_that_does_not_say_what_it_is_and_json_that_says_form_are_read(
    crm: Crm, channel: str
) -> None:
    fields = {"channelId": channel, "chatType": "whatsapp", "chatId": PERSON, "text": "hello"}
    assert (await post_form(crm, urlencode(fields), {})).status_code == 201
    body = f'{{"channelId":"{channel}","chatType":"whatsapp","chatId":"{PERSON}","text":"hi"}}'
    assert (await post_form(crm, body)).status_code == 201
    assert await texts(crm) == ["hello", "hi"]


async def test_a_form_that_cannot_be_read_is_told_so(crm: Crm) -> None:
    for body in ("", "text", quote("\x00"), "text=%ff", "channelId[0]=x"):
        answer = await post_form(crm, body)
        assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_MESSAGE_DATA"), body


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"channelId": "x"}, "INVALID_MESSAGE_DATA"),
        ({"channelId": str(uuid4())}, "CHANNEL_NOT_FOUND"),
        ({"chatType": "pigeon"}, "INVALID_MESSAGE_DATA"),
        ({"chatType": "telegram"}, "WRONG_TRANSPORT"),
        ({"chatType": "whatsgroup"}, "MESSAGES_INVALID_CONTACT_TYPE"),
        ({"chatId": "nobody"}, "INVALID_MESSAGE_DATA"),
        ({"text": ""}, "MESSAGE_NOTHING_TO_SEND"),
        ({"text": "  "}, "MESSAGES_TEXT_CAN_NOT_BE_BLANK"),
        ({"text": "x" * 10_001}, "MESSAGE_TEXT_TOO_LONG"),
        ({"contentUri": "https://x.example/a.png"}, "MESSAGE_ONLY_TEXT_OR_CONTENT"),
        ({"text": None, "contentUri": " "}, "MESSAGES_CONTENT_CAN_NOT_BE_BLANK"),
        ({"text": None, "contentUri": "ftp://x"}, "INVALID_MESSAGE_DATA"),
        ({"refMessageId": str(uuid4())}, "REFERENCE_MESSAGE_NOT_FOUND"),
        ({"templateId": str(uuid4())}, "TEMPLATE_REJECTED"),
        ({"text": "@template: 1f { [[Anna]] }"}, "TEMPLATE_REJECTED"),
    ],
)
async def test_each_way_to_be_refused_has_its_code_and_stores_nothing(
    crm: Crm, channel: str, change: dict[str, Any], code: str
) -> None:
    body = {"channelId": channel, "chatType": "whatsapp", "chatId": PERSON, "text": "hi"} | change
    refused = await crm.refused("POST", "/v3/message", body)
    assert (refused["status"], refused["error"]) == (400, code)
    assert len(refused["requestId"]) == 32
    assert await crm.account.key.get("/chats") == []
