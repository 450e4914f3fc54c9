"""The daily charge of a hundred thousand channels, and the day on which nobody has paid."""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.sections import tell
from houston.billing.biller import BATCH
from houston.billing.rules import Plan
from houston.billing.till import Till
from houston.channels.paying import hear_money
from houston.channels.state import new_channel
from houston.channels.status import status
from houston.channels.store import encode_state
from houston.kernel import postgres
from houston.kernel.clock import ShiftedClock
from houston.kernel.db import Database, connect, migrate
from houston.kernel.ids import new_id
from houston.kernel.node import Node
from houston.kernel.wake import Wakes

ACCOUNTS = 10_000
CHANNELS_OF_EACH = 10
PRICE = 100


def charge() -> None:
    """Two days with money for both, and a third one without."""
    asyncio.run(_charge())


async def _charge() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        clock = ShiftedClock()
        server = await postgres.start(Path(folder), bin_dir=None, clock=clock)
        database = await connect(server.dsn)
        try:
            await migrate(database)
            await _days(database, clock)
        finally:
            await database.close()
            await server.stop()


async def _days(database: Database, clock: ShiftedClock) -> None:
    plan = Plan(currency="USD", price_per_channel_day=PRICE, trial_days=2)
    wakes = Wakes(database, Node(database, clock, ttl_seconds=60), clock)
    till = Till(database, clock, wakes, plan, hear_money)
    await _furnish(database, till, clock.now())
    channels = ACCOUNTS * CHANNELS_OF_EACH
    seconds = await _settle(till)
    tell(f"a free first day of {channels:,} channels", f"{seconds:.1f} s")
    clock.advance(timedelta(days=2))
    promised = clock.now() + timedelta(days=1)
    async with database.single() as tx:
        await tx.execute("update books set promised_until = $1", promised)
    seconds = await _settle(till)
    tell(f"the daily charge of {channels:,} channels, one node", f"{seconds:.1f} s")
    clock.advance(timedelta(days=2))
    seconds = await _settle(till)
    tell(f"... and the day on which all {channels:,} must stop", f"{seconds:.1f} s")
    async with database.single() as tx:
        stopped = await tx.fetchval("select count(*) from channels where status = 'NOT_PAID'")
        charged = await tx.fetchval("select sum(amount) from ledger")
    assert (stopped, charged) == (channels, 2 * channels * PRICE), (stopped, charged)


async def _settle(till: Till) -> float:
    began = time.monotonic()
    while await till.settle_due(BATCH):
        pass
    return time.monotonic() - began


async def _furnish(database: Database, till: Till, now: datetime) -> None:
    accounts = [new_id() for _ in range(ACCOUNTS)]
    owners = [one for one in accounts for _ in range(CHANNELS_OF_EACH)]
    phones = [str(7_000_000_000 + n) for n in range(len(owners))]
    states = [new_channel(one, now, actor="bench", sends_without_phone=False) for one in phones]
    async with database.transaction() as tx:
        await tx.execute(
            "insert into accounts (id, name, created_at) select id, 'bench', $2 from unnest($1::uuid[]) a (id)",
            accounts,
            datetime.now(UTC),
        )
        await tx.execute(
            "insert into channels"
            " (id, account_id, name, phone, transport, state, status, accepting, created_at)"
            " select id, owner, 'bench', phone, 'simulator', state, $5, true, $6"
            " from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[]) c (id, owner, phone, state)",
            [new_id() for _ in owners],
            owners,
            phones,
            [encode_state(one) for one in states],
            status(states[0]).value,
            now,
        )
        await till.note(tx, accounts)  # type: ignore[arg-type]  # They are ids of accounts.
