"""Signing in, over HTTP on a whole server: who gets in, who is slowed down, and what ends it."""

import asyncio

import pytest

from houston.kernel.errors import NotFound
from houston.kernel.ids import AccountId, new_id
from houston.people.founding import make_administrator
from tests.people.hall import PASSWORD, Account, Hall

# --- The cookie --------------------------------------------------------------------------------


async def test_whoever_signs_in_is_known_by_a_cookie_that_scripts_cannot_read(
    hall: Hall, flowers: Account
) -> None:
    answer = await hall.try_to_sign_in(flowers.email, flowers.password)
    assert answer.json()["email"] == flowers.email
    assert answer.json()["account_name"] == "Flowers"
    words = {word.strip().lower() for word in answer.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=lax", "path=/"} <= words
    assert "secure" not in words
    browser = hall.browser(answer)
    assert await browser.get("/session") == answer.json()
    assert await browser.get("/channels") == []


async def test_over_https_the_cookie_is_never_sent_in_the_clear(
    hall: Hall, flowers: Account
) -> None:
    proxied = {"x-forwarded-proto": "https"}
    answer = await hall.try_to_sign_in(flowers.email, flowers.password, proxied)
    assert "; secure" in answer.headers["set-cookie"].lower()


async def test_neither_password_nor_cookie_nor_invitation_is_stored_readably(
    hall: Hall, flowers: Account
) -> None:
    invitation = (await flowers.invited("Boris", "seller"))["invitation"]
    secrets = [flowers.password, flowers.owner.cookies["houston"], invitation["token"]]
    for table in ("people", "sign_ins", "invitations", "sign_in_tries", "events"):
        rows = await hall.rows(f"select row_to_json(t)::text as text from {table} t")
        assert all(secret not in row["text"] for row in rows for secret in secrets)
    hashes = await hall.rows("select password_hash from people where password_hash is not null")
    assert all(row["password_hash"].startswith("$argon2id$") for row in hashes)


async def test_the_name_of_an_address_is_the_same_in_any_case(hall: Hall, flowers: Account) -> None:
    await hall.signed_in(f"  {flowers.email.upper()} ", flowers.password)


async def test_one_address_in_two_accounts_opens_the_one_whose_password_it_is(hall: Hall) -> None:
    for name, password in (("Flowers", "petals and thorns"), ("Bread", "crust and crumb")):
        account = await hall.account(name)
        made = await account.key.post("/people", {"name": "Anna", "email": "anna@both.example"})
        assert (await hall.take(made["invitation"], password)).status_code == 200
    browser = await hall.signed_in("anna@both.example", "crust and crumb")
    assert (await browser.get("/session"))["account_name"] == "Bread"


# --- Guessing ----------------------------------------------------------------------------------


async def test_whether_the_name_or_the_password_is_wrong_is_not_told(
    hall: Hall, flowers: Account
) -> None:
    answers = [
        await hall.try_to_sign_in(flowers.email, "wrong"),
        await hall.try_to_sign_in("nobody@flowers.example", "wrong"),
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert "set-cookie" not in answers[0].headers


async def test_after_five_wrong_passwords_even_the_right_one_must_wait_longer_each_time(
    hall: Hall, flowers: Account
) -> None:
    for _ in range(5):
        assert (await hall.try_to_sign_in(flowers.email, "wrong")).status_code == 401
    waits = []
    for _ in range(7):
        refused = await hall.try_to_sign_in(flowers.email, flowers.password)
        assert refused.status_code == 429
        waits.append(int(refused.headers["retry-after"]))
        hall.clock.advance(waits[-1])
        assert (await hall.try_to_sign_in(flowers.email, "wrong")).status_code == 401
    assert waits == [1, 2, 4, 8, 16, 32, 60]
    hall.clock.advance(60)
    await hall.signed_in(flowers.email, flowers.password)


async def test_a_hundred_guesses_at_once_are_heard_five_times(hall: Hall, flowers: Account) -> None:
    tries = [hall.try_to_sign_in(flowers.email, f"guess {n}") for n in range(100)]
    codes = [answer.status_code for answer in await asyncio.gather(*tries)]
    assert codes.count(401) == 5
    assert codes.count(429) == 95


async def test_many_names_from_one_address_are_slowed_down_as_well(
    hall: Hall, flowers: Account
) -> None:
    for n in range(20):
        answer = await hall.try_to_sign_in(f"guess{n}@flowers.example", "wrong")
        assert answer.status_code == 401
    assert (await hall.try_to_sign_in("other@flowers.example", "wrong")).status_code == 429


async def test_an_account_of_ones_own_does_not_buy_more_guesses(
    hall: Hall, flowers: Account
) -> None:
    for n in range(20):
        await hall.try_to_sign_in(f"guess{n}@flowers.example", "wrong")
        hall.clock.advance(0.01)
        if n % 4 == 0 and n < 19:
            await hall.signed_in(flowers.email, flowers.password)
    assert (await hall.try_to_sign_in("other@flowers.example", "wrong")).status_code == 429


async def test_the_right_password_forgets_the_wrong_ones(hall: Hall, flowers: Account) -> None:
    for _ in range(4):
        for _ in range(3):
            await hall.try_to_sign_in(flowers.email, "wrong")
        await hall.signed_in(flowers.email, flowers.password)


async def test_an_hour_of_quiet_forgets_everything(hall: Hall, flowers: Account) -> None:
    for n in range(20):
        await hall.try_to_sign_in(f"guess{n % 5}@flowers.example", "wrong")
    hall.clock.advance(3_601)
    await hall.signed_in(flowers.email, flowers.password)
    rows = await hall.rows("select subject from sign_in_tries")
    assert [row["subject"] for row in rows] == ["address 127.0.0.1"]


# --- Other pages -------------------------------------------------------------------------------


async def test_a_stolen_click_without_the_token_changes_nothing(
    hall: Hall, flowers: Account
) -> None:
    channel = await flowers.channel("79990001122")
    thief = flowers.owner
    before = await hall.rows("select count(*) from events")
    for token in ({"x-csrf-token": ""}, {"x-csrf-token": "0" * 64}):
        for method, path in (("POST", f"/channels/{channel}/disable"), ("DELETE", "/session")):
            answer = await thief.ask(method, f"/api/v1{path}", headers=token)
            assert answer.status_code == 403
            assert "csrf_token" in answer.json()["cure"]
    assert await hall.rows("select count(*) from events") == before
    assert (await thief.ask("POST", f"/api/v1/channels/{channel}/disable")).status_code == 200


async def test_the_token_of_one_browser_is_worth_nothing_in_another(
    hall: Hall, flowers: Account
) -> None:
    other = await hall.signed_in(flowers.email, flowers.password)
    assert other.headers != flowers.owner.headers
    answer = await flowers.owner.ask("DELETE", "/api/v1/session", headers=other.headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
async def test_another_page_can_neither_sign_somebody_in_nor_act_for_them(
    hall: Hall, flowers: Account, headers: dict[str, str]
) -> None:
    answer = await hall.try_to_sign_in(flowers.email, flowers.password, headers)
    assert answer.status_code == 403
    answer = await flowers.owner.ask("DELETE", "/api/v1/session", headers=headers)
    assert answer.status_code == 403
    await flowers.owner.get("/session")


async def test_our_own_page_may(hall: Hall, flowers: Account) -> None:
    host = hall.url.removeprefix("http://")
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": f"http://{host}"}):
        answer = await hall.try_to_sign_in(flowers.email, flowers.password, headers)
        assert answer.status_code == 200


# --- The end of it -----------------------------------------------------------------------------


async def test_signing_out_ends_this_browser_and_no_other(hall: Hall, flowers: Account) -> None:
    here, there = flowers.owner, await hall.signed_in(flowers.email, flowers.password)
    assert (await here.ask("DELETE", "/api/v1/session")).status_code == 204
    assert (await here.ask("GET", "/api/v1/channels")).status_code == 401
    assert await there.get("/channels") == []


async def test_signing_out_everywhere_ends_all_browsers(hall: Hall, flowers: Account) -> None:
    here, there = flowers.owner, await hall.signed_in(flowers.email, flowers.password)
    answer = await here.ask("DELETE", "/api/v1/session", params={"everywhere": "true"})
    assert answer.status_code == 204
    for browser in (here, there):
        assert (await browser.ask("GET", "/api/v1/session")).status_code == 401


async def test_after_thirty_days_a_browser_is_asked_again(hall: Hall, flowers: Account) -> None:
    hall.clock.advance(30 * 86_400 - 1)
    await flowers.owner.get("/session")
    hall.clock.advance(1)
    assert (await flowers.owner.ask("GET", "/api/v1/session")).status_code == 401


async def test_a_new_password_ends_all_other_browsers(hall: Hall, flowers: Account) -> None:
    there = await hall.signed_in(flowers.email, flowers.password)
    body = {"old": flowers.password, "new": "a much longer password"}
    answer = await flowers.owner.ask("PUT", "/api/v1/session/password", json=body)
    assert answer.status_code == 200
    await hall.browser(answer).get("/session")
    for browser in (flowers.owner, there):
        assert (await browser.ask("GET", "/api/v1/session")).status_code == 401
    assert (await hall.try_to_sign_in(flowers.email, flowers.password)).status_code == 401
    await hall.signed_in(flowers.email, "a much longer password")


async def test_a_new_password_takes_the_old_one(hall: Hall, flowers: Account) -> None:
    body = {"old": "stolen browser", "new": "a much longer password"}
    answer = await flowers.owner.ask("PUT", "/api/v1/session/password", json=body)
    assert answer.status_code == 401
    await hall.signed_in(flowers.email, flowers.password)


# --- Invitations and resets --------------------------------------------------------------------


async def test_an_invitation_works_once(hall: Hall, flowers: Account) -> None:
    invitation = (await flowers.invited("Boris", "seller"))["invitation"]
    assert invitation["token"] in invitation["path"]
    short = await hall.take(invitation, "short")
    assert (short.status_code, short.json()["field"]) == (400, "password")
    assert (await hall.take(invitation)).status_code == 200
    again = await hall.take(invitation, "the thief's password")
    assert again.status_code == 401
    await hall.signed_in("boris@flowers.example", PASSWORD)


async def test_an_invitation_ends_after_a_week(hall: Hall, flowers: Account) -> None:
    invitation = (await flowers.invited("Boris", "seller"))["invitation"]
    hall.clock.advance(7 * 86_400)
    assert (await hall.take(invitation)).status_code == 401


async def test_two_who_take_an_invitation_at_once_do_not_both_get_in(
    hall: Hall, flowers: Account
) -> None:
    invitation = (await flowers.invited("Boris", "seller"))["invitation"]
    answers = await asyncio.gather(*(hall.take(invitation) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_who_is_invited_cannot_sign_in_before(hall: Hall, flowers: Account) -> None:
    await flowers.invited("Boris", "seller")
    assert (await hall.try_to_sign_in("boris@flowers.example", "")).status_code == 401


async def test_a_reset_ends_every_sign_in_and_the_password_at_once(
    hall: Hall, flowers: Account
) -> None:
    boris, browser = await flowers.person("Boris", "manager")
    other = await hall.signed_in("boris@flowers.example")
    made = await flowers.owner.post(f"/people/{boris}/reset")
    assert made["person"]["invited"]
    for one in (browser, other):
        assert (await one.ask("GET", "/api/v1/channels")).status_code == 401
    assert (await hall.try_to_sign_in("boris@flowers.example", PASSWORD)).status_code == 401
    assert (await hall.take(made["invitation"], "brand new password")).status_code == 200
    await hall.signed_in("boris@flowers.example", "brand new password")


async def test_a_second_reset_voids_the_first_ones_invitation(hall: Hall, flowers: Account) -> None:
    boris, _ = await flowers.person("Boris", "manager")
    first, second = [await flowers.owner.post(f"/people/{boris}/reset") for _ in range(2)]
    assert (await hall.take(first["invitation"])).status_code == 401
    assert (await hall.take(second["invitation"])).status_code == 200


async def test_who_is_removed_is_out_at_once(hall: Hall, flowers: Account) -> None:
    boris, browser = await flowers.person("Boris", "manager")
    await flowers.invited("Clara", "manager")
    answer = await flowers.owner.ask("DELETE", f"/api/v1/people/{boris}")
    assert answer.status_code == 204
    assert (await browser.ask("GET", "/api/v1/channels")).status_code == 401
    assert (await hall.try_to_sign_in("boris@flowers.example", PASSWORD)).status_code == 401
    await flowers.invited("Boris", "seller")  # The address is free again.


async def test_whoever_is_locked_out_is_let_in_from_the_servers_own_machine(
    hall: Hall, flowers: Account
) -> None:
    _, boris = await flowers.person("Boris", "seller")
    email = "boris@flowers.example"
    password = await make_administrator(hall.database, hall.clock, flowers.id, email)
    assert (await boris.ask("GET", "/api/v1/channels")).status_code == 401
    assert (await hall.try_to_sign_in(email, PASSWORD)).status_code == 401
    again = await hall.signed_in(email, password)
    known = await again.get("/session")
    assert (known["name"], known["role"]) == ("Boris", "administrator")
    with pytest.raises(NotFound):
        await make_administrator(hall.database, hall.clock, AccountId(new_id()), email)


async def test_an_account_keeps_an_administrator(hall: Hall, flowers: Account) -> None:
    (owner,) = await flowers.key.get("/people")
    path = f"/api/v1/people/{owner['id']}"
    for answer in (
        await flowers.owner.ask("DELETE", path),
        await flowers.owner.ask("PATCH", path, json={"role": "auditor"}),
    ):
        assert answer.status_code == 409
    assert (await flowers.key.get("/people"))[0]["role"] == "administrator"
