"""Workers that die, crash, hang and flood at a chosen step, on the fake's servers; its books are the judge."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from houston.transports import events
from houston.transports.transport import NotSent, Pair, Resume, Retry, Sent, Unknown
from tests.transports.ear import until
from tests.transports.linked.channel import Channel, online, revived
from tests.transports.linked.played import LinkedHarness, LinkedHarnesses
from tests.transports.linked.wild_worker import late
from tests.transports.linking import words

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@asynccontextmanager
async def wild(
    whatsapp: LinkedHarnesses, how: str, once: Path
) -> AsyncIterator[tuple[LinkedHarness, Channel]]:
    """A channel that is online in such a worker. From now on `once` may be put there."""
    trusted = (sys.executable, "-m", "tools.fake_whatsapp.trusted", whatsapp.address.root_key)
    program = (*trusted, "tests.transports.linked.wild_worker", how, str(once))
    async with whatsapp.harness(program=program) as harness:
        yield harness, await online(harness)


@pytest.mark.parametrize(
    "how", ["dies before the library is asked to send", "crashes in the library"]
)
async def test_what_the_library_was_never_asked_to_send_is_sent_afterwards(
    whatsapp: LinkedHarnesses, tmp_path: Path, how: str
):
    once = tmp_path / "once"
    async with wild(whatsapp, how, once) as (harness, one):
        message = words(harness.person, "once")
        once.touch()
        assert await one.wire.send(message) == Unknown(None)
        await revived(one)
        found = await one.wire.resolve(message)
        assert isinstance(found, NotSent)
        assert found.retry is Retry.NOW
        assert isinstance(await one.wire.send(message), Sent)
        assert await harness.texts() == ["once"]


async def test_what_the_library_had_sent_when_it_died_is_never_sent_again(
    whatsapp: LinkedHarnesses, tmp_path: Path
):
    """Its receipts may have died with the worker: that later messages have theirs proves nothing."""
    once = tmp_path / "once"
    async with wild(whatsapp, "dies when the library has sent", once) as (harness, one):
        message = words(harness.person, "once")
        once.touch()
        assert await one.wire.send(message) == Unknown(None)
        await revived(one)
        assert isinstance(await one.wire.send(words(harness.person, "later")), Sent)
        await until(lambda: one.ear.all(events.Receipt), "a receipt")
        assert isinstance(await one.wire.resolve(message), Sent | Unknown)
        assert await harness.texts() == ["once", "later"]


async def test_a_crash_in_the_library_is_no_more_than_the_death_of_a_worker(
    whatsapp: LinkedHarnesses, tmp_path: Path
):
    once = tmp_path / "once"
    async with wild(whatsapp, "crashes in the library", once) as (harness, one):
        before = harness.transport.worker_pids
        once.touch()
        await one.wire.send(words(harness.person, "into the crash"))
        await revived(one)
        assert one.ear.all(events.Offline)[0].cause == "worker_died"
        assert harness.transport.worker_pids != before


async def test_a_call_that_never_comes_back_costs_one_channel_its_run_and_no_message(
    whatsapp: LinkedHarnesses, tmp_path: Path
):
    once = tmp_path / "once"
    async with wild(whatsapp, "never comes back from the library", once) as (harness, one):
        other = await online(harness, harness.other_phone)
        before = harness.transport.worker_pids
        message = words(harness.person, "once")
        once.touch()
        assert await one.wire.send(message) == Unknown(None)
        assert (await one.ear.hears(events.Offline)).cause == "send_without_end"
        assert isinstance(await other.wire.send(words(harness.person, "of the other")), Sent)
        await one.connect()
        found = await one.wire.resolve(message)
        assert isinstance(found, NotSent)
        assert found.retry is Retry.NOW
        assert isinstance(await one.wire.send(message), Sent)
        assert harness.transport.worker_pids == before
        assert sorted(await harness.texts()) == ["of the other", "once"]


@pytest.mark.parametrize("how", ["dies after the journal", "dies before it tells"])
async def test_what_is_in_the_journal_is_told_whenever_it_dies(
    whatsapp: LinkedHarnesses, tmp_path: Path, how: str
):
    once = tmp_path / "once"
    async with wild(whatsapp, how, once) as (harness, one):
        once.touch()
        said = await harness.say(harness.person, harness.phone, "hear me")
        await revived(one)
        assert [message.wire_id for message in one.ear.all(events.Incoming)] == [said]
        assert one.ear.all(events.Gap)


async def test_what_was_told_a_moment_before_it_died_may_be_told_again_under_the_same_id(
    whatsapp: LinkedHarnesses, tmp_path: Path
):
    once = tmp_path / "once"
    async with wild(whatsapp, "dies when it has told", once) as (harness, one):
        once.touch()
        said = await harness.say(harness.person, harness.phone, "hear me")
        await revived(one)
        assert {message.wire_id for message in one.ear.all(events.Incoming)} == {said}


async def test_what_may_be_missing_since_it_died_before_the_journal_is_told_as_a_gap(
    whatsapp: LinkedHarnesses, tmp_path: Path
):
    once = tmp_path / "once"
    async with wild(whatsapp, "dies before the journal", once) as (harness, one):
        once.touch()
        said = await harness.say(harness.person, harness.phone, "hear me")
        await revived(one)
        heard = [message.wire_id for message in one.ear.all(events.Incoming)]
        assert heard in ([], [said])
        gap = one.ear.all(events.Gap)[0]
        assert gap.since < gap.until < gap.since + timedelta(seconds=60)


async def test_what_dies_with_a_worker_amid_a_backlog_is_missed_in_the_next_ones_count(
    whatsapp: LinkedHarnesses, tmp_path: Path
):
    """WhatsApp takes for handed over what the library had acknowledged, and announces only the rest."""
    once = tmp_path / "once"
    async with wild(whatsapp, "dies before the journal", once) as (harness, one):
        await one.wire.stop()
        said = {await harness.say(harness.person, harness.phone, f"n{n}") for n in range(20)}
        once.touch()
        one.ear.forget()
        await one.wire.start(Resume(one.ear.keys))
        await revived(one)
        assert one.ear.all(events.BacklogBegan)[-1].expected == 20
        assert one.ear.all(events.BacklogEnded) == [events.BacklogEnded()]
        assert {message.wire_id for message in one.ear.all(events.Incoming)} < said


async def test_what_is_no_message_of_its_own_is_not_missed_among_those_that_waited(
    harness: LinkedHarness,
):
    one = await online(harness)
    first = await harness.say(harness.person, harness.phone, "frist")
    await one.ear.hears(events.Incoming)
    await one.wire.stop()
    await harness.edit_saying(harness.person, first, "first")
    await harness.say(harness.person, harness.phone, "second")
    await one.connect()
    assert len(one.ear.all(events.Incoming)) == 1
    assert one.ear.all(events.BacklogBegan) == [events.BacklogBegan(2)]
    assert one.ear.all(events.BacklogEnded) == [events.BacklogEnded(besides=1)]


async def test_what_a_slow_disk_has_not_taken_yet_is_waited_for_when_a_channel_is_stopped(
    whatsapp: LinkedHarnesses, tmp_path: Path
):
    """Its books were closed in a third of a second, on what the library had acknowledged already."""
    async with wild(whatsapp, "has a slow disk", tmp_path / "once") as (harness, one):
        said = [await harness.say(harness.person, harness.phone, f"n{n}") for n in range(5)]
        await one.ear.hears(events.Incoming)
        await one.wire.stop()
        before = {message.wire_id for message in one.ear.all(events.Incoming)}
        await one.connect()
        after = {message.wire_id for message in one.ear.all(events.Incoming)}
        assert before | after == set(said)


async def test_a_channel_that_is_stopped_before_the_library_has_begun_keeps_its_keys_and_its_mail(
    whatsapp: LinkedHarnesses, tmp_path: Path
):
    """The library overheard that it was to stop, and went on alone with keys that were put away already."""
    once = tmp_path / "once"
    async with wild(whatsapp, "begins late", once) as (harness, one):
        await one.wire.stop()
        said = [await harness.say(harness.person, harness.phone, f"n{n}") for n in range(5)]
        once.touch()
        await one.wire.start(Resume(one.ear.keys))
        await until(lambda: not once.exists(), "it begins")
        await one.wire.stop()
        await until(late(once).exists, "it has begun all the same")
        await one.connect()
        assert [message.wire_id for message in one.ear.all(events.Incoming)] == said


async def test_a_worker_that_floods_is_held_back_and_holds_up_nobody(whatsapp: LinkedHarnesses):
    program = (sys.executable, "-m", "tests.transports.linked.wild_worker", "flood", "-")
    async with whatsapp.harness() as calm, whatsapp.harness(program=program) as harness:
        other = await online(calm)
        flooded = Channel(harness.transport, harness.phone)
        flooded.ear.forgetful = True  # A database that takes nothing is the worst that can be.
        await flooded.wire.start(Pair())
        await until(lambda: len(flooded.ear.heard) > 2_000, "it floods")
        memory, told = psutil.Process().memory_info().rss, len(flooded.ear.heard)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(20):
            assert isinstance(await other.wire.send(words(calm.person, f"n{number}")), Sent)
        assert loop.time() - began < 5
        assert len(flooded.ear.heard) - told < 20_000
        assert psutil.Process().memory_info().rss - memory < 50 * 1024**2


async def test_a_worker_that_talks_nonsense_is_ended(whatsapp: LinkedHarnesses):
    program = (sys.executable, "-m", "tests.transports.linked.wild_worker", "garbage", "-")
    async with whatsapp.harness(program=program) as harness:
        one = Channel(harness.transport, harness.phone)
        await one.wire.start(Pair())
        assert (await one.ear.hears(events.Offline)).cause == "worker_died"
        assert harness.transport.worker_pids == []


async def test_what_people_write_while_a_channel_is_stopped_is_heard_afterwards(
    harness: LinkedHarness,
):
    one = await online(harness)

    async def write() -> list[str]:
        texts = [f"n{number}" for number in range(150)]
        return [await harness.say(harness.person, harness.phone, text) for text in texts]

    writing = asyncio.create_task(write())
    await until(lambda: len(one.ear.all(events.Incoming)) > 50, "it hears")
    before = {message.wire_id for message in one.ear.all(events.Incoming)}
    await one.wire.stop()
    said = await writing
    await one.connect()
    after = {message.wire_id for message in one.ear.all(events.Incoming)}
    assert set(said) <= before | after
