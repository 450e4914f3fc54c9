"""A channel's life by the buttons of its pages, from the first name to a restored one, on a whole server."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.town import Town
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
PERSON, PHONE = "79161234567", "79990000009"
_GIVE = """(target, how) => {
    const data = new DataTransfer();
    data.items.add(new File(['kept'], `${how}.txt`, {type: 'text/plain'}));
    const event = how === 'paste'
        ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})
        : new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
    target.dispatchEvent(event);
}"""


def choose(window: Screen, card: Locator, item: str) -> None:
    card.get_by_role("button", name=re.compile("^More about")).click()
    window.page.get_by_role("menuitem", name=item).click()


def test_a_channel_is_added_scanned_renamed_disabled_enabled_deleted_and_restored(
    window: Screen, town: Town
) -> None:
    window.go("/channels")
    window.page.get_by_role("button", name="Add a channel").click()
    dialog = window.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Kiosk")
    dialog.get_by_label("Phone number").fill("+7 999 000-00-09")
    dialog.get_by_role("button", name="Add and show the code").click()
    expect(dialog.get_by_role("timer")).to_be_visible()
    made = next(one for one in town.api.get("/channels") if one["phone"] == PHONE)
    town.pair(made)
    expect(dialog.get_by_text("The number is linked")).to_be_visible()
    dialog.get_by_role("button", name="Done").click()

    card, badge = window.card(made["id"]), window.card(made["id"]).locator(".badge")
    expect(badge).to_have_text("Active")
    choose(window, card, "Edit")
    dialog.get_by_label("Name").fill("Kiosk at the gate")
    dialog.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("Kiosk at the gate")
    choose(window, card, "Disable the channel")
    dialog.get_by_role("button", name="Disable the channel").click()
    expect(badge).to_have_text("Disabled")
    card.get_by_role("button", name="Enable the channel").click()
    expect(badge).to_have_text("Active")
    choose(window, card, "Delete the channel")
    dialog.get_by_role("button", name="Delete the channel").click()
    expect(badge).to_have_text("Deleted")
    card.get_by_role("button", name="Restore").click()
    expect(badge).not_to_have_text("Deleted")
    town.api.http.delete(f"/channels/{made['id']}").raise_for_status()


def test_the_demo_phone_plays_a_phone_without_a_network_and_one_that_logs_out_and_scans(
    window: Screen, town: Town
) -> None:
    town.becomes(town.paired, "ACTIVE")
    window.go("/phone")
    phone = window.page.locator(f"[data-phone='{town.paired['phone']}']")
    badge = phone.locator(".badge")
    airplane = phone.get_by_role("switch", name="Airplane mode")
    airplane.click()
    expect(badge).to_have_text("No connection with the phone")
    # It may know later than the badge, and would be pressed for the same again.
    expect(airplane).to_be_checked()
    airplane.click()
    phone.get_by_role("button", name="Check now").click()
    expect(badge).to_have_text("Active")
    phone.get_by_role("button", name="Log out from all devices").click()
    expect(badge).to_have_text("Scan the QR code")
    phone.get_by_role("button", name="Scan", exact=True).click()
    expect(window.page.get_by_role("timer")).to_be_visible()
    window.page.keyboard.press("Escape")
    phone.get_by_role("button", name="Scan the QR code").click()
    expect(badge).to_have_text("Active")


def test_a_number_that_is_open_elsewhere_says_which_try_it_is_and_a_press_takes_it_at_once(
    window: Screen, town: Town
) -> None:
    channel = town.paired
    town.becomes(channel, "ACTIVE")
    window.go("/channels")
    card = window.card(channel["id"])
    town.whatsapp.do(channel["phone"], "open-elsewhere")
    town.whatsapp.post("/network", {"up": False})
    expect(card).to_contain_text("takes the number back by itself (try 1/5)")
    press = card.get_by_role("button", name="Use here")
    expect(press).to_be_visible()
    town.whatsapp.post("/network", {"up": True})
    press.click()
    expect(card.locator(".badge")).to_have_text("Active")


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_a_file_that_is_pasted_or_dropped_is_sent(
    open_window: OpenWindow, town: Town, how: str
) -> None:
    window = open_window()
    town.becomes(town.paired, "ACTIVE")
    window.open_chat(town.chat(town.paired, PERSON))
    window.field.evaluate(_GIVE, how)
    expect(window.page.locator(".staged")).to_contain_text(f"{how}.txt")
    window.send_button.click()
    window.has_tick(f"{how}.txt", "delivered", "read")
