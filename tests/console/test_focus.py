"""Opens what unfolds and what asks, and looks where the keyboard is afterwards."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.town import Town
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
PERSON = "79161234567"
NARROW = {"width": 390, "height": 844}


@pytest.fixture(scope="module", autouse=True)
def furnished(town: Town) -> Iterator[None]:
    """Something that has a menu on each page, for as long as these tests run."""
    post = town.api.http.post
    shop = post("/endpoints", json={"name": "Shop", "url": "http://127.0.0.1:9/hook"})
    thanks = post("/templates", json={"name": "Thanks", "text": "Thank you!"})
    made = [f"/endpoints/{shop.json()['endpoint']['id']}", f"/templates/{thanks.json()['id']}"]
    yield
    for path in made:
        town.api.http.delete(path).raise_for_status()


def more(window: Screen) -> Locator:
    """The first three dots of the page itself."""
    return window.page.get_by_role("button", name="More about").first


def opened_by_key(window: Screen, button: Locator) -> Locator:
    """The first thing in what the button unfolds, where the keyboard is then."""
    button.focus()
    button.press("Enter")
    unfolded = "[role=menuitem]:focus, [role=option]:visible, [role=dialog] input:visible"
    return window.page.locator(unfolded).first


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_wrong_in_what_unfolds(
    open_window: OpenWindow, town: Town, width: int
) -> None:
    window = open_window(viewport={"width": width, "height": 844})
    page, chat = window.page, f"inbox/{town.chat(town.paired, PERSON)}"
    unfolding = [
        (chat, page.get_by_role("button", name="What can be done with this message").last),
        (chat, page.get_by_role("button", name="Emoji")),
        ("channels", more(window)),
        ("webhooks", more(window)),
        ("settings", page.get_by_role("combobox").first),
        ("webhooks/events", page.get_by_role("combobox").first),
    ]
    if width > 720:
        unfolding.append((chat, page.get_by_role("button", name="Templates")))
        unfolding.append((chat, page.get_by_role("combobox", name="Whose chat it is")))
    else:
        unfolding.append((chat, more(window)))
        unfolding.append((chat, page.get_by_role("button", name="More", exact=True)))
    window.go("/")
    for path, button in unfolding:
        window.turn_to(f"/{path}")
        unfolded = opened_by_key(window, button)
        unfolded.wait_for()

        assert window.violations() == [], (path, button)
        window.page.keyboard.press("Escape")
        expect(unfolded).to_have_count(0)


def test_whoever_opened_a_dialog_is_in_focus_when_it_has_closed(window: Screen, town: Town) -> None:
    for path, name in [
        ("channels", "Add a channel"),
        ("people", "Invite somebody"),
        ("webhooks", "Add an endpoint"),
        ("inbox", "New chat"),
    ]:
        window.go(f"/{path}")
        button = window.page.get_by_role("button", name=name)
        button.press("Enter")
        window.page.get_by_role("dialog").wait_for()
        window.page.keyboard.press("Escape")
        expect(button).to_be_focused()
    for path, item in [("channels", "Edit"), ("webhooks", "New secret")]:
        window.go(f"/{path}")
        opened_by_key(window, more(window)).wait_for()
        window.page.get_by_role("menuitem", name=item).press("Enter")
        window.page.get_by_role("dialog").wait_for()
        window.page.keyboard.press("Escape")
        expect(more(window)).to_be_focused()
    window.open_chat(town.chat(town.paired, PERSON))
    window.field.press("Control+k")
    window.page.get_by_role("dialog").wait_for()
    window.page.keyboard.press("Escape")
    expect(window.field).to_be_focused()


def test_a_menu_that_leads_to_another_page_leaves_the_keyboard_there(
    open_window: OpenWindow, town: Town
) -> None:
    window = open_window(viewport=NARROW)
    window.go("/channels")
    opened_by_key(window, window.page.get_by_role("button", name="More", exact=True)).wait_for()
    window.page.get_by_role("menuitem", name="Settings").press("Enter")
    expect(window.page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    expect(window.page.locator("main")).to_be_focused()
    window.go(f"/inbox/{town.chat(town.paired, PERSON)}")
    opened_by_key(window, more(window)).wait_for()
    window.page.get_by_role("menuitem", name="The channel of this chat").press("Enter")
    expect(window.page.get_by_role("heading", name=town.paired["name"], level=1)).to_be_visible()

    expect(window.page.locator("main")).to_be_focused()


@pytest.mark.parametrize("width", [320, 768, 1100, 1440])
def test_a_chat_is_given_away_by_keyboard_at_every_width(
    open_window: OpenWindow, town: Town, width: int
) -> None:
    chat = town.chat(town.paired, PERSON)
    town.api.http.patch(f"/chats/{chat}", json={"owner_id": None}).raise_for_status()
    window = open_window(viewport={"width": width, "height": 800})
    window.open_chat(chat)
    if width == 768:
        window.page.keyboard.press("Alt+o")
    elif width < 1240:
        opened_by_key(window, more(window)).wait_for()
        window.page.get_by_role("menuitem", name="Whose chat it is").press("Enter")
    whose = window.page.get_by_role("combobox", name="Whose chat it is")
    if width < 1240:
        expect(whose).to_be_focused()
        assert window.violations() == []
    window.page.get_by_role("button", name="Take it").press("Enter")

    expect(whose).to_have_value("Anna (you)")
    assert town.api.get(f"/chats/{chat}")["owner_id"] is not None
