"""Reads the wording of notices, all languages that there are, from `houston/texts`."""

from functools import cache
from importlib.resources import files

import msgspec

from houston.curators.words import Texts


@cache
def notice_texts() -> dict[str, Texts]:
    """By language. A text that lacks a part fails here, at the start, and not before people."""
    found = sorted(files("houston").joinpath("texts").iterdir(), key=lambda file: file.name)
    return {
        file.name.split(".")[1]: msgspec.json.decode(file.read_bytes(), type=Texts)
        for file in found
        if file.name.startswith("notice.")
    }
