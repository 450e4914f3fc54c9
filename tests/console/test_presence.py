"""Two people at two browsers with the same chat open: each sees the other write, and nothing is in the way."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.acceptance.town import Town
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
PERSON = "79161234567"
NAME = "Boris Konstantinopolsky-Zavadsky"
BORIS = {"name": NAME, "email": "boris@demo.example", "role": "manager"}
HE_WRITES = f"{NAME} is writing here"
SHE_WRITES = "Anna is writing here"
PASSWORD = "a password of some length"
AT_ONCE_MS = 4_000
"""Sooner than a note goes by itself, also on a busy machine."""
BY_ITSELF_MS = 15_000


@pytest.fixture(scope="module")
def boris(chromium: Browser, town: Town) -> Iterator[BrowserContext]:
    """A colleague at a browser of his own."""
    made = town.api.http.post("/people", json=BORIS).raise_for_status().json()
    taken = {"token": made["invitation"]["token"], "password": PASSWORD}
    town.api.open.post("/api/v1/session/invitation", json=taken).raise_for_status()
    context = chromium.new_context(
        base_url=town.card["url"], viewport={"width": 600, "height": 800}, locale="en-GB"
    )
    Screen(context.new_page()).sign_in(BORIS["email"], PASSWORD)
    yield context
    context.close()
    town.api.http.delete(f"/people/{made['person']['id']}").raise_for_status()


def note(screen: Screen) -> Locator:
    return screen.page.locator(".presence")


def is_told(screen: Screen, text: str) -> None:
    expect(note(screen)).to_have_text(text, timeout=AT_ONCE_MS)


def test_a_colleague_who_writes_is_seen_until_he_sends_leaves_or_closes_the_page(
    window: Screen, boris: BrowserContext, town: Town
) -> None:
    town.becomes(town.paired, "ACTIVE")
    chat, his = town.chat(town.paired, PERSON), Screen(boris.pages[0])
    for screen in (window, his):
        screen.open_chat(chat)
    last = window.page.locator(".bubble").last
    places = [one.bounding_box() for one in (last, window.field)]
    his.field.press_sequentially("Hel")
    is_told(window, HE_WRITES)
    row = window.page.locator(".dialog", has_text=HE_WRITES)
    expect(row).to_have_attribute("aria-current", "true")
    assert [one.bounding_box() for one in (last, window.field)] == places, "nothing has moved"
    window.write("Written in spite of it")
    expect(window.bubble("Written in spite of it")).to_be_visible()
    his.write("Hello from Boris")
    is_told(window, "")
    expect(row).to_have_count(0)

    his.open_chat(chat)
    his.field.press_sequentially("B")
    is_told(window, HE_WRITES)
    his.page.get_by_role("link", name="Back to the list").click()
    is_told(window, "")

    tab = Screen(boris.new_page())
    tab.open_chat(chat)
    tab.field.press_sequentially("o")
    is_told(window, HE_WRITES)
    tab.page.close(run_before_unload=True)
    is_told(window, "")
    assert not [*his.complaints, *tab.complaints]


def test_whoever_records_or_has_chosen_a_file_is_seen_as_one_who_writes(
    open_window: OpenWindow, boris: BrowserContext, town: Town
) -> None:
    hers, his = open_window(permissions=["microphone"]), Screen(boris.pages[0])
    chat = town.chat(town.paired, PERSON)
    for screen in (hers, his):
        screen.open_chat(chat)
    hers.page.get_by_role("button", name="Record a voice message").click()
    is_told(his, SHE_WRITES)
    expect(hers.page.get_by_role("timer")).to_have_text("0:08")
    expect(note(his)).to_have_text(SHE_WRITES, timeout=1_000)  # No note lasts so long by itself.
    hers.page.get_by_role("button", name="Discard it").click()
    expect(note(his)).to_have_text("", timeout=BY_ITSELF_MS)

    hers.page.locator("input[type=file]").set_input_files(
        {"name": "receipt.txt", "mimeType": "text/plain", "buffer": b"Paid"}
    )
    is_told(his, SHE_WRITES)
    hers.field.fill("Here")
    hers.field.fill("")
    is_told(his, "")


def test_nobody_is_told_of_themselves_and_a_browser_that_dies_is_forgotten(
    window: Screen, boris: BrowserContext, town: Town
) -> None:
    chat, his, tab = town.chat(town.paired, PERSON), Screen(boris.pages[0]), boris.new_page()
    for screen in (window, his, Screen(tab)):
        screen.open_chat(chat)
    window.page.set_viewport_size({"width": 320, "height": 568})
    window.field.press_sequentially("Dear")
    for screen in (his, Screen(tab)):
        is_told(screen, SHE_WRITES)
    his.field.press_sequentially("Dear")
    is_told(window, HE_WRITES)
    for screen in (his, Screen(tab)):
        expect(note(screen)).not_to_contain_text("Boris")

    boris.set_offline(True)
    for page in boris.pages:
        page.close()
    assert window.cut_off() == []
    expect(note(window)).to_have_text(HE_WRITES, timeout=1_000)
    place = note(window).locator("span").bounding_box()
    assert place is not None
    assert 0 <= place["x"] <= 320 - place["width"], "it is in sight from end to end"
    assert window.violations() == []
    expect(note(window)).to_have_text("", timeout=BY_ITSELF_MS)
