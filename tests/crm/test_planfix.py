"""What an employee sees in Planfix, row by row, on the screen of a strict double of its chat API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from houston.channels.orders import Command, Delete, Disable, PaidChanged
from houston.channels.state import Status
from houston.crm.connector import Hook
from houston.crm.planfix import Planfix
from houston.crm.rules import State
from houston.crm.wire import Wire
from houston.kernel.content import Content, ContentKind
from houston.kernel.errors import HoustonError
from houston.messages.rules import MessageStatus
from houston.transports.events import Event, LoggedOut, LogoutCause, Reacted, ReceiptKind
from houston.transports.transport import NotSent, Retry
from tests.crm.desk import Desk, connected, relaying
from tests.crm.planfix_double import OUR_TOKEN, PLANFIX_TOKEN, PROVIDER, URL, PlanfixDouble
from tests.houses import House, until
from tests.wires import ANNA, Scripted, incoming, receipt

SETTINGS = {
    "url": URL,
    "planfix_token": PLANFIX_TOKEN,
    "provider_id": PROVIDER,
    "token": OUR_TOKEN,
}


@dataclass
class Shop:
    """Houston, Planfix and the connection between them."""

    house: House
    desk: Desk
    planfix: PlanfixDouble

    async def call(self, body: bytes) -> dict[str, str] | None:
        """Planfix calls; what it is answered, if all is well."""
        at = self.house.clock.now()
        hook = Hook(headers={}, path="", query="", body=body, at=at)
        try:
            return dict(await self.desk.reception.take("planfix", self.desk.token, hook))
        except HoustonError:
            return None

    async def tell(self, *, times: int = 1) -> None:
        await self.planfix.tell(self.call, times=times)
        await self.desk.settled()

    async def hears(self, *events: Event) -> None:
        for event in events:
            await self.house.messenger.of(self.desk.channel).say(event)
        await self.desk.settled()


@pytest.fixture
async def shop(crm_house: House) -> AsyncIterator[Shop]:
    house, planfix = crm_house, PlanfixDouble()
    connector = Planfix(Wire(httpx.MockTransport(planfix.answer)))
    channel = await house.active()
    async with relaying(house, connector) as reception:
        desk = await connected(house, channel, connector, reception, SETTINGS)
        await until(lambda: desk.is_in(State.WORKING), "the connection works")
        await desk.settled()
        yield Shop(house, desk, planfix)
    await connector.close()


async def test_what_a_client_writes_is_a_comment_of_one_task(shop: Shop):
    clock = shop.house.clock

    await shop.hears(incoming(clock, "1", "Hello", author_name="Anna"), incoming(clock, "2", "Hey"))

    assert shop.planfix.screen(ANNA) == [("client", "Hello"), ("client", "Hey")]
    assert list(shop.planfix.contacts) == [f"wa:{ANNA}"]


async def test_what_waited_at_whatsapp_says_when_it_was_written(shop: Shop):
    clock = shop.house.clock
    then = clock.now() - timedelta(hours=3)

    await shop.hears(
        incoming(clock, "1", "old", sent_at=then, retrieved=True), incoming(clock, "2", "Hey")
    )

    waited = f"[{then:%Y-%m-%d %H:%M} UTC] old"
    assert shop.planfix.screen(ANNA) == [("client", waited), ("client", "Hey")]


async def test_a_clients_emoji_is_no_comment_and_holds_up_nothing(shop: Shop):
    clock = shop.house.clock
    await shop.hears(incoming(clock, "1", "Hello"))

    emoji = Reacted(wire_id="1", chat=ANNA, author=ANNA, emoji="👍", at=clock.now())
    await shop.hears(emoji, incoming(clock, "2", "Hey"))

    assert shop.planfix.screen(ANNA) == [("client", "Hello"), ("client", "Hey")]


async def test_an_employee_may_write_first_and_sees_the_ticks(shop: Shop):
    clock, messenger = shop.house.clock, shop.house.messenger
    comment = shop.planfix.employee_writes(ANNA, "Good morning")
    await shop.tell(times=2)
    await until(lambda: comment.mark == "sent", "one tick")

    await shop.hears(receipt(messenger.handed_over[0], ReceiptKind.READ, clock))
    await shop.hears(incoming(clock, "1", "Hello"))

    assert comment.mark == "read"
    assert messenger.texts(ANNA) == ["Good morning"]
    assert shop.planfix.screen(ANNA) == [("employee", "Good morning"), ("client", "Hello")]


@pytest.mark.parametrize(
    ("cause", "status", "reason"),
    [
        (Disable("person anna"), Status.DISABLED, "The channel is disabled"),
        (PaidChanged(False), Status.NOT_PAID, "The channel is not paid"),
        (Delete("person anna"), Status.DELETED, "The channel does not exist"),
    ],
)
async def test_a_refused_message_says_why(shop: Shop, cause: Command, status: Status, reason: str):
    await shop.house.hear(shop.desk.channel, cause)
    await until(lambda: shop.house.shows(shop.desk.channel, status), status)

    comment = shop.planfix.employee_writes(ANNA, "Good morning")
    await shop.tell()

    assert str(comment.mark).startswith(reason)
    assert await shop.house.waiting(shop.desk.channel) == []


async def test_houston_calls_for_the_scan_once_and_never_the_client(shop: Shop):
    await shop.hears(incoming(shop.house.clock, "1", "Hello"))
    await shop.house.messenger.of(shop.desk.channel).say(LoggedOut(LogoutCause.UNLINKED_ON_PHONE))
    await until(lambda: shop.house.shows(shop.desk.channel, Status.SCAN_QR), "to be scanned")

    first = shop.planfix.employee_writes(ANNA, "Good morning")
    shop.planfix.employee_writes(ANNA, "Are you there?")
    shop.planfix.employee_writes(ANNA, "Houston, scan the QR code")  # As if it came back.
    await shop.tell()

    calls = [text for who, text in shop.planfix.screen(ANNA) if who == "echo"]
    assert calls == ["Houston, scan the QR code"]
    assert first.mark is None
    assert await shop.house.waiting(shop.desk.channel) == ["Good morning", "Are you there?"]


async def test_what_whatsapp_will_not_take_says_why(shop: Shop):
    refusal = NotSent(retry=Retry.NEVER, code="nobody", text="This number has no WhatsApp")
    shop.house.messenger.answer = Scripted(shop.house.messenger, hello=[refusal])

    comment = shop.planfix.employee_writes(ANNA, "hello")
    await shop.tell()

    await until(lambda: comment.mark == "This number has no WhatsApp", "it failed")


async def test_what_was_written_elsewhere_is_an_echo(shop: Shop):
    said = await shop.house.say(shop.desk.channel, "from the API")
    await until(lambda: shop.house.is_at(said.message, MessageStatus.SENT), "it was sent")
    await shop.desk.settled()

    assert shop.planfix.screen(ANNA) == [("echo", "from the API")]


async def test_every_file_of_a_comment_is_sent(shop: Shop):
    uri = "https://houston.example/a.jpg"
    picture = Content(kind=ContentKind.IMAGE, mime="image/jpeg", uri=uri)
    await shop.hears(incoming(shop.house.clock, "1", None, content=picture))
    shop.planfix.employee_writes(ANNA, "Look", "https://p.example/1", "https://p.example/2")

    await shop.tell()

    await until(lambda: len(shop.house.messenger.handed_over) == 3, "all parts were sent")
    assert shop.planfix.comments[0].files == [uri]
    assert [one.content_uri for one in shop.house.messenger.handed_over] == [
        None,
        "https://p.example/1",
        "https://p.example/2",
    ]


@pytest.mark.parametrize("weather", ["down", 429, 503])
async def test_an_hour_without_planfix_keeps_everything_in_order(shop: Shop, weather: str | int):
    shop.planfix.weather = weather
    for number in range(3):
        said = incoming(shop.house.clock, f"{number}", f"{number}")
        await shop.house.messenger.of(shop.desk.channel).say(said)
        shop.house.advance(1200)
    await until(lambda: shop.desk.is_in(State.UNREACHABLE), "it is down")

    shop.planfix.weather = "up"

    await shop.desk.in_time()
    assert shop.planfix.screen(ANNA) == [("client", f"{number}") for number in range(3)]


async def test_a_wrong_token_is_refused_on_both_sides(shop: Shop):
    assert await shop.call(b"cmd=newMessage&providerId=houston&token=wrong&messageId=1") is None
    assert await shop.call(b"\xff\xfe") is None

    shop.planfix.token = "another"
    await shop.house.messenger.of(shop.desk.channel).say(incoming(shop.house.clock, "1", "Hi"))

    await until(lambda: shop.desk.is_in(State.KEYS_REFUSED), "the keys are refused")
