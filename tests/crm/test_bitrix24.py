"""What an operator sees in Bitrix24, row by row, on the screen of a strict double of the portal."""

import asyncio
from datetime import timedelta

import pytest

from houston.channels.orders import Command, Delete, Disable, PaidChanged
from houston.channels.state import Status
from houston.kernel.content import Content, ContentKind
from houston.messages.rules import MessageStatus
from houston.transports.events import Edited, Reacted, ReceiptKind, Revoked
from houston.transports.transport import NotSent, Outgoing, Retry, SendResult
from tests.crm.agency import SCAN, Agency
from tests.crm.agency import agency as agency
from tests.crm.agency import portal as portal
from tests.crm.bitrix24_double import LINE
from tests.crm.bitrix24_methods import ADMIN, OLGA, Bubble
from tests.houses import until
from tests.wires import ANNA, Scripted, incoming, receipt


async def test_what_a_client_writes_is_shown_with_its_time(agency: Agency):
    then = agency.house.clock.now() - timedelta(hours=3)
    said = incoming(agency.house.clock, "1", "Hello", author_name="Anna 🌸 Maria-Luise")

    await agency.hears(said, incoming(agency.house.clock, "2", "old", sent_at=then, retrieved=True))

    first, second = agency.portal.bubbles(ANNA)
    assert (first.seen(), second.seen()) == (("client", "Hello"), ("client", "old"))
    assert second.at == int(then.timestamp())


async def test_an_operators_message_reaches_the_client_once_and_is_confirmed_when_it_was_sent(
    agency: Agency,
):
    messenger = agency.house.messenger
    await agency.hears(incoming(agency.house.clock, "1", "Hello"))
    bubble = agency.portal.operator_writes(
        ANNA, "[b]Good[/b] morning[br]see [url=https://a.b]us[/url]"
    )
    await agency.tell(times=3)

    await until(lambda: bubble.mark == "delivered", "it is confirmed")

    assert messenger.texts(ANNA) == ["*Good* morning\nsee us (https://a.b)"]
    calls = agency.portal.calls.count("imconnector.send.status.delivery")
    await agency.hears(receipt(messenger.handed_over[0], ReceiptKind.READ, agency.house.clock))
    assert agency.portal.calls.count("imconnector.send.status.delivery") == calls == 1


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
async def test_a_refused_message_gets_the_reason_back_and_no_tick(
    agency: Agency, cause: Command, status: Status, reason: str
):
    await agency.loses(cause, status)

    bubble = await agency.writes("Good morning")

    assert agency.portal.screen(ANNA) == [("operator", "Good morning"), ("system", reason)]
    assert bubble.mark == "sending"
    assert await agency.house.waiting(agency.desk.channel) == []
    (on,) = agency.portal.lines[LINE].values()
    assert on is (status is not Status.DELETED), "only a deleted channel leaves its line"


async def test_the_scan_is_asked_for_once_and_the_messages_wait_without_a_tick(agency: Agency):
    await agency.hears(incoming(agency.house.clock, "1", "Hello"))
    await agency.loses(None, Status.SCAN_QR)

    first, second = await agency.writes("Good morning"), await agency.writes("Are you there?")

    assert agency.portal.screen(ANNA)[1:] == [
        ("operator", "Good morning"),
        ("system", SCAN),
        ("operator", "Are you there?"),
    ]
    assert [first.mark, second.mark] == ["sending", "sending"]
    assert await agency.house.waiting(agency.desk.channel) == ["Good morning", "Are you there?"]


async def test_houstons_own_words_never_reach_the_client(agency: Agency):
    """Even if the portal handed them over in spite of their marks."""
    await agency.loses(Disable("person anna"), Status.DISABLED)
    await agency.writes("Good morning")
    (chat,) = agency.portal.chats.values()
    for bubble in [one for one in chat.bubbles if one.who == "system"]:
        agency.portal.tell_of(chat, bubble, "ONIMCONNECTORMESSAGEADD", OLGA)

    await agency.tell()

    assert agency.house.messenger.handed_over == []
    assert len(agency.portal.bubbles(ANNA)) == 2


async def test_an_operator_whose_token_has_expired_is_notified(agency: Agency):
    await agency.writes("Good morning")
    agency.house.advance(2 * 3600)

    await agency.loses(None, Status.SCAN_QR)
    await agency.house.say(agency.desk.channel, "from the API")
    await agency.desk.settled()

    ((user, text),) = agency.portal.notifications
    assert user == OLGA
    assert SCAN in text


async def test_without_any_operator_the_words_stand_beside_the_client(agency: Agency):
    await agency.loses(None, Status.SCAN_QR)

    await agency.house.say(agency.desk.channel, "from the API")
    await agency.desk.settled()

    assert agency.portal.screen(ANNA)[-1] == ("client", SCAN)
    assert await agency.house.waiting(agency.desk.channel) == ["from the API"]


async def test_what_whatsapp_will_not_take_says_why(agency: Agency):
    refusal = NotSent(retry=Retry.NEVER, code="nobody", text="This number has no WhatsApp")
    agency.house.messenger.answer = Scripted(agency.house.messenger, hello=[refusal])

    bubble = await agency.writes("hello")

    said = ("system", "It was not sent: This number has no WhatsApp")
    await until(lambda: said in agency.portal.screen(ANNA), "it failed")
    assert bubble.mark == "sending"


async def test_what_was_written_elsewhere_comes_back_once_and_is_not_sent_again(agency: Agency):
    agency.portal.echoes = True
    said = await agency.house.say(agency.desk.channel, "from [b]the[/b] phone")
    await until(lambda: agency.house.is_at(said.message, MessageStatus.SENT), "it was sent")
    await agency.desk.settled()

    await agency.tell(times=2)

    assert agency.portal.screen(ANNA) == [
        (f"employee {ADMIN}", "from [\u2060b]the[\u2060/b] phone")
    ]
    assert len(agency.house.messenger.handed_over) == 1


async def test_the_same_words_typed_again_by_that_employee_are_sent(agency: Agency):
    agency.portal.echoes = True
    await agency.house.say(agency.desk.channel, "ok")
    await agency.desk.settled()
    await agency.tell()
    (chat,) = agency.portal.chats.values()
    typed = Bubble(agency.portal.next_id(), "operator", "ok", 0, "sending")
    chat.bubbles.append(typed)
    agency.portal.tell_of(chat, typed, "ONIMCONNECTORMESSAGEADD", ADMIN)

    await agency.tell()

    await until(lambda: agency.house.messenger.texts(ANNA) == ["ok", "ok"], "it was sent")


async def test_a_client_cannot_write_bbcode(agency: Agency):
    await agency.hears(incoming(agency.house.clock, "1", "[b]Hi[/b] [url=x]y[/url] [1] a[i]"))

    (bubble,) = agency.portal.bubbles(ANNA)
    assert not any(tag in bubble.text for tag in ("[b]", "[/b]", "[url", "[i]"))
    assert bubble.text.replace("\u2060", "") == "[b]Hi[/b] [url=x]y[/url] [1] a[i]"


async def test_what_clients_edit_and_delete_changes_where_it_stands(agency: Agency):
    clock = agency.house.clock
    await agency.hears(incoming(clock, "1", "Helo"), incoming(clock, "2", "oops"))

    edited = Edited(wire_id="1", chat=ANNA, author=ANNA, text="Hello", at=clock.now())
    gone = Revoked(wire_id="2", chat=ANNA, author=ANNA, at=clock.now())
    await agency.hears(edited, gone)

    assert agency.portal.screen(ANNA) == [("client", "Hello")]


async def test_a_clients_emoji_is_no_text_and_holds_up_nothing(agency: Agency):
    clock = agency.house.clock
    await agency.hears(incoming(clock, "1", "Hello"))

    emoji = Reacted(wire_id="1", chat=ANNA, author=ANNA, emoji="👍", at=clock.now())
    await agency.hears(emoji, incoming(clock, "2", "Anybody there?"))

    assert agency.portal.screen(ANNA) == [("client", "Hello"), ("client", "Anybody there?")]


async def test_operators_edit_and_delete_what_waits(agency: Agency):
    await agency.loses(None, Status.SCAN_QR)
    first, second = await agency.writes("Helo"), await agency.writes("oops")

    agency.portal.operator_edits(ANNA, first, "Hello")
    agency.portal.operator_edits(ANNA, second, None)
    await agency.tell(times=2)

    assert await agency.house.waiting(agency.desk.channel) == ["Hello"]
    assert [who for who, _ in agency.portal.screen(ANNA)].count("system") == 1, "only the scan"


async def test_an_operators_edit_of_what_was_sent_is_confirmed(agency: Agency):
    bubble = await agency.writes("Helo")
    await until(lambda: bubble.mark == "delivered", "it was sent")

    agency.portal.operator_edits(ANNA, bubble, "Hello")
    await agency.tell()

    await until(lambda: bubble.mark == "delivered", "the change was confirmed")
    assert agency.house.messenger.handed_over[-1].text == "Hello"


async def test_files_go_both_ways_and_the_tick_waits_for_the_last_part(agency: Agency):
    uri = "https://houston.example/a.jpg"
    picture = Content(kind=ContentKind.IMAGE, mime="image/jpeg", uri=uri)
    await agency.hears(incoming(agency.house.clock, "1", None, content=picture))

    gate, messenger = asyncio.Event(), agency.house.messenger

    async def slow(message: Outgoing) -> SendResult:
        if message.content_uri == "https://b.example/2":
            await gate.wait()
        return await messenger.acknowledge(message)

    messenger.answer = slow
    bubble = await agency.writes("Look", "https://b.example/1", "https://b.example/2")
    await until(lambda: len(messenger.handed_over) == 3, "the last part is on its way")
    await agency.desk.settled()
    assert bubble.mark == "sending"
    gate.set()

    await until(lambda: bubble.mark == "delivered", "all parts were sent")
    assert agency.portal.bubbles(ANNA)[0].files == [uri]
    assert len(bubble.ours) == len(agency.house.messenger.handed_over) == 3
    assert agency.portal.calls.count("imconnector.send.status.delivery") == 1


async def test_a_hidden_number_that_becomes_known_goes_on_in_the_same_chat(agency: Agency):
    hidden = "100079160000001@lid"
    clock = agency.house.clock
    await agency.hears(incoming(clock, "1", "who am I", chat=hidden))
    await agency.hears(incoming(clock, "2", "Anna", chat=ANNA, hidden=hidden))
    (chat,) = agency.portal.chats.values()
    bubble = agency.portal.operator_writes(hidden, "Good morning")
    await agency.tell()

    await until(lambda: bubble.mark == "delivered", "it was sent")

    assert agency.house.messenger.texts(ANNA) == ["Good morning"]
    assert [one.seen() for one in chat.bubbles] == [
        ("client", "who am I"),
        ("client", "Anna"),
        ("operator", "Good morning"),
    ]
