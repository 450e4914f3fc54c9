"""Books, ledger and charges on disk. What is in the ledger and the charges is never changed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from houston.billing.rules import (
    SIDES,
    Book,
    Charge,
    Entry,
    Forecast,
    Kind,
    Payable,
    Plan,
    Settled,
    Terms,
)
from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, ChannelId

# --- Books -------------------------------------------------------------------------------------


async def open_books(
    tx: Tx, accounts: Sequence[AccountId], currency: str, trial_ends: date, now: datetime
) -> None:
    """Accounts that have a book keep it as it is: its currency and its trial were promised."""
    await tx.execute(
        "insert into books (account_id, currency, trial_ends, opened_at)"
        " select account, $2, $3, $4 from unnest($1::uuid[]) as a (account) on conflict do nothing",
        accounts,
        currency,
        trial_ends,
        now,
    )


_BOOK: Final = """
    account_id, currency, trial_ends, charged_day, paid, promised_until, balance, entries,
    told_balance, told_daily, told_until,
    array(
        select row(c.since, c.plan, p.price)
        from plan_choices c left join plans p on p.name = c.plan
        where c.account_id = books.account_id order by c.number
    ) as choices
"""


def _book(row: Row, plan: Plan) -> Book:
    return Book(
        account=AccountId(row["account_id"]),
        currency=row["currency"],
        terms=_terms(row["choices"], plan),
        trial_ends=row["trial_ends"],
        charged_day=row["charged_day"],
        paid=row["paid"],
        promised_until=row["promised_until"],
        balance=row["balance"],
        entries=row["entries"],
        told=_told(row),
    )


def _told(row: Row) -> Forecast | None:
    if row["told_balance"] is None:
        return None
    return Forecast(
        balance=row["told_balance"], daily=row["told_daily"], money_until=row["told_until"]
    )


def _terms(choices: Sequence[Row], standard: Plan) -> tuple[Terms, ...]:
    """The server's plan until the first choice, and wherever it was chosen again."""
    price = standard.price_per_channel_day
    chosen = [
        Terms(since, name or standard.name, price if name is None else own)
        for since, name, own in choices
    ]
    return (Terms(date.min, standard.name, price), *chosen)


async def book(tx: Tx, plan: Plan, account: AccountId) -> Book | None:
    row = await tx.fetchrow(f"select {_BOOK} from books where account_id = $1", account)
    return None if row is None else _book(row, plan)


async def lock(tx: Tx, plan: Plan, account: AccountId) -> Book | None:
    """Read a book and keep everybody else from it until the transaction ends."""
    row = await tx.fetchrow(f"select {_BOOK} from books where account_id = $1 for update", account)
    return None if row is None else _book(row, plan)


async def lock_due(tx: Tx, plan: Plan, today: date, limit: int) -> list[Book]:
    """Books that wait to be settled and that no other node has in hand."""
    rows = await tx.fetch(
        f"select {_BOOK} from books where due or charged_day is null or charged_day < $1"
        " order by account_id limit $2 for update skip locked",
        today,
        limit,
    )
    return [_book(row, plan) for row in rows]


async def forecast_for_ever(tx: Tx, plan: Plan, limit: int) -> list[Book]:
    """Where nobody counts money, none runs out: the books of which something else was told."""
    rows = await tx.fetch(
        "update books set told_daily = 0, told_until = null where account_id in"
        " (select account_id from books where told_until is not null order by account_id limit $1)"
        f" returning {_BOOK}",
        limit,
    )
    return [_book(row, plan) for row in rows]


async def mark_due(tx: Tx, accounts: Sequence[UUID]) -> None:
    """Have these settled soon, whatever was settled already."""
    await tx.execute("update books set due = true where account_id = any($1)", accounts)


async def save(tx: Tx, books: Sequence[Book], *, due: bool) -> None:
    await tx.execute(
        "update books b set charged_day = n.charged_day, paid = n.paid, balance = n.balance,"
        " promised_until = n.promised_until, entries = n.entries, told_balance = n.told_balance,"
        " told_daily = n.told_daily, told_until = n.told_until, due = $10"
        " from unnest($1::uuid[], $2::date[], $3::boolean[], $4::timestamptz[], $5::bigint[], $6::integer[],"
        " $7::bigint[], $8::bigint[], $9::timestamptz[])"
        " as n (account_id, charged_day, paid, promised_until, balance, entries, told_balance, told_daily,"
        " told_until)"
        " where b.account_id = n.account_id",
        [one.account for one in books],
        [one.charged_day for one in books],
        [one.paid for one in books],
        [one.promised_until for one in books],
        [one.balance for one in books],
        [one.entries for one in books],
        [one.told and one.told.balance for one in books],
        [one.told and one.told.daily for one in books],
        [one.told and one.told.money_until for one in books],
        due,
    )


# --- Channels ----------------------------------------------------------------------------------


async def payables(tx: Tx, accounts: Sequence[AccountId]) -> dict[AccountId, list[Payable]]:
    """The channels of accounts, also those that nobody wants to run now."""
    rows = await tx.fetch(
        "select c.account_id, c.id, c.wanted, c.paid,"
        " (select max(day) from charges where channel_id = c.id) as charged_day"
        " from channel_money c where c.account_id = any($1) order by c.id",
        accounts,
    )
    found: dict[AccountId, list[Payable]] = {account: [] for account in accounts}
    for row in rows:
        one = Payable(
            id=ChannelId(row["id"]),
            wanted=row["wanted"],
            paid=row["paid"],
            charged_day=row["charged_day"],
        )
        found[row["account_id"]].append(one)
    return found


async def counts(tx: Tx, account: AccountId, today: date) -> tuple[int, int]:
    """How many channels of an account cost money each day, and for how many of them today is settled."""
    row = await tx.fetchrow(
        "select count(*) as wanted, count(*) filter (where exists"
        " (select from charges where channel_id = c.id and day >= $2)) as settled"
        " from channel_money c where account_id = $1 and wanted",
        account,
        today,
    )
    assert row is not None
    return row["wanted"], row["settled"]


async def stopped(tx: Tx, limit: int) -> list[ChannelId]:
    """Channels that stand still for want of money."""
    rows = await tx.fetch("select id from channel_money where not paid order by id limit $1", limit)
    return [ChannelId(row["id"]) for row in rows]


# --- The ledger --------------------------------------------------------------------------------


async def write(tx: Tx, settled: Sequence[Settled]) -> None:
    """All that settlements came to, in four statements, however many accounts they are of."""
    entries = [entry for one in settled for entry in one.entries]
    if entries:
        await add_entries(tx, entries)
    if any(one.charges for one in settled):
        await _add_charges(tx, settled)
    await save(tx, [one.book for one in settled], due=False)


async def add_entries(tx: Tx, entries: Sequence[Entry]) -> None:
    await tx.execute(
        "insert into ledger"
        " (account_id, number, at, kind, debit, credit, amount, balance, day, ref, note, actor)"
        " select * from unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::text[], $5::text[],"
        " $6::text[], $7::bigint[], $8::bigint[], $9::date[], $10::text[], $11::text[], $12::text[])",
        [one.account for one in entries],
        [one.number for one in entries],
        [one.at for one in entries],
        [one.kind for one in entries],
        [SIDES[one.kind][0] for one in entries],
        [SIDES[one.kind][1] for one in entries],
        [one.amount for one in entries],
        [one.balance for one in entries],
        [one.day for one in entries],
        [one.ref for one in entries],
        [one.note for one in entries],
        [one.actor for one in entries],
    )


async def _add_charges(tx: Tx, settled: Sequence[Settled]) -> None:
    charges: list[tuple[AccountId, Charge]] = [
        (one.book.account, charge) for one in settled for charge in one.charges
    ]
    await tx.execute(
        "insert into charges (account_id, channel_id, day, amount, entry)"
        " select * from unnest($1::uuid[], $2::uuid[], $3::date[], $4::bigint[], $5::integer[])",
        [account for account, _ in charges],
        [charge.channel for _, charge in charges],
        [charge.day for _, charge in charges],
        [charge.amount for _, charge in charges],
        [charge.entry for _, charge in charges],
    )


_ENTRY: Final = "account_id, number, at, kind, amount, balance, day, ref, note, actor"


def _entry(row: Row) -> Entry:
    return Entry(
        account=AccountId(row["account_id"]),
        number=row["number"],
        at=row["at"],
        kind=Kind(row["kind"]),
        amount=row["amount"],
        balance=row["balance"],
        day=row["day"],
        ref=row["ref"],
        note=row["note"],
        actor=row["actor"],
    )


async def entry_of_ref(tx: Tx, account: AccountId, ref: str) -> Entry | None:
    row = await tx.fetchrow(
        f"select {_ENTRY} from ledger where account_id = $1 and ref = $2", account, ref
    )
    return None if row is None else _entry(row)


async def account_of_ref(tx: Tx, ref: str) -> AccountId | None:
    """Whose entry has a reference that is unique in the world outside."""
    found = await tx.fetchval("select account_id from ledger where ref = $1 limit 1", ref)
    return None if found is None else AccountId(found)


async def entries(tx: Tx, account: AccountId, before: int | None, limit: int) -> list[Entry]:
    """The newest entries before a number, the newest first."""
    rows = await tx.fetch(
        f"select {_ENTRY} from ledger where account_id = $1 and ($2::integer is null or number < $2)"
        " order by number desc limit $3",
        account,
        before,
        limit,
    )
    return [_entry(row) for row in rows]
