"""Linking that comes to nothing, for reasons of WhatsApp's or the library's; the next code links anyway."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from houston.transports import events
from houston.transports.transport import Pair
from tests.transports.ear import until
from tests.transports.linked.channel import Channel, online
from tests.transports.linked.played import LinkedHarness, LinkedHarnesses
from tests.transports.linked.test_passkey import scanned

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def test_a_phone_whose_word_cannot_be_believed_is_refused_and_the_next_code_links(
    harness: LinkedHarness,
):
    """The library has changed its keys, and the phone vouches for the old ones."""
    one = await scanned(harness)
    await harness.post(f"/phones/{harness.phone}/confirm")
    assert await one.ear.hears(events.PairingFailed) == events.PairingFailed("refused")
    await harness.post(f"/phones/{harness.phone}/protect", kind=None)
    await harness.scan(harness.phone, await _next_code(one))
    await one.ear.hears(events.Paired)


async def _next_code(one: Channel) -> str:
    """The library can crash while it gives up such a scan; whoever drives a channel then asks once more."""
    for _ in range(3):
        one.ear.forget()
        await one.wire.start(Pair())
        await until(lambda: one.ear.all(events.QrShown) or one.ear.all(events.Offline), "a code")
        if shown := one.ear.all(events.QrShown):
            return shown[0].code
    raise AssertionError(f"no code in three workers: {one.ear.heard}")


async def test_where_whatsapp_gives_no_code_at_all_that_is_told_within_half_a_minute(
    harness: LinkedHarness,
):
    await harness.post("/network", latency_ms=60_000)
    one = Channel(harness.transport, harness.phone)
    began = asyncio.get_running_loop().time()
    await one.wire.start(Pair())
    assert await one.ear.hears(events.PairingFailed) == events.PairingFailed(events.NO_CODE)
    assert asyncio.get_running_loop().time() - began < 35
    assert one.ear.all(events.QrShown) == []


async def test_who_is_stopped_while_a_worker_starts_stays_closed_and_takes_no_room_in_it(
    whatsapp: LinkedHarnesses,
):
    async with whatsapp.harness(channels_per_worker=1) as harness:
        stopped, other = (
            Channel(harness.transport, harness.phone),
            Channel(harness.transport, harness.other_phone),
        )
        starting = asyncio.create_task(stopped.wire.start(Pair()))
        await asyncio.sleep(0)
        await stopped.wire.stop()
        await starting
        await other.wire.start(Pair())
        await harness.scan(harness.other_phone, (await other.ear.hears(events.QrShown)).code)
        await other.ear.hears(events.Paired)
        assert stopped.ear.heard == []
        assert len(harness.transport.worker_pids) == 1


async def test_history_that_a_phone_hands_over_is_a_sign_of_its_life(
    harness: LinkedHarness, whatsapp: LinkedHarnesses
):
    one = await online(harness)

    def seen_at() -> float:
        with closing(sqlite3.connect(whatsapp.books_file(one.id))) as books:
            row = books.execute("select at from marks where name = 'phone_seen'").fetchone()
        found: float = row[0]
        return found

    before = seen_at()
    await harness.post(f"/phones/{harness.phone}/history")
    await until(lambda: seen_at() > before, "the phone was seen")
