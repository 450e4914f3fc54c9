"""Files from end to end: what a person sends is shown and can be opened, and the other way.

The books are those of WhatsApp, for what reached people, and of an integrator's server, for webhooks.
"""

import os
from typing import Any

import pytest

from tests.acceptance.integrator import integrator_running
from tests.acceptance.town import Town, until

pytestmark = pytest.mark.slow
KINDS = [
    ("image/jpeg", "rose.jpg", "image"),
    ("audio/ogg", "voice.ogg", "audio"),
    ("video/mp4", "shop.mp4", "video"),
    ("application/pdf", "prices.pdf", "document"),
]


def say_file(town: Town, person: str, to: str, body: bytes, mime: str, name: str) -> None:
    http = town.whatsapp.http
    headers = {"content-type": mime}
    held = http.post("/media", content=body, params={"name": name}, headers=headers)
    uri = held.raise_for_status().json()["content_uri"]
    said = {"to": to, "text": f"see {name}", "content_uri": uri}
    town.whatsapp.post(f"/people/{person}/say", said).raise_for_status()


def unread(town: Town, person: str) -> list[dict[str, Any]]:
    """What reached a person since they read last; now it is read."""
    found = [arrival for arrival in town.whatsapp.inbox(person) if not arrival["read"]]
    if found:  # What arrives after the look is for the next one.
        town.whatsapp.post(f"/people/{person}/read")
    return found


def contents(town: Town, channel: dict[str, str], person: str) -> list[dict[str, Any]]:
    """The contents of a chat's messages, as the interface shows them."""
    chats = town.api.get("/chats", channel=channel["id"], q=person)
    messages = town.api.messages(chats[0]["id"]) if chats else []
    return [message["content"] for message in messages if message["content"]]


@pytest.mark.each_transport
def test_what_a_person_sends_is_shown_told_and_can_be_opened(town: Town) -> None:
    channel, person = town.paired, "79165567001"
    with integrator_running() as integrator:
        body = {"webhooksUri": integrator.url, "subscriptions": {"messagesAndStatuses": True}}
        assert town.api.v3.patch("/webhooks", json=body).text == "OK"
        bodies = {kind: os.urandom(50_000) for _, _, kind in KINDS}
        for mime, name, kind in KINDS:
            say_file(town, person, channel["phone"], bodies[kind], mime, name)
        until(lambda: len(contents(town, channel, person)) == 4, what="all four are shown")
        shown = {content["kind"]: content for content in contents(town, channel, person)}
        for mime, _, kind in KINDS:
            content = shown[kind]
            assert (content["mime"], content["state"]) == (mime, "here")
            assert town.api.open.get(content["uri"]).content == bodies[kind]
        assert shown["document"]["name"] == "prices.pdf"
        told = until(lambda: len(found := integrator.told("messages")) == 4 and found)
        assert {one["type"]: one["contentUri"] for one in told} == {
            kind: content["uri"] for kind, content in shown.items()
        }
        town.api.v3.patch("/webhooks", json={"webhooksUri": ""})


@pytest.mark.each_transport
def test_what_is_sent_reaches_the_person_as_what_it_is(town: Town) -> None:
    channel, person = town.paired, "79165567002"
    for mime, name, kind in KINDS:
        body = os.urandom(50_000)
        headers = {"content-type": mime}
        kept = town.api.http.post("/files", params={"name": name}, content=body, headers=headers)
        content = {"uri": kept.raise_for_status().json()["uri"]}
        asked = {"channel_id": channel["id"], "chat_id": person, "content": content}
        town.api.http.post("/messages", json=asked).raise_for_status()
        arrival = until(lambda: unread(town, person), what=name)[0]
        assert arrival["content_kind"] == kind
        assert town.whatsapp.http.get(arrival["content_uri"]).content == body


def test_what_may_not_be_fetched_fails_and_says_why(town: Town) -> None:
    asked = {
        "channel_id": town.paired["id"],
        "chat_id": "79165567003",
        "content": {"uri": "http://127.0.0.1:9/secrets"},
    }
    sent = town.api.http.post("/messages", json=asked).raise_for_status().json()["id"]
    until(lambda: town.api.get(f"/messages/{sent}")["status"] == "failed")
    assert town.api.get(f"/messages/{sent}")["error"]["code"] == "content_not_allowed"
    assert town.whatsapp.inbox("79165567003") == []


def test_a_file_that_is_still_on_its_way_survives_the_death_of_houston(own_town: Town) -> None:
    town, person, body = own_town, "79165567004", os.urandom(50_000)
    town.whatsapp.post("/media-hosts", {"status": 503})
    say_file(town, person, town.paired["phone"], body, "image/png", "rose.png")
    states = until(
        lambda: [one["state"] for one in contents(town, town.paired, person)],
        40,
        "the message comes without its file",
    )
    assert states == ["fetching"]
    town.kill_houston()
    town.whatsapp.post("/media-hosts", {"status": None})
    town.start()

    def here() -> list[dict[str, Any]]:
        return [one for one in contents(town, town.paired, person) if one["state"] == "here"]

    (content,) = until(here, what="the file is fetched after all")
    assert town.api.open.get(content["uri"]).content == body
    assert len(contents(town, town.paired, person)) == 1
