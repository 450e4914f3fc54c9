"""What dies while it delivers: the node, its lease, the database. The receiver's books are the judge.

Repeats are allowed, with the same words in them; a gap or a word out of its order is not.
"""

import asyncio
from typing import Any

import asyncpg
import pytest

from houston.kernel import feed
from houston.kernel.ids import ChannelId, new_id
from houston.kernel.wake import Topic
from tests.houses import until
from tests.webhooks.conftest import NOW, Office, dispatching, message
from tests.webhooks.receiver import Plan, Receiver

pytestmark = pytest.mark.slow

WORDS = [str(number) for number in range(600)]


def first_times(receiver: Receiver) -> list[Any]:
    """What arrived, without what had arrived before."""
    return list(dict.fromkeys(receiver.told()))


async def everything_arrived(receiver: Receiver) -> None:
    await until(lambda: WORDS[-1] in receiver.told(), "the last word arrives", seconds=20)
    assert first_times(receiver) == WORDS


CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""


async def owners(office: Office) -> dict[Any, int]:
    rows = await office.fetch("select owner, count(*) as held from endpoints group by owner")
    return {row["owner"]: row["held"] for row in rows}


async def test_who_is_stopped_amid_a_post_repeats_it_after_the_start(
    database_url: str, receiver: Receiver
) -> None:
    never = asyncio.Event()
    receiver.plans.extend([Plan(), Plan(after=never)])
    async with dispatching(database_url) as office:
        account = await office.endpoint(receiver.url)
        await office.happen_words(account, " ".join(WORDS))
        await until(lambda: len(receiver.arrived) == 2)
    assert receiver.told() == WORDS[:200]
    async with dispatching(database_url):
        await everything_arrived(receiver)
    never.set()
    assert receiver.bodies[1] == receiver.bodies[2], "the POST that was cut off came again, alike"


async def test_another_node_goes_on_where_a_killed_one_ended(
    database_url: str, receiver: Receiver
) -> None:
    never = asyncio.Event()
    receiver.plans.extend([Plan(), Plan(), Plan(after=never)])
    async with dispatching(database_url, leaves=False) as killed:
        account = await killed.endpoint(receiver.url)
        await killed.happen_words(account, " ".join(WORDS))
        await until(lambda: len(receiver.arrived) == 3)
    async with dispatching(database_url):
        await everything_arrived(receiver)
    never.set()
    assert receiver.bodies[2] == receiver.bodies[3]


async def test_a_lost_database_costs_repeats_at_most(database_url: str, receiver: Receiver) -> None:
    async with dispatching(database_url) as office:
        account = await office.endpoint(receiver.url)
        outside = await asyncpg.connect(database_url)
        for start in range(0, len(WORDS), 20):
            facts = [message(word) for word in WORDS[start : start + 20]]
            async with outside.transaction():
                await feed.write(outside, NOW, feed.entries(account, ChannelId(new_id()), facts))
            office.wakes.here(Topic.FEED)
            await asyncio.sleep(0.01)
            if start % 100 == 0:
                await until(lambda: outside.fetch(CUT), "somebody was connected, and is cut off")
        await outside.close()
        await everything_arrived(receiver)


async def test_a_claim_whose_answer_was_lost_is_found_again(
    database_url: str, receiver: Receiver
) -> None:
    """The database took it down and the connection broke: only the database knows of it."""
    async with dispatching(database_url) as office:
        account = await office.endpoint(receiver.url)
        await office.happen_words(account, "one")
        await until(lambda: receiver.told() == ["one"])
        await office.fetch("update endpoints set fence = fence + 1")
        await office.happen_words(account, "two")
        await until(lambda: first_times(receiver) == ["one", "two"])


async def test_two_nodes_share_the_endpoints_and_one_that_leaves_gives_its_own_back(
    database_url: str, receiver: Receiver
) -> None:
    async with dispatching(database_url) as first:
        accounts = [await first.endpoint(f"{receiver.url}/{number}") for number in range(4)]
        await until(lambda: _is_held(first, [4]))
        async with dispatching(database_url) as second:
            await until(lambda: _is_held(first, [2, 2]), "both hold two")
            for account in accounts:
                await second.happen_words(account, "hello")
            await until(lambda: len(receiver.arrived) == 4)
        await until(lambda: _is_held(first, [4]), "the first holds all again")
        for account in accounts:
            await first.happen_words(account, "again")
        await until(lambda: len(receiver.arrived) == 8)
    assert receiver.told() == ["hello"] * 4 + ["again"] * 4


async def _is_held(office: Office, shares: list[int]) -> bool:
    return sorted((await owners(office)).values()) == shares and None not in await owners(office)


async def test_a_node_that_lost_its_lease_tells_nothing_and_moves_nothing(
    database_url: str, receiver: Receiver
) -> None:
    """It stood still amid a POST for longer than its lease; another node took over meanwhile."""
    gate = asyncio.Event()
    receiver.plans.append(Plan(500, after=gate))
    async with dispatching(database_url) as frozen:
        account = await frozen.endpoint(receiver.url)
        await frozen.happen_words(account, "one")
        await until(lambda: len(receiver.arrived) == 1)
        async with dispatching(database_url) as other:
            await until(lambda: _takes_over(frozen, other), "the other one takes over")
            await until(lambda: len(receiver.arrived) == 2)
            gate.set()
            await other.happen_words(account, "two")
            await until(lambda: len(receiver.arrived) == 3)
            rows = await other.fetch("select answer_code from attempts")
            trouble = await other.fetch("select fails, retry_at from endpoints")
    assert receiver.told() == ["one", "one", "two"]
    assert {row["answer_code"] for row in rows} == {200}
    assert [tuple(row) for row in trouble] == [(0, None)]


async def _takes_over(frozen: Office, other: Office) -> bool:
    """Let the lease of one run out, as it does for a process that stands still."""
    expire = "update nodes set expires_at = now() - interval '1 minute' where id = $1"
    await frozen.fetch(expire, frozen.node.id)
    return other.node.id in await owners(other)
