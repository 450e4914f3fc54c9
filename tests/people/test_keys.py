"""Accounts and keys on a real PostgreSQL; the keyring's memory ages on a clock that stands still."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houston.kernel.errors import NotAllowed
from houston.kernel.ids import AccountId, new_id
from houston.people import store
from houston.people.keyring import Caller, Keyring, NewAccount, create_account
from houston.people.rules import KEY_PREFIX, bearer_key, key_hash
from tests.houses import House, housed


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with housed(database_url, loops=()) as house:
        yield house


@pytest.fixture
async def made(house: House) -> NewAccount:
    return await create_account(house.database, house.clock, "Flowers")


@pytest.fixture
def keyring(house: House) -> Keyring:
    return Keyring(house.database, house.clock)


# --- The header --------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["Bearer hk_1", "bearer hk_1", "  BEARER   hk_1 "])
def test_reads_the_key_out_of_the_header(header: str) -> None:
    assert bearer_key(header) == "hk_1"


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic hk_1", "hk_1", "Bearer a b", "Bearer " + "x" * 201],
)
def test_without_a_key_says_what_to_send(header: str | None) -> None:
    with pytest.raises(NotAllowed, match="Authorization: Bearer"):
        bearer_key(header)


@given(st.text())
def test_whatever_is_sent_as_a_key_is_one_or_is_refused(key: str) -> None:
    with suppress(NotAllowed):
        assert len(key_hash(bearer_key(f"Bearer {key}"))) == 32


# --- The keyring -------------------------------------------------------------------------------


async def test_a_new_account_comes_with_a_key_that_opens_it(
    made: NewAccount, keyring: Keyring
) -> None:
    caller = await keyring.caller(f"Bearer {made.api_key}")
    assert caller.account == made.account
    assert caller.actor == f"api key {caller.who}"


async def test_only_a_hash_of_the_key_is_stored(house: House, made: NewAccount) -> None:
    rows = await house.fetch("select row_to_json(k)::text as text, hash from api_keys k")
    assert made.api_key.startswith(KEY_PREFIX)
    assert len(made.api_key) > 40
    assert made.api_key not in rows[0]["text"]
    assert rows[0]["hash"] == key_hash(made.api_key)


async def test_a_key_that_nobody_made_opens_nothing(keyring: Keyring) -> None:
    with pytest.raises(NotAllowed, match="not known"):
        await keyring.caller("Bearer hk_guessed")


async def test_a_key_that_was_just_seen_needs_no_database(
    house: House, made: NewAccount, keyring: Keyring
) -> None:
    seen = await keyring.caller(f"Bearer {made.api_key}")
    house.cable.cut = True
    house.clock.advance(4.9)
    assert await keyring.caller(f"Bearer {made.api_key}") == seen


async def test_a_revoked_key_opens_nothing_any_more_after_five_seconds(
    house: House, made: NewAccount, keyring: Keyring
) -> None:
    await keyring.caller(f"Bearer {made.api_key}")
    await house.fetch("update api_keys set revoked_at = now()")
    house.clock.advance(5)
    for _ in range(2):
        with pytest.raises(NotAllowed):
            await keyring.caller(f"Bearer {made.api_key}")


async def test_when_a_key_was_used_last_is_known(
    house: House, made: NewAccount, keyring: Keyring
) -> None:
    house.clock.advance(3)
    await keyring.caller(f"Bearer {made.api_key}")
    rows = await house.fetch("select last_used_at from api_keys")
    assert rows[0]["last_used_at"] == house.clock.now()


async def test_many_forged_keys_leave_no_trace_in_memory(
    house: House, made: NewAccount, keyring: Keyring
) -> None:
    for n in range(20):
        with pytest.raises(NotAllowed):
            await keyring.caller(f"Bearer hk_{n}")
    assert keyring._known == {}


async def test_the_memory_of_keys_is_bounded(
    house: House, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("houston.people.keyring._REMEMBERED_MAX", 3)
    for n in range(8):
        made = await create_account(house.database, house.clock, f"number {n}")
        assert isinstance(await keyring.caller(f"Bearer {made.api_key}"), Caller)
        assert len(keyring._known) <= 3


# --- Accounts ----------------------------------------------------------------------------------


async def test_accounts_are_listed_in_the_order_of_their_making(house: House) -> None:
    for name in ("Flowers", "Bread", "Books"):
        await create_account(house.database, house.clock, name)
        house.clock.advance(1)
    async with house.database.single() as tx:
        assert [row["name"] for row in await store.accounts(tx)] == ["Flowers", "Bread", "Books"]


async def test_an_account_is_found_by_its_id(house: House, made: NewAccount) -> None:
    async with house.database.single() as tx:
        found = await store.account(tx, made.account)
        assert found is not None
        assert found["name"] == "Flowers"
        assert await store.account(tx, AccountId(new_id())) is None
