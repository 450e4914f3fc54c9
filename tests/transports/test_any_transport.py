"""The contract of the seam, played against every transport: only the seam and a harness are used.

A new transport is one more parameter of the fixture `harness`. What a transport says that it cannot
do is not asked of it.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from houston.transports import events
from houston.transports.events import LogoutCause, ReceiptKind
from houston.transports.transport import (
    NotSent,
    Pair,
    PairingWay,
    Resume,
    Retry,
    Sent,
    Unknown,
)
from tests.transports.harness import Harness
from tests.transports.linking import connected, line, linked, needs, seen, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


# --- Pairing -----------------------------------------------------------------------------------


async def test_a_scan_gives_keys_with_which_the_wire_gets_online(harness: Harness):
    one = await linked(harness)
    assert one.ear.all(events.Paired)[0].phone == harness.phone
    await one.connect()
    kinds = [type(event) for event in one.ear.heard]
    assert kinds.index(events.Online) < kinds.index(events.BacklogBegan)
    assert one.ear.all(events.BacklogBegan) == [events.BacklogBegan(0)]


async def test_codes_take_turns_and_run_out_with_a_word(harness: Harness):
    await harness.shorten_codes()
    one = line(harness.transport, harness.phone)
    await one.wire.start(Pair())
    await one.ear.hears(events.QrExpired)
    shown = one.ear.all(events.QrShown)
    assert [(code.number, code.of) for code in shown] == [(1, 3), (2, 3), (3, 3)]
    assert len({code.code for code in shown}) == 3
    assert shown[0].until < shown[1].until < shown[2].until


async def test_after_a_round_ran_out_another_one_can_be_asked_for(harness: Harness):
    await harness.shorten_codes()
    one = line(harness.transport, harness.phone)
    await one.wire.start(Pair())
    await one.ear.hears(events.QrExpired)
    await one.wire.start(Pair())
    await one.ear.hears(events.QrShown, times=4)
    await one.wire.stop()


async def test_a_code_can_be_typed_on_the_phone_instead(harness: Harness):
    if PairingWay.CODE not in harness.transport.capabilities.pairing:
        pytest.skip("this transport has no codes to type")
    one = line(harness.transport, harness.phone)
    await one.wire.start(Pair(phone=harness.phone))
    await harness.enter_code(harness.phone, (await one.ear.hears(events.PairingCodeShown)).code)
    assert (await one.ear.hears(events.Paired)).phone == harness.phone


async def test_another_phone_that_scans_is_named_as_it_is(harness: Harness):
    one = line(harness.transport, harness.phone)
    await one.wire.start(Pair())
    await harness.scan(harness.other_phone, (await one.ear.hears(events.QrShown)).code)
    assert (await one.ear.hears(events.Paired)).phone == harness.other_phone


async def test_logging_out_after_a_wrong_scan_frees_the_wrong_phone(harness: Harness):
    one = line(harness.transport, harness.phone)
    await one.wire.start(Pair())
    await harness.scan(harness.other_phone, (await one.ear.hears(events.QrShown)).code)
    keys = (await one.ear.hears(events.Paired)).credentials
    await one.wire.log_out()
    other = line(harness.transport, harness.other_phone, keys)
    await other.wire.start(Resume(keys))
    assert (await other.ear.hears(events.LoggedOut)).cause is LogoutCause.KEYS_REFUSED


# --- Starting, stopping, losing ----------------------------------------------------------------


async def test_keys_that_were_never_given_out_are_refused(harness: Harness):
    one = line(harness.transport, harness.phone)
    await one.wire.start(Resume(b"never given out"))
    assert (await one.ear.hears(events.LoggedOut)).cause is LogoutCause.KEYS_REFUSED


async def test_logging_out_makes_the_keys_worthless(harness: Harness):
    one = await connected(harness)
    await one.wire.log_out()
    await one.wire.start(Resume(one.keys))
    assert (await one.ear.hears(events.LoggedOut)).cause is LogoutCause.KEYS_REFUSED


async def test_stopping_keeps_the_keys_and_says_nothing_more(harness: Harness):
    one = await connected(harness)
    await one.wire.stop()
    one.ear.forget()
    await harness.say(harness.person, harness.phone, "while stopped")
    other = await connected(harness, harness.other_phone)
    assert await other.wire.probe()
    assert one.ear.heard == []
    await one.connect()


async def test_stopping_while_it_starts_means_stopped(harness: Harness):
    one, other = await connected(harness), await connected(harness, harness.other_phone)
    await harness.cut_connection()
    await one.ear.hears(events.Offline)
    one.ear.forget()
    starting = asyncio.create_task(one.wire.start(Resume(one.keys)))
    await asyncio.sleep(0)
    await one.wire.stop()
    await starting
    await other.connect()
    assert await other.wire.probe()
    assert one.ear.heard == []
    result = await one.wire.send(words(harness.person))
    assert isinstance(result, NotSent)
    assert result.retry is Retry.WHEN_ONLINE


async def test_starting_again_is_harmless(harness: Harness):
    one = await connected(harness)
    await one.connect()
    assert not one.ear.all(events.Replaced)
    assert isinstance(await one.wire.send(words(harness.person, "after two starts")), Sent)


async def test_a_lost_connection_is_told_once_and_not_mended_by_itself(harness: Harness):
    one = await connected(harness)
    one.ear.forget()
    await harness.cut_connection()
    await one.ear.hears(events.Offline)
    other = line(harness.transport, harness.other_phone)
    await other.wire.start(Pair())
    await other.ear.hears(events.QrShown)
    assert one.ear.heard == [events.Offline("network")]
    assert not await one.wire.probe()
    await one.connect()


async def test_a_second_wire_of_the_number_replaces_the_first(harness: Harness):
    one = await connected(harness)
    two = line(harness.transport, harness.phone, one.keys)
    await two.connect()
    await one.ear.hears(events.Replaced)
    late = await one.wire.send(words(harness.person, "from the replaced one"))
    assert isinstance(late, NotSent)
    assert late.retry is Retry.WHEN_ONLINE
    assert isinstance(await two.wire.send(words(harness.person, "from the newest one")), Sent)
    assert await seen(harness) == ["from the newest one"]


async def test_who_was_replaced_elsewhere_can_take_the_stream_back(harness: Harness):
    needs(harness, "take_back")
    one = await connected(harness)
    await harness.open_elsewhere(harness.phone)
    await one.ear.hears(events.Replaced)
    await one.connect()
    assert isinstance(await one.wire.send(words(harness.person)), Sent)


async def test_logging_out_all_devices_is_told_and_refuses_the_keys(harness: Harness):
    one = await connected(harness)
    await harness.log_out_all(harness.phone)
    told = await one.ear.hears(events.LoggedOut)
    assert told.cause is LogoutCause.LOGGED_OUT_EVERYWHERE
    await one.wire.start(Resume(one.keys))
    assert (await one.ear.hears(events.LoggedOut, times=2)).cause is LogoutCause.KEYS_REFUSED


async def test_a_ban_is_told_with_its_end_and_told_again_to_who_connects(harness: Harness):
    one = await connected(harness)
    await harness.ban(harness.phone, 3600)
    until_when = (await one.ear.hears(events.Banned)).until
    assert until_when is not None
    assert timedelta(minutes=59) < until_when - datetime.now(UTC) < timedelta(minutes=61)
    await one.wire.start(Resume(one.keys))
    assert (await one.ear.hears(events.Banned, times=2)).until == until_when


# --- The phone ---------------------------------------------------------------------------------


async def test_a_lost_phone_is_told_and_so_is_its_return(harness: Harness):
    one = await connected(harness)
    one.ear.forget()
    await harness.lose_phone(harness.phone)
    await one.ear.hears(events.PhoneLost)
    await harness.find_phone(harness.phone)
    await one.ear.hears(events.PhoneSeen)


async def test_without_the_phone_sending_waits_or_goes_on_as_the_capability_says(harness: Harness):
    one = await connected(harness)
    await harness.lose_phone(harness.phone)
    await one.ear.hears(events.PhoneLost)
    result = await one.wire.send(words(harness.person, "without the phone"))
    goes_on = harness.transport.capabilities.sends_without_phone
    assert await one.wire.probe() is goes_on
    assert await seen(harness) == (["without the phone"] if goes_on else [])
    if not goes_on:
        assert isinstance(result, NotSent)
        assert result.retry is Retry.WHEN_ONLINE


async def test_what_came_while_the_phone_was_away_is_there_when_it_is_back(harness: Harness):
    one = await connected(harness)
    await harness.lose_phone(harness.phone)
    await one.ear.hears(events.PhoneLost)
    texts = [f"where are you {number}" for number in range(3)]
    for text in texts:
        await harness.say(harness.person, harness.phone, text)
    await harness.find_phone(harness.phone)
    await one.ear.hears(events.Incoming, times=3)
    assert [incoming.text for incoming in one.ear.all(events.Incoming)] == texts


async def test_connecting_without_the_phone_says_so(harness: Harness):
    one = await linked(harness)
    await harness.lose_phone(harness.phone)
    one.ear.forget()
    await one.wire.start(Resume(one.keys))
    await one.ear.hears(events.Online)
    await one.ear.hears(events.PhoneLost)


async def test_each_connection_says_that_the_phone_is_there_for_the_word_may_have_been_lost(
    harness: Harness,
):
    one = await connected(harness)
    await harness.lose_phone(harness.phone)
    await one.ear.hears(events.PhoneLost)
    await harness.find_phone(harness.phone)
    await one.ear.hears(events.PhoneSeen)
    one.ear.forget()
    await one.wire.start(Resume(one.keys))
    await one.ear.hears(events.Online)
    await one.ear.hears(events.PhoneSeen)


async def test_a_probe_is_answered_by_a_link_that_lives_and_not_by_a_silent_one(harness: Harness):
    one = await connected(harness)
    assert await one.wire.probe()
    await harness.silence(harness.phone, on=True)
    assert not await one.wire.probe()
    assert isinstance(await one.wire.send(words(harness.person)), Unknown)
    await harness.silence(harness.phone, on=False)
    assert await one.wire.probe()


# --- Receiving ---------------------------------------------------------------------------------


async def test_who_writes_is_heard_with_address_text_and_time(harness: Harness):
    one = await connected(harness)
    wire_id = await harness.say(harness.person, harness.phone, "good morning")
    heard = await one.ear.hears(events.Incoming)
    assert (heard.wire_id, heard.chat, heard.author) == (wire_id, harness.person, harness.person)
    assert (heard.text, heard.retrieved) == ("good morning", False)
    assert abs(heard.sent_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_what_waited_comes_framed_in_order_with_its_own_times(harness: Harness):
    one = await linked(harness)
    texts = [f"are you there {number}" for number in range(20)]
    for text in texts:
        await harness.say(harness.person, harness.phone, text)
    before = datetime.now(UTC)
    await asyncio.sleep(0.02)
    await one.connect()
    frame = [event for event in one.ear.heard if not isinstance(event, events.PhoneSeen)]
    assert frame[:2] == [events.Online(), events.BacklogBegan(20)]
    assert frame[-1] == events.BacklogEnded()
    waited = one.ear.all(events.Incoming)
    assert [incoming.text for incoming in waited] == texts
    assert all(incoming.retrieved and incoming.sent_at <= before for incoming in waited)


async def test_what_was_not_stored_comes_again_and_what_was_stored_does_not(harness: Harness):
    one = await connected(harness)
    await harness.say(harness.person, harness.phone, "stored")
    await one.ear.hears(events.Incoming)
    one.ear.forgetful = True
    await harness.say(harness.person, harness.phone, "lost on the way to the disk")
    await one.ear.hears(events.Incoming, times=2)
    one.ear.forgetful = False
    await one.connect()
    assert [incoming.text for incoming in one.ear.all(events.Incoming)] == [
        "lost on the way to the disk"
    ]
    await one.connect()
    assert one.ear.all(events.Incoming) == []


async def test_receipts_that_came_while_away_are_not_lost(harness: Harness):
    one = await connected(harness)
    message = words(harness.person)
    await one.wire.send(message)
    await one.ear.hears(events.Receipt)
    await one.wire.stop()
    await harness.read(harness.person)
    await one.connect()
    receipt = one.ear.all(events.Receipt)[-1]
    assert (receipt.kind, receipt.wire_ids) == (ReceiptKind.READ, (message.wire_id,))
    assert one.ear.all(events.BacklogBegan) == [events.BacklogBegan(0)]


async def test_what_the_owner_types_on_the_phone_is_echoed(harness: Harness):
    one = await connected(harness)
    wire_id = await harness.type_on_phone(harness.phone, harness.person, "I answer myself")
    heard = await one.ear.hears(events.Echoed)
    assert (heard.wire_id, heard.chat, heard.text) == (wire_id, harness.person, "I answer myself")
    assert await seen(harness) == ["I answer myself"]


async def test_a_person_may_change_and_take_back_what_it_said(harness: Harness):
    one = await connected(harness)
    wire_id = await harness.say(harness.person, harness.phone, "helo")
    await harness.edit_saying(harness.person, wire_id, "hello")
    edited = await one.ear.hears(events.Edited)
    await harness.revoke_saying(harness.person, wire_id)
    revoked = await one.ear.hears(events.Revoked)
    assert (edited.wire_id, edited.chat, edited.text) == (wire_id, harness.person, "hello")
    assert (revoked.wire_id, revoked.chat) == (wire_id, harness.person)


async def test_closing_the_transport_ends_its_links_in_silence(harness: Harness):
    one = await connected(harness)
    one.ear.forget()
    await harness.transport.close()
    assert one.ear.heard == []
    assert isinstance(await one.wire.send(words(harness.person)), NotSent)
