"""The transport to the simulated WhatsApp: one WebSocket of this node, a stream on it per channel.

It is what the demo and the tests run on, so it keeps the contract of the seam as strictly as a real one.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Final

import httpx
import structlog
import websockets
from websockets.asyncio.client import ClientConnection

from houston.kernel.clock import Chance, Clock
from houston.kernel.loop import Bell, end, keep
from houston.kernel.outside import trusted
from houston.transports.arrivals import PATIENCE_SECONDS
from houston.transports.porter import Porter
from houston.transports.simulated_whatsapp.wire import SimulatedWire
from houston.transports.simulated_whatsapp.wire_protocol import (
    MESSAGE_BYTES_MAX,
    PATH,
    Answered,
    Close,
    FromNode,
    FromWhatsApp,
    Open,
    Said,
    packed,
    unpack_from_whatsapp,
)
from houston.transports.transport import (
    Capabilities,
    Hear,
    Number,
    Pacing,
    Pair,
    PairingWay,
    Resume,
)

log = structlog.get_logger(__name__)

_CONNECT_SECONDS: Final = 2.0
_FLUSH_SECONDS: Final = 1.0
_FILE_SECONDS_MAX: Final = 30.0

CAPABILITIES: Final = Capabilities(
    pairing=frozenset({PairingWay.QR, PairingWay.CODE}),
    sends_without_phone=False,
    client_ids=True,
    tells_confirmations=True,
    take_back=True,
    edit=True,
    revoke=True,
    react=True,
    groups=False,
    text_characters_max=10_000,
    content_bytes_max=100 * 1024**2,
    pacing=Pacing(per_minute=None, burst=1),
)


class SimulatorTransport:
    """The simulated WhatsApp at `url`. The `*_seconds_max` say how long an answer may take.

    `sends_without_phone` makes it behave like linked devices, which go on while the phone is away.
    """

    kind = "simulator"

    def __init__(
        self,
        url: str,
        clock: Clock,
        chance: Chance,
        porter: Porter,
        *,
        send_seconds_max: float = 10.0,
        probe_seconds_max: float = 5.0,
        sends_without_phone: bool = False,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.capabilities = replace(CAPABILITIES, sends_without_phone=sends_without_phone)
        self.send_seconds_max = send_seconds_max
        self.probe_seconds_max = probe_seconds_max
        self._url = url.replace("http", "ws", 1).rstrip("/") + PATH
        self.clock = clock
        self.porter = porter
        self.patience_seconds = patience_seconds
        self.http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=_FILE_SECONDS_MAX,
            verify=trusted(),
            trust_env=False,
        )
        self._chance = chance
        self._socket: ClientConnection | None = None
        self._connected = asyncio.Event()
        self._missed = False
        self._out: list[FromNode] = []
        self._bell = Bell()
        self._numbers = count(1)
        self._streams: dict[int, SimulatedWire] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.storing: set[asyncio.Future[None]] = set()
        """Keeps alive who waits until something heard is on our disk."""

    def wire(self, number: Number, hear: Hear) -> SimulatedWire:
        return SimulatedWire(self, number, hear)

    async def close(self) -> None:
        """Say what is still to be said, then hang up. Nothing is heard any more."""
        for stream in list(self._streams.values()):
            await stream.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self._flush()
        await end(*self._tasks)
        await self.http.aclose()

    # --- For its wires ---------------------------------------------------------------------

    async def reachable(self) -> bool:
        """Whether WhatsApp can be spoken to; begins to try, and waits a moment for it."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(keep(self._stay_connected, "simulator", self.clock)),
                asyncio.create_task(keep(self._write, "simulator-writer", self.clock)),
            ]
        if self._socket is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CONNECT_SECONDS):
                    await self._connected.wait()
        return self._socket is not None

    def open(self, wire: SimulatedWire, how: Resume | Pair) -> int:
        """Begin a stream; its number. What becomes of it is told to the wire."""
        stream = next(self._numbers)
        self._streams[stream] = wire
        self.say(
            Open(
                stream=stream,
                phone=wire.number.phone,
                credentials=how.credentials if isinstance(how, Resume) else None,
                typed_on=how.phone if isinstance(how, Pair) else None,
                without_phone=self.capabilities.sends_without_phone,
            )
        )
        return stream

    def shut(self, stream: int, *, forget: bool) -> None:
        if self._streams.pop(stream, None) is not None:
            self.say(Close(stream, forget))

    def say(self, frame: FromNode) -> None:
        """What is said in one turn of the event loop travels together."""
        self._out.append(frame)
        self._bell.ring()

    def ref(self) -> int:
        return next(self._numbers)

    # --- The socket ------------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        """One turn: connect, and hear until the connection is lost. Channels come back by themselves."""
        try:
            async with websockets.connect(
                self._url,
                max_size=MESSAGE_BYTES_MAX,
                compression=None,
                ping_interval=None,
                proxy=None,
            ) as socket:
                self._out.clear()
                self._socket, self._missed = socket, False
                self._connected.set()
                async for data in socket:
                    assert isinstance(data, bytes)
                    for frame in unpack_from_whatsapp(data):
                        self._hear(frame)
        except (OSError, websockets.WebSocketException) as error:
            if not self._missed:
                log.warning("simulated_whatsapp_unreachable", url=self._url, error=str(error))
            self._missed = True
        finally:
            self._lost()
        await self.clock.sleep(0.2 + 0.3 * self._chance.random())

    async def _write(self) -> None:
        await self._bell.wait(60)
        await self._flush()

    async def _flush(self) -> None:
        frames, self._out = self._out, []
        if self._socket is not None:
            with suppress(websockets.ConnectionClosed):
                for data in packed(frames):
                    await self._socket.send(data)

    def _lost(self) -> None:
        """What was asked has no answer any more, and no stream is open."""
        self._socket = None
        self._connected.clear()
        self._out.clear()
        streams, self._streams = self._streams, {}
        for wire in streams.values():
            wire.lose()

    def _hear(self, frame: FromWhatsApp) -> None:
        wire = self._streams.get(frame.stream)
        if wire is None:
            return  # It was closed while this was on its way.
        match frame:
            case Said():
                wire.take(frame)
            case Answered():
                wire.answered(frame)
