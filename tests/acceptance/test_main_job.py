"""What Houston is for, from end to end: pair by a scan, hear a person, answer, and tell what became of it.

An integrator's server on a real socket keeps the books of the webhooks; the simulated WhatsApp those
of the messages.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.acceptance.integrator import Integrator, integrator_running
from tests.acceptance.town import Town, until

pytestmark = [pytest.mark.slow, pytest.mark.each_transport]
PERSON = "79165560001"


@pytest.fixture
def integrator(town: Town) -> Iterator[Integrator]:
    """A server that gets all webhooks of the town's account for as long as a test runs."""
    with integrator_running() as found:
        switches = {"messagesAndStatuses": True, "channelsUpdates": True}
        body = {"webhooksUri": found.url, "subscriptions": switches}
        answer = town.api.v3.patch("/webhooks", json=body)
        assert (answer.status_code, answer.text) == (200, "OK")
        assert found.bodies.pop(0) == {"test": True}
        yield found
        town.api.v3.patch("/webhooks", json={"webhooksUri": ""})


def answer_by_v3(town: Town, channel: dict[str, str], text: str, **more: str) -> httpx.Response:
    body = {
        "channelId": channel["id"],
        "chatType": "whatsapp",
        "chatId": PERSON,
        "text": text,
        **more,
    }
    return town.api.v3.post("/message", json=body)


def one_message(town: Town, id: str) -> dict[str, Any]:
    found: dict[str, Any] = town.api.get(f"/messages/{id}")
    return found


def test_a_person_writes_is_answered_and_webhooks_show_sent_delivered_read(
    town: Town, integrator: Integrator
) -> None:
    channel = town.waiting  # The demo's second channel: it was paired by a scan of its code.
    town.whatsapp.say(PERSON, channel["phone"], "Hello, Houston?")
    heard = until(lambda: integrator.told("messages"))[0]
    assert (heard["text"], heard["chatId"], heard["status"]) == (
        "Hello, Houston?",
        PERSON,
        "inbound",
    )
    answer = answer_by_v3(town, channel, "Houston here.", crmMessageId="main-job-1")
    assert answer.status_code == 201
    message = answer.json()["messageId"]
    until(lambda: town.whatsapp.texts(PERSON) == ["Houston here."])
    until(lambda: integrator.statuses(message) == ["sent", "delivered"])
    town.whatsapp.post(f"/people/{PERSON}/read")
    until(lambda: integrator.statuses(message) == ["sent", "delivered", "read"])
    assert one_message(town, message)["status"] == "read"
    assert all(len(body) == 1 for body in integrator.bodies), "one kind per POST"
    repeated = answer_by_v3(town, channel, "Houston here.", crmMessageId="main-job-1")
    assert (repeated.status_code, repeated.json()["error"]) == (400, "REPEATED_CRM_MESSAGE_ID")


def test_webhooks_tell_every_status_of_a_channel_in_order(
    town: Town, integrator: Integrator
) -> None:
    channel = town.waiting
    town.api.command(channel["id"], "disable")
    town.api.command(channel["id"], "enable")
    town.becomes(channel, "ACTIVE")

    def states() -> list[str]:
        updates = integrator.told("channelsUpdates")
        return [one["state"] for one in updates if one["channelId"] == channel["id"]]

    until(lambda: states() == ["disabled", "init", "active"])


def test_an_integrator_that_fails_for_a_while_gets_everything_later_and_in_order(
    town: Town, integrator: Integrator
) -> None:
    integrator.answers_with = 500
    texts = [f"while nobody listens {number}" for number in range(3)]
    for text in texts:
        town.whatsapp.say(PERSON, town.waiting["phone"], text)
    chat = town.chat(town.waiting, PERSON)
    until(lambda: [one["text"] for one in town.api.messages(chat)][-3:] == texts)
    integrator.answers_with = 200
    until(lambda: len(integrator.told("messages")) == 3, what="the retries arrive")
    assert [one["text"] for one in integrator.told("messages")] == texts


def test_a_repeat_with_the_same_reference_is_answered_with_the_first_message(town: Town) -> None:
    channel, person = town.paired, "79165560002"
    first = town.api.send(channel["id"], person, "once", client_ref="order-1042").json()
    for _ in range(3):
        again = town.api.send(channel["id"], person, "once", client_ref="order-1042")
        assert (again.json()["id"], again.json()["repeated"]) == (first["id"], True)
    until(lambda: town.whatsapp.texts(person))
    assert town.whatsapp.texts(person) == ["once"]


def test_a_text_that_was_sent_can_be_changed_and_taken_back(town: Town) -> None:
    channel, person = town.paired, "79165560003"
    message = town.api.send(channel["id"], person, "at noon").json()["id"]
    until(lambda: one_message(town, message)["status"] == "delivered")
    changed = town.api.http.patch(f"/messages/{message}", json={"text": "at one"})
    assert changed.status_code == 200
    until(lambda: town.whatsapp.texts(person) == ["at one"])
    assert town.whatsapp.inbox(person)[0]["edited"]
    assert town.api.http.delete(f"/messages/{message}").status_code == 200
    until(lambda: town.whatsapp.inbox(person)[0]["revoked"])
    assert len(town.whatsapp.inbox(person)) == 1
    until(lambda: one_message(town, message)["deleted_at"])


def test_what_a_person_changes_and_takes_back_is_followed(town: Town) -> None:
    channel, person = town.paired, "79165560004"
    said = town.whatsapp.say(person, channel["phone"], "I take two")
    until(lambda: town.api.get("/chats", channel=channel["id"], q=person))
    chat = town.chat(channel, person)
    town.whatsapp.post(f"/people/{person}/edit", {"id": said, "text": "I take three"})
    until(lambda: town.api.messages(chat)[0]["text"] == "I take three")
    town.whatsapp.post(f"/people/{person}/revoke", {"id": said})
    until(lambda: town.api.messages(chat)[0]["deleted_at"])
    assert len(town.api.messages(chat)) == 1


def test_what_waits_can_be_changed_cancelled_and_is_never_sent_then(town: Town) -> None:
    channel, person = town.waiting, "79165560005"
    word = town.hold(channel)
    keep, drop = (
        town.api.send(channel["id"], person, text).json()["id"] for text in ("keep", "drop")
    )
    queue = town.api.get(f"/channels/{channel['id']}/queue")
    assert (queue["length"], queue["head"], queue["waits_for"]) == (2, keep, word)
    answer = town.api.http.post(f"/channels/{channel['id']}/queue/cancel", json={"ids": [drop]})
    assert answer.json()["cancelled"] == [drop]
    town.api.http.patch(f"/messages/{keep}", json={"text": "kept"}).raise_for_status()
    town.whatsapp.let_go(channel["phone"])
    town.becomes(channel, "ACTIVE", 180)
    until(lambda: town.whatsapp.texts(person))
    assert town.whatsapp.texts(person) == ["kept"]
    assert one_message(town, drop)["status"] == "cancelled"


def test_a_number_that_is_not_on_whatsapp_fails_for_good_and_holds_up_nobody(town: Town) -> None:
    channel, absent, person = town.paired, "79165560006", "79165560007"
    town.whatsapp.post(f"/people/{absent}/absent")
    failed = town.api.send(channel["id"], absent, "nobody there").json()["id"]
    town.api.send(channel["id"], person, "somebody here")
    until(lambda: town.whatsapp.texts(person) == ["somebody here"])
    until(lambda: one_message(town, failed)["status"] == "failed")
    assert one_message(town, failed)["error"]["text"]
    assert town.whatsapp.inbox(absent) == []
