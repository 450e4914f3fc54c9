"""A house that counts money: fixtures `house` (one node) and what tests do with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from houston.billing import store
from houston.billing.biller import KINDS, Biller, changes_costs
from houston.billing.rules import Book, Entry, Plan
from houston.billing.till import Moving, Till
from houston.channels.paying import hear_money
from houston.kernel.follower import Follower
from houston.kernel.ids import AccountId
from houston.kernel.loop import end, keep
from tests.houses import House, housed, until

PLAN = Plan(currency="USD", price_per_channel_day=100)


@dataclass(frozen=True)
class Bank:
    """A node's money, and the node."""

    house: House
    till: Till
    biller: Biller
    ear: Follower

    async def top_up(self, account: AccountId, amount: int, ref: str | None = None) -> Entry:
        moving = Moving(account=account, amount=amount, ref=ref, actor="test")
        return await self.till.top_up(moving)

    async def settle(self) -> int:
        return await self.till.settle_due(100)

    async def book(self, account: AccountId) -> Book:
        async with self.house.database.single() as tx:
            found = await store.book(tx, self.till.plan, account)
        assert found is not None
        return found

    async def ledger(self, account: AccountId) -> list[Entry]:
        """The oldest first."""
        async with self.house.database.single() as tx:
            return (await store.entries(tx, account, None, 1_000))[::-1]

    async def to_midnight(self, days: int = 1) -> None:
        """Be one second into the next day, or into one after it."""
        now = self.house.clock.now()
        passed = now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6
        self.house.advance(days * 86_400 - passed + 1)


def bank_of(house: House, plan: Plan = PLAN) -> Bank:
    till = Till(house.database, house.clock, house.wakes, plan, hear_money)
    biller = Biller(house.database, house.clock, till)
    ear = Follower("biller", KINDS, biller.hear, house.reader, concerns=changes_costs)
    return Bank(house, till, biller, ear)


@asynccontextmanager
async def counting(bank: Bank) -> AsyncIterator[None]:
    """The loops of money run inside, and have begun: what happens from here on they hear of."""
    early = await bank.house.account()
    duties: list[Callable[[], Awaitable[None]]] = [bank.biller.duty, bank.ear.duty]
    tasks = [asyncio.create_task(keep(duty, "billing", bank.house.clock)) for duty in duties]
    try:
        begun = (
            "select from books, cursors where account_id = $1 and follower = 'biller' and not due"
        )
        await until(lambda: bank.house.fetch(begun, early), "they have begun")
        yield
    finally:
        await end(*tasks)


@pytest.fixture
async def bank(database_url: str) -> AsyncIterator[Bank]:
    async with housed(database_url) as house:
        bank = bank_of(house)
        await bank.to_midnight()
        yield bank
