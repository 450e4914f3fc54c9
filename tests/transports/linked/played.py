"""The other side of linked devices: the fake of WhatsApp's own servers, and real workers on it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from houston.kernel.clock import SystemClock
from houston.kernel.ids import ChannelId
from houston.transports.linked import LinkedTransport
from houston.transports.linked_worker.rules import QR_SECONDS
from tests.transports.harness import IN_VAIN_SECONDS, Control
from tests.transports.people_files import fail_hosts
from tests.transports.shelf import PATIENCE_SECONDS, Shelf
from tools.fake_whatsapp.server import Address, serving

KEY = b"a key of thirty-two bytes, no less"[:32]
_numbers = count(1000)


def worker_command(address: Address) -> tuple[str, ...]:
    """A worker as it is released, in a process whose memory trusts the fake."""
    trusted = ("-m", "tools.fake_whatsapp.trusted", address.root_key)
    return (sys.executable, *trusted, "houston.transports.linked_worker")


def worker_env(address: Address) -> dict[str, str]:
    return {"HTTPS_PROXY": address.proxy, "SSL_CERT_FILE": address.ca_file}


class LinkedHarness(Control):
    """The fake, with real workers that the test's transport started."""

    def __init__(self, transport: LinkedTransport, http: httpx.AsyncClient, shelf: Shelf) -> None:
        number = next(_numbers)
        self.phone, self.other_phone = f"7998{number}001", f"7998{number}002"
        self.person = f"7917{number}001"
        self.transport = transport
        self.http = http
        self.shelf = shelf

    async def shorten_codes(self) -> None:
        """The library sets the pace of codes; only how many are shown, and how long, is ours."""
        self.transport.qr_seconds = (0.1,)

    async def texts(self) -> list[str]:
        """By the fake's books: what reached the person, in order."""
        return [arrival["text"] for arrival in await self.inbox(self.person)]

    async def silence(self, phone: str, *, on: bool, patient: bool = False) -> None:
        self._hurry(on and not patient)
        await self.post(f"/phones/{phone}/silence", on=on)

    async def lose_acknowledgements(self, *, on: bool) -> None:
        self._hurry(on)
        await self.post("/network", lose_ack_rate=float(on))

    def _hurry(self, in_vain: bool) -> None:
        self.transport.send_seconds_max = IN_VAIN_SECONDS if in_vain else 88.0
        self.transport.probe_seconds_max = IN_VAIN_SECONDS if in_vain else 9.0

    async def cut_connection(self) -> None:
        for phone in (self.phone, self.other_phone):
            await self.post(f"/phones/{phone}/cut")

    async def mend(self) -> None:
        """Nothing of this test may befall the next one."""
        self._hurry(False)
        self.transport.qr_seconds = QR_SECONDS
        await self.transport.close()
        await self.post("/network", up=True, latency_ms=0, lose_ack_rate=0, refuse_rate=0)
        await fail_hosts(self.http, None)


class LinkedHarnesses:
    """One fake for many tests: each gets a transport, workers and numbers of its own."""

    def __init__(self, address: Address, http: httpx.AsyncClient, folder: Path) -> None:
        self.address = address
        self._http = http
        self._folder = folder
        self.shelf = Shelf(folder / "on-the-way")

    def transport(self, **settings: Any) -> LinkedTransport:
        return LinkedTransport(
            SystemClock(),
            self.shelf,
            key=partial(bytes, settings.pop("key", KEY)),
            live_dir=self._folder / "live",
            books_dir=self._folder / "books",
            channels_per_worker=settings.pop("channels_per_worker", 10),
            program=settings.pop("program", worker_command(self.address)),
            env=worker_env(self.address),
            patience_seconds=PATIENCE_SECONDS,
            **settings,
        )

    def live_files(self, channel: ChannelId) -> list[Path]:
        """What lies open of a channel's keys."""
        return list((self._folder / "live").glob(f"{channel}*"))

    def books_file(self, channel: ChannelId) -> Path:
        """The journal of a channel, and what its worker has noted of it."""
        return self._folder / "books" / f"{channel}.books"

    @asynccontextmanager
    async def harness(self, **settings: Any) -> AsyncIterator[LinkedHarness]:
        made = LinkedHarness(self.transport(**settings), self._http, self.shelf)
        try:
            yield made
        finally:
            await made.mend()


@asynccontextmanager
async def fake_whatsapp(folder: Path) -> AsyncIterator[LinkedHarnesses]:
    async with (
        serving(port=0, data_dir=None, clock=SystemClock()) as address,
        httpx.AsyncClient(base_url=f"{address.url}/sim", timeout=60) as http,
    ):
        yield LinkedHarnesses(address, http, folder)
        await asyncio.sleep(0)
