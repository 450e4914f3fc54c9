"""Reads words for people from `houston/texts`, one file for each language, in the shape that is asked for."""

from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec

from houston.kernel.words import Integrations

Shape = TypeVar("Shape")


def texts_of(kind: str, shape: type[Shape]) -> dict[str, Shape]:
    """By language. A text that lacks a part fails here, at the start, and not before people."""
    found = sorted(files("houston").joinpath("texts").iterdir(), key=lambda file: file.name)
    return {
        file.name.split(".")[1]: msgspec.json.decode(file.read_bytes(), type=shape)
        for file in found
        if file.name.startswith(f"{kind}.")
    }


@cache
def integration_texts() -> dict[str, Integrations]:
    return texts_of("integration", Integrations)
