"""A post office: the dispatcher with its loops on a real database, and a bad receiver on a real socket."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from houston.kernel import db, feed
from houston.kernel.clock import ShiftedClock
from houston.kernel.db import Database
from houston.kernel.facts import ChatMarked, Fact, MessageMoved, StatusChanged
from houston.kernel.feed import Event
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, new_id
from houston.kernel.loop import end, keep
from houston.kernel.node import Node
from houston.kernel.vault import Vault
from houston.kernel.wake import Topic, Wakes
from houston.people.keyring import create_account
from houston.webhooks import native, store
from houston.webhooks.dispatcher import Dispatcher
from houston.webhooks.postman import Postman
from houston.webhooks.posts import Dialect, Item
from tests.webhooks.receiver import Receiver, receiving

TOY = "toy"
KEY = b"a key of thirty-two bytes, no less"[:32]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def translate(event: Event) -> Item | None:
    match event.fact():
        case MessageMoved(status=word):
            return Item("messages", word)
        case ChatMarked(actor=word):
            return Item("marks", word)
        case StatusChanged(new=word):
            return Item("channels", word, alone=True)
    return None


DIALECT = Dialect(frozenset({MessageMoved.kind, ChatMarked.kind, StatusChanged.kind}), translate)


def message(word: str) -> MessageMoved:
    return MessageMoved(
        message_id=MessageId(new_id()),
        chat_id=ChatId(new_id()),
        address="79161234567",
        status=word,
        at=NOW,
    )


def mark(word: str) -> ChatMarked:
    return ChatMarked(chat_id=ChatId(new_id()), unanswered=0, actor=word)


def status(word: str) -> StatusChanged:
    return StatusChanged(
        old="", new=word, state=word, reason="", actor="", at=NOW, evidence_at=None
    )


@dataclass(frozen=True)
class Office:
    """One node that dispatches."""

    database: Database
    clock: ShiftedClock
    node: Node
    wakes: Wakes
    dispatcher: Dispatcher

    async def account(self) -> AccountId:
        return (await create_account(self.database, self.clock, "Flowers")).account

    async def endpoint(
        self,
        url: str,
        account: AccountId | None = None,
        kinds: Sequence[str] = ("messages", "marks", "channels"),
        secret: str | None = None,
    ) -> AccountId:
        """Whose endpoint it is."""
        account = account or await self.account()
        async with self.database.transaction() as tx:
            endpoint = await store.put_sole(tx, account, TOY, url, kinds, self.clock.now())
            if secret is not None:
                await store.keep_key(tx, endpoint, Vault(lambda: KEY).seal(secret, endpoint))
        return account

    async def happen(self, account: AccountId, *facts: Fact) -> None:
        async with self.database.transaction() as tx:
            await feed.write(
                tx, self.clock.now(), feed.entries(account, ChannelId(new_id()), facts)
            )
        self.wakes.here(Topic.FEED)

    async def happen_words(self, account: AccountId, words: str) -> None:
        await self.happen(account, *[message(word) for word in words.split()])

    async def fetch(self, statement: str, *arguments: object) -> list[db.Row]:
        """What only a test may do: look into any table."""
        async with self.database.single() as tx:
            return list(await tx.fetch(statement, *arguments))


@asynccontextmanager
async def dispatching(
    url: str,
    *,
    clock: ShiftedClock | None = None,
    timeout_seconds: float = 5.0,
    leaves: bool = True,
) -> AsyncIterator[Office]:
    """A node with its dispatcher. One that does not leave ends as a killed one: saying nothing."""
    clock = clock or ShiftedClock()
    async with AsyncExitStack() as stack:
        database = await db.connect(url, connections_max=6)
        stack.push_async_callback(database.close)
        node = Node(database, clock, ttl_seconds=3)
        await node.join()
        wakes = Wakes(database, node, clock)
        postman = Postman(clock, timeout_seconds=timeout_seconds, private_too=True)
        stack.push_async_callback(postman.close)
        dispatcher = Dispatcher(
            database,
            node,
            clock,
            random.Random(1),
            wakes,
            {TOY: DIALECT, native.NAME: native.DIALECT},
            postman,
            Vault(lambda: KEY),
            look_every_seconds=0.05,
        )
        duties = (node.duty, dispatcher.duty)
        tasks = [asyncio.create_task(keep(duty, "loop", clock)) for duty in duties]
        office = Office(database, clock, node, wakes, dispatcher)
        try:
            yield office
        finally:
            await end(*tasks)
            if leaves:
                await dispatcher.close()
                await node.leave()
            else:
                await _die(dispatcher)


async def _die(dispatcher: Dispatcher) -> None:
    """What kill -9 leaves of a dispatcher in this process: no task, and nothing said."""
    for task in asyncio.all_tasks():
        if task.get_name().startswith("delivery "):
            await end(task)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with dispatching(database_url) as found:
        yield found
