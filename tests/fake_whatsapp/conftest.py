"""A fake WhatsApp for the tests of a file, and a linked client for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fake_whatsapp.stage import Fake, Linked


@pytest.fixture(scope="module")
def fake() -> Iterator[Fake]:
    running = Fake()
    yield running
    running.end()


@pytest.fixture
def program(fake: Fake, tmp_path: Path) -> Iterator[Callable[[], Linked]]:
    """Starts programs; the same store for each, so that a second one goes on where the first was."""
    started: list[Linked] = []

    def start() -> Linked:
        started.append(Linked(fake, tmp_path / "store.db"))
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture
def linked(program: Callable[[], Linked]) -> Linked:
    return program()
