"""A CRM's page on an origin of its own shows Houston's window in a frame, by a link made over `/v3`."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.town import Town, until

pytestmark = pytest.mark.slow
PERSON = "79161234569"


@contextmanager
def crm_showing(address: str) -> Iterator[str]:
    """A page on a port of its own, which makes it an origin of its own."""
    body = f'<!doctype html><iframe src="{address}" style="width:100%;height:600px"></iframe>'

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_card_shows_its_chat_alone_and_answers_from_there(chromium: Browser, town: Town) -> None:
    town.becomes(town.paired, "ACTIVE")
    card = {
        "user": {"id": "anna", "name": "Anna of the CRM"},
        "scope": "card",
        "filter": [{"chatType": "whatsapp", "chatId": PERSON}],
    }
    made = town.api.v3.post("/iframe", json=card).raise_for_status().json()
    with crm_showing(made["url"]) as crm:
        page = chromium.new_page(locale="en-GB", viewport={"width": 900, "height": 700})
        page.goto(crm)
        window = page.frame_locator("iframe")
        expect(window.locator("h1")).to_contain_text("4569")
        expect(window.locator(".dialog")).to_have_count(1)
        expect(window.locator(".rail")).to_have_count(0)
        window.locator(".composer textarea").first.fill("Answered inside the CRM")
        window.locator(".composer textarea").first.press("Enter")

        until(lambda: "Answered inside the CRM" in town.whatsapp.texts(PERSON))
        own = window.locator(".bubble", has_text="Answered inside the CRM")
        expect(own).to_contain_text("Anna of the CRM")
        page.reload()
        expect(window.locator(".bubble", has_text="Answered inside the CRM")).to_be_visible()
        page.context.close()
