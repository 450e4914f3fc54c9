"""What the server and a worker say to each other over their own socket: frames in MessagePack.

A stream is one opening of a channel, numbered by the server. What the worker keeps in its journal
carries a number and is told again until it is acknowledged.
"""

from typing import Any, Final

import msgspec

from houston.kernel.content import Content
from houston.transports import events
from houston.transports.transport import NotSent, Outgoing, Sent, Unknown

FRAME_BYTES_MAX: Final = 64 * 1024**2
_LENGTH_BYTES: Final = 4


# --- From the server ---------------------------------------------------------------------------


class Begin(msgspec.Struct, frozen=True, tag="begin"):
    """The first frame: the key to seal with, and where to keep what. It is in no file and no variable."""

    key: bytes
    live_dir: str
    books_dir: str
    beat_seconds: float
    phone_silent_seconds: float


class Open(msgspec.Struct, frozen=True, tag="open", kw_only=True):
    """Connect a channel with its sealed keys; without them, pair. `typed_on` asks for a code to type."""

    stream: int
    channel: str
    credentials: bytes | None
    typed_on: str | None = None
    qr_seconds: tuple[float, ...]
    confirm_seconds: float
    """For so long a passkey may be asked for before the round is given up."""


class Close(msgspec.Struct, frozen=True, tag="close"):
    """Close the link. `forget` makes WhatsApp forget the keys first."""

    stream: int
    forget: bool = False


class Loaded(msgspec.Struct, frozen=True):
    """A file that a message brings, and where it lies on this machine."""

    content: Content
    path: str


class Send(msgspec.Struct, frozen=True, tag="send"):
    """Hand a message over. `ref` is what the answer will carry."""

    stream: int
    ref: int
    message: Outgoing
    load: Loaded | None = None


class Fetch(msgspec.Struct, frozen=True, tag="fetch"):
    """Download what the message of an entry announces, into an empty file that is there."""

    stream: int
    ref: int
    entry: int
    path: str
    bytes_max: int


class Resolve(msgspec.Struct, frozen=True, tag="resolve"):
    """Find out what became of the message of this key."""

    stream: int
    ref: int
    key: str


class Probe(msgspec.Struct, frozen=True, tag="probe"):
    """Ask WhatsApp for a sign of life."""

    stream: int
    ref: int


class MarkRead(msgspec.Struct, frozen=True, tag="mark_read"):
    """An operator has read these messages of a person."""

    stream: int
    chat: str
    wire_ids: tuple[str, ...]


class Stored(msgspec.Struct, frozen=True, tag="stored"):
    """These entries of the journal are on the server's disk."""

    stream: int
    entries: tuple[int, ...]


class KeysStored(msgspec.Struct, frozen=True, tag="keys_stored"):
    """The sealed keys of this number are on the server's disk, or (not ok) were refused."""

    stream: int
    number: int
    ok: bool


FromServer = Begin | Open | Close | Send | Fetch | Resolve | Probe | MarkRead | Stored | KeysStored


# --- From the worker ---------------------------------------------------------------------------


class Beat(msgspec.Struct, frozen=True, tag="beat"):
    """The worker's loop turns."""


class Said(msgspec.Struct, frozen=True, tag="said"):
    """An event of a stream. `entry` is its number in the journal, if it was kept there."""

    stream: int
    kind: str
    body: msgspec.Raw
    entry: int | None = None


class KeysSealed(msgspec.Struct, frozen=True, tag="keys_sealed"):
    """The channel's keys as they are now, sealed, to be stored."""

    stream: int
    number: int
    credentials: bytes


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """What became of what `ref` asked: a result of sending or fetching, or whether a probe was answered."""

    stream: int
    ref: int
    kind: str
    body: msgspec.Raw


class Closed(msgspec.Struct, frozen=True, tag="closed"):
    """The stream has ended, and nothing more is said on it."""

    stream: int


FromWorker = Beat | Said | KeysSealed | Answered | Closed


# --- Packing -----------------------------------------------------------------------------------


class Fetched(msgspec.Struct, frozen=True):
    """The file is filled."""

    size: int


class NotFetched(msgspec.Struct, frozen=True):
    """It is not; and if it is for good, there is no use in trying again."""

    code: str
    for_good: bool


Answer = Sent | NotSent | Unknown | bool | Fetched | NotFetched

EVENTS: Final = (
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
    events.LinkQuiet,
    events.Alive,
    events.Replaced,
    events.LoggedOut,
    events.Banned,
    events.Restricted,
    events.Outdated,
    events.Faulted,
    events.PhoneLost,
    events.PhoneSeen,
    events.Incoming,
    events.Echoed,
    events.Edited,
    events.Revoked,
    events.Reacted,
    events.Receipt,
    events.Gap,
    events.Missed,
)
_encoder: Final = msgspec.msgpack.Encoder()
_from_server: Final = msgspec.msgpack.Decoder(FromServer)
_from_worker: Final = msgspec.msgpack.Decoder(FromWorker)
_bodies: Final[dict[str, msgspec.msgpack.Decoder[Any]]] = {
    kind.__name__: msgspec.msgpack.Decoder(kind)
    for kind in (*EVENTS, Sent, NotSent, Unknown, bool, Fetched, NotFetched)
}


def packed(frame: FromServer | FromWorker) -> bytes:
    """A frame as it travels: its length, then itself."""
    body = _encoder.encode(frame)
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


def said(stream: int, event: events.Event, entry: int | None = None) -> Said:
    return Said(stream, type(event).__name__, msgspec.Raw(_encoder.encode(event)), entry)


def answered(stream: int, ref: int, answer: Answer) -> Answered:
    return Answered(stream, ref, type(answer).__name__, msgspec.Raw(_encoder.encode(answer)))


def event_of(frame: Said) -> events.Event:
    event: events.Event = _bodies[frame.kind].decode(frame.body)
    return event


def answer_of(frame: Answered) -> Answer:
    answer: Answer = _bodies[frame.kind].decode(frame.body)
    return answer


class Unpacker:
    """Cuts what comes out of the socket into frames."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def frames_from_worker(self, data: bytes) -> list[FromWorker]:
        return [_from_worker.decode(body) for body in self._bodies(data)]

    def frames_from_server(self, data: bytes) -> list[FromServer]:
        return [_from_server.decode(body) for body in self._bodies(data)]

    def _bodies(self, data: bytes) -> list[bytes]:
        """The frames that are whole by now.

        Raises:
            ValueError: the other side claims a frame that is too long; it is broken.
        """
        self._rest += data
        bodies = []
        while len(self._rest) >= _LENGTH_BYTES:
            length = int.from_bytes(self._rest[:_LENGTH_BYTES], "big")
            if length > FRAME_BYTES_MAX:
                raise ValueError(f"a frame of {length} bytes, at most {FRAME_BYTES_MAX}")
            end = _LENGTH_BYTES + length
            if len(self._rest) < end:
                break
            bodies.append(bytes(self._rest[_LENGTH_BYTES:end]))
            del self._rest[:end]
        return bodies
