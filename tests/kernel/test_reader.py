"""One page for all followers of a node, on a real feed; the cable says how often the disk is asked."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from houston.kernel import feed
from houston.kernel.facts import CaughtUp, ChatMarked
from houston.kernel.feed import Cursor
from houston.kernel.missed import MessagesMissed
from houston.kernel.reader import BATCH
from houston.kernel.wake import Topic
from tests.houses import House, housed
from tests.kernel.test_feed import ANYBODY, NOW, mark, number, write

MARKS = frozenset({ChatMarked.kind})
MISSES = frozenset({MessagesMissed.kind})
MISSED = feed.Entry(ANYBODY, None, MessagesMissed(since=NOW, until=NOW))


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """Two kinds of facts are followed in it."""
    async with housed(database_url, loops=()) as house:
        house.reader.join(MARKS | MISSES, lambda: None)
        yield house


async def tell(house: House, *entries: feed.Entry) -> None:
    await write(house.database, *entries)
    house.wakes.here(Topic.FEED)


class Looks:
    """How often the disk has been asked since."""

    def __init__(self, house: House) -> None:
        self.number = 0
        house.cable.on_the_way = self._note

    def _note(self) -> None:
        self.number += 1


async def begun(house: House) -> Cursor:
    """Where everybody stands."""
    async with house.database.single() as tx:
        place = await feed.end_of_feed(tx)
    return (await house.reader.news(place, MARKS)).reached


def numbers(news: feed.News) -> list[int]:
    return [number(event) for event in news.events]


async def test_many_who_stand_at_one_place_ask_the_disk_once(house: House) -> None:
    place = await begun(house)
    await tell(house, mark(1), mark(2))
    looks = Looks(house)
    found = await asyncio.gather(*(house.reader.news(place, MARKS) for _ in range(5)))
    assert [numbers(news) for news in found] == [[1, 2]] * 5
    assert looks.number == 1


async def test_each_hears_its_kinds_and_comes_as_far_as_the_others(house: House) -> None:
    place = await begun(house)
    await tell(house, mark(1), MISSED, mark(2))
    marks, misses = await house.reader.news(place, MARKS), await house.reader.news(place, MISSES)
    assert numbers(marks) == [1, 2]
    assert [event.kind for event in misses.events] == [MessagesMissed.kind]
    assert marks.reached == misses.reached


async def test_nothing_is_read_again_until_there_may_be_news(house: House) -> None:
    place = await begun(house)
    looks = Looks(house)
    for _ in range(5):
        assert (await house.reader.news(place, MARKS)).events == []
    assert looks.number == 0
    await tell(house, mark(1))
    assert numbers(await house.reader.news(place, MARKS)) == [1]


async def test_a_lost_ring_delays_by_half_a_second(house: House) -> None:
    place = await begun(house)
    await write(house.database, mark(1))
    house.clock.advance(0.5)
    assert numbers(await house.reader.news(place, MARKS)) == [1]


async def test_who_is_in_the_middle_of_a_page_hears_the_rest_of_it(house: House) -> None:
    place = await begun(house)
    await tell(house, mark(1), mark(2), mark(3))
    page = await house.reader.news(place, MARKS)
    await tell(house, mark(4))
    looks = Looks(house)
    rest = await house.reader.news(page.events[0].cursor, MARKS)
    assert (numbers(rest), rest.reached) == ([2, 3], page.reached)
    assert looks.number == 0


async def test_who_fell_behind_misses_nothing_and_does_not_hold_up_the_others(house: House) -> None:
    slow = quick = await begun(house)
    for n in range(4):
        await tell(house, mark(n))
        news = await house.reader.news(quick, MARKS)
        assert numbers(news) == [n]
        quick = news.reached
    assert numbers(await house.reader.news(slow, MARKS)) == [0, 1, 2, 3]


async def test_who_is_ahead_and_who_is_behind_come_together_again(house: House) -> None:
    behind = await begun(house)
    await tell(house, mark(1))
    ahead = (await house.reader.read(behind, MARKS)).reached
    for n in (2, 3):
        await tell(house, mark(n))
        ahead, behind = [
            (await house.reader.news(place, MARKS)).reached for place in (ahead, behind)
        ]
    await tell(house, mark(4))
    looks = Looks(house)
    found = [await house.reader.news(place, MARKS) for place in (ahead, behind)]
    assert [numbers(news) for news in found] == [[4], [4]]
    assert looks.number == 1


async def test_a_kind_that_is_followed_only_now_is_not_missed(house: House) -> None:
    """The page in hand was read without it."""
    place = await begun(house)
    caught_up = feed.Entry(ANYBODY, None, CaughtUp(expected=1, retrieved=1))
    await tell(house, mark(1), caught_up)
    await house.reader.news(place, MARKS)
    late = frozenset({CaughtUp.kind})
    house.reader.join(late, lambda: None)
    assert [event.kind for event in (await house.reader.news(place, late)).events] == list(late)


async def test_a_crowd_of_facts_is_told_page_by_page_and_whole(house: House) -> None:
    place, heard = await begun(house), list[int]()
    await tell(house, *(mark(n) for n in range(2 * BATCH + 50)))
    more = True
    while more:
        news = await house.reader.news(place, MARKS)
        heard += numbers(news)
        place, more = news.reached, news.more
    assert heard == list(range(2 * BATCH + 50))


async def test_what_is_not_certain_yet_comes_later_and_in_its_place(house: House) -> None:
    place = await begun(house)
    async with house.database.transaction() as early:
        await feed.write(early, NOW, [mark(1)])
        await tell(house, mark(2))
        hidden = await house.reader.news(place, MARKS)
        assert hidden.events == []
    house.wakes.here(Topic.FEED)
    assert numbers(await house.reader.news(hidden.reached, MARKS)) == [1, 2]


async def test_what_was_rung_for_while_a_page_is_read_is_read_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await begun(house)
    await tell(house, mark(1))
    read, has_read, goes_on = house.reader.read, asyncio.Event(), asyncio.Event()

    async def slowly(after: Cursor, kinds: frozenset[str]) -> feed.News:
        news = await read(after, kinds)
        has_read.set()
        await goes_on.wait()
        return news

    monkeypatch.setattr(house.reader, "read", slowly)
    reading = asyncio.create_task(house.reader.news(place, MARKS))
    await has_read.wait()
    await tell(house, mark(2))
    goes_on.set()
    first = await reading
    then = await house.reader.news(first.reached, MARKS)
    assert (numbers(first), numbers(then)) == ([1], [2])


async def test_a_read_that_failed_is_tried_again_by_the_next(house: House) -> None:
    place = await begun(house)
    await tell(house, mark(1))
    house.cable.cut = True
    with pytest.raises(ConnectionRefusedError):
        await house.reader.news(place, MARKS)
    house.cable.cut = False
    assert numbers(await house.reader.news(place, MARKS)) == [1]
