"""Writes and reads in the inbox of a whole server; the books of the simulated WhatsApp tell what arrived."""

import math
import re
import struct
import wave
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from playwright.sync_api import Route, expect

from tests.acceptance.town import Town, until
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
PERSON, OTHER = "79161234567", "79161234568"


@pytest.fixture(autouse=True)
def in_order(town: Town) -> None:
    """Each test begins with a channel that works."""
    town.whatsapp.do(town.paired["phone"], "online")
    town.api.command(town.paired["id"], "enable")
    if town.api.status(town.paired["id"]) == "SCAN_QR":
        town.api.command(town.paired["id"], "rescan")
        town.pair(town.paired)
    town.becomes(town.paired, "ACTIVE")


def test_what_is_written_arrives_and_shows_how_far_it_came(window: Screen, town: Town) -> None:
    window.open_chat(town.chat(town.paired, PERSON))
    window.write("It is still there\nand it is blue")

    window.has_tick("It is still there", "delivered")
    town.whatsapp.post(f"/people/{PERSON}/read")
    window.has_tick("It is still there", "read")
    assert "It is still there\nand it is blue" in town.whatsapp.texts(PERSON)


def test_what_people_write_appears_by_itself_and_an_answer_settles_it(
    window: Screen, town: Town
) -> None:
    window.open_chat(town.chat(town.paired, PERSON))
    row = window.page.locator(".dialog", has_text="Is it for children")
    town.whatsapp.say(PERSON, town.paired["phone"], "Is it for children?")

    expect(window.bubble("Is it for children?")).to_be_visible()
    expect(row.locator(".count")).to_have_text(re.compile(r"[1-9]"))
    window.write("Yes, from six years on")
    answered = window.page.locator(".dialog", has_text="Yes, from six years on")
    expect(answered.locator(".count")).to_have_count(0)


def test_no_reply_needed_clears_the_counter_by_key(window: Screen, town: Town) -> None:
    town.whatsapp.say(OTHER, town.paired["phone"], "Thank you!")
    window.open_chat(town.chat(town.paired, OTHER))
    expect(window.page.get_by_role("button", name="No reply needed")).to_be_visible()
    window.page.keyboard.press("Alt+r")

    expect(window.page.get_by_role("button", name="No reply needed")).to_have_count(0)


def test_a_disabled_channel_keeps_the_text_and_sends_nothing(window: Screen, town: Town) -> None:
    window.open_chat(town.chat(town.paired, PERSON))
    town.api.command(town.paired["id"], "disable")
    expect(window.note).to_contain_text("Disabled")
    window.write("kept, not sent")

    expect(window.send_button).to_be_disabled()
    expect(window.field).to_have_value("kept, not sent")
    expect(window.bubble("kept, not sent")).to_have_count(0)
    window.note.get_by_role("button", name="Enable the channel").click()
    town.becomes(town.paired, "ACTIVE")
    expect(window.note).to_have_count(0)
    with ThreadPoolExecutor(1) as aside:  # Here, Playwright's loop runs.
        assert not aside.submit(town.rows_with, "kept, not sent").result()
    window.field.press("Enter")
    window.has_tick("kept, not sent", "delivered", "read")


def test_a_queue_says_since_when_it_waits_and_goes_out_in_order_without_a_reload(
    window: Screen, town: Town
) -> None:
    window.open_chat(town.chat(town.paired, PERSON))
    town.whatsapp.do(town.paired["phone"], "offline")
    town.becomes(town.paired, "PHONE_UNAVAILABLE")
    expect(window.note).to_contain_text("No connection with the phone")
    for text in ("queued one", "queued two", "queued three"):
        window.write(text)
        window.has_tick(text, "queued")
    expect(window.note).to_contain_text("3 messages have been waiting since")
    town.whatsapp.do(town.paired["phone"], "online")
    town.api.command(town.paired["id"], "check")

    for text in ("queued one", "queued two", "queued three"):
        window.has_tick(text, "delivered", "read")
    arrived = [text for text in town.whatsapp.texts(PERSON) if text and text.startswith("queued")]
    assert arrived == ["queued one", "queued two", "queued three"]


def test_the_same_text_is_not_queued_twice_without_asking(window: Screen, town: Town) -> None:
    window.open_chat(town.chat(town.paired, PERSON))
    town.whatsapp.do(town.paired["phone"], "offline")
    town.becomes(town.paired, "PHONE_UNAVAILABLE")
    expect(window.note).to_be_visible()
    window.write("Are you there?")
    window.has_tick("Are you there?", "queued")
    window.write("Are you there?")

    expect(window.page.get_by_text("already waits for this person")).to_be_visible()
    expect(window.field).to_have_value("Are you there?")
    expect(window.bubble("Are you there?")).to_have_count(1)
    window.page.get_by_role("button", name="Send it anyway").click()
    expect(window.bubble("Are you there?")).to_have_count(2)


def test_a_logged_out_channel_calls_houston_and_holds_the_message(
    window: Screen, town: Town
) -> None:
    window.open_chat(town.chat(town.paired, PERSON))
    town.whatsapp.do(town.paired["phone"], "log-out-all")
    town.becomes(town.paired, "SCAN_QR")
    expect(window.note).to_contain_text("Scan the QR code")
    window.write("waits for the scan")

    expect(window.page.locator(".log-notice", has_text="Houston, scan the QR code")).to_be_visible()
    window.has_tick("waits for the scan", "queued")
    expect(window.page.locator(".log-change", has_text="Scan the QR code").last).to_be_visible()


def test_a_failed_message_says_why_and_can_be_tried_again(window: Screen, town: Town) -> None:
    nobody = "79165557777"
    town.whatsapp.post(f"/people/{nobody}/absent", {"on": True})
    sent = town.api.send(town.paired["id"], nobody, "Is this your number?").json()
    until(lambda: town.api.get(f"/messages/{sent['id']}")["status"] == "failed")
    window.open_chat(sent["chat_id"])
    wrong = window.bubble("Is this your number?").first
    expect(wrong).to_contain_text("Not delivered.")
    town.whatsapp.post(f"/people/{nobody}/absent", {"on": False})
    wrong.get_by_role("button", name="Try again").click()

    until(lambda: town.whatsapp.texts(nobody) == ["Is this your number?"])
    expect(window.bubble("Is this your number?")).to_have_count(2)


def test_somebody_who_never_wrote_is_written_to(window: Screen, town: Town) -> None:
    newcomer = "79167778899"
    window.go("/inbox")
    window.page.get_by_role("searchbox").fill("+7 916 777-88-99")
    expect(window.page.get_by_text("Nothing found")).to_be_visible()
    window.page.get_by_role("button", name="New chat").click()
    dialog = window.page.get_by_role("dialog")
    number = dialog.get_by_label("Phone number")
    expect(number).to_have_value("+7 916 777-88-99")
    number.fill("12")
    dialog.get_by_label("First message").fill("Your order is ready")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_contain_text("5 to 20 digits")
    window.complaints.clear()  # The browser notes each answer of 400.
    assert not window.violations()
    number.fill("+7 916 777-88-99")
    dialog.get_by_role("button", name="Send").click()

    window.has_tick("Your order is ready", "delivered")
    expect(dialog).to_have_count(0)
    assert town.whatsapp.texts(newcomer) == ["Your order is ready"]


def test_a_message_of_which_nobody_knows_is_settled_by_whoever_looked(
    open_window: OpenWindow, town: Town
) -> None:
    """The simulated WhatsApp leaves nobody in doubt, so the doubt is put into what the page is told."""
    window = open_window()
    said: list[object] = []

    def doubt(route: Route) -> None:
        answer = route.fetch()
        told = [{**one, "status": "uncertain"} for one in answer.json()]
        route.fulfill(response=answer, json=told)

    def settle(route: Route) -> None:
        said.append(route.request.post_data_json)
        window.page.unroute("**/messages?*", doubt)
        message = route.request.url.rsplit("/", 2)[-2]
        route.fulfill(json=town.api.get(f"/messages/{message}"))

    sent = town.api.send(town.paired["id"], "79165558888", "Did it come?").json()
    until(lambda: town.api.get(f"/messages/{sent['id']}")["status"] == "delivered")
    window.page.route("**/messages?*", doubt)
    window.page.route("**/decide", settle)
    window.open_chat(sent["chat_id"])
    doubtful = window.bubble("Did it come?")
    expect(doubtful).to_contain_text("Not known whether it arrived.")
    doubtful.get_by_role("button", name="It arrived").click()

    expect(doubtful).not_to_contain_text("Not known")
    assert said == [{"arrived": True}]


def test_a_picture_is_seen_before_it_is_sent_and_in_the_chat(window: Screen, town: Town) -> None:
    window.open_chat(town.chat(town.paired, PERSON))
    picture = window.page.screenshot(clip={"x": 0, "y": 0, "width": 40, "height": 30})
    window.page.locator("input[type=file]").set_input_files(
        {"name": "bicycle.png", "mimeType": "image/png", "buffer": picture}
    )
    expect(window.page.locator(".staged img")).to_be_visible()
    window.send_button.click()

    shown = window.page.locator(".bubble img[alt='bicycle.png']")
    expect(shown).to_be_visible()
    until(lambda: shown.evaluate("image => image.naturalWidth") == 40)
    expect(window.page.locator(".staged")).to_have_count(0)


def test_a_recording_shows_its_shape_and_is_played_as_fast_as_was_chosen(
    window: Screen, town: Town
) -> None:
    window.open_chat(town.chat(town.paired, PERSON))
    window.page.locator("input[type=file]").set_input_files(
        {"name": "note.wav", "mimeType": "audio/wav", "buffer": recording(seconds=3)}
    )
    window.send_button.click()
    voice = window.page.locator(".bubble .voice")
    expect(voice.locator(".voice-time")).to_have_text("0:03")
    heights = voice.locator("rect").evaluate_all(
        "all => all.map(one => +one.getAttribute('height'))"
    )
    assert max(heights[:20]) < 5 < min(heights[-20:])  # First silence, then a note.
    voice.get_by_role("button", name="Speed 1×. Change it").click()
    expect(voice.locator(".voice-speed")).to_have_text("1.5×")
    voice.get_by_role("button", name="Play").click()

    expect(voice.get_by_role("button", name="Pause")).to_be_visible()
    assert voice.locator("audio").evaluate("one => one.playbackRate") == 1.5
    assert window.violations() == []
    expect(voice.get_by_role("button", name="Play")).to_be_visible()  # It has ended.
    window.page.reload()
    expect(voice.locator(".voice-speed")).to_have_text("1.5×")


def recording(seconds: int) -> bytes:
    """Silence for the first half, then a note."""
    rate, file = 8_000, BytesIO()
    half = rate * seconds // 2
    samples = [0] * half + [round(20_000 * math.sin(n / 3)) for n in range(half)]
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def test_a_place_and_a_contact_are_shown_as_such_and_nothing_is_fetched(
    window: Screen, town: Town
) -> None:
    window.open_chat(town.chat(town.paired, PERSON))
    there = "https://maps.google.com/maps?q=48.210033,16.363449"
    town.whatsapp.say(PERSON, town.paired["phone"], f"📍 Café Central\n{there}")
    town.whatsapp.say(PERSON, town.paired["phone"], "👤 Boris\n+7 916 123-45-68")

    place = window.page.locator("[data-card=place]")
    expect(place).to_contain_text("48.210033, 16.363449")
    expect(place.get_by_role("link", name="Open the map")).to_have_attribute("href", there)
    person = window.page.locator("[data-card=person]")
    expect(person).to_contain_text("Boris")
    expect(person.get_by_role("link")).to_have_attribute("href", "tel:+79161234568")
    assert window.violations() == []


def test_a_draft_survives_another_chat_and_a_reload(open_window: OpenWindow, town: Town) -> None:
    window = open_window()
    first, second = town.chat(town.paired, PERSON), town.chat(town.paired, OTHER)
    window.open_chat(first)
    window.field.fill("half a thought")
    window.page.locator(f".dialog[href*='{second}']").click()
    expect(window.field).to_have_value("")
    window.page.locator(f".dialog[href*='{first}']").click()
    expect(window.field).to_have_value("half a thought")
    window.page.reload()

    expect(window.field).to_have_value("half a thought")


def test_filters_are_kept_in_the_address(window: Screen) -> None:
    window.go("/inbox")
    window.page.get_by_placeholder("Search name, phone or text").fill("4568")
    expect(window.page.locator(".dialog")).to_have_count(1)
    window.page.locator(".dialog").click()
    assert "q=4568" in window.page.url
    window.page.reload()

    expect(window.page.locator(".dialog")).to_have_count(1)
    expect(window.page.get_by_placeholder("Search name, phone or text")).to_have_value("4568")


def test_a_template_by_its_name_and_an_emoji_land_in_the_field(window: Screen, town: Town) -> None:
    for name, text in [("Hello", "Hello, {name}! How can we help?"), ("Bye", "See you soon")]:
        town.api.http.post("/templates", json={"name": name, "text": text})
    window.open_chat(town.chat(town.paired, PERSON))
    window.field.press_sequentially("/")
    options = window.page.get_by_role("option")
    expect(options).to_have_count(2)
    assert window.violations() == []
    window.field.press_sequentially("he")
    expect(options).to_have_text(re.compile("^Hello"))
    window.field.press("Enter")

    expect(window.field).to_have_value("Hello, Person 4567! How can we help?")
    window.page.get_by_role("button", name="Emoji").click()
    window.page.get_by_placeholder("Search emoji").fill("waving hand")
    expect(window.page.get_by_role("gridcell", name="Waving hand")).to_be_visible()
    assert window.violations() == []
    window.page.keyboard.press("Enter")
    expect(window.field).to_have_value("Hello, Person 4567! How can we help?👋")
    expect(window.field).to_be_focused()
    window.field.fill("")


def test_an_answer_quotes_what_it_answers(window: Screen, town: Town) -> None:
    town.whatsapp.say(PERSON, town.paired["phone"], "Which colours are there?")
    window.open_chat(town.chat(town.paired, PERSON))
    asked = window.bubble("Which colours are there?")
    asked.get_by_role("button", name="What can be done with this message").click()
    window.page.get_by_role("menuitem", name="Reply").click()
    expect(window.page.locator(".answered")).to_contain_text("Which colours are there?")
    window.write("Blue and red")

    answer = window.bubble("Blue and red")
    expect(answer.locator(".quote")).to_contain_text("Which colours are there?")
    expect(window.page.locator(".answered")).to_have_count(0)
    window.has_tick("Blue and red", "delivered", "read")
    expect(answer.locator(".quote")).to_contain_text("Which colours are there?")
