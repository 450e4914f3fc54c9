"""A table of places and contacts in WhatsApp's own messages, and what is read out of each."""

from typing import Any

import pytest

from houston.transports.linked_worker.cards import card_text
from houston.transports.linked_worker.library import import_messages

_, E2E, _ = import_messages()
IVAN = "BEGIN:VCARD\nVERSION:3.0\nFN:Ivan\nitem1.TEL;waid=79161234567:+7 916 123-45-67\nEND:VCARD"
MARY = (
    "BEGIN:VCARD\r\nTEL;TYPE=CELL:+49 170 1\r\nTEL;TYPE=HOME:+49 30 2\r\nTEL:+49 170 1\r\nEND:VCARD"
)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"locationMessage": {"degreesLatitude": 55.75, "degreesLongitude": -0.5}},
            "📍\nhttps://maps.google.com/maps?q=55.750000,-0.500000",
        ),
        (
            {"locationMessage": {"name": "Office", "address": "Main Street 1,\nfloor 2"}},
            "📍 Office, Main Street 1, floor 2\nhttps://maps.google.com/maps?q=0.000000,0.000000",
        ),
        (
            {"liveLocationMessage": {"caption": "on my way", "degreesLatitude": 1}},
            "📍 on my way\nhttps://maps.google.com/maps?q=1.000000,0.000000",
        ),
        (
            {"contactMessage": {"displayName": "Ivan", "vcard": IVAN}},
            "👤 Ivan\n+7 916 123-45-67",
        ),
        ({"contactMessage": {"displayName": "Nobody", "vcard": "no card"}}, "👤 Nobody"),
        (
            {
                "contactsArrayMessage": {
                    "contacts": [
                        {"displayName": "Mary", "vcard": MARY},
                        {"displayName": "Ivan", "vcard": IVAN},
                    ]
                }
            },
            "👤 Mary\n+49 170 1\n+49 30 2\n👤 Ivan\n+7 916 123-45-67",
        ),
        ({"conversation": "hello"}, None),
        ({}, None),
    ],
)
def test_a_place_and_a_contact_are_told_in_words(fields: dict[str, Any], said: str | None) -> None:
    assert card_text(E2E.Message(**fields)) == said


def test_a_card_without_an_end_is_bounded() -> None:
    card = {"displayName": "x", "vcard": "TEL:" + "9" * 100_000 + "\nTEL:1" * 10_000}
    assert card_text(E2E.Message(contactMessage=card)) == "👤 x\n" + "9" * 60 + "\n1"
