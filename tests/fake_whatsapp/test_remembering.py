"""The fake with a folder is killed and started anew; a linked neonize lives through it."""

from pathlib import Path

import pytest

from tests.fake_whatsapp.stage import Fake, Linked, until

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
        first_after = linked.do("send", to=IVAN, text="after")["id"]
        second.do(f"/people/{IVAN}/say", to=PHONE, text="after, too")
        linked.hear("Message", text="after, too")
        # Its seal is of a talk that Ivan's phone has forgotten: it has to ask for another one.
        until(lambda: [one["text"] for one in second.inbox(IVAN)] == ["before", "after"])
        linked.hear("Receipt", ids=[first_after], kind="2")
        assert second.get("/stats")["same_id_repeats"] == 0
    finally:
        linked.kill()
        second.end()
