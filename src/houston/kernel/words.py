"""How words for people are chosen, and which there are for what is connected. The wording: `houston/texts`.

What is connected (a CRM, a webhook) is worded once: its own page and the notices about it say the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

LANGUAGE: Final = "en"
"""What is spoken with those whose own language we do not speak."""

Words = TypeVar("Words")


def nearest(language: str, texts: Mapping[str, Words]) -> Words:
    """In the language that we speak which comes nearest to what was asked for."""
    return texts.get(language.split("-")[0].lower(), texts[LANGUAGE])


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How one state of a connection or an endpoint is told."""

    title: str
    meaning: str
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrations:
    """The words for all that is connected, in one language."""

    states: Mapping[str, Mapping[str, Told]]
    """By what it is (`crm`, `webhook`), then by how it is."""
    faults: Mapping[str, str]
    """What went wrong between Houston and a CRM, by code."""
    findings: Mapping[str, Mapping[str, str]]
    """What the test of a connection has looked at: by kind of CRM, then by name."""
