"""A thousand events a second, written into the feed as another node would; the page is timed frame by frame."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest
from playwright.sync_api import expect

from houston.kernel import feed
from houston.kernel.db import Database, connect
from houston.kernel.facts import MessageReceived
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, new_id
from houston.kernel.postgres.server import address_of_running
from tests.acceptance.town import Town
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
A_SECOND, SECONDS, EACH = 1_000, 3, 50
CHATS = 200
FRAME_SECONDS_MAX = 0.5
ASKED_A_SECOND_MAX = 60
HELD = 500
_FRAME = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
_NEWS = '{"node": 0, "topic": "feed", "ids": []}'
_MADE = """
insert into chats (id, account_id, channel_id, address, name, unanswered, ours_first, they_wrote, last_at)
select gen_random_uuid(), $1, $2, (72220000000 + n)::text, 'Crowd ' || n, 0, false, true, now()
from generate_series(1, $3::int) n
returning id
"""


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """Where a loop can run: here, Playwright's does."""
    with ThreadPoolExecutor(1) as aside:
        yield aside


@pytest.mark.parametrize("page", ["/webhooks/events", "/inbox"])
def test_a_page_stays_usable_and_asks_little_while_a_thousand_events_a_second_come(
    window: Screen, town: Town, aside: ThreadPoolExecutor, page: str
) -> None:
    asked, frames = list[str](), list[float]()
    window.go(page)
    window.page.get_by_role("heading").first.wait_for(state="attached")
    window.page.on("request", lambda one: asked.append(one.url))
    flood = aside.submit(asyncio.run, _flood(town))
    while not flood.done():
        began = time.monotonic()
        window.page.evaluate(_FRAME)
        frames.append(time.monotonic() - began)
    flood.result()

    assert statistics.median(frames) < FRAME_SECONDS_MAX
    assert 0 < len(asked) < ASKED_A_SECOND_MAX * SECONDS
    if page == "/webhooks/events":
        expect(window.page.locator(".log-row")).to_have_count(HELD)
        last = f"said {A_SECOND * SECONDS - 1}"
        expect(window.page.locator(".log-row").first).to_contain_text(f'"{last}"')


async def _flood(town: Town) -> None:
    address = address_of_running(town.folder / "data")
    assert address is not None
    database = await connect(address)
    account, channel = AccountId(UUID(town.card["account_id"])), ChannelId(UUID(town.paired["id"]))
    async with database.single() as tx:
        rows = await tx.fetch(_MADE, account, channel, CHATS)
    chats, began = [ChatId(row["id"]) for row in rows], time.monotonic()
    for start in range(0, A_SECOND * SECONDS, EACH):
        said = [_said(chats[n % CHATS], f"said {n}") for n in range(start, start + EACH)]
        await _tell(database, feed.entries(account, channel, said))
        await asyncio.sleep(max(0, began + start / A_SECOND - time.monotonic()))
    async with database.single() as tx:
        await tx.execute("delete from chats where id = any($1::uuid[])", chats)
    await database.close()


def _said(chat: ChatId, text: str) -> MessageReceived:
    return MessageReceived(
        message_id=MessageId(new_id()),
        chat_id=chat,
        address="72220000000",
        author="72220000000",
        author_name=None,
        text=text,
        content_uri=None,
        quoted_wire_id=None,
        echo=False,
        retrieved=False,
        at=datetime.now(UTC),
    )


async def _tell(database: Database, entries: list[feed.Entry]) -> None:
    async with database.transaction() as tx:
        await feed.write(tx, datetime.now(UTC), entries)
    async with database.single() as tx:
        await tx.execute("select pg_notify('houston', $1)", _NEWS)
