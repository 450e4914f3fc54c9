"""The console as somebody in front of it uses it: by what is written on it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response, expect

from tests.acceptance.town import until

_AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
_AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_STREAM = "/api/v1/stream"
_RUN_AXE = """async rules => {
    const fading = document.getAnimations().filter(
        one => one.effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(fading.map(one => one.finished));
    return axe.run({runOnly: rules});
}"""


class Screen:
    """A page, and what it complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._under_way: set[Request] = set()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"thrown: {error}"))
        page.on("request", self._look)
        page.on("requestfinished", self._is_over)
        page.on("requestfailed", self._is_over)

    def _hear(self, said: ConsoleMessage) -> None:
        # Chromium writes down each request that was declined; that a code is just over is no fault.
        if said.type == "error" and not said.location["url"].endswith("/qr"):
            self.complaints.append(f"{said.text} at {said.location}")

    def _look(self, request: Request) -> None:
        """Nothing may be fetched from anywhere else."""
        self._under_way.add(request)
        address, own = urlsplit(request.url), urlsplit(self.page.url)
        if address.scheme.startswith("http") and own.netloc and address.netloc != own.netloc:
            self.complaints.append(f"a request left the origin: {request.url}")

    def _is_over(self, request: Request) -> None:
        self._under_way.discard(request)

    # --- Going about ---------------------------------------------------------------------------

    def sign_in(self, email: str, password: str) -> None:
        answer = self.page.goto("/")
        assert answer is not None
        assert answer.ok, "the console is not built: make console"
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.locator(".frame").wait_for()

    def go(self, path: str) -> None:
        self.page.goto(path)
        self.page.locator(".frame[data-link=live]").wait_for()

    def turn_to(self, path: str) -> None:
        """To another page of the console, which is there already, as its own links do; until all is shown."""
        self.page.evaluate("path => history.pushState(null, '', path)", path)
        # While its script is fetched, the page before it is hidden.
        self.page.locator("h1:visible").first.wait_for()
        until(self._has_its_answers)

    def _has_its_answers(self) -> bool:
        self.page.wait_for_timeout(10)
        return all(request.url.endswith(_STREAM) for request in self._under_way)

    def open_chat(self, chat: str) -> None:
        self.go(f"/inbox/{chat}")
        self.field.wait_for()

    def open_without_field(self, chat: str) -> None:
        """The same for somebody who may not write."""
        self.go(f"/inbox/{chat}")
        self.page.locator(".composer").wait_for()

    # --- What is there -------------------------------------------------------------------------

    @property
    def field(self) -> Locator:
        """Where messages are written."""
        return self.page.locator(".composer textarea").first

    @property
    def note(self) -> Locator:
        return self.page.get_by_test_id("status-note")

    @property
    def send_button(self) -> Locator:
        return self.page.locator(".composer-send")

    def bubble(self, text: str) -> Locator:
        return self.page.locator(".bubble", has_text=text)

    def tick(self, text: str) -> Locator:
        return self.bubble(text).locator("footer [data-tick]")

    def has_tick(self, text: str, *ticks: str) -> None:
        """How far a message came: one of these."""
        pattern = re.compile(f"^({'|'.join(ticks)})$")
        expect(self.tick(text)).to_have_attribute("data-tick", pattern)

    def card(self, channel: str) -> Locator:
        return self.page.locator(f"[data-channel='{channel}']")

    def write(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    # --- Looking closely -----------------------------------------------------------------------

    def weigh(self) -> Callable[[], dict[str, int]]:
        """Afterwards: how many bytes of script and style came over the wire, compressed as they are."""
        came: list[Response] = []
        self.page.on("response", lambda response: came.append(response))

        def weighed() -> dict[str, int]:
            sizes = {"js": 0, "css": 0}
            for response in came:
                kind = response.url.rsplit(".", 1)[-1]
                if kind in sizes:
                    response.finished()
                    sizes[kind] += response.request.sizes()["responseBodySize"]
            return sizes

        return weighed

    def violations(self) -> list[str]:
        """What axe finds wrong for people who do not see, hear or point as others do, in both colour
        schemes. Colours are all that differs between them."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(_AXE.read_text("utf-8"))
        found = self._axe({"type": "tag", "values": _AXE_RULES}, "light")
        return found + self._axe({"type": "rule", "values": ["color-contrast"]}, "dark")

    def _axe(self, rules: dict[str, Any], scheme: Literal["light", "dark"]) -> list[str]:
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        shown = "data-mantine-color-scheme"
        wanted = (
            f"html:not([{shown}]), html[{shown}={scheme}]"  # Pages of the server follow at once.
        )
        self.page.locator(wanted).wait_for()
        found: dict[str, Any] = self.page.evaluate(_RUN_AXE, rules)
        return [
            f"{scheme} {one['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    def cut_off(self) -> list[str]:
        """Texts of statuses that do not fit, and whether the page has to be moved sideways."""
        found: list[str] = self.page.evaluate(
            """() => {
                const cut = [...document.querySelectorAll(
                    '.badge, .note-words:not(.folded), .primary-action, h1, h3, .meta li')]
                    .filter(one => one.offsetParent && !one.closest('.one-line, .unseen')
                        && one.scrollWidth > one.clientWidth + 1)
                    .map(one => one.textContent);
                const root = document.documentElement;
                return root.scrollWidth > root.clientWidth ? [...cut, 'the page itself'] : cut;
            }"""
        )
        return found
