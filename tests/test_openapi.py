"""The committed description of the interface is held against the one that the server gives."""

from tools import openapi


def test_the_committed_description_is_the_served_one() -> None:
    assert openapi.FILE.read_text("utf-8") == openapi.written(), "run `python -m tools.openapi`"
