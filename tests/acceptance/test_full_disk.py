"""The disk of the data folder is full, and later it is not: a tmpfs of our own, which only root may mount."""

import contextlib
import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.acceptance.town import Town, town_running, until

pytestmark = pytest.mark.slow
PERSON = "79165590001"
SIZE_MB = 160


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "houston-test", str(folder)]
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small disk cannot be mounted here: {error}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=10)


@contextmanager
def filled(folder: Path, left_mb: int) -> Iterator[None]:
    """Hardly a byte is left inside, and there is room again outside."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 65_536)
    os.truncate(ballast, max(0, ballast.stat().st_size - left_mb * 1024**2))
    try:
        yield
    finally:
        ballast.unlink()


def send(town: Town, number: int) -> httpx.Response:
    """A message that cannot be packed, so that the tables grow. A repeat has the same reference."""
    text = f"{random.Random(number).randbytes(4_000).hex()} #{number}"
    return town.api.send(town.paired["id"], PERSON, text, client_ref=f"full-disk-{number}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
@pytest.mark.parametrize(
    ("left_mb", "said"),
    [
        pytest.param(0, "disk", id="no table can grow"),
        pytest.param(12, "database", id="the log of the database cannot grow, and it gives up"),
    ],
)
def test_a_full_disk_is_told_clearly_and_nothing_is_lost_when_there_is_room_again(
    small_disk: Path, left_mb: int, said: str, transport: str
) -> None:
    with town_running(small_disk.parent, transport=transport) as town:
        with filled(small_disk, left_mb):
            stored = until_refused(town, said)
            for _ in range(100):
                assert send(town, stored).status_code in (201, 503)
            town.whatsapp.say(PERSON, town.paired["phone"], "Is anybody there?")
            assert town.api.open.get("/health/live").status_code == 200
        expected = stored + 20
        for number in range(stored, expected):
            until(partial(accepted, town, number), what="there is room again")
        until(lambda: len(town.whatsapp.inbox(PERSON)) >= expected, what="everything arrives")
        told = [int(text.rsplit("#", 1)[1]) for text in town.whatsapp.texts(PERSON)]
        assert told == list(range(expected))
        town.becomes(town.paired, "ACTIVE")
        until(
            lambda: heard(town) == ["Is anybody there?"], what="what was said meanwhile is stored"
        )


def until_refused(town: Town, said: str) -> int:
    """Send until there is no more room; how many messages were accepted."""
    for number in range(5_000):
        answer = send(town, number)
        if answer.status_code != 201:
            break
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_MISSING")
    assert said in answer.json()["detail"]
    assert "Traceback" not in answer.text
    return number


def accepted(town: Town, number: int) -> bool:
    return send(town, number).status_code == 201


def heard(town: Town) -> list[str]:
    messages = town.api.messages(town.chat(town.paired, PERSON))
    return [one["text"] for one in messages if one["direction"] == "incoming"]
