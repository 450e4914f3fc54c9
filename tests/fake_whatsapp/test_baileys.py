"""Baileys, which shares no code with neonize, lives on the same fake: so the fake is fitted to neither.

npm fetches exactly what `package-lock.json` says into pytest's cache folder, once.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fake_whatsapp.stage import Event, Fake, Heard, until

pytestmark = pytest.mark.slow

_HERE = Path(__file__).parent
_FILES = ("package.json", "package-lock.json", "baileys_program.mjs")
_INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
_INSTALL_SECONDS = 100
_DELIVERED, _READ = 3, 4
PHONE = "79970000001"
IVAN = "79161112233"


class Baileys:
    """A program with one Baileys client."""

    def __init__(self, fake: Fake, folder: Path, keys: Path) -> None:
        address = fake.address
        socket = address["edge"].replace("https", "wss") + "/ws/chat"
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            ["node", "baileys_program.mjs", socket, address["root_key"], str(keys), str(writing)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[writing],
            cwd=folder,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": address["ca_file"]},
        )
        os.close(writing)
        self._heard = Heard(reading)
        self.hear = self._heard.hear

    def send(self, **message: str) -> Event:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        return self.hear("Sent")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self._heard.end()
        assert self.process.stdin is not None
        self.process.stdin.close()


@pytest.fixture(scope="module")
def installed(pytestconfig: pytest.Config) -> Path:
    """A folder in which Baileys can be imported."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("baileys")
    locked = (_HERE / "package-lock.json").read_text()
    made = folder / "made"
    for name in _FILES:
        shutil.copy(_HERE / name, folder)
    if not made.exists() or made.read_text() != locked:
        subprocess.run(_INSTALL, cwd=folder, check=True, timeout=_INSTALL_SECONDS)
        made.write_text(locked)
    return folder


@pytest.fixture
def baileys(fake: Fake, installed: Path, tmp_path: Path) -> Iterator[Baileys]:
    running = Baileys(fake, installed, tmp_path)
    yield running
    running.kill()


def told_as_delivered(baileys: Baileys) -> str:
    """Until it has settled after linking, Baileys merges receipts into other events, and tells some never."""
    for number in range(10):
        sent = baileys.send(to=IVAN, text=f"all well? {number}", id=f"3EB1{number:018}")
        with suppress(AssertionError):
            baileys.hear("Status", seconds=4, id=sent["id"], status=_DELIVERED)
            return str(sent["id"])
    raise AssertionError("Baileys told of no receipt")


def test_baileys_pairs_sends_and_receives(fake: Fake, baileys: Baileys):
    fake.do(f"/phones/{PHONE}/scan", code=baileys.hear("Qr")["code"])
    baileys.hear("Closed", code=515)
    baileys.hear("Open")

    fake.do(f"/people/{IVAN}/say", to=PHONE, text="hello from Ivan")
    baileys.hear("Message", text="hello from Ivan")
    sent = baileys.send(to=IVAN, text="hello Ivan", id="3EB0000000000000000001")
    fake.do(f"/people/{IVAN}/say", to=PHONE, text="how are you?")
    baileys.hear("Message", text="how are you?")
    baileys.send(to=IVAN, text="fine", id="3EB0000000000000000002")

    arrived = until(lambda: fake.inbox(IVAN) if len(fake.inbox(IVAN)) == 2 else None)
    assert [one["text"] for one in arrived] == ["hello Ivan", "fine"]
    assert arrived[0]["id"] == sent["id"] == "3EB0000000000000000001"
    until(lambda: all(one["acknowledged"] for one in fake.get("/sayings", person=IVAN)))

    delivered = told_as_delivered(baileys)
    fake.do(f"/people/{IVAN}/read")
    baileys.hear("Status", id=delivered, status=_READ)

    fake.do(f"/phones/{PHONE}/open-elsewhere")
    baileys.hear("Closed", code=440)
