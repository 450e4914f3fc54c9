"""A linked device through good and bad days: the unmodified library in a real worker, on the fake's servers."""

import pytest

from houston.transports import events
from houston.transports.events import LogoutCause, ReceiptKind
from houston.transports.transport import (
    NotSent,
    OutgoingKind,
    Resume,
    Retry,
    Sent,
)
from tests.transports.ear import until
from tests.transports.linked.channel import online, until_text
from tests.transports.linked.played import LinkedHarness, LinkedHarnesses
from tests.transports.linking import words

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


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


async def test_each_connection_says_when_the_phone_was_seen(harness: LinkedHarness):
    """Who heard of it before may have lost the channel with the word, and would wait for it for ever."""
    one = await online(harness)
    await one.connect()
    await one.ear.hears(events.PhoneSeen)


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
        (415, events.Faulted("library_gave_up", "")),
        (405, events.Outdated("0.5.2")),
        (500, events.Offline("network")),
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
