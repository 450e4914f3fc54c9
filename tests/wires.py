"""A messenger in memory, for tests of the parts that use one: it answers what the test says.

It fakes the seam only (`transports/transport.py`); a whole WhatsApp is transports/simulated_whatsapp.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from houston.kernel.clock import Clock
from houston.kernel.ids import ChannelId
from houston.transports.events import (
    BacklogEnded,
    Event,
    Incoming,
    Online,
    QrShown,
    Receipt,
    ReceiptKind,
)
from houston.transports.transport import (
    Capabilities,
    Hear,
    Number,
    Outgoing,
    Pacing,
    Pair,
    PairingWay,
    Resume,
    SendResult,
    Sent,
    Unknown,
)

UNPACED = Pacing(per_minute=None, burst=1)
Answer = Callable[[Outgoing], Awaitable[SendResult]]


@dataclass(eq=False)
class PlayedWire:
    """One channel's wire in the hands of a node. The test is the other side."""

    messenger: "Messenger"
    number: Number
    hear: Hear
    open: bool = False
    starts: int = 0

    async def start(self, how: Resume | Pair) -> None:
        self.open, self.starts = True, self.starts + 1
        self.messenger.most_open = max(self.messenger.most_open, self.messenger.open(self.number))
        if isinstance(how, Pair):
            until = self.messenger.clock.now() + timedelta(seconds=20)
            self.hear(QrShown("a code", until, 1, 6))
        elif self.messenger.lets_in:
            self.hear(Online())
            self.hear(BacklogEnded())

    async def stop(self) -> None:
        self.open = False

    async def log_out(self) -> None:
        self.open = False

    async def send(self, message: Outgoing) -> SendResult:
        self.messenger.handed_over.append(message)
        return await self.messenger.answer(message)

    async def resolve(self, message: Outgoing) -> SendResult:
        self.messenger.asked_about.append(message)
        return self.messenger.fates.get(message.key, Unknown(None))

    async def mark_read(self, chat: str, wire_ids: tuple[str, ...]) -> None:
        raise AssertionError("nobody marks anything read yet")

    async def probe(self) -> bool:
        return self.open

    async def say(self, event: Event) -> None:
        """Tell the node something, and acknowledge it to ourselves once it is safe there."""
        await self.hear(event)
        self.messenger.acknowledged.append(event)


class Messenger:
    """All wires of one kind. `handed_over` is every message that left Houston, in that order."""

    kind = "played"

    def __init__(
        self,
        clock: Clock,
        *,
        client_ids: bool = True,
        sends_without_phone: bool = False,
        pacing: Pacing = UNPACED,
    ) -> None:
        self.clock = clock
        self.capabilities = Capabilities(
            pairing=frozenset({PairingWay.QR}),
            sends_without_phone=sends_without_phone,
            client_ids=client_ids,
            tells_confirmations=True,
            take_back=True,
            edit=True,
            revoke=True,
            react=True,
            groups=False,
            text_characters_max=10_000,
            content_bytes_max=1_000_000,
            pacing=pacing,
        )
        self.lets_in = True
        """Whoever connects is online at once, and nothing has waited for them."""
        self.answer: Answer = self.acknowledge
        self.fates: dict[str, SendResult] = {}
        """What `resolve` finds out about a message, by its key."""
        self.handed_over: list[Outgoing] = []
        self.asked_about: list[Outgoing] = []
        self.acknowledged: list[Event] = []
        self.most_open = 0
        """How many wires of one number were open at the same time, at the worst moment."""
        self._wires: dict[ChannelId, list[PlayedWire]] = defaultdict(list)

    def wire(self, number: Number, hear: Hear) -> PlayedWire:
        made = PlayedWire(self, number, hear)
        self._wires[number.channel].append(made)
        return made

    async def close(self) -> None:
        pass

    async def acknowledge(self, message: Outgoing) -> SendResult:
        wire_id = message.wire_id if self.capabilities.client_ids else f"theirs-{message.key}"
        return Sent(wire_id, self.clock.now())

    def open(self, number: Number) -> int:
        return sum(wire.open for wire in self._wires[number.channel])

    def wires(self, channel: ChannelId) -> list[PlayedWire]:
        """Every wire that any node ever had to a channel's number."""
        return self._wires[channel]

    def of(self, channel: ChannelId) -> PlayedWire:
        """The newest wire of a channel."""
        return self._wires[channel][-1]

    def texts(self, chat: str | None = None) -> list[str | None]:
        """What was handed over, or what of it was for one person."""
        return [sent.text for sent in self.handed_over if chat in (None, sent.chat)]


class Scripted:
    """Answers in turn for each text, and acknowledges when a text's script is over."""

    def __init__(self, messenger: Messenger, **scripts: list[SendResult]) -> None:
        self._messenger = messenger
        self._scripts = scripts

    async def __call__(self, message: Outgoing) -> SendResult:
        script = self._scripts.get(message.text or "", [])
        return script.pop(0) if script else await self._messenger.acknowledge(message)


class Gate:
    """Keeps every message on its way until it is opened."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger
        self._opened = asyncio.Event()

    async def __call__(self, message: Outgoing) -> SendResult:
        await self._opened.wait()
        return await self._messenger.acknowledge(message)

    def open(self) -> None:
        self._opened.set()


def incoming(clock: Clock, wire_id: str, text: str | None = "hello", **more: object) -> Incoming:
    """A person writes."""
    person = str(more.pop("chat", ANNA))
    facts = {"author": person, "sent_at": clock.now(), **more}
    return Incoming(wire_id=wire_id, chat=person, text=text, **facts)  # type: ignore[arg-type] # tests name real fields


def receipt(message: Outgoing, kind: ReceiptKind, clock: Clock) -> Receipt:
    """The other side has got, or read, what we sent."""
    return Receipt(wire_ids=(message.wire_id,), chat=message.chat, kind=kind, at=clock.now())


ANNA = "79991110001"
BORIS = "79991110002"
