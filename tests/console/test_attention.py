"""Calls and short ways, in a browser on a whole server; the bell of a page that nobody looks at writes down."""

import pytest
from playwright.sync_api import expect

from tests.acceptance.town import Town
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
PERSON, OTHER = "79161234567", "79161234568"

_ELSEWHERE = """
Object.defineProperty(document, 'hidden', {get: () => !window.looked});
window.calls = [];
window.Notification = class {
    static permission = 'granted';
    static requestPermission = async () => 'granted';
    constructor(title, {body, tag}) { window.calls.push([title, body, tag]); }
    close() {}
};
localStorage.setItem('houston-wishes', JSON.stringify({channels: true, chats: 'all', sound: true}));
"""
_CALLS = "() => window.calls.map(([title]) => title)"


def test_whoever_looks_elsewhere_is_called_for_messages_and_channels_and_only_then(
    open_window: OpenWindow, town: Town
) -> None:
    window = open_window()
    window.page.add_init_script(_ELSEWHERE)
    window.go("/people")
    town.whatsapp.say(PERSON, town.paired["phone"], "Is anybody there?")
    window.page.wait_for_function("() => window.calls.length === 1")
    ((title, body, path),) = window.page.evaluate("() => window.calls")
    assert (title, body) == ("Person 4567", "Is anybody there?")
    assert path == f"/inbox/{town.chat(town.paired, PERSON)}"
    town.whatsapp.do(town.paired["phone"], "offline")
    window.page.wait_for_function("() => window.calls.length === 2")
    assert window.page.evaluate(_CALLS)[1] == "Sales — No connection with the phone"
    window.page.evaluate(
        "() => { window.looked = true; document.dispatchEvent(new Event('visibilitychange')); }"
    )
    town.whatsapp.do(town.paired["phone"], "online")
    town.api.command(town.paired["id"], "check")
    town.becomes(town.paired, "ACTIVE")
    town.whatsapp.say(OTHER, town.paired["phone"], "Nobody is called for this")
    window.go("/inbox")
    expect(window.page.locator(".dialog", has_text="Nobody is called for this")).to_be_visible()
    assert window.page.evaluate(_CALLS) == []


def test_control_k_goes_to_a_channel_and_a_chat_by_a_few_letters(
    window: Screen, town: Town
) -> None:
    window.go("/settings")
    window.page.keyboard.press("Control+k")
    field = window.page.get_by_role("textbox", name="Go to a page, channel or chat")
    expect(field).to_be_focused()
    field.fill("supp")
    expect(window.page.get_by_role("option").first).to_contain_text("Support")
    assert window.violations() == []
    field.press("Enter")
    expect(window.page.get_by_role("heading", name="Support")).to_be_visible()
    window.page.keyboard.press("Control+k")
    field.fill(PERSON[-4:])
    window.page.get_by_role("option", name="Person 4567").click()
    expect(window.field).to_be_visible()
    assert town.chat(town.paired, PERSON) in window.page.url


def test_what_an_account_chose_of_its_notices_is_kept_and_shown_again(window: Screen) -> None:
    window.go("/settings")
    window.page.get_by_label("Minutes before curators are told").fill("7")
    window.page.get_by_label("Days of money left").fill("2, 5")
    notices = window.page.locator(".card", has_text="Notices of the account")
    notices.get_by_text("Curators", exact=True).click()
    notices.get_by_role("button", name="Save").click()
    expect(window.page.get_by_text("Kept.")).to_be_visible()
    window.page.reload()

    expect(window.page.get_by_label("Minutes before curators are told")).to_have_value("7")
    expect(window.page.get_by_label("Days of money left")).to_have_value("5, 2")
    expect(notices.get_by_role("radio", name="Curators")).to_be_checked()
    window.page.get_by_label("Minutes before curators are told").fill("3")
    notices.get_by_text("Whoever writes").click()
    notices.get_by_role("button", name="Save").click()
    expect(window.page.get_by_text("Kept.")).to_be_visible()
