"""The console: what open pages cost the server, and how soon a page can be used."""

import asyncio
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from playwright.sync_api import Browser, StorageState, sync_playwright

from bench.meter import Cost, cost
from bench.sections import tell
from bench.town import town
from houston.kernel import feed
from houston.kernel.db import Database, connect
from houston.kernel.facts import StatusChanged
from houston.kernel.ids import AccountId, ChannelId
from houston.kernel.postgres.server import address_of_running
from tests.acceptance.town import Town
from tests.console.conftest import FLAGS, found_chromium, signed_in
from tests.console.screen import Screen

STREAMS = 200
CHANGES = 100
PAUSE_SECONDS = 0.1
"""So far apart that each change is read, encoded and told by itself."""
CPU_MS_MAX = 3.0
PAINTS = 5
JS_BYTES_MAX, CSS_BYTES_MAX = 200_000, 20_000
_NEWS = '{"node": 0, "topic": "feed", "ids": []}'


@dataclass(frozen=True)
class Told:
    """What changes have cost the server, and what it costs as long when nothing changes."""

    spent: Cost
    idle: Cost
    took: list[float]
    """How long each change needed to its last listener, in seconds."""

    @property
    def raw_ms(self) -> float:
        """A change with all that the server does meanwhile."""
        return self.spent.python / CHANGES * 1000

    @property
    def added_ms(self) -> float:
        """What a change adds to an idle server."""
        return self.spent.since(self.idle).python / CHANGES * 1000


def streams() -> None:
    """Status changes one by one, told to many open pages and to none."""
    with town() as here:
        pid = here.houston.process.pid
        alone = asyncio.run(_told(here, pid, 0))
        told = asyncio.run(_told(here, pid, STREAMS))
    tell(
        f"a status change told to {STREAMS} streams adds, CPU of the server",
        f"{told.added_ms:.1f} ms",
        f"<= {CPU_MS_MAX:.0f} ms",
        told.added_ms <= CPU_MS_MAX,
    )
    tell("... of which without any stream", f"{alone.added_ms:.1f} ms")
    figures = f"{told.raw_ms:.1f}, {alone.raw_ms:.1f} ms"
    tell("... both with what an idle server does meanwhile", figures)
    tell("... to the last stream, p50", f"{statistics.median(told.took) * 1000:.0f} ms")


async def _told(here: Town, pid: int, listening: int) -> Told:
    """Changes, and then as much time without any, with the same streams open."""
    heard: asyncio.Queue[None] = asyncio.Queue()
    streams = [await _open(here) for _ in range(listening)]
    readers = [asyncio.create_task(_listen(reader, heard)) for reader, _ in streams]
    address = address_of_running(here.folder / "data")
    assert address is not None
    database, took = await connect(address), list[float]()
    await asyncio.sleep(2)
    before, first = cost(pid), time.monotonic()
    for _ in range(CHANGES):
        began = time.monotonic()
        await _change(database, here)
        for _ in range(listening):
            await heard.get()
        took.append(time.monotonic() - began)
        await asyncio.sleep(PAUSE_SECONDS)
    after, seconds = cost(pid), time.monotonic() - first
    await asyncio.sleep(seconds)
    idle = cost(pid).since(after)
    for task, (_, writer) in zip(readers, streams, strict=True):
        task.cancel()
        writer.close()
    await database.close()
    return Told(after.since(before), idle, took)


async def _open(here: Town) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """One browser's stream, without a browser: 200 of these would be all that is measured."""
    server = urlsplit(here.card["url"])
    reader, writer = await asyncio.open_connection(server.hostname, server.port)
    key = here.card["api_key"]
    lines = ("GET /api/v1/stream HTTP/1.1", "Host: bench", f"Authorization: Bearer {key}", "", "")
    writer.write("\r\n".join(lines).encode())
    await reader.readuntil(b"retry:")
    return reader, writer


async def _listen(reader: asyncio.StreamReader, heard: asyncio.Queue[None]) -> None:
    while True:
        await reader.readuntil(b"event: channel.status\n")
        heard.put_nowait(None)


async def _change(database: Database, here: Town) -> None:
    """A status change as another node would write it, and its word that there is news."""
    now = datetime.now(UTC)
    fact = StatusChanged(
        old="ACTIVE",
        new="ACTIVE",
        state="active",
        reason="working",
        actor="whatsapp",
        at=now,
        evidence_at=now,
    )
    account, channel = AccountId(UUID(here.card["account_id"])), ChannelId(UUID(here.paired["id"]))
    async with database.transaction() as tx:
        await feed.write(tx, now, feed.entries(account, channel, [fact]))
    async with database.single() as tx:
        await tx.execute("select pg_notify('houston', $1)", _NEWS)


def paint() -> None:
    """The inbox with a chat open, in a browser that has nothing of it yet."""
    program = found_chromium()
    assert program is not None, "install Chromium, or run `make browser`"
    with town() as here, sync_playwright() as playwright:
        chat = here.chat(here.paired, "79161234567")
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        state = signed_in(browser, here)
        seen = [_paint(browser, here, state, chat) for _ in range(PAINTS)]
        browser.close()
    first, usable = (statistics.median(one[part] for one in seen) for part in ("first", "usable"))
    tell("the console, first paint / can be written in", f"{first:.0f} / {usable:.0f} ms")
    for kind, most in (("js", JS_BYTES_MAX), ("css", CSS_BYTES_MAX)):
        size = seen[0][kind]
        figure, aim = f"{size / 1000:.0f} kB", f"<= {most // 1000} kB"
        tell(f"the console, {kind} of its first page, compressed", figure, aim, size <= most)


def _paint(browser: Browser, here: Town, state: StorageState, chat: str) -> dict[str, Any]:
    context = browser.new_context(base_url=here.card["url"], storage_state=state, locale="en-GB")
    screen = Screen(context.new_page())
    weighed = screen.weigh()
    began = time.monotonic()
    screen.open_chat(chat)
    screen.page.locator(".bubble").first.wait_for()
    usable = (time.monotonic() - began) * 1000
    first = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    shown = screen.page.evaluate(first)
    screen.page.locator(".history-bar").first.wait_for()
    found = {"first": shown, "usable": usable, **weighed()}
    context.close()
    return found
