"""Where linked devices keep what they need on this machine."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - memory, and a folder of our own with a mode of our own

TO_RENEW: Final = "pip install --upgrade 'houston[linked]', then start Houston anew"
"""What helps when WhatsApp no longer takes the library."""


def is_installed() -> bool:
    """Whether the optional extra `houston[linked]` is there."""
    return find_spec("neonize") is not None


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
