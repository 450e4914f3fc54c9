"""Sentences for people, with what they name kept apart, so that they can be said in any language. Pure.

The English text stands where it is raised, and is the key under which `texts/sentence.*.json` has it in other
languages. Whoever raises chooses no language: that is done where an answer is written (kernel/telling.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English text with named places, and what belongs there. A value may be a sentence too."""

    pattern: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self.pattern.format_map(self.values)


Said = str | Sentence
"""Words for a person: a text without places is a sentence by itself."""


class Whole(str):
    """A sentence without places that stands in the place of a value. Every other text there is a name."""


def inside(said: Said) -> Sentence | Whole:
    """A sentence as the value of another one."""
    return Whole(said) if isinstance(said, str) else said


@runtime_checkable
class Worded(Protocol):
    """A value with words of its own elsewhere, such as a status. In English it is what `str` makes of it."""

    def in_language(self, language: str) -> str: ...


def say(pattern: str, /, **values: object) -> Sentence:
    """A sentence. The text is a literal, so that tests/kernel/test_sentences.py can find it in the code."""
    return Sentence(pattern, values)
