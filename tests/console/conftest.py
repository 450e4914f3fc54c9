"""One Chromium and one town for all browser tests, on Houston as users install it; a window for each test.

They live no longer than these tests: Playwright keeps a loop of its own running, beside which no test of
another folder could run one.

- `window`      somebody signed in as the demo's administrator, on a screen of a desk
- `open_window` the same, with a size, colours and a language to choose
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState, expect, sync_playwright

from tests.acceptance.town import Town, town_running
from tests.console.screen import Screen

_NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # A microphone that hears beeps.
]
_CHECKOUT = Path(__file__).parents[2]
_CURE = "The browser tests need Chromium. As root: apt-get install chromium, or run `make browser`"

PATIENCE_MS = 30_000
"""How long a page may take on a busy machine. What is waited for comes in a moment on one that is not."""
expect.set_options(timeout=PATIENCE_MS)

OpenWindow = Callable[..., Screen]


def found_chromium() -> str | None:
    """The system's browser: Playwright's own would be one more to download and to keep safe."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    found = found_chromium()
    if found is None:
        pytest.fail(_CURE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The wheel, installed beside the checkout; the environment in which `houston` is that one."""
    folder = tmp_path_factory.mktemp("wheel")
    site = folder / "site"
    build = ["hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run([sys.executable, "-m", *build], cwd=_CHECKOUT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    pip = [
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run([sys.executable, "-m", *pip], check=True)
    env = {"PYTHONPATH": str(site)}
    where = [sys.executable, "-c", "import houston; print(houston.__file__)"]
    told = subprocess.run(where, env=os.environ | env, check=True, capture_output=True, text=True)
    assert told.stdout.startswith(str(site)), told.stdout
    return env


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory, installed: dict[str, str]) -> Iterator[Town]:
    with town_running(tmp_path_factory.mktemp("console"), installed) as town:
        yield town


@pytest.fixture(scope="package")
def pass_key(chromium: Browser, town: Town) -> StorageState:
    """What a browser keeps of somebody who signed in; signing in each time would cost a second."""
    return signed_in(chromium, town)


def signed_in(chromium: Browser, town: Town) -> StorageState:
    context = chromium.new_context(base_url=town.card["url"])
    screen = Screen(context.new_page())
    screen.sign_in(town.card["login"]["email"], town.card["login"]["password"])
    state = context.storage_state()
    context.close()
    for origin in state["origins"]:
        kept = [one for one in origin["localStorage"] if one["name"] == "houston-signed-in"]
        origin["localStorage"] = kept  # The language is chosen by each window.
    return state


@pytest.fixture
def open_window(chromium: Browser, town: Town, pass_key: StorageState) -> Iterator[OpenWindow]:
    opened: list[Screen] = []

    def open_one(**choices: Any) -> Screen:
        chosen = {"storage_state": pass_key, "base_url": town.card["url"], "locale": "en-GB"}
        context = chromium.new_context(**(chosen | choices))
        context.set_default_timeout(PATIENCE_MS)
        opened.append(Screen(context.new_page()))
        return opened[-1]

    yield open_one
    for screen in opened:
        screen.page.context.close()
    for screen in opened:
        assert not screen.complaints


@pytest.fixture
def window(open_window: OpenWindow) -> Screen:
    return open_window(viewport={"width": 1440, "height": 900})
