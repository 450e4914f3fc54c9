"""Every status as the page shows it: the channel's view is what the server's own words make of a state
that really leads there; only the road to it is left out."""

import json
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from playwright.sync_api import Route, expect

from houston.channels.shown import shown
from houston.channels.state import Policy, Status
from houston.channels.status import POLICY
from houston.channels.texts import status_texts
from houston.channels.words import words
from tests.acceptance.town import Town
from tests.channels.life import START
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen
from tests.statuses import state_in

pytestmark = pytest.mark.slow
PERSON = "79161234567"
_NO_BUTTON = {Status.ACTIVE, Status.JUST_A_MINUTE, Status.BLOCKED}
_POLICY_WORDS = {
    ("en", Policy.HOLD): "What you send now waits and goes out by itself.",
    ("en", Policy.REFUSE): "Nothing is sent now. Your text stays here.",
    ("ru", Policy.HOLD): "Отправленное сейчас подождёт и уйдёт само.",
    ("ru", Policy.REFUSE): "Сейчас ничего не отправляется. Ваш текст останется здесь.",
    ("es", Policy.HOLD): "Lo que envíe ahora espera y sale solo.",
    ("es", Policy.REFUSE): "Ahora no se envía nada. Su texto se queda aquí.",
    ("pt", Policy.HOLD): "O que você enviar agora espera e sai sozinho.",
    ("pt", Policy.REFUSE): "Agora nada é enviado. Seu texto fica aqui.",
}
_READ_AGAIN = """async () => {
    const {person_id} = await (await fetch('/api/v1/session')).json();
    new BroadcastChannel(`houston-live-${person_id}`).postMessage({say: 'reread'});
}"""
"""What another tab of the same person would say."""


def view(word: Status, language: str, real: dict[str, Any]) -> dict[str, Any]:
    """The channel as the server would show it in a status."""
    seen = shown(state_in(word, real["phone"]), START)
    said = words(seen, language, status_texts())
    status = {
        "code": word,
        "state": seen.wire_state,
        "title": said.title,
        "meaning": said.meaning,
        "todo": said.todo,
        "action": seen.action,
        "button": said.button,
        "reason": seen.reason,
        "reason_text": said.reason,
        "since": START,
        "evidence_at": None,
        "next_step": seen.next_step,
        "next_step_text": said.next_step,
        "next_step_at": None,
    }
    shaped = real | {"status": msgspec.to_builtins(status), "outgoing": POLICY[word]}
    return shaped | {"queue": {"length": 0, "since": None}}


class Shown:
    """What the server says from now on, in place of what is; the page is told to read it at once."""

    def __init__(self, screen: Screen, town: Town, language: str) -> None:
        self.page = screen.page
        self.real = town.api.get("/channels")
        self.language = language
        self.codes: list[Status] = [Status.ACTIVE]
        self.page.route("**/api/v1/channels?*", self._answer)
        self.page.route("**/history?*", lambda route: route.fulfill(json=[]))

    def become(self, *codes: Status) -> None:
        self.codes = list(codes)
        self.page.evaluate(_READ_AGAIN)

    def _answer(self, route: Route) -> None:
        """All real channels in the first status; for each further one, a channel more."""
        first, *more = self.codes
        told = [view(first, self.language, one) for one in self.real]
        told += [view(code, self.language, self.real[0] | {"id": str(uuid4())}) for code in more]
        route.fulfill(body=json.dumps(told))


@pytest.fixture
def chat(town: Town) -> str:
    return town.chat(town.paired, PERSON)


@pytest.mark.parametrize(
    ("language", "scheme"), [("en", "light"), ("ru", "dark"), ("es", "light"), ("pt", "dark")]
)
def test_each_status_rules_the_composer_and_shows_its_words_and_button(
    open_window: OpenWindow, town: Town, chat: str, language: str, scheme: str
) -> None:
    window = open_window(locale=language, color_scheme=scheme)
    server = Shown(window, town, language)
    window.open_chat(chat)
    window.field.fill("a text")
    for word in Status:
        server.become(word)
        if word is Status.ACTIVE:
            expect(window.note).to_have_count(0)
            expect(window.send_button).to_be_enabled()
            continue
        title = status_texts()[language].statuses[word].title
        expect(window.note, word).to_contain_text(title)
        expect(window.note, word).to_contain_text(_POLICY_WORDS[language, POLICY[word]])
        helping = window.note.locator(".primary-action")
        button = view(word, language, server.real[0])["status"]["button"]
        expect(helping, word).to_have_text([] if word in _NO_BUTTON else [button])
        refuses = POLICY[word] is Policy.REFUSE
        if refuses:
            window.field.press("Enter")
        expect(window.send_button).to_be_enabled(enabled=not refuses)
        expect(window.field).to_have_value("a text")
    assert window.page.locator(".bubble.own", has_text="a text").count() == 0


@pytest.mark.parametrize("language", ["en", "ru", "es", "pt"])
def test_no_word_of_any_status_is_cut_off_on_the_narrowest_phone(
    open_window: OpenWindow, town: Town, chat: str, language: str
) -> None:
    window = open_window(locale=language, viewport={"width": 320, "height": 640})
    server = Shown(window, town, language)
    window.open_chat(chat)
    for word in Status:
        server.become(word)
        title = status_texts()[language].statuses[word].title
        if word is Status.ACTIVE:
            expect(window.note).to_have_count(0)
        else:
            expect(window.note).to_contain_text(title)

        assert window.cut_off() == [], word
    window.go("/channels")
    server.become(*Status)
    expect(window.page.locator("[data-channel]")).to_have_count(len(Status) + 1)
    for word in Status:
        badge = window.page.locator(f".badge[data-status={word}]").first
        expect(badge).to_have_text(status_texts()[language].statuses[word].title)
    assert window.cut_off() == []
    if language == "en":  # Colours speak no language; this looks at both themes.
        assert window.violations() == []


def test_a_badge_has_its_colour_in_the_built_pages(open_window: OpenWindow, town: Town) -> None:
    """The build once rewrote colours into variables that nobody set."""
    for scheme, colour in [("light", "rgb(220, 245, 231)"), ("dark", "rgb(15, 51, 36)")]:
        window = open_window(color_scheme=scheme)
        Shown(window, town, "en")
        window.go("/channels")

        expect(window.page.locator(".badge").first).to_have_css("background-color", colour)
