"""Templates, on disk."""

from datetime import datetime

from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, TemplateId


async def templates(tx: Tx, account: AccountId) -> list[Row]:
    """All of an account, in the order in which people look for them."""
    return list(
        await tx.fetch(
            "select id, name, text, created_at from templates where account_id = $1"
            " order by lower(name)",
            account,
        )
    )


async def count_templates(tx: Tx, account: AccountId) -> int:
    return int(await tx.fetchval("select count(*) from templates where account_id = $1", account))


async def is_taken(tx: Tx, account: AccountId, name: str, apart_from: TemplateId) -> bool:
    """Whether another template has this name, however it is written."""
    return bool(
        await tx.fetchval(
            "select exists (select from templates"
            " where account_id = $1 and lower(name) = lower($2) and id <> $3)",
            account,
            name,
            apart_from,
        )
    )


async def template(tx: Tx, account: AccountId, template: TemplateId) -> Row | None:
    return await tx.fetchrow(
        "select id, name, text, created_at from templates where account_id = $1 and id = $2",
        account,
        template,
    )


async def keep_template(
    tx: Tx, template: TemplateId, account: AccountId, name: str, text: str, now: datetime
) -> Row:
    """Add a template, or change the one with this id."""
    row = await tx.fetchrow(
        "insert into templates (id, account_id, name, text, created_at) values ($1, $2, $3, $4, $5)"
        " on conflict (id) do update set name = excluded.name, text = excluded.text"
        " returning id, name, text, created_at",
        template,
        account,
        name,
        text,
        now,
    )
    assert row is not None  # It was just written.
    return row


async def drop_template(tx: Tx, account: AccountId, template: TemplateId) -> str | None:
    """The name that it had; None when there is none."""
    name: str | None = await tx.fetchval(
        "delete from templates where account_id = $1 and id = $2 returning name", account, template
    )
    return name
