"""The lines of the simulated WhatsApp's journal: each says what has happened, enough to let it happen again."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from houston.transports import events
from houston.transports.events import ConfirmationKind
from houston.transports.simulated_whatsapp.people import Arrival, Tally
from houston.transports.simulated_whatsapp.phones import Phone


class PhoneNoted(msgspec.Struct, frozen=True, tag="phone"):
    """How a phone is now."""

    number: str
    online: bool
    lost_at: datetime | None
    linked: set[bytes]
    banned: events.Banned | None
    restricted_until: datetime | None
    protected_by: ConfirmationKind | None
    outdated: bool
    silent: bool


class PersonNoted(msgspec.Struct, frozen=True, tag="person"):
    """How a person is from `at` on. Who comes back gets what waited."""

    phone: str
    online: bool
    absent: bool
    at: datetime


class Took(msgspec.Struct, frozen=True, tag="took"):
    """WhatsApp took a message for a person."""

    to: str
    message: Arrival


class Altered(msgspec.Struct, frozen=True, tag="altered"):
    """The message `wire_id` gave `target` another text, or (None) took it back."""

    sender: str
    wire_id: str
    target: str
    text: str | None


class Emoted(msgspec.Struct, frozen=True, tag="emoted"):
    """The message `wire_id` put an emoji on `target`, or (None) took it off."""

    sender: str
    wire_id: str
    target: str
    emoji: str | None


class Kept(msgspec.Struct, frozen=True, tag="kept"):
    """An event waits until Houston acknowledges it."""

    phone: str
    keep: int
    kind: str
    body: msgspec.Raw


class Acknowledged(msgspec.Struct, frozen=True, tag="acknowledged"):
    """Houston has stored these."""

    phone: str
    keeps: list[int]


class PersonRead(msgspec.Struct, frozen=True, tag="person_read"):
    """A person has read everything, or all that `sender` wrote."""

    phone: str
    sender: str | None


class OperatorRead(msgspec.Struct, frozen=True, tag="operator_read"):
    """Houston has marked messages of people as read."""

    wire_ids: tuple[str, ...]


class Counted(msgspec.Struct, frozen=True, tag="counted"):
    """Something was counted that leaves no other trace."""

    tally: Tally


Entry = (
    PhoneNoted
    | PersonNoted
    | Took
    | Altered
    | Emoted
    | Kept
    | Acknowledged
    | PersonRead
    | OperatorRead
    | Counted
)

Note = Callable[[Entry], None]
"""Write down what must outlive the process."""


def noted(phone: Phone) -> PhoneNoted:
    return PhoneNoted(**{name: getattr(phone, name) for name in PhoneNoted.__struct_fields__})


def put_back(phone: Phone, entry: PhoneNoted) -> None:
    for name in PhoneNoted.__struct_fields__:
        setattr(phone, name, getattr(entry, name))
