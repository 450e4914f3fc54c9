"""A channel is disabled in the very moment in which it connects anew: a whole server, by the fake's books."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.transports.linked.test_server import PHONE, Town, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_people = (f"7917555{number:04}" for number in count())
LET_IN = -1.0
"""The moment in which WhatsApp takes it in again, and in which the library is not ready yet."""
QUIET_SECONDS = 4.0
"""Longer than any connecting that was under way takes; the library cannot be stopped in the midst of it."""


@pytest.fixture(scope="module")
def one_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("town"))
    try:
        made.pair()
        made.fake.do("/network", latency_ms=150)  # So that each step of connecting takes its time.
        yield made
    finally:
        made.end()


@pytest.fixture
def town(one_town: Town) -> Town:
    """It is connected, whatever became of it before."""
    one_town.post(f"/channels/{one_town.channel}/enable")
    one_town.becomes("ACTIVE")
    return one_town


def cut(town: Town) -> None:
    """The link breaks without a word."""
    town.fake.do(f"/phones/{PHONE}/cut")


def kill(town: Town) -> None:
    """The worker dies: connecting begins with another process."""
    os.kill(town.worker(), signal.SIGKILL)


def is_connected(town: Town) -> bool:
    """By the fake's books: somebody holds the number's stream."""
    phones = town.fake.get("/phones")
    return next(one for one in phones if one["phone"] == PHONE)["held_by"] is not None


def stays_away(town: Town, person: str) -> None:
    """Soon the number is not connected any more, and remains so; it is Disabled, and nothing is shown."""
    deadline, away_since = time.monotonic() + 40, time.monotonic()
    while time.monotonic() - away_since < QUIET_SECONDS:
        assert town.status() == "DISABLED"
        assert town.unanswered(person) == 0
        if is_connected(town):
            away_since = time.monotonic()
            assert away_since < deadline, "it does not let go"
        time.sleep(0.05)


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.2, LET_IN])
@pytest.mark.parametrize("befalls", [cut, kill])
def test_who_is_disabled_while_it_connects_anew_stays_away_and_hears_nothing_until_it_is_enabled(
    town: Town, befalls: Callable[[Town], None], seconds: float
):
    person = next(_people)
    befalls(town)
    if seconds == LET_IN:
        until(lambda: not is_connected(town), "it is out")
        until(lambda: is_connected(town), "it is let in")
    else:
        time.sleep(seconds)
    town.post(f"/channels/{town.channel}/disable")
    town.fake.do(f"/people/{person}/say", to=PHONE, text="at once")
    stays_away(town, person)
    town.post(f"/channels/{town.channel}/enable")
    town.becomes("ACTIVE")
    assert is_connected(town)
    until(lambda: town.heard([person]) == ["at once"], "what was said meanwhile is retrieved, once")
