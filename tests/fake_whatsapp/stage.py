"""A fake WhatsApp and clients on it, each a process of its own; what a test starts, it ends, by pid."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

_ROOT = Path(__file__).parents[2]
_SECONDS = 30.0

Event = dict[str, Any]


class Fake:
    """The fake, by its control."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools.fake_whatsapp"],
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            text=True,
        )
        assert self.process.stdout is not None
        self.address: dict[str, str] = json.loads(self.process.stdout.readline())
        self.http = httpx.Client(base_url=self.address["url"] + "/sim", timeout=30)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.http.post(path, json=body)

    def do(self, path: str, **body: Any) -> Any:
        return self.post(path, **body).raise_for_status().json()

    def get(self, path: str, **asked: str) -> Any:
        return self.http.get(path, params=asked).raise_for_status().json()

    def inbox(self, person: str) -> list[Event]:
        found: list[Event] = self.get(f"/people/{person}/inbox")
        return found

    def end(self) -> None:
        self.http.close()
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Linked:
    """A program with one neonize client."""

    def __init__(self, fake: Fake, store: Path) -> None:
        self._fake = fake
        self._store = store
        self.heard: list[Event] = []
        self._refs = 0
        self.start()

    def start(self) -> None:
        reading, writing = os.pipe()
        address = self._fake.address
        environment = {
            **os.environ,
            "HTTPS_PROXY": address["proxy"],
            "SSL_CERT_FILE": address["ca_file"],
            "OUT_FD": str(writing),
            "NEONIZE_BOT_TAG": "off",
        }
        trusted = [sys.executable, "-m", "tools.fake_whatsapp.trusted", address["root_key"]]
        self._log = (self._store.parent / "program.log").open("ab")
        self.process = subprocess.Popen(
            [*trusted, "tests.fake_whatsapp.neonize_program", str(self._store)],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            pass_fds=[writing],
            env=environment,
            cwd=_ROOT,
            text=True,
        )
        os.close(writing)
        self._lines: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, args=(reading, self._lines), daemon=True)
        self._reader.start()

    @staticmethod
    def _read(descriptor: int, lines: "queue.SimpleQueue[Event]") -> None:
        with os.fdopen(descriptor) as file:
            for line in file:
                lines.put(json.loads(line))

    def hear(self, event: str, seconds: float = _SECONDS, **fields: Any) -> Event:
        """The next event that looks so; those before it stay to be heard."""
        deadline = time.monotonic() + seconds
        while True:
            for one in self.heard:
                if one["event"] == event and fields.items() <= one.items():
                    self.heard.remove(one)
                    return one
            try:
                self.heard.append(self._lines.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"no {event} {fields} in {seconds} s: {self.heard}") from None

    def ask(self, do: str, **more: Any) -> int:
        self._refs += 1
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, "ref": self._refs, **more}) + "\n")
        self.process.stdin.flush()
        return self._refs

    def do(self, what: str, seconds: float = _SECONDS, **more: Any) -> Event:
        return self.hear("Answer", seconds, ref=self.ask(what, **more))

    def pair(self, phone: str) -> None:
        """Link it by its QR code, and wait until it is online."""
        self.do("connect")
        code = self.hear("Qr")["code"]
        self._fake.do(f"/phones/{phone}/scan", code=code)
        self.hear("PairStatus")
        self.hear("Connected")
        self.hear("OfflineSyncCompleted")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self._reader.join(10)
        assert self.process.stdin is not None
        self.process.stdin.close()
        self._log.close()


def until(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """The condition's first true value; an assertion fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)
    return found
