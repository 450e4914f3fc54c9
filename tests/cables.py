"""The way to the database, which a test can cut, and which can be slow."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from houston.kernel.db import Database, Tx


class Cable:
    """Stands where a `Database` stands and leads to a real one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.dsn = database.dsn
        self.cut = False
        """Nobody reaches the database."""
        self.cut_after_commits = 0
        """So many transactions are committed without anybody hearing of it."""
        self.on_the_way: Callable[[], None] = lambda: None
        """Called at the beginning of each transaction: time may pass, things may happen."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        self._pass()
        async with self._database.transaction() as tx:
            yield tx
        if self.cut_after_commits:
            self.cut_after_commits -= 1
            raise ConnectionResetError("the cable was cut after the commit")

    @asynccontextmanager
    async def single(self) -> AsyncIterator[Tx]:
        self._pass()
        async with self._database.single() as tx:
            yield tx

    async def close(self) -> None:
        await self._database.close()

    def _pass(self) -> None:
        self.on_the_way()
        if self.cut:
            raise ConnectionRefusedError("the cable is cut")
