"""The unmodified neonize library, in a process of its own, lives on the fake as it would on WhatsApp."""

import pytest

from tests.fake_whatsapp.stage import Fake, Linked, until

pytestmark = pytest.mark.slow

IVAN = "79161112233"


def test_pairs_by_qr_and_talks_both_ways(fake: Fake, linked: Linked):
    linked.pair("79990000001")

    fake.do(f"/people/{IVAN}/say", to="79990000001", text="hello from Ivan")
    heard = linked.hear("Message")
    answer = linked.do("send", to=IVAN, text="hello Ivan")

    assert (heard["text"], heard["chat"]) == ("hello from Ivan", f"{IVAN}@s.whatsapp.net")
    [arrived] = fake.inbox(IVAN)
    assert (arrived["id"], arrived["text"]) == (answer["id"], "hello Ivan")
    until(lambda: fake.get("/sayings", person=IVAN)[0]["acknowledged"])
