"""Migrations on empty databases. That none is ever edited is proved by tests/test_tidy.py."""

import asyncio
import re

import asyncpg
import pytest

from houston.kernel import db
from houston.kernel.errors import DatabaseMissing

NAMES = [file.name for file in db.migrations()]


async def test_brings_an_empty_database_up_to_date_in_the_order_of_the_numbers(
    empty_database_url: str,
) -> None:
    database = await db.connect(empty_database_url)
    assert await db.migrate(database) == NAMES
    assert await noted(database) == NAMES
    await database.close()


async def test_runs_each_migration_once(empty_database_url: str) -> None:
    database = await db.connect(empty_database_url)
    await db.migrate(database)
    assert await db.migrate(database) == []
    assert await noted(database) == NAMES
    await database.close()


async def test_nodes_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    nodes = [await db.connect(empty_database_url, connections_max=2) for _ in range(4)]
    ran = await asyncio.gather(*(db.migrate(node) for node in nodes))
    assert sorted(ran) == [[], [], [], NAMES]
    for node in nodes:
        await node.close()


async def test_only_what_is_new_is_run(empty_database_url: str) -> None:
    database = await db.connect(empty_database_url)
    await db.migrate(database)
    async with database.single() as tx:
        await tx.execute("drop table endpoints, attempts, dead_letters cascade")
        await tx.execute("delete from migrations where number = 6")
    assert await db.migrate(database) == [name for name in NAMES if name.startswith("0006")]
    await database.close()


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    database = await db.connect(empty_database_url)
    async with database.single() as tx:
        await tx.execute("create table messages (in_the_way text)")
    with pytest.raises(asyncpg.DuplicateTableError):
        await db.migrate(database)
    async with database.single() as tx:
        tables = await tx.fetch("select tablename from pg_tables where schemaname = 'public'")
    assert [row["tablename"] for row in tables] == ["messages"]
    await database.close()


async def test_a_database_that_does_not_answer_is_said_to_be_missing() -> None:
    with pytest.raises(DatabaseMissing, match="PostgreSQL does not answer"):
        await db.connect("postgresql://nobody@127.0.0.1:1/nothing")


async def test_a_transaction_left_idle_is_ended_whosever_the_server_is(
    empty_database_url: str,
) -> None:
    """It would hold back the facts of everybody: the feed is read below the oldest transaction.

    Once only the embedded server was told so, and an external one was not.
    """
    database = await db.connect(empty_database_url)
    async with database.single() as tx:
        limit = await tx.fetchrow(
            "select setting, unit, source from pg_settings"
            " where name = 'idle_in_transaction_session_timeout'"
        )
    assert tuple(limit or ()) == ("60000", "ms", "client")
    await database.close()


async def noted(database: db.Database) -> list[str]:
    async with database.single() as tx:
        rows = await tx.fetch("select number, name from migrations order by number")
    assert [row["number"] for row in rows] == [int(row["name"][:4]) for row in rows]
    return [row["name"] for row in rows]


def test_every_migration_says_what_it_is_for() -> None:
    for file in db.migrations():
        assert re.match(r"-- [A-Z]", file.read_text("utf-8")), file.name
