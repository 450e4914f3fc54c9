"""The doubles of CRMs before judges that are not ours: published clients talk to them over a socket."""

import asyncio
import hashlib
import time
from typing import Any

import pytest
from amojowrapper.actions.chat.action import ChatAction
from amojowrapper.actions.delivery.action import DeliveryStatusAction
from amojowrapper.actions.message.action import MessageAction
from amojowrapper.client import AmojoClient
from amojowrapper.helpers.headers import AmojoHeaderBuilder
from amojowrapper.request.exceptions import RequestError
from amojowrapper.validators.webhook import WebhookValidator
from chatwoot import AsyncChatwootClient
from chatwoot.exceptions import ChatwootAuthError

from houston.crm.amocrm.amojo import signed
from tests.crm.amojo_double import ACCOUNT, CHANNEL, SCOPE, SECRET, AmojoDouble
from tests.crm.chatwoot_double import TOKEN, ChatwootDouble
from tests.crm.served import served
from tests.wires import ANNA


def client_of(url: str, secret: str = SECRET) -> AmojoClient:
    client = AmojoClient(secret, CHANNEL, "flowers.amocrm.ru", ACCOUNT)
    client.amojo_base_url = url
    return client


def say_and_mark(client: AmojoClient) -> tuple[str, str]:
    """A chat, a message in it, and that it was read; the ids of chat and message."""
    chat = ChatAction(client).create(
        conversation_id="ours-1",
        user_id=f"wa:{ANNA}",
        user_name="Anna",
        user_profile_phone=f"+{ANNA}",
    )
    said: Any = MessageAction(client).send(
        timestamp=int(time.time()),
        msec_timestamp=int(time.time() * 1000),
        msgid="ours-2",
        conversation_id="ours-1",
        silent=False,
        sender_id=f"wa:{ANNA}",
        sender_name="Anna",
        sender_profile_phone=f"+{ANNA}",
        message_type="text",
        message_text="Hello",
    )
    message = said.new_message.msgid
    DeliveryStatusAction(client).set(msgid=message, delivery_status=2)
    return chat.id, message


async def test_a_published_client_finds_an_amojo_in_our_double() -> None:
    amo = AmojoDouble(time.time)
    async with served(amo.answer) as url:
        chat, message = await asyncio.to_thread(say_and_mark, client_of(url))
        (bubble,) = amo.bubbles(ANNA)
        assert (bubble.seen(), bubble.mark, bubble.id) == (("client", "Hello"), "read", message)
        assert list(amo.chats) == [chat]
        with pytest.raises(RequestError, match="403"):
            await asyncio.to_thread(say_and_mark, client_of(url, "0" * 40))


async def test_a_published_validator_takes_the_hooks_of_our_double_and_no_others() -> None:
    amo, heard = AmojoDouble(time.time), list[bool]()
    validator = WebhookValidator(client_of(""))

    async def call(headers: dict[str, str], body: bytes) -> bool:
        heard.append(validator.validate(body.decode(), headers["x-signature"]))
        heard.append(validator.validate(body.decode() + " ", headers["x-signature"]))
        return True

    amo.manager_writes(ANNA, "Good morning")
    await amo.tell(call)
    assert heard == [True, False]


def test_houston_signs_as_a_published_client_does() -> None:
    path, body = f"/v2/origin/custom/{SCOPE}", '{"a": 1}'
    theirs = (
        AmojoHeaderBuilder()
        .add_date()
        .add_content_type()
        .add_content_md5(body)
        .add_signature(SECRET, "POST", path, body)
        .build()
    )
    assert theirs["Content-MD5"] == hashlib.md5(body.encode()).hexdigest()
    assert signed(SECRET, "POST", path, body.encode(), theirs["Date"]) == theirs


async def test_chatwoots_own_client_finds_a_chatwoot_in_our_double() -> None:
    chatwoot = ChatwootDouble(time.time)
    chatwoot.agent_writes(ANNA, "Good morning")
    (conversation,) = chatwoot.conversations
    async with (
        served(chatwoot.answer) as url,
        AsyncChatwootClient(base_url=url, api_token=TOKEN) as client,
    ):
        contacts: Any = client.contacts  # Its types call `list` what it has as a method.
        (known,) = await contacts.search(1, f"+{ANNA}")
        assert known.phone_number == f"+{ANNA}"
        said = await client.messages.create(1, conversation, "Hello", message_type="incoming")
        listed = await client.messages.list(1, conversation)
        assert [one.content for one in listed] == ["Good morning", "Hello"]
        assert said.id == listed[-1].id
        assert chatwoot.screen(ANNA)[-1] == ("incoming", "Hello")
        (found,) = await contacts.conversations(1, known.id)
        assert found.id == conversation
    async with (
        served(chatwoot.answer) as url,
        AsyncChatwootClient(base_url=url, api_token="another") as stranger,
    ):
        with pytest.raises(ChatwootAuthError):
            await stranger.contacts.search(1, f"+{ANNA}")
