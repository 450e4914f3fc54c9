"""Where linked devices keep what they need on this machine, and the key that seals it."""

import os
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - memory, and a folder of our own with a mode of our own
_KEY_BYTES: Final = 32


def is_installed() -> bool:
    """Whether the optional extra `houston[linked]` is there."""
    return all(find_spec(name) is not None for name in ("neonize", "cryptography"))


def found_key(folder: Path, given: str | None) -> bytes:
    """The key of the settings, or else one that is made once and kept beside the data."""
    if given is not None:
        return bytes.fromhex(given)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "key"
    if not path.exists():
        made = path.with_suffix(".new")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as file:
            file.write(secrets.token_bytes(_KEY_BYTES).hex())
            file.flush()
            os.fsync(file.fileno())
        made.rename(path)
    return bytes.fromhex(path.read_text())


def live_folder(given: Path | None, folder: Path) -> Path:
    """Where keys may lie open while they are in use: in memory, if this system shows it as a folder.

    Its name tells one data folder's from another's, so that two servers do not share it.
    """
    if given is not None:
        return given
    if not _MEMORY.is_dir():
        return folder / "live"
    name = str(folder.resolve()).strip("/").replace("/", "-")
    return _MEMORY / f"houston-{os.getuid()}" / name[-150:]
