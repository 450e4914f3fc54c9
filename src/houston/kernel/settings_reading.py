"""Reads the settings: from a TOML file and, stronger, the environment.

Every complaint names the field, the value met and the cure.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from houston.kernel.errors import BadSetting
from houston.kernel.settings import KINDS, Settings, must_be

PREFIX: Final = "HOUSTON_"
CONFIG: Final = f"{PREFIX}CONFIG"
"""The one variable that is no setting: where the TOML file lies."""
_SECRETS: Final = ("_key", "_secret")
"""Ends of names whose values are shown to nobody, not even when they cannot be used."""


def load(env: Mapping[str, str], toml_path: Path | None = None) -> Settings:
    """Read all settings; `toml_path` is what the command line says, stronger than HOUSTON_CONFIG.

    Raises:
        BadSetting: a name is unknown, a value cannot be used, or the file cannot be read.
    """
    chosen = _from_file(toml_path, "--config") if toml_path else {}
    if not toml_path and env.get(CONFIG):
        chosen = _from_file(Path(env[CONFIG]), CONFIG)
    return Settings(**(chosen | _from_environment(env)))


def _from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    """An empty variable counts as absent: that is how compose files pass on what nobody set."""
    chosen = {}
    for name, value in env.items():
        if name.startswith(PREFIX) and name != CONFIG:
            field = name.removeprefix(PREFIX).lower()
            _know(field, name, value, lambda known: f"{PREFIX}{known.upper()}")
            if value:
                chosen[field] = _checked(field, value, called=name, strict=False)
    return chosen


def _from_file(path: Path, called: str) -> dict[str, Any]:
    chosen = {}
    for field, value in _table(path, called).items():
        _know(field, f"{field} in {path}", value, str)
        chosen[field] = _checked(field, value, called=f"{field} in {path}", strict=True)
    return chosen


def _table(path: Path, called: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        cure = f"it cannot be read ({error.strerror}); name a TOML file"
        raise BadSetting(called, str(path), cure) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(called, str(path), f"it is not TOML: {error}") from error


def _know(field: str, called: str, value: object, spell: Any) -> None:
    if field in KINDS:
        return
    near = difflib.get_close_matches(field, KINDS, n=1)
    hint = (
        f"did you mean {spell(near[0])}?"
        if near
        else "remove it; docs/operating/settings.md has them all"
    )
    raise BadSetting(called, without_password(value), f"there is no such setting; {hint}")


def _checked(field: str, value: object, *, called: str, strict: bool) -> Any:
    """The value in its right type. A variable is text and is read as what it must be."""
    kind = KINDS[field]
    try:
        return msgspec.convert(value, kind, strict=strict, dec_hook=_path)
    except msgspec.ValidationError as error:
        shown = "***" if field.endswith(_SECRETS) else without_password(value)
        raise BadSetting(called, shown, f"it must be {must_be(field)}") from error


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str) and value:
        return Path(value).expanduser()
    raise TypeError(kind)


def without_password(value: object) -> object:
    """The value as it may be shown: an address loses the user name and password it may carry."""
    return re.sub(r"://.*@", "://***@", value) if isinstance(value, str) else value
