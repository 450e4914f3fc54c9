"""Whatever befalls a linked device, the unmodified neonize meets it on the fake in WhatsApp's own words."""

import itertools
from collections.abc import Callable

import pytest

from tests.fake_whatsapp.stage import Fake, Linked, until

pytestmark = pytest.mark.slow

IVAN = "79161112233"
_NUMBERS = (f"7998{one:07}" for one in itertools.count())


@pytest.fixture
def number(linked: Linked) -> str:
    """A number of the test's own, linked and online."""
    number = next(_NUMBERS)
    linked.pair(number)
    return number


@pytest.mark.parametrize("when", ["before_taking", "before_ack"])
def test_a_message_without_answer_is_sent_again_under_its_id_and_arrives_once(
    fake: Fake, linked: Linked, number: str, when: str
):
    person = f"7916{number[4:]}"
    fake.do(f"/phones/{number}/cut", when=when)

    sent = linked.do("send", to=person, text="maybe", seconds=60)

    assert [one["id"] for one in fake.inbox(person)] == [sent["id"]]


def test_an_acknowledged_message_is_not_lost_with_the_link(fake: Fake, linked: Linked, number: str):
    person = f"7916{number[4:]}"
    fake.do(f"/phones/{number}/cut", when="after_ack")

    sent = linked.do("send", to=person, text="sure")["id"]
    linked.hear("Connected")

    assert [one["id"] for one in fake.inbox(person)] == [sent]
    linked.hear("Receipt", ids=[sent], kind="1")


def test_comes_back_by_itself_after_the_link_broke(fake: Fake, linked: Linked, number: str):
    fake.do(f"/phones/{number}/cut")

    linked.hear("Disconnected")
    linked.hear("Connected")
    fake.do(f"/people/{IVAN}/say", to=number, text="still here?")
    linked.hear("Message", text="still here?")


def test_finds_no_way_while_the_network_is_down(fake: Fake, linked: Linked, number: str):
    fake.do("/network", up=False)
    linked.hear("Disconnected")
    failed = linked.do("send", to=IVAN, text="hello?")
    fake.do("/network", up=True)

    assert "websocket not connected" in failed["error"]
    linked.hear("Connected", seconds=60)


def test_the_stream_can_be_taken_and_taken_back(fake: Fake, linked: Linked, number: str):
    fake.do(f"/phones/{number}/open-elsewhere")
    linked.hear("StreamReplaced")
    linked.do("connect")
    linked.hear("Connected")

    fake.do(f"/people/{IVAN}/say", to=number, text="after taking back")
    linked.hear("Message", text="after taking back")


def test_the_same_keys_twice_replace_each_other(
    fake: Fake, linked: Linked, number: str, program: Callable[[], Linked]
):
    program().do("connect")

    linked.hear("StreamReplaced")


def test_a_device_that_is_removed_on_the_phone_is_logged_out(
    fake: Fake, linked: Linked, number: str
):
    fake.do(f"/phones/{number}/log-out-all")

    linked.hear("LoggedOut")
    assert linked.do("send", to=IVAN, text="hello?")["error"]
    linked.do("connect")
    linked.hear("Qr")


def test_a_client_can_log_itself_out(fake: Fake, linked: Linked, number: str):
    linked.do("logout")

    until(lambda: not _phone(fake, number)["paired"])


@pytest.mark.parametrize(
    ("code", "event"),
    [
        (401, "LoggedOut"),
        (403, "LoggedOut"),
        (405, "ClientOutdated"),
        (406, "LoggedOut"),
        (409, "ConnectFailure"),
    ],
)
def test_a_login_can_be_refused(fake: Fake, linked: Linked, number: str, code: int, event: str):
    fake.do(f"/phones/{number}/refuse-login", code=code)
    fake.do(f"/phones/{number}/cut")

    linked.hear(event)


def test_a_login_that_fails_for_now_is_tried_again(fake: Fake, linked: Linked, number: str):
    fake.do(f"/phones/{number}/refuse-login", code=503)
    fake.do(f"/phones/{number}/cut")
    for _ in range(2):
        linked.hear("Disconnected")
    fake.do(f"/phones/{number}/refuse-login", code=None)

    linked.hear("Connected")


def test_a_ban_for_a_time_says_how_long(fake: Fake, linked: Linked, number: str):
    fake.do(f"/phones/{number}/ban", seconds=3600)

    told = linked.hear("TemporaryBan")["told"]
    assert 3500 < int(told.split("Expire: ")[1]) <= 3600


def test_an_outdated_library_is_told_so(fake: Fake, linked: Linked, number: str):
    fake.do(f"/phones/{number}/outdate")
    fake.do(f"/phones/{number}/cut")

    linked.hear("ClientOutdated")


def test_a_restricted_number_may_answer_and_start_nothing(fake: Fake, linked: Linked, number: str):
    fake.do(f"/people/{IVAN}/say", to=number, text="hello")
    linked.hear("Message")
    fake.do(f"/phones/{number}/restrict", seconds=3600)

    stranger = linked.do("send", to=f"7916{number[4:]}", text="who are you?")
    known = linked.do("send", to=IVAN, text="hello Ivan")

    assert stranger["error"] == "server returned error 463"
    assert "error" not in known


def test_a_message_can_be_refused(fake: Fake, linked: Linked, number: str):
    fake.do(f"/phones/{number}/refuse-sends", code=479)

    assert linked.do("send", to=IVAN, text="one")["error"] == "server returned error 479"
    assert "error" not in linked.do("send", to=IVAN, text="two")


def test_an_unknown_error_of_the_stream_is_told(fake: Fake, linked: Linked, number: str):
    fake.do(f"/phones/{number}/stream-error", code="599")

    linked.hear("StreamError")


def test_keep_alives_can_stay_unanswered(fake: Fake, linked: Linked, number: str):
    fake.do(f"/phones/{number}/silence")
    linked.hear("KeepAliveTimeout", seconds=60)
    fake.do(f"/phones/{number}/silence", on=False)

    linked.hear("KeepAliveRestored", seconds=60)


def _phone(fake: Fake, number: str) -> dict[str, object]:
    found: dict[str, object] = next(one for one in fake.get("/phones") if one["phone"] == number)
    return found
