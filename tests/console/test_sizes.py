"""Looks at every page on the smallest phone, on tablets and on a wall of 4K: nothing is cut off or lost."""

from itertools import pairwise

import pytest

from tests.acceptance.town import Town
from tests.console.conftest import OpenWindow
from tests.console.test_everybody import PAGES

pytestmark = pytest.mark.slow
PERSON = "79161234567"
LINE = 62
"""How wide, in rems, the lines of a chat become at most."""


@pytest.mark.parametrize(
    ("width", "height", "language"),
    [
        (320, 568, "pt-BR"),
        (360, 740, "ru-RU"),
        (768, 1024, "es-ES"),
        (1024, 768, "en-GB"),
        (3840, 2160, "ru-RU"),
    ],
)
def test_no_page_is_wider_than_the_screen(
    open_window: OpenWindow, town: Town, width: int, height: int, language: str
) -> None:
    window = open_window(viewport={"width": width, "height": height}, locale=language)
    chat = town.chat(town.paired, PERSON)
    window.go("/")
    for path in [f"inbox/{chat}", "inbox", f"channels/{town.waiting['id']}", *PAGES]:
        window.turn_to(f"/{path}")

        assert window.cut_off() == [], path
    window.turn_to(f"/inbox/{chat}")
    for opens in (".composer-extras button:visible >> nth=-1", ".bubble-menu >> nth=-1"):
        window.page.locator(opens).click()
        window.page.locator("[role=dialog] input, [role=menuitem]").first.wait_for()
        assert window.cut_off() == [], opens
        window.page.keyboard.press("Escape")


@pytest.mark.parametrize("width", [320, 768, 1000])
def test_there_is_room_to_write(open_window: OpenWindow, town: Town, width: int) -> None:
    window = open_window(viewport={"width": width, "height": 800})
    window.open_chat(town.chat(town.paired, PERSON))
    box = window.field.bounding_box()
    assert box is not None

    assert box["width"] > 120
    assert box["height"] < 50, "an empty field is of one line"


def test_on_a_wall_all_grows_and_lines_stay_as_long_as_is_read_at_a_glance(
    open_window: OpenWindow, town: Town
) -> None:
    window = open_window(viewport={"width": 3840, "height": 2160})
    window.open_chat(town.chat(town.paired, PERSON))
    rem = window.page.evaluate(
        "() => parseFloat(getComputedStyle(document.documentElement).fontSize)"
    )
    rows = window.page.locator(".dialog").evaluate_all(
        "all => all.map(one => [one.getBoundingClientRect().top, one.getBoundingClientRect().bottom])"
    )
    lines = window.page.locator(".log-lines > .log-line").first.bounding_box()
    field = window.field.bounding_box()
    assert lines is not None
    assert field is not None

    assert rem > 20
    assert rows
    assert all(after[0] >= before[1] - 1 for before, after in pairwise(rows))
    assert rows[0][1] - rows[0][0] == pytest.approx(4.5 * rem, abs=1)
    assert lines["width"] <= LINE * rem + 1
    assert field["x"] > lines["x"]
    assert field["x"] + field["width"] < lines["x"] + lines["width"]
    window.page.set_viewport_size({"width": 1440, "height": 900})
    window.page.wait_for_function("() => document.querySelector('.dialog').clientHeight === 72")
