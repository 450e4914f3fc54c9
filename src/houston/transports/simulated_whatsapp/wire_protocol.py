"""What a node of Houston and the simulated WhatsApp say to each other, over one WebSocket.

A message of the socket is a list of frames in MessagePack. One socket carries all channels of a node;
a stream is one channel's connection on it, numbered by the node.
"""

from collections.abc import Iterator
from typing import Final, TypeVar

import msgspec

from houston.transports import events
from houston.transports.transport import Outgoing

PATH: Final = "/sim/wire"
MESSAGE_BYTES_MAX: Final = 64 * 1024**2
_FRAMES_MAX: Final = 1000
"""In one message: as many of the longest texts that may be sent still fit into its bytes."""


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Begin a stream for a phone: with credentials to resume, without to pair.

    `typed_on` is the phone that a code is to be typed on, in place of one to scan. `without_phone`
    asks for a stream that goes on while the phone is away, as linked ones do.
    """

    stream: int
    phone: str
    credentials: bytes | None
    typed_on: str | None = None
    without_phone: bool = False


class Close(msgspec.Struct, frozen=True, tag="close"):
    """End a stream; `forget` makes its credentials worthless."""

    stream: int
    forget: bool = False


class Send(msgspec.Struct, frozen=True, tag="send"):
    """Hand a message over. `ref` is what the answer will carry."""

    stream: int
    ref: int
    message: Outgoing


class Resolve(msgspec.Struct, frozen=True, tag="resolve"):
    """Ask whether a message was ever accepted."""

    stream: int
    ref: int
    wire_id: str


class Probe(msgspec.Struct, frozen=True, tag="probe"):
    """Ask for a sign of life."""

    stream: int
    ref: int


class Acknowledge(msgspec.Struct, frozen=True, tag="acknowledge"):
    """These are safely stored: WhatsApp may forget them."""

    stream: int
    keeps: list[int]


class MarkRead(msgspec.Struct, frozen=True, tag="mark_read"):
    """An operator has read these messages of people."""

    stream: int
    wire_ids: tuple[str, ...]


FromNode = Open | Close | Send | Resolve | Probe | Acknowledge | MarkRead


class Said(msgspec.Struct, frozen=True, tag="said"):
    """An event of a stream. `keep` numbers what WhatsApp keeps until it is acknowledged."""

    stream: int
    kind: str
    body: msgspec.Raw
    keep: int | None = None


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """What became of what `ref` asked. `code` None is success."""

    stream: int
    ref: int
    at: float
    code: str | None = None
    text: str = ""
    retry: str = ""
    not_before: float | None = None


FromWhatsApp = Said | Answered

EVENTS: Final[dict[str, type[events.Event]]] = {
    kind.__name__: kind
    for kind in (
        events.QrShown,
        events.QrExpired,
        events.PairingCodeShown,
        events.ConfirmationAsked,
        events.Paired,
        events.PairingFailed,
        events.Online,
        events.BacklogBegan,
        events.BacklogEnded,
        events.Offline,
        events.Replaced,
        events.LoggedOut,
        events.Banned,
        events.Restricted,
        events.Outdated,
        events.PhoneLost,
        events.PhoneSeen,
        events.Incoming,
        events.Echoed,
        events.Edited,
        events.Revoked,
        events.Reacted,
        events.Receipt,
    )
}

Frame = TypeVar("Frame", FromNode, FromWhatsApp)

_encoder = msgspec.msgpack.Encoder()
_from_node = msgspec.msgpack.Decoder(list[FromNode])
_from_whatsapp = msgspec.msgpack.Decoder(list[FromWhatsApp])
_events = {name: msgspec.msgpack.Decoder(kind) for name, kind in EVENTS.items()}


def packed(frames: list[Frame]) -> Iterator[bytes]:
    """The messages that carry these frames: a long backlog does not fit into one."""
    for start in range(0, len(frames), _FRAMES_MAX):
        yield _encoder.encode(frames[start : start + _FRAMES_MAX])


def unpack_from_node(data: bytes) -> list[FromNode]:
    return _from_node.decode(data)


def unpack_from_whatsapp(data: bytes) -> list[FromWhatsApp]:
    return _from_whatsapp.decode(data)


def said(stream: int, event: events.Event, keep: int | None = None) -> Said:
    return Said(stream, type(event).__name__, msgspec.Raw(_encoder.encode(event)), keep)


def event_of(frame: Said) -> events.Event:
    event: events.Event = _events[frame.kind].decode(frame.body)
    return event
