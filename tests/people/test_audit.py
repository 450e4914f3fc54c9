"""The audit log and the keys, over HTTP on a whole server."""

import pytest

from houston.kernel import feed
from houston.kernel.money import BalanceExhausted
from tests.people.hall import Account, Hall


async def test_who_did_what_when_and_where_is_told_the_newest_first(
    hall: Hall, flowers: Account
) -> None:
    channel = await flowers.channel("79990001122")
    boris_id, boris = await flowers.person("Boris", "manager")
    hall.clock.advance(60)
    await boris.post(f"/channels/{channel}/disable")
    history = await boris.get(f"/channels/{channel}/history")
    assert history[-1]["actor"] == "Boris"
    newest, *older = await flowers.owner.get("/audit")
    assert newest["who"] == {"kind": "person", "id": boris_id, "name": "Boris"}
    assert (newest["what"], newest["channel_id"]) == ("channel.status", channel)
    pressed = older[0]
    assert pressed["who"]["name"] == "Boris"
    assert (pressed["what"], pressed["command"]) == ("channel.commanded", "disable")
    assert pressed["channel_id"] == channel
    assert pressed["at"] == hall.clock.now().isoformat().replace("+00:00", "Z")
    kinds = [(one["what"], one["who"]["kind"], one["who"]["name"]) for one in older[1:]]
    assert kinds == [
        ("person.signed_in", "person", "Boris"),
        ("person.changed", "api key", "first key"),
        ("channel.added", "api key", "first key"),
        ("person.signed_in", "person", flowers.email),
    ]


async def test_a_command_that_changed_nothing_was_still_given(hall: Hall, flowers: Account) -> None:
    channel = await flowers.channel("79990001122")
    for _ in range(2):
        await flowers.key.post(f"/channels/{channel}/enable")
    found = await flowers.key.get("/audit")
    assert [one["command"] for one in found[:2]] == ["enable", "enable"]


async def test_the_log_is_read_page_by_page(hall: Hall, flowers: Account) -> None:
    channel = await flowers.channel("79990001122")
    for _ in range(7):
        await flowers.key.post(f"/channels/{channel}/check")
    whole = await flowers.key.get("/audit")
    paged, page = [], await flowers.key.get("/audit", limit=3)
    while page:
        paged += page
        page = await flowers.key.get("/audit", limit=3, before=page[-1]["id"])
    assert paged == whole
    assert len(paged) == 9


async def test_somebody_who_is_gone_keeps_their_name_in_the_log(
    hall: Hall, flowers: Account
) -> None:
    boris_id, boris = await flowers.person("Boris", "manager")
    channel = await flowers.channel("79990001122")
    await boris.post(f"/channels/{channel}/check")
    await flowers.owner.ask("DELETE", f"/api/v1/people/{boris_id}")
    removed, checked, *_ = await flowers.owner.get("/audit")
    assert removed["details"]["change"] == "removed"
    assert checked["who"]["name"] == "Boris"


async def test_a_key_is_shown_once_and_never_again(hall: Hall, flowers: Account) -> None:
    made = await flowers.owner.post("/keys", {"name": "CRM", "scopes": ["write", "read"]})
    assert made["api_key"].startswith("hk_")
    listed = await flowers.owner.get("/keys")
    assert [one["name"] for one in listed] == ["first key", "CRM"]
    assert listed[1] == made["key"] | {"scopes": ["read", "write"], "last_used_at": None}
    for table in ("api_keys", "events"):
        rows = await hall.rows(f"select row_to_json(t)::text as text from {table} t")
        assert all(made["api_key"] not in row["text"] for row in rows)
    await hall.with_key(made["api_key"]).get("/channels")
    assert (await flowers.owner.get("/keys"))[1]["last_used_at"] is not None


async def test_a_revoked_key_opens_nothing_from_the_next_request_on(
    hall: Hall, flowers: Account
) -> None:
    made = await flowers.owner.post("/keys", {"name": "CRM"})
    key = hall.with_key(made["api_key"])
    await key.get("/channels")
    path = f"/api/v1/keys/{made['key']['id']}"
    assert (await flowers.owner.ask("DELETE", path)).status_code == 204
    assert (await key.ask("GET", "/api/v1/channels")).status_code == 401
    assert (await flowers.owner.ask("DELETE", path)).status_code == 404


async def test_nobody_makes_a_key_that_may_do_more_than_they(hall: Hall, flowers: Account) -> None:
    made = await flowers.owner.post("/keys", {"name": "admin", "scopes": ["administer"]})
    limited = hall.with_key(made["api_key"])
    answer = await limited.ask("POST", "/api/v1/keys", json={"name": "more"})
    assert answer.status_code == 403
    assert "pay" in answer.json()["detail"]
    await limited.post("/keys", {"name": "same", "scopes": ["administer"]})


async def test_facts_about_money_are_for_those_who_may_pay(hall: Hall, flowers: Account) -> None:
    fact = BalanceExhausted(balance=-3, currency="USD", needed=3, channels=1, at=hall.clock.now())
    async with hall.database.transaction() as tx:
        await feed.write(tx, hall.clock.now(), [feed.Entry(flowers.id, None, fact)])
    for scope, sees in (("read", False), ("pay", True)):
        made = await flowers.owner.post("/keys", {"name": scope, "scopes": ["read", scope]})
        events = await hall.with_key(made["api_key"]).get("/events")
        assert ("balance.exhausted" in [event["kind"] for event in events]) is sees


async def test_a_key_without_scopes_or_with_an_unknown_one_is_refused(
    hall: Hall, flowers: Account
) -> None:
    for scopes in ([], ["everything"]):
        answer = await flowers.owner.ask(
            "POST", "/api/v1/keys", json={"name": "CRM", "scopes": scopes}
        )
        assert answer.status_code == 400


async def test_a_key_opens_whatever_letters_chance_gave_it(
    flowers: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in six thousand keys held the letters with which a window's bearer begins, and opened nothing."""
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: "Vhw_" + "x" * 39)
    made = await flowers.key.post("/keys", {"name": "unlucky", "scopes": ["read"]})
    answer = await flowers.hall.with_key(made["api_key"]).ask("GET", "/api/v1/channels")
    assert answer.status_code == 200, answer.text
