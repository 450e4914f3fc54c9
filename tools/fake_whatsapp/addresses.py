"""Addresses: a number has one by its digits, and one by an id that hides them. Pure."""

import re
from enum import StrEnum
from typing import Final

GROUP: Final = "g.us"
_NUMBERS: Final = "s.whatsapp.net"
_HIDDEN: Final = "lid"
_ADDRESS: Final = re.compile(r"(\d+)(?:_\d+)?(?::(\d+))?@(.+)")


def by_number(number: str, device: int = 0) -> str:
    return f"{number}{_written(device)}@{_NUMBERS}"


def hidden(number: str, device: int = 0) -> str:
    """The same one for a number every time, so that nobody needs to write it down."""
    return f"1{number.rjust(14, '0')}{_written(device)}@{_HIDDEN}"


class Shown(StrEnum):
    """Under which address a person is met."""

    NUMBER = "number"
    """By the number; the other one is told along with it."""
    BOTH = "both"
    """By the id that hides it, with the number told along."""
    HIDDEN = "hidden"
    """By that id alone."""


def sender(number: str, shown: Shown) -> dict[str, str]:
    """How a stanza names somebody who wrote to us alone."""
    match shown:
        case Shown.NUMBER:
            return {"from": by_number(number), "sender_lid": hidden(number)}
        case Shown.BOTH:
            return {"from": hidden(number), "sender_pn": by_number(number)}
        case Shown.HIDDEN:
            return {"from": hidden(number)}


def number_of(address: str) -> str | None:
    """Whose address it is, whichever way it is written; None when it is no person's."""
    parts = _ADDRESS.fullmatch(address)
    if parts is None or parts[3] not in (_NUMBERS, _HIDDEN):
        return None
    return parts[1][1:].lstrip("0") if parts[3] == _HIDDEN else parts[1]


def device_of(address: str) -> int:
    parts = _ADDRESS.fullmatch(address)
    return int(parts[2] or 0) if parts else 0


def _written(device: int) -> str:
    return f":{device}" if device else ""
