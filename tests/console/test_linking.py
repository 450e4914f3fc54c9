"""Scans what is on the screen: the code is read off a picture of the page, as a phone reads it."""

from collections.abc import Iterator
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.acceptance.town import Town, until
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
_USUAL = [60, 20, 20, 20, 20, 20]


def seen(screen: Screen) -> str | None:
    """What a phone sees in front of the screen."""
    picture = Image.open(BytesIO(screen.page.screenshot())).convert("L")
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
    first = until(lambda: seen(window))
    expect(window.page.get_by_role("timer")).to_contain_text("Code 2 of 3")
    second = until(lambda: seen(window))

    assert first != second
    assert town.whatsapp.scan(fresh["phone"], second) == 200
    expect(window.page.get_by_text("The number is linked")).to_be_visible()


@pytest.mark.parametrize("fresh", [[1]], indirect=True)
def test_an_expired_code_says_so_and_a_press_brings_a_new_one(
    window: Screen, town: Town, fresh: dict[str, str]
) -> None:
    press_scan(window, fresh)
    again = window.page.get_by_role("button", name="Show a new code")
    expect(again).to_be_visible(timeout=20_000)
    town.whatsapp.post("/network", {"code_seconds": _USUAL})
    again.click()

    assert town.whatsapp.scan(fresh["phone"], until(lambda: seen(window))) == 200
    expect(window.page.get_by_text("The number is linked")).to_be_visible()
