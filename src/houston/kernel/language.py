"""Which language an answer is written in. Pure."""

import re
from functools import lru_cache
from typing import Final

from houston.kernel.words import LANGUAGE

LANGUAGES: Final = {"en": "English", "ru": "Русский", "es": "Español", "pt": "Português"}
"""All that Houston speaks, each by its own name."""
_HEADER_CHARACTERS_MAX: Final = 500
_RANGE = re.compile(
    r"\s*([a-z]{1,8}|\*)(?:-[a-z0-9-]+)?\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.I,
)


@lru_cache(maxsize=256)
def language_of(accept_language: str) -> str:
    """The language of ours that an Accept-Language header likes best (RFC 9110, 12.5.4), or English.

    Only the first part of a tag counts: we speak no dialects. What cannot be read is passed over.
    """
    liked: dict[str, float] = {}
    for part in accept_language[:_HEADER_CHARACTERS_MAX].split(","):
        found = _RANGE.fullmatch(part)
        if found is not None:
            tag, weight = found[1].lower(), float(found[2] or 1)
            liked[tag] = max(weight, liked.get(tag, 0.0))
    rest = liked.pop("*", 0.0)
    ranked = {one: liked.get(one, rest) for one in [*liked, *LANGUAGES] if one in LANGUAGES}
    best = max(ranked, key=lambda one: ranked[one])
    return best if ranked[best] > 0 else LANGUAGE
