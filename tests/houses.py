"""Houston's parts put together as app.py does it, for tests: without HTTP, on a messenger in memory.

Loops run only if a test names them; what a test does not start, it does by hand.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

from houston.channels import store as channels
from houston.channels.hearing import hear
from houston.channels.leases import Leases
from houston.channels.orders import Heard
from houston.channels.state import State, Status, new_channel
from houston.channels.status import policy, status
from houston.channels.supervisor import Supervisor
from houston.inbox.stream import Hub
from houston.kernel import db, feed
from houston.kernel.db import Database
from houston.kernel.facts import Fact
from houston.kernel.follower import Follower
from houston.kernel.ids import AccountId, ChannelId, MessageId, new_id
from houston.kernel.loop import end, keep
from houston.kernel.node import Node
from houston.kernel.reader import Reader
from houston.kernel.wake import Topic, Wakes
from houston.messages import houston as notices
from houston.messages import store_reading
from houston.messages.acceptor import Accepted, Acceptor
from houston.messages.outbox import Outbox, Saying
from houston.messages.receiver import Receiver
from houston.messages.rules import MessageStatus
from houston.messages.sender import Sender
from houston.messages.views import QueueReader
from houston.people.keyring import create_account
from tests.cables import Cable
from tests.clocks import StoppedClock
from tests.statuses import state_in
from tests.wires import ANNA, Messenger

PHONE = "79001112233"


async def until(condition: Callable[[], Any], what: str = "", *, seconds: float = 60.0) -> Any:
    """The first true value of a condition, which may have to be awaited; fails if none comes in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        found = condition()
        if isinstance(found, Awaitable):
            found = await found
        if found:
            return found
        assert loop.time() < deadline, f"not within {seconds} s: {what or condition}"
        await asyncio.sleep(0.005)


@dataclass(frozen=True)
class House:
    """One node with everything in it."""

    database: Database
    cable: Cable
    clock: StoppedClock
    messenger: Messenger
    node: Node
    wakes: Wakes
    receiver: Receiver
    supervisor: Supervisor
    sender: Sender
    leases: Leases
    acceptor: Acceptor
    outbox: Outbox
    notice: Follower
    hub: Hub
    reader: Reader
    queues: QueueReader

    def advance(self, seconds: float) -> None:
        """Let time pass, and wake whoever may have waited for it."""
        self.clock.advance(seconds)
        for topic in Topic:
            self.wakes.here(topic)

    # --- Channels ----------------------------------------------------------------------------

    async def account(self) -> AccountId:
        return (await create_account(self.database, self.clock, "Flowers")).account

    async def channel(
        self,
        word: Status = Status.ACTIVE,
        phone: str = PHONE,
        account: AccountId | None = None,
    ) -> ChannelId:
        """A channel that has come to a status. Where leases run, this node soon holds it."""
        without_phone = self.messenger.capabilities.sends_without_phone
        state = replace(state_in(word, phone), sends_without_phone=without_phone)
        return await self._add(state, account or await self.account())

    async def added(self, phone: str = PHONE) -> ChannelId:
        """A channel that somebody has just made."""
        now = self.clock.now()
        state = new_channel(phone, now, actor="person:anna", sends_without_phone=False)
        return await self._add(state, await self.account())

    async def _add(self, state: State, account: AccountId) -> ChannelId:
        channel = ChannelId(new_id())
        async with self.database.transaction() as tx:
            await channels.add(tx, channel, account, "Front desk", "played", state, state.since)
            if state.paired:
                await channels.keep_credentials(tx, channel, b"keys", state.since)
        await self.wakes.everywhere(Topic.CHANNEL, [channel])
        return channel

    async def active(self, phone: str = PHONE, account: AccountId | None = None) -> ChannelId:
        """A channel that this node drives and that works."""
        channel = await self.channel(Status.ACTIVE, phone, account)
        await until(lambda: self.is_in(channel, Status.ACTIVE), "the channel works")
        return channel

    def is_in(self, channel: ChannelId, word: Status) -> bool:
        """Whether this node holds a channel and knows it to be in a status."""
        held = self.supervisor.held.get(channel)
        return held is not None and held.wire_open and status(held.state) is word

    async def shows(self, channel: ChannelId, word: Status) -> bool:
        """Whether everybody sees a channel in a status."""
        rows = await self.fetch("select status from channel_gate where id = $1", channel)
        return bool(rows[0]["status"] == word)

    async def hear(self, channel: ChannelId, *heard: Heard) -> None:
        """Somebody else than the holder lets a channel hear something: a person, the ledger."""
        async with self.database.transaction() as tx:
            await hear(tx, channel, heard, self.clock.now())
        await self.wakes.everywhere(Topic.CHANNEL, [channel])
        self.wakes.here(Topic.FEED)

    async def set_status(self, channel: ChannelId, word: Status) -> None:
        """Make a channel that nobody holds be in a status."""
        async with self.database.transaction() as tx:
            found = await channels.lock(tx, channel)
            assert found is not None
            await put(tx, channel, state_in(word, found.phone))

    async def stored(self, channel: ChannelId) -> channels.Channel:
        async with self.database.transaction() as tx:
            found = await channels.lock(tx, channel)
        assert found is not None
        return found

    # --- Messages ----------------------------------------------------------------------------

    async def say(
        self,
        channel: ChannelId,
        text: str = "hello",
        to: str = ANNA,
        *,
        ref: str | None = None,
        repeat_seconds: float | None = None,
        account: AccountId | None = None,
    ) -> Accepted:
        owner = account or (await self.stored(channel)).account
        return await self.outbox.say(
            Saying(
                account=owner,
                channel=channel,
                address=to,
                text=text,
                client_ref=ref,
                repeat_seconds=repeat_seconds,
            )
        )

    async def status_of(self, message: MessageId) -> MessageStatus:
        return MessageStatus((await self.row(message))["status"])

    async def row(self, message: MessageId) -> db.Row:
        found = await self.fetch("select * from messages where id = $1", message)
        return found[0]

    async def is_at(self, message: MessageId, word: MessageStatus) -> bool:
        return await self.status_of(message) is word

    async def waiting(self, channel: ChannelId) -> list[str]:
        """The texts in a queue, in order."""
        account = (await self.stored(channel)).account
        async with self.database.single() as tx:
            rows = await store_reading.waiting(tx, account, channel, 1_000)
        return [str(row["text"]) for row in await self._texts([row["id"] for row in rows])]

    async def _texts(self, ids: Sequence[Any]) -> list[db.Row]:
        return await self.fetch(
            "select body ->> 'text' as text from unnest($1::uuid[]) with ordinality as i (id, n)"
            " join messages using (id) order by n",
            ids,
        )

    # --- Looking -----------------------------------------------------------------------------

    async def fetch(self, statement: str, *arguments: object) -> list[db.Row]:
        """What only a test may do: look into any table."""
        async with self.database.single() as tx:
            return list(await tx.fetch(statement, *arguments))

    async def facts(self, *kinds: type[Fact]) -> list[Fact]:
        """Everything that the feed has to tell, or of some kinds, once no transaction hides any of it."""
        await until(lambda: self.fetch(_NOTHING_HIDDEN), "all that is written can be read")
        async with self.database.single() as tx:
            names = [kind.kind for kind in kinds] or None
            events = await feed.read(tx, feed.BEGINNING, kinds=names, limit=10_000)
        return [event.fact() for event in events]


_HIDDEN = "select from events where xid >= pg_snapshot_xmin(pg_current_snapshot())"
_NOTHING_HIDDEN = f"select where not exists ({_HIDDEN})"


async def put(tx: db.Tx, channel: ChannelId, state: State) -> None:
    """Store a state as a turn of the machine would."""
    refuses = policy(state) == "refuse"
    await channels.save(tx, channel, state, status(state).value, accepting=not refuses)


def put_together(cable: Cable, clock: StoppedClock, messenger: Messenger, node: Node) -> House:
    database = cast(Database, cable)
    wakes = Wakes(database, node, clock)
    reader = Reader(database, clock, wakes)
    receiver = Receiver(database, clock, wakes)
    supervisor = Supervisor(
        database, node, clock, wakes, {messenger.kind: messenger}, receiver.hear
    )
    sender = Sender(database, node, clock, wakes, supervisor)
    leases = Leases(
        database,
        node,
        supervisor,
        sender.quiesce,
        clock,
        random.Random(1),
        wakes,
        logins_per_second_max=1e9,
    )
    acceptor = Acceptor(database, clock, wakes)
    caller = notices.Caller(clock)
    return House(
        database,
        cable,
        clock,
        messenger,
        node,
        wakes,
        receiver,
        supervisor,
        sender,
        leases,
        acceptor,
        Outbox(database, clock, wakes, acceptor, {messenger.kind: messenger}),
        Follower("houston", notices.KINDS, caller.handle, reader, concerns=notices.calls_houston),
        Hub(database, clock, wakes),
        reader,
        QueueReader(sender),
    )


DRIVING = ("node", "leases", "sender")
"""The loops that hold channels and send."""


@asynccontextmanager
async def housed(
    url: str,
    *,
    loops: Sequence[str] = DRIVING,
    messenger: Messenger | None = None,
    clock: StoppedClock | None = None,
    ttl_seconds: float = 1_000_000.0,
) -> AsyncIterator[House]:
    """A node that lives as long as the block; afterwards it goes as a server goes that is stopped.

    Its lease does not run out when a test lets time pass, unless the test says so.
    """
    clock = clock or StoppedClock()
    cable = Cable(await db.connect(url, connections_max=6))
    database = cast(Database, cable)
    node = Node(database, clock, ttl_seconds=ttl_seconds)
    await node.join()
    house = put_together(cable, clock, messenger or Messenger(clock), node)
    duties = {
        "node": node.duty,
        "wakes": house.wakes.listen,
        "leases": house.leases.duty,
        "sender": house.sender.duty,
        "notice": house.notice.duty,
        "hub": house.hub.duty,
    }
    tasks = [asyncio.create_task(keep(duties[loop], loop, clock), name=loop) for loop in loops]
    try:
        yield house
    finally:
        cable.cut = False
        await end(*tasks)
        await house.acceptor.close()
        await house.sender.close()
        await house.receiver.close()
        await house.supervisor.close()
        await node.leave()
        await database.close()
