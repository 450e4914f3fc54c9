"""A whole server with linked devices, as one runs it: `houston serve` and the fake, each a process; HTTP only.

What is killed, is killed with SIGKILL; what is lost or doubled, is counted in the fake's books.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.fake_whatsapp.stage import Fake

# It takes half a minute; limits are for what never comes, however much the machine has to do besides.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

RELEASED = "houston.transports.linked_worker"
PHONE = "79987770001"
PEOPLE = [f"7917777{number:04}" for number in range(6)]
WRITERS = [f"7917778{number:04}" for number in range(3)]
VISITORS = [f"7917779{number:04}" for number in range(2)]


def until(condition: Callable[[], Any], what: str, seconds: float = 120.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return found


class Town:
    """A fake and a Houston on it, with one paired channel."""

    def __init__(self, folder: Path, worker_module: str = RELEASED) -> None:
        self.fake = Fake()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = self.fake.address
        worker = f"{sys.executable} -m tools.fake_whatsapp.trusted {address['root_key']}"
        self._env = {
            **os.environ,
            "HOUSTON_DATA_DIR": str(folder / "data"),
            "HOUSTON_PORT": str(port),
            "HOUSTON_LINKED_LIVE_DIR": str(folder / "live"),
            "HOUSTON_LINKED_WORKER": f"{worker} {worker_module}",
            "HTTPS_PROXY": address["proxy"],
            "SSL_CERT_FILE": address["ca_file"],
        }
        self._log = (folder / "log").open("ab")
        made = subprocess.run(
            [sys.executable, "-m", "houston", "account", "create", "--name", "Flowers"],
            env=self._env,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        key = made.stdout.split("api_key: ")[1].split()[0]
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}/api/v1",
            headers={"authorization": f"Bearer {key}"},
            timeout=30,
            trust_env=False,
        )
        self.server = self._serve()
        body = {"name": "Front desk", "phone": PHONE, "transport": "linked"}
        self.channel = self.post("/channels", body)["id"]

    def _serve(self) -> "subprocess.Popen[bytes]":
        words = [sys.executable, "-m", "houston", "serve"]
        server = subprocess.Popen(words, env=self._env, stdout=self._log, stderr=self._log)
        until(self._answers, "Houston answers")
        return server

    def _answers(self) -> bool:
        try:
            return self.http.get("/channels").status_code == 200
        except httpx.TransportError:
            return False

    def get(self, path: str, **params: Any) -> Any:
        return self.http.get(path, params=params).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.http.post(path, json=body).raise_for_status().json()

    def status(self) -> str:
        return str(self.get(f"/channels/{self.channel}")["status"]["code"])

    def becomes(self, code: str) -> None:
        until(lambda: self.status() == code, code)

    def pair(self) -> None:
        if self.status() == "SCAN_QR":
            self.post(f"/channels/{self.channel}/rescan")
        until(self.code, "a code")
        self.scan()

    def code(self) -> str | None:
        """What is to be scanned now, if anything."""
        answer = self.http.get(f"/channels/{self.channel}/qr")
        return str(answer.json()["code"]) if answer.is_success else None

    def scan(self) -> None:
        self.fake.do(f"/phones/{PHONE}/scan", code=self.code())
        self.becomes("ACTIVE")

    def send(self, person: str, text: str) -> str:
        body = {"channel_id": self.channel, "chat_id": person, "text": text}
        return str(self.post("/messages", body)["id"])

    def texts(self, person: str) -> list[str]:
        return [arrival["text"] for arrival in self.fake.inbox(person)]

    def unanswered(self, person: str) -> int:
        """How many messages of a person Houston has taken in, when nobody answers."""
        return sum(c["unanswered"] for c in self.get("/chats") if c["phone"] == person)

    def messages(self, people: list[str]) -> list[Any]:
        """All that the chats with these people show."""
        chats = [
            self.get(f"/chats/{chat['id']}/messages", limit=200)
            for chat in self.get("/chats")
            if chat["phone"] in people
        ]
        return [message for chat in chats for message in chat]

    def heard(self, people: list[str]) -> list[str]:
        """All that these people wrote and Houston has taken in."""
        said = self.messages(people)
        return sorted(one["text"] for one in said if one["direction"] == "incoming")

    def missing(self, people: list[str]) -> int:
        """How many messages of these people are told to be on the phone alone."""
        told = [one["text"] for one in self.messages(people) if one["direction"] == "notice"]
        return sum("did not get through" in text for text in told)

    def worker(self, module: str = RELEASED) -> int:
        """The process that speaks WhatsApp's protocol."""
        found = [
            child.pid
            for child in psutil.Process(self.server.pid).children(recursive=True)
            if module in child.cmdline()
        ]
        return found[0]

    def kill_server(self) -> None:
        self.server.kill()
        self.server.wait(10)

    def restart(self) -> None:
        self.server = self._serve()

    def end(self) -> None:
        self.http.close()
        self.server.terminate()
        try:
            self.server.wait(20)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait(10)
        self.fake.end()
        self._log.close()


@pytest.fixture(scope="module")
def one_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("town"))
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def town(one_town: Town) -> Town:
    """The channel is online, whatever became of it before."""
    if one_town.status() != "ACTIVE":
        one_town.pair()
    return one_town


def test_a_day_of_a_linked_number_over_http(town: Town):
    message = town.send(VISITORS[0], "hello")
    until(lambda: town.texts(VISITORS[0]) == ["hello"], "it arrives")
    until(
        lambda: town.get(f"/messages/{message}")["status"] == "delivered", "the receipt is taken in"
    )
    town.fake.do(f"/people/{VISITORS[0]}/say", to=PHONE, text="hi there")
    until(lambda: town.unanswered(VISITORS[0]) == 1, "the answer is taken in")
    town.post(f"/channels/{town.channel}/disable")
    town.fake.do(f"/people/{VISITORS[1]}/say", to=PHONE, text="while disabled")
    town.post(f"/channels/{town.channel}/enable")
    town.becomes("ACTIVE")
    until(lambda: town.unanswered(VISITORS[1]) == 1, "it is retrieved")
    town.fake.do(f"/phones/{PHONE}/log-out-all")
    town.becomes("SCAN_QR")


def test_a_worker_that_dies_while_a_code_is_shown_costs_no_more_than_that_code(town: Town):
    town.fake.do(f"/phones/{PHONE}/log-out-all")
    town.becomes("SCAN_QR")
    town.post(f"/channels/{town.channel}/rescan")
    shown = until(town.code, "a code")
    os.kill(town.worker(), signal.SIGABRT)
    until(lambda: (town.code() or shown) != shown, "another code, though nobody asked")
    town.scan()


def test_killed_workers_and_servers_lose_nothing_and_double_nothing(town: Town):
    sent = {person: [f"{n} to {person}" for n in range(4)] for person in PEOPLE}
    ids: dict[str, tuple[str, str]] = {}
    for n in range(4):
        for person in PEOPLE:
            ids[town.send(person, sent[person][n])] = (person, sent[person][n])
        if n == 1:
            os.kill(town.worker(), signal.SIGKILL)
        if n == 2:
            os.kill(town.worker(), signal.SIGKILL)
            town.kill_server()
            town.restart()
    town.becomes("ACTIVE")
    again = decided(town, ids)
    until(lambda: all(len(town.texts(person)) >= 4 for person in PEOPLE), "all arrive")
    for person in PEOPLE:
        texts = town.texts(person)
        assert sorted(texts) == sent[person]
        assert sorted(set(texts) - again) == [text for text in texts if text not in again]


def decided(town: Town, ids: dict[str, tuple[str, str]]) -> set[str]:
    """Somebody looks at the phone and decides what died on its way; what they have sent once more."""
    again = set()
    for message, (person, text) in ids.items():
        fate = until(partial(settled, town, message), f"{text} comes to something", 100)
        if fate == "uncertain":
            arrived = text in town.texts(person)
            town.post(f"/messages/{message}/decide", {"arrived": arrived})
            again |= set() if arrived else {text}
    return again


def settled(town: Town, message: str) -> str | None:
    """How a message stands, once it is not on its way any more."""
    status = str(town.get(f"/messages/{message}")["status"])
    return None if status in ("queued", "sending") else status


def test_what_people_write_around_the_death_of_a_worker_is_taken_in_once(town: Town):
    for n in range(30):
        town.fake.do(f"/people/{WRITERS[n % 3]}/say", to=PHONE, text=f"message {n}")
        if n == 15:
            # What the library acknowledges in the moment of its own death is gone, and told by name.
            until(lambda: sum(map(town.unanswered, WRITERS)) == 16, "all of these are taken in")
            os.kill(town.worker(), signal.SIGKILL)
        if n == 25:
            town.kill_server()
    town.restart()
    town.becomes("ACTIVE")
    with suppress(AssertionError):  # Which of them are missing is worth more than that some are.
        until(lambda: len(town.heard(WRITERS)) + town.missing(WRITERS) >= 30, "all thirty")
    heard, said = town.heard(WRITERS), {f"message {n}" for n in range(30)}
    assert set(heard) <= said
    assert len(set(heard)) == len(heard) == 30 - town.missing(WRITERS)
