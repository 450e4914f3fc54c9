"""The live stream: one reader for all who listen. Each listener here is a task that notes what it is told."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from houston.inbox import writing
from houston.kernel import feed
from houston.kernel.facts import ChannelChanged
from houston.kernel.feed import Cursor
from houston.kernel.ids import AccountId, ChannelId, new_id
from houston.kernel.loop import end
from houston.kernel.wake import Topic
from tests.houses import House, housed, until
from tests.loops import Logged


@pytest.fixture
async def house(database_url: str, logged: Logged) -> AsyncIterator[House]:
    """A node that only gives the news."""
    async with housed(database_url, loops=("hub",)) as house:
        yield house


async def sees(told: writing.Told) -> bool:
    return isinstance(told, feed.Event) and b"a secret" not in bytes(told.body)


def frames_of(piece: bytes) -> list[bytes]:
    """What comes in one piece may hold many events."""
    return piece.removesuffix(b"\n\n").split(b"\n\n")


class Listener:
    """Somebody with an open page."""

    def __init__(self, house: House, account: AccountId, after: Cursor | None = None) -> None:
        self.takes = asyncio.Event()  # Cleared, it hangs: nothing more is taken from the server.
        self.takes.set()
        self.hears = False
        self.names: list[str] = []
        self.ended = False
        self.breaths = 0
        self.pieces = 0
        self.last = after
        self._task = asyncio.create_task(self._listen(house, account))

    async def _listen(self, house: House, account: AccountId) -> None:
        await house.hub.listen(account, self.last, sees, self._write)
        self.ended = True

    async def _write(self, piece: bytes) -> None:
        await self.takes.wait()
        self.hears = True
        self.pieces += 1
        for frame in frames_of(piece):
            self._note(frame)

    def _note(self, frame: bytes) -> None:
        self.breaths += frame.startswith(b": ")
        if frame.startswith(b"id: "):
            told = msgspec.json.decode(frame.split(b"\ndata: ")[1])
            self.last = Cursor.parse(told["id"])
            self.names.append(told["body"].get("name"))

    async def hear(self, name: str) -> None:
        await until(lambda: name in self.names, f"{name} is told")

    async def leave(self) -> None:
        await end(self._task)


async def write(house: House, account: AccountId, *names: str) -> None:
    facts = [ChannelChanged(name=name, pacing_per_minute=None, actor="anna") for name in names]
    async with house.database.transaction() as tx:
        entries = feed.entries(account, ChannelId(new_id()), facts)
        await feed.write(tx, house.clock.now(), entries)
    house.wakes.here(Topic.FEED)


async def opened(house: House, account: AccountId) -> Listener:
    """A listener who has surely begun to listen."""
    listener = Listener(house, account)
    await until(lambda: listener.hears, "it hears")
    return listener


async def test_a_quiet_stream_says_every_fifteen_seconds_that_it_is_there(house: House) -> None:
    account = await house.account()
    listener = await opened(house, account)
    house.clock.advance(14.9)
    await write(house, account, "before its time")
    await listener.hear("before its time")
    assert listener.breaths == 0
    house.clock.advance(0.1)
    house.wakes.here(Topic.FEED)
    await until(lambda: listener.breaths == 1, "a breath")
    await write(house, account, "just after")
    await listener.hear("just after")
    assert listener.breaths == 1
    await listener.leave()


async def test_everybody_of_an_account_hears_everything_once_and_in_order(house: House) -> None:
    account = await house.account()
    listeners = [await opened(house, account) for _ in range(3)]
    for n in range(20):
        await write(house, account, f"{n}")
    for one in listeners:
        await one.hear("19")
        assert one.names == [f"{n}" for n in range(20)]
        await one.leave()


async def test_a_crowd_of_facts_is_told_in_few_pieces(house: House) -> None:
    """Each piece is a write to a socket, which costs more than all else of it."""
    account = await house.account()
    listener = await opened(house, account)
    names = [f"{n}" for n in range(400)]
    await write(house, account, *names)
    await listener.hear("399")
    assert listener.names == names
    assert listener.pieces < 10
    await listener.leave()


async def test_nobody_hears_of_another_account_or_of_what_is_not_for_them(house: House) -> None:
    ours, theirs = await house.account(), await house.account()
    listener = await opened(house, ours)
    await write(house, theirs, "theirs")
    await write(house, ours, "a secret", "for all")
    await until(lambda: listener.names)
    assert listener.names == ["for all"]
    await listener.leave()


async def test_who_comes_back_misses_nothing_and_hears_nothing_twice(house: House) -> None:
    account = await house.account()
    before = await opened(house, account)
    await write(house, account, "seen")
    await until(lambda: before.names)
    await before.leave()
    missed = [f"{n}" for n in range(1_200)]  # More than two pages.
    await write(house, account, *missed)

    again = Listener(house, account, before.last)
    await until(lambda: again.names)
    await write(house, account, "the newest")
    await until(lambda: "the newest" in again.names)
    assert again.names == [*missed, "the newest"]
    await again.leave()


async def test_what_was_read_from_the_disk_is_not_told_again_by_the_reader_of_all(
    still_house: House,
) -> None:
    house, account = still_house, await still_house.account()
    place = await _end(house)
    early = Listener(house, account)
    await until(lambda: early.hears)
    await write(house, account, "0", "1", "2")
    late = Listener(house, account, place)
    await until(lambda: late.names == ["0", "1", "2"])
    await house.hub.duty()
    await write(house, account, "3")
    await house.hub.duty()
    for one in (early, late):
        await one.hear("3")
        assert one.names == ["0", "1", "2", "3"]
        await one.leave()


async def _end(house: House) -> Cursor:
    async with house.database.single() as tx:
        return await feed.end_of_feed(tx)


async def test_who_cannot_follow_is_let_go_and_the_others_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that hangs costs the server so many frames and no more; it reads on from the disk later."""
    monkeypatch.setattr(writing, "_BEHIND_MAX", 10)
    account = await house.account()
    quick, hung = await opened(house, account), await opened(house, account)
    hung.takes.clear()
    names = [f"{n}" for n in range(40)]
    for name in names:
        await write(house, account, name)
        await quick.hear(name)
    hung.takes.set()
    await until(lambda: hung.ended, "it is let go")
    assert 0 < len(hung.names) <= 10 + 1
    assert (quick.names, quick.ended) == (names, False)

    back = Listener(house, account, hung.last)
    await back.hear("39")
    assert [*hung.names, *back.names] == names
    for one in (quick, back):
        await one.leave()


async def test_who_is_slow_holds_up_nobody_and_misses_nothing(house: House) -> None:
    account = await house.account()
    listeners = [await opened(house, account) for _ in range(5)]
    slow = listeners[::2]  # Those who are first, in the middle and last in the writer's turn.
    for one in slow:
        one.takes.clear()
    names = [f"{n}" for n in range(30)]
    for name in names:
        await write(house, account, name)
        for quick in listeners[1::2]:
            await quick.hear(name)
    assert [one.names for one in slow] == [[], [], []]
    for one in slow:
        one.takes.set()
    for one in listeners:
        await one.hear("29")
        assert one.names == names
        await one.leave()


async def test_what_gathers_while_a_stream_is_held_up_goes_out_as_one_piece(house: House) -> None:
    account = await house.account()
    quick, slow = await opened(house, account), await opened(house, account)
    slow.takes.clear()
    for n in range(30):
        await write(house, account, f"{n}")
        await quick.hear(f"{n}")
    before = slow.pieces
    slow.takes.set()
    await slow.hear("29")
    assert slow.pieces == before + 2, "what held it up, and all the rest"
    for one in (quick, slow):
        await one.leave()


async def test_who_leaves_while_it_is_held_up_leaves_nothing_behind(house: House) -> None:
    account = await house.account()
    quick, slow = await opened(house, account), await opened(house, account)
    slow.takes.clear()
    tasks = len(asyncio.all_tasks())
    for n in range(3):
        await write(house, account, f"{n}")
        await quick.hear(f"{n}")
    assert len(asyncio.all_tasks()) == tasks + 1, "the writer that it holds up"
    await slow.leave()
    await until(lambda: len(asyncio.all_tasks()) == tasks - 1, "both are gone")
    await write(house, account, "more")
    await quick.hear("more")
    await quick.leave()


async def test_a_stream_that_fails_ends_with_its_error_and_the_others_go_on(house: House) -> None:
    account = await house.account()
    quick, told = await opened(house, account), list[bytes]()

    async def breaks(piece: bytes) -> None:
        told.append(piece)
        if len(told) > 1:
            raise ConnectionResetError

    broken = asyncio.create_task(house.hub.listen(account, None, sees, breaks))
    await until(lambda: told, "it hears")
    for n in range(3):
        await write(house, account, f"{n}")
        await quick.hear(f"{n}")
    with pytest.raises(ConnectionResetError):
        await broken
    assert len(told) == 2
    await quick.leave()


async def test_who_left_for_a_while_hears_later_what_was_written_while_nobody_listened(
    house: House,
) -> None:
    account = await house.account()
    first = await opened(house, account)
    await write(house, account, "heard")
    await until(lambda: first.names)
    await first.leave()
    await write(house, account, "unheard")
    fresh = await opened(house, account)
    assert "unheard" not in fresh.names
    back = Listener(house, account, first.last)
    await until(lambda: "unheard" in back.names)
    for one in (fresh, back):
        await one.leave()


async def test_a_server_that_stops_ends_every_stream(house: House) -> None:
    account = await house.account()
    listeners = [await opened(house, account) for _ in range(3)]
    house.hub.close()
    await until(lambda: all(one.ended for one in listeners))
