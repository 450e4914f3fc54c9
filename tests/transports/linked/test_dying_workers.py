"""A worker that dies, hangs or may not work: what it had to do is done once, by the next one."""

import asyncio
import os
import signal

import pytest

from houston.transports import events
from houston.transports.transport import (
    NotSent,
    Resume,
    Retry,
    Sent,
    Unknown,
)
from tests.transports.linked.channel import Channel, online, revived, until_text
from tests.transports.linked.played import LinkedHarness, LinkedHarnesses
from tests.transports.linking import words

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def test_killed_in_the_midst_of_a_send_the_message_arrives_once(harness: LinkedHarness):
    one = await online(harness)
    await harness.post("/network", lose_ack_rate=1.0)
    # What the phone has to say of it comes later: a receipt that dies with the worker proves nothing.
    await harness.post(f"/phones/{harness.phone}/offline")
    message = words(harness.person, "once")
    sending = asyncio.create_task(one.wire.send(message))
    await until_text(harness, "once")
    os.kill(harness.transport.worker_pids[0], signal.SIGKILL)
    assert await sending == Unknown(None)
    await harness.post(f"/phones/{harness.phone}/online")
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
