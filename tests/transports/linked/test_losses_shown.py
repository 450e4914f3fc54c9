"""What died with a worker, as its people see it: a whole server, whose worker is killed in that very moment."""

import os
import shlex
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transports.linked.test_server import PHONE, Town, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ANNA, BORIS = "79177740001", "79177740002"
MODULE = "tests.transports.linked.wild_worker"


@pytest.fixture
def once(tmp_path: Path) -> Path:
    """While it is there, nothing is written down."""
    return tmp_path / "once"


@pytest.fixture
def town(tmp_path: Path, once: Path) -> Iterator[Town]:
    how = shlex.quote("holds what it should write down")
    made = Town(tmp_path, f"{MODULE} {how} {once}")
    try:
        made.pair()
        yield made
    finally:
        made.end()


def lines(town: Town, person: str) -> list[tuple[str, str]]:
    """What an operator sees in the chat with somebody: whose words, and which; the oldest first."""
    told = [(one["created_at"], one["direction"], one["text"]) for one in town.messages([person])]
    return [(direction, text) for _, direction, text in sorted(told)]


def test_the_chat_says_of_each_message_that_it_is_missing_and_the_count_is_short_by_them(
    town: Town, once: Path
):
    town.fake.do(f"/people/{ANNA}/say", to=PHONE, text="heard")
    until(lambda: lines(town, ANNA) == [("incoming", "heard")], "it is heard")
    once.touch()
    for person, text in ((ANNA, "lost"), (ANNA, "lost too"), (BORIS, "lost as well")):
        town.fake.do(f"/people/{person}/say", to=PHONE, text=text)
    time.sleep(1)
    os.kill(town.worker(MODULE), signal.SIGKILL)
    once.unlink()
    until(lambda: len(lines(town, ANNA)) == 3 and lines(town, BORIS), "all of them are told")
    notice = (
        "notice",
        "A message of this person did not get through to Houston: read it on the phone",
    )
    assert lines(town, ANNA) == [("incoming", "heard"), notice, notice]
    assert lines(town, BORIS) == [notice]
    assert (town.unanswered(ANNA), town.unanswered(BORIS)) == (3, 1)
    seen = town.get(f"/channels/{town.channel}")["catch_up"]
    assert (seen["expected"], seen["retrieved"]) == (3, 0)
    facts = [
        one["body"] for one in town.get("/events", limit=1000) if one["kind"] == "message.missed"
    ]
    assert sorted(fact["address"] for fact in facts) == [ANNA, ANNA, BORIS]
    os.kill(town.worker(MODULE), signal.SIGKILL)
    town.becomes("JUST_A_MINUTE")
    town.becomes("ACTIVE")
    assert lines(town, ANNA) == [("incoming", "heard"), notice, notice]
