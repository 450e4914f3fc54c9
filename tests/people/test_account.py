"""What an account may choose: whole servers over HTTP, without loops; a new channel waits for its scan."""

from typing import Any

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
    assert await choose(flowers, "curators") == {"status_notices": "curators"}
    assert (await flowers.key.get("/account"))["status_notices"] == "curators"
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
        {"status_notices": "curators"},
    )
    assert newest["who"]["kind"] == "api key"


async def test_an_unknown_choice_is_refused_with_what_there_is(flowers: Account) -> None:
    answer = await flowers.key.ask("PATCH", "/api/v1/account", json={"status_notices": "nobody"})
    assert answer.status_code == 400
    assert (await flowers.key.get("/account"))["status_notices"] == "operators"
