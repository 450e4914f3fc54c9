"""Ten thousand channels: what they cost when idle, and with a million messages waiting."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from bench.meter import cost
from bench.sections import memory_of, tell
from bench.town import town
from houston.channels.state import new_channel
from houston.channels.status import status
from houston.channels.store import encode_state
from houston.kernel.ids import ChannelId, chat_id, new_id
from houston.kernel.postgres import address_of_running
from houston.messages import store_reading
from tests.acceptance.town import Program, Town, until

CHANNELS = 10_000
MESSAGES = 1_000_000
IDLE_SECONDS = 30.0


def idle() -> None:
    """Memory and work of ten thousand channels that are active and have nothing to do."""
    with town(HOUSTON_LOGINS_PER_SECOND_MAX="1000") as here:
        before = memory_of(here)
        _add_channels(here, away=False)
        until(lambda: asyncio.run(_active(here)) >= CHANNELS, 120, "all channels are active")
        time.sleep(10)
        each = (memory_of(here) - before) / CHANNELS / 1000
        spent = cost(here.houston.process.pid)
        time.sleep(IDLE_SECONDS)
        share = cost(here.houston.process.pid).since(spent).both / IDLE_SECONDS * 100
    tell(f"memory of each of {CHANNELS:,} channels", f"{each:.1f} kB", "<= 60 kB", each <= 60)
    tell(f"idle work of {CHANNELS:,} channels", f"{share:.1f} % of a core", "<= 5 %", share <= 5)


def queue() -> None:
    """A million messages in ten thousand queues: the look at their heads, and a restart."""
    with town(HOUSTON_LOGINS_PER_SECOND_MAX="1000") as here:
        channels = _add_channels(here, away=True)
        asyncio.run(_fill(here, channels))
        seconds = asyncio.run(_look_at_heads(here, channels))
        tell(
            f"heads of {CHANNELS:,} queues, {MESSAGES:,} messages",
            f"{seconds * 1000:.0f} ms",
            "<= 150 ms",
            seconds <= 0.15,
        )
        here.houston.stop()
        here.whatsapp.post("/network", {"up": True})
        for phone in _phones():
            here.whatsapp.post(f"/phones/{phone}/online")
        sent = here.whatsapp.stats()["accepted"]
        began = time.monotonic()
        with _serving(here):
            until(lambda: here.whatsapp.stats()["accepted"] > sent, 60, "the first message is sent")
            seconds = time.monotonic() - began
        tell(
            "restart with that queue, to the first send",
            f"{seconds:.1f} s",
            "<= 10 s",
            seconds <= 10,
        )


@contextmanager
def _serving(here: Town) -> Iterator[None]:
    """Houston as it runs in earnest, on what the demo has left."""
    env = {
        "HOUSTON_DATA_DIR": str(here.folder / "data"),
        "HOUSTON_SIMULATOR_URL": here.whatsapp.url,
        "HOUSTON_PORT": "0",
    }
    served = Program(["serve"], here.folder / "houston.log", env, wait=False)
    try:
        yield
    finally:
        served.end()


def _phones() -> list[str]:
    return [f"7980{number:07}" for number in range(CHANNELS)]


def _add_channels(here: Town, *, away: bool) -> list[ChannelId]:
    """Paired channels, written as the store writes them; `away` ones have lost their phones."""
    phones = _phones()
    if away:
        for phone in phones:
            here.whatsapp.post(f"/phones/{phone}/offline")
    keys = here.whatsapp.post("/phones/link", {"phones": phones}).json()
    ids = [ChannelId(new_id()) for _ in phones]
    asyncio.run(_write_channels(here, dict(zip(ids, phones, strict=True)), keys))
    return ids


async def _write_channels(here: Town, channels: dict[ChannelId, str], keys: dict[str, str]) -> None:
    now = datetime.now(UTC)
    account = UUID(here.card["account_id"])
    rows, credentials = [], []
    for channel, phone in channels.items():
        state = new_channel(phone, now, actor="bench", sends_without_phone=False)
        state = replace(state, paired=True)
        word = status(state).value
        rows.append(
            (channel, account, phone, phone, "simulator", encode_state(state), word, True, now)
        )
        credentials.append((channel, bytes.fromhex(keys[phone]), now))
    columns = [
        "id",
        "account_id",
        "name",
        "phone",
        "transport",
        "state",
        "status",
        "accepting",
        "created_at",
    ]
    connection = await asyncpg.connect(_dsn(here))
    await connection.copy_records_to_table("channels", records=rows, columns=columns)
    await connection.copy_records_to_table(
        "channel_credentials",
        records=credentials,
        columns=["channel_id", "credentials", "stored_at"],
    )
    await connection.close()


async def _fill(here: Town, channels: list[ChannelId]) -> None:
    """A hundred messages in one chat of each channel."""
    connection = await asyncpg.connect(_dsn(here))
    account, now = UUID(here.card["account_id"]), datetime.now(UTC)
    chats = [
        (chat_id(channel, "79161230000"), account, channel, "79161230000", True, now)
        for channel in channels
    ]
    await connection.copy_records_to_table(
        "chats",
        records=chats,
        columns=["id", "account_id", "channel_id", "address", "ours_first", "last_at"],
    )
    await connection.execute(
        """
        insert into messages
            (id, account_id, channel_id, chat_id, direction, body, wire_id, open, status, created_at)
        select gen_random_uuid(), c.account_id, c.channel_id, c.id, 1, '{"text": "waits"}',
            '3EB0' || c.id || n, true, 0, now()
        from generate_series(1, $1) as n cross join chats c where c.channel_id = any($2)
        """,
        MESSAGES // CHANNELS,
        channels,
        timeout=600,
    )
    await connection.execute("vacuum analyze messages", timeout=600)
    await connection.close()


async def _look_at_heads(here: Town, channels: list[ChannelId]) -> float:
    """The median of the look that a sender takes at all its queues."""
    connection = await asyncpg.connect(_dsn(here))
    took = []
    for _ in range(5):
        began = time.monotonic()
        assert len(await store_reading.heads(connection, channels)) == CHANNELS
        took.append(time.monotonic() - began)
    await connection.close()
    return sorted(took)[2]


def _dsn(here: Town) -> str:
    address = address_of_running(here.folder / "data")
    assert address is not None
    return address


async def _active(here: Town) -> int:
    """Asked of the disk: figures of ten thousand channels would be a load of their own."""
    connection = await asyncpg.connect(_dsn(here))
    try:
        return int(
            await connection.fetchval("select count(*) from channels where status = 'ACTIVE'")
        )
    finally:
        await connection.close()
