"""A town to live in for a test: a WhatsApp that is played and a Houston, each a process of its own.

All that a test knows comes over HTTP, as it would for a user. What a town starts, it ends, by pid.
"""

import asyncio
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx

from houston.kernel.postgres.server import address_of_running
from houston.kernel.settings import Settings
from houston.kernel.settings_reading import load
from houston.transports import linked, simulator
from houston.transports.transport import Capabilities
from tests.kernel.servers import copied

HOUSTON = [sys.executable, "-m", "houston"]
FAKE = [sys.executable, "-m", "tools.fake_whatsapp"]
TRUSTED = [sys.executable, "-m", "tools.fake_whatsapp.trusted"]

TRANSPORTS: Final[Mapping[str, Capabilities]] = {
    "simulator": simulator.CAPABILITIES,
    "linked": linked.CAPABILITIES,
}
"""What a town can stand on. A test that must know the difference asks what its transport can do."""
PHONE_SILENT_SECONDS: Final = 2
"""Of a linked number's phone, which tells by its silence alone that it is lost."""


def until(condition: Callable[[], Any], seconds: float = 60.0, what: str = "") -> Any:
    """The condition's first true value; an assertion fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        time.sleep(0.03)


def free_port() -> int:
    """For a server that has to come back at the same address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """A process of ours, in a group of its own."""

    def __init__(
        self,
        words: list[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        *,
        wait: bool = True,
        program: list[str] = HOUSTON,
    ) -> None:
        """`wait` for its first line, which says that it is ready."""
        self._log = log.open("ab")
        self.process = subprocess.Popen(
            [*program, *words],
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **(env or {})},
            text=True,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline() if wait else ""

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self._close()

    def stop(self) -> float:
        """SIGTERM; how many seconds it took to end."""
        began = time.monotonic()
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._close()
        return time.monotonic() - began

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._close()

    def _close(self) -> None:
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()


class WhatsApp:
    """A WhatsApp that is played, by its control: the simulated one, or the fake of its servers."""

    def __init__(
        self, url: str, transport: str = "simulator", env: Mapping[str, str] | None = None
    ) -> None:
        """With `env`, a Houston's channels of that transport end here."""
        self.url = url
        self.transport = transport
        self.capabilities = TRANSPORTS[transport]
        self.env = env or {"HOUSTON_SIMULATOR_URL": url}
        self.http = httpx.Client(base_url=f"{url}/sim", timeout=30)

    def post(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return self.http.post(path, json=body or {})

    def scan(self, phone: str, code: str) -> int:
        return self.post(f"/phones/{phone}/scan", {"code": code}).status_code

    def do(self, phone: str, what: str, **body: Any) -> None:
        self.post(f"/phones/{phone}/{what}", body).raise_for_status()

    def hold(self, phone: str) -> str:
        """Something befalls it in which its messages wait; the status to come of it."""
        if self.capabilities.sends_without_phone:
            self.do(phone, "refuse-login", code=503)
            self.do(phone, "cut", when=None)
            return "JUST_A_MINUTE"
        self.do(phone, "offline")
        return "PHONE_UNAVAILABLE"

    def let_go(self, phone: str) -> None:
        """What befell it is over; it may take some time until Houston finds out."""
        if self.capabilities.sends_without_phone:
            self.do(phone, "refuse-login", code=None)
        else:
            self.do(phone, "online")

    def say(self, person: str, to: str, text: str) -> str:
        answer = self.post(f"/people/{person}/say", {"to": to, "text": text})
        return str(answer.raise_for_status().json()["id"])

    def inbox(self, person: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f"/people/{person}/inbox").json()
        return found

    def texts(self, person: str) -> list[str]:
        return [arrival["text"] for arrival in self.inbox(person)]

    def phone(self, number: str) -> dict[str, Any]:
        """How WhatsApp sees it."""
        phones: list[dict[str, Any]] = self.http.get("/phones").json()
        return next(one for one in phones if one["phone"] == number)

    def stats(self) -> dict[str, int]:
        found: dict[str, int] = self.http.get("/stats").json()
        return found


class Api:
    """The native interface, as an integrator uses it."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"authorization": f"Bearer {key}"}
        self.http = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=30)
        self.v3 = httpx.Client(base_url=f"{url}/v3", headers=headers, timeout=30)
        self.open = httpx.Client(base_url=url, timeout=30)

    def close(self) -> None:
        for client in (self.http, self.v3, self.open):
            client.close()

    def get(self, path: str, **params: Any) -> Any:
        return self.http.get(path, params=params).raise_for_status().json()

    def code(self, channel: str) -> dict[str, Any]:
        """What is there to scan, or to type. Houston waits seconds for it, and a busy machine takes longer."""

        def shown() -> dict[str, Any] | None:
            answer = self.http.get(f"/channels/{channel}/qr")
            found: dict[str, Any] = answer.json()
            return None if answer.status_code == 409 else found

        found: dict[str, Any] = until(shown, what="a code is shown")
        return found

    def command(self, channel: str, what: str) -> str:
        answer = self.http.post(f"/channels/{channel}/{what}")
        return str(answer.raise_for_status().json()["status"]["code"])

    def status(self, channel: str) -> str:
        return str(self.get(f"/channels/{channel}")["status"]["code"])

    def send(self, channel: str, chat: str, text: str, **more: Any) -> httpx.Response:
        body = {"channel_id": channel, "chat_id": chat, "text": text, **more}
        return self.http.post("/messages", json=body)

    def messages(self, chat: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/chats/{chat}/messages", limit=200)
        return found


class Town:
    """Houston with its demo account, beside a WhatsApp that outlives it."""

    def __init__(self, folder: Path, whatsapp: WhatsApp, env: dict[str, str]) -> None:
        self.folder = folder
        self.whatsapp = whatsapp
        self.capabilities = whatsapp.capabilities
        self._env = {**env, **whatsapp.env}
        self._apis: list[Api] = []
        self.start()

    def start(self, port: int = 0) -> None:
        words = ["demo", "--json", "--port", f"{port}", "--sim", self.whatsapp.url]
        words += ["--linked"] if self.whatsapp.transport == "linked" else []
        self.houston = Program(
            [*words, "--data", str(self.folder / "data")], self.folder / "houston.log", self._env
        )
        ready = self.houston.first_line
        assert ready, (self.folder / "houston.log").read_text()[-3000:]
        self.card = json.loads(ready)
        # Clients of an earlier start stay open: threads of a test may be amid a request.
        self.api = Api(self.card["url"], self.card["api_key"])
        self._apis.append(self.api)
        self.paired, self.waiting = self.card["channels"][:2]
        if self.capabilities.pacing.per_minute is not None:
            self._hurry()

    def _hurry(self) -> None:
        """A test cannot wait as long as a careful sender does."""
        for channel in (self.paired, self.waiting):
            body = {"pacing_per_minute": 10_000}
            self.api.http.patch(f"/channels/{channel['id']}", json=body).raise_for_status()

    def close(self) -> None:
        for api in self._apis:
            api.close()

    def kill_houston(self) -> None:
        self.houston.kill()

    def kill_postgres(self) -> None:
        """The postmaster of the embedded server, without a warning."""
        for note in self.folder.glob("data/pg*/postmaster.pid"):
            os.kill(int(note.read_text().split()[0]), signal.SIGKILL)

    def becomes(self, channel: dict[str, str], status: str, seconds: float = 60.0) -> None:
        until(lambda: self.api.status(channel["id"]) == status, seconds, f"{channel} is {status}")

    def hold(self, channel: dict[str, str]) -> str:
        """Something befalls the channel in which its messages wait; the status that says so."""
        word = self.whatsapp.hold(channel["phone"])
        self.becomes(channel, word)
        return word

    def pair(self, channel: dict[str, str]) -> None:
        """Scan the channel's code with its own phone."""
        code = self.api.code(channel["id"])["code"]
        assert self.whatsapp.scan(channel["phone"], code) == 200
        self.becomes(channel, "ACTIVE")

    def chat(self, channel: dict[str, str], person: str) -> str:
        """The id of a chat."""
        chats = self.api.get("/chats", channel=channel["id"], q=person)
        return str(chats[0]["id"])

    def rows_with(self, text: str) -> dict[str, int]:
        """What only a referee may do: count the rows with a text, table by table, in all of them."""
        return asyncio.run(_rows_with(self.folder / "data", text))


def settings_on(whatsapp: WhatsApp, database_url: str, data_dir: Path) -> Settings:
    """Of a Houston in the test's own process."""
    own = {
        "HOUSTON_DATABASE_URL": database_url,
        "HOUSTON_DATA_DIR": str(data_dir),
        "HOUSTON_PORT": "0",
    }
    return load({**whatsapp.env, **own}, None)


async def _rows_with(data: Path, text: str) -> dict[str, int]:
    address = address_of_running(data)
    assert address is not None
    return await rows_in(address, text)


async def rows_in(address: str, text: str) -> dict[str, int]:
    """The same, of any database."""
    connection = await asyncpg.connect(address)
    try:
        tables = await connection.fetch(
            "select tablename from pg_tables where schemaname = 'public'"
        )
        counts = {
            name: await connection.fetchval(_ROWS_WITH.format(table=name), text)
            for (name,) in tables
        }
    finally:
        await connection.close()
    return {name: count for name, count in counts.items() if count}


_ROWS_WITH = """
select count(*) from "{table}" as t
where position($1 in t::text) > 0 or position(encode(convert_to($1, 'utf8'), 'hex') in t::text) > 0
"""


@contextmanager
def whatsapp_running(folder: Path, transport: str = "simulator") -> Iterator[WhatsApp]:
    """The simulated WhatsApp as `houston sim` runs it, or the fake of WhatsApp's servers."""
    is_fake = transport == "linked"
    words = ["--port", "0"] if is_fake else ["sim", "--port", "0"]
    program = Program(words, folder / "sim.log", program=FAKE if is_fake else HOUSTON)
    try:
        whatsapp = _faked(program, folder) if is_fake else _simulated(program)
        yield whatsapp
        whatsapp.http.close()
    finally:
        program.end()


def _simulated(program: Program) -> WhatsApp:
    return WhatsApp(next(word for word in program.first_line.split() if "://" in word).rstrip("."))


def _faked(program: Program, folder: Path) -> WhatsApp:
    address = json.loads(program.first_line)
    variables = [f"HTTPS_PROXY={address['proxy']}", f"SSL_CERT_FILE={address['ca_file']}"]
    worker = [*TRUSTED, address["root_key"], "houston.transports.linked_worker"]
    env = {
        "HOUSTON_LINKED_WORKER": shlex.join(["env", *variables, *worker]),
        "HOUSTON_LINKED_LIVE_DIR": str(folder / "live"),
        "HOUSTON_LINKED_PHONE_SILENT_SECONDS": str(PHONE_SILENT_SECONDS),
    }
    return WhatsApp(address["url"], "linked", env)


def prepare(data: Path) -> Path:
    """A data folder as Houston has it just before anybody is in it: the database with its tables."""
    env = {**os.environ, "HOUSTON_DATA_DIR": str(data)}
    subprocess.run([*HOUSTON, "migrate"], env=env, check=True, capture_output=True, timeout=120)
    return data


@contextmanager
def town_running(
    folder: Path,
    env: dict[str, str] | None = None,
    *,
    transport: str = "simulator",
    prepared: Path | None = None,
) -> Iterator[Town]:
    """Everything, from nothing; or from a copy of what was prepared, which spares two seconds."""
    if prepared is not None:
        copied(prepared, folder / "data")
    with whatsapp_running(folder, transport) as whatsapp:
        town = Town(folder, whatsapp, env or {})
        try:
            yield town
        finally:
            town.close()
            town.houston.end()
