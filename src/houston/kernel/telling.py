"""Says sentences in the language of whoever reads them. Asked where an answer is written, and nowhere before.

The wording lies in `texts/sentence.*.json`, by the English sentence. It is read when somebody is first told
something in another language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from string import Formatter
from typing import Any, Final

from houston.kernel.sentence import Said, Sentence, Whole, Worded
from houston.kernel.texts import texts_of
from houston.kernel.words import LANGUAGE

_THOUSANDS: Final = {"ru": "\u00a0", "es": ".", "pt": "."}
"""What parts them in numbers; English has commas."""


def tell(said: Said, language: str) -> str:
    """A sentence in a language that we speak; English where it lacks the words."""
    if language == LANGUAGE:
        return str(said)
    wording = _wording().get(language, {})
    if isinstance(said, str):
        return wording.get(said, said)
    pattern = wording.get(said.pattern, said.pattern)
    return _Filling(language).vformat(pattern, (), said.values)


class _Filling(Formatter):
    """Puts values in their places: sentences in the reader's language, numbers as it writes them."""

    def __init__(self, language: str) -> None:
        self._language = language

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        return value if isinstance(value, _Written) else super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        match value:
            case Sentence() | Whole():
                return tell(value, self._language)
            case Worded():
                return value.in_language(self._language)
            case _Written():
                return value
        filled: str = format(value, format_spec)
        return filled.replace(",", _THOUSANDS[self._language]) if format_spec == "," else filled


class _Written(str):
    """A value as it was written into a text before."""


# --- Of others ---------------------------------------------------------------------------------

_CHARACTERS_MAX: Final = 500
"""Longer ones are no sentences, and would be long in looking at."""
_DEPTH_MAX: Final = 3
"""How deep sentences stand in sentences."""
_OWN_CHARACTERS_MIN: Final = 8
"""What says less than this by itself fits anything: it counts only around sentences that we know."""


def tell_text(text: str, language: str) -> str:
    """The same for a text that was filled in before: by a library of ours, or long ago and stored since.

    What no sentence of ours fits is shown as it came: it is somebody else's.
    """
    if language == LANGUAGE or len(text) > _CHARACTERS_MAX:
        return text
    return tell(_sentence_of(text) or text, language)


@lru_cache(maxsize=256)
def _sentence_of(text: str, depth: int = _DEPTH_MAX) -> Said | None:
    """The sentence that a text was made from, if it is one of ours. Values may be sentences again."""
    if text in _known():
        return text
    shapes = _shapes() if depth else ()
    fitting = [fit for shape in shapes if (fit := _fit(shape, text, depth - 1)) is not None]
    return max(fitting, key=lambda fit: fit.rank).sentence if fitting else None


@dataclass(frozen=True, slots=True)
class _Fit:
    sentence: Sentence
    rank: tuple[bool, int]
    """What leaves no stretch of somebody else's words is better than what says more by itself."""


def _fit(shape: "_Shape", text: str, depth: int) -> _Fit | None:
    found = shape.places.fullmatch(text)
    if found is None:
        return None
    values = {name: _value_of(value, depth) for name, value in found.groupdict().items()}
    written = [value for value in values.values() if isinstance(value, _Written)]
    is_whole = not any(" " in value for value in written)
    if shape.own < _OWN_CHARACTERS_MIN and not (is_whole and len(written) < len(values)):
        return None
    return _Fit(Sentence(shape.pattern, values), (is_whole, shape.own))


def _value_of(text: str, depth: int) -> Sentence | Whole | _Written:
    """What stood in a place. A single word is a name, even where it is a word of ours as well."""
    match _sentence_of(text, depth) if " " in text else None:
        case None:
            return _Written(text)
        case Sentence() as said:
            return said
        case known:
            return Whole(known)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a sentence with places looks when it is filled in."""

    pattern: str
    places: re.Pattern[str]
    own: int
    """How many characters are its own."""


@cache
def _known() -> frozenset[str]:
    return frozenset(one for texts in _wording().values() for one in texts)


@cache
def _shapes() -> list[_Shape]:
    return [shape for pattern in sorted(_known()) if (shape := _shape(pattern)) is not None]


def _shape(pattern: str) -> _Shape | None:
    try:
        parts = [(text, name) for text, name, *_ in Formatter().parse(pattern)]
    except ValueError:
        return None  # A lone brace: it has no places.
    if not any(name for _, name in parts):
        return None
    written = "".join(re.escape(text) + _place(name, text) for text, name in parts)
    return _Shape(pattern, re.compile(written, re.DOTALL), sum(len(text) for text, _ in parts))


def _place(name: str | None, before: str) -> str:
    if name is None:
        return ""
    return f"(?P<{name}>[^`]*)" if before.endswith("`") else f"(?P<{name}>.*)"


@cache
def _wording() -> Mapping[str, Mapping[str, str]]:
    """By language, then by the English sentence."""
    return texts_of("sentence", dict[str, str])
