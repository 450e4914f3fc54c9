"""The transport to the simulated WhatsApp: one WebSocket of this node, a stream on it per channel.

It is what the demo and the tests run on, so it keeps the contract of the seam as strictly as a real one.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from typing import Final

import structlog
import websockets
from websockets.asyncio.client import ClientConnection

from houston.kernel.clock import Chance, Clock
from houston.kernel.loop import Bell, end, keep
from houston.transports import events
from houston.transports.simulated_whatsapp.wire_protocol import (
    PATH,
    Acknowledge,
    Answered,
    Close,
    FromNode,
    FromWhatsApp,
    Open,
    Probe,
    Resolve,
    Said,
    Send,
    event_of,
    pack,
    unpack_from_whatsapp,
)
from houston.transports.transport import (
    Capabilities,
    Hear,
    NotSent,
    Number,
    Outgoing,
    Pacing,
    Pair,
    PairingWay,
    Resume,
    Retry,
    SendResult,
    Sent,
    Unknown,
)

log = structlog.get_logger(__name__)

_CONNECT_SECONDS: Final = 2.0
_PROBE_SECONDS: Final = 5.0
_FRAME_BYTES_MAX: Final = 64 * 1024**2

CAPABILITIES: Final = Capabilities(
    pairing=frozenset({PairingWay.QR, PairingWay.CODE}),
    sends_without_phone=False,
    client_ids=True,
    take_back=True,
    edit=True,
    revoke=True,
    groups=False,
    text_characters_max=10_000,
    content_bytes_max=10 * 1024**2,
    pacing=Pacing(per_minute=None, burst=1),
)


class SimulatorTransport:
    """The simulated WhatsApp at `url`. `send_seconds_max` is how long an acknowledgement may take."""

    kind = "simulator"
    capabilities = CAPABILITIES

    def __init__(
        self, url: str, clock: Clock, chance: Chance, *, send_seconds_max: float = 10.0
    ) -> None:
        self._url = url.replace("http", "ws", 1).rstrip("/") + PATH
        self._clock = clock
        self._chance = chance
        self.send_seconds_max = send_seconds_max
        self._socket: ClientConnection | None = None
        self._connected = asyncio.Event()
        self._out: list[FromNode] = []
        self._bell = Bell()
        self._numbers = count(1)
        self._streams: dict[int, SimulatedWire] = {}
        self._answers: dict[int, asyncio.Future[Answered | None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def wire(self, number: Number, hear: Hear) -> "SimulatedWire":
        return SimulatedWire(self, number, hear)

    async def close(self) -> None:
        await end(*self._tasks)
        self._lost()

    # --- For its wires ---------------------------------------------------------------------

    async def open(
        self, wire: "SimulatedWire", credentials: bytes | None, *, link_phone: bool
    ) -> int | None:
        """Begin a stream; its number, or None when WhatsApp cannot be reached."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(keep(self._stay_connected, "simulator", self._clock)),
                asyncio.create_task(keep(self._write, "simulator-writer", self._clock)),
            ]
        with suppress(TimeoutError):
            async with asyncio.timeout(_CONNECT_SECONDS):
                await self._connected.wait()
        if self._socket is None:
            return None
        stream = next(self._numbers)
        self._streams[stream] = wire
        self.say(Open(stream, wire.number.phone, credentials, link_phone))
        return stream

    def shut(self, stream: int, *, forget: bool) -> None:
        if self._streams.pop(stream, None) is not None:
            self.say(Close(stream, forget))

    def say(self, frame: FromNode) -> None:
        self._out.append(frame)
        self._bell.ring()

    async def ask(self, frame: FromNode, ref: int, seconds_max: float) -> Answered | None:
        """The answer; None when none came, or the connection was lost meanwhile."""
        answer: asyncio.Future[Answered | None] = asyncio.get_running_loop().create_future()
        self._answers[ref] = answer
        timer = asyncio.get_running_loop().call_later(seconds_max, self._give_up, ref)
        self.say(frame)
        try:
            return await answer
        finally:
            timer.cancel()
            self._answers.pop(ref, None)

    def ref(self) -> int:
        return next(self._numbers)

    # --- The socket ------------------------------------------------------------------------

    def _give_up(self, ref: int) -> None:
        answer = self._answers.pop(ref, None)
        if answer is not None and not answer.done():
            answer.set_result(None)

    async def _stay_connected(self) -> None:
        """One turn: connect, and hear until the connection is lost. Channels come back by themselves."""
        try:
            async with websockets.connect(
                self._url,
                max_size=_FRAME_BYTES_MAX,
                compression=None,
                ping_interval=None,
                proxy=None,
            ) as socket:
                self._out.clear()
                self._socket = socket
                self._connected.set()
                async for data in socket:
                    assert isinstance(data, bytes)
                    for frame in unpack_from_whatsapp(data):
                        self._hear(frame)
        except (OSError, websockets.WebSocketException) as error:
            log.warning("simulated_whatsapp_unreachable", error=str(error))
        finally:
            self._lost()
        await self._clock.sleep(0.2 + 0.3 * self._chance.random())

    async def _write(self) -> None:
        await self._bell.wait(60)
        if self._out and self._socket is not None:
            frames, self._out = self._out, []
            with suppress(websockets.ConnectionClosed):
                await self._socket.send(pack(frames))

    def _lost(self) -> None:
        """What was asked has no answer any more, and no stream is open."""
        self._socket = None
        self._connected.clear()
        self._out.clear()
        streams, self._streams = self._streams, {}
        answers, self._answers = self._answers, {}
        for answer in answers.values():
            if not answer.done():
                answer.set_result(None)
        for stream, wire in streams.items():
            wire.lose(stream)

    def _hear(self, frame: FromWhatsApp) -> None:
        match frame:
            case Said(stream=stream):
                wire = self._streams.get(stream)
                if wire is not None:
                    wire.take(frame)
            case Answered(ref=ref):
                answer = self._answers.pop(ref, None)
                if answer is not None and not answer.done():
                    answer.set_result(frame)


class SimulatedWire:
    """One channel's stream."""

    def __init__(self, transport: SimulatorTransport, number: Number, hear: Hear) -> None:
        self.number = number
        self._transport = transport
        self._hear = hear
        self._stream: int | None = None
        self._acknowledging: set[asyncio.Future[None]] = set()

    async def start(self, how: Resume | Pair) -> None:
        await self.stop()
        credentials = how.credentials if isinstance(how, Resume) else None
        link_phone = isinstance(how, Pair) and how.phone is not None
        self._stream = await self._transport.open(self, credentials, link_phone=link_phone)
        if self._stream is None:
            self._hear(events.Offline("network"))

    async def stop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            self._transport.shut(stream, forget=False)

    async def log_out(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            self._transport.shut(stream, forget=True)

    async def send(self, message: Outgoing) -> SendResult:
        if self._stream is None:
            return _NOT_ONLINE
        ref = self._transport.ref()
        frame = Send(
            stream=self._stream,
            ref=ref,
            key=message.key,
            wire_id=message.wire_id,
            chat=message.chat,
            kind=message.kind.value,
            text=message.text,
            content_uri=message.content_uri,
            target_wire_id=message.target_wire_id,
            first_contact=message.first_contact,
        )
        return _result(
            message, await self._transport.ask(frame, ref, self._transport.send_seconds_max)
        )

    async def resolve(self, message: Outgoing) -> SendResult:
        if self._stream is None:
            return Unknown(message.wire_id)
        ref = self._transport.ref()
        frame = Resolve(self._stream, ref, message.wire_id)
        return _result(
            message, await self._transport.ask(frame, ref, self._transport.send_seconds_max)
        )

    async def mark_read(self, chat: str, wire_ids: tuple[str, ...]) -> None:
        """The simulated people do not look at ticks."""

    async def probe(self) -> bool:
        if self._stream is None:
            return False
        ref = self._transport.ref()
        return await self._transport.ask(Probe(self._stream, ref), ref, _PROBE_SECONDS) is not None

    # --- What the transport says to it -----------------------------------------------------

    def take(self, frame: Said) -> None:
        """An event of the stream. What WhatsApp keeps is acknowledged when it is on our disk."""
        stored = self._hear(event_of(frame))
        if frame.keep is not None:
            waiting = asyncio.ensure_future(_await(stored))
            self._acknowledging.add(waiting)
            waiting.add_done_callback(lambda done: self._acknowledge(frame, done))

    def lose(self, stream: int) -> None:
        if self._stream == stream:
            self._stream = None
            self._hear(events.Offline("network"))

    def _acknowledge(self, frame: Said, stored: "asyncio.Future[None]") -> None:
        self._acknowledging.discard(stored)
        if not stored.cancelled() and stored.exception() is None and frame.keep is not None:
            self._transport.say(Acknowledge(frame.stream, [frame.keep]))


_NOT_ONLINE: Final = NotSent(retry=Retry.WHEN_ONLINE, code="not_online", text="There is no link")


def _result(message: Outgoing, answer: Answered | None) -> SendResult:
    if answer is None:
        return Unknown(message.wire_id)
    if answer.code is None:
        return Sent(message.wire_id, datetime.fromtimestamp(answer.at, UTC))
    until = None if answer.not_before is None else datetime.fromtimestamp(answer.not_before, UTC)
    return NotSent(retry=Retry(answer.retry), code=answer.code, text=answer.text, not_before=until)


async def _await(stored: Awaitable[None]) -> None:
    await stored
