"""Runs every curl line of docs/developers/simulated-whatsapp.md in its order; no route may lack one."""

import re
import shlex
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from houston.transports import events
from houston.transports.simulated_whatsapp.control import ROUTES
from houston.transports.transport import Pair
from tests.transports.harness import SimulatorHarness
from tests.transports.linking import line

PAGE: Final = Path(__file__).parents[2] / "docs/developers/simulated-whatsapp.md"
LINES: Final = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("curl ")]


def request(line: str, names: dict[str, str]) -> httpx.Request:
    """What curl would send."""
    for name, value in names.items():
        line = line.replace(f"${name}", value)
    words = shlex.split(line)[1:]
    body, method, url = None, "GET", words[-1]
    match words[:-1]:
        case ["--json", text]:
            body, method = text, "POST"
        case ["-X", named]:
            method = named
        case []:
            pass
        case other:
            raise AssertionError(other)
    headers = {} if body is None else {"content-type": "application/json"}
    return httpx.Request(method, url, content=body, headers=headers)


async def code(sim: SimulatorHarness, phone: str, *, typed: bool = False) -> str:
    """The code that a channel of that phone shows."""
    one = line(sim.transport, phone)
    await one.wire.start(Pair(phone=phone if typed else None))
    if typed:
        return (await one.ear.hears(events.PairingCodeShown)).code
    return (await one.ear.hears(events.QrShown)).code


@pytest.mark.asyncio(loop_scope="module")
async def test_every_line_of_the_page_works_as_it_stands(sim: SimulatorHarness):
    names = {
        "SIM": sim.url,
        "CODE": await code(sim, "79990000001"),
        "TYPED_CODE": await code(sim, "79990000003", typed=True),
        "PROTECTED_CODE": await code(sim, "79990000002"),
    }
    for written in LINES:
        answer = await sim.http.send(request(written, names))
        assert answer.status_code == 200, f"{written}: {answer.text}"
        if "/say" in written and "SAID" not in names:
            names["SAID"] = answer.json()["id"]
        if "/media?" in written:
            names["FILE"] = answer.json()["content_uri"]


PLACES = {"SIM": "http://sim", "FILE": "http://sim/sim/media/{name:str}"}


def test_every_route_has_a_line():
    shown = {
        (asked.method, re.sub(r"/\d+", "/{number:str}", unquote(urlsplit(str(asked.url)).path)))
        for asked in (request(written, PLACES) for written in LINES)
    }
    there = {
        (method, f"/sim{path}")
        for handler in ROUTES
        for path in handler.paths
        for method in handler.http_methods
    }
    assert shown == there
