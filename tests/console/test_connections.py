"""The page of CRM connections on a whole server, with the double of Chatwoot on a real socket."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.acceptance.town import Town, until
from tests.console.beside import Chatwoot, beside, chatwoot_running
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
PERSON = "79161234571"


@pytest.fixture(scope="module")
def chatwoot() -> Iterator[Chatwoot]:
    with beside(chatwoot_running()) as found:
        yield found


@pytest.fixture
def nothing_connected(town: Town) -> Iterator[None]:
    yield
    for one in town.api.get("/connections"):
        town.api.http.delete(f"/connections/{one['id']}").raise_for_status()


def connected(town: Town, chatwoot: Chatwoot, **settings: str) -> str:
    body = {
        "kind": "chatwoot",
        "name": "Desk",
        "channels": [town.paired["id"]],
        "settings": chatwoot.settings | settings,
    }
    made = town.api.http.post("/connections", json=body).raise_for_status().json()
    return str(made["id"])


@pytest.mark.usefixtures("nothing_connected")
def test_a_crm_is_connected_by_steps_and_messages_arrive_there(
    window: Screen, town: Town, chatwoot: Chatwoot
) -> None:
    window.go("/integrations")
    window.page.get_by_role("button", name="Connect a CRM").click()
    dialog = window.page.get_by_role("dialog")
    kinds = town.api.get("/connections/kinds")
    for one in kinds:
        expect(dialog.get_by_role("radio", name=one["title"])).to_be_visible()
    dialog.get_by_role("radio", name="Chatwoot").check()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_role("button", name="Next")).to_be_disabled()
    dialog.get_by_label(town.paired["name"]).check()
    dialog.get_by_role("button", name="Next").click()
    titles = {
        one["name"]: one for kind in kinds for one in kind["fields"] if kind["kind"] == "chatwoot"
    }
    for name, value in chatwoot.settings.items():
        dialog.get_by_label(titles[name]["title"], exact=True).fill(value)
    inbox = dialog.get_by_label(titles["inbox_id"]["title"], exact=True)
    inbox.fill("three")
    dialog.get_by_role("button", name="Connect", exact=True).click()
    expect(dialog.get_by_text("It should look like this: 3")).to_be_visible()
    assert window.violations() == []
    inbox.fill(chatwoot.settings["inbox_id"])
    dialog.get_by_role("button", name="Connect", exact=True).click()
    address = dialog.locator(".secret output").inner_text()
    dialog.get_by_role("button", name="Test the connection").click()
    expect(dialog.get_by_text("Not everything is in order yet.")).to_be_visible()
    chatwoot.double.hook_url = address
    dialog.get_by_role("button", name="Test the connection").click()
    calls = dialog.locator(".findings li", has_text=f"The inbox calls {address}")
    expect(calls).to_have_class("tone-ok")
    dialog.get_by_role("button", name="Done").click()

    card = window.page.locator("[data-connection]")
    expect(card.locator(".badge")).to_have_text("Working")
    town.whatsapp.say(PERSON, town.paired["phone"], "Is this the CRM?")
    until(lambda: ("incoming", "Is this the CRM?") in chatwoot.double.screen(PERSON))
    assert chatwoot.settings["access_token"] not in window.page.content()


@pytest.mark.usefixtures("nothing_connected")
def test_a_connection_says_what_is_wrong_and_goes_on_with_the_right_token(
    open_window: OpenWindow, town: Town, chatwoot: Chatwoot
) -> None:
    connected(town, chatwoot, access_token="a-token-of-nobody", hook_secret="no-more-in-use")
    window = open_window(viewport={"width": 390, "height": 844})
    window.page.add_init_script("delete Navigator.prototype.clipboard")  # As without https.
    town.whatsapp.say(PERSON, town.paired["phone"], "Kept until the token is right")
    window.go("/integrations")
    card = window.page.locator("[data-connection]")
    expect(card.locator(".badge")).to_have_text("The CRM refuses the keys")
    expect(card.locator(".connection-error")).to_contain_text("401")
    expect(card).to_contain_text("The next try is at")
    assert window.violations() == []
    card.get_by_role("button", name="Copy the address").click()
    card.get_by_role("button", name="Edit").click()
    dialog = window.page.get_by_role("dialog")
    name = dialog.get_by_label("Name", exact=True)
    name.fill("")
    name.press("Control+v")
    expect(name).to_have_value(town.api.get("/connections")[0]["hook_url"])
    name.fill("Desk")
    dialog.get_by_label("Access token", exact=True).fill(chatwoot.settings["access_token"])
    dialog.get_by_role("button", name="away").click()
    dialog.get_by_role("button", name="Save").click()
    card.get_by_role("button", name="Test the connection").click()
    expect(card.locator(".badge")).to_have_text("Working")
    assert town.api.get("/connections")[0]["secrets"] == ["access_token"]
    until(lambda: ("incoming", "Kept until the token is right") in chatwoot.double.screen(PERSON))

    def choose(item: str) -> None:
        card.get_by_role("button", name="More about Desk").click()
        window.page.get_by_role("menuitem", name=item).click()
        dialog.get_by_role("button", name=item).click()

    choose("Pause")
    expect(card.locator(".badge")).to_have_text("Switched off")
    card.get_by_role("button", name="Resume").click()
    expect(card.locator(".badge")).to_have_text("Working")
    choose("Remove")
    expect(card).to_have_count(0)
    expect(window.page.get_by_text("No CRM is connected")).to_be_visible()


def test_the_form_speaks_the_readers_language(open_window: OpenWindow, town: Town) -> None:
    window = open_window(locale="ru-RU")
    window.go("/integrations")
    window.page.get_by_role("button", name="Подключить CRM").click()
    dialog = window.page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Chatwoot").check()
    dialog.get_by_role("button", name="Дальше").click()
    dialog.get_by_label(town.paired["name"]).check()
    dialog.get_by_role("button", name="Дальше").click()
    expect(dialog.get_by_label("Токен доступа", exact=True)).to_be_visible()
    expect(dialog.get_by_text("Настройки профиля")).to_be_visible()
