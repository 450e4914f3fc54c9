"""Scans what is on the screen: the code is read off a picture of the page, as a phone reads it."""

from collections.abc import Iterator
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.acceptance.town import Town, until
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
_USUAL = [60, 20, 20, 20, 20, 20]


def seen(page: Page) -> str | None:
    """What a phone sees in front of the screen."""
    picture = Image.open(BytesIO(page.screenshot())).convert("L")
    found = zxingcpp.read_barcode(picture)
    return None if found is None else found.text


@pytest.fixture
def fresh(request: pytest.FixtureRequest, town: Town) -> Iterator[dict[str, str]]:
    """A number that was never linked, and for how many seconds each of its codes is good."""
    town.whatsapp.post("/network", {"code_seconds": request.param})
    body = {"name": "Shop", "phone": "79990000003", "transport": "simulator"}
    made = town.api.http.post("/channels", json=body).raise_for_status().json()
    yield made
    town.api.http.delete(f"/channels/{made['id']}").raise_for_status()
    town.whatsapp.post("/network", {"code_seconds": _USUAL})


def press_scan(screen: Screen, channel: dict[str, str]) -> None:
    screen.go("/channels")
    screen.card(channel["id"]).get_by_role("button", name="Scan").click()


@pytest.mark.parametrize("fresh", [[4, 20, 20]], indirect=True)
def test_the_code_is_read_off_a_dark_screen_rotates_and_success_is_seen_at_once(
    open_window: OpenWindow, town: Town, fresh: dict[str, str]
) -> None:
    window = open_window(color_scheme="dark")
    press_scan(window, fresh)
    first = until(lambda: seen(window.page))
    expect(window.page.get_by_role("timer")).to_contain_text("Code 2 of 3")
    second = until(lambda: seen(window.page))

    assert first != second
    assert town.whatsapp.scan(fresh["phone"], second) == 200
    expect(window.page.get_by_text("The number is linked")).to_be_visible()


@pytest.mark.parametrize("fresh", [[1]], indirect=True)
def test_an_expired_code_says_so_and_a_press_brings_a_new_one(
    window: Screen, town: Town, fresh: dict[str, str]
) -> None:
    press_scan(window, fresh)
    again = window.page.get_by_role("button", name="Show a new code")
    expect(again).to_be_visible()
    town.whatsapp.post("/network", {"code_seconds": _USUAL})
    again.click()

    assert town.whatsapp.scan(fresh["phone"], until(lambda: seen(window.page))) == 200
    expect(window.page.get_by_text("The number is linked")).to_be_visible()


@pytest.mark.parametrize("fresh", [_USUAL], indirect=True)
def test_that_the_code_is_still_coming_can_be_heard(window: Screen, fresh: dict[str, str]) -> None:
    window.page.route("**/qr", lambda held: None)
    press_scan(window, fresh)
    expect(window.page.get_by_role("status", name="The code is coming")).to_be_visible()
    assert window.violations() == []


@pytest.mark.parametrize("fresh", [_USUAL], indirect=True)
def test_a_code_to_type_is_shown_to_whoever_cannot_scan(
    window: Screen, town: Town, fresh: dict[str, str]
) -> None:
    press_scan(window, fresh)
    window.page.get_by_role("button", name="Link with a code to type instead").click()
    code = window.page.locator(".code-typed").inner_text()
    expect(window.page.get_by_text("Choose “Link with phone number”")).to_be_visible()

    town.whatsapp.do(fresh["phone"], "enter-code", code=code)
    expect(window.page.get_by_text("The number is linked")).to_be_visible()


@pytest.mark.parametrize("fresh", [[6, 60, 60]], indirect=True)
def test_whoever_holds_the_phone_links_it_by_a_link_without_signing_in(
    window: Screen, chromium: Browser, town: Town, fresh: dict[str, str]
) -> None:
    press_scan(window, fresh)
    window.page.get_by_role("button", name="Send a link to whoever holds the phone").click()
    link = window.page.locator(".code-link output").inner_text()
    narrow = ViewportSize(width=320, height=640)
    plain = chromium.new_context(java_script_enabled=False, viewport=narrow, locale="ru")
    strange = chromium.new_context(color_scheme="dark", viewport=narrow, locale="en-GB")
    unscripted, visitor = plain.new_page(), Screen(strange.new_page())
    unscripted.goto(link)
    first = until(lambda: seen(unscripted))
    visitor.page.goto(link)
    expect(visitor.page.get_by_role("timer")).to_contain_text("Code 2 of 3")

    assert visitor.page.evaluate("document.documentElement.scrollWidth") == narrow["width"]
    assert not visitor.violations()
    until(lambda: seen(unscripted) not in (None, first), what="the page loads itself anew")
    assert town.whatsapp.scan(fresh["phone"], until(lambda: seen(visitor.page))) == 200
    expect(visitor.page.get_by_role("heading", name="The number is linked")).to_be_visible()
    expect(unscripted.get_by_role("heading", name="Номер привязан")).to_be_visible()
    assert not visitor.complaints
    plain.close()
    strange.close()
