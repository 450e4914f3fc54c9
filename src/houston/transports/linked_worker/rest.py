"""Whether a process has nothing more to do. On a busy machine silence alone does not say so."""

import threading
from pathlib import Path
from typing import Final

_THREADS: Final = Path("/proc/self/task")
_AT_WORK: Final = frozenset("RD")
"""Runs or wants to, or waits for a disk."""


def others_rest() -> bool:
    """No thread but ours has anything to do. Where the system does not say it, we take it for so."""
    ours = str(threading.get_native_id())
    return not any(
        _state(thread) in _AT_WORK for thread in _THREADS.glob("*") if thread.name != ours
    )


def _state(thread: Path) -> str:
    try:
        said = (thread / "stat").read_text()
    except OSError:
        return ""  # It has ended.
    return said.rpartition(")")[2].split()[0]
