"""One channel of linked devices, as the server holds it: a stream in some worker, or none.

It knows the frames and no library; which worker it gets is the transport's matter.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Final, Protocol

import structlog

from houston.kernel.clock import Clock
from houston.kernel.content import Content
from houston.kernel.errors import OutOfReach, Refused
from houston.transports import events
from houston.transports.arrivals import Arrivals, lost
from houston.transports.linked_worker.frames import (
    Answer,
    Answered,
    Close,
    Closed,
    Fetch,
    Fetched,
    FromServer,
    KeysSealed,
    KeysStored,
    Loaded,
    MarkRead,
    NotFetched,
    Open,
    Probe,
    Resolve,
    Said,
    Send,
    Stored,
    answer_of,
    event_of,
)
from houston.transports.linked_worker.keeper import Keeper
from houston.transports.linked_worker.places import TO_RENEW
from houston.transports.linked_worker.route import Route
from houston.transports.porter import Parcel, Porter
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

_CLOSE_SECONDS_MAX: Final = 9.0
_BACK_SECONDS_MAX: Final = 60.0
"""How long a question about a message waits for the link, without which no receipt comes."""
_FETCH_SECONDS_MAX: Final = 65.0
_UPLOAD_SECONDS_MAX: Final = 42.0

_NOT_ONLINE: Final = NotSent(retry=Retry.WHEN_ONLINE, code="not_online", text="There is no link")


class Home(Protocol):
    """What a wire needs of its transport: a worker, numbers, and how long to wait for what."""

    clock: Clock
    porter: Porter
    capabilities: Capabilities
    qr_seconds: tuple[float, ...]
    confirm_seconds: float
    patience_seconds: float
    send_seconds_max: float
    probe_seconds_max: float
    storing: set[asyncio.Future[None]]
    route: Route

    async def keeper_of(self, channel: str) -> Keeper: ...
    def open(self, wire: "LinkedWire") -> int: ...
    def shut(self, stream: int) -> None: ...
    def ref(self) -> int: ...


class LinkedWire:
    """One channel."""

    __slots__ = (
        "_arrivals",
        "_asked",
        "_caught_up",
        "_closed",
        "_closing",
        "_hear",
        "_sending",
        "_starts",
        "_stream",
        "_transport",
        "_up",
        "keeper",
        "number",
    )

    def __init__(self, transport: Home, number: Number, hear: Hear) -> None:
        self.number = number
        self.keeper: Keeper | None = None
        self._transport = transport
        self._hear = hear
        self._stream: int | None = None
        self._starts = 0
        self._up = False
        self._closing = False
        self._caught_up = asyncio.Event()
        self._closed = asyncio.Event()
        self._asked: dict[int, asyncio.Future[Answer | None]] = {}
        self._sending: dict[str, asyncio.Future[SendResult]] = {}
        self._arrivals = self._new_arrivals()

    def _new_arrivals(self) -> Arrivals:
        transport = self._transport
        patience = transport.patience_seconds
        return Arrivals(
            transport.clock, self._bring, self._tell, self._acknowledge, patience_seconds=patience
        )

    async def start(self, how: Resume | Pair) -> None:
        """A stream that is open is superseded: the worker knows what of it can go on."""
        self._starts += 1
        started = self._starts
        self.leave()
        try:
            keeper = await self._transport.keeper_of(str(self.number.channel))
        except OSError as error:
            log.error("linked_worker_not_started", error=str(error))
            self._tell(events.Offline("worker_not_started"))
            return
        if started != self._starts:
            return  # It was stopped, or started anew, meanwhile.
        self.keeper = keeper
        keeper.channels.add(str(self.number.channel))
        self._stream = self._transport.open(self)
        self._say(
            Open(
                stream=self._stream,
                channel=str(self.number.channel),
                credentials=how.credentials if isinstance(how, Resume) else None,
                typed_on=how.phone if isinstance(how, Pair) else None,
                qr_seconds=self._transport.qr_seconds,
                confirm_seconds=self._transport.confirm_seconds,
            )
        )

    async def stop(self) -> None:
        await self._close(forget=False)

    async def log_out(self) -> None:
        await self._close(forget=True)

    async def send(self, message: Outgoing) -> SendResult:
        under_way = self._sending.get(message.key)
        if under_way is not None:
            await asyncio.wait([under_way])
            return Unknown(None) if under_way.cancelled() else under_way.result()
        if self._stream is None or not self._up:
            return _NOT_ONLINE
        sending = asyncio.ensure_future(self._sent(message))
        self._sending[message.key] = sending
        sending.add_done_callback(lambda _: self._sending.pop(message.key))
        # Who asks after it must hear, though this one is gone.
        return await asyncio.shield(sending)

    async def _sent(self, message: Outgoing) -> SendResult:
        if message.content_uri is None:
            return await self._handed_over(message, None)
        limit = self._transport.capabilities.content_bytes_max
        async with self._transport.porter.fetch(message.content_uri, limit) as parcel:
            if isinstance(parcel, NotSent):
                return parcel
            return await self._handed_over(message, Loaded(parcel.content, str(parcel.path)))

    async def _handed_over(self, message: Outgoing, load: Loaded | None) -> SendResult:
        if self._stream is None:
            return _NOT_ONLINE
        seconds = self._transport.send_seconds_max + (_UPLOAD_SECONDS_MAX if load else 0)
        ref = self._transport.ref()
        return _result(await self._ask(Send(self._stream, ref, message, load), ref, seconds))

    async def resolve(self, message: Outgoing) -> SendResult:
        """Only a channel that is back and has heard all that waited can tell."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_BACK_SECONDS_MAX):
                await self._caught_up.wait()
        if self._stream is None:
            return Unknown(None)
        ref = self._transport.ref()
        frame = Resolve(self._stream, ref, message.key)
        return _result(await self._ask(frame, ref, self._transport.probe_seconds_max))

    async def mark_read(self, chat: str, wire_ids: tuple[str, ...]) -> None:
        if self._stream is not None:
            self._say(MarkRead(self._stream, chat, wire_ids))

    async def probe(self) -> bool:
        if self._stream is None or not self._up:
            return False
        ref = self._transport.ref()
        frame = Probe(self._stream, ref)
        return await self._ask(frame, ref, self._transport.probe_seconds_max) is True

    # --- Asking ------------------------------------------------------------------------------

    def _say(self, frame: FromServer) -> None:
        if self.keeper is not None:
            self.keeper.say(frame)

    def _ask(
        self, frame: FromServer, ref: int, seconds_max: float
    ) -> "asyncio.Future[Answer | None]":
        """The answer; None when none came in time, or the stream ended meanwhile."""
        loop = asyncio.get_running_loop()
        asked = self._asked[ref] = loop.create_future()
        timer = loop.call_later(seconds_max, self._settle, ref, None)
        asked.add_done_callback(lambda _: timer.cancel())
        self._say(frame)
        return asked

    def _settle(self, ref: int, answer: Answer | None) -> None:
        asked = self._asked.pop(ref, None)
        if asked is not None and not asked.done():
            asked.set_result(answer)

    async def _close(self, *, forget: bool) -> None:
        """The worker seals the keys and lets go; what it says until then is still heard."""
        self._starts += 1
        self._transport.route.left(str(self.number.channel))
        stream, keeper = self._stream, self.keeper
        self._arrivals.end()
        self._up = False
        self._caught_up.clear()
        if stream is not None and keeper is not None and keeper.is_alive:
            self._closed.clear()
            self._closing = True
            keeper.say(Close(stream, forget))
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS_MAX):
                    await self._closed.wait()
        if keeper is not None:
            keeper.channels.discard(str(self.number.channel))
        self._closing = False
        if self._stream == stream:
            self.leave()

    def leave(self) -> None:
        """The stream has ended: what was asked over it has no answer any more."""
        stream, self._stream = self._stream, None
        self._arrivals.end()
        self._up = False
        self._caught_up.clear()
        self.keeper = None
        self._closed.set()
        if stream is not None:
            self._transport.shut(stream)
        for ref in tuple(self._asked):
            self._settle(ref, None)

    # --- What the worker says to it ------------------------------------------------------------

    def take(self, frame: Said | KeysSealed | Answered | Closed) -> None:
        match frame:
            case Said() if not self._closing:
                self._take_event(frame)
            case Said():
                pass  # What is in the journal is told again when the channel is opened next.
            case KeysSealed(stream, number, credentials):
                stored = self._tell(events.KeysChanged(credentials))
                stored.add_done_callback(
                    lambda done: self._say(KeysStored(stream, number, _went_well(done)))
                )
            case Answered(_, ref):
                self._settle(ref, answer_of(frame))
            case Closed():
                self._closed.set()

    def _take_event(self, frame: Said) -> None:
        event = event_of(frame)
        self._tell_who_runs_us(event)
        match event:
            case events.Online():
                self._up = True
            case _ if isinstance(event, events.LAST_WORDS):
                self._up = False
                self._caught_up.clear()
        self._arrivals.take(event, frame.entry)

    def _tell_who_runs_us(self, event: events.Event) -> None:
        """What the account's people cannot help."""
        route, channel = self._transport.route, str(self.number.channel)
        match event:
            case events.Online():
                route.found(channel)
            case events.Offline("network"):
                route.missed(channel, self._transport.clock.monotonic())
            case events.Outdated(version):
                log.error("linked_library_outdated", version=version, cure=TO_RENEW)

    def lose(self) -> None:
        """The worker died."""
        self.leave()
        self._tell(events.Offline("worker_died"))

    def _tell(self, event: events.Event) -> "asyncio.Future[None]":
        if isinstance(event, events.BacklogEnded):
            self._caught_up.set()
        stored = self._hear(event)
        if not isinstance(stored, asyncio.Future):
            stored = asyncio.ensure_future(stored)
            self._transport.storing.add(stored)
            stored.add_done_callback(self._transport.storing.discard)
        if self.keeper is not None:
            self.keeper.await_stored(stored)
        return stored

    def _acknowledge(self, entry: int, stored: "asyncio.Future[None]") -> None:
        stream = self._stream

        def when_stored(done: "asyncio.Future[None]") -> None:
            if stream is not None and stream == self._stream and _went_well(done):
                self._say(Stored(stream, (entry,)))

        stored.add_done_callback(when_stored)

    # --- Files that come in --------------------------------------------------------------------

    async def _bring(self, content: Content, entry: int) -> Content | None:
        """One try to have a file downloaded and to store it; None when it may go better later."""
        porter = self._transport.porter
        if self._stream is None or not self._up:
            return None
        async with porter.place() as path:
            ref = self._transport.ref()
            frame = Fetch(self._stream, ref, entry, str(path), porter.bytes_max)
            match await self._ask(frame, ref, _FETCH_SECONDS_MAX):
                case Fetched(size):
                    parcel = Parcel(replace(content, bytes=size), path)
                    return await self._kept(parcel)
                case NotFetched(code, True):
                    return lost(content, code)
        return None

    async def _kept(self, parcel: Parcel) -> Content | None:
        try:
            return await self._transport.porter.keep(self.number.channel, parcel)
        except Refused as error:
            return lost(parcel.content, error.code.lower())
        except OutOfReach as error:
            log.warning("content_not_stored", error=str(error))
            return None


def _went_well(done: "asyncio.Future[None]") -> bool:
    return not done.cancelled() and done.exception() is None


def _result(answer: Answer | None) -> SendResult:
    return answer if isinstance(answer, Sent | NotSent | Unknown) else Unknown(None)
