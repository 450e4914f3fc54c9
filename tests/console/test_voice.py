"""Speaks into the composer: the browser's microphone is a fake that hears a beep every second."""

import re

import pytest
from playwright.sync_api import expect

from tests.acceptance.town import Town, until
from tests.console.conftest import OpenWindow

pytestmark = pytest.mark.slow
PERSON = "79165550001"
START, STOP = "Record a voice message", "End the recording"


@pytest.fixture
def chat(town: Town) -> str:
    """With somebody of these tests alone."""
    town.becomes(town.paired, "ACTIVE")
    town.whatsapp.say(PERSON, town.paired["phone"], "May I hear you?")
    until(lambda: town.api.get("/chats", q=PERSON))
    return town.chat(town.paired, PERSON)


@pytest.mark.parametrize("width", [1440, 320])
def test_what_was_said_is_heard_before_it_is_sent_as_whatsapp_takes_it(
    open_window: OpenWindow, town: Town, chat: str, width: int
) -> None:
    window = open_window(permissions=["microphone"], viewport={"width": width, "height": 800})
    window.open_chat(chat)
    expect(window.page.locator(".bubble").first).to_be_visible()
    spoken = window.page.locator(".bubble .voice")
    before = spoken.count()
    window.page.get_by_role("button", name=START).click()
    expect(window.page.get_by_role("timer")).to_have_text("0:02")
    assert window.violations() == []
    window.page.get_by_role("button", name=STOP).click()
    heard = window.page.locator(".staged audio")
    expect(heard).to_be_visible()
    assert heard.evaluate("one => one.play().then(() => one.error)") is None
    assert window.cut_off() == []
    assert window.violations() == []
    window.send_button.click()

    expect(spoken).to_have_count(before + 1)
    expect(spoken.last.locator(".voice-time")).to_have_text(re.compile("0:(0[1-9]|[1-5][0-9])"))
    expect(spoken.last.locator("svg rect").first).to_be_visible()  # The browser reads its shape.
    # It is drawn anew once it is kept.
    told = until(spoken.last.locator(".voice-time").bounding_box)
    assert told["height"] < 30, "its length is on one line"
    # Shown before it is kept.
    content = until(lambda: next(filter(None, contents(town, chat)), None))
    assert (content["kind"], content["mime"]) == ("audio", "audio/ogg")
    file = town.api.open.get(content["uri"]).content
    assert file.startswith(b"OggS")
    assert b"OpusHead" in file[:64]


def contents(town: Town, chat: str) -> list[dict[str, str] | None]:
    return [one["content"] for one in town.api.messages(chat)]


def test_what_is_discarded_is_not_sent_and_what_was_written_stays(
    open_window: OpenWindow, chat: str
) -> None:
    window = open_window(permissions=["microphone"])
    window.open_chat(chat)
    window.field.fill("half a thought")
    window.page.get_by_role("button", name=START).click()
    expect(window.page.get_by_role("timer")).to_have_text("0:01")
    window.page.get_by_role("button", name="Discard it").click()

    expect(window.page.get_by_role("timer")).to_have_count(0)
    expect(window.page.get_by_role("button", name=START)).to_be_visible()
    expect(window.page.locator(".staged")).to_have_count(0)
    expect(window.field).to_have_value("half a thought")
    window.field.fill("")


def test_whoever_does_not_allow_the_microphone_is_told_what_to_do(
    open_window: OpenWindow, chat: str
) -> None:
    window = open_window()
    window.open_chat(chat)
    window.page.get_by_role("button", name=START).click()

    expect(window.page.get_by_text("does not let Houston use the microphone")).to_be_visible()
    expect(window.page.get_by_role("timer")).to_have_count(0)


def test_where_nothing_may_be_sent_nothing_is_recorded(
    open_window: OpenWindow, town: Town, chat: str
) -> None:
    window = open_window(permissions=["microphone"])
    window.open_chat(chat)
    town.api.command(town.paired["id"], "disable")

    expect(window.page.get_by_role("button", name=START)).to_be_disabled()
    town.api.command(town.paired["id"], "enable")
    expect(window.page.get_by_role("button", name=START)).to_be_enabled()
