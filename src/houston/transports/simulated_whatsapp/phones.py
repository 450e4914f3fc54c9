"""The phones of the simulated WhatsApp: what each is linked with, who holds its stream, what waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from houston.transports import events
from houston.transports.events import ConfirmationKind


class Stream(Protocol):
    """One connection of one number, as the world sees it."""

    credentials: bytes | None
    without_phone: bool
    """It goes on while the phone is away."""

    def say(self, event: events.Event, keep: int | None = None) -> None: ...


@dataclass(slots=True)
class Phone:
    """One number and all that WhatsApp knows of it."""

    number: str

    # What outlives the simulator's process: entries.PhoneNoted has the same fields.
    online: bool = True
    lost_at: datetime | None = None
    linked: set[bytes] = field(default_factory=set)
    """The credentials that WhatsApp accepts."""
    banned: events.Banned | None = None
    restricted_until: datetime | None = None
    protected_by: ConfirmationKind | None = None
    outdated: bool = False
    """WhatsApp refuses the version of whoever connects."""
    silent: bool = False
    """The link stays up and answers nothing."""
    kept: dict[int, events.MessageEvent] = field(default_factory=dict)
    """What was not acknowledged yet, oldest first."""

    # What ends with it.
    stream: Stream | None = None
    """Who gets what arrives. The newest stream of a number is the only one."""
    told: int = 0
    """The last of `kept` that this stream was told."""
    knocking: "Knock | None" = None
    """Who connected while the phone was silent, and still waits for a word."""
    elsewhere: int | None = None
    """Another client holds the stream; it comes back so many times when it is replaced."""

    def is_banned(self, now: datetime) -> bool:
        return self.banned is not None and (self.banned.until is None or self.banned.until > now)

    def is_restricted(self, now: datetime) -> bool:
        return self.restricted_until is not None and self.restricted_until > now

    def can_talk(self, stream: Stream) -> bool:
        """In the classic mode the phone is the sender: without it nothing goes either way."""
        return self.online or stream.without_phone

    def listener(self) -> Stream | None:
        """Who is to be told what arrives now; None when it has to wait."""
        stream = self.stream
        return stream if stream and not self.silent and self.can_talk(stream) else None

    def untold(self) -> list[tuple[int, events.MessageEvent]]:
        return [(keep, event) for keep, event in self.kept.items() if keep > self.told]


@dataclass(frozen=True, slots=True)
class Knock:
    """A stream that nobody has answered, and what to do when somebody does."""

    stream: Stream
    answer: Callable[[], None]
