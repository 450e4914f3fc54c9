"""Linked devices on the fake of WhatsApp's servers: what a channel costs, and how soon it is back."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.sections import tell
from tests.acceptance.town import Town, town_running, until

MESSAGES = 300
PERSON = "79161112233"


def linked() -> None:
    """All channels in one worker, with pacing out of the way."""
    with _town() as here:
        here.api.command(here.waiting["id"], "disable")
        _messages(here)
        _returns(here)
    with _town() as here:
        here.api.command(here.waiting["id"], "disable")
        _memory(here)


@contextmanager
def _town() -> Iterator[Town]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        env = {"HOUSTON_LINKED_CHANNELS_PER_WORKER": "50", "HOUSTON_BILLING_PRICE": "0"}
        with town_running(Path(folder), env, transport="linked") as here:
            yield here


def _memory(here: Town) -> None:
    online = 1
    for wanted in (1, 10, 50):
        while online < wanted:
            _add(here, f"7981{online:07}")
            online += 1
        assert _active(here) == wanted
        time.sleep(5)
        [worker] = _workers(here)
        each = worker.memory_full_info().uss / wanted / 1e6
        aim = ("<= 12 MB", each <= 12) if wanted == 50 else ()
        tell(f"linked, private memory a channel, {wanted} online", f"{each:.1f} MB", *aim)


def _add(here: Town, phone: str) -> None:
    body = {"name": phone, "phone": phone, "transport": "linked"}
    made = here.api.http.post("/channels", json=body).raise_for_status().json()
    code = here.api.get(f"/channels/{made['id']}/qr")["code"]
    assert here.whatsapp.scan(phone, code) == 200
    until(lambda: here.api.status(made["id"]) == "ACTIVE", 30)


def _active(here: Town) -> int:
    return sum(one["status"]["code"] == "ACTIVE" for one in here.api.get("/channels"))


def _workers(here: Town) -> list[psutil.Process]:
    children = psutil.Process(here.houston.process.pid).children(recursive=True)
    return [one for one in children if "houston.transports.linked_worker" in one.cmdline()]


def _messages(here: Town) -> None:
    began = time.monotonic()
    for number in range(MESSAGES):
        here.api.send(
            here.paired["id"], f"7916222{number % 20:04}", f"#{number}"
        ).raise_for_status()
    until(lambda: here.whatsapp.stats()["delivered"] >= MESSAGES, 120)
    rate = MESSAGES / (time.monotonic() - began)
    tell("linked, messages per second through one channel", f"{rate:.0f}")


def _returns(here: Town) -> None:
    phone = here.paired["phone"]
    here.whatsapp.post("/network", {"up": False})
    here.becomes(here.paired, "JUST_A_MINUTE")
    time.sleep(20)
    here.whatsapp.post("/network", {"up": True})
    seconds = _until_active(here)
    tell("linked, link back to ACTIVE, 20 s away", f"{seconds:.1f} s", "<= 180 s", seconds <= 180)
    here.whatsapp.do(phone, "open-elsewhere")
    until(lambda: here.api.status(here.paired["id"]) != "ACTIVE", 10)
    tell("linked, taken back after opened elsewhere", f"{_until_active(here):.1f} s")


def _until_active(here: Town) -> float:
    began = time.monotonic()
    here.becomes(here.paired, "ACTIVE", 200)
    return time.monotonic() - began
