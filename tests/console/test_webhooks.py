"""The page of webhooks on a whole server, beside an integrator's receiver on a real socket."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.town import Town, until
from tests.console.beside import beside
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen
from tests.webhooks.receiver import Plan, Receiver, receiving

pytestmark = pytest.mark.slow
PERSON = "79161234567"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with beside(receiving()) as found:
        yield found


@pytest.fixture(autouse=True)
def nobody_told(town: Town) -> Iterator[None]:
    """No endpoint outlives its test: what was told to it fills the pages of others."""
    yield
    for one in town.api.get("/endpoints"):
        town.api.http.delete(f"/endpoints/{one['id']}").raise_for_status()


def made(town: Town, receiver: Receiver, **wishes: Any) -> str:
    body = {"name": "CRM", "url": receiver.url, "kinds": ["message.received"], **wishes}
    answer = town.api.http.post("/endpoints", json=body).raise_for_status()
    return str(answer.json()["endpoint"]["id"])


def says(town: Town, text: str) -> None:
    town.whatsapp.say(PERSON, town.paired["phone"], text)


def told(receiver: Receiver, text: str) -> int:
    """How often."""
    facts = [one["body"] for one in receiver.bodies if "body" in one]  # Others are Wazzup's.
    return sum(fact.get("text") == text for fact in facts)


def choose(window: Screen, endpoint: Locator, item: str) -> None:
    endpoint.get_by_role("button", name=re.compile("^More about")).click()
    window.page.get_by_role("menuitem", name=item).click()


def test_the_first_endpoint_shows_its_secret_once_and_how_a_test_was_taken(
    window: Screen, town: Town, receiver: Receiver
) -> None:
    window.go("/webhooks")
    expect(window.page.locator("pre")).to_contain_text("curl -X POST http")
    window.page.get_by_role("button", name="Send a test event").click()
    dialog = window.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("CRM")
    dialog.get_by_label("Address").fill("https://anna:secret@crm.example")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog.get_by_text("give an https address")).to_be_visible()
    (complaint,) = window.complaints
    assert "400 (Bad Request)" in complaint
    window.complaints.clear()  # Chromium writes down each request that was declined.
    dialog.get_by_label("Address").fill(receiver.url)
    receiver.otherwise = Plan(500, b"out of order")
    dialog.get_by_role("button", name="Make it").click()
    secret = dialog.locator(".secret output").inner_text()
    assert secret.startswith("whsec_")
    expect(dialog.locator(".test-answer")).to_contain_text("The receiver answered 500")
    expect(dialog.locator(".test-answer")).to_contain_text("out of order")
    receiver.otherwise = Plan()
    dialog.get_by_role("button", name="Send a test event").click()
    expect(dialog.locator(".test-answer")).to_contain_text("The test was taken")
    assert [one["kind"] for one in receiver.bodies].count("test") == 2
    window.page.keyboard.press("Escape")

    endpoint = window.page.locator("[data-endpoint]")
    expect(endpoint.locator(".badge")).to_have_text("Working")
    assert secret not in window.page.content()
    choose(window, endpoint, "Edit")
    dialog.get_by_label("Everything that happens").uncheck()
    dialog.get_by_label("message.status").uncheck()
    dialog.get_by_label("All channels").uncheck()
    dialog.get_by_label(town.paired["name"]).check()
    dialog.get_by_role("button", name="Save").click()
    expect(endpoint).to_contain_text("2 kinds of events: channel.status, message.received")
    assert town.api.get("/endpoints")[0]["channels"] == [town.paired["id"]]


def test_a_receiver_that_fails_is_shown_with_its_answer_and_told_again(
    window: Screen, town: Town, receiver: Receiver
) -> None:
    receiver.otherwise = Plan(503, b"we are moving house")
    made(town, receiver)
    says(town, "told in spite of all")
    window.go("/webhooks")
    endpoint = window.page.locator("[data-endpoint]")
    expect(endpoint.locator(".badge")).to_have_attribute("data-status", "failing")
    expect(endpoint).to_contain_text("The next try is at")
    assert window.violations() == []
    window.page.get_by_role("link", name="CRM", exact=True).last.click()
    line = window.page.locator(".log-line", has_text="we are moving house").first
    line.click()
    expect(window.page.locator(".payload pre")).to_contain_text("told in spite of all")
    assert window.violations() == []
    receiver.otherwise = Plan()
    expect(window.page.locator(".badge")).to_have_text("Working")
    again = window.page.get_by_role("button", name="Replay it")
    before = told(receiver, "told in spite of all")
    again.click()

    until(lambda: told(receiver, "told in spite of all") == before + 1)
    ids = {one.headers["webhook-id"] for one in receiver.arrived}
    assert len(ids) == 1
    receiver.otherwise = Plan(422, b"no such field")
    says(town, "refused for good")
    dead = window.page.get_by_text("Dead letters · 1")
    dead.click()
    expect(window.page.locator(".log-why")).to_contain_text("422")
    receiver.otherwise = Plan()
    window.page.get_by_role("button", name="Replay all of them").click()
    until(lambda: told(receiver, "refused for good") == 4)
    expect(window.page.get_by_text("There are no dead letters.")).to_be_visible()


def test_a_window_is_told_again_a_secret_renewed_a_pause_kept_and_wazzups_is_listed(
    window: Screen, town: Town, receiver: Receiver
) -> None:
    one = made(town, receiver)
    hook = {"webhooksUri": receiver.url, "subscriptions": {"messagesAndStatuses": True}}
    town.api.v3.patch("/webhooks", json=hook).raise_for_status()
    says(town, "told twice")
    until(lambda: told(receiver, "told twice") == 1)
    window.go("/webhooks")
    wazzup = window.page.locator("[data-endpoint]", has_text="Wazzup v3")
    expect(wazzup).to_contain_text("PATCH /v3/webhooks")
    endpoint = window.page.locator(f"[data-endpoint='{one}']")
    dialog = window.page.get_by_role("dialog")
    choose(window, endpoint, "New secret")
    dialog.get_by_role("button", name="New secret").click()
    expect(dialog.locator(".secret output")).to_contain_text("whsec_")
    window.page.keyboard.press("Escape")
    choose(window, endpoint, "Pause")
    expect(endpoint.locator(".badge")).to_have_text("Paused")
    says(town, "kept back")
    endpoint.get_by_role("button", name="Resume").click()
    until(lambda: told(receiver, "kept back") == 1)
    window.go(f"/webhooks/{one}")
    window.page.get_by_role("button", name="Replay…").click()
    dialog.get_by_role("button", name="Replay it").click()
    until(lambda: told(receiver, "told twice") == 2)
    window.page.get_by_role("button", name=re.compile("^More about")).click()
    window.page.get_by_role("menuitem", name="Remove").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(window.page.get_by_role("heading", name="Webhooks")).to_be_visible()
    expect(endpoint).to_have_count(0)
    # Its tries are looked at every few seconds, perhaps in that moment.
    window.complaints[:] = [one for one in window.complaints if "/attempts?" not in one]


def test_live_events_are_paused_filtered_and_saved_as_the_feed_tells_them(
    open_window: OpenWindow, town: Town
) -> None:
    window = open_window(viewport={"width": 390, "height": 844})
    window.go("/webhooks/events")
    says(town, "seen live")
    row = window.page.locator(".log-row", has_text="seen live")
    expect(row).to_have_count(1)
    window.page.get_by_role("button", name="Pause").click()
    says(town, "seen later")
    expect(window.page.get_by_text("come meanwhile")).not_to_contain_text("0 events")
    expect(window.page.locator(".log-row", has_text="seen later")).to_have_count(0)
    window.page.get_by_role("button", name="Go on").click()
    expect(window.page.locator(".log-row", has_text="seen later")).to_have_count(1)
    window.page.get_by_label("Search in the events").fill("SEEN L")
    window.page.get_by_role("combobox", name="Kind of event").click()
    window.page.get_by_role("option", name="message.received").click()
    expect(window.page.locator(".log-row")).to_have_count(2)
    with window.page.expect_download() as saved:
        window.page.get_by_role("button", name="Download").click()
    lines = [json.loads(line) for line in saved.value.path().read_text().splitlines()]

    after = town.api.get("/events", limit=1000)
    assert lines == [one for one in after if "seen l" in json.dumps(one["body"])][-2:]
    assert window.violations() == []
    window.page.get_by_label("Search in the events").fill("said by nobody")
    expect(window.page.get_by_text("fits the filter")).to_be_visible()
