"""Places and people that somebody sent, in words that operators, integrators and CRMs can all show. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_MAP: Final = "https://maps.google.com/maps?q={:.6f},{:.6f}"
_NUMBER: Final = re.compile(
    r"^(?:item\d+\.)?TEL[^:\r\n]*:([^\r\n]{1,60})", re.MULTILINE | re.IGNORECASE
)
"""A telephone number in a vCard (RFC 6350, 6.4.1), as phones write it."""
_NUMBERS_MAX: Final = 20
_CONTACTS_MAX: Final = 50


def card_text(content: Any) -> str | None:
    """What a place or a contact says; None of a message that holds neither."""
    for field, tell in _CARDS.items():
        if content.HasField(field):
            return "\n".join(tell(getattr(content, field)))
    return None


def _place(place: Any) -> Iterator[str]:
    yield _line("📍", ", ".join(filter(None, [place.name, place.address])))
    yield _MAP.format(place.degreesLatitude, place.degreesLongitude)


def _moving_place(place: Any) -> Iterator[str]:
    yield _line("📍", place.caption)
    yield _MAP.format(place.degreesLatitude, place.degreesLongitude)


def _contact(contact: Any) -> Iterator[str]:
    yield _line("👤", contact.displayName)
    yield from dict.fromkeys(number.strip() for number in _numbers(contact.vcard))


def _contacts(several: Any) -> Iterator[str]:
    for contact in several.contacts[:_CONTACTS_MAX]:
        yield from _contact(contact)


def _numbers(card: str) -> list[str]:
    return _NUMBER.findall(card)[:_NUMBERS_MAX]


def _line(sign: str, words: str) -> str:
    return f"{sign} {' '.join(words.split())}".rstrip()


_CARDS: Final[Mapping[str, Callable[[Any], Iterator[str]]]] = {
    "locationMessage": _place,
    "liveLocationMessage": _moving_place,
    "contactMessage": _contact,
    "contactsArrayMessage": _contacts,
}
