"""Curators through HTTP alone: a whole Houston beside a simulated WhatsApp, whose books say what arrived,
and a small HTTP server that stands for mail or Telegram."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.acceptance.town import Town, until

pytestmark = pytest.mark.slow
MARY = "79165551234"


class Elsewhere(ThreadingHTTPServer):
    """Remembers what was posted to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hearing)
        self.came: list[dict[str, Any]] = []

    @property
    def route(self) -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/"


class Hearing(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        self.server.came.append(json.loads(self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_c1_a_curator_is_told_by_the_other_channel_and_when_none_is_left_by_the_route(
    own_town: Town, elsewhere: Elsewhere
) -> None:
    town = own_town
    first, second = town.paired, town.waiting
    town.pair(second)
    wishes = {"name": "Mary", "phone": f"+{MARY}", "routes": [elsewhere.route]}
    answer = town.api.http.post("/curators", json=wishes).raise_for_status().json()
    assert answer["routes"] == ["json://..."]

    test = town.api.http.post(f"/curators/{answer['id']}/test")
    assert test.status_code == 202
    until(lambda: any("this is a test" in text for text in inbox(town)), what="the test arrives")

    town.whatsapp.do(first["phone"], "log-out-all")
    until(lambda: any(first["phone"] in text for text in inbox(town)), what="Mary is told")
    town.kill_houston()
    town.start()
    town.becomes(second, "ACTIVE")
    assert elsewhere.came == []

    town.whatsapp.do(second["phone"], "log-out-all")
    until(lambda: elsewhere.came, what="the route is taken")
    assert second["phone"] in elsewhere.came[0]["message"]
    assert sum("has stopped" in text for text in inbox(town)) == 1

    told = f"/curators/{answer['id']}/notices"
    until(lambda: town.api.get(told)[0]["way"], what="the notice is settled")
    notices = town.api.get(told)
    assert [(one["kind"], one["way"]) for one in notices] == [
        ("stopped", "route"),
        ("stopped", "whatsapp"),
        ("test", "whatsapp"),
    ]


def test_c1_a_number_that_is_a_channel_of_the_account_cannot_be_a_curators(town: Town) -> None:
    wishes = {"name": "Loop", "phone": town.paired["phone"]}
    answer = town.api.http.post("/curators", json=wishes)
    assert answer.status_code == 409
    assert town.api.get("/curators") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "none"),
        ("time_zone", "Mars/Base"),
        ("language", "?"),
        ("routes", ["file:///etc/passwd"]),
        ("routes", ["dbus://"]),
        ("after_minutes", -1),
        ("channels", ["00000000-0000-0000-0000-000000000000"]),
    ],
)
def test_a_wish_that_cannot_be_granted_is_named(town: Town, field: str, value: object) -> None:
    wishes = {"name": "Mary", "phone": MARY, field: value}
    answer = town.api.http.post("/curators", json=wishes)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_channel_without_a_curator_says_that_nobody_is_told(town: Town) -> None:
    def told() -> list[int]:
        found = {one["id"]: one["curators"] for one in town.api.get("/channels")}
        return [found[one["id"]] for one in (town.paired, town.waiting)]

    assert told() == [0, 0]
    wishes = {"name": "Mary", "phone": MARY, "channels": [town.paired["id"]]}
    made = town.api.http.post("/curators", json=wishes).raise_for_status().json()
    assert told() == [1, 0]
    town.api.http.patch(f"/curators/{made['id']}", json={"wants": ["balance"]}).raise_for_status()
    assert told() == [0, 0]
    town.api.http.delete(f"/curators/{made['id']}")


def test_what_a_change_leaves_out_stays_and_a_repeated_delete_is_harmless(town: Town) -> None:
    quiet = {"start": "22:00:00", "until": "08:00:00"}
    wishes = {"name": "Mary", "phone": MARY, "quiet_hours": quiet, "time_zone": "Europe/Berlin"}
    made = town.api.http.post("/curators", json=wishes).raise_for_status().json()
    changed = town.api.http.patch(f"/curators/{made['id']}", json={"language": "es"})
    assert changed.json() == {**made, "language": "es"}
    for _ in range(2):
        assert town.api.http.delete(f"/curators/{made['id']}").status_code == 204
    assert town.api.get("/curators") == []


def inbox(town: Town) -> list[str]:
    """Everything that Mary was sent, through any channel."""
    answer = town.whatsapp.http.get(f"/people/{MARY}/inbox").raise_for_status()
    return [message["text"] for message in answer.json()]


def test_c2_killed_around_each_notice_every_incident_is_told_once(own_town: Town) -> None:
    """Before Houston has heard of the trouble, when it has, and when the notice has just arrived."""
    town = own_town
    town.pair(town.waiting)
    phones = [f"7999000003{n}" for n in range(3)]
    channels = [add(town, phone) for phone in phones]
    town.api.http.post("/curators", json={"name": "Mary", "phone": MARY}).raise_for_status()
    moments = (
        lambda: True,
        lambda: town.api.status(channels[1]["id"]) == "SCAN_QR",
        lambda: told_of(town, phones[2]),
    )
    for phone, moment in zip(phones, moments, strict=True):
        town.whatsapp.do(phone, "log-out-all")
        until(moment, what="the moment to kill it")
        town.kill_houston()
        town.start()
        until(partial(told_of, town, phone), what="Mary is told")
    town.whatsapp.do(town.waiting["phone"], "log-out-all")
    until(lambda: told_of(town, town.waiting["phone"]), what="what comes last is told as well")
    assert [told_of(town, phone) for phone in phones] == [1, 1, 1]


def add(town: Town, phone: str) -> dict[str, str]:
    body = {"name": phone, "phone": phone, "transport": town.whatsapp.transport}
    made: dict[str, str] = town.api.http.post("/channels", json=body).raise_for_status().json()
    town.pair(made)
    return made


def told_of(town: Town, phone: str) -> int:
    """How often Mary was told that a channel has stopped."""
    return sum("has stopped" in text and phone in text for text in inbox(town))
