"""No test may pass while a loop that it started fails in silence."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

Logged = list[EventDict]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """What was logged. A test that plants a failure takes its lines out."""
    with capture_logs() as lines:
        yield lines
    failed = [line for line in lines if str(line["event"]).endswith("_failed")]
    assert not failed, failed
