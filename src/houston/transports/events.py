"""What a transport may say to Houston. Every messenger's own words end here.

Events are facts about the other side, so they are named in the past tense. All times are UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from houston.kernel.content import Content


class ConfirmationKind(StrEnum):
    """What linking asks a person for besides the scan."""

    PASSKEY = "passkey"
    TWO_STEP_CODE = "two_step_code"


class LogoutCause(StrEnum):
    """Proof that the keys are worthless, and whose doing it was."""

    LOGGED_OUT_EVERYWHERE = "logged_out_everywhere"
    UNLINKED_ON_PHONE = "unlinked_on_phone"
    KEYS_REFUSED = "keys_refused"


class ReceiptKind(StrEnum):
    """How far a message of ours has come."""

    SENT = "sent"
    """The number's own phone has it, so WhatsApp took it."""
    DELIVERED = "delivered"
    READ = "read"


# --- Pairing ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QrShown:
    """A code that a phone can scan until `until`. The code is a secret: never logged."""

    code: str
    until: datetime
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class QrExpired:
    """All codes of this round have run out; the transport shows no more by itself."""


@dataclass(frozen=True, slots=True)
class PairingCodeShown:
    """The short code that a person types on the phone instead of scanning."""

    code: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ConfirmationAsked:
    """Linking waits for a passkey or a two-step code."""

    kind: ConfirmationKind


@dataclass(frozen=True, slots=True)
class Paired:
    """A phone was linked. `phone` is whose: digits without `+`; it may be the wrong one."""

    phone: str
    credentials: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeysChanged:
    """The keys that pairing gave have moved on: these replace them. Only who holds the channel may."""

    credentials: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PairingFailed:
    """The scan came to nothing; `reason` is a machine code."""

    reason: str


NO_CODE: Final = "no_code"
"""Why it came to nothing before anybody could scan."""
PASSKEY_NOT_ANSWERED: Final = "passkey_not_answered"
"""Why it came to nothing after a scan: the transport cannot prove what was asked for."""


# --- The link --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Online:
    """WhatsApp let us in with our keys. What waited for us follows as a backlog."""


@dataclass(frozen=True, slots=True)
class BacklogBegan:
    """WhatsApp holds `expected` messages that came while we were away, and now hands them over."""

    expected: int


@dataclass(frozen=True, slots=True)
class BacklogEnded:
    """Everything that waited was handed over."""

    besides: int = 0
    """How many of what was expected were no messages of their own, but changes of others, or reactions."""


@dataclass(frozen=True, slots=True)
class Offline:
    """The link is gone. `cause` is a machine code, such as `network` or `refused`."""

    cause: str


@dataclass(frozen=True, slots=True)
class LinkQuiet:
    """The link says up, yet nothing has come over it since `since`."""

    since: datetime


@dataclass(frozen=True, slots=True)
class Alive:
    """Proof of life: a frame, an acknowledgement or an answered probe."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another client took our stream: somebody opened this number elsewhere."""


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """WhatsApp no longer accepts our keys."""

    cause: LogoutCause


@dataclass(frozen=True, slots=True)
class Banned:
    """WhatsApp blocked the number, until `until` or (None) for good."""

    until: datetime | None
    code: str


@dataclass(frozen=True, slots=True)
class Restricted:
    """The number may answer, but not start new chats before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Outdated:
    """WhatsApp refuses the version of the library that speaks to it."""

    version: str


@dataclass(frozen=True, slots=True)
class Faulted:
    """Anything else that went wrong on the wire."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class PhoneLost:
    """The phone, or its network, is gone since `since`."""

    since: datetime


@dataclass(frozen=True, slots=True)
class PhoneSeen:
    """The phone gave a sign of life."""

    at: datetime


LinkEvent = (
    QrShown
    | QrExpired
    | PairingCodeShown
    | ConfirmationAsked
    | Paired
    | PairingFailed
    | Online
    | BacklogBegan
    | BacklogEnded
    | Offline
    | LinkQuiet
    | Alive
    | Replaced
    | LoggedOut
    | Banned
    | Restricted
    | Outdated
    | Faulted
    | PhoneLost
    | PhoneSeen
)


# --- Messages --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Somebody wrote to the channel.

    `chat` is the address of the talk, `author` of who wrote (the same in a talk between two).
    `retrieved` says that it waited at WhatsApp while we were away. It may be told again when its
    content, which was still being fetched, is there.
    """

    wire_id: str
    chat: str
    author: str
    author_name: str | None = None
    text: str | None = None
    content: Content | None = None
    quoted_wire_id: str | None = None
    sent_at: datetime
    hidden: str | None = None
    """The messenger's own address of the chat, where it is known besides the number."""
    retrieved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Echoed:
    """The number's owner wrote this on the phone itself; we only learn of it."""

    wire_id: str
    chat: str
    text: str | None = None
    content: Content | None = None
    sent_at: datetime
    hidden: str | None = None
    """The messenger's own address of the chat, where it is known besides the number."""
    retrieved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A message of the chat was given another text."""

    wire_id: str
    chat: str
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """A message of the chat was taken back for everyone."""

    wire_id: str
    chat: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted:
    """Somebody put an emoji on a message of the chat, in place of their earlier one, or (None) took it off.

    The author of what was done on the number's own phone is nobody.
    """

    wire_id: str
    chat: str
    author: str
    author_name: str | None = None
    emoji: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Messages of ours reached, or were read by, the other side."""

    wire_ids: tuple[str, ...]
    chat: str
    kind: ReceiptKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Messages of this stretch of time may be missing, and nobody can fetch them."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """This one message came to us and was lost before it was written down. Nobody can fetch it.

    Whether it said something, and what, is not known; the phone shows it. `at` is when it was certainly
    there. The author of what was written on the number's own phone is nobody.
    """

    wire_id: str
    chat: str
    author: str
    at: datetime


MessageEvent = Incoming | Echoed | Edited | Revoked | Reacted | Receipt | Gap | Missed
Event = LinkEvent | MessageEvent | KeysChanged

LAST_WORDS = (Offline, Replaced, LoggedOut, Banned, Outdated, Faulted, PairingFailed, QrExpired)
"""After these a wire says nothing more of its link; the next one begins with `start`."""
