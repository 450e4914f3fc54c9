"""What a node of Houston and the simulated WhatsApp say to each other, over one WebSocket.

A message of the socket is a list of frames in MessagePack. One socket carries all channels of a node;
a stream is one channel's connection on it, numbered by the node.
"""

from typing import Final

import msgspec

from houston.transports import events

PATH: Final = "/sim/wire"


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Begin a stream for a phone: with credentials to resume, without to pair.

    `link_phone` asks for a code to type on the phone in place of codes to scan.
    """

    stream: int
    phone: str
    credentials: bytes | None
    link_phone: bool = False


class Close(msgspec.Struct, frozen=True, tag="close"):
    """End a stream; `forget` makes its credentials worthless."""

    stream: int
    forget: bool = False


class Send(msgspec.Struct, frozen=True, tag="send"):
    """Hand a message over. `ref` is what the answer will carry."""

    stream: int
    ref: int
    key: str
    wire_id: str
    chat: str
    kind: str
    text: str | None
    content_uri: str | None
    target_wire_id: str | None
    first_contact: bool


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
    ids: list[int]


FromNode = Open | Close | Send | Resolve | Probe | Acknowledge


class Said(msgspec.Struct, frozen=True, tag="said"):
    """An event of a stream. `keep` numbers what WhatsApp keeps until it is acknowledged."""

    stream: int
    kind: str
    body: msgspec.Raw
    keep: int | None = None


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """What became of what `ref` asked. `code` None is success."""

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
        events.Receipt,
    )
}

_encoder = msgspec.msgpack.Encoder()
_from_node = msgspec.msgpack.Decoder(list[FromNode])
_from_whatsapp = msgspec.msgpack.Decoder(list[FromWhatsApp])
_events = {name: msgspec.msgpack.Decoder(kind) for name, kind in EVENTS.items()}


def pack(frames: list[FromNode] | list[FromWhatsApp]) -> bytes:
    return _encoder.encode(frames)


def unpack_from_node(data: bytes) -> list[FromNode]:
    return _from_node.decode(data)


def unpack_from_whatsapp(data: bytes) -> list[FromWhatsApp]:
    return _from_whatsapp.decode(data)


def said(stream: int, event: events.Event, keep: int | None = None) -> Said:
    return Said(stream, type(event).__name__, msgspec.Raw(_encoder.encode(event)), keep)


def event_of(frame: Said) -> events.Event:
    event: events.Event = _events[frame.kind].decode(frame.body)
    return event
