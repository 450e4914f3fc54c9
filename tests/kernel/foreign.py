"""Sentences that libraries of ours say to whoever asks: as the catalogues have them, and what provokes them."""

from datetime import date, datetime, time
from enum import Enum
from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta, Struct


class Colour(Enum):
    RED = "red"


class One(Struct, forbid_unknown_fields=True):
    it: int


class Cat(Struct, tag=True): ...


class Dog(Struct, tag=True): ...


OF_MSGSPEC: Final[dict[str, tuple[Any, bytes]]] = {
    "{problem} - at `{path}`": (One, b'{"it": "x"}'),
    "Expected `{wanted}`, got `{got}`": (int, b'"x"'),
    "Expected `{kind}` of length >= {min}": (Annotated[str, Meta(min_length=3)], b'"x"'),
    "Expected `{kind}` of length <= {max}": (Annotated[list[int], Meta(max_length=1)], b"[1, 2]"),
    "Expected `{kind}` >= {min}": (Annotated[int, Meta(ge=3)], b"1"),
    "Expected `{kind}` <= {max}": (Annotated[int, Meta(le=3)], b"7"),
    "Expected `{kind}` matching regex {pattern}": (Annotated[str, Meta(pattern="^a$")], b'"x"'),
    "Expected `{kind}` with a timezone component": (
        Annotated[datetime, Meta(tz=True)],
        b'"2026-01-01T00:00:00"',
    ),
    "Object missing required field `{name}`": (One, b"{}"),
    "Object contains unknown field `{name}`": (One, b'{"it": 1, "seller": 2}'),
    "Invalid enum value {value}": (Colour, b'"blue"'),
    "Invalid UUID": (UUID, b'"x"'),
    "Invalid RFC3339 encoded datetime": (datetime, b'"yesterday"'),
    "Invalid RFC3339 encoded time": (time, b'"noon"'),
    "Invalid RFC3339 encoded date": (date, b'"today"'),
    "Invalid value {value}": (Cat | Dog, b'{"type": "cow"}'),
    "Timestamp is out of range ": (datetime, b"1000000000000000000000000"),
    "Integer value out of range": (Annotated[int, Meta(ge=0)], b"1" + b"0" * 5_000),
    "Number out of range": (float, b"1e999"),
    "JSON is malformed: {why} (byte {place})": (Any, b"nonsense"),
    "Input data was truncated": (Any, b'{"it": '),
    "invalid character": (Any, b"nonsense"),
    "trailing characters": (Any, b"1 2"),
    "object keys must be strings": (Any, b"{1: 2}"),
    "trailing comma in object": (Any, b'{"a": 1,}'),
    "trailing comma in array": (Any, b"[1,]"),
    "expected ':'": (Any, b'{"a" 1}'),
    "expected ',' or '}'": (Any, b'{"a": 1 2}'),
    "expected ',' or ']'": (Any, b"[1 2]"),
    "invalid number": (Any, b"01"),
    "invalid escape character in string": (Any, rb'"\q"'),
}
"""Sentences, each with a type and with JSON that is none of that type."""
OF_LITESTAR: Final = {
    "Validation failed for {method} {path}": "Validation failed for POST /api/v1/channels",
    "Missing required {kind} parameter {name} for path {path}": (
        "Missing required query parameter 'q' for path /api/v1/search"
    ),
    "Not Found": "Not Found",
    "Method Not Allowed": "Method Not Allowed",
    "Request Entity Too Large": "Request Entity Too Large",
    "Invalid content-length: {value}": "Invalid content-length: 'x'",
}
"""Sentences, each as it comes. tests/people/test_complaints.py provokes them over HTTP."""
FOREIGN: Final = OF_MSGSPEC.keys() | OF_LITESTAR.keys()
