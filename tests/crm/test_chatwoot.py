"""What an agent sees in Chatwoot, row by row, on the screen of a strict double of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from houston.channels.orders import Command, Delete, Disable, Enable, PaidChanged
from houston.channels.state import Status
from houston.crm.chatwoot import signature
from houston.kernel.content import Content, ContentKind, ContentState
from houston.messages.rules import MessageStatus
from houston.transports.events import (
    Echoed,
    Event,
    LoggedOut,
    LogoutCause,
    PhoneLost,
    Reacted,
    ReceiptKind,
)
from houston.transports.transport import NotSent, Retry
from tests.crm.conftest import Office
from tests.houses import until
from tests.wires import ANNA, Scripted, incoming, receipt


async def hears(office: Office, *events: Event) -> None:
    for event in events:
        await office.house.messenger.of(office.desk.channel).say(event)
    await office.desk.settled()


async def test_what_a_client_writes_stands_in_one_conversation(office: Office):
    clock = office.house.clock

    await hears(office, incoming(clock, "1", "Hello"), incoming(clock, "2", "Anybody there?"))

    assert office.chatwoot.screen(ANNA) == [("incoming", "Hello"), ("incoming", "Anybody there?")]
    assert len(office.chatwoot.conversations) == len(office.chatwoot.contacts) == 1


async def test_a_clients_emoji_is_no_text_and_holds_up_nothing(office: Office):
    clock = office.house.clock
    await hears(office, incoming(clock, "1", "Hello"))

    emoji = Reacted(wire_id="1", chat=ANNA, author=ANNA, emoji="👍", at=clock.now())
    await hears(office, emoji, incoming(clock, "2", "Anybody there?"))

    assert office.chatwoot.screen(ANNA) == [("incoming", "Hello"), ("incoming", "Anybody there?")]


async def test_a_client_whom_another_inbox_knows_stays_one_contact(office: Office):
    office.chatwoot.known_elsewhere(ANNA)

    await hears(office, incoming(office.house.clock, "1", "Hello"))

    assert office.chatwoot.screen(ANNA) == [("incoming", "Hello")]
    assert len(office.chatwoot.contacts) == 1


async def test_what_an_agent_writes_reaches_the_client_once_and_gets_its_ticks(office: Office):
    bubble = office.chatwoot.agent_writes(ANNA, "Good **morning**")
    await office.tell(times=2)
    await until(lambda: office.house.messenger.texts(ANNA), "it was sent")
    await hears(
        office,
        receipt(office.house.messenger.handed_over[0], ReceiptKind.DELIVERED, office.house.clock),
    )
    assert bubble.status == "delivered"

    await hears(
        office, receipt(office.house.messenger.handed_over[0], ReceiptKind.READ, office.house.clock)
    )

    assert office.house.messenger.texts(ANNA) == ["Good *morning*"]
    assert (bubble.status, bubble.error) == ("read", None)
    assert office.chatwoot.screen(ANNA) == [("outgoing", "Good **morning**")]


async def test_a_private_note_never_leaves_chatwoot(office: Office):
    office.chatwoot.agent_writes(ANNA, "a difficult one", private=True)
    office.chatwoot.agent_writes(ANNA, "Good morning")

    await office.tell()

    await until(lambda: office.house.messenger.texts(ANNA), "it was sent")
    assert office.house.messenger.texts(ANNA) == ["Good morning"]


@pytest.mark.parametrize(
    ("cause", "status", "reason"),
    [
        (
            Disable("person anna"),
            Status.DISABLED,
            "The channel is disabled. Press “Enable the channel”",
        ),
        (PaidChanged(False), Status.NOT_PAID, "The channel is not paid. Top up the balance"),
        (
            Delete("person anna"),
            Status.DELETED,
            "The channel does not exist. Restore it, or use another one",
        ),
    ],
)
async def test_a_refused_message_says_why_and_is_never_sent(
    office: Office, cause: Command, status: Status, reason: str
):
    await office.house.hear(office.desk.channel, cause)
    await until(lambda: office.house.shows(office.desk.channel, status), status)

    bubble = office.chatwoot.agent_writes(ANNA, "Good morning")
    await office.tell()

    assert (bubble.status, bubble.error) == ("failed", reason)
    assert await office.house.waiting(office.desk.channel) == []


async def test_a_refused_message_goes_out_when_the_agent_tries_again_later(office: Office):
    channel = office.desk.channel
    await office.house.hear(channel, Disable("person anna"))
    await until(lambda: office.house.shows(channel, Status.DISABLED), "disabled")
    bubble = office.chatwoot.agent_writes(ANNA, "Good morning")
    await office.tell()
    assert bubble.status == "failed"
    await office.house.hear(channel, Enable("person anna"))
    await until(lambda: office.house.shows(channel, Status.ACTIVE), "it works again")
    await office.tell()  # That the message has failed is no request to send it.
    assert await office.house.waiting(channel) == office.house.messenger.texts(ANNA) == []

    office.chatwoot.agent_retries(ANNA, bubble)
    await office.tell()
    await office.tell()

    await until(lambda: office.house.messenger.texts(ANNA) == ["Good morning"], "it was sent")
    assert bubble.status == "sent"


async def test_houston_calls_for_the_scan_once_and_keeps_the_messages(office: Office):
    channel = office.desk.channel
    await office.house.messenger.of(channel).say(LoggedOut(LogoutCause.UNLINKED_ON_PHONE))
    await until(lambda: office.house.shows(channel, Status.SCAN_QR), "it has to be scanned")

    first = office.chatwoot.agent_writes(ANNA, "Good morning")
    second = office.chatwoot.agent_writes(ANNA, "Are you there?")
    await office.tell()
    await office.tell()

    notice = ("note", "Houston, scan the QR code")
    assert office.chatwoot.screen(ANNA) == [first.seen(), second.seen(), notice]
    assert await office.house.waiting(channel) == ["Good morning", "Are you there?"]
    assert [first.status, second.status] == ["sent", "sent"]
    assert office.house.messenger.texts(ANNA) == []


async def test_a_message_that_waits_gets_no_false_tick(office: Office):
    channel = office.desk.channel
    await office.house.messenger.of(channel).say(PhoneLost(office.house.clock.now()))
    await until(lambda: office.house.shows(channel, Status.PHONE_UNAVAILABLE), "no phone")

    office.chatwoot.agent_writes(ANNA, "Good morning")
    await office.tell()

    assert await office.house.waiting(channel) == ["Good morning"]
    assert not [call for call in office.chatwoot.calls if call.startswith("PATCH")]


async def test_what_whatsapp_will_not_take_fails_with_its_reason(office: Office):
    refusal = NotSent(retry=Retry.NEVER, code="not_on_whatsapp", text="This number has no WhatsApp")
    office.house.messenger.answer = Scripted(office.house.messenger, hello=[refusal])

    bubble = office.chatwoot.agent_writes(ANNA, "hello")
    await office.tell()
    await until(lambda: bubble.status == "failed", "it failed")

    assert bubble.error == "This number has no WhatsApp"


async def test_what_was_written_elsewhere_is_shown_and_never_comes_back(office: Office):
    said = await office.house.say(office.desk.channel, "from the API")
    await until(lambda: office.house.is_at(said.message, MessageStatus.SENT), "it was sent")
    await hears(
        office,
        Echoed(wire_id="e1", chat=ANNA, text="from the phone", sent_at=office.house.clock.now()),
    )
    await office.tell()
    await office.tell()

    assert office.chatwoot.screen(ANNA) == [
        ("outgoing", "from the API"),
        ("outgoing", "from the phone"),
    ]
    assert office.house.messenger.texts(ANNA) == ["from the API"]


async def test_files_go_both_ways(office: Office):
    picture = Content(
        kind=ContentKind.IMAGE, mime="image/jpeg", uri="https://houston.example/picture.jpg"
    )
    await hears(office, incoming(office.house.clock, "1", None, content=picture))
    bubble = office.chatwoot.agent_writes(ANNA, "Look", files=["https://chatwoot.example/a.jpg"])
    await office.tell()

    await until(lambda: len(office.house.messenger.handed_over) == 2, "both parts were sent")

    assert office.chatwoot.bubbles(ANNA)[0].files == [b'"a picture"']
    sent = [(one.text, one.content_uri) for one in office.house.messenger.handed_over]
    assert sent == [("Look", None), (None, "https://chatwoot.example/a.jpg")]
    assert bubble.status == "sent"


async def test_a_file_is_told_when_it_has_come_or_is_lost(office: Office):
    clock = office.house.clock
    fetching = Content(
        kind=ContentKind.DOCUMENT,
        mime="application/pdf",
        name="bill.pdf",
        state=ContentState.FETCHING,
    )
    await hears(office, incoming(clock, "1", "The bill", content=fetching))
    assert office.chatwoot.screen(ANNA) == []

    lost = replace(fetching, state=ContentState.LOST, fault="content_gone")
    await hears(office, incoming(clock, "1", "The bill", content=lost))

    said = "The bill\n📎 bill.pdf: it could not be retrieved"
    assert office.chatwoot.screen(ANNA) == [("incoming", said)]


async def test_a_deleted_conversation_begins_anew(office: Office):
    await hears(office, incoming(office.house.clock, "1", "Hello"))
    office.chatwoot.delete_conversation(ANNA)

    await hears(office, incoming(office.house.clock, "2", "Hello again"))

    assert office.chatwoot.screen(ANNA) == [("incoming", "Hello again")]


async def test_what_waited_at_whatsapp_says_when_it_was_written(office: Office):
    then = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

    await hears(office, incoming(office.house.clock, "1", "Hi", sent_at=then, retrieved=True))

    assert office.chatwoot.screen(ANNA) == [("incoming", "[2026-11-20 09:30 UTC] Hi")]


def test_the_published_signature_is_reproduced():
    body = b'{"event":"message_created","id":123,"content":"hello","message_type":"outgoing","private":false}'

    assert signature("cwsecret", "1674087231", body) == (
        "sha256=9181c6418a4ae5bbe63918bbe98e7f949b2e4465b646d9aadef2b6d6d9f0bc72"
    )
