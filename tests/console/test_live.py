"""What the page knows stays true: over a killed server, in many tabs, with very many chats."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
from playwright.sync_api import Browser, StorageState, expect

from houston.kernel.postgres.server import address_of_running
from tests.acceptance.town import Town, town_running
from tests.console.conftest import OpenWindow, signed_in
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
PERSON = "79161234567"
TRUTH_SECONDS_MAX = 5.0
TABS = 8  # A browser opens six connections to a host.
MANY = 10_000
NODES_MAX = 1_500
OLD = "Ёлка и новый мотоцикл"
"""What a customer said three hundred messages ago."""


def test_after_a_kill_the_draft_is_there_and_the_truth_within_seconds(
    chromium: Browser, tmp_path: Path
) -> None:
    with town_running(tmp_path) as town:
        port = int(town.card["url"].rsplit(":", 1)[1])
        context = chromium.new_context(
            base_url=town.card["url"], storage_state=signed_in(chromium, town)
        )
        window = Screen(context.new_page())
        window.open_chat(town.chat(town.paired, PERSON))
        window.field.fill("a draft amid a crash")
        town.kill_houston()
        expect(window.page.get_by_role("alert")).to_contain_text("No connection to Houston")
        window.field.press("Enter")
        expect(window.page.locator(".toast")).to_contain_text("Houston does not answer")
        expect(window.field).to_have_value("a draft amid a crash")
        # Meanwhile the number is logged out, of which the page cannot know.
        town.whatsapp.do(town.paired["phone"], "log-out-all")
        town.start(port=port)
        town.becomes(town.paired, "SCAN_QR")
        began = time.monotonic()

        expect(window.note).to_contain_text("Scan the QR code")
        assert time.monotonic() - began < TRUTH_SECONDS_MAX
        expect(window.field).to_have_value("a draft amid a crash")
        expect(window.page.get_by_role("alert")).to_have_count(0)
        context.close()


def test_eight_tabs_live_on_one_stream_and_the_next_one_takes_over(
    chromium: Browser, town: Town, pass_key: StorageState
) -> None:
    context = chromium.new_context(base_url=town.card["url"], storage_state=pass_key)
    streams: list[str] = []
    context.on(
        "request", lambda one: streams.append(one.url) if one.url.endswith("/stream") else None
    )
    tabs = [Screen(context.new_page()) for _ in range(TABS)]
    for tab in tabs:
        tab.go("/inbox")
    assert len(streams) == 1

    def everybody_hears(text: str, listening: list[Screen]) -> None:
        town.whatsapp.say(PERSON, town.paired["phone"], text)
        for tab in listening:
            expect(tab.page.locator(".dialog", has_text=text)).to_be_visible()

    everybody_hears("heard in all tabs", tabs)
    tabs[0].page.close()
    everybody_hears("heard by those who stay", tabs[1:])
    assert len(streams) == 2
    assert not any(tab.complaints for tab in tabs)
    context.close()


@pytest.fixture
def many_chats(town: Town) -> None:
    """Rows, as ten thousand people would leave them; writing to each would take minutes."""
    with ThreadPoolExecutor(1) as aside:  # Here, Playwright's loop runs.
        aside.submit(asyncio.run, _fill(town)).result()


async def _fill(town: Town) -> None:
    address = address_of_running(town.folder / "data")
    assert address is not None
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(
            """
            insert into chats (id, account_id, channel_id, address, name, unanswered, ours_first,
                they_wrote, last_at)
            select gen_random_uuid(), $1, $2, (71110000000 + n)::text, 'Customer ' || n, 0, false,
                true, now() - interval '1 day' - n * interval '1 minute'
            from generate_series(1, $3::int) n
            """,
            town.card["account_id"],
            town.paired["id"],
            MANY,
        )
        await connection.execute(
            """
            insert into messages (id, account_id, channel_id, chat_id, direction, body, open, status,
                created_at)
            select gen_random_uuid(), c.account_id, c.channel_id, c.id, 0,
                jsonb_build_object('text', case n when 300 then $1 else 'line ' || n end), false, 10,
                now() - interval '2 days' - n * interval '1 minute'
            from chats c, generate_series(1, 300) n
            where c.name = 'Customer 9876'
            """,
            OLD,
        )
    finally:
        await connection.close()


@pytest.mark.usefixtures("many_chats")
def test_ten_thousand_chats_are_few_nodes_and_found_at_once(
    open_window: OpenWindow, town: Town
) -> None:
    window = open_window(viewport={"width": 1440, "height": 900})
    window.open_chat(town.chat(town.paired, PERSON))
    expect(window.page.locator(".dialogs-count")).to_contain_text("10,0")
    scroller = window.page.locator(".dialogs-scroll")
    for _ in range(6):
        scroller.evaluate("one => one.scrollBy(0, 6000)")
        window.page.wait_for_function(
            "() => document.querySelectorAll('.dialog').length > 5", timeout=5_000
        )
    assert window.page.evaluate("document.querySelectorAll('*').length") < NODES_MAX

    window.page.get_by_placeholder("Search name, phone or text").fill("Customer 9876")
    began = time.monotonic()
    expect(window.page.locator(".dialog")).to_have_count(1)
    assert time.monotonic() - began < 2
    expect(window.page.locator(".dialog")).to_contain_text("Customer 9876")

    window.page.get_by_placeholder("Search name, phone or text").fill("МОТО елка")
    row = window.page.locator(".dialog", has_text=OLD)
    expect(window.page.locator(".dialog")).to_have_count(1)
    row.click()
    expect(window.bubble(OLD)).to_be_in_viewport()
    expect(window.page.locator("[data-found]")).to_contain_text(OLD)
