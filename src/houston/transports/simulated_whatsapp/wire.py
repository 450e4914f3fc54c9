"""One channel's stream to the simulated WhatsApp, or none: what is asked over it, and what it says."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import httpx
import structlog

from houston.kernel.clock import Clock
from houston.kernel.content import Content
from houston.kernel.errors import OutOfReach, Refused
from houston.transports import events
from houston.transports.arrivals import Arrivals, lost
from houston.transports.porter import Parcel, Porter
from houston.transports.simulated_whatsapp.wire_protocol import (
    Acknowledge,
    Answered,
    FromNode,
    MarkRead,
    Probe,
    Resolve,
    Said,
    Send,
    event_of,
)
from houston.transports.transport import (
    Capabilities,
    Hear,
    NotSent,
    Number,
    Outgoing,
    Pair,
    Resume,
    Retry,
    SendResult,
    Sent,
    Unknown,
)

log = structlog.get_logger(__name__)

_UPLOAD_AGAIN: Final = timedelta(seconds=5)
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


class Home(Protocol):
    """What a wire needs of its transport: streams, numbers, and how long to wait for what."""

    clock: Clock
    porter: Porter
    http: httpx.AsyncClient
    capabilities: Capabilities
    patience_seconds: float
    send_seconds_max: float
    probe_seconds_max: float
    storing: set[asyncio.Future[None]]

    async def reachable(self) -> bool: ...
    def open(self, wire: "SimulatedWire", how: Resume | Pair) -> int: ...
    def shut(self, stream: int, *, forget: bool) -> None: ...
    def say(self, frame: FromNode) -> None: ...
    def ref(self) -> int: ...


class SimulatedWire:
    """One channel."""

    __slots__ = (
        "_arrivals",
        "_asked",
        "_hear",
        "_sending",
        "_starts",
        "_stream",
        "_transport",
        "number",
    )

    def __init__(self, transport: Home, number: Number, hear: Hear) -> None:
        self.number = number
        self._transport = transport
        self._hear = hear
        self._stream: int | None = None
        self._starts = 0
        self._asked: dict[int, asyncio.Future[Answered | None]] = {}
        self._sending: dict[str, asyncio.Future[Answered | None]] = {}
        patience = transport.patience_seconds
        self._arrivals = Arrivals(
            transport.clock, self._bring, self._tell, self._let_go, patience_seconds=patience
        )

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
        if message.content_uri is not None:
            return await self._send_with_file(message, message.content_uri)
        return await self._send(message)

    async def _send_with_file(self, message: Outgoing, uri: str) -> SendResult:
        """As everywhere on WhatsApp, the file goes first, and the message tells where it lies."""
        limit = self._transport.capabilities.content_bytes_max
        async with self._transport.porter.fetch(uri, limit) as parcel:
            if isinstance(parcel, NotSent):
                return parcel
            try:
                uploaded = await self._uploaded(parcel)
            except httpx.HTTPError as error:
                return self._not_uploaded(error)
        return await self._send(replace(message, content_uri=uploaded))

    async def _uploaded(self, parcel: Parcel) -> str:
        content, told = parcel.content, {"kind": parcel.content.kind.value}
        answer = await self._transport.http.post(
            "/sim/uploads",
            content=await asyncio.to_thread(parcel.path.read_bytes),
            params=told if content.name is None else {**told, "name": content.name},
            headers={"content-type": content.mime},
        )
        return str(answer.raise_for_status().json()["content_uri"])

    def _not_uploaded(self, error: httpx.HTTPError) -> NotSent:
        return NotSent(
            retry=Retry.LATER,
            code="not_uploaded",
            text=f"WhatsApp did not take the file: {type(error).__name__}",
            not_before=self._transport.clock.now() + _UPLOAD_AGAIN,
        )

    async def _send(self, message: Outgoing) -> SendResult:
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
        self._arrivals.end()
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
        self._arrivals.take(event, frame.keep)

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

    def _let_go(self, keep: int, stored: "asyncio.Future[None]") -> None:
        """WhatsApp may forget it when it is stored; a stream that is gone has nobody to tell that."""
        stream = self._stream
        if stored.done():
            self._acknowledge(stream, keep, stored)
        else:
            stored.add_done_callback(lambda done: self._acknowledge(stream, keep, done))

    def _acknowledge(self, stream: int | None, keep: int, stored: "asyncio.Future[None]") -> None:
        failed = stored.cancelled() or stored.exception() is not None
        if not failed and stream is not None:
            self._transport.say(Acknowledge(stream, [keep]))

    async def _bring(self, content: Content, _keep: int) -> Content | None:
        """One try to fetch a file and to store it; None when it may go better later."""
        porter = self._transport.porter
        async with porter.fetch(content.uri or "", porter.bytes_max, trusted=True) as parcel:
            if isinstance(parcel, NotSent):
                gone = parcel.code in ("content_gone", "content_too_large", "content_empty")
                return lost(content, parcel.code) if gone else None
            try:
                kept = replace(parcel, content=replace(content, bytes=parcel.content.bytes))
                return await porter.keep(self.number.channel, kept)
            except Refused as error:
                return lost(content, error.code.lower())
            except OutOfReach as error:
                log.warning("content_not_stored", error=str(error))
                return None


def _result(wire_id: str, answer: Answered | None) -> SendResult:
    if answer is None:
        return Unknown(wire_id)
    if answer.code is None:
        return Sent(wire_id, datetime.fromtimestamp(answer.at, UTC))
    until = None if answer.not_before is None else datetime.fromtimestamp(answer.not_before, UTC)
    return NotSent(retry=Retry(answer.retry), code=answer.code, text=answer.text, not_before=until)


async def _awaited(stored: Awaitable[None]) -> None:
    await stored
