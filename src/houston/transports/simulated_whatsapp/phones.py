"""The phones of the simulated WhatsApp: what each is linked with, who holds its stream, what waits."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from houston.transports import events
from houston.transports.events import ConfirmationKind


class Stream(Protocol):
    """One connection of one number, as the world sees it."""

    credentials: bytes | None

    def say(self, event: events.Event, keep: int | None = None) -> None: ...


@dataclass(slots=True)
class Pairing:
    """A round of codes that a stream shows."""

    stream: Stream
    codes: list[str]
    shown: int = 0
    until: datetime | None = None

    @property
    def live(self) -> str | None:
        return self.codes[self.shown - 1] if 0 < self.shown <= len(self.codes) else None


@dataclass(slots=True)
class Phone:
    """One number and all that WhatsApp knows of it."""

    number: str
    online: bool = True
    lost_at: datetime | None = None
    linked: set[bytes] = field(default_factory=set)
    """The credentials that WhatsApp accepts."""
    stream: Stream | None = None
    """Who gets what arrives. The newest stream of a number is the only one."""
    elsewhere: int | None = None
    """Another client holds the stream; it comes back so many times when it is replaced."""
    pairing: Pairing | None = None
    protected_by: ConfirmationKind | None = None
    to_confirm: Pairing | None = None
    banned_until: datetime | None = None
    restricted_until: datetime | None = None
    silent: bool = False
    """The link stays up and answers nothing."""
    outdated: bool = False
    """WhatsApp refuses the version of whoever connects."""
    kept: dict[int, events.MessageEvent] = field(default_factory=dict)
    """What was not acknowledged yet, oldest first."""
