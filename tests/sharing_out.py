"""How tests that run beside one another are shared out: by file, and those in the browser by the half of them.

A file of browser tests alone would cost a server and a browser of its own. Two browsers keep one core busy, and
tests that mostly wait have the other.
"""

from typing import Any

import pytest
from xdist.scheduler.loadfile import LoadFileScheduling

IN_BROWSER = "tests/console/"
_HALVES_PART_AT = "i"


class InHalves(LoadFileScheduling):  # type: ignore[misc]  # It comes without types.
    """Files, of which those in the browser belong together."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        if not file.startswith(IN_BROWSER):
            return file
        name = file.removeprefix(f"{IN_BROWSER}test_")
        return f"{IN_BROWSER}{'first' if name < _HALVES_PART_AT else 'second'}"


def longest_first(items: list[pytest.Item]) -> None:
    """What a worker has to do for minutes on end may not begin last."""
    items.sort(key=lambda item: not item.nodeid.startswith(IN_BROWSER))


def scheduler(config: pytest.Config, log: Any) -> InHalves | None:
    return InHalves(config, log) if config.getoption("dist") == "loadfile" else None
