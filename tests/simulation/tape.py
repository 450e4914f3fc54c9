"""What happened to a channel lately, for whoever reads a finding."""

from collections import deque
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

KEPT = 24


class Tape:
    """Remembers the last things that happened. To note must be cheap: words are made when read."""

    def __init__(self) -> None:
        self._notes: deque[tuple[datetime, str, object]] = deque(maxlen=KEPT)

    def note(self, now: datetime, who: str, what: object) -> None:
        self._notes.append((now, who, what))

    def __str__(self) -> str:
        return "\n".join(f"  {_clock(at)}  {who:9} {_words(what)}" for at, who, what in self._notes)


def _clock(at: datetime) -> str:
    return f"{at:%m-%d %H:%M:%S}.{at.microsecond // 1000:03}"


def _words(what: Any) -> str:
    if isinstance(what, str):
        return what
    if not is_dataclass(what):
        return str(what)
    facts = ", ".join(f"{one.name}={_value(getattr(what, one.name))}" for one in fields(what))
    return f"{type(what).__name__}({facts})"


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return _clock(value)
    if isinstance(value, Enum):
        return value.name
    return _words(value) if is_dataclass(value) else repr(value)
