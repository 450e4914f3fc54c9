"""What is looked for in chats: the pattern of a name, and the part of a text that shows why it was found."""

import re
from typing import Final

_CHARACTERS_MIN: Final = 3
"""Fewer than that is the beginning of half of all messages."""
_TWINS: Final = {"е": "ё", "ё": "е"}
"""Hardly anybody writes the dots."""
_OPENING: Final = "¿¡«“„"
"""To a database of the locale C, all that is not ASCII is a letter."""
_SHOWN_CHARACTERS: Final = 160
_BEFORE_CHARACTERS: Final = 30
_WORD: Final = re.compile(r"[^\W_]+")


def pattern_of(asked: str) -> str:
    """The words themselves, for `like`: none of their characters means anything."""
    return re.sub(r"([\\%_])", r"\\\1", asked)


def query_of(asked: str) -> str | None:
    """A query for messages with words that begin like all those asked for; None when all are too short.

    How letters are made small is the database's affair, and one of the locale C does so with ASCII
    alone: a word is looked for in the ways in which people write it.
    """
    if max(map(len, _WORD.findall(asked)), default=0) < _CHARACTERS_MIN:
        return None
    return " & ".join(_part(part) for part in asked.split() if _WORD.search(part))


def _part(part: str) -> str:
    """What stands between spaces: the database takes `order-1042` for words, and `shop.example` for one."""
    words = [_any(_ways(word)) for word in _WORD.findall(part)]
    return _any({_beginning(part.lower()), f"({' & '.join(words)})"})


def _ways(word: str) -> set[str]:
    small = word.lower()
    ways = {small, small.capitalize(), small.upper()}
    if small.isdigit():
        ways.add(f"-{small}")  # What follows a hyphen is a number below zero to the database.
    for place, letter in enumerate(small):
        if letter in _TWINS:
            ways.add(f"{small[:place]}{_TWINS[letter]}{small[place + 1 :]}")
    opened = {mark + way for mark in _OPENING for way in (small, small.capitalize())}
    return {_beginning(way) for way in ways | opened}


def _any(queries: set[str]) -> str:
    return f"({' | '.join(sorted(queries))})"


def _beginning(word: str) -> str:
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':*"


def excerpt(text: str, asked: str) -> str:
    """The part of a text around the first word that begins like one that was asked for."""
    wanted = tuple(_folded(word) for word in _WORD.findall(asked))
    words = _WORD.finditer(_folded(text))
    at = next((word.start() for word in words if word[0].startswith(wanted)), 0)
    start = max(0, at - _BEFORE_CHARACTERS)
    start = 0 if start == 0 else text.find(" ", start, at) + 1 or start
    end = start + _SHOWN_CHARACTERS
    shown = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{shown}{'…' if end < len(text) else ''}"


def _folded(text: str) -> str:
    """Small letters, each in its place."""
    return "".join(small if len(small := one.lower()) == 1 else one for one in text).replace(
        "ё", "е"
    )
