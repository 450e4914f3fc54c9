"""Facts beside what Wazzup's webhooks say of them, word for word; nothing is posted."""

import dataclasses
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from houston.compat.wazzup_v3.emit import DIALECT, translate
from houston.kernel.content import Content, ContentKind, ContentState
from houston.kernel.facts import (
    ContactWanted,
    ContentArrived,
    DealWanted,
    Fact,
    HoustonCalled,
    MessageEdited,
    MessageMoved,
    MessageReceived,
    StatusChanged,
)
from houston.kernel.feed import Cursor, Event
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId
from houston.webhooks.posts import Item, next_post

AT = datetime(2026, 3, 1, 12, 0, 5, 678_900, tzinfo=UTC)
CHANNEL, CHAT = ChannelId(UUID(int=1)), ChatId(UUID(int=2))
MESSAGE, QUOTED = MessageId(UUID(int=3)), MessageId(UUID(int=4))
PHONE = "79161234567"
STAMP = "2026-03-01T12:00:05.678Z"
RECEIVED = MessageReceived(
    message_id=MESSAGE,
    chat_id=CHAT,
    address=PHONE,
    author=PHONE,
    author_name="Anna",
    text="hello",
    content_uri=None,
    quoted_wire_id=None,
    echo=False,
    retrieved=False,
    at=AT,
)
MOVED = MessageMoved(
    message_id=MESSAGE, chat_id=CHAT, address=PHONE, status="sent", at=AT, client_ref="crm:17"
)
TURNED = StatusChanged(
    old="ACTIVE",
    new="SCAN_QR",
    state="qridle",
    reason="logged_out_everywhere",
    actor="whatsapp",
    at=AT,
    evidence_at=None,
)
VOICE = Content(
    kind=ContentKind.AUDIO,
    mime="audio/ogg",
    state=ContentState.HERE,
    uri="https://houston.example/files/1/2/voice.ogg",
)
ABOUT_IT = {
    "messageId": str(MESSAGE),
    "channelId": str(CHANNEL),
    "chatType": "whatsapp",
    "chatId": PHONE,
    "dateTime": STAMP,
}
INBOUND: dict[str, Any] = ABOUT_IT | {
    "type": "text",
    "isEcho": False,
    "status": "inbound",
    "sentFromApp": False,
    "retrieved": False,
    "text": "hello",
    "contact": {"name": "Anna", "phone": PHONE},
}


def event(fact: Fact, seq: int = 1) -> Event:
    body = msgspec.json.encode(fact)
    return Event(
        Cursor(era=1, xid=1, seq=seq), AT, AccountId(UUID(int=9)), CHANNEL, fact.kind, body
    )


def status(word: str, **more: Any) -> dict[str, Any]:
    said = {"messageId": str(MESSAGE), "timestamp": STAMP, "crmMessageId": "17", "status": word}
    return said | more


def fault(code: str, text: str) -> dict[str, Any]:
    """Clients read either pair of names."""
    return status(
        "error", error={"error": code, "description": text, "code": code, "message": text}
    )


@pytest.mark.parametrize(
    ("fact", "kind", "body"),
    [
        (RECEIVED, "messages", INBOUND),
        (
            replace(RECEIVED, quoted_message_id=QUOTED, quoted_text="Which one?"),
            "messages",
            INBOUND | {"quotedMessage": {"messageId": str(QUOTED), "text": "Which one?"}},
        ),
        (replace(RECEIVED, quoted_wire_id="3EB0"), "messages", INBOUND),
        (replace(RECEIVED, retrieved=True), "messages", INBOUND | {"retrieved": True}),
        (
            replace(RECEIVED, text=None, content=VOICE, content_uri=VOICE.uri),
            "messages",
            {name: one for name, one in INBOUND.items() if name != "text"}
            | {"type": "audio", "contentUri": VOICE.uri},
        ),
        (
            replace(RECEIVED, echo=True),
            "messages",
            {name: one for name, one in INBOUND.items() if name != "contact"}
            | {"isEcho": True, "status": "sent", "sentFromApp": True},
        ),
        (MOVED, "statuses", status("sent")),
        (replace(MOVED, status="delivered"), "statuses", status("delivered")),
        (replace(MOVED, status="read"), "statuses", status("read")),
        (
            replace(MOVED, status="failed", error_code="not_on_whatsapp", error_text="Nobody"),
            "statuses",
            fault("BAD_CONTACT", "Nobody"),
        ),
        (
            replace(MOVED, status="cancelled"),
            "statuses",
            fault("MESSAGE_CANCELLED", "The message was cancelled before it was sent"),
        ),
        (
            TURNED,
            "channelsUpdates",
            {
                "channelId": str(CHANNEL),
                "state": "qridle",
                "timestamp": 1_772_366_405_678,
                "reason": "logged_out_everywhere",
            },
        ),
        (
            ContactWanted(name="Anna", address=PHONE, responsible_user_id="u1"),
            "createContact",
            {
                "name": "Anna",
                "contactData": [{"chatType": "whatsapp", "chatId": PHONE}],
                "source": "auto",
                "responsibleUserId": "u1",
            },
        ),
        (
            DealWanted(contacts=["c1"], responsible_user_id="u1"),
            "createDeal",
            {"responsibleUserId": "u1", "contacts": ["c1"], "source": "auto"},
        ),
    ],
)
def test_each_fact_is_told_as_wazzups_page_says(
    fact: Fact, kind: str, body: dict[str, Any]
) -> None:
    told = translate(event(fact))
    assert isinstance(told, Item)
    assert (told.kind, told.body) == (kind, body)


def test_an_edit_and_what_was_taken_back_are_told_with_what_was_there_before() -> None:
    edited = MessageEdited(
        message_id=MESSAGE,
        chat_id=CHAT,
        address=PHONE,
        text="hello!",
        old_text="hello",
        by_us=False,
        at=AT,
    )
    told = [translate(event(one)) for one in (edited, replace(edited, text=None))]
    assert [
        (one.body["isEdited"], one.body["isDeleted"], one.body["oldInfo"]) for one in told if one
    ] == [(True, False, {"oldText": "hello"}), (False, True, {"oldText": "hello"})]


def test_what_wazzup_has_no_words_for_is_not_told() -> None:
    queued = replace(MOVED, status="queued")
    deleted = replace(TURNED, new="DELETED", state=None)
    for fact in (queued, deleted, HoustonCalled(chat_id=CHAT, address=PHONE, at=AT)):
        assert translate(event(fact)) is None


def test_a_file_that_came_later_is_told_as_an_edit_and_a_lost_one_not() -> None:
    came = ContentArrived(
        message_id=MESSAGE,
        chat_id=CHAT,
        address=PHONE,
        author=PHONE,
        author_name="Anna",
        text=None,
        content=VOICE,
        echo=False,
        at=AT,
    )
    told = translate(event(came))
    assert told is not None
    assert told.body["contentUri"] == VOICE.uri
    assert told.body["isEdited"] is True
    lost = replace(came, content=dataclasses.replace(VOICE, uri=None, state=ContentState.LOST))
    assert translate(event(lost)) is None


def test_messages_and_statuses_never_share_a_post_and_each_turn_of_a_channel_is_alone() -> None:
    """One client drops the statuses of such a body, another a whole body for a state that it does not know."""
    facts: list[Fact] = [RECEIVED, RECEIVED, MOVED, MOVED, TURNED, TURNED]
    events, sizes = [event(fact, seq) for seq, fact in enumerate(facts)], []
    while events:
        post = next_post(events, DIALECT, lambda _, __: True, 100)
        sizes.append(len(post.items))
        events = events[post.events :]
    assert sizes == [2, 2, 1, 1]
