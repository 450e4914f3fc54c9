"""A linked device through good and bad days: the unmodified library in a real worker, on the fake's servers."""

import asyncio
import os
import signal
from collections.abc import Awaitable
from dataclasses import dataclass, field

import pytest

from houston.kernel.ids import ChannelId, new_id
from houston.transports import events
from houston.transports.events import LogoutCause, ReceiptKind
from houston.transports.linked import LinkedTransport
from houston.transports.transport import (
    NotSent,
    Number,
    Outgoing,
    OutgoingKind,
    Pair,
    Resume,
    Retry,
    SendResult,
    Sent,
    Unknown,
    Wire,
)
from tests.transports.ear import Ear, until
from tests.transports.linked.played import LinkedHarness, LinkedHarnesses
from tests.transports.linking import words

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


class Keeping(Ear):
    """An ear that stores the keys as the server does: always the newest, or (refusing) none."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = b""
        self.refuses_keys = False

    def __call__(self, event: events.Event) -> Awaitable[None]:
        if isinstance(event, events.KeysChanged) and self.refuses_keys:
            refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            refused.set_exception(RuntimeError("another node holds the channel"))
            return refused
        if isinstance(event, events.KeysChanged | events.Paired):
            self.keys = event.credentials
        return super().__call__(event)


@dataclass
class Channel:
    transport: LinkedTransport
    phone: str
    id: ChannelId = field(default_factory=lambda: ChannelId(new_id()))
    ear: Keeping = field(default_factory=Keeping)
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.wire = self.transport.wire(Number(self.id, self.phone), self.ear)

    async def connect(self) -> None:
        self.ear.forget()
        await self.wire.start(Resume(self.ear.keys))
        await self.ear.hears(events.BacklogEnded)

    async def settled(self, message: Outgoing, result: SendResult | None = None) -> SendResult:
        """What the sender would come to: an unknown outcome is asked after."""
        found = result or await self.wire.send(message)
        return found if not isinstance(found, Unknown) else await self.wire.resolve(message)


async def online(harness: LinkedHarness, phone: str | None = None) -> Channel:
    phone = phone or harness.phone
    made = Channel(harness.transport, phone)
    await made.wire.start(Pair())
    await harness.scan(phone, (await made.ear.hears(events.QrShown)).code)
    await made.ear.hears(events.Paired)
    await made.connect()
    return made


# --- A good day --------------------------------------------------------------------------------


async def test_a_message_leaves_once_and_its_receipts_follow(harness: LinkedHarness):
    one = await online(harness)
    message = words(harness.person, "hello")
    sent = await one.wire.send(message)
    assert isinstance(sent, Sent)
    found = await one.wire.resolve(message)
    assert isinstance(found, Sent)
    assert found.wire_id == sent.wire_id
    await harness.read(harness.person)
    await until(lambda: ReceiptKind.READ in {r.kind for r in one.ear.all(events.Receipt)}, "read")
    receipts = one.ear.all(events.Receipt)
    assert {r.wire_ids for r in receipts} == {(sent.wire_id,)}
    assert {r.chat for r in receipts} == {harness.person}
    assert await harness.texts() == ["hello"]


async def test_what_people_write_is_known_by_their_phone_number(harness: LinkedHarness):
    one = await online(harness)
    wire_id = await harness.say(harness.person, harness.phone, "hi")
    heard = await one.ear.hears(events.Incoming)
    assert (heard.wire_id, heard.chat, heard.author) == (wire_id, harness.person, harness.person)
    assert heard.text == "hi"
    typed = await harness.type_on_phone(harness.phone, harness.person, "from the phone")
    echo = await one.ear.hears(events.Echoed)
    assert (echo.wire_id, echo.chat, echo.text) == (typed, harness.person, "from the phone")


async def test_an_edit_and_a_revocation_reach_the_person(harness: LinkedHarness):
    one = await online(harness)
    sent = await one.wire.send(words(harness.person, "frist"))
    assert isinstance(sent, Sent)
    edit = words(harness.person, "first", kind=OutgoingKind.EDIT, target=sent.wire_id)
    assert isinstance(await one.wire.send(edit), Sent)
    await until_text(harness, "first")


async def until_text(harness: LinkedHarness, text: str) -> None:
    for _ in range(200):
        if text in await harness.texts():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(await harness.texts())


async def test_what_waited_is_framed_and_comes_in_order(harness: LinkedHarness):
    one = await online(harness)
    await one.wire.stop()
    texts = [f"while away {number}" for number in range(20)]
    for text in texts:
        await harness.say(harness.person, harness.phone, text)
    await one.connect()
    heard = one.ear.all(events.Incoming)
    assert [message.text for message in heard] == texts
    assert all(message.retrieved for message in heard)
    assert one.ear.all(events.BacklogBegan)[0].expected == 20


async def test_what_waited_and_has_to_be_asked_for_again_is_awaited_before_all_is_said_to_be_there(
    harness: LinkedHarness,
):
    """The library says that it has everything, and then asks for what it could not open."""
    one = await online(harness)
    await one.wire.stop()
    said = {await harness.say(harness.person, harness.phone, f"while away {n}") for n in range(5)}
    await harness.post(f"/phones/{harness.phone}/garble", times=2)
    await one.connect()
    heard = one.ear.all(events.Incoming)
    assert {message.wire_id for message in heard} == said
    assert all(message.retrieved for message in heard)


async def test_three_thousand_messages_that_waited_are_all_there_and_once(harness: LinkedHarness):
    one = await online(harness)
    await one.wire.stop()
    texts = [f"while away {number}" for number in range(3000)]
    for text in texts:
        await harness.say(harness.person, harness.phone, text)
    one.ear.forget()
    await one.wire.start(Resume(one.ear.keys))
    await until(lambda: len(one.ear.all(events.Incoming)) >= 3000, "all of them", 90)
    await one.ear.hears(events.BacklogEnded)
    heard = one.ear.all(events.Incoming)
    assert sorted(message.text or "" for message in heard) == sorted(texts)
    assert len({message.wire_id for message in heard}) == 3000


async def test_keys_lie_open_nowhere_once_the_channel_is_stopped(
    harness: LinkedHarness, whatsapp: LinkedHarnesses
):
    one = await online(harness)
    assert list(whatsapp.live_files(one.id))
    await one.wire.stop()
    assert not list(whatsapp.live_files(one.id))
    assert b"SQLite" not in one.ear.keys
    assert b"whatsmeow" not in one.ear.keys
    await one.connect()


# --- Bad days of WhatsApp ----------------------------------------------------------------------


async def test_opened_elsewhere_is_told_and_can_be_taken_back(harness: LinkedHarness):
    one = await online(harness)
    await harness.open_elsewhere(harness.phone)
    await one.ear.hears(events.Replaced)
    await one.connect()
    assert isinstance(await one.wire.send(words(harness.person)), Sent)


async def test_log_out_from_all_devices_is_told_and_final(harness: LinkedHarness):
    one = await online(harness)
    await harness.log_out_all(harness.phone)
    assert (await one.ear.hears(events.LoggedOut)).cause is LogoutCause.LOGGED_OUT_EVERYWHERE
    await one.wire.start(Resume(one.ear.keys))
    assert (await one.ear.hears(events.LoggedOut, times=2)).cause is LogoutCause.KEYS_REFUSED


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (401, events.LoggedOut(LogoutCause.KEYS_REFUSED)),
        (403, events.LoggedOut(LogoutCause.UNLINKED_ON_PHONE)),
        (406, events.Banned(None, "406")),
        (409, events.Faulted("refused_409", "")),
        (405, events.Outdated("0.5.2")),
        (503, events.Offline("network")),
    ],
)
async def test_every_refusal_of_a_login_has_its_word(
    harness: LinkedHarness, code: int, told: events.Event
):
    one = await online(harness)
    await one.wire.stop()
    await harness.post(f"/phones/{harness.phone}/refuse-login", code=code)
    await one.wire.start(Resume(one.ear.keys))
    await until(lambda: told in one.ear.heard)
    await harness.post(f"/phones/{harness.phone}/refuse-login", code=None)


async def test_an_error_of_the_stream_that_nobody_knows_is_told_with_its_number(
    harness: LinkedHarness,
):
    one = await online(harness)
    await harness.post(f"/phones/{harness.phone}/stream-error", code="599")
    assert (await one.ear.hears(events.Faulted)).code == "stream_599"
    await one.connect()


async def test_a_ban_is_told_with_its_end(harness: LinkedHarness):
    one = await online(harness)
    await harness.ban(harness.phone, 3600)
    await harness.cut_connection()
    await one.wire.start(Resume(one.ear.keys))
    assert (await one.ear.hears(events.Banned)).until is not None


async def test_a_number_that_may_not_start_chats_holds_only_those(harness: LinkedHarness):
    one = await online(harness)
    await harness.post(f"/phones/{harness.phone}/refuse-sends", code=463, times=1)
    result = await one.wire.send(words(harness.person))
    assert isinstance(result, NotSent)
    assert result.retry is Retry.WHEN_ALLOWED
    assert (await one.ear.hears(events.Restricted)).until == result.not_before
    assert await harness.texts() == []


async def test_a_number_without_whatsapp_is_refused_for_good(harness: LinkedHarness):
    one = await online(harness)
    await harness.leave_whatsapp(harness.person)
    result = await one.wire.send(words(harness.person))
    assert isinstance(result, NotSent)
    assert result.retry is Retry.NEVER


@pytest.mark.parametrize("when", ["before_ack", "after_ack"])
async def test_a_link_that_breaks_around_the_ack_neither_loses_nor_doubles(
    harness: LinkedHarness, when: str
):
    one = await online(harness)
    await harness.post(f"/phones/{harness.phone}/cut", when=when)
    message = words(harness.person, "once")
    result = await one.settled(message)
    assert isinstance(result, Sent)
    assert await harness.texts() == ["once"]


# --- Bad days of the worker --------------------------------------------------------------------


async def revived(one: Channel) -> None:
    """What the supervisor does when a channel's worker has died."""
    await one.ear.hears(events.Offline)
    heard = list(one.ear.heard)
    await one.connect()
    one.ear.heard[:0] = heard


async def test_killed_in_the_midst_of_a_send_the_message_arrives_once(harness: LinkedHarness):
    one = await online(harness)
    await harness.post("/network", lose_ack_rate=1.0)
    message = words(harness.person, "once")
    sending = asyncio.create_task(one.wire.send(message))
    await until_text(harness, "once")
    os.kill(harness.transport.worker_pids[0], signal.SIGKILL)
    assert await sending == Unknown(None)
    await harness.post("/network", lose_ack_rate=0.0)
    await revived(one)
    result = await one.wire.resolve(message)
    assert isinstance(result, Sent)
    assert await harness.texts() == ["once"]


async def test_killed_before_the_library_saw_it_the_message_was_certainly_not_sent(
    harness: LinkedHarness,
):
    one = await online(harness)
    os.kill(harness.transport.worker_pids[0], signal.SIGKILL)
    await revived(one)
    result = await one.wire.resolve(words(harness.person, "never handed over"))
    assert isinstance(result, NotSent)
    assert result.retry is Retry.NOW


async def test_what_the_server_had_not_stored_is_told_again_by_the_next_worker(
    harness: LinkedHarness,
):
    one = await online(harness)
    one.ear.forgetful = True
    sent = [await harness.say(harness.person, harness.phone, f"n{n}") for n in range(10)]
    await one.ear.hears(events.Incoming, times=10)
    os.kill(harness.transport.worker_pids[0], signal.SIGKILL)
    await one.ear.hears(events.Offline)
    one.ear.forgetful = False
    await one.connect()
    assert [message.wire_id for message in one.ear.all(events.Incoming)] == sent
    assert one.ear.all(events.Gap)
    os.kill(harness.transport.worker_pids[0], signal.SIGKILL)
    await one.ear.hears(events.Offline)
    await one.connect()
    assert not one.ear.all(events.Incoming)


async def test_a_worker_that_hangs_is_replaced(whatsapp: LinkedHarnesses):
    async with whatsapp.harness(silence_seconds_max=2.0) as harness:
        one = await online(harness)
        os.kill(harness.transport.worker_pids[0], signal.SIGSTOP)
        assert (await one.ear.hears(events.Offline)).cause == "worker_died"
        await one.connect()
        assert isinstance(await one.wire.send(words(harness.person)), Sent)


async def test_the_death_of_one_worker_never_touches_anothers_channels(
    whatsapp: LinkedHarnesses,
):
    async with whatsapp.harness(channels_per_worker=1) as harness:
        one, other = await online(harness), await online(harness, harness.other_phone)
        other.ear.forget()
        os.kill(harness.transport.worker_pids[0], signal.SIGKILL)
        await one.ear.hears(events.Offline)
        assert isinstance(await other.wire.send(words(harness.person)), Sent)
        assert not other.ear.all(events.Offline)


async def test_a_second_program_with_the_same_channel_is_refused(
    harness: LinkedHarness, whatsapp: LinkedHarnesses
):
    one = await online(harness)
    second = whatsapp.transport()
    try:
        twin = Channel(second, harness.phone, id=one.id)
        await twin.wire.start(Resume(one.ear.keys))
        assert (await twin.ear.hears(events.Offline)).cause == "held_by_another_program"
    finally:
        await second.close()
    assert not one.ear.all(events.Replaced)


async def test_who_may_not_store_the_keys_may_not_connect(harness: LinkedHarness):
    one = await online(harness)
    await one.wire.stop()
    one.ear.forget()
    one.ear.refuses_keys = True
    await one.wire.start(Resume(one.ear.keys))
    assert (await one.ear.hears(events.Offline)).cause == "keys_not_stored"
    assert not one.ear.all(events.Online)


async def test_another_key_in_the_settings_is_no_reason_to_destroy_anything(
    harness: LinkedHarness, whatsapp: LinkedHarnesses
):
    one = await online(harness)
    await one.wire.stop()
    wrong = whatsapp.transport(key=b"x" * 32)
    try:
        twin = Channel(wrong, harness.phone, id=one.id)
        await twin.wire.start(Resume(one.ear.keys))
        assert (await twin.ear.hears(events.Faulted)).code == "sealed_with_another_key"
        await twin.wire.stop()
    finally:
        await wrong.close()
    await one.connect()
