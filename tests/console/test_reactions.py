"""Puts emojis on messages in the inbox of a whole server; the simulated WhatsApp's books tell what stands."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.town import Town, until
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
PERSON = "79161234567"
MENU = "What can be done with this message"


def chip(bubble: Locator, emoji: str) -> Locator:
    return bubble.get_by_role("list", name="Reactions").get_by_role("button", name=emoji)


def standing(town: Town, wire_id: str) -> dict[str, str]:
    """By the books: whose emoji is on what a person said."""
    said = town.whatsapp.http.get(f"/sayings?person={PERSON}").json()
    return next(dict(one["reactions"]) for one in said if one["id"] == wire_id)


def test_an_emoji_is_put_on_by_the_keys_waits_its_turn_and_is_taken_off_by_a_press(
    window: Screen, town: Town
) -> None:
    phone = town.paired["phone"]
    town.becomes(town.paired, "ACTIVE")
    said = town.whatsapp.say(PERSON, phone, "The bell rings beautifully")
    window.open_chat(town.chat(town.paired, PERSON))
    bubble = window.bubble("The bell rings beautifully")
    bubble.get_by_role("button", name=MENU).focus()
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_role("menuitem", name="React with 👍")).to_be_focused()
    window.page.keyboard.press("Enter")
    expect(chip(bubble, "👍")).to_have_attribute("aria-pressed", "true")
    until(lambda: standing(town, said) == {phone: "👍"})

    town.whatsapp.post(f"/people/{PERSON}/react", {"to": phone, "id": said, "emoji": "👍"})
    expect(chip(bubble, "👍")).to_have_accessible_name(re.compile("Person 4567"))
    expect(chip(bubble, "👍").locator("small")).to_have_text("2")
    assert window.violations() == []

    town.whatsapp.do(phone, "offline")
    town.becomes(town.paired, "PHONE_UNAVAILABLE")
    bubble.get_by_role("button", name=MENU).click()
    window.page.get_by_role("menuitem", name="Another emoji").click()
    window.page.get_by_placeholder("Search emoji").fill("party popper")
    expect(window.page.get_by_role("gridcell", name="Party popper")).to_be_visible()
    window.page.keyboard.press("Enter")
    expect(chip(bubble, "🎉")).to_have_accessible_name(re.compile("Waits to be sent"))
    expect(chip(bubble, "👍")).to_have_attribute("aria-pressed", "false")
    expect(window.note).to_contain_text("What you send now waits")  # No message does.
    assert window.violations() == []
    town.whatsapp.do(phone, "online")
    town.api.command(town.paired["id"], "check")
    until(lambda: standing(town, said) == {phone: "🎉", PERSON: "👍"})

    expect(chip(bubble, "🎉")).not_to_have_accessible_name(re.compile("Waits"))
    chip(bubble, "🎉").click()
    expect(chip(bubble, "🎉")).to_have_count(0)
    until(lambda: standing(town, said) == {PERSON: "👍"})
