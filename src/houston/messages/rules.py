"""What may be said, what becomes of it, and how fast: the rules of the outbox. Pure."""

import hashlib
import re
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import IntEnum
from math import ceil
from typing import Any, Final

from houston.channels.state import Policy, Status
from houston.kernel.content import Content
from houston.kernel.errors import BadRequest, ChannelRefuses
from houston.kernel.ids import MessageId
from houston.kernel.sentence import say
from houston.transports.events import MessageEvent, Receipt
from houston.transports.transport import NotSent, Pacing, Retry, SendResult, Sent, Unknown


class MessageStatus(IntEnum):
    """How far a message has come. A message only ever moves to a higher number (law M7).

    The order holds surprises on purpose: what is uncertain may turn out sent, what was sent may still
    fail at the messenger, and what was called failed or cancelled but then delivered did arrive.
    """

    QUEUED = 0
    SENDING = 1
    UNCERTAIN = 2
    SENT = 3
    FAILED = 4
    CANCELLED = 5
    DELIVERED = 6
    READ = 7
    RECEIVED = 10
    NOTICE = 11

    @property
    def word(self) -> str:
        return self.name.lower()


ON_THE_WIRE: Final = frozenset(
    {MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ, MessageStatus.RECEIVED}
)
"""Both sides have it."""


class Direction(IntEnum):
    """Whose a message is."""

    INCOMING = 0
    OUTGOING = 1
    NOTICE = 2
    """Houston's own words in a chat; they never leave it."""


TEXT_CHARACTERS_MAX: Final = 10_000
CLIENT_REF_CHARACTERS_MAX: Final = 200
URI_CHARACTERS_MAX: Final = 2_000
EMOJI_CHARACTERS_MAX: Final = 40
"""More than any emoji has: what comes as one and is longer is cut."""
HOUSTON_TEXT: Final = "Houston, scan the QR code"
MISSED_TEXT: Final = "A message of this person did not get through to Houston: read it on the phone"
MISSED_ECHO_TEXT: Final = (
    "A message that was written on the phone did not get through to Houston: read it there"
)

_ADDRESS = re.compile(r"[0-9]{5,20}(?:@lid)?")
_DECORATION = re.compile(r"[ ()\u00a0-]")
# Line feed, carriage return and tab are writing; every other control character is an accident.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def check_text(field: str, text: str, characters_max: int = TEXT_CHARACTERS_MAX) -> str:
    """The text, if it can be sent.

    Raises:
        BadRequest: it is blank, too long, or holds what no messenger can show.
    """
    if not text.strip():
        raise BadRequest(field, text, "write something: it is empty")
    if len(text) > characters_max:
        cure = say(
            "shorten it to {max:,} characters; it has {length:,}",
            max=characters_max,
            length=len(text),
        )
        raise BadRequest(field, text, cure)
    return check_writable(field, text)


def check_writable(field: str, text: str) -> str:
    """The text, if it holds no character that cannot be stored or shown.

    Raises:
        BadRequest: names the first such character and its place.
    """
    found = _UNWRITABLE.search(text)
    if found is not None:
        cure = say(
            "remove the control character U+{code:04X} at place {place}",
            code=ord(found[0]),
            place=found.start() + 1,
        )
        raise BadRequest(field, text, cure)
    return text


def check_address(field: str, address: str) -> str:
    """A phone number as WhatsApp writes it: digits with the country code. Or, as it comes, a hidden one.

    Raises:
        BadRequest: it is not one.
    """
    digits = _DECORATION.sub("", address).removeprefix("+")
    if not _ADDRESS.fullmatch(digits):
        raise BadRequest(field, address, "give a phone number with country code, 5 to 20 digits")
    return digits


def is_hidden(address: str) -> bool:
    """Whether it is the address by which WhatsApp hides a number."""
    return address.endswith("@lid")


def check_uri(field: str, uri: str) -> str:
    """An address from which content can be fetched.

    Raises:
        BadRequest: it is not http(s), or too long.
    """
    if len(uri) > URI_CHARACTERS_MAX or not re.fullmatch(r"https?://[^\s\x00-\x20]+", uri):
        cure = say("give an http(s) address of at most {max} characters", max=URI_CHARACTERS_MAX)
        raise BadRequest(field, uri, cure)
    return check_writable(field, uri)


def wire_id_of(message: MessageId) -> str:
    """The id WhatsApp will know the message by: a function of ours, so the same at every attempt."""
    digest = hashlib.blake2b(message.bytes, digest_size=9, person=b"houston-wire").hexdigest()
    return "3EB0" + digest.upper()


def storable(event: MessageEvent) -> MessageEvent:
    """What others wrote, with what no database can hold made visible: it must not be lost (law I3)."""
    texts = {field.name: getattr(event, field.name) for field in fields(event)}
    mended: dict[str, Any] = {
        name: _mended(text) for name, text in texts.items() if isinstance(text, str)
    }
    if isinstance(event, Receipt):
        mended["wire_ids"] = tuple(map(_mended, event.wire_ids))
    content = getattr(event, "content", None)
    if isinstance(content, Content) and content.name is not None:
        mended["content"] = replace(content, name=_mended(content.name))
    return replace(event, **mended)


def _mended(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


# --- Accept, hold, refuse (law M1, M2) ---------------------------------------------------------


def refusal(status: Status) -> ChannelRefuses:
    """The error that a sender gets in a status that refuses."""
    match status:
        case Status.DISABLED:
            cure = "Press “Enable the channel”"
            return ChannelRefuses("CHANNEL_BLOCKED", "The channel is disabled", cure)
        case Status.DELETED:
            cure = "Restore it, or use another one"
            return ChannelRefuses("CHANNEL_NOT_FOUND", "The channel does not exist", cure)
        case Status.NOT_PAID:
            return ChannelRefuses(
                "CHANNEL_NO_MONEY", "The channel is not paid", "Top up the balance"
            )
    raise AssertionError(status)


def composer(policy: Policy) -> str:
    """What pressing Enter would do: `send`, `queue` or `block`."""
    return {Policy.SEND: "send", Policy.HOLD: "queue", Policy.REFUSE: "block"}[policy]


# --- After an attempt (law M5-M7) --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What an attempt has made of a message. `open` ones go out again, in their place."""

    status: MessageStatus
    open: bool
    at: datetime
    not_before: datetime | None = None
    error_code: str | None = None
    error_text: str | None = None
    wire_id: str | None = None


_PAUSES_SECONDS: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300)


def settle(result: SendResult, *, repeatable: bool, attempts: int, now: datetime) -> Settlement:
    """Turn the answer of the wire into what happens next.

    An unknown outcome is tried again only where a repeat is harmless, as under the same id; elsewhere it is
    shown as uncertain and a person decides.
    """
    match result:
        case Sent(wire_id, at):
            return Settlement(status=MessageStatus.SENT, open=False, at=at, wire_id=wire_id)
        case NotSent(retry=Retry.NEVER):
            return Settlement(
                status=MessageStatus.FAILED,
                open=False,
                at=now,
                error_code=result.code,
                error_text=_mended(result.text),
            )
        case NotSent():
            text = _mended(result.text)
            return _again(result.code, text, result.not_before or _pause(attempts, now), now)
        case Unknown() if repeatable:
            return _again("no_answer", "WhatsApp did not confirm it", _pause(attempts, now), now)
        case Unknown(wire_id):
            # Under this id a receipt may still prove that it left.
            return Settlement(
                wire_id=wire_id,
                status=MessageStatus.UNCERTAIN,
                open=False,
                at=now,
                error_code="uncertain",
                error_text="It may have been sent: nothing can tell",
            )
    raise AssertionError(result)


def _again(code: str, text: str, not_before: datetime, now: datetime) -> Settlement:
    return Settlement(
        status=MessageStatus.QUEUED,
        open=True,
        at=now,
        not_before=not_before,
        error_code=code,
        error_text=text,
    )


def _pause(attempts: int, now: datetime) -> datetime:
    return now + timedelta(seconds=_PAUSES_SECONDS[min(attempts, len(_PAUSES_SECONDS)) - 1])


# --- Pacing (law M9) ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many messages a channel may send at once, as of a moment."""

    messages: float
    at: datetime


def full_allowance(pacing: Pacing, now: datetime) -> Allowance:
    return Allowance(float(pacing.burst), now)


def refilled(allowance: Allowance, pacing: Pacing, now: datetime) -> Allowance:
    """The allowance after time has passed; it never grows beyond the burst."""
    if pacing.per_minute is None:
        return Allowance(float("inf"), now)
    minutes = max(0.0, (now - allowance.at).total_seconds() / 60)
    return Allowance(min(pacing.burst, allowance.messages + minutes * pacing.per_minute), now)


def spent(allowance: Allowance, messages: int) -> Allowance:
    return Allowance(allowance.messages - messages, allowance.at)


def next_allowed(allowance: Allowance, pacing: Pacing) -> datetime:
    """When the next message may leave: rounded up, or whoever is told so would come too early, for ever."""
    if pacing.per_minute is None or allowance.messages >= 1:
        return allowance.at
    minutes = (1 - allowance.messages) / pacing.per_minute
    return allowance.at + timedelta(microseconds=ceil(minutes * 60_000_000))
