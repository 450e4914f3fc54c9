"""Pages for everybody: for those who do not see or point, who read another language, who lack a right."""

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.town import Town
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
PERSON = "79161234567"
PASSWORD = "a password of some length"
PAGES = [
    "channels",
    "curators",
    "balance",
    "people",
    "integrations",
    "webhooks",
    "webhooks/events",
    "settings",
    "phone",
]


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_wrong_on_any_page(
    open_window: OpenWindow, town: Town, width: int
) -> None:
    window = open_window(viewport={"width": width, "height": 844})
    chat = town.chat(town.paired, PERSON)
    channel = f"channels/{town.waiting['id']}"
    window.go("/")
    for path in [f"inbox/{chat}", "inbox", channel, *PAGES]:
        window.turn_to(f"/{path}")

        assert window.violations() == [], path


def test_axe_finds_nothing_wrong_before_the_door_and_in_dialogs(
    chromium: Browser, open_window: OpenWindow, town: Town
) -> None:
    context = chromium.new_context(base_url=town.card["url"])
    door = Screen(context.new_page())
    door.page.goto("/")
    door.page.get_by_role("heading").wait_for()
    assert door.violations() == []
    context.close()
    window = open_window()
    window.go("/")
    for path, button in [
        ("channels", "Add a channel"),
        ("channels", "Scan"),
        ("curators", "Add a curator"),
        ("people", "Invite somebody"),
        ("people", "Make a key"),
        ("balance", "Top up"),
        ("integrations", "Connect a CRM"),
        ("webhooks", "Add an endpoint"),
    ]:
        window.turn_to(f"/{path}")
        window.page.get_by_role("button", name=button).first.click()
        dialog = window.page.get_by_role("dialog")
        dialog.locator("button").last.wait_for()

        assert window.violations() == [], button
        window.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_the_inbox_can_be_worked_without_a_pointer(window: Screen, town: Town) -> None:
    for person in (PERSON, "79161234568"):
        town.whatsapp.say(person, town.paired["phone"], f"Is anybody there, asks {person}")
    window.go("/channels")
    window.page.keyboard.press("g")
    window.page.keyboard.press("i")
    expect(window.page.locator(".dialog", has_text="Is anybody there").first).to_be_visible()
    window.page.keyboard.press("j")
    first = window.page.locator(".dialog[aria-current]")
    expect(first).to_have_count(1)
    opened = first.get_attribute("href")
    assert opened is not None
    expect(window.field).to_be_focused()
    window.page.keyboard.type("Yes, by keyboard alone")
    window.page.keyboard.press("Enter")
    window.has_tick("Yes, by keyboard alone", "delivered", "read")
    window.page.keyboard.press("Alt+n")
    expect(first).not_to_have_attribute("href", opened)
    expect(window.field).to_be_focused()
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("?")
    expect(window.page.get_by_role("dialog")).to_contain_text("No reply needed")
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("/")
    expect(window.page.get_by_placeholder("Search name, phone or text")).to_be_focused()


def test_an_invitation_lets_somebody_in_and_rights_they_lack_name_who_has_them(
    open_window: OpenWindow, chromium: Browser, town: Town
) -> None:
    owner = open_window()
    owner.go("/people")
    owner.page.get_by_role("button", name="Invite somebody").click()
    owner.page.get_by_label("Name").fill("Viktor")
    owner.page.get_by_label("E-mail").fill("viktor@demo.example")
    owner.page.get_by_role("combobox").first.click()
    owner.page.get_by_role("option", name="Auditor").click()
    owner.page.get_by_role("button", name="Make the invitation link").click()
    link = owner.page.locator(".secret output").inner_text()

    context = chromium.new_context(base_url=town.card["url"])
    guest = Screen(context.new_page())
    guest.page.goto(link)
    guest.page.get_by_label("New password").fill(PASSWORD)
    guest.page.get_by_role("button", name="Set the password and sign in").click()
    guest.page.locator(".frame").wait_for()
    guest.open_without_field(town.chat(town.paired, PERSON))
    expect(guest.page.get_by_text("write in this chat")).to_contain_text("Ask Anna")
    owner.page.set_viewport_size({"width": 1440, "height": 900})
    owner.open_chat(town.chat(town.paired, PERSON))
    owner.page.get_by_role("combobox", name="Whose chat it is").click()
    owner.page.get_by_role("option", name="Viktor").click()
    guest.go("/inbox?show=mine")
    expect(guest.page.locator(".dialog")).to_have_count(1)
    owner.page.get_by_role("button", name="Take it").click()
    expect(guest.page.locator(".dialog")).to_have_count(0)
    guest.go("/balance")
    expect(guest.page.get_by_text("see and top up the balance")).to_be_visible()
    for path, deed in (("integrations", "connect a CRM"), ("webhooks", "set up webhooks")):
        guest.go(f"/{path}")
        expect(guest.page.locator(".ask-who")).to_contain_text(deed)
    guest.go("/settings")
    guest.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(guest.page.get_by_role("heading", name="Sign in to Houston")).to_be_visible()
    assert not guest.complaints
    context.close()


def test_who_has_a_role_on_one_channel_finds_their_way_and_who_has_none_is_told_whom_to_ask(
    open_window: OpenWindow, chromium: Browser, town: Town
) -> None:
    owner = open_window().page.context.request
    token = {"x-csrf-token": owner.get("/api/v1/session").json()["csrf_token"]}

    def come(name: str, channels: list[dict[str, str]]) -> Screen:
        body = {"name": name, "email": f"{name}@demo.example", "channels": channels}
        made = owner.post("/api/v1/people", data=body, headers=token).json()
        guest = Screen(chromium.new_context(base_url=town.card["url"]).new_page())
        guest.page.goto(made["invitation"]["path"])
        guest.page.get_by_label("New password").fill(PASSWORD)
        guest.page.get_by_role("button", name="Set the password and sign in").click()
        return guest

    seller = come("Galina", [{"channel_id": town.paired["id"], "role": "seller"}])
    for place in ("Inbox", "Channels", "Balance", "Settings"):
        expect(seller.page.locator(".rail").get_by_role("link", name=place)).to_be_visible()
    nobody = come("Timur", [])
    expect(nobody.page.locator(".strip")).to_have_text(
        "You have no role here yet. Ask Anna for one."
    )
    assert nobody.violations() == []
    nobody.page.locator(".rail").get_by_role("link", name="Settings").click()
    expect(nobody.page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
    for guest in (seller, nobody):
        guest.page.context.close()


def test_money_that_is_added_is_seen_at_once(window: Screen, town: Town) -> None:
    window.go("/balance")
    balance = window.page.get_by_test_id("balance")
    before = balance.inner_text()
    window.page.get_by_role("button", name="Top up").click()
    window.page.get_by_label("Amount").fill("25")
    window.page.get_by_role("dialog").get_by_role("button", name="Top up").click()

    expect(balance).not_to_have_text(before)
    expect(window.page.locator("table")).to_contain_text("+")


def test_the_page_speaks_russian_by_the_browser_and_another_language_by_choice(
    open_window: OpenWindow,
) -> None:
    window = open_window(locale="ru-RU")
    window.go("/settings")
    expect(window.page.get_by_role("heading", name="Настройки")).to_be_visible()
    window.page.get_by_role("combobox", name="Язык").click()
    window.page.get_by_role("option", name="English").click()

    expect(window.page.get_by_role("heading", name="Settings")).to_be_visible()
    assert window.page.locator("html").get_attribute("lang") == "en"


def test_the_first_page_is_light(open_window: OpenWindow, town: Town) -> None:
    """By what truly comes over the wire, compressed."""
    window = open_window()
    weighed = window.weigh()
    window.open_chat(town.chat(town.paired, PERSON))
    window.page.locator(".bubble").first.wait_for()
    window.page.locator(".history-bar").first.wait_for()

    sizes = weighed()
    assert 0 < sizes["js"] < 200_000
    assert 0 < sizes["css"] < 20_000
