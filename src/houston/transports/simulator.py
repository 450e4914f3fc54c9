"""The transport to the simulated WhatsApp: one WebSocket of this node, a stream on it per channel.

It is what the demo and the tests run on, so it keeps the contract of the seam as strictly as a real one.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
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
    MESSAGE_BYTES_MAX,
    PATH,
    Acknowledge,
    Answered,
    Close,
    FromNode,
    FromWhatsApp,
    MarkRead,
    Open,
    Probe,
    Resolve,
    Said,
    Send,
    event_of,
    packed,
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
_FLUSH_SECONDS: Final = 1.0

CAPABILITIES: Final = Capabilities(
    pairing=frozenset({PairingWay.QR, PairingWay.CODE}),
    sends_without_phone=False,
    client_ids=True,
    tells_confirmations=True,
    take_back=True,
    edit=True,
    revoke=True,
    groups=False,
    text_characters_max=10_000,
    content_bytes_max=10 * 1024**2,
    pacing=Pacing(per_minute=None, burst=1),
)

_LAST_WORDS: Final = (
    events.Offline,
    events.Replaced,
    events.LoggedOut,
    events.Banned,
    events.Outdated,
    events.PairingFailed,
    events.QrExpired,
)
"""After these a stream says nothing more; the next one begins with `start`."""

_NOT_ONLINE: Final = NotSent(retry=Retry.WHEN_ONLINE, code="not_online", text="There is no link")


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
        *,
        send_seconds_max: float = 10.0,
        probe_seconds_max: float = 5.0,
        sends_without_phone: bool = False,
    ) -> None:
        self.capabilities = replace(CAPABILITIES, sends_without_phone=sends_without_phone)
        self.send_seconds_max = send_seconds_max
        self.probe_seconds_max = probe_seconds_max
        self._url = url.replace("http", "ws", 1).rstrip("/") + PATH
        self._clock = clock
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

    def wire(self, number: Number, hear: Hear) -> "SimulatedWire":
        return SimulatedWire(self, number, hear)

    async def close(self) -> None:
        """Say what is still to be said, then hang up. Nothing is heard any more."""
        for stream in list(self._streams.values()):
            await stream.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self._flush()
        await end(*self._tasks)

    # --- For its wires ---------------------------------------------------------------------

    async def reachable(self) -> bool:
        """Whether WhatsApp can be spoken to; begins to try, and waits a moment for it."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(keep(self._stay_connected, "simulator", self._clock)),
                asyncio.create_task(keep(self._write, "simulator-writer", self._clock)),
            ]
        if self._socket is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CONNECT_SECONDS):
                    await self._connected.wait()
        return self._socket is not None

    def open(self, wire: "SimulatedWire", how: Resume | Pair) -> int:
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
        await self._clock.sleep(0.2 + 0.3 * self._chance.random())

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


class SimulatedWire:
    """One channel's stream, or none."""

    __slots__ = ("_asked", "_hear", "_sending", "_starts", "_stream", "_transport", "number")

    def __init__(self, transport: SimulatorTransport, number: Number, hear: Hear) -> None:
        self.number = number
        self._transport = transport
        self._hear = hear
        self._stream: int | None = None
        self._starts = 0
        self._asked: dict[int, asyncio.Future[Answered | None]] = {}
        self._sending: dict[str, asyncio.Future[Answered | None]] = {}

    async def start(self, how: Resume | Pair) -> None:
        await self.stop()
        started = self._starts
        reachable = await self._transport.reachable()
        if started != self._starts:
            return  # It was stopped, or started anew, meanwhile.
        if reachable:
            self._stream = self._transport.open(self, how)
        else:
            self._tell(events.Offline("network"))

    async def stop(self) -> None:
        self._starts += 1
        self._leave(forget=False)

    async def log_out(self) -> None:
        self._starts += 1
        self._leave(forget=True)

    async def send(self, message: Outgoing) -> SendResult:
        under_way = self._sending.get(message.key)
        if under_way is not None:
            await asyncio.wait([under_way])
            answer = None if under_way.cancelled() else under_way.result()
            return _result(message.wire_id, answer)
        if self._stream is None:
            return _NOT_ONLINE
        ref = self._transport.ref()
        asked = self._ask(Send(self._stream, ref, message), ref, self._transport.send_seconds_max)
        self._sending[message.key] = asked
        try:
            return _result(message.wire_id, await asked)
        finally:
            del self._sending[message.key]

    async def resolve(self, message: Outgoing) -> SendResult:
        if self._stream is None:
            return Unknown(message.wire_id)
        ref = self._transport.ref()
        frame = Resolve(self._stream, ref, message.wire_id)
        answer = await self._ask(frame, ref, self._transport.send_seconds_max)
        return _result(message.wire_id, answer)

    async def mark_read(self, chat: str, wire_ids: tuple[str, ...]) -> None:
        if self._stream is not None:
            self._transport.say(MarkRead(self._stream, wire_ids))

    async def probe(self) -> bool:
        if self._stream is None:
            return False
        ref = self._transport.ref()
        answer = await self._ask(Probe(self._stream, ref), ref, self._transport.probe_seconds_max)
        return answer is not None and answer.code is None

    def _ask(
        self, frame: FromNode, ref: int, seconds_max: float
    ) -> "asyncio.Future[Answered | None]":
        """The answer; None when none came in time, or the stream ended meanwhile."""
        loop = asyncio.get_running_loop()
        asked = self._asked[ref] = loop.create_future()
        timer = loop.call_later(seconds_max, self._settle, ref, None)
        asked.add_done_callback(lambda _: timer.cancel())
        self._transport.say(frame)
        return asked

    def _settle(self, ref: int, answer: Answered | None) -> None:
        asked = self._asked.pop(ref, None)
        if asked is not None and not asked.done():
            asked.set_result(answer)

    def _leave(self, *, forget: bool) -> None:
        """The stream, if there is one, has ended: what was asked over it has no answer any more."""
        stream, self._stream = self._stream, None
        if stream is not None:
            self._transport.shut(stream, forget=forget)
        for ref in tuple(self._asked):
            self._settle(ref, None)

    # --- What the transport says to it -----------------------------------------------------

    def answered(self, frame: Answered) -> None:
        self._settle(frame.ref, frame)

    def take(self, frame: Said) -> None:
        """An event of the stream. What WhatsApp keeps is acknowledged when it is on our disk."""
        event = event_of(frame)
        if isinstance(event, _LAST_WORDS):
            self._leave(forget=False)
        stored = self._tell(event)
        if stored.done():
            self._acknowledge(frame, stored)
        else:
            stored.add_done_callback(lambda done: self._acknowledge(frame, done))

    def lose(self) -> None:
        """The connection, and with it the stream, is gone."""
        self._leave(forget=False)
        self._tell(events.Offline("network"))

    def _tell(self, event: events.Event) -> "asyncio.Future[None]":
        stored = self._hear(event)
        if not isinstance(stored, asyncio.Future):
            stored = asyncio.ensure_future(_awaited(stored))
            self._transport.storing.add(stored)
            stored.add_done_callback(self._transport.storing.discard)
        return stored

    def _acknowledge(self, frame: Said, stored: "asyncio.Future[None]") -> None:
        failed = stored.cancelled() or stored.exception() is not None
        if not failed and frame.keep is not None:
            self._transport.say(Acknowledge(frame.stream, [frame.keep]))


def _result(wire_id: str, answer: Answered | None) -> SendResult:
    if answer is None:
        return Unknown(wire_id)
    if answer.code is None:
        return Sent(wire_id, datetime.fromtimestamp(answer.at, UTC))
    until = None if answer.not_before is None else datetime.fromtimestamp(answer.not_before, UTC)
    return NotSent(retry=Retry(answer.retry), code=answer.code, text=answer.text, not_before=until)


async def _awaited(stored: Awaitable[None]) -> None:
    await stored
