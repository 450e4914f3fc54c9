"""Webhooks of Houston's own: how many facts a second reach one endpoint and a hundred, how late, how dear."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bench.meter import cost
from bench.sections import tell
from bench.town import program, town
from houston.kernel import feed
from houston.kernel.db import connect
from houston.kernel.facts import MessageMoved
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, new_id
from houston.kernel.postgres.server import address_of_running
from tests.acceptance.town import Town, until

POSTS = 20_000
"""Of a flood, to all endpoints together."""
MESSAGES_PER_SECOND = {1: 20, 100: 1}
"""Of a steady stream, by the number of endpoints: well below what the flood shows to be possible."""
STEADY_SECONDS = 10
KIND = MessageMoved.kind


def webhooks() -> None:
    """Each fact is a signed POST of its own. The flood comes at once, the steady stream from real messages."""
    for endpoints in MESSAGES_PER_SECOND:
        with _listening(endpoints) as (here, hook):
            _flood(here, hook, endpoints)
        with _listening(endpoints) as (here, hook):
            _lag(here, hook, endpoints)


@contextmanager
def _listening(endpoints: int) -> Iterator[tuple[Town, str]]:
    """A town whose account has so many endpoints, all of them at one fast receiver."""
    with ExitStack() as stack:
        here = stack.enter_context(town())
        hook = stack.enter_context(program("bench.receiver")).url
        for number in range(endpoints):
            body = {"name": f"#{number}", "url": hook, "kinds": [KIND]}
            here.api.http.post("/endpoints", json=body).raise_for_status()
        yield here, hook


def _flood(here: Town, hook: str, endpoints: int) -> None:
    pid = here.houston.process.pid
    before = cost(pid)
    asyncio.run(_happen(here, POSTS // endpoints))
    until(lambda: _heard(here, hook)["posts"] > 0, 10)
    began = time.monotonic()
    until(lambda: _heard(here, hook)["posts"] >= POSTS, 300)
    seconds, spent = time.monotonic() - began, cost(pid).since(before)
    to = f"webhooks to {endpoints} endpoint{'s' * (endpoints > 1)}"
    tell(f"{to}, events per second", f"{POSTS / seconds:.0f}")
    micros = f"{spent.python / POSTS * 1e6:.0f} / {spent.postgres / POSTS * 1e6:.0f} us"
    tell(f"{to}, CPU per event, Python / PostgreSQL", micros)


def _lag(here: Town, hook: str, endpoints: int) -> None:
    """From the moment of a fact to its arrival, while each message makes two or three of them."""
    time.sleep(2)  # A new endpoint is taken up within a second.
    pace = MESSAGES_PER_SECOND[endpoints]
    for number in range(pace * STEADY_SECONDS):
        here.api.send(here.paired["id"], f"7916{number:07}", "steady").raise_for_status()
        time.sleep(1 / pace)
    until(lambda: here.whatsapp.stats()["delivered"] >= pace * STEADY_SECONDS, 60)
    heard = until(lambda: _quiet(here, hook), 60)
    to = f"webhooks to {endpoints} endpoint{'s' * (endpoints > 1)}"
    tell(f"{to}, lag p50 / p99, steady", f"{heard['p50_ms']:.0f} / {heard['p99_ms']:.0f} ms")


def _heard(here: Town, hook: str) -> dict[str, Any]:
    found: dict[str, Any] = here.api.open.get(hook).json()
    return found


def _quiet(here: Town, hook: str) -> dict[str, Any] | None:
    """What was heard, once nothing more comes."""
    before = _heard(here, hook)
    time.sleep(1)
    return before if before == _heard(here, hook) else None


async def _happen(here: Town, facts: int) -> None:
    """All of them in one transaction."""
    address = address_of_running(here.folder / "data")
    assert address is not None
    database = await connect(address)
    account = AccountId(UUID(here.api.get("/account")["id"]))
    channel, now = ChannelId(UUID(here.paired["id"])), datetime.now(UTC)
    entries = [feed.Entry(account, channel, _fact(now)) for _ in range(facts)]
    try:
        async with database.transaction() as tx:
            await feed.write(tx, now, entries)
    finally:
        await database.close()


def _fact(now: datetime) -> MessageMoved:
    message, chat = MessageId(new_id()), ChatId(new_id())
    return MessageMoved(
        message_id=message, chat_id=chat, address="79161112233", status="delivered", at=now
    )
