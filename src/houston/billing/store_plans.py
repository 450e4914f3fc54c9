"""Plans, and who has agreed to which, on disk. Rows are only ever added."""

from datetime import UTC, date, datetime
from typing import Final

from houston.billing.rules import STANDARD, Book, Plan
from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId

_PLAN: Final = "name, currency, price, trial_days"


def _plan(row: Row) -> Plan:
    return Plan(
        name=row["name"],
        currency=row["currency"],
        price_per_channel_day=row["price"],
        trial_days=row["trial_days"],
    )


async def add(tx: Tx, plan: Plan, now: datetime, actor: str) -> bool:
    """False when the name is taken."""
    added = await tx.fetchval(
        f"insert into plans ({_PLAN}, made_at, actor) values ($1, $2, $3, $4, $5, $6)"
        " on conflict do nothing returning true",
        plan.name,
        plan.currency,
        plan.price_per_channel_day,
        plan.trial_days,
        now,
        actor,
    )
    return added is not None


async def one(tx: Tx, name: str) -> Plan | None:
    row = await tx.fetchrow(f"select {_PLAN} from plans where name = $1", name)
    return None if row is None else _plan(row)


async def every(tx: Tx) -> list[Plan]:
    return [_plan(row) for row in await tx.fetch(f"select {_PLAN} from plans order by name")]


async def opened(tx: Tx, account: AccountId) -> date:
    """An account's first day."""
    at: datetime = await tx.fetchval("select opened_at from books where account_id = $1", account)
    return at.astimezone(UTC).date()


async def choose(tx: Tx, book: Book, plan: Plan, number: int, now: datetime, actor: str) -> None:
    """Write down what was agreed last. The book is locked."""
    terms = book.terms[-1]
    await tx.execute(
        "insert into plan_choices (account_id, number, plan, since, at, actor)"
        " values ($1, $2, $3, $4, $5, $6)",
        book.account,
        number,
        None if terms.plan == STANDARD else terms.plan,
        terms.since,
        now,
        actor,
    )
    await tx.execute(
        "update books set currency = $2, trial_ends = $3 where account_id = $1",
        book.account,
        plan.currency,
        book.trial_ends,
    )


async def choices(tx: Tx, account: AccountId) -> list[Row]:
    """The newest first."""
    return list(
        await tx.fetch(
            "select c.plan, p.price, c.since, c.at, c.actor from plan_choices c"
            " left join plans p on p.name = c.plan where c.account_id = $1 order by c.number desc",
            account,
        )
    )
