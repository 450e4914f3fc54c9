"""A follower on a real feed, turned by hand; what it does goes into a table of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import pytest

from houston.kernel import feed
from houston.kernel.db import Database, Tx
from houston.kernel.facts import ChatMarked
from houston.kernel.follower import Concerns, Follower
from houston.kernel.loop import end, keep
from houston.kernel.missed import MessagesMissed
from houston.kernel.wake import Topic
from tests.houses import House, housed, until
from tests.kernel.test_feed import ANYBODY, NOW, mark, number, write


class Notebook:
    """Writes the number of each fact down, in the transaction that it is given."""

    def __init__(self) -> None:
        self.fails = False
        self.pages: list[int] = []

    async def handle(self, tx: Tx, news: Sequence[feed.Event]) -> None:
        self.pages.append(len(news))
        for event in news:
            await tx.execute("insert into noted (number) values ($1)", number(event))
        if self.fails:
            raise ZeroDivisionError


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with housed(database_url, loops=()) as house:
        await house.fetch("create table noted (n bigint generated always as identity, number int)")
        yield house


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


async def follow(
    house: House,
    notebook: Notebook,
    where: str = feed.ANYONE,
    concerns: Concerns = lambda _: True,
) -> Follower:
    """A follower that stands at the present."""
    follower = Follower(
        "noting",
        [ChatMarked.kind],
        notebook.handle,
        house.reader,
        where=where,
        concerns=concerns,
    )
    await turn(house, follower)
    return follower


async def turn(house: House, follower: Follower) -> None:
    """One turn that does not wait for news."""
    house.wakes.here(Topic.FEED)
    await follower.duty()


async def noted(database: Database) -> list[int]:
    async with database.single() as tx:
        return [row["number"] for row in await tx.fetch("select number from noted order by n")]


async def test_hears_news_and_not_history(house: House, notebook: Notebook) -> None:
    await write(house.database, mark(1))
    follower = await follow(house, notebook)
    await write(house.database, mark(2))
    await turn(house, follower)
    assert await noted(house.database) == [2]


async def test_hears_every_fact_once_and_in_order(house: House, notebook: Notebook) -> None:
    follower = await follow(house, notebook)
    for n in range(5):
        await write(house.database, mark(2 * n), mark(2 * n + 1))
        await turn(house, follower)
    assert await noted(house.database) == list(range(10))


async def test_hears_only_its_kinds(house: House, notebook: Notebook) -> None:
    follower = await follow(house, notebook)
    other = feed.Entry(ANYBODY, None, MessagesMissed(since=NOW, until=NOW))
    await write(house.database, mark(1), other, mark(2), other)
    await turn(house, follower)
    assert await noted(house.database) == [1, 2]


async def test_hears_of_those_who_concern_it_from_when_they_do(
    house: House, notebook: Notebook
) -> None:
    await house.fetch("create table concerned (account_id uuid)")
    follower = await follow(house, notebook, "account_id in (select account_id from concerned)")
    await write(house.database, mark(1))
    await turn(house, follower)
    await house.fetch("insert into concerned values ($1)", ANYBODY)
    await write(house.database, mark(2))
    await turn(house, follower)
    assert await noted(house.database) == [2]


async def test_facts_that_do_not_concern_it_cost_no_transaction(
    house: House, notebook: Notebook
) -> None:
    follower = await follow(house, notebook, concerns=lambda event: number(event) % 2 == 0)
    before = await cursor(house)
    await write(house.database, mark(1))
    await turn(house, follower)
    assert await cursor(house) == before
    await write(house.database, mark(2), mark(3), mark(4))
    await turn(house, follower)
    assert notebook.pages == [2]
    assert await noted(house.database) == [2, 4]
    assert await cursor(house) > before


async def test_what_another_node_does_between_look_and_lock_is_not_done_again(
    house: House, notebook: Notebook, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with housed(database_url, loops=()) as other:
        one, two = await follow(house, notebook), await follow(other, notebook)
        await write(house.database, mark(1), mark(2))
        looked, done = asyncio.Event(), asyncio.Event()
        handed_out = other.reader.news

        async def slowly(*asked: Any) -> feed.News:
            news = await handed_out(*asked)
            looked.set()
            await done.wait()
            return news

        monkeypatch.setattr(other.reader, "news", slowly)
        late = asyncio.create_task(turn(other, two))
        await looked.wait()
        await turn(house, one)
        done.set()
        await late
        assert await noted(house.database) == [1, 2]
        await write(house.database, mark(3))
        await turn(other, two)
        assert await noted(house.database) == [1, 2, 3]


async def test_a_crowd_of_facts_comes_in_bounded_batches_without_a_pause(
    house: House, notebook: Notebook
) -> None:
    follower = await follow(house, notebook)
    async with house.database.transaction() as tx:
        await feed.write(tx, NOW, [mark(n) for n in range(450)])
    for _ in range(3):
        await turn(house, follower)
    assert notebook.pages == [200, 200, 50]
    assert await noted(house.database) == list(range(450))


async def test_what_failed_is_undone_and_heard_again(house: House, notebook: Notebook) -> None:
    follower = await follow(house, notebook)
    await write(house.database, mark(1), mark(2))
    notebook.fails = True
    with pytest.raises(ZeroDivisionError):
        await turn(house, follower)
    assert await noted(house.database) == []
    notebook.fails = False
    await turn(house, follower)
    assert await noted(house.database) == [1, 2]


async def test_what_was_committed_unheard_is_not_done_again(
    house: House, notebook: Notebook
) -> None:
    """The cursor moves in the transaction of what was done, so both are there or neither is."""
    follower = await follow(house, notebook)
    await write(house.database, mark(1))
    house.cable.cut_after_commits = 1
    with pytest.raises(ConnectionResetError):
        await turn(house, follower)
    await turn(house, follower)
    assert await noted(house.database) == [1]


async def test_two_nodes_do_it_once(house: House, notebook: Notebook, database_url: str) -> None:
    async with housed(database_url, loops=()) as other:
        one, two = await follow(house, notebook), await follow(other, notebook)
        await write(house.database, mark(1))
        await turn(house, one)
        await turn(other, two)
        async with other.database.transaction() as tx:
            await feed.lock_cursor(tx, "noting", NOW)
            await write(house.database, mark(2))
            await turn(house, one)
            assert await noted(house.database) == [1], "the other node is at it"
        await turn(house, one)
    assert await noted(house.database) == [1, 2]


OTHER = feed.Entry(ANYBODY, None, MessagesMissed(since=NOW, until=NOW))


async def test_a_cursor_moves_also_where_there_is_nothing_to_hear(
    house: House, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a node that starts would read the whole feed again for the few facts of its kinds."""
    monkeypatch.setattr("houston.kernel.follower._NOTE_EVERY_SECONDS", 0.0)
    follower = await follow(house, notebook)
    before = await cursor(house)
    await write(house.database, OTHER)
    await turn(house, follower)
    assert await cursor(house) > before


async def test_a_look_at_what_concerns_others_writes_nothing_and_misses_nothing(
    house: House, notebook: Notebook
) -> None:
    follower = await follow(house, notebook)
    before = await cursor(house)
    await write(house.database, OTHER)
    await turn(house, follower)
    assert await cursor(house) == before
    await write(house.database, mark(1), OTHER)
    await turn(house, follower)
    assert await noted(house.database) == [1]


async def test_says_when_something_is_done_and_committed(house: House, notebook: Notebook) -> None:
    done: list[list[int]] = []

    async def look() -> None:
        done.append(await noted(house.database))

    looks: list[asyncio.Task[None]] = []
    follower = Follower(
        "noting",
        [ChatMarked.kind],
        notebook.handle,
        house.reader,
        lambda: looks.append(asyncio.create_task(look())),
    )
    await turn(house, follower)
    await write(house.database, OTHER)
    await turn(house, follower)
    await write(house.database, mark(1))
    await turn(house, follower)
    await asyncio.gather(*looks)
    assert done == [[1]]


async def cursor(house: House) -> feed.Cursor:
    async with house.database.transaction() as tx:
        found = await feed.lock_cursor(tx, "noting", NOW)
    assert found is not None
    return found


async def test_passes_over_nothing_that_is_still_being_written(
    house: House, notebook: Notebook
) -> None:
    follower = await follow(house, notebook)
    async with house.database.transaction() as early:
        await feed.write(early, NOW, [mark(1)])
        await write(house.database, mark(2))
        await turn(house, follower)
        assert await noted(house.database) == []
    await turn(house, follower)
    assert await noted(house.database) == [1, 2]


async def test_wakes_at_news(
    house: House, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("houston.kernel.follower._LOOK_EVERY_SECONDS", 60.0)
    follower = await follow(house, notebook)
    loop = asyncio.create_task(keep(follower.duty, "noting", house.clock))
    for n in range(3):
        await write(house.database, mark(n))
        house.wakes.here(Topic.FEED)
        await until(partial(is_noted, house.database, n))
    await end(loop)


async def is_noted(database: Database, number: int) -> bool:
    return number in await noted(database)
