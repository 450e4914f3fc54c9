"""Writes docs/operating/settings.md from the settings themselves, so that the two cannot differ."""

from inspect import getdoc
from pathlib import Path

import msgspec

from houston.kernel.settings import KINDS, Settings, must_be
from houston.kernel.settings_reading import PREFIX

PAGE = Path(__file__).parent.parent / "docs" / "operating" / "settings.md"

_TOP = """\
# Settings

Houston reads settings from a TOML file (`houston serve --config houston.toml`, or its path in
`HOUSTON_CONFIG`) and from the environment. The environment wins. The name in the file is the
variable's without `HOUSTON_` and in small letters: `HOUSTON_PORT=80` is `port = 80`. An empty
variable counts as absent. A name that does not exist or a value that cannot be used stops Houston
at the start, with a message that says which, what it was and what is right.

This page is written by `.venv/bin/python -m tools.settings_page`; change it in
`src/houston/kernel/settings.py`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_TOP, *(_entry(field) for field in msgspec.structs.fields(Settings))])


def _entry(field: msgspec.structs.FieldInfo) -> str:
    meaning = next(note.description for note in KINDS[field.name].__metadata__ if note.description)
    return (
        f"## `{PREFIX}{field.name.upper()}`\n\n"
        f"{meaning}\n\n"
        f"- Must be: {must_be(field.name)}.\n"
        f"- Default: {_default(field)}.\n"
    )


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default_factory is not msgspec.NODEFAULT:
        return (getdoc(field.default_factory) or "").rstrip(".").replace("The", "the", 1)
    if field.default is None:
        return "not set"
    return f"`{msgspec.json.encode(field.default).decode().strip(chr(34))}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
