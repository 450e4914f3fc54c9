"""Law S13: a channel is held by exactly one node. Nodes on one database share the wires of one messenger."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from houston.channels import store
from houston.channels.orders import Check, Disable, Enable
from houston.channels.state import Status
from houston.kernel.ids import ChannelId
from houston.kernel.loop import end
from houston.kernel.wake import Topic
from houston.transports.events import Offline, PhoneLost
from houston.transports.transport import Number
from tests.houses import PHONE, House, housed, until
from tests.loops import Logged


@asynccontextmanager
async def beside(house: House, database_url: str) -> AsyncIterator[House]:
    """Another node on the same database, in the same town."""
    async with housed(database_url, messenger=house.messenger, clock=house.clock) as other:
        for node in (house, other):
            await node.node.renew()  # They have noticed each other.
        yield other


async def seize(house: House, channel: ChannelId) -> None:
    """What another node does when it finds the lease run out."""
    await house.fetch(
        "update channels set owner = owner + 1000, fence = fence + 1 where id = $1 returning id",
        channel,
    )


async def taken(house: House, channel: ChannelId) -> None:
    """As if the loop of leases had claimed it."""
    async with house.database.transaction() as tx:
        await tx.execute("update channels set owner = $1 where id = $2", house.node.id, channel)
    house.supervisor.take(await house.stored(channel), 0)
    await until(lambda: house.is_in(channel, Status.ACTIVE))


def holds(house: House, channel: ChannelId) -> bool:
    return channel in house.supervisor.held


async def test_a_channel_that_is_found_lost_in_its_own_turn_is_let_go_with_its_wire_closed(
    still_house: House, logged: Logged
) -> None:
    house, channel = still_house, await still_house.channel()
    await taken(house, channel)
    turn = house.supervisor.held[channel]
    await seize(house, channel)

    house.supervisor.tell(channel, Check("anna"))
    await until(lambda: not holds(house, channel))
    await until(lambda: turn.turn is not None and turn.turn.done(), "its last turn ends")
    assert house.messenger.open(Number(channel, PHONE)) == 0
    assert [line["event"] for line in logged if line["log_level"] == "warning"] == ["channel_lost"]


async def test_who_lost_a_channel_writes_nothing_about_it(still_house: House) -> None:
    house, channel = still_house, await still_house.channel()
    await taken(house, channel)
    await seize(house, channel)
    before = await house.stored(channel)

    await house.messenger.of(channel).say(PhoneLost(house.clock.now()))
    await until(lambda: not holds(house, channel))
    assert await house.stored(channel) == before


async def test_the_last_words_of_a_wire_that_was_let_go_do_not_touch_the_channel_held_anew(
    house: House, logged: Logged
) -> None:
    channel = await house.active()
    old = house.messenger.of(channel)
    await house.hear(channel, Disable("person anna"))
    await until(lambda: not holds(house, channel))
    await house.hear(channel, Enable("person anna"))
    await until(lambda: house.is_in(channel, Status.ACTIVE), "it works again")

    await old.say(Offline("closed"))
    await house.messenger.of(channel).say(PhoneLost(house.clock.now()))
    await until(lambda: house.is_in(channel, Status.PHONE_UNAVAILABLE), "the new wire is heard")
    assert [line["event"] for line in logged if line["log_level"] == "warning"] == []


async def test_a_rush_of_nudges_keeps_no_channel_from_going_to_another_node(
    still_house: House,
) -> None:
    house, channel = still_house, await still_house.channel()
    await taken(house, channel)

    async def nudge() -> None:
        while True:
            house.wakes.here(Topic.CHANNEL, [channel])
            await asyncio.sleep(0)

    nudging = asyncio.create_task(nudge())
    try:
        async with asyncio.timeout(20):
            await house.supervisor.give_back(channel)
    finally:
        await end(nudging)
    assert (await house.stored(channel)).owner is None
    assert house.messenger.open(Number(channel, PHONE)) == 0


async def test_giving_an_ended_claim_back_leaves_the_newer_one_alone(still_house: House) -> None:
    house, channel = still_house, await still_house.channel()
    claims = []
    async with house.database.transaction() as tx:
        for _ in range(2):
            claims += await store.claim(tx, house.node.id, ["played"], 1)
            await store.give_back(tx, house.node.id, {channel: claims[0].fence})
    assert [one.fence for one in claims] == [1, 2]
    assert (await house.stored(channel)).owner == house.node.id


async def test_two_nodes_come_to_hold_a_fair_share_each_and_no_wire_is_ever_open_twice(
    house: House, database_url: str
) -> None:
    owner = await house.account()
    channels = [await house.active(f"7900111{n:04}", owner) for n in range(8)]
    async with beside(house, database_url) as other:
        await until(lambda: _shared(house, other), "each holds its share", seconds=90)
        await until(lambda: _all_work(channels, house, other), "each works", seconds=90)
    assert house.messenger.most_open == 1


async def test_no_channel_moves_while_somebody_looks_at_its_code(
    house: House, database_url: str
) -> None:
    owner = await house.account()
    for n in range(4):
        await house.active(f"7900111{n:04}", owner)
    fresh = [await house.added(f"7900222{n:04}") for n in range(4)]
    await until(lambda: all(_shows_code(house, channel) for channel in fresh), "codes are shown")
    async with beside(house, database_url) as other:
        await until(lambda: _holds_some(house, other), "it is given its share", seconds=90)
        assert all(_shows_code(house, channel) for channel in fresh)


def _shows_code(house: House, channel: ChannelId) -> bool:
    held = house.supervisor.held.get(channel)
    return held is not None and held.state.pairing_until is not None


def _shared(house: House, other: House) -> bool:
    _pass_time(house, other)
    held = [len(node.supervisor.held) for node in (house, other)]
    return sum(held) == 8 and max(held) <= 5


def _holds_some(house: House, other: House) -> bool:
    _pass_time(house, other)
    return len(other.supervisor.held) >= 3


def _all_work(channels: Sequence[ChannelId], house: House, other: House) -> bool:
    _pass_time(house, other)
    return all(_works(channel, house, other) for channel in channels)


def _works(channel: ChannelId, *houses: House) -> bool:
    return any(house.is_in(channel, Status.ACTIVE) for house in houses)


def _pass_time(house: House, other: House) -> None:
    """A little at a time: on a busy machine a lease must not run out between two of its renewals."""
    house.clock.advance(0.05)
    for node in (house, other):
        node.wakes.here(Topic.CHANNEL)


async def test_the_channels_of_a_node_that_leaves_are_taken_without_waiting(
    still_house: House, database_url: str
) -> None:
    house = still_house
    async with housed(
        database_url, messenger=house.messenger, clock=house.clock, loops=("leases",)
    ) as other:
        channel = await other.active()
    await house.leases.duty()
    await until(lambda: house.is_in(channel, Status.ACTIVE), "the one that stayed has it")
    assert house.messenger.most_open == 1


async def test_a_node_that_was_away_too_long_drops_what_others_have_taken(house: House) -> None:
    channel = await house.active()
    await seize(house, channel)
    house.node.lapses += 1
    house.advance(1)
    await until(lambda: not holds(house, channel))
    assert house.messenger.open(Number(channel, PHONE)) == 0


async def test_a_channel_whose_row_is_locked_when_it_could_be_taken_is_taken_right_after(
    still_house: House,
) -> None:
    """Who accepts a message locks the row for a moment; without this it would wait for the next count."""
    house, channel = still_house, await still_house.channel()
    async with house.database.transaction() as tx:
        await tx.fetch("select from channels where id = $1 for share", channel)
        for _ in range(2):  # The first looks because the channel is new, the second for no reason.
            await house.leases.duty()
        assert not holds(house, channel)
    await house.leases.duty()
    await until(lambda: house.is_in(channel, Status.ACTIVE))
