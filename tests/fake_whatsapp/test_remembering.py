"""The fake with a folder is killed and started anew; a linked neonize lives through it."""

from pathlib import Path

import pytest

from tests.fake_whatsapp.stage import Fake, Linked

pytestmark = pytest.mark.slow

PHONE, IVAN = "79990000001", "79161112233"


def test_goes_on_after_a_sudden_end_where_it_was(tmp_path: Path):
    first = Fake("--data", str(tmp_path / "fake"))
    linked = Linked(first, tmp_path / "store.db")
    linked.pair(PHONE)
    linked.do("send", to=IVAN, text="before")
    first.do(f"/people/{IVAN}/say", to=PHONE, text="before, too")
    linked.hear("Message", text="before, too")
    ports = ["--port", first.port("url"), "--proxy-port", first.port("proxy")]
    first.end(suddenly=True)

    second = Fake("--data", str(tmp_path / "fake"), *ports)
    try:
        linked.hear("Connected")
        linked.do("send", to=IVAN, text="after")
        second.do(f"/people/{IVAN}/say", to=PHONE, text="after, too")
        linked.hear("Message", text="after, too")
        assert [one["text"] for one in second.inbox(IVAN)] == ["before", "after"]
    finally:
        linked.kill()
        second.end()
