"""The unmodified neonize library, in a process of its own, lives on the fake as it would on WhatsApp."""

from collections.abc import Callable

import pytest

from tests.fake_whatsapp.stage import Fake, Linked, until

pytestmark = pytest.mark.slow

IVAN = "79161112233"
ANNA = "79161112244"


def test_pairs_by_qr_and_talks_both_ways(fake: Fake, linked: Linked):
    linked.pair("79990000001")

    fake.do(f"/people/{IVAN}/say", to="79990000001", text="hello from Ivan")
    heard = linked.hear("Message")
    answer = linked.do("send", to=IVAN, text="hello Ivan")
    fake.do(f"/people/{IVAN}/say", to="79990000001", text="how are you?")
    linked.hear("Message", text="how are you?")
    linked.do("send", to=IVAN, text="fine")

    assert (heard["text"], heard["chat"]) == ("hello from Ivan", f"{IVAN}@s.whatsapp.net")
    first, second = fake.inbox(IVAN)
    assert (first["id"], first["text"], second["text"]) == (answer["id"], "hello Ivan", "fine")
    until(lambda: all(one["acknowledged"] for one in fake.get("/sayings", person=IVAN)))


def test_pairs_by_a_code_typed_on_the_phone(fake: Fake, linked: Linked):
    linked.do("connect")
    linked.hear("Qr")
    code = linked.do("pair", to="79990000002")["code"]

    wrong = fake.post("/phones/79990000002/enter-code", code="AAAA-AAAA")
    assert wrong.status_code == 410
    fake.do("/phones/79990000002/enter-code", code=linked.do("pair", to="79990000002")["code"])

    linked.hear("Connected")
    assert len(code) == 9


def test_a_code_that_is_not_shown_any_more_is_refused(fake: Fake, linked: Linked):
    linked.do("connect")
    code = linked.hear("Qr")["code"]
    fake.do("/phones/79990000003/scan", code=code)
    linked.hear("Connected")

    assert fake.post("/phones/79990000003/scan", code=code).status_code == 410


def test_tells_how_far_a_message_has_come(fake: Fake, linked: Linked):
    linked.pair("79990000004")
    fake.do(f"/people/{ANNA}/offline")
    fake.do("/phones/79990000004/offline")

    sent = linked.do("send", to=ANNA, text="are you there?")["id"]
    assert fake.inbox(ANNA) == []
    fake.do("/phones/79990000004/online")
    own = linked.hear("Receipt", ids=[sent])
    fake.do(f"/people/{ANNA}/online")
    delivered = linked.hear("Receipt", ids=[sent])
    fake.do(f"/people/{ANNA}/read")
    read = linked.hear("Receipt", ids=[sent])

    assert [one["kind"] for one in (own, delivered, read)] == ["2", "1", "4"]


def test_hands_over_after_an_outage_what_was_not_acknowledged(
    fake: Fake, program: Callable[[], Linked]
):
    first = program()
    first.pair("79990000005")
    first.kill()
    for number in range(30):
        fake.do(f"/people/{IVAN}/say", to="79990000005", text=f"while away {number}")

    second = program()
    second.do("connect")

    assert "30" in second.hear("OfflineSyncPreview")["told"]
    heard = [second.hear("Message")["text"] for _ in range(30)]
    assert heard == [f"while away {number}" for number in range(30)]
    second.hear("OfflineSyncCompleted")
    until(lambda: fake.get("/phones")[-1]["waiting"] == 0)


def test_hears_edits_revocations_and_what_was_typed_on_the_phone(fake: Fake, linked: Linked):
    linked.pair("79990000006")
    said = fake.do(f"/people/{IVAN}/say", to="79990000006", text="helo")["id"]
    linked.hear("Message", text="helo")

    fake.do(f"/people/{IVAN}/edit", id=said, text="hello")
    edited = linked.hear("Protocol")
    fake.do(f"/people/{IVAN}/revoke", id=said)
    revoked = linked.hear("Protocol")
    fake.do("/phones/79990000006/type", to=IVAN, text="from the phone")
    typed = linked.hear("Message", mine=True)

    assert (edited["target"], edited["text"], edited["kind"]) == (said, "hello", 14)
    assert (revoked["target"], revoked["kind"]) == (said, 0)
    assert (typed["text"], typed["chat"]) == ("from the phone", f"{IVAN}@s.whatsapp.net")


def test_edits_and_takes_back_its_own_messages(fake: Fake, linked: Linked):
    linked.pair("79990000007")
    person = "79161112255"
    changed = linked.do("send", to=person, text="helo")["id"]
    regretted = linked.do("send", to=person, text="oops")["id"]

    linked.do("edit", to=person, id=changed, text="hello")
    linked.do("revoke", to=person, id=regretted)

    first, second = fake.inbox(person)
    assert (first["text"], first["edited"]) == ("hello", True)
    assert (second["text"], second["revoked"]) == (None, True)


def test_a_message_sent_twice_under_two_ids_is_noticed_by_its_secret(fake: Fake, linked: Linked):
    linked.pair("79990000015")
    person, before = "79161112211", fake.get("/stats")["repeats"]
    secret = bytes(range(32)).hex()

    for _ in range(2):
        linked.do("send", to=person, text="only once!", secret=secret)

    assert [one["key"] for one in fake.inbox(person)] == [secret, secret]
    assert fake.get("/stats")["repeats"] == before + 1


def test_marks_as_read(fake: Fake, linked: Linked):
    linked.pair("79990000008")
    person = "79161112266"
    said = fake.do(f"/people/{person}/say", to="79990000008", text="read me")["id"]
    linked.hear("Message")

    linked.do("read", to=person, id=said)

    until(lambda: fake.get("/sayings", person=person)[0]["read"])


def test_nobody_is_found_behind_a_number_that_is_absent(fake: Fake, linked: Linked):
    linked.pair("79990000009")
    fake.do("/people/79160000000/absent")

    assert "no LID found" in linked.do("send", to="79160000000", text="hello?")["error"]


@pytest.mark.parametrize("sort", ["image/png", "application/pdf"])
def test_files_go_both_ways_sealed(fake: Fake, linked: Linked, sort: str):
    phone, person = f"7999100{len(sort):04}", f"7916200{len(sort):04}"
    linked.pair(phone)
    content = bytes(range(256)) * 40

    held = fake.http.post("/media", content=content, headers={"content-type": sort}).json()
    fake.do(f"/people/{person}/say", to=phone, text="look", content_uri=held["content_uri"])
    heard = linked.hear("Message")
    linked.do("send_document", to=person, bytes=content.decode("latin-1"), text="look at this")

    assert heard["text"] == "look"
    assert heard["file"].encode("latin-1") == content
    [arrived] = fake.inbox(person)
    assert arrived["text"] == "look at this"
    assert fake.http.get(arrived["content_uri"]).content == content


def test_a_file_that_cannot_be_had_is_refused_by_its_name(fake: Fake):
    said = {"to": "79991005555", "text": "look", "content_uri": "nowhere"}
    answer = fake.post("/people/79162005555/say", **said)
    assert answer.status_code == 400
    assert "content_uri nowhere" in answer.json()["value"]


def test_hears_a_group_it_is_in(fake: Fake, linked: Linked):
    linked.pair("79990000012")
    for text in ("first", "second"):
        fake.do("/groups/120363041/say", person=IVAN, to="79990000012", text=text)
    fake.do("/groups/120363041/say", person=ANNA, to="79990000012", text="third")

    heard = [linked.hear("Message", text=text) for text in ("first", "second", "third")]
    assert {one["chat"] for one in heard} == {"120363041@g.us"}
    assert [one["sender"] for one in heard] == [IVAN, IVAN, ANNA]


def test_is_given_again_what_it_could_not_open(fake: Fake, linked: Linked):
    linked.pair("79990000013")
    person = "79161112299"
    fake.do("/phones/79990000013/garble")

    fake.do(f"/people/{person}/say", to="79990000013", text="can you read this?")
    linked.hear("Message", text="can you read this?")
    fake.do(f"/people/{person}/say", to="79990000013", text="and this?")
    linked.hear("Message", text="and this?")
    linked.do("send", to=person, text="yes")
    assert [one["text"] for one in fake.inbox(person)] == ["yes"]


def test_is_told_the_history(fake: Fake, linked: Linked):
    person = "79161112200"
    fake.do(f"/people/{person}/say", to="79990000014", text="before you came")
    linked.pair("79990000014")
    linked.hear("Message", text="before you came")
    linked.do("send", to=person, text="since then")

    fake.do("/phones/79990000014/history")

    assert linked.hear("HistorySync")["texts"] == ["since then", "before you came"]


def test_talks_to_somebody_whose_number_is_hidden(fake: Fake, linked: Linked):
    person, hidden = "79161112212", "100079161112212"
    fake.do(f"/people/{person}/show", by="hidden")
    linked.pair("79990000016")

    fake.do(f"/people/{person}/say", to="79990000016", text="guess who")
    heard = linked.hear("Message")
    sent = linked.do("send", to=hidden, server="lid", text="who are you?")

    assert heard["chat"] == f"{hidden}@lid"
    assert [one["text"] for one in fake.inbox(person)] == ["who are you?"]
    linked.hear("Receipt", ids=[sent["id"]], kind="1")
