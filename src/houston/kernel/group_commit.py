"""Group commit: while one transaction is on its way to the disk, the next batch gathers.

Nobody waits for a timer: an idle server commits a single item at once, a busy one commits hundreds
together. That is worth more than the choice of a database (docs/why/group-commit.md).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from houston.kernel.db import BAD_VALUE
from houston.kernel.loop import end

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """Collects items and commits them in the order in which they came.

    `commit` gets a batch and returns one result for each item. When a value cannot be stored, the
    items are tried one by one, so that only the guilty one fails; any other error fails them all.
    Batches never overlap, so the order of items is the order of commits.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        items_max: int = 500,
    ) -> None:
        self._commit = commit
        self._items_max = items_max
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, item: Item) -> "asyncio.Future[Result]":
        """Queue an item; the future is done when it is on the disk."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="group-commit")
        return future

    async def close(self, seconds_max: float = 2.0) -> None:
        """Commit what waits, then stop; who could not be served in time hears so."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=seconds_max)
            await end(self._task)
        _fail(self._waiting, _stopping())
        self._waiting.clear()

    async def _work(self) -> None:
        while self._waiting:
            batch = self._waiting[: self._items_max]
            del self._waiting[: self._items_max]
            try:
                await self._commit_batch(batch)
            except asyncio.CancelledError:
                _fail(batch, _stopping())
                raise

    async def _commit_batch(self, batch: "list[tuple[Item, asyncio.Future[Result]]]") -> None:
        try:
            results = await self._commit([item for item, _ in batch])
        except BAD_VALUE as error:
            if len(batch) == 1:
                _fail(batch, error)
            else:
                for one in batch:
                    await self._commit_batch([one])
            return
        except Exception as error:  # noqa: BLE001 - it is the askers' error, each gets it
            _fail(batch, error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


def _stopping() -> Exception:
    return ConnectionAbortedError("Houston is stopping")


def _fail(batch: "list[tuple[Item, asyncio.Future[Result]]]", error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
            # Who asked may be gone already; the error is not lost, it is that asker's.
            future.exception()
