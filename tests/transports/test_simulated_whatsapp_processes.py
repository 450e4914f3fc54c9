"""Kills and freezes real processes: nodes, and the simulated WhatsApp itself as `houston sim` runs it."""

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.transports.node_program import PERSON

pytestmark = pytest.mark.slow
PHONE = "79990000001"


class Program:
    """A process, what it has said so far, and its end by its own id."""

    def __init__(self, *words: str) -> None:
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - it is open as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", *words], stdin=subprocess.PIPE, stdout=self._said, text=True
        )

    def hears(self, *beginnings: str) -> str:
        """The first line that begins with one of these."""

        def found() -> str | None:
            self._said.seek(0)
            lines = self._said.read().split("\n")[:-1]
            return next((line for line in lines if line.startswith(beginnings)), None)

        return str(until(found, f"a line that begins with {beginnings}"))

    def types(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=10)
        self._said.close()


def until(condition: Callable[[], Any], what: str = "", seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        time.sleep(0.01)
    return found


@contextmanager
def program(*words: str) -> Iterator[Program]:
    started = Program(*words)
    try:
        yield started
    finally:
        started.end()


class WhatsApp:
    """`houston sim` on a folder, and its control."""

    def __init__(self, folder: Path, port: int) -> None:
        self.program = Program("houston", "sim", "--port", str(port), "--data", str(folder))
        self.url = self.program.hears("The simulated").split()[5].rstrip(".")
        self._http = httpx.Client(base_url=f"{self.url}/sim", timeout=60)

    def get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()

    def post(self, path: str, **body: Any) -> Any:
        return self._http.post(path, json=body).raise_for_status().json()

    def phone(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/phones")[0]
        return found

    def end(self) -> None:
        self._http.close()
        self.program.end()


@contextmanager
def running(folder: Path, port: int = 0) -> Iterator[WhatsApp]:
    whatsapp = WhatsApp(folder, port)
    try:
        yield whatsapp
    finally:
        whatsapp.end()


def node(whatsapp: WhatsApp, key: str) -> AbstractContextManager[Program]:
    return program("tests.transports.node_program", whatsapp.url, PHONE, key)


def test_a_killed_node_is_seen_as_gone_and_what_comes_then_waits(tmp_path: Path):
    with running(tmp_path) as whatsapp:
        key = whatsapp.post("/phones/link", phones=[PHONE])[PHONE]
        with node(whatsapp, key) as first:
            first.hears("BacklogEnded")
            assert whatsapp.phone()["connected"]
            first.signal(signal.SIGKILL)
            until(lambda: not whatsapp.phone()["connected"])
        whatsapp.post(f"/people/{PERSON}/say", to=PHONE, text="is anybody alive")
        with node(whatsapp, key) as second:
            second.hears("Incoming is anybody alive")


def test_a_frozen_node_holds_its_stream_until_another_takes_it_and_hears_so_when_it_wakes(
    tmp_path: Path,
):
    with running(tmp_path) as whatsapp:
        key = whatsapp.post("/phones/link", phones=[PHONE])[PHONE]
        with node(whatsapp, key) as frozen:
            frozen.hears("BacklogEnded")
            frozen.signal(signal.SIGSTOP)
            frozen.types("from the frozen one")
            assert whatsapp.phone()["connected"]
            with node(whatsapp, key) as other:
                other.hears("BacklogEnded")
                other.types("from the other one")
                other.hears("Sent from the other one")
                frozen.signal(signal.SIGCONT)
                frozen.hears("Replaced")
                # Whether the news or the refusal comes first, it is not called sent.
                frozen.hears("NotSent from the frozen one", "Unknown from the frozen one")
        inbox = whatsapp.get(f"/people/{PERSON}/inbox")
        assert [arrival["text"] for arrival in inbox] == ["from the other one"]


def test_a_killed_whatsapp_comes_back_with_keys_books_and_what_waited(tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running(tmp_path, port) as whatsapp:
        key = whatsapp.post("/phones/link", phones=[PHONE])[PHONE]
        with node(whatsapp, key) as one:
            one.hears("BacklogEnded")
            one.types("before the kill #1")
            one.hears("Sent before the kill #1")
            one.signal(signal.SIGKILL)
            until(lambda: not whatsapp.phone()["connected"])
        whatsapp.post(f"/people/{PERSON}/say", to=PHONE, text="waits over the kill")
        stats, inbox = whatsapp.get("/stats"), whatsapp.get(f"/people/{PERSON}/inbox")
        whatsapp.program.signal(signal.SIGKILL)
    with running(tmp_path, port) as whatsapp:
        assert whatsapp.get("/stats") == stats
        assert whatsapp.get(f"/people/{PERSON}/inbox") == inbox
        with node(whatsapp, key) as one:
            one.hears("Incoming waits over the kill")
