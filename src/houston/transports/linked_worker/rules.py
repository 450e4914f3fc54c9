"""What the library's words mean for a message and for a channel. Pure: knows neither pipe nor library."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from houston.transports.events import (
    Banned,
    Event,
    Gap,
    LoggedOut,
    LogoutCause,
    PhoneLost,
)
from houston.transports.transport import NotSent, Retry, SendResult, Sent, Unknown

QR_SECONDS: Final = (60.0, 20.0, 20.0, 20.0, 20.0, 20.0)
"""How long each code of a round lives: 160 seconds in all, after which the library falls silent."""
CONFIRM_SECONDS: Final = 90.0
"""How long a person may look at the phone that asks for a passkey, before another code is shown."""
LIBRARY_SEND_SECONDS_MAX: Final = 80.0
"""The library gives up after 75 seconds, or never: then we do (facts: a send can block for ever)."""
RESTRICTED_FOR: Final = timedelta(hours=1)
"""WhatsApp does not say until when a number may not start chats, so it is asked again after that."""
PHONE_UNSEEN_MAX: Final = timedelta(days=10)
"""For so long may a phone be unseen when nothing is sent; WhatsApp unlinks after about fourteen days."""


# --- What became of a message ------------------------------------------------------------------

_SERVER_ERROR: Final = re.compile(r"server returned error (\d+)")
_MAY_NOT_START_CHATS: Final = 463

_NOT_SENT: Final[Sequence[tuple[str, Retry, str]]] = (
    ("websocket not connected", Retry.WHEN_ONLINE, "not_online"),
    ("failed to get device list", Retry.WHEN_ONLINE, "not_online"),
    ("failed to get user info for", Retry.WHEN_ONLINE, "not_online"),
    ("doesn't contain a device JID", Retry.WHEN_ONLINE, "logged_out"),
    ("no LID found for", Retry.NEVER, "not_on_whatsapp"),
    ("failed to parse JID", Retry.NEVER, "bad_address"),
    ("unknown server", Retry.NEVER, "bad_address"),
)
"""Texts of the library that say for certain that nothing has left, as they were seen."""


def send_failure(text: str, now: datetime) -> SendResult:
    """What an error text of a send means. Whatever was never seen before is not taken for certain."""
    refused = _SERVER_ERROR.search(text)
    if refused:
        return _refused(int(refused[1]), text, now)
    for words, retry, code in _NOT_SENT:
        if words in text:
            return NotSent(retry=retry, code=code, text=text)
    return Unknown(None)


def _refused(number: int, text: str, now: datetime) -> NotSent:
    if number == _MAY_NOT_START_CHATS:
        return NotSent(
            retry=Retry.WHEN_ALLOWED,
            code="restricted",
            text=text,
            not_before=now + RESTRICTED_FOR,
        )
    code = f"refused_{number}"
    if 400 <= number < 500:
        return NotSent(retry=Retry.NEVER, code=code, text=text)
    later = now + timedelta(seconds=30)
    return NotSent(retry=Retry.LATER, code=code, text=text, not_before=later)


_STATUS: Final = re.compile(r"status code (\d+)")
_DAMAGED: Final = ("hash of media", "hmac", "file length", "no url present", "unknown media")


def upload_failure(text: str, not_before: datetime) -> NotSent:
    """What an error text of an upload means. Whatever it is, the message has not left."""
    status = _STATUS.search(text)
    if status and 400 <= int(status[1]) < 500:
        return NotSent(retry=Retry.NEVER, code="content_refused", text=text)
    return NotSent(retry=Retry.LATER, code="not_uploaded", text=text, not_before=not_before)


def download_failure(text: str) -> tuple[str, bool]:
    """What an error text of a download means, and whether for good.

    Files are gone from WhatsApp's hosts after some weeks.
    """
    status = _STATUS.search(text)
    if status and status[1] in ("403", "404", "410"):
        return "gone", True
    if any(words in text for words in _DAMAGED):
        return "damaged", True
    return "not_downloaded", False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What the books and the library's own store know of a message that was handed over."""

    wire_id: str | None
    """The id that the library wrote down before the frame left; None when it wrote none."""
    proven_at: datetime | None
    """When a receipt of any kind proved that WhatsApp has it."""
    phone_saw_later_ones: bool
    """The number's own phone, which gets a copy of all, has confirmed messages that came after it."""
    store_is_whole: bool
    """The library's store was not restored from an older copy, so what is not in it never was."""


def verdict(trace: Trace) -> SendResult:
    """What is certain of a message whose sending was cut off. When in doubt, a person decides."""
    if trace.wire_id is None:
        if not trace.store_is_whole:
            return Unknown(None)
        return NotSent(
            retry=Retry.NOW, code="never_left", text="The library never began to send it"
        )
    if trace.proven_at is not None:
        return Sent(trace.wire_id, trace.proven_at)
    if trace.phone_saw_later_ones:
        return NotSent(
            retry=Retry.NOW, code="never_arrived", text="The phone got later messages, not this one"
        )
    return Unknown(trace.wire_id)


# --- Why the link ended ------------------------------------------------------------------------


class LogoutReason(IntEnum):
    """The library's numbers for why WhatsApp no longer takes the keys."""

    LOGGED_OUT = 2
    MAIN_DEVICE_GONE = 4
    UNKNOWN_LOGOUT = 5


def logged_out(reason: int, *, on_connect: bool) -> Event:
    """What a logout means. While online WhatsApp does not say whether one device was removed or all."""
    if reason == LogoutReason.UNKNOWN_LOGOUT:
        return Banned(None, "406")
    if not on_connect:
        return LoggedOut(LogoutCause.LOGGED_OUT_EVERYWHERE)
    gone = reason == LogoutReason.MAIN_DEVICE_GONE
    return LoggedOut(LogoutCause.UNLINKED_ON_PHONE if gone else LogoutCause.KEYS_REFUSED)


def banned(code: int, expire_seconds: int, now: datetime) -> Banned:
    """A ban with an end. The library numbers WhatsApp's codes 101 and up from 1."""
    return Banned(now + timedelta(seconds=expire_seconds), str(100 + code if code < 100 else code))


# --- A sudden end ------------------------------------------------------------------------------

NOTE_SECONDS: Final = 15.0
"""So often a worker writes down that a channel is open."""
_HANGS_SECONDS_MAX: Final = 30.0


def gap(alive_at: datetime, now: datetime) -> Gap:
    """When messages may have been lost: what the library had acknowledged when its process died.

    That was soon after the last note: of the time until the next start WhatsApp has kept everything.
    """
    died_at_latest = alive_at + timedelta(seconds=NOTE_SECONDS + _HANGS_SECONDS_MAX)
    return Gap(since=alive_at, until=min(died_at_latest, now))


# --- The phone ---------------------------------------------------------------------------------


def phone_lost(
    seen_at: datetime | None,
    unanswered_since: datetime | None,
    now: datetime,
    *,
    silent_max: timedelta,
) -> PhoneLost | None:
    """The phone counts as gone when it leaves too much unanswered, or was not seen for too long."""
    if seen_at is None:
        return None
    silent = unanswered_since is not None and now - unanswered_since >= silent_max
    return PhoneLost(seen_at) if silent or now - seen_at >= PHONE_UNSEEN_MAX else None


# --- Logs --------------------------------------------------------------------------------------

_SECRETS: Final = (
    (re.compile(r"https?://wa\.me/\S+|\b\d@[\w+/=,@-]{16,}"), "<code>"),
    (re.compile(r"\b[0-9a-fA-F]{32,}\b"), "<key>"),
    (re.compile(r"[A-Za-z0-9+/_-]{28,}={0,2}"), "<key>"),
    (re.compile(r"(?i)((?:conversation|text|caption|body)\"?\s*[:=]\s*).*"), r"\1<text>"),
    (re.compile(r"\d{4,}(?=\d{3})"), "…"),
)
_LINE_CHARACTERS_MAX: Final = 300


def masked(line: str) -> str:
    """A line of the library as it may be logged: no codes, no keys, no texts, no whole numbers."""
    for pattern, mask in _SECRETS:
        line = pattern.sub(mask, line)
    return line[:_LINE_CHARACTERS_MAX]
