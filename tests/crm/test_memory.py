"""What is remembered of a connection, on two nodes that look at one database at once."""

import asyncio

import pytest

from houston.crm.connector import Later
from houston.crm.memory import Remembered
from houston.kernel import feed
from houston.kernel.ids import ConnectionId
from houston.kernel.vault import Vault
from tests.crm.conftest import Office
from tests.crm.desk import KEY
from tests.houses import until
from tests.kernel.test_feed import mark, write


@pytest.fixture
def one(office: Office) -> Remembered:
    return memory_of(office)


@pytest.fixture
def other(office: Office) -> Remembered:
    return memory_of(office)


def memory_of(office: Office) -> Remembered:
    connection = ConnectionId(office.desk.connection)
    return Remembered(office.house.database, Vault(lambda: KEY), connection, {})


async def test_what_two_renew_at_once_is_made_from_what_the_first_has_made(
    one: Remembered, other: Remembered
) -> None:
    async def longer(before: str | None) -> str:
        await asyncio.sleep(0.05)
        return (before or "") + "x"

    made = await asyncio.gather(*(who.renew("token", longer) for who in (one, other, one, other)))
    assert sorted(map(str, made)) == ["x", "xx", "xxx", "xxxx"]


async def test_a_renewal_that_fails_leaves_what_was_and_lets_others_try(
    one: Remembered, other: Remembered
) -> None:
    failure = Later(why="the portal does not answer")

    async def fail(_: str | None) -> Later:
        return failure

    async def stumble(_: str | None) -> str:
        raise ConnectionResetError

    async def same(before: str | None) -> str:
        return str(before)

    await one.keep("token", "first")
    assert await one.renew("token", fail) == failure
    with pytest.raises(ConnectionResetError):
        await one.renew("token", stumble)
    assert await other.renew("token", same) == "first"


async def test_the_feed_flows_while_a_crm_is_asked_for_a_token(
    one: Remembered, office: Office
) -> None:
    """A transaction that stayed open would hold back every fact of every account."""
    database = office.house.database

    async def seen() -> bool:
        async with database.single() as tx:
            return bool(await feed.read(tx, feed.BEGINNING, kinds=[mark(1).fact.kind]))

    async def slow(_: str | None) -> str:
        await write(database, mark(1))
        await until(seen, "the fact is told")
        return "seen"

    await one.keep("token", "first")
    assert await one.renew("token", slow) == "seen"
