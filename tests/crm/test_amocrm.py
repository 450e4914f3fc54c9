"""What a manager sees in amoCRM, row by row, on the screen of a strict double of its chats."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from houston.channels.orders import Command, Delete, Disable, PaidChanged
from houston.channels.state import Status
from houston.crm.amocrm import AmoCrm
from houston.crm.amocrm.amojo import hook_is_genuine, signed
from houston.crm.rules import State
from houston.crm.wire import Wire
from houston.kernel.content import Content, ContentKind
from houston.messages.rules import MessageStatus
from houston.transports.events import Edited, Event, LoggedOut, LogoutCause, ReceiptKind
from houston.transports.transport import NotSent, Retry
from tests.crm.amojo_double import ACCOUNT, BOT, CHANNEL, HOST, SECRET, AmojoDouble
from tests.crm.desk import Desk, connected, relaying
from tests.houses import House, until
from tests.wires import ANNA, Scripted, incoming, receipt

SETTINGS = {
    "host": HOST,
    "channel_id": CHANNEL,
    "secret": SECRET,
    "bot_id": BOT,
    "account_id": ACCOUNT,
}


@dataclass
class Sales:
    """Houston, amoCRM and the connection between them."""

    house: House
    desk: Desk
    amo: AmojoDouble

    async def tell(self, *, times: int = 1) -> None:
        await self.amo.tell(self.desk.call, times=times)
        await self.desk.settled()

    async def hears(self, *events: Event) -> None:
        for event in events:
            await self.house.messenger.of(self.desk.channel).say(event)
        await self.desk.settled()


@pytest.fixture
async def sales(crm_house: House) -> AsyncIterator[Sales]:
    house = crm_house
    amo = AmojoDouble(lambda: house.clock.now().timestamp())
    connector = AmoCrm(Wire(httpx.MockTransport(amo.answer)), house.clock)
    channel = await house.active()
    async with relaying(house, connector) as reception:
        desk = await connected(house, channel, connector, reception, SETTINGS)
        await until(lambda: desk.is_in(State.WORKING), "the connection works")
        await desk.settled()
        yield Sales(house, desk, amo)
    await connector.close()


async def test_what_a_client_writes_is_shown_and_calls_a_manager(sales: Sales):
    await sales.hears(incoming(sales.house.clock, "1", "Hello", author_name="Anna"))

    (bubble,) = sales.amo.bubbles(ANNA)
    assert (bubble.seen(), bubble.silent) == (("client", "Hello"), False)
    assert sales.amo.connected == 1


async def test_a_backlog_keeps_its_times_and_calls_once(sales: Sales):
    clock = sales.house.clock
    sales.amo.weather = "down"
    for minutes in (30, 20, 10):
        then = clock.now() - timedelta(minutes=minutes)
        said = incoming(clock, str(minutes), f"{minutes}", sent_at=then, retrieved=True)
        await sales.house.messenger.of(sales.desk.channel).say(said)
    await until(lambda: _waits_for(sales, 3), "all of it stands in line")
    sales.amo.weather = "up"

    await sales.desk.in_time()

    seen = sales.amo.bubbles(ANNA)
    assert [(one.text, one.silent) for one in seen] == [("30", True), ("20", True), ("10", False)]
    assert clock.now().timestamp() - seen[0].at > 1700


async def _waits_for(sales: Sales, errands: int) -> bool:
    return await sales.desk.waiting() == errands


async def test_a_managers_message_reaches_the_client_once_and_gets_its_marks(sales: Sales):
    clock, messenger = sales.house.clock, sales.house.messenger
    await sales.hears(incoming(clock, "1", "Hello"))
    bubble = sales.amo.manager_writes(ANNA, "Good morning")
    await sales.tell(times=2)
    await until(lambda: messenger.texts(ANNA), "it was sent")
    await sales.desk.settled()
    assert [bubble.mark] == [None]
    await sales.hears(receipt(messenger.handed_over[0], ReceiptKind.DELIVERED, clock))
    assert bubble.mark == "delivered"

    await sales.hears(receipt(messenger.handed_over[0], ReceiptKind.READ, clock))

    assert bubble.mark == "read"
    assert messenger.texts(ANNA) == ["Good morning"]


async def test_a_client_to_whom_a_manager_wrote_first_answers_in_the_same_chat(sales: Sales):
    sales.amo.manager_writes(ANNA, "Good morning")
    await sales.tell()

    await sales.hears(incoming(sales.house.clock, "1", "Hello"))

    assert sales.house.messenger.texts(ANNA) == ["Good morning"]
    assert sales.amo.screen(ANNA) == [("manager", "Good morning"), ("client", "Hello")]
    assert len(sales.amo.chats) == 1


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
async def test_a_refused_message_says_why_at_itself(
    sales: Sales, cause: Command, status: Status, reason: str
):
    await sales.house.hear(sales.desk.channel, cause)
    await until(lambda: sales.house.shows(sales.desk.channel, status), status)

    bubble = sales.amo.manager_writes(ANNA, "Good morning")
    await sales.tell()

    assert bubble.mark == reason
    assert await sales.house.waiting(sales.desk.channel) == []


async def test_the_bot_calls_for_the_scan_once_and_the_messages_wait_unmarked(sales: Sales):
    await sales.hears(incoming(sales.house.clock, "1", "Hello"))
    await sales.house.messenger.of(sales.desk.channel).say(LoggedOut(LogoutCause.UNLINKED_ON_PHONE))
    await until(lambda: sales.house.shows(sales.desk.channel, Status.SCAN_QR), "to be scanned")

    first = sales.amo.manager_writes(ANNA, "Good morning")
    second = sales.amo.manager_writes(ANNA, "Are you there?")
    await sales.tell()

    assert sales.amo.screen(ANNA)[3:] == [("bot", "Houston, scan the QR code")]
    assert [first.mark, second.mark] == [None, None]
    assert await sales.house.waiting(sales.desk.channel) == ["Good morning", "Are you there?"]


async def test_what_whatsapp_will_not_take_says_why(sales: Sales):
    refusal = NotSent(retry=Retry.NEVER, code="nobody", text="This number has no WhatsApp")
    sales.house.messenger.answer = Scripted(sales.house.messenger, hello=[refusal])

    bubble = sales.amo.manager_writes(ANNA, "hello")
    await sales.tell()

    await until(lambda: bubble.mark == "This number has no WhatsApp", "it failed")


async def test_what_was_written_elsewhere_stands_in_the_chat(sales: Sales):
    said = await sales.house.say(sales.desk.channel, "from the API")
    await until(lambda: sales.house.is_at(said.message, MessageStatus.SENT), "it was sent")
    await sales.desk.settled()

    assert sales.amo.screen(ANNA) == [("bot", "from the API")]
    assert sales.house.messenger.texts(ANNA) == ["from the API"]


async def test_an_edited_message_changes_where_it_stands(sales: Sales):
    clock = sales.house.clock
    await sales.hears(incoming(clock, "1", "Helo"))

    await sales.hears(Edited(wire_id="1", chat=ANNA, author=ANNA, text="Hello", at=clock.now()))

    assert sales.amo.screen(ANNA) == [("client", "Hello")]


def _picture(uri: str) -> Content:
    return Content(kind=ContentKind.IMAGE, mime="image/jpeg", uri=uri)


async def test_pictures_go_both_ways(sales: Sales):
    clock = sales.house.clock
    await sales.hears(incoming(clock, "1", None, content=_picture(f"{HOST}/picture.jpg")))
    sales.amo.manager_writes(ANNA, "Look", media="https://amo.example/a.jpg")
    await sales.tell()

    await until(lambda: len(sales.house.messenger.handed_over) == 2, "both parts were sent")
    assert sales.amo.bubbles(ANNA)[0].media == f"{HOST}/picture.jpg"
    sent = [(one.text, one.content_uri) for one in sales.house.messenger.handed_over]
    assert sent == [("Look", None), (None, "https://amo.example/a.jpg")]


async def test_a_lost_answer_shows_nothing_twice(sales: Sales):
    sales.amo.drop_answers = 2
    for number in ("1", "2"):
        said = incoming(sales.house.clock, number, number)
        await sales.house.messenger.of(sales.desk.channel).say(said)

    await sales.desk.in_time()

    assert sales.amo.screen(ANNA) == [("client", "1"), ("client", "2")]


async def test_an_hour_without_amocrm_loses_nothing_either_way(sales: Sales):
    await sales.hears(incoming(sales.house.clock, "1", "Hello"))
    sales.amo.weather = "down"
    await sales.house.messenger.of(sales.desk.channel).say(incoming(sales.house.clock, "2", "Hey"))
    await until(lambda: sales.desk.is_in(State.UNREACHABLE), "it is down")
    sales.house.advance(3600)
    sales.amo.manager_writes(ANNA, "nobody heard this")
    sales.amo.forget()

    sales.amo.weather = "up"
    await sales.desk.in_time()

    assert [text for who, text in sales.amo.screen(ANNA) if who == "client"] == ["Hello", "Hey"]
    await until(lambda: sales.house.messenger.texts(ANNA) == ["nobody heard this"], "it is sent")


async def test_a_wrong_signature_is_refused_on_both_sides(sales: Sales):
    body = b'{"account_id": "x", "message": {}}'
    assert not await sales.desk.call({"x-signature": "0" * 40}, body)
    assert not await sales.desk.call({}, body)

    sales.amo.secret = "0" * 40
    await sales.house.messenger.of(sales.desk.channel).say(incoming(sales.house.clock, "1", "Hi"))

    await until(lambda: sales.desk.is_in(State.KEYS_REFUSED), "the keys are refused")


# --- What the vendor has published -------------------------------------------------------------

VENDORS_SECRET = "f2d7f8704eff95087ed45b23ba99c0b5aac8278e"
OUR_SECRET = "5a44c5dff55f3c15a4cce8d7c4cc27e207c7e189"
MSG = "079e44fb-fc22-476b-9e8a-421b688ec53b"
OURS = "0371a0ff-b78a-4c7b-8538-a7d547e10692"


@pytest.mark.parametrize(
    ("secret", "method", "path", "date", "body", "md5", "signature"),
    [
        (
            VENDORS_SECRET,
            "POST",
            f"{CHANNEL}/connect",
            "Wed, 15 Dec 2021 23:12:55 +0000",
            f'{{"account_id":"{ACCOUNT}","title":"ChatsIntegration","hook_api_version":"v2"}}',
            "2fbcb3c652b61e24e004daddfc73d0ce",
            "81211856ce0c5095f3e1a90c0a38dc9d736cfd55",
        ),
        (
            VENDORS_SECRET,
            "POST",
            f"{CHANNEL}_{ACCOUNT}/{MSG}/delivery_status",
            "Thu, 16 Dec 2021 12:58:40 +0000",
            f'{{"msgid":"{MSG}","delivery_status":2,"error_code":905,"error":"Error text"}}',
            "a0bbbac729c6341f0a521e2db7a8a236",
            "ca51f810785031385a801f41103244713c1a2352",
        ),
        (
            VENDORS_SECRET,
            "DELETE",
            f"{CHANNEL}/disconnect",
            "Wed, 15 Dec 2021 23:59:28 +0000",
            f'{{"account_id":"{ACCOUNT}"}}',
            "271fa2e4fb0ff84a3ef9689027bd1f38",
            "e1678e3b6aa674b5127f4feb448e6200ce0bfc72",
        ),
        (
            VENDORS_SECRET,
            "POST",
            f"{CHANNEL}_{ACCOUNT}/typing",
            "Thu, 16 Dec 2021 16:01:21 +0000",
            '{"conversation_id":"my_int-d5a421f7f218",'
            '"sender":{"id":"my_int-1376265f-86df-4c49-a0c3-a4816df41af8"}}',
            "255a22566d68be207fa36804e78a523a",
            "e8263b1daf2b20396c02db6c8c846f95cc0f9540",
        ),
        (
            OUR_SECRET,
            "POST",
            f"{CHANNEL}_{ACCOUNT}/{OURS}/delivery_status",
            "Mon, 23 Nov 2026 09:00:00 +0000",
            f'{{"msgid":"{OURS}","delivery_status":-1,"error_code":905,"error":"Houston, scan the QR code"}}',
            "064989f146ad9cae2186be63aa7b9744",
            "d27209b86f35bf9e85b5b3b0a99cc504ae3714ce",
        ),
        (
            OUR_SECRET,
            "GET",
            f"{CHANNEL}_{ACCOUNT}/chats/8b1a1828-fc4a-4874-9469-15e0d847570f/history",
            "Mon, 23 Nov 2026 09:00:00 +0000",
            "",
            "d41d8cd98f00b204e9800998ecf8427e",
            "2e3dba9b364d1480058d1afc1536e46d20b4147b",
        ),
    ],
)
def test_the_published_signatures_are_reproduced_byte_for_byte(
    secret: str, method: str, path: str, date: str, body: str, md5: str, signature: str
):
    headers = signed(secret, method, f"/v2/origin/custom/{path}", body.encode(), date)

    assert (headers["Content-MD5"], headers["X-Signature"]) == (md5, signature)


HOOK = (
    b'{"account_id":"52e591f7-c98f-4255-8495-827210138c81","time":1639572261,"message":{"receiver":'
    b'{"id":"2ed64e26-70a1-4857-8382-bb066a076219","phone":"79161234567","email":"","client_id":'
    b'"wa:79161234567"},"sender":{"id":"76fc2bea-902f-425c-9a3d-dcdac4766090"},"conversation":{"id":'
    b'"8e4d4baa-9e6c-4a88-838a-5f62be227bdc","client_id":"wa:79161234567@1"},"source":{"external_id":'
    b'"ch-1"},"timestamp":1639572260,"msec_timestamp":1639572260980,"message":{"id":'
    b'"0371a0ff-b78a-4c7b-8538-a7d547e10692","type":"text","text":"hello","tag":"","media":"",'
    b'"thumbnail":"","file_name":"","file_size":0}}}'
)


@pytest.mark.parametrize("tail", [b"", b"\n", b"\r\n"])
def test_a_hook_is_genuine_with_or_without_the_line_break_at_its_end(tail: bytes):
    assert len(HOOK) == 584
    assert hook_is_genuine(OUR_SECRET, HOOK + tail, "19c32e639ca8e44f1a858c2d15262059a6b7ea80")
    assert not hook_is_genuine(OUR_SECRET, HOOK + b" ", "19c32e639ca8e44f1a858c2d15262059a6b7ea80")


async def test_what_was_written_in_a_chat_that_a_crash_forgot_is_found_before_the_next_word(
    sales: Sales,
):
    await sales.hears(incoming(sales.house.clock, "1", "Hello"))
    await sales.house.fetch("delete from crm_chats")
    sales.amo.manager_writes(ANNA, "one")
    sales.amo.forget()
    sales.amo.manager_writes(ANNA, "two")
    await sales.tell()

    await until(lambda: len(sales.house.messenger.texts(ANNA)) == 2, "both were sent")
    assert sales.house.messenger.texts(ANNA) == ["one", "two"]


async def test_what_was_missed_goes_first_also_when_amocrm_has_trouble_to_tell_it(sales: Sales):
    await sales.hears(incoming(sales.house.clock, "1", "Hello"))
    sales.amo.weather = 500
    sales.amo.manager_writes(ANNA, "one")
    sales.amo.forget()
    sales.desk.reception.relay.missed()
    sales.amo.manager_writes(ANNA, "two")
    await sales.amo.tell(sales.desk.call)
    await until(lambda: sales.desk.is_in(State.UNREACHABLE), "it cannot be asked")
    assert sales.house.messenger.texts(ANNA) == []
    sales.amo.weather = "up"

    await sales.desk.in_time()
    await until(lambda: sales.house.messenger.texts(ANNA) == ["one", "two"], "in order")
