"""What the commands print is used as a person would: a whole server as a process of its own, over HTTP."""

import json
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.acceptance.town import Api, Program, Town, WhatsApp, town_running, until

pytestmark = pytest.mark.slow
PERSON = "79161234567"
CONNECTS_IN_VAIN = "simulated_whatsapp_unreachable"


def who_signs_in(town: Town) -> str:
    answer = httpx.post(f"{town.card['url']}/api/v1/session", json=town.card["login"], timeout=30)
    assert answer.status_code == 200, answer.text
    cookies = {"houston": answer.cookies["houston"]}
    channels = httpx.get(f"{town.card['url']}/api/v1/channels", cookies=cookies, timeout=30)
    assert {one["id"] for one in channels.json()} == {one["id"] for one in town.card["channels"]}
    return str(answer.json()["email"])


def test_the_login_of_the_demo_signs_in_also_after_the_next_start(tmp_path: Path) -> None:
    with town_running(tmp_path) as town:
        card = town.card
        assert who_signs_in(town) == card["login"]["email"]
        town.houston.stop()
        town.start()
        assert town.card["login"] == card["login"]
        who_signs_in(town)


def test_a_first_start_that_was_killed_is_finished_by_the_next_whose_code_comes_late(
    tmp_path: Path,
) -> None:
    port, folder = _free_port(), tmp_path / "data"
    words = ["demo", "--json", "--port", "0", "--data", str(folder)]
    words += ["--sim", f"http://127.0.0.1:{port}"]
    with ExitStack() as ended:
        killed = Program(words, tmp_path / "killed.log", wait=False)
        ended.callback(killed.end)
        until(lambda: CONNECTS_IN_VAIN in (tmp_path / "killed.log").read_text())
        killed.kill()

        late = Program(words, tmp_path / "late.log", wait=False)
        ended.callback(late.end)
        until(lambda: CONNECTS_IN_VAIN in (tmp_path / "late.log").read_text())
        time.sleep(7)  # The API waits five seconds for a code, and says then that there is none.
        world = Program(["sim", "--port", f"{port}"], tmp_path / "sim.log")
        ended.callback(world.end)
        assert late.process.stdout is not None
        card = json.loads(late.process.stdout.readline())
        told = [(one["phone"], one["status"]) for one in card["channels"]]
        assert told == [("79990000001", "ACTIVE"), ("79990000002", "SCAN_QR")]
        api = Api(card["url"], card["api_key"])
        until(lambda: len(api.get("/chats")) == 3, what="what people wrote is taken in")
        api.close()


def test_the_linked_demo_works_in_both_directions_and_its_fake_dies_with_it(
    tmp_path: Path,
) -> None:
    words = ["demo", "--linked", "--json", "--port", "0", "--data", str(tmp_path / "data")]
    demo = Program(words, tmp_path / "demo.log")
    try:
        card = json.loads(demo.first_line)
        api, whatsapp = Api(card["url"], card["api_key"]), WhatsApp(card["sim_url"])
        paired, waiting = card["channels"]
        until(lambda: len(api.get("/chats")) == 3, what="what people wrote is taken in")
        api.send(paired["id"], PERSON, "Good morning").raise_for_status()
        until(lambda: whatsapp.texts(PERSON) == ["Good morning"])
        assert api.get(f"/channels/{paired['id']}")["transport"] == "linked"
        assert api.status(waiting["id"]) == "SCAN_QR"
        api.close()
        demo.kill()
        until(lambda: not answers(whatsapp), what="the fake has ended by itself")
        whatsapp.http.close()
    finally:
        demo.end()


def answers(whatsapp: WhatsApp) -> bool:
    try:
        return whatsapp.http.get("/stats").status_code == 200
    except httpx.TransportError:
        return False


def test_a_linked_demo_elsewhere_needs_to_know_how_workers_trust_it(tmp_path: Path) -> None:
    words = ["demo", "--linked", "--sim", "http://127.0.0.1:1", "--data", str(tmp_path / "data")]
    demo = Program(words, tmp_path / "demo.log")
    demo.process.wait(20)
    demo.end()
    assert "HOUSTON_LINKED_WORKER" in (tmp_path / "demo.log").read_text()


def test_the_first_administrator_of_a_new_account_signs_in(
    tmp_path: Path, database_url: str
) -> None:
    env = {"HOUSTON_DATABASE_URL": database_url, "HOUSTON_PORT": str(_free_port())}
    words = ["account", "create", "--name", "Flowers", "--email", "Anna@Flowers.example"]
    made = Program(words, tmp_path / "make.log", env, wait=False)
    assert made.process.stdout is not None
    printed = dict(line.split(": ") for line in made.process.stdout.read().splitlines())
    made.end()
    server = Program(["serve"], tmp_path / "serve.log", env, wait=False)
    try:
        url = f"http://127.0.0.1:{env['HOUSTON_PORT']}"
        until(lambda: _is_ready(url))
        body = {"email": printed["email"], "password": printed["password"]}
        answer = httpx.post(f"{url}/api/v1/session", json=body, timeout=30)
        assert answer.json()["account_id"] == printed["account_id"]
        assert answer.json()["role"] == "administrator"
    finally:
        server.end()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
