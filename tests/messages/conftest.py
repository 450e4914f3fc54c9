"""Every test here runs loops; none of them may fail in silence."""

import pytest

from tests.loops import Logged


@pytest.fixture(autouse=True)
def no_loop_fails(logged: Logged) -> None:
    pass
