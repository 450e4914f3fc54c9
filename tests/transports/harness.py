"""What the shared test of transports needs of the other side: somebody who plays phones and people.

A new transport brings a harness of its own; the test stays as it is.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import httpx

from houston.kernel.clock import SystemClock, seeded_chance
from houston.transports.simulated_whatsapp.server import serving
from houston.transports.simulator import SimulatorTransport
from houston.transports.transport import Transport
from tests.transports.cable import Cable, cable
from tests.transports.shelf import PATIENCE_SECONDS, Shelf

IN_VAIN_SECONDS = 0.2
"""How long a transport under test waits for an answer of which the test knows that none will come."""
_numbers = count(1000)


class Harness(Protocol):
    """The other side of one transport, with numbers that no other test has used."""

    @property
    def transport(self) -> Transport: ...

    phone: str
    other_phone: str
    person: str
    http: httpx.AsyncClient
    """The control of the other side."""
    shelf: Shelf

    async def scan(self, phone: str, code: str) -> None: ...
    async def enter_code(self, phone: str, code: str) -> None: ...
    async def shorten_codes(self) -> None:
        """Let a round be three codes of a few hundredths of a second."""
        ...

    async def say(self, person: str, to: str, text: str) -> str: ...
    async def edit_saying(self, person: str, wire_id: str, text: str) -> None: ...
    async def revoke_saying(self, person: str, wire_id: str) -> None: ...
    async def type_on_phone(self, phone: str, to: str, text: str) -> str: ...
    async def react(self, person: str, to: str, wire_id: str, emoji: str | None) -> None: ...
    async def react_on_phone(
        self, phone: str, to: str, wire_id: str, emoji: str | None
    ) -> None: ...
    async def inbox(self, person: str) -> list[dict[str, Any]]: ...
    async def read(self, person: str) -> None: ...
    async def leave_whatsapp(self, person: str) -> None: ...

    async def lose_phone(self, phone: str) -> None: ...
    async def find_phone(self, phone: str) -> None: ...
    async def open_elsewhere(self, phone: str) -> None: ...
    async def log_out_all(self, phone: str) -> None: ...
    async def ban(self, phone: str, seconds: float) -> None: ...
    async def restrict(self, phone: str, seconds: float) -> None: ...
    async def silence(self, phone: str, *, on: bool, patient: bool = False) -> None:
        """Nothing is answered. Unless it is to be patient, the transport gives up in a moment."""
        ...

    async def lose_acknowledgements(self, *, on: bool) -> None:
        """WhatsApp takes what is sent, and its answer does not come back."""
        ...

    async def cut_connection(self) -> None:
        """Break the connection under the transport. The next one succeeds."""
        ...


class Control:
    """Plays phones and people over the control that the simulated WhatsApp and the fake have in common."""

    http: httpx.AsyncClient

    async def get(self, path: str) -> Any:
        return (await self.http.get(path)).raise_for_status().json()

    async def post(self, path: str, **body: Any) -> Any:
        return (await self.http.post(path, json=body)).raise_for_status().json()

    async def scan(self, phone: str, code: str) -> None:
        await self.post(f"/phones/{phone}/scan", code=code)

    async def enter_code(self, phone: str, code: str) -> None:
        await self.post(f"/phones/{phone}/enter-code", code=code)

    async def say(self, person: str, to: str, text: str) -> str:
        return str((await self.post(f"/people/{person}/say", to=to, text=text))["id"])

    async def edit_saying(self, person: str, wire_id: str, text: str) -> None:
        await self.post(f"/people/{person}/edit", id=wire_id, text=text)

    async def revoke_saying(self, person: str, wire_id: str) -> None:
        await self.post(f"/people/{person}/revoke", id=wire_id)

    async def type_on_phone(self, phone: str, to: str, text: str) -> str:
        return str((await self.post(f"/phones/{phone}/type", to=to, text=text))["id"])

    async def react(self, person: str, to: str, wire_id: str, emoji: str | None) -> None:
        await self.post(f"/people/{person}/react", to=to, id=wire_id, emoji=emoji)

    async def react_on_phone(self, phone: str, to: str, wire_id: str, emoji: str | None) -> None:
        await self.post(f"/phones/{phone}/react", to=to, id=wire_id, emoji=emoji)

    async def inbox(self, person: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.get(f"/people/{person}/inbox")
        return found

    async def read(self, person: str) -> None:
        await self.post(f"/people/{person}/read")

    async def leave_whatsapp(self, person: str) -> None:
        await self.post(f"/people/{person}/absent")

    async def lose_phone(self, phone: str) -> None:
        await self.post(f"/phones/{phone}/offline")

    async def find_phone(self, phone: str) -> None:
        await self.post(f"/phones/{phone}/online")

    async def open_elsewhere(self, phone: str) -> None:
        await self.post(f"/phones/{phone}/open-elsewhere")

    async def log_out_all(self, phone: str) -> None:
        await self.post(f"/phones/{phone}/log-out-all")

    async def ban(self, phone: str, seconds: float) -> None:
        await self.post(f"/phones/{phone}/ban", seconds=seconds)

    async def restrict(self, phone: str, seconds: float) -> None:
        await self.post(f"/phones/{phone}/restrict", seconds=seconds)


class SimulatorHarness(Control):
    """The simulated WhatsApp, played over its HTTP control."""

    def __init__(
        self,
        url: str,
        http: httpx.AsyncClient,
        line: Cable,
        shelf: Shelf,
        *,
        sends_without_phone: bool,
    ) -> None:
        number = next(_numbers)
        self.phone, self.other_phone = f"7999{number}001", f"7999{number}002"
        self.person = f"7916{number}001"
        self.url = url
        self.http = http
        self._cable = line
        self.shelf = shelf
        self.transport = SimulatorTransport(
            line.url,
            SystemClock(),
            seeded_chance(1),
            shelf,
            sends_without_phone=sends_without_phone,
            patience_seconds=PATIENCE_SECONDS,
        )

    async def shorten_codes(self) -> None:
        await self.post("/network", code_seconds=[0.03, 0.02, 0.02])

    async def silence(self, phone: str, *, on: bool, patient: bool = False) -> None:
        self._hurry(on and not patient)
        await self.post(f"/phones/{phone}/silence", on=on)

    async def lose_acknowledgements(self, *, on: bool) -> None:
        self._hurry(on)
        await self.post("/network", lose_ack_rate=float(on))

    def _hurry(self, in_vain: bool) -> None:
        self.transport.send_seconds_max = IN_VAIN_SECONDS if in_vain else 10.0
        self.transport.probe_seconds_max = IN_VAIN_SECONDS if in_vain else 5.0

    async def cut_connection(self) -> None:
        self._cable.cut()

    async def mend(self) -> None:
        """Nothing of this test may befall the next one."""
        await self.transport.close()
        await self.post(
            "/network", up=True, latency_ms=0, lose_ack_rate=0, refuse_rate=0, code_seconds=[60, 20]
        )


class SimulatorHarnesses:
    """One simulated WhatsApp for many tests: each gets a node, a cable and numbers of its own."""

    def __init__(self, url: str, http: httpx.AsyncClient, folder: Path) -> None:
        self._url = url
        self._http = http
        self._folder = folder

    @asynccontextmanager
    async def harness(
        self, *, sends_without_phone: bool = False
    ) -> AsyncIterator[SimulatorHarness]:
        async with cable(self._url) as line:
            made = SimulatorHarness(
                self._url,
                self._http,
                line,
                Shelf(self._folder),
                sends_without_phone=sends_without_phone,
            )
            try:
                yield made
            finally:
                await made.mend()


@asynccontextmanager
async def simulated_whatsapp() -> AsyncIterator[SimulatorHarnesses]:
    async with (
        serving(port=0, data_dir=None, clock=SystemClock()) as url,
        httpx.AsyncClient(base_url=f"{url}/sim") as http,
    ):
        with tempfile.TemporaryDirectory() as folder:
            yield SimulatorHarnesses(url, http, Path(folder))
