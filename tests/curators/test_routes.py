"""Routes through Apprise: a server of ours takes what is posted; private networks are spared unless allowed."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from houston.curators.routes import AppriseRoutes, leads_inside
from tests.loops import Logged
from tests.people.hall import hall

# Apprise loads all of its plug-ins; one of them still imports `imghdr`.
pytestmark = pytest.mark.filterwarnings("ignore:.*imghdr.*:DeprecationWarning")
PUBLIC = [
    "tgram://123456789:ABCdefghijkl-abcdefghijklmnopqrs/12345",
    "slack://TokenAAAA/TokenBBBB/TokenCCCCCCCCCCCCCCCCCCCC",
    "json://8.8.8.8/x",
    "mailto://user:word@gmail.com?smtp=8.8.8.8",
]
PRIVATE = [
    "json://127.0.0.1:8080/x",
    "json://localhost/x",
    "jsons://[::1]/x",
    "json://10.1.2.3/x",
    "json://169.254.169.254/latest",
    "json://2130706433/x",
    "gotify://192.168.1.5/AbCdEfGhIjKlMnO",
    "ntfy://10.0.0.1/topic",
    "mailto://user:word@gmail.com?smtp=10.0.0.2",
]


@pytest.mark.parametrize("route", PRIVATE)
def test_a_route_into_a_private_network_is_seen_however_it_is_written(route: str) -> None:
    assert leads_inside(route)


@pytest.mark.parametrize("route", PUBLIC)
def test_a_service_and_a_public_server_are_left_alone(route: str) -> None:
    assert not leads_inside(route)


class Receiver:
    """Counts what is posted."""

    def __init__(self) -> None:
        self.route = ""
        self.posts = 0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.posts += 1
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """What came is counted; nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    found.route = f"json://127.0.0.1:{server.server_port}/x"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield found
    server.shutdown()
    thread.join(10)
    server.server_close()


async def test_a_way_that_breaks_keeps_nothing_from_the_next(
    receiver: Receiver, logged: Logged
) -> None:
    broken = "mailto://user:word@gmail.com?smtp=a..b"
    assert not await AppriseRoutes(may_be_private=False).carry([broken], "stopped")
    assert await AppriseRoutes(may_be_private=True).carry([broken, receiver.route], "stopped")
    assert receiver.posts == 1
    assert {line["event"] for line in logged} == {"route_failed"}
    logged.clear()


async def test_nothing_is_carried_into_a_private_network_unless_it_is_allowed(
    receiver: Receiver,
) -> None:
    assert not await AppriseRoutes(may_be_private=False).carry([receiver.route], "stopped")
    assert receiver.posts == 0
    assert await AppriseRoutes(may_be_private=True).carry([receiver.route], "stopped")
    assert receiver.posts == 1


async def test_a_route_into_a_private_network_is_refused_when_it_is_named(
    database_url: str,
) -> None:
    async with hall(database_url) as server:
        account = await server.account("Flowers")
        body = {"name": "Mary", "phone": "79165550001", "routes": ["json://127.0.0.1/x"]}
        answer = await account.key.ask("POST", "/api/v1/curators", json=body)
        assert (answer.status_code, answer.json()["field"]) == (400, "routes")
        assert "HOUSTON_PRIVATE_ROUTES" in answer.json()["cure"]
        made = await account.key.post("/curators", body | {"routes": []})
        path = f"/api/v1/curators/{made['id']}"
        answer = await account.key.ask("PATCH", path, json={"routes": body["routes"]})
        assert answer.status_code == 400
        assert (await account.key.get("/curators"))[0]["routes"] == []
