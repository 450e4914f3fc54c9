"""Asks for the console's files on an application that serves nothing else, from a folder of a few files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from houston.inbox.pages import Console, pages
from houston.kernel.problems import problem_details

Browser = TestClient[Litestar]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>the console")
    (tmp_path / "assets" / "main-1a2b.js").write_text("plain")
    (tmp_path / "assets" / "main-1a2b.js.br").write_text("brotli")
    (tmp_path / "assets" / "main-1a2b.js.gz").write_text("gzip")
    return tmp_path


def serving(folder: Path) -> Browser:
    console = Console(folder)
    given = Provide(lambda: console, sync_to_thread=False)
    app = Litestar(
        [pages], dependencies={"console": given}, plugins=[problem_details()], logging_config=None
    )
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def browser(built: Path) -> Iterator[Browser]:
    with serving(built) as client:
        yield client


def raw(browser: Browser, path: str, encodings: str) -> tuple[Any, bytes]:
    """An answer whose body nobody has unpacked."""
    with browser.stream("GET", path, headers={"accept-encoding": encodings}) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize("path", ["/", "/inbox", "/inbox/an-id", "/channels/an-id", "/invitation"])
def test_every_page_is_the_same_one_and_is_asked_for_again(browser: Browser, path: str):
    answer = browser.get(path)

    assert answer.text == "<!doctype html>the console"
    assert answer.headers["cache-control"] == "no-cache"


def test_hashed_files_are_kept_for_ever_and_come_as_small_as_can_be(browser: Browser):
    for encodings, body in [("gzip, br", b"brotli"), ("gzip", b"gzip"), ("", b"plain")]:
        answer, found = raw(browser, "/assets/main-1a2b.js", encodings)

        assert found == body
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["vary"] == "accept-encoding"


def test_a_page_may_load_nothing_from_elsewhere_and_may_not_be_framed(browser: Browser):
    policy = browser.get("/inbox").headers["content-security-policy"].split("; ")

    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy)
    assert "frame-ancestors 'none'" in policy


def test_a_page_may_use_the_microphone_and_no_other_sense_of_the_machine(browser: Browser):
    allowed = browser.get("/inbox").headers["permissions-policy"].split(", ")

    assert "microphone=(self)" in allowed
    assert {"camera=()", "geolocation=()"} <= set(allowed)


@pytest.mark.parametrize("path", ["/window", "/window/inbox/an-id"])
def test_the_window_of_a_crm_may_be_framed_and_loads_nothing_from_elsewhere(
    browser: Browser, path: str
):
    policy = browser.get(path).headers["content-security-policy"].split("; ")

    assert "frame-ancestors *" in policy
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy)


@pytest.mark.parametrize("name", ["gone-3c4d.js", "..%2Findex.html", "%2e%2e%2f%2e%2e%2fsecret"])
def test_what_was_not_built_is_not_there(browser: Browser, name: str):
    assert browser.get(f"/assets/{name}").status_code == 404


def test_a_checkout_without_a_console_says_how_to_build_it(tmp_path: Path):
    with serving(tmp_path / "nothing") as browser:
        answer = browser.get("/")

    assert answer.status_code == 503
    assert "python tools/build_ui.py" in answer.text
