"""Two nodes on one database: one is killed, or frozen and woken again; the other takes everything over.

Judged by the books of the WhatsApp that is played, and by what each node says that it holds.
"""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.acceptance.town import Api, Program, WhatsApp, free_port, until, whatsapp_running

pytestmark = pytest.mark.slow
CHANNELS = {"simulator": 200, "linked": 20}
PERSON = "79160001111"
TTL_SECONDS = 6
BACK_SECONDS = {"simulator": 5, "linked": 20}
"""Linked devices need a worker, and each number logs in anew."""


class Nodes:
    """Two servers, one account, many paired channels."""

    def __init__(self, folder: Path, database_url: str, whatsapp: WhatsApp) -> None:
        self.whatsapp = whatsapp
        self.channels = CHANNELS[whatsapp.transport]
        self.back_seconds = TTL_SECONDS + BACK_SECONDS[whatsapp.transport]
        self.accepted: dict[str, str] = {}
        """Text by the id under which it will be sent."""
        self._folder = folder
        self._env = {
            **whatsapp.env,
            "HOUSTON_DATABASE_URL": database_url,
            "HOUSTON_SEALING_KEY": "a9" * 32,
            "HOUSTON_LOGINS_PER_SECOND_MAX": "200",
            "HOUSTON_NODE_TTL_SECONDS": str(TTL_SECONDS),
        }
        words = ["account", "create", "--name", "two nodes"]
        made = Program(words, folder / "make.log", self._env, wait=False)
        assert made.process.stdout is not None
        self.key = made.process.stdout.read().split()[-1]
        made.end()
        self.ports = [free_port(), free_port()]
        self.programs = [self._start(port) for port in self.ports]
        self.apis = [Api(f"http://127.0.0.1:{port}", self.key) for port in self.ports]

    def _start(self, port: int) -> Program:
        own = self._folder / f"node-{port}"
        places = {"DATA_DIR": str(own), "LINKED_LIVE_DIR": str(own / "live"), "PORT": str(port)}
        env = {**self._env, **{f"HOUSTON_{name}": value for name, value in places.items()}}
        # `serve` says nothing on standard output: whether it is ready is asked over HTTP.
        return Program(["serve"], self._folder / f"node-{port}.log", env, wait=False)

    def leases(self, node: int) -> int:
        lines = self.apis[node].open.get("/metrics").text.splitlines()
        return int(
            float(next(line for line in lines if line.startswith("houston_leases")).split()[1])
        )

    def ready(self, node: int) -> bool:
        try:
            return self.apis[node].open.get("/health/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        for api in self.apis:
            api.close()
        for program in self.programs:
            if program.process.poll() is None:
                os.kill(program.process.pid, signal.SIGCONT)
            program.end()


@pytest.fixture
def nodes(tmp_path: Path, empty_database_url: str, transport: str) -> Iterator[Nodes]:
    with whatsapp_running(tmp_path, transport) as whatsapp:
        both = Nodes(tmp_path, empty_database_url, whatsapp)
        try:
            until(lambda: both.ready(0) and both.ready(1), what="both nodes are ready")
            yield both
        finally:
            both.close()


def add_channels(nodes: Nodes) -> list[dict[str, str]]:
    """Channels, each paired by a scan of its own code."""

    def scanned(api: Api, channel: dict[str, str]) -> bool:
        shown = api.http.get(f"/channels/{channel['id']}/qr")
        if shown.status_code == 409:
            return False  # None has come yet: eight are linked at a time.
        return nodes.whatsapp.scan(channel["phone"], shown.json()["code"]) == 200

    def add(number: int) -> dict[str, str]:
        body = {"name": f"channel {number}", "phone": f"7990100{number:04}"}
        body["transport"] = nodes.whatsapp.transport
        api = nodes.apis[number % 2]
        channel: dict[str, str] = api.http.post("/channels", json=body).raise_for_status().json()
        pacing = {"pacing_per_minute": 10_000}
        api.http.patch(f"/channels/{channel['id']}", json=pacing).raise_for_status()
        until(lambda: scanned(api, channel), what="a code is scanned")
        return channel

    with ThreadPoolExecutor(8) as pool:
        channels = list(pool.map(add, range(nodes.channels)))
    until(lambda: active(nodes, 0) == nodes.channels, what="all channels are active")
    until(
        lambda: abs(nodes.leases(0) - nodes.leases(1)) <= nodes.channels * 0.2,
        30,
        "the shares are fair",
    )
    return channels


def active(nodes: Nodes, node: int) -> int:
    return sum(one["status"]["code"] == "ACTIVE" for one in nodes.apis[node].get("/channels"))


def send_everywhere(nodes: Nodes, node: int, channels: list[dict[str, str]], round: int) -> None:
    """Five numbered messages on every channel, without waiting for any of them."""

    def send(channel: dict[str, str]) -> None:
        for number in range(5):
            text = f"{channel['phone']} #{round * 10 + number}"
            answer = nodes.apis[node].send(channel["id"], PERSON, text, client_ref=text)
            assert answer.status_code == 201, answer.text
            nodes.accepted[answer.json()["id"]] = text

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, channels))


def judge(nodes: Nodes, node: int) -> None:
    expected = nodes.accepted.values()
    again = set() if nodes.whatsapp.capabilities.client_ids else settled(nodes, node)
    until(lambda: len(nodes.whatsapp.inbox(PERSON)) >= len(expected), what="all messages arrive")
    assert sorted(nodes.whatsapp.texts(PERSON)) == sorted(expected)
    assert nodes.whatsapp.stats()["repeats"] == 0
    for phone in {text.split()[0] for text in expected}:
        chat = [text for text in nodes.whatsapp.texts(PERSON) if text.startswith(phone)]
        in_turn = [int(text.partition("#")[2]) for text in chat if text not in again]
        assert in_turn == sorted(in_turn)


def settled(nodes: Nodes, node: int) -> set[str]:
    """What died on its way somebody who looks at WhatsApp decides; what they had sent once more (law M5)."""

    def fate(message: str) -> str | None:
        word = str(nodes.apis[node].get(f"/messages/{message}")["status"])
        return None if word in ("queued", "sending") else word

    again = set()
    for message, text in nodes.accepted.items():
        if until(partial(fate, message), 120, f"{text} comes to something") == "uncertain":
            arrived = text in nodes.whatsapp.texts(PERSON)
            answer = nodes.apis[node].http.post(
                f"/messages/{message}/decide", json={"arrived": arrived}
            )
            assert answer.status_code == 200, answer.text
            again |= set() if arrived else {text}
    return again


def test_a_killed_node_is_replaced_in_time_and_nothing_is_lost(nodes: Nodes) -> None:
    channels = add_channels(nodes)
    send_everywhere(nodes, 0, channels, 0)
    killed_at = time.monotonic()
    nodes.programs[1].kill()
    until(
        lambda: nodes.leases(0) == nodes.channels,
        TTL_SECONDS + 5,
        "the other node holds everything",
    )
    until(lambda: active(nodes, 0) == nodes.channels, nodes.back_seconds, "all are active again")
    assert time.monotonic() - killed_at < nodes.back_seconds
    send_everywhere(nodes, 0, channels, 1)
    judge(nodes, 0)


def test_a_frozen_node_is_replaced_and_does_no_harm_when_it_wakes(nodes: Nodes) -> None:
    channels = add_channels(nodes)
    frozen = nodes.programs[1].process.pid
    send_everywhere(nodes, 0, channels, 0)
    os.kill(frozen, signal.SIGSTOP)
    try:
        until(
            lambda: nodes.leases(0) == nodes.channels,
            TTL_SECONDS + 5,
            "the other node holds everything",
        )
        send_everywhere(nodes, 0, channels, 1)
    finally:
        os.kill(frozen, signal.SIGCONT)
    # Awake, it must see that it lost its channels, and later get a fair share again.
    until(lambda: nodes.ready(1), what="the frozen node is back")
    send_everywhere(nodes, 1, channels, 2)
    until(
        lambda: nodes.leases(0) + nodes.leases(1) == nodes.channels,
        30,
        "each channel has one holder",
    )
    until(lambda: active(nodes, 0) == nodes.channels, what="all are active")
    judge(nodes, 0)
    history = [nodes.apis[0].get(f"/channels/{one['id']}/history") for one in channels[:20]]
    assert not any(line["new"] == "OPENED_ELSEWHERE" for lines in history for line in lines)
