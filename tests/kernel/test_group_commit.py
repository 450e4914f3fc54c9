"""Group commit over a commit that the test holds back, so that batches gather as under load."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from houston.kernel.group_commit import GroupCommit
from tests.houses import until

BAD = -1
"""An item that no database would store."""


class Disk:
    """Takes batches one after the other; each waits until it is let through."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.stored: list[int] = []
        self.under_way = 0
        self.broken: Exception | None = None
        self.stuck_at: list[int] | None = None
        """A batch that never comes to its end."""
        self._free = asyncio.Event()
        self._free.set()

    async def commit(self, batch: Sequence[int]) -> list[str]:
        self.batches.append(list(batch))
        self.under_way += 1
        assert self.under_way == 1, "two batches at once"
        try:
            await self._free.wait()
            if batch == self.stuck_at:
                await asyncio.Event().wait()
            return self._store(batch)
        finally:
            self.under_way -= 1

    def _store(self, batch: Sequence[int]) -> list[str]:
        if self.broken is not None:
            raise self.broken
        if BAD in batch:
            raise asyncpg.DataError("cannot be stored")
        self.stored += batch
        return [f"stored {item}" for item in batch]

    def hold(self) -> None:
        self._free.clear()

    def let_through(self) -> None:
        self._free.set()


@pytest.fixture
async def disk() -> Disk:
    return Disk()


async def test_each_asker_gets_the_answer_to_its_own_item(disk: Disk) -> None:
    commits = GroupCommit(disk.commit)
    answers = await asyncio.gather(*(commits.add(n) for n in range(5)))
    assert answers == [f"stored {n}" for n in range(5)]


async def test_the_next_batch_gathers_while_one_is_on_its_way_to_the_disk(disk: Disk) -> None:
    commits = GroupCommit(disk.commit)
    disk.hold()
    first = commits.add(0)
    await until(lambda: disk.under_way)
    rest = [commits.add(n) for n in range(1, 50)]
    disk.let_through()
    await asyncio.gather(first, *rest)
    assert disk.batches == [[0], list(range(1, 50))]


async def test_items_are_stored_in_the_order_in_which_they_came(disk: Disk) -> None:
    commits = GroupCommit(disk.commit, items_max=7)
    for n in range(100):
        commits.add(n)
        if n % 9 == 0:
            await asyncio.sleep(0)
    await commits.close()
    assert disk.stored == list(range(100))
    assert max(map(len, disk.batches)) == 7


async def test_only_the_item_that_cannot_be_stored_fails(disk: Disk) -> None:
    commits = GroupCommit(disk.commit)
    answers = await asyncio.gather(
        *(commits.add(n) for n in (1, 2, BAD, 3, BAD, 4)), return_exceptions=True
    )
    assert [answer for answer in answers if isinstance(answer, str)] == [
        f"stored {n}" for n in (1, 2, 3, 4)
    ]
    assert [type(answers[n]) for n in (2, 4)] == [asyncpg.DataError] * 2
    assert disk.stored == [1, 2, 3, 4], "in order all the same"


async def test_any_other_error_reaches_everybody_in_the_batch_and_nobody_else(disk: Disk) -> None:
    commits = GroupCommit(disk.commit)
    disk.broken = ConnectionResetError("the database went away")
    answers = await asyncio.gather(commits.add(1), commits.add(2), return_exceptions=True)
    assert list(answers) == [disk.broken, disk.broken]
    disk.broken = None
    assert await commits.add(3) == "stored 3"


async def test_an_asker_that_has_left_holds_up_nobody(disk: Disk) -> None:
    commits = GroupCommit(disk.commit)
    disk.hold()
    gone, stays = commits.add(1), commits.add(2)
    await until(lambda: disk.under_way)
    gone.cancel()
    disk.let_through()
    assert await stays == "stored 2"
    assert disk.stored == [1, 2], "what was asked for is stored, whoever waits for the answer"


# --- The end -----------------------------------------------------------------------------------


async def test_closing_commits_what_waits(disk: Disk) -> None:
    commits = GroupCommit(disk.commit, items_max=2)
    asked = [commits.add(n) for n in range(5)]
    await commits.close()
    assert [future.result() for future in asked] == [f"stored {n}" for n in range(5)]


async def test_closing_what_was_never_used_does_nothing(disk: Disk) -> None:
    await GroupCommit(disk.commit).close()
    assert disk.batches == []


async def test_closing_tells_everybody_who_still_waits(disk: Disk) -> None:
    """Those behind the batch on its way once heard nothing at all, and their requests hung for ever."""
    commits = GroupCommit(disk.commit, items_max=1)
    disk.hold()
    asked = [commits.add(n) for n in range(3)]
    await until(lambda: disk.under_way)
    await commits.close(seconds_max=0.02)
    assert [future.done() for future in asked] == [True] * 3
    assert [type(future.exception()) for future in asked] == [ConnectionAbortedError] * 3


async def test_closing_tells_everybody_also_amid_a_batch_that_goes_one_by_one(disk: Disk) -> None:
    """A bad value had split the batch, and those behind the one on its way were forgotten."""
    commits = GroupCommit(disk.commit)
    disk.stuck_at = [2]
    asked = [commits.add(n) for n in (1, BAD, 2, 3)]
    await until(lambda: disk.batches[-1:] == [[2]])
    await commits.close(seconds_max=0.02)
    assert [future.done() for future in asked] == [True] * 4
    errors = [type(future.exception()) for future in asked]
    assert errors == [type(None), asyncpg.DataError, *[ConnectionAbortedError] * 2]
