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

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools.fake_whatsapp", *words],
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

    def port(self, of: str) -> str:
        return self.address[of].rpartition(":")[2]

    def end(self, *, suddenly: bool = False) -> None:
        self.http.close()
        self.process.kill() if suddenly else self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Heard:
    """The lines of JSON that a program says on one descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._unread: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._passed: list[Event] = []
        self._reader = threading.Thread(target=self._read, args=(descriptor,), daemon=True)
        self._reader.start()

    def _read(self, descriptor: int) -> None:
        with os.fdopen(descriptor) as lines:
            for line in lines:
                self._unread.put(json.loads(line))

    def hear(self, event: str, seconds: float = _SECONDS, **fields: Any) -> Event:
        """The next event that looks so; those before it stay to be heard."""
        deadline = time.monotonic() + seconds
        while True:
            for one in self._passed:
                if one["event"] == event and fields.items() <= one.items():
                    self._passed.remove(one)
                    return one
            left = max(0.0, deadline - time.monotonic())
            try:
                self._passed.append(self._unread.get(timeout=left))
            except queue.Empty:
                told = f"no {event} {fields} in {seconds} s, but {self._passed}"
                raise AssertionError(told) from None

    def end(self) -> None:
        self._reader.join(10)


class Linked:
    """A program with one neonize client."""

    def __init__(self, fake: Fake, store: Path) -> None:
        self._fake = fake
        self._refs = 0
        reading, writing = os.pipe()
        address = fake.address
        environment = {
            **os.environ,
            "HTTPS_PROXY": address["proxy"],
            "SSL_CERT_FILE": address["ca_file"],
            "OUT_FD": str(writing),
            "NEONIZE_BOT_TAG": "off",
        }
        trusted = [sys.executable, "-m", "tools.fake_whatsapp.trusted", address["root_key"]]
        self._log = (store.parent / "program.log").open("ab")
        self.process = subprocess.Popen(
            [*trusted, "tests.fake_whatsapp.neonize_program", str(store)],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            pass_fds=[writing],
            env=environment,
            cwd=_ROOT,
            text=True,
        )
        os.close(writing)
        self._heard = Heard(reading)
        self.hear = self._heard.hear

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
        self._heard.end()
        assert self.process.stdin is not None
        self.process.stdin.close()
        self._log.close()


def until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The condition's first true value; an assertion fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)
    return found
