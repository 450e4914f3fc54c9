"""The feed on a real PostgreSQL: writers with open transactions, and readers that look meanwhile."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import cast

import pytest

from houston.kernel import db, feed
from houston.kernel.db import Database, Tx
from houston.kernel.errors import BadRequest
from houston.kernel.facts import FACTS, CaughtUp, ChatMarked
from houston.kernel.feed import BEGINNING, Cursor, Entry
from houston.kernel.ids import AccountId, ChannelId, ChatId, new_id
from houston.kernel.missed import MessagesMissed
from tests.houses import until

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ANYBODY = AccountId(new_id())
CHAT = ChatId(new_id())


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await db.connect(database_url, connections_max=30)
    yield opened
    await opened.close()


def mark(number: int, channel: ChannelId | None = None, account: AccountId = ANYBODY) -> Entry:
    return Entry(account, channel, ChatMarked(chat_id=CHAT, unanswered=number, actor="anna"))


async def numbers(
    database: Database, after: Cursor = BEGINNING, *, account: AccountId | None = None
) -> list[int]:
    async with database.single() as tx:
        return [number(event) for event in await feed.read(tx, after, account=account)]


def number(event: feed.Event) -> int:
    fact = event.fact()
    assert isinstance(fact, ChatMarked)
    return fact.unanswered


# --- The trap of the naive cursor --------------------------------------------------------------


class Writers:
    """Twenty at once, each in transactions of uneven length, and their own book of what they wrote."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.wrote: dict[ChannelId, list[int]] = defaultdict(list)
        self._chance = random.Random(7)
        self._turns = {ChannelId(new_id()): asyncio.Lock() for _ in range(10)}

    async def write(self, transactions: int) -> None:
        for _ in range(transactions):
            channel = self._chance.choice(list(self._turns))
            async with self._turns[channel], self.database.transaction() as tx:
                number = len(self.wrote[channel]) + 1
                await feed.write(tx, NOW, [mark(number, channel)])
                await asyncio.sleep(self._chance.random() * 0.02)
                self.wrote[channel].append(number)

    async def all_of_them(self) -> None:
        await asyncio.gather(*(self.write(40) for _ in range(20)))


Read = Callable[[Tx, list[feed.Event]], Awaitable[list[feed.Event]]]


class Reader:
    """Polls until it is told that nothing new comes, and once more."""

    def __init__(self, database: Database, read: Read) -> None:
        self.seen: list[feed.Event] = []
        self.nothing_new = False
        self._database = database
        self._read = read

    async def run(self) -> None:
        while True:
            last_look = self.nothing_new
            async with self._database.single() as tx:
                self.seen += await self._read(tx, self.seen)
            if last_look:
                return
            await asyncio.sleep(0.002)

    def by_channel(self) -> dict[ChannelId, list[int]]:
        found: dict[ChannelId, list[int]] = defaultdict(list)
        for event in self.seen:
            found[cast(ChannelId, event.channel)].append(number(event))
        return found


async def naively(tx: Tx, seen: list[feed.Event]) -> list[feed.Event]:
    """What everybody writes first: everything with a larger number than the last one."""
    rows = await tx.fetch(
        "select era, xid::text::bigint as xid, seq, at, account_id, channel_id, kind, body"
        " from events where seq > $1 order by seq limit 1000",
        max((event.cursor.seq for event in seen), default=0),
    )
    return [
        feed.Event(
            Cursor(row["era"], row["xid"], row["seq"]),
            row["at"],
            row["account_id"],
            row["channel_id"],
            row["kind"],
            row["body"].encode(),
        )
        for row in rows
    ]


async def as_houston_does(tx: Tx, seen: list[feed.Event]) -> list[feed.Event]:
    return await feed.read(tx, seen[-1].cursor if seen else BEGINNING, limit=1000)


@pytest.mark.slow
async def test_a_reader_below_the_horizon_loses_nothing_where_a_naive_one_does(
    database: Database,
) -> None:
    writers = Writers(database)
    naive, ours = Reader(database, naively), Reader(database, as_houston_does)
    readers = [asyncio.create_task(reader.run()) for reader in (naive, ours)]
    await writers.all_of_them()
    naive.nothing_new = ours.nothing_new = True
    await asyncio.gather(*readers)

    assert sum(map(len, writers.wrote.values())) == 800
    assert len(naive.seen) < 800, "the trap did not snap: this test proves nothing any more"
    assert ours.by_channel() == writers.wrote, "each once, and in the order of its channel"
    assert max(Counter(event.cursor for event in ours.seen).values()) == 1


async def test_a_fact_that_might_be_overtaken_is_not_shown_yet(database: Database) -> None:
    async with database.transaction() as early:
        await feed.write(early, NOW, [mark(1)])
        async with database.transaction() as late:
            await feed.write(late, NOW, [mark(2)])
        assert await numbers(database) == []
    assert await numbers(database) == [1, 2]


async def test_a_fact_stands_in_the_feed_only_if_its_change_was_committed(
    database: Database,
) -> None:
    async def fail() -> None:
        async with database.transaction() as tx:
            await feed.write(tx, NOW, [mark(1)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.transaction() as tx:
        await feed.write(tx, NOW, [])
        await feed.write(tx, NOW, [mark(2), mark(3)])
    assert await numbers(database) == [2, 3]


# --- Reading -----------------------------------------------------------------------------------


async def write(database: Database, *entries: Entry) -> None:
    for entry in entries:
        async with database.transaction() as tx:
            await feed.write(tx, NOW, [entry])


async def test_each_account_reads_its_own_facts(database: Database) -> None:
    mine, theirs = AccountId(new_id()), AccountId(new_id())
    await write(database, mark(1, account=mine), mark(2, account=theirs), mark(3, account=mine))
    assert await numbers(database, account=mine) == [1, 3]
    assert await numbers(database, account=AccountId(new_id())) == []


async def test_reads_on_behind_a_cursor_page_by_page(database: Database) -> None:
    await write(database, *(mark(n) for n in range(10)))
    seen: list[int] = []
    cursor = BEGINNING
    async with database.single() as tx:
        while page := await feed.read(tx, cursor, limit=3):
            seen += [number(event) for event in page]
            cursor = Cursor.parse(str(page[-1].cursor))
    assert seen == list(range(10))


async def test_reads_only_the_kinds_that_are_asked_for(database: Database) -> None:
    missed = MessagesMissed(since=NOW, until=NOW)
    await write(database, mark(1), Entry(ANYBODY, None, missed), mark(2))
    async with database.single() as tx:
        events = await feed.read(tx, BEGINNING, kinds=[MessagesMissed.kind])
    assert [event.fact() for event in events] == [missed]
    assert (events[0].at, events[0].account, events[0].channel) == (NOW, ANYBODY, None)


async def test_looks_through_what_concerns_others_only_once(database: Database) -> None:
    await write(database, mark(1), mark(2))
    async with database.single() as tx:
        end = await feed.end_of_feed(tx)
        looked = await feed.news(tx, BEGINNING, kinds=["no.such.kind"])
        page = await feed.news(tx, BEGINNING, limit=1)
    assert looked == feed.News([], end, more=False)
    assert ([number(event) for event in page.events], page.more) == ([1], True)
    assert page.reached == page.events[-1].cursor


async def restored_from_a_dump(database: Database) -> None:
    """Transaction ids begin anew, far below those that the facts were written under."""
    async with database.single() as tx:
        await tx.execute("update events set xid = '1000000000'")
        await tx.execute("update feed_era set era = era + 1")


async def test_facts_of_a_later_era_come_after_all_of_an_earlier_one(database: Database) -> None:
    await write(database, mark(1))
    await restored_from_a_dump(database)
    async with database.single() as tx:
        (last,) = await feed.read(tx, BEGINNING)
    await write(database, mark(2))
    assert last.cursor.xid == 1_000_000_000
    assert await numbers(database, last.cursor) == [2]


async def test_a_follower_that_was_behind_when_an_era_ended_misses_nothing_of_it(
    database: Database,
) -> None:
    """The horizon of today says nothing about yesterday's ids: facts of an earlier era are all settled.

    Once they were held to it all the same, passed over, and gone for every webhook that was behind.
    """
    await write(database, mark(1), mark(2))
    await restored_from_a_dump(database)
    await write(database, mark(3))
    assert await numbers(database) == [1, 2, 3]


async def test_the_end_of_the_feed_is_behind_what_is_visible_and_before_all_news(
    database: Database,
) -> None:
    await write(database, mark(1))
    async with database.transaction() as running:
        await feed.write(running, NOW, [mark(2)])
        async with database.single() as tx:
            end = await feed.end_of_feed(tx)
    await write(database, mark(3))
    assert await numbers(database, end) == [2, 3]


# --- Cursors -----------------------------------------------------------------------------------


async def test_a_cursor_says_and_reads_itself() -> None:
    cursor = Cursor(2, 7654321, 12)
    assert str(cursor) == "2-7654321-12"
    assert Cursor.parse(str(cursor)) == cursor
    assert Cursor(1, 9, 9) < Cursor(2, 1, 1) < Cursor(2, 1, 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1-2",
        "1-2-3-4",
        "1--3",
        "-1-2-3",
        "1-2-x",
        "1-2-٣",
        " 1-2-3",
        "99999999999-2-3",
        f"1-{2**63}-3",
        f"1-2-{2**63}",
    ],
)
async def test_what_is_no_cursor_is_a_bad_request(text: str) -> None:
    with pytest.raises(BadRequest, match="exactly as it was received"):
        Cursor.parse(text)


async def test_the_largest_cursor_can_be_asked_for(database: Database) -> None:
    await write(database, mark(1))
    assert await numbers(database, Cursor.parse(f"{2**31 - 1}-{2**63 - 1}-{2**63 - 1}")) == []


async def test_a_follower_that_never_read_begins_at_the_present(database: Database) -> None:
    await write(database, mark(1))
    async with database.transaction() as tx:
        begin = await feed.lock_cursor(tx, "new", NOW)
    await write(database, mark(2))
    assert begin is not None
    assert await numbers(database, begin) == [2]


async def test_a_cursor_stays_where_it_was_moved(database: Database) -> None:
    async with database.transaction() as tx:
        await feed.lock_cursor(tx, "steady", NOW)
        await feed.move_cursor(tx, "steady", Cursor(3, 2, 1), NOW)
    async with database.transaction() as tx:
        assert await feed.lock_cursor(tx, "steady", NOW) == Cursor(3, 2, 1)


async def test_a_cursor_is_in_one_hand_at_a_time(database: Database) -> None:
    async with database.transaction() as tx:
        await feed.lock_cursor(tx, "shared", NOW)
    async with database.transaction() as one, database.transaction() as other:
        assert await feed.lock_cursor(one, "shared", NOW) is not None
        assert await feed.lock_cursor(other, "shared", NOW) is None


async def test_lag_counts_what_the_slowest_follower_has_before_it(database: Database) -> None:
    assert await feed.lag(database) == 0
    async with database.transaction() as tx:
        await feed.lock_cursor(tx, "slow", NOW)
        await feed.lock_cursor(tx, "quick", NOW)
    await write(database, mark(1), mark(2))
    async with database.transaction() as tx:
        await feed.move_cursor(tx, "quick", await feed.end_of_feed(tx), NOW)
    assert await feed.lag(database) == 2


# --- Facts -------------------------------------------------------------------------------------


async def test_every_kind_of_fact_has_a_name_of_its_own() -> None:
    kinds = [fact.kind for fact in FACTS]
    assert len(set(kinds)) == len(kinds)


async def test_a_fact_comes_back_as_it_was_written(database: Database) -> None:
    fact = CaughtUp(expected=3, retrieved=2)
    channel = ChannelId(new_id())
    await write(database, *feed.entries(ANYBODY, channel, [fact]))

    async def read() -> list[feed.Event]:
        async with database.single() as tx:
            return await feed.read(tx, BEGINNING)

    (event,) = await until(read)
    assert (event.fact(), event.channel, event.kind) == (fact, channel, "channel.caught_up")
