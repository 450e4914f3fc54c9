"""The transport for linked devices, WhatsApp Web's protocol: its channels live in worker processes apart.

It knows the frames and no library: what crashes, hangs or prints does so in a worker.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Final

from houston.kernel.clock import Clock
from houston.transports.arrivals import PATIENCE_SECONDS
from houston.transports.linked_worker import rules
from houston.transports.linked_worker.frames import (
    Answered,
    Begin,
    Closed,
    FromWorker,
    KeysSealed,
    Said,
)
from houston.transports.linked_worker.keeper import PROGRAM, SILENCE_SECONDS_MAX, Keeper
from houston.transports.linked_worker.route import Route
from houston.transports.linked_worker.wire import LinkedWire
from houston.transports.porter import Porter
from houston.transports.transport import (
    Capabilities,
    Hear,
    Number,
    Pacing,
    PairingWay,
)

CAPABILITIES: Final = Capabilities(
    pairing=frozenset({PairingWay.QR, PairingWay.CODE}),
    sends_without_phone=True,
    client_ids=False,
    tells_confirmations=False,
    take_back=True,
    edit=True,
    revoke=True,
    react=True,
    groups=False,
    text_characters_max=10_000,
    content_bytes_max=100 * 1024**2,
    pacing=Pacing(per_minute=30, burst=10),
)
"""A person who answers many chats is not much faster than this, and a number that is gets banned."""


class LinkedTransport:
    """Linked devices. What `key` finds seals their keys; `live_dir` lies in memory, `books_dir` on disk."""

    kind = "linked"
    capabilities = CAPABILITIES

    def __init__(
        self,
        clock: Clock,
        porter: Porter,
        *,
        key: Callable[[], bytes],
        live_dir: Path,
        books_dir: Path,
        channels_per_worker: int,
        program: Sequence[str] = PROGRAM,
        env: Mapping[str, str] | None = None,
        qr_seconds: tuple[float, ...] = rules.QR_SECONDS,
        confirm_seconds: float = rules.CONFIRM_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        silence_seconds_max: float = SILENCE_SECONDS_MAX,
        send_seconds_max: float = 88.0,
        probe_seconds_max: float = 9.0,
        phone_silent_seconds_max: float = 3 * 24 * 3600.0,
    ) -> None:
        self.qr_seconds = qr_seconds
        self.confirm_seconds = confirm_seconds
        self.patience_seconds = patience_seconds
        self.send_seconds_max = send_seconds_max
        self.probe_seconds_max = probe_seconds_max
        self.clock = clock
        self.porter = porter
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
        self.route = Route()
        self.storing: set[asyncio.Future[None]] = set()
        """Keeps alive who waits until something heard is on our disk."""

    def wire(self, number: Number, hear: Hear) -> LinkedWire:
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
                    return keeper
            return await self._new_keeper()

    async def _new_keeper(self) -> Keeper:
        limit, phone = self._silence_seconds_max, self._phone_silent_seconds_max
        keeper = Keeper(self.clock, self._hear, self._died, silence_seconds_max=limit)
        begin = Begin(self._find_key(), *self._folders, limit / 3, phone)
        await keeper.start(self._program, self._env, begin)
        self._keepers.append(keeper)
        return keeper

    def open(self, wire: LinkedWire) -> int:
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
