"""What the commands print is used as a person would: a whole server as a process of its own, over HTTP."""

import socket
from pathlib import Path

import httpx
import pytest

from tests.acceptance.town import Program, Town, town_running, until

pytestmark = pytest.mark.slow


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
