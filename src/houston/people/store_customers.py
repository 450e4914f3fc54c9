"""The accounts that an account made for its customers, on disk."""

from datetime import datetime

from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId


async def add(tx: Tx, partner: AccountId, account: AccountId, now: datetime) -> int:
    """The number by which the partner names it."""
    return int(
        await tx.fetchval(
            "insert into customers (account_id, customer_id, made_at) values ($1, $2, $3)"
            " returning number",
            partner,
            account,
            now,
        )
    )


async def count(tx: Tx, partner: AccountId) -> int:
    """How many are not closed."""
    return int(
        await tx.fetchval(
            "select count(*) from customers where account_id = $1 and closed_at is null", partner
        )
    )


async def one(tx: Tx, partner: AccountId, number: int) -> Row | None:
    return await tx.fetchrow(
        "select c.number, c.customer_id, c.closed_at, a.name from customers c"
        " join accounts a on a.id = c.customer_id where c.account_id = $1 and c.number = $2",
        partner,
        number,
    )


async def close(tx: Tx, account: AccountId, now: datetime) -> bool:
    """Let nobody in any more. False when that is so already."""
    closed = await tx.fetchval(
        "update customers set closed_at = $2 where customer_id = $1 and closed_at is null"
        " returning true",
        account,
        now,
    )
    await tx.execute(
        "update api_keys set revoked_at = $2 where account_id = $1 and revoked_at is null",
        account,
        now,
    )
    await tx.execute(
        "update people set removed_at = $2 where account_id = $1 and removed_at is null",
        account,
        now,
    )
    for table in ("sign_ins", "invitations"):
        await tx.execute(
            f"delete from {table} where person_id in (select id from people where account_id = $1)",
            account,
        )
    return closed is True
