"""The transport for linked devices, WhatsApp Web's protocol: its channels live in worker processes apart.

It knows the frames and no library: what crashes, hangs or prints does so in a worker.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

import structlog

from houston.kernel.clock import Clock
from houston.transports import events
from houston.transports.linked_worker import rules
from houston.transports.linked_worker.frames import (
    Answer,
    Answered,
    Begin,
    Close,
    Closed,
    FromServer,
    FromWorker,
    KeysSealed,
    KeysStored,
    MarkRead,
    Open,
    Probe,
    Resolve,
    Said,
    Send,
    Stored,
    answer_of,
    event_of,
)
from houston.transports.linked_worker.keeper import PROGRAM, SILENCE_SECONDS_MAX, Keeper
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
    Unknown,
)

log = structlog.get_logger(__name__)

_CLOSE_SECONDS_MAX: Final = 9.0
_BACK_SECONDS_MAX: Final = 60.0
"""How long a question about a message waits for the link, without which no receipt comes."""
CAPABILITIES: Final = Capabilities(
    pairing=frozenset({PairingWay.QR, PairingWay.CODE}),
    sends_without_phone=True,
    client_ids=False,
    tells_confirmations=False,
    take_back=True,
    edit=True,
    revoke=True,
    groups=False,
    text_characters_max=10_000,
    content_bytes_max=16 * 1024**2,
    pacing=Pacing(per_minute=30, burst=10),
)
"""A person who answers many chats is not much faster than this, and a number that is gets banned."""

_NOT_ONLINE: Final = NotSent(retry=Retry.WHEN_ONLINE, code="not_online", text="There is no link")


class LinkedTransport:
    """Linked devices. What `key` finds seals their keys; `live_dir` lies in memory, `books_dir` on disk."""

    kind = "linked"
    capabilities = CAPABILITIES

    def __init__(
        self,
        clock: Clock,
        *,
        key: Callable[[], bytes],
        live_dir: Path,
        books_dir: Path,
        channels_per_worker: int,
        program: Sequence[str] = PROGRAM,
        env: Mapping[str, str] | None = None,
        qr_seconds: tuple[float, ...] = rules.QR_SECONDS,
        silence_seconds_max: float = SILENCE_SECONDS_MAX,
        send_seconds_max: float = 88.0,
        probe_seconds_max: float = 9.0,
        phone_silent_seconds_max: float = 3 * 24 * 3600.0,
    ) -> None:
        self.qr_seconds = qr_seconds
        self.send_seconds_max = send_seconds_max
        self.probe_seconds_max = probe_seconds_max
        self._clock = clock
        self._find_key = key
        self._folders = (str(live_dir), str(books_dir))
        self._channels_per_worker = channels_per_worker
        self._program = program
        self._env = dict(env or {})
        self._silence_seconds_max = silence_seconds_max
        self._phone_silent_seconds_max = phone_silent_seconds_max
        self._keepers: list[Keeper] = []
        self._starting = asyncio.Lock()
        self._numbers = count(1)
        self._wires: dict[int, LinkedWire] = {}
        self.storing: set[asyncio.Future[None]] = set()
        """Keeps alive who waits until something heard is on our disk."""

    def wire(self, number: Number, hear: Hear) -> "LinkedWire":
        return LinkedWire(self, number, hear)

    async def close(self) -> None:
        for wire in tuple(self._wires.values()):
            wire.leave()
        keepers, self._keepers = self._keepers, []
        await asyncio.gather(*(keeper.close() for keeper in keepers))

    @property
    def worker_pids(self) -> list[int]:
        """The worker processes that live now."""
        return [keeper.pid for keeper in self._keepers if keeper.pid is not None]

    # --- For its wires ---------------------------------------------------------------------

    async def keeper_of(self, channel: str) -> Keeper:
        """The worker of a channel: the one that has it, one with room, or a new one.

        Raises:
            OSError: no process can be started.
        """
        async with self._starting:
            for keeper in self._keepers:
                if keeper.is_alive and channel in keeper.channels:
                    return keeper
            for keeper in self._keepers:
                if keeper.is_alive and len(keeper.channels) < self._channels_per_worker:
                    keeper.channels.add(channel)
                    return keeper
            return await self._new_keeper(channel)

    async def _new_keeper(self, channel: str) -> Keeper:
        limit, phone = self._silence_seconds_max, self._phone_silent_seconds_max
        keeper = Keeper(self._clock, self._hear, self._died, silence_seconds_max=limit)
        begin = Begin(self._find_key(), *self._folders, limit / 3, phone)
        await keeper.start(self._program, self._env, begin)
        keeper.channels.add(channel)
        self._keepers.append(keeper)
        return keeper

    def open(self, wire: "LinkedWire") -> int:
        stream = next(self._numbers)
        self._wires[stream] = wire
        return stream

    def shut(self, stream: int) -> None:
        self._wires.pop(stream, None)

    def ref(self) -> int:
        return next(self._numbers)

    # --- What the workers say ----------------------------------------------------------------

    def _hear(self, frame: FromWorker) -> None:
        match frame:
            case Said() | KeysSealed() | Answered() | Closed():
                wire = self._wires.get(frame.stream)
                if wire is not None:
                    wire.take(frame)

    def _died(self, keeper: Keeper) -> None:
        """Its channels are told; they come back in another worker, and no other channel notices."""
        if keeper in self._keepers:
            self._keepers.remove(keeper)
        for wire in [wire for wire in self._wires.values() if wire.keeper is keeper]:
            wire.lose()


class LinkedWire:
    """One channel: a stream in some worker, or none."""

    __slots__ = (
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

    def __init__(self, transport: LinkedTransport, number: Number, hear: Hear) -> None:
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
        self._stream = self._transport.open(self)
        self._say(
            Open(
                stream=self._stream,
                channel=str(self.number.channel),
                credentials=how.credentials if isinstance(how, Resume) else None,
                typed_on=how.phone if isinstance(how, Pair) else None,
                qr_seconds=self._transport.qr_seconds,
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
        assert self._stream is not None
        ref = self._transport.ref()
        frame = Send(self._stream, ref, message)
        answer = await self._ask(frame, ref, self._transport.send_seconds_max)
        return _result(answer)

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
        stream, keeper = self._stream, self.keeper
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
        match event:
            case events.Online():
                self._up = True
            case events.BacklogEnded():
                self._caught_up.set()
            case _ if isinstance(event, events.LAST_WORDS):
                self._up = False
                self._caught_up.clear()
        stored = self._tell(event)
        if frame.entry is not None:
            entry = frame.entry
            stored.add_done_callback(lambda done: self._acknowledge(frame.stream, entry, done))

    def lose(self) -> None:
        """The worker died."""
        self.leave()
        self._tell(events.Offline("worker_died"))

    def _tell(self, event: events.Event) -> "asyncio.Future[None]":
        stored = self._hear(event)
        if not isinstance(stored, asyncio.Future):
            stored = asyncio.ensure_future(stored)
            self._transport.storing.add(stored)
            stored.add_done_callback(self._transport.storing.discard)
        return stored

    def _acknowledge(self, stream: int, entry: int, stored: "asyncio.Future[None]") -> None:
        if _went_well(stored):
            self._say(Stored(stream, (entry,)))


def _went_well(done: "asyncio.Future[None]") -> bool:
    return not done.cancelled() and done.exception() is None


def _result(answer: Answer | None) -> SendResult:
    return Unknown(None) if answer is None or isinstance(answer, bool) else answer
