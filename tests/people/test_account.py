"""What an account may choose: whole servers over HTTP, without loops; a new channel waits for its scan."""

from typing import Any

import pytest

from tests.people.hall import Account

NOTICE = "Houston, scan the QR code"


async def notices(account: Account, channel: str, to: str) -> list[str]:
    """What Houston says in a chat after somebody wrote into it."""
    said = await account.message(channel, to, "hello")
    shown = await account.key.get(f"/chats/{said['chat_id']}/messages")
    return [one["text"] for one in shown if one["text"] != "hello"]


async def choose(account: Account, told: str) -> Any:
    answer = await account.key.ask("PATCH", "/api/v1/account", json={"status_notices": told})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def curator(account: Account, phone: str, **wishes: Any) -> None:
    await account.key.post("/curators", {"name": "Mary", "phone": phone, **wishes})


async def test_c5_status_notices_go_to_curators_instead_of_to_operators(flowers: Account) -> None:
    channel = await flowers.channel("79990001122")
    await curator(flowers, "79165550001")
    assert await notices(flowers, channel, "79160000001") == [NOTICE]
    assert (await choose(flowers, "curators"))["status_notices"] == "curators"
    account = await flowers.key.get("/account")
    assert account["status_notices"] == "curators"
    assert (account["notice_delay_minutes"], account["warning_days"]) == (3, [1, 3, 7])
    assert await notices(flowers, channel, "79160000002") == []
    await choose(flowers, "operators")
    assert await notices(flowers, channel, "79160000003") == [NOTICE]


async def test_c5_operators_are_told_of_a_channel_that_no_curator_would_be_told_of(
    flowers: Account,
) -> None:
    curated = await flowers.channel("79990001122")
    another = await flowers.channel("79990003344")
    await choose(flowers, "curators")
    assert await notices(flowers, curated, "79160000001") == [NOTICE]
    await curator(flowers, "79165550001", channels=[another], wants=["balance"])
    await curator(flowers, "79165550002", channels=[curated], wants=["statuses"])
    assert await notices(flowers, curated, "79160000002") == []
    assert await notices(flowers, another, "79160000003") == [NOTICE]


async def test_one_account_does_not_choose_for_another(flowers: Account) -> None:
    bread = await flowers.hall.account("Bread")
    channel = await bread.channel("79990003344")
    await curator(bread, "79165550001")
    await choose(flowers, "curators")
    assert await notices(bread, channel, "79160000001") == [NOTICE]


async def test_the_choice_is_in_the_audit_log_with_who_made_it(flowers: Account) -> None:
    await choose(flowers, "curators")
    newest = (await flowers.key.get("/audit"))[0]
    assert (newest["what"], newest["details"]) == (
        "account.changed",
        {"status_notices": "curators", "notice_delay_minutes": None, "warning_days": None},
    )
    assert newest["who"]["kind"] == "api key"


async def test_delay_and_warnings_are_chosen_apart_and_what_is_left_out_stays(
    flowers: Account,
) -> None:
    for change, told in (
        ({}, {"status_notices": "operators", "notice_delay_minutes": 3, "warning_days": [1, 3, 7]}),
        ({"warning_days": [14, 2, 2]}, {"warning_days": [2, 14]}),
        ({"notice_delay_minutes": 0}, {"notice_delay_minutes": 0, "warning_days": [2, 14]}),
        ({"warning_days": []}, {"notice_delay_minutes": 0, "warning_days": []}),
    ):
        answer = await flowers.key.ask("PATCH", "/api/v1/account", json=change)
        assert answer.status_code == 200, answer.text
        assert told.items() <= answer.json().items()


@pytest.mark.parametrize(
    "change",
    [
        {"notice_delay_minutes": -1},
        {"notice_delay_minutes": 1441},
        {"warning_days": [0]},
        {"warning_days": [366]},
        {"warning_days": list(range(1, 12))},
        {"unknown": 1},
    ],
)
async def test_delays_and_warnings_that_cannot_be_are_refused(
    flowers: Account, change: dict[str, Any]
) -> None:
    answer = await flowers.key.ask("PATCH", "/api/v1/account", json=change)
    assert answer.status_code == 400, answer.text


async def test_an_unknown_choice_is_refused_with_what_there_is(flowers: Account) -> None:
    answer = await flowers.key.ask("PATCH", "/api/v1/account", json={"status_notices": "nobody"})
    assert answer.status_code == 400
    assert (await flowers.key.get("/account"))["status_notices"] == "operators"
