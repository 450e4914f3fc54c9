"""Each status by its real cause, on a whole server: the phone, WhatsApp or a person does something,
and what the API shows is compared with what the law says."""

from typing import Any

import pytest

from tests.acceptance.town import Town, until

pytestmark = [pytest.mark.slow, pytest.mark.each_transport]
PERSON = "79165550001"


def send_held(town: Town, text: str, waits_for: str) -> None:
    """A message in a status that holds: accepted, told what it waits for, and not gone out."""
    channel = town.waiting
    answer = town.api.send(channel["id"], PERSON, text)
    assert answer.status_code == 201
    assert answer.json()["waits_for"] == waits_for
    assert text not in town.whatsapp.texts(PERSON)


def arrives(town: Town, text: str) -> None:
    until(lambda: town.whatsapp.texts(PERSON).count(text) == 1, what=f"{text!r} reaches the person")


def test_a_new_channel_shows_a_code_and_is_active_after_the_scan(own_town: Town) -> None:
    channel = own_town.waiting
    shown = own_town.api.get(f"/channels/{channel['id']}")["status"]
    assert (shown["code"], shown["state"], shown["action"]) == ("SCAN_QR", "qr", "SCAN")
    own_town.pair(channel)
    shown = own_town.api.get(f"/channels/{channel['id']}")["status"]
    assert (shown["code"], shown["state"], shown["action"]) == ("ACTIVE", "active", None)


def test_a_lost_phone_is_told_and_what_waited_for_it_goes_out_when_it_is_back(town: Town) -> None:
    channel, text = town.waiting, "while away #1"
    town.whatsapp.do(channel["phone"], "offline")
    assert town.api.send(channel["id"], PERSON, text).status_code == 201
    town.becomes(channel, "PHONE_UNAVAILABLE")
    if town.capabilities.sends_without_phone:
        arrives(town, text)
    else:
        assert text not in town.whatsapp.texts(PERSON)
    town.whatsapp.do(channel["phone"], "online")
    town.becomes(channel, "ACTIVE", 180)
    arrives(town, text)


def test_what_waits_is_kept_while_the_channel_is_disabled(town: Town) -> None:
    channel = town.waiting
    send_held(town, "kept over disabling #2", town.hold(channel))
    assert town.api.command(channel["id"], "disable") == "DISABLED"
    assert town.api.send(channel["id"], PERSON, "refused").status_code == 409
    town.whatsapp.let_go(channel["phone"])
    town.api.command(channel["id"], "enable")
    town.becomes(channel, "ACTIVE")
    arrives(town, "kept over disabling #2")
    assert "refused" not in town.whatsapp.texts(PERSON)


def test_opened_elsewhere_is_taken_back_five_times_and_then_left_to_a_person(town: Town) -> None:
    channel = town.waiting
    before = len(town.api.get(f"/channels/{channel['id']}/history"))
    town.whatsapp.do(channel["phone"], "open-elsewhere", stubborn_times=20)
    town.becomes(channel, "OPENED_ELSEWHERE")
    history = town.api.get(f"/channels/{channel['id']}/history")[before:]
    assert sum(line["reason"] == "taking_back" and line["old"] == "ACTIVE" for line in history) == 5
    send_held(town, "not lost elsewhere #3", "OPENED_ELSEWHERE")
    # The other client still fights: each press is one more try, and only one.
    assert town.api.command(channel["id"], "enable-here") == "JUST_A_MINUTE"
    town.becomes(channel, "OPENED_ELSEWHERE")
    town.whatsapp.do(channel["phone"], "open-elsewhere", stubborn_times=0)
    town.api.command(channel["id"], "enable-here")
    town.becomes(channel, "ACTIVE")
    arrives(town, "not lost elsewhere #3")


def test_a_code_can_be_typed_instead_of_scanned(own_town: Town) -> None:
    channel = own_town.waiting
    own_town.api.command(channel["id"], "pairing-code")

    def typed_code() -> str | None:
        found = own_town.api.code(channel["id"])
        return str(found["code"]) if (found["way"], found["svg"]) == ("code", None) else None

    def is_taken() -> bool:
        """A code that is replaced while it is typed is typed anew."""
        path, code = f"/phones/{channel['phone']}/enter-code", until(typed_code)
        return own_town.whatsapp.post(path, {"code": code}).status_code != 410

    until(is_taken, what="a code is taken")
    own_town.becomes(channel, "ACTIVE")


def test_logging_out_everywhere_asks_for_a_scan_and_keeps_the_queue(town: Town) -> None:
    channel = town.waiting
    town.whatsapp.do(channel["phone"], "log-out-all")
    town.becomes(channel, "SCAN_QR")
    shown = town.api.get(f"/channels/{channel['id']}")["status"]
    assert shown["reason"] == "logged_out_everywhere"
    send_held(town, "after logging out #4", "SCAN_QR")
    send_held(town, "and another one #5", "SCAN_QR")
    notices = [
        message
        for message in town.api.messages(town.chat(channel, PERSON))
        if message["direction"] == "notice" and message["created_at"] > shown["since"]
    ]
    assert [notice["text"] for notice in notices] == ["Houston, scan the QR code"]
    town.api.command(channel["id"], "rescan")
    town.pair(channel)
    arrives(town, "after logging out #4")
    arrives(town, "and another one #5")


def test_a_wrong_number_is_told_and_gets_nothing_of_the_queue(town: Town) -> None:
    channel = town.waiting
    town.whatsapp.do(channel["phone"], "log-out-all")
    town.becomes(channel, "SCAN_QR")
    send_held(town, "not for the wrong number #6", "SCAN_QR")
    town.api.command(channel["id"], "rescan")
    code = town.api.code(channel["id"])["code"]
    assert town.whatsapp.scan("79995550000", code) == 200
    until(lambda: town.api.get(f"/channels/{channel['id']}")["status"]["state"] == "foreignphone")
    assert "not for the wrong number #6" not in town.whatsapp.texts(PERSON)
    town.api.command(channel["id"], "rescan")
    town.pair(channel)
    arrives(town, "not for the wrong number #6")


def test_a_ban_blocks_until_its_end_and_then_all_goes_on(town: Town) -> None:
    channel = town.waiting
    town.whatsapp.do(channel["phone"], "ban", seconds=2)
    town.becomes(channel, "BLOCKED")
    send_held(town, "during the ban #7", "BLOCKED")
    town.becomes(channel, "ACTIVE", 30)
    arrives(town, "during the ban #7")


def test_linking_that_asks_for_a_confirmation_says_so(town: Town) -> None:
    channel = scanned_while_protected(town, "two_step_code")
    asks = "CONFIRM_ON_PHONE" if town.capabilities.tells_confirmations else "SCAN_QR"
    town.becomes(channel, asks)
    send_held(town, "confirm first #8", asks)
    town.whatsapp.do(channel["phone"], "confirm")
    town.becomes(channel, "ACTIVE")
    town.whatsapp.do(channel["phone"], "protect", kind=None)
    arrives(town, "confirm first #8")


def test_linking_that_asks_for_a_passkey_says_so_and_goes_on_with_another_code(town: Town) -> None:
    channel = scanned_while_protected(town, "passkey")
    town.becomes(channel, "CONFIRM_ON_PHONE")
    shown = town.api.get(f"/channels/{channel['id']}")["status"]
    assert (shown["state"], shown["reason"]) == ("waitForPassword", "passkey_asked")
    assert shown["action"] == "CONTINUE"
    send_held(town, "passkey first #9", "CONFIRM_ON_PHONE")
    town.whatsapp.do(channel["phone"], "protect", kind=None)
    town.api.command(channel["id"], "rescan")
    town.pair(channel)
    arrives(town, "passkey first #9")


def scanned_while_protected(town: Town, kind: str) -> dict[str, Any]:
    """A number that asks for more than a scan, and was scanned."""
    channel = town.waiting
    town.whatsapp.do(channel["phone"], "log-out-all")
    town.becomes(channel, "SCAN_QR")
    town.whatsapp.do(channel["phone"], "protect", kind=kind)
    town.api.command(channel["id"], "rescan")
    town.whatsapp.scan(channel["phone"], town.api.code(channel["id"])["code"])
    return channel


def test_a_lost_network_is_just_a_minute_and_everything_said_meanwhile_is_retrieved(
    town: Town,
) -> None:
    channel = town.waiting
    town.whatsapp.post("/network", {"up": False})
    town.becomes(channel, "JUST_A_MINUTE")
    send_held(town, "without a network #9", "JUST_A_MINUTE")
    for number in range(5):
        town.whatsapp.say(PERSON, channel["phone"], f"are you there {number}")
    town.whatsapp.post("/network", {"up": True})
    town.becomes(channel, "ACTIVE", 180)
    arrives(town, "without a network #9")
    found = until(lambda: town.api.get(f"/channels/{channel['id']}")["catch_up"])
    assert (found["expected"], found["retrieved"]) == (5, 5)
    heard = [
        message for message in town.api.messages(town.chat(channel, PERSON)) if message["retrieved"]
    ]
    assert [message["text"] for message in heard[-5:]] == [f"are you there {n}" for n in range(5)]


def test_deleting_refuses_and_restoring_brings_the_queue_back(town: Town) -> None:
    channel = town.waiting
    send_held(town, "kept over deletion #10", town.hold(channel))
    for _ in range(2):  # A repeated delete is harmless.
        answer = town.api.http.delete(f"/channels/{channel['id']}")
        assert answer.json()["status"]["code"] == "DELETED"
    refused = town.api.send(channel["id"], PERSON, "to the deleted one")
    assert (refused.status_code, refused.json()["code"]) == (409, "CHANNEL_NOT_FOUND")
    town.whatsapp.let_go(channel["phone"])
    town.api.command(channel["id"], "restore")
    town.becomes(channel, "ACTIVE")
    arrives(town, "kept over deletion #10")


COMMANDS = ("enable", "use-here", "enable-here", "rescan", "check")


def test_a_button_pressed_twice_or_in_the_wrong_status_is_an_answer_and_does_no_harm(
    town: Town,
) -> None:
    channel = town.waiting
    path = f"/channels/{channel['id']}"
    for command in (*COMMANDS, "restore") * 2:
        assert town.api.command(channel["id"], command) in ("ACTIVE", "JUST_A_MINUTE"), command
    town.becomes(channel, "ACTIVE")
    for command in ("disable", "disable", *COMMANDS[1:], "restore"):
        assert town.api.command(channel["id"], command) == "DISABLED", command
    for _ in range(2):
        assert town.api.http.delete(path).json()["status"]["code"] == "DELETED"
    for command in ("disable", *COMMANDS):
        assert town.api.command(channel["id"], command) == "DELETED", command
    # It was disabled when it was deleted, and that is how it comes back: nobody enabled it.
    assert town.api.command(channel["id"], "restore") == "DISABLED"
    assert town.api.command(channel["id"], "enable") == "JUST_A_MINUTE"
    town.becomes(channel, "ACTIVE")


def test_history_says_for_ever_who_changed_what_and_why(town: Town) -> None:
    channel = town.waiting
    before = len(town.api.get(f"/channels/{channel['id']}/history"))
    town.api.command(channel["id"], "disable")
    # Who enables it before the link is closed finds it active at once, and rightly so.
    until(lambda: not town.whatsapp.phone(channel["phone"])["connected"])
    town.api.command(channel["id"], "enable")
    town.becomes(channel, "ACTIVE")
    lines = town.api.get(f"/channels/{channel['id']}/history")[before:]
    assert [(line["old"], line["new"]) for line in lines] == [
        ("ACTIVE", "DISABLED"),
        ("DISABLED", "JUST_A_MINUTE"),
        ("JUST_A_MINUTE", "ACTIVE"),
    ]
    assert lines[0]["actor"].startswith("api key")
    assert lines[0]["reason"] == "disabled"
    assert all(line["at"] for line in lines)
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


def test_no_person_ever_saw_a_message_twice_or_out_of_order(town: Town) -> None:
    books = town.whatsapp.stats()
    assert (books["repeats"], books["reordered"]) == (0, 0)
