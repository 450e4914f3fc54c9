"""The seam between Houston and messengers: what a transport must be able to do.

A transport knows nothing of statuses, queues or accounts. It is told to start, stop and send, and
it says what happened in the words of `events.py`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from houston.kernel.ids import ChannelId
from houston.transports.events import Event


class PairingWay(StrEnum):
    """How a number can be linked."""

    QR = "qr"
    CODE = "code"
    TOKEN = "token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """How fast a waiting queue may be flushed: `burst` at once, then `per_minute`.

    `per_minute` None means as fast as the wire takes it.
    """

    per_minute: int | None
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a transport can do, so that nobody else has to know its name."""

    pairing: frozenset[PairingWay]
    sends_without_phone: bool
    """The queue goes on while the phone is away, because the messenger delivers without it."""
    client_ids: bool
    """We choose the message id, so that a repeat with the same id is harmless."""
    tells_confirmations: bool
    """It says when a two-step code is asked for; without it a scan just takes its time. Passkeys all tell."""
    take_back: bool
    edit: bool
    revoke: bool
    react: bool
    groups: bool
    text_characters_max: int
    content_bytes_max: int
    pacing: Pacing


class Retry(StrEnum):
    """When a message that was certainly not sent may be tried again."""

    NOW = "now"
    WHEN_ONLINE = "when_online"
    LATER = "later"
    """Not before `NotSent.not_before`."""
    WHEN_ALLOWED = "when_allowed"
    """Not before `NotSent.not_before`; only chats that we would start are held until then."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Sent:
    """The messenger's server has acknowledged it."""

    wire_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """It certainly did not leave. `code` is stable; `text` is what the other side said."""

    retry: Retry
    code: str
    text: str
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have left. Only a repeat with the same id, or `resolve`, can tell."""

    wire_id: str | None


SendResult = Sent | NotSent | Unknown


class OutgoingKind(StrEnum):
    """What an outgoing message does."""

    SAY = "say"
    EDIT = "edit"
    REVOKE = "revoke"
    REACT = "react"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message on its way out.

    `key` is Houston's own id of the message and the same at every attempt. `wire_id` is the id the
    messenger shall know it by, chosen before the first attempt. `target_wire_id` names the message
    that an edit, a revocation or a reaction is about; `text` is the emoji of a reaction, and none takes it off.
    """

    key: str
    wire_id: str
    chat: str
    kind: OutgoingKind = OutgoingKind.SAY
    text: str | None = None
    content_uri: str | None = None
    target_wire_id: str | None = None
    target_author: str = ""
    """Who wrote the message that a reaction is about; nobody wrote ours."""
    quoted_wire_id: str | None = None
    first_contact: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """Connect with the keys that pairing gave us."""

    credentials: bytes


@dataclass(frozen=True, slots=True)
class Pair:
    """Show codes until a phone is linked. `phone` asks for a code to type instead of a QR."""

    phone: str | None = None


Hear = Callable[[Event], Awaitable[None]]
"""Takes an event in the order of calling; the awaitable is done when the event is safely stored.

A transport acknowledges a message to the messenger only after that (law I1). It may call again
before the earlier awaitables are done: order is kept by the calls, not by the waiting.
"""


@dataclass(frozen=True, slots=True)
class Number:
    """Which channel a wire is for: the channel's id and its phone, digits without `+`."""

    channel: ChannelId
    phone: str


class Wire(Protocol):
    """One channel's connection. Nothing is connected before `start`."""

    async def start(self, how: Resume | Pair) -> None:
        """Begin to connect or to pair; what becomes of it is said as events. Repeatable."""
        ...

    async def stop(self) -> None:
        """Close the link and keep the keys. No event is said after it returns."""
        ...

    async def log_out(self) -> None:
        """Tell the messenger to forget our keys. Best effort; the link is closed afterwards."""
        ...

    async def send(self, message: Outgoing) -> SendResult:
        """Hand a message over and wait, within the transport's own bound, for the answer."""
        ...

    async def resolve(self, message: Outgoing) -> SendResult:
        """Find out what became of a message whose sending ended in Unknown or in a crash."""
        ...

    async def mark_read(self, chat: str, wire_ids: tuple[str, ...]) -> None: ...

    async def probe(self) -> bool:
        """Ask the other side for a sign of life; True when one came within the bound."""
        ...


class Transport(Protocol):
    """A kind of messenger."""

    kind: str
    capabilities: Capabilities

    def wire(self, number: Number, hear: Hear) -> Wire:
        """The connection of one channel, not yet started."""
        ...

    async def close(self) -> None:
        """End everything the transport holds open."""
        ...
