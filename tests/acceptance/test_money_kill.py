"""Killing the server while it charges a month for many accounts and takes money, beside books of the test.

The database outlives it. Nobody was there for that month, so there is much to be killed in.
"""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from houston.billing.rules import Kind, Plan
from houston.billing.till import Moving, move
from houston.channels.state import new_channel
from houston.channels.status import status
from houston.channels.store import encode_state
from houston.kernel.clock import SystemClock
from houston.kernel.db import Tx, connect
from houston.kernel.ids import AccountId, new_id
from houston.people.keyring import NewAccount, create_account
from tests.acceptance.town import Api, Program, free_port, until

pytestmark = pytest.mark.slow
ACCOUNTS, CHANNELS, DAYS, PRICE = 150, 2, 30, 100
ALL = ACCOUNTS * DAYS
FIRST_TOP_UP = 1_000_000
KILLS = 2


class Bank:
    """A server that can be killed, and accounts that it owes a month of charges."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._database_url = database_url
        self._folder = folder
        self.today = datetime.now(UTC).date()
        self.accounts: list[NewAccount] = asyncio.run(_furnish(database_url, self.today))

    @contextmanager
    def serving(self) -> Iterator[Program]:
        env = {
            "DATABASE_URL": self._database_url,
            "DATA_DIR": str(self._folder / "data"),
            "PORT": self.url.rpartition(":")[2],
            "BILLING": "on",
            "BILLING_PRICE": str(PRICE),
            "BILLING_OWN_TOP_UP": "true",
        }
        named = {f"HOUSTON_{name}": value for name, value in env.items()}
        program = Program(["serve"], self._folder / "houston.log", named, wait=False)
        try:
            yield program
        finally:
            program.end()

    def charges(self) -> int:
        """What only a referee may do: look whether it is amid its work."""
        return asyncio.run(_count(self._database_url))

    def is_amid(self, payer: "Payer", charged: int, paid: int) -> bool:
        """It has charged more and taken more than it had, or there is nothing left to charge."""
        return min(charged + 1, ALL) <= self.charges() and len(payer.refs) > paid

    def ledger(self, account: NewAccount) -> list[dict[str, Any]]:
        """The oldest first, as the account sees it."""
        api = Api(self.url, account.api_key)
        try:
            found: list[dict[str, Any]] = api.get("/account/ledger", limit=1_000)["entries"][::-1]
            return found
        finally:
            api.close()


async def _furnish(database_url: str, today: date) -> list[NewAccount]:
    """Accounts with money, whose channels were paid for a month ago for the last time."""
    database = await connect(database_url)
    try:
        clock = SystemClock()
        made = [await create_account(database, clock, "a month") for _ in range(ACCOUNTS)]
        begun = today - timedelta(days=DAYS)
        async with database.transaction() as tx:
            await _owe(tx, [one.account for one in made], begun)
    finally:
        await database.close()
    return made


async def _owe(tx: Tx, accounts: Sequence[AccountId], begun: date) -> None:
    opened = datetime.combine(begun, time(), UTC)
    owners = [one for one in accounts for _ in range(CHANNELS)]
    channels = [new_id() for _ in owners]
    phones = [str(79_000_000_000 + n) for n in range(len(owners))]
    states = [new_channel(one, opened, actor="x", sends_without_phone=False) for one in phones]
    await tx.execute(
        "insert into channels"
        " (id, account_id, name, phone, transport, state, status, accepting, created_at)"
        " select id, owner, 'x', phone, 'nowhere', state, $5, true, $6"
        " from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[]) c (id, owner, phone, state)",
        channels,
        owners,
        phones,
        [encode_state(one) for one in states],
        status(states[0]).value,
        opened,
    )
    await tx.execute(
        "insert into books (account_id, currency, trial_ends, opened_at, charged_day)"
        " select id, 'USD', $2, $3, $2 from unnest($1::uuid[]) as a (id)",
        accounts,
        begun,
        opened,
    )
    await tx.execute(
        "insert into charges (channel_id, day, account_id, amount)"
        " select c.id, $3, c.owner, 0 from unnest($1::uuid[], $2::uuid[]) as c (id, owner)",
        channels,
        owners,
        begun,
    )
    plan = Plan(currency="USD", price_per_channel_day=PRICE)
    for account in accounts:
        money = Moving(account=account, amount=FIRST_TOP_UP, ref="first", actor="x")
        await move(tx, plan, Kind.TOP_UP, money, datetime.now(UTC))


async def _count(database_url: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        return int(await connection.fetchval("select count(*) from ledger where kind = 'charge'"))
    finally:
        await connection.close()


class Payer:
    """Somebody who pays in small sums without pause, and again whatever was not answered."""

    def __init__(self, url: str, account: NewAccount) -> None:
        self.refs: list[str] = []
        self._url, self._account = url, account
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._pay)

    def __enter__(self) -> "Payer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _pay(self) -> None:
        api = Api(self._url, self._account.api_key)
        try:
            while not self._enough.is_set():
                self._pay_once(api, f"payment {len(self.refs)}")
        finally:
            api.close()

    def _pay_once(self, api: Api, ref: str) -> None:
        while not self._took(api, ref):
            if self._enough.wait(0.02):
                return
        self.refs.append(ref)

    @staticmethod
    def _took(api: Api, ref: str) -> bool:
        try:
            answer = api.http.post("/account/top-up", json={"amount": 7, "ref": ref})
        except httpx.HTTPError:
            return False
        return answer.status_code == 200


@pytest.fixture
def bank(database_url: str, tmp_path: Path) -> Bank:
    return Bank(database_url, tmp_path)


def test_killed_amid_a_month_of_charges_and_payments_the_ledger_is_exact(bank: Bank) -> None:
    with ExitStack() as stack:
        payer = stack.enter_context(Payer(bank.url, bank.accounts[-1]))
        for _ in range(KILLS):
            charged, paid = bank.charges(), len(payer.refs)
            with bank.serving() as houston:
                until(
                    partial(bank.is_amid, payer, charged, paid), what="it charges and takes money"
                )
                houston.kill()
        with bank.serving():
            until(lambda: bank.charges() >= ALL, what="all is charged")
            stack.close()  # What it pays last is still answered.
            _judge(bank, payer)


def _judge(bank: Bank, payer: Payer) -> None:
    days = [(bank.today - timedelta(days=n)).isoformat() for n in reversed(range(DAYS))]
    assert bank.charges() == ALL
    for account in (bank.accounts[0], bank.accounts[-1]):
        entries = bank.ledger(account)
        charges = [one for one in entries if one["kind"] == "charge"]
        assert [one["day"] for one in charges] == days
        assert {one["amount"] for one in charges} == {CHANNELS * PRICE}
        assert [one["number"] for one in entries] == list(range(1, len(entries) + 1))
        taken = [one["amount"] * (-1 if one in charges else 1) for one in entries]
        assert entries[-1]["balance"] == sum(taken)
    paid = [one["ref"] for one in entries if one["kind"] == "top_up"]
    assert paid == ["first", *payer.refs]
