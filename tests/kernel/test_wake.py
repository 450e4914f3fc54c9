"""Wake-ups on one node and between two, over the NOTIFY of a real PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from houston.kernel.ids import new_id
from houston.kernel.wake import Topic
from tests.houses import House, housed, until
from tests.loops import Logged


class Ear:
    """Notes what it is woken for."""

    def __init__(self, house: House, topic: Topic) -> None:
        self.heard: list[UUID] = []
        self.rings = 0
        house.wakes.on(topic, self._ring)

    def _ring(self, ids: Sequence[UUID]) -> None:
        self.heard += ids
        self.rings += 1


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with housed(database_url, loops=()) as house:
        yield house


@asynccontextmanager
async def other_node(url: str, house: House) -> AsyncIterator[tuple[House, Ear]]:
    """Another node that listens; the first one knows of it."""
    async with housed(url, loops=("wakes",)) as other:
        ear = Ear(other, Topic.QUEUE)
        await until(lambda: ear.rings, "it listens")
        await house.node.renew()
        yield other, ear


async def test_wakes_all_who_listen_for_the_topic_and_nobody_else(house: House) -> None:
    one, two, other = Ear(house, Topic.QUEUE), Ear(house, Topic.QUEUE), Ear(house, Topic.FEED)
    channel = new_id()
    house.wakes.here(Topic.QUEUE, [channel])
    assert (one.heard, two.heard, other.rings) == ([channel], [channel], 0)


async def test_wakes_the_other_nodes_too(house: House, database_url: str) -> None:
    async with other_node(database_url, house) as (_, ear):
        channel = new_id()
        await house.wakes.everywhere(Topic.QUEUE, [channel])
        await until(lambda: ear.heard == [channel])


async def test_a_crowd_of_channels_reaches_the_others_in_several_notes(
    house: House, database_url: str
) -> None:
    """One note of PostgreSQL holds less than 8,000 bytes."""
    async with other_node(database_url, house) as (_, ear):
        rings, channels = ear.rings, [new_id() for _ in range(400)]
        await house.wakes.everywhere(Topic.QUEUE, channels)
        await until(lambda: ear.heard == channels)
        assert ear.rings - rings == 3


async def test_a_word_is_heard_here_and_there_as_it_was_said_and_rings_nobody(
    house: House, database_url: str
) -> None:
    async with other_node(database_url, house) as (other, ear):
        words: list[tuple[str, str]] = []
        rings = ear.rings
        house.wakes.hear(Topic.QUEUE, lambda word: words.append(("here", word)))
        other.wakes.hear(Topic.QUEUE, lambda word: words.append(("there", word)))
        other.wakes.hear(Topic.FEED, lambda word: words.append(("of something else", word)))
        await house.wakes.say(Topic.QUEUE, '"Ёлка" \\ 1')
        await until(lambda: len(words) == 2)
        await house.wakes.everywhere(Topic.QUEUE)
        await until(lambda: ear.rings > rings)
        assert words == [("here", '"Ёлка" \\ 1'), ("there", '"Ёлка" \\ 1')]
        assert ear.rings == rings + 1


async def test_a_word_that_cannot_be_sent_is_no_error_for_who_said_it(
    house: House, database_url: str, logged: Logged
) -> None:
    async with other_node(database_url, house):
        words: list[str] = []
        house.wakes.hear(Topic.QUEUE, words.append)
        house.cable.cut = True
        await house.wakes.say(Topic.QUEUE, "hello")
        house.cable.cut = False
    assert words == ["hello"]
    assert "wake_not_sent" in [line["event"] for line in logged]


async def test_a_node_does_not_hear_itself_twice(house: House, database_url: str) -> None:
    async with other_node(database_url, house) as (other, ear):
        await other.node.renew()
        mine, theirs = new_id(), new_id()
        await other.wakes.everywhere(Topic.QUEUE, [mine])
        await house.wakes.everywhere(Topic.QUEUE, [theirs])
        await until(lambda: theirs in ear.heard)
        assert ear.heard == [mine, theirs]


async def test_a_node_that_is_alone_does_not_trouble_the_database(house: House) -> None:
    ear = Ear(house, Topic.QUEUE)
    house.cable.cut = True
    await house.wakes.everywhere(Topic.QUEUE, [new_id()])
    assert ear.rings == 1


async def test_what_cannot_be_sent_is_no_error_for_who_had_news(
    house: House, database_url: str, logged: Logged
) -> None:
    async with other_node(database_url, house):
        house.cable.cut = True
        await house.wakes.everywhere(Topic.QUEUE, [new_id()])
        house.cable.cut = False
    assert "wake_not_sent" in [line["event"] for line in logged]


async def test_after_a_lost_connection_it_looks_at_everything(
    house: House, database_url: str
) -> None:
    """What was said meanwhile is unknown."""
    async with other_node(database_url, house) as (_, ear):
        rings = ear.rings
        await house.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and query ilike 'listen%'"
        )
        await until(lambda: ear.rings > rings, "it listens again")
        channel = new_id()
        await house.wakes.everywhere(Topic.QUEUE, [channel])
        await until(lambda: channel in ear.heard)


async def test_ends_its_connection_when_it_is_told_to_stop(house: House, database_url: str) -> None:
    async with other_node(database_url, house):
        assert await listeners(house) == 1
    await until(lambda: nobody_listens(house))


async def listeners(house: House) -> int:
    rows = await house.fetch(
        "select from pg_stat_activity where datname = current_database() and query ilike 'listen%'"
    )
    return len(rows)


async def nobody_listens(house: House) -> bool:
    return await listeners(house) == 0
