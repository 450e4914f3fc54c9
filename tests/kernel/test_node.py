"""Nodes with rows in a real PostgreSQL; what a node thinks of its own time is moved by hand."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import cast

import psutil
import pytest

from houston.kernel import db
from houston.kernel.db import Database
from houston.kernel.ids import NodeId
from houston.kernel.node import Node
from tests.cables import Cable
from tests.clocks import StoppedClock
from tests.kernel.servers import ROOT
from tests.loops import Logged


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await db.connect(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


async def joined(database: Database | Cable, clock: StoppedClock) -> Node:
    node = Node(cast(Database, database), clock, ttl_seconds=6.0)
    await node.join()
    return node


async def alive(database: Database) -> set[int]:
    async with database.single() as tx:
        return {row["id"] for row in await tx.fetch("select id from live_nodes")}


async def expire(database: Database, node: Node) -> None:
    """As if nothing had been heard of it for longer than its lease."""
    async with database.single() as tx:
        await tx.execute("update nodes set expires_at = now() where id = $1", node.id)


# --- A lease of one's own ----------------------------------------------------------------------


async def test_may_act_from_joining_until_a_second_before_the_lease_ends(
    database: Database, clock: StoppedClock
) -> None:
    node = Node(database, clock, ttl_seconds=6.0)
    assert not node.may_act()
    await node.join()
    clock.advance(4.99)
    assert node.may_act()
    clock.advance(0.02)
    assert not node.may_act(), "the others' clocks may be a little ahead"


async def test_a_renewed_lease_counts_from_when_it_was_asked_for(
    database: Database, clock: StoppedClock
) -> None:
    """The answer may take its time, and the others count from when the database heard of it."""
    cable = Cable(database)
    node = await joined(cable, clock)
    cable.on_the_way = lambda: clock.advance(3)
    await node.renew()
    clock.advance(1.99)
    assert node.may_act()
    clock.advance(0.02)
    assert not node.may_act()


async def test_a_database_that_is_lost_only_lets_the_lease_run_out(
    database: Database, clock: StoppedClock, logged: Logged
) -> None:
    cable = Cable(database)
    node = await joined(cable, clock)
    cable.cut = True
    await node.renew()
    assert node.may_act()
    clock.advance(5)
    await node.renew()
    assert not node.may_act()
    assert [line["event"] for line in logged] == ["lease_not_renewed"] * 2


async def test_who_leaves_acts_no_more_and_is_gone_at_once(
    database: Database, clock: StoppedClock
) -> None:
    node = await joined(database, clock)
    await node.leave()
    assert not node.may_act()
    assert await alive(database) == set()


# --- A lease that ran out ----------------------------------------------------------------------


async def test_after_a_lapse_it_acts_at_once_and_claims_after_a_whole_lease(
    database: Database, clock: StoppedClock
) -> None:
    node = await joined(database, clock)
    clock.advance(5)
    await node.renew()
    assert node.lapses == 1
    assert node.may_act()
    assert not node.may_claim()
    for _ in range(6):
        clock.advance(1)
        await node.renew()
    assert node.may_claim()
    assert node.lapses == 1


async def test_a_lease_that_is_renewed_in_time_never_lapses(
    database: Database, clock: StoppedClock
) -> None:
    node = await joined(database, clock)
    for _ in range(20):
        clock.advance(4.9)
        await node.renew()
    assert (node.lapses, node.may_claim()) == (0, True)


async def test_who_finds_its_row_gone_joins_anew_and_counts_a_lapse(
    database: Database, clock: StoppedClock
) -> None:
    """What it holds bears its old id. Without a lapse it once took ten seconds to look."""
    node = await joined(database, clock)
    old = node.id
    async with database.single() as tx:
        await tx.execute("delete from nodes")
    await node.renew()
    assert node.id != old
    assert await alive(database) == {node.id}
    assert (node.lapses, node.may_act()) == (1, True)


async def test_an_expired_row_that_is_still_there_is_kept(
    database: Database, clock: StoppedClock
) -> None:
    node = await joined(database, clock)
    old = node.id
    await expire(database, node)
    assert await alive(database) == set()
    await node.renew()
    assert node.id == old
    assert await alive(database) == {old}


# --- The others --------------------------------------------------------------------------------


async def test_knows_how_many_others_are_alive(database: Database, clock: StoppedClock) -> None:
    node, other = await joined(database, clock), await joined(database, clock)
    await joined(database, clock)
    await node.renew()
    assert node.others == 2
    await expire(database, other)
    await node.renew()
    assert node.others == 1


async def test_rows_that_expired_a_day_ago_are_swept_away(
    database: Database, clock: StoppedClock
) -> None:
    node, other = await joined(database, clock), await joined(database, clock)
    async with database.single() as tx:
        await tx.execute(
            "update nodes set host = 'elsewhere', expires_at = now() - interval '25 hours'"
            " where id = $1",
            other.id,
        )
        await node.renew()
        assert [row["id"] for row in await tx.fetch("select id from nodes")] == [node.id]


class Neighbour:
    """Another process of this machine, which is a node as well."""

    def __init__(self, dsn: str) -> None:
        program = [sys.executable, "-m", "tests.kernel.join_as_node", dsn]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(program, cwd=ROOT, stdin=pipe, stdout=pipe)
        assert self._process.stdout is not None
        self.id = NodeId(int(self._process.stdout.readline()))

    def die(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()

    def die_unburied(self) -> None:
        """Its parent has not asked for it yet: a zombie, which still has its number."""
        self._process.kill()
        while psutil.Process(self._process.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.001)


@pytest.fixture
def neighbour(database_url: str) -> Iterator[Neighbour]:
    process = Neighbour(database_url)
    yield process
    process.die()


async def test_a_dead_process_of_this_machine_is_buried_at_once(
    database: Database, clock: StoppedClock, neighbour: Neighbour
) -> None:
    node = await joined(database, clock)
    await node.renew()
    assert await alive(database) == {node.id, neighbour.id}
    neighbour.die_unburied()
    await node.renew()
    assert await alive(database) == {node.id}, "a zombie holds nothing any more"


async def test_a_new_node_buries_the_one_that_ran_here_before(
    database: Database, clock: StoppedClock, neighbour: Neighbour
) -> None:
    """A server that was killed and started again must not wait for its own lease to run out."""
    neighbour.die()
    node = await joined(database, clock)
    assert await alive(database) == {node.id}


async def test_a_process_of_another_machine_is_left_to_its_lease(
    database: Database, clock: StoppedClock, neighbour: Neighbour
) -> None:
    async with database.single() as tx:
        await tx.execute("update nodes set host = 'elsewhere'")
    neighbour.die()
    node = await joined(database, clock)
    assert await alive(database) == {node.id, neighbour.id}


async def test_another_process_under_the_same_number_does_not_keep_a_dead_one_alive(
    database: Database, clock: StoppedClock, neighbour: Neighbour
) -> None:
    async with database.single() as tx:
        await tx.execute("update nodes set process_started = '1'")
    node = await joined(database, clock)
    assert await alive(database) == {node.id}


async def test_two_nodes_of_one_process_leave_each_other_alone(
    database: Database, clock: StoppedClock
) -> None:
    one, other = await joined(database, clock), await joined(database, clock)
    await one.renew()
    await other.renew()
    assert await alive(database) == {one.id, other.id}
