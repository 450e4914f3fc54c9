"""A house with a CRM beside it: the relay with its loops on a real database, and a double to talk to."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from houston.crm import store
from houston.crm.connector import Connector, Hook
from houston.crm.ear import KINDS, WHOSE, Ear
from houston.crm.hooks import Reception
from houston.crm.intake import Intake
from houston.crm.lookback import Lookback
from houston.crm.relay import Relay
from houston.crm.rules import State
from houston.crm.safe import Safe, hook_hash
from houston.crm.store import Stored
from houston.kernel import feed
from houston.kernel.errors import HoustonError
from houston.kernel.follower import Follower
from houston.kernel.ids import ChannelId, ConnectionId, new_id
from houston.kernel.loop import end, keep
from houston.kernel.vault import Vault
from houston.kernel.wake import Topic
from tests.houses import House, until

KEY = b"k" * 32
PUBLIC_URL = "https://houston.example"


@dataclass
class Desk:
    """One connection of one channel, and the node's part that serves it."""

    house: House
    connector: Connector
    reception: Reception
    connection: ConnectionId
    token: str
    channel: ChannelId

    async def call(
        self, headers: dict[str, str], body: bytes, path: str = "", query: str = ""
    ) -> bool:
        """The CRM calls; whether it hears that all is well."""
        at = self.house.clock.now()
        hook = Hook(headers=headers, path=path, query=query, body=body, at=at)
        try:
            await self.reception.take(self.connector.kind, self.token, hook)
        except HoustonError:
            return False
        return True

    async def stored(self) -> Stored:
        async with self.house.database.single() as tx:
            found = await store.one(tx, self.connection)
        assert found is not None
        return found

    async def is_in(self, state: State) -> bool:
        return (await self.stored()).state is state

    async def waiting(self) -> int:
        async with self.house.database.single() as tx:
            return (await store.waiting(tx, [self.connection])).get(self.connection, 0)

    async def settled(self) -> None:
        """Everything that has happened was told, and everything that came was taken in."""
        await until(self.rests, "the connection is at rest")

    async def in_time(self) -> None:
        """As settled, with as much time as the tries wait for.

        No more, and none amid work: a try or a sign of life that is under way would seem to take minutes.
        """

        async def rests() -> bool:
            if not self._works():
                self.house.advance(await self._waits_seconds())
            return await self.rests()

        await until(rests, "everything was told in time")

    def _works(self) -> bool:
        probing = any(one.state.probing_since for one in self.house.supervisor.held.values())
        return probing or f"crm {self.connection}" in {t.get_name() for t in asyncio.all_tasks()}

    async def _waits_seconds(self) -> float:
        """Until the next try, if there is one that waits for its time."""
        (row,) = await self.house.fetch(
            "select min(at) as at from (select retry_at as at from crm_connections"
            " union all select not_before from crm_errands where open) tries where at > $1",
            self.house.clock.now(),
        )
        return 0.0 if row["at"] is None else (row["at"] - self.house.clock.now()).total_seconds()

    async def rests(self) -> bool:
        rows = await self.house.fetch(
            "select (select count(*) from crm_errands where open)"
            " + (select count(*) from crm_hooks where open)"
            " + (select count(*) from crm_connections where reconcile)"
            " + (select count(*) from events where (era, xid, seq) >"
            " (select era, xid, seq from cursors where follower = 'crm') and kind = any($1)) as n",
            list(KINDS),
        )
        self.house.wakes.here(Topic.FEED)
        return bool(rows[0]["n"] == 0)


@asynccontextmanager
async def relaying(
    house: House, connector: Connector, *, loops: tuple[str, ...] = ("ear", "relay", "lookback")
) -> AsyncIterator[Reception]:
    """The loops, for as long as the block. They end as those of a killed server: saying nothing."""
    safe = Safe(Vault(lambda: KEY), house.database, PUBLIC_URL)
    kinds = {connector.kind: connector}
    intake = Intake(house.database, house.clock, house.outbox)
    lookback = Lookback(house.database, house.node, house.clock, kinds, intake, safe)
    relay = Relay(house.database, house.node, house.clock, kinds, intake, safe, lookback)
    hear = Ear(house.clock).hear
    ear = Follower("crm", KINDS, hear, house.reader, relay.ring, WHOSE)
    duties = {"ear": ear.duty, "relay": relay.duty, "lookback": lookback.duty}
    async with house.database.transaction() as tx:
        await feed.lock_cursor(tx, "crm", house.clock.now())  # What happens from here on is heard.
    with pytest.MonkeyPatch.context() as patch:
        # On a clock that stands it would never be time to note how far the ear has heard.
        patch.setattr("houston.kernel.follower._NOTE_EVERY_SECONDS", 0.0)
        tasks = [asyncio.create_task(keep(duties[loop], loop, house.clock)) for loop in loops]
        try:
            yield Reception(house.database, house.clock, kinds, safe, relay)
        finally:
            await end(*tasks)  # First, for the relay may be about to begin one more of the others.
            await end(*relay._tasks.values())


async def connected(
    house: House,
    channel: ChannelId,
    connector: Connector,
    reception: Reception,
    settings: Mapping[str, str],
) -> Desk:
    """A connection as a person would have made it."""
    account = (await house.stored(channel)).account
    connection, token, now = ConnectionId(new_id()), reception.safe.new_token(), house.clock.now()
    fields = {field.name: field for field in connector.fields}
    plain, secrets = reception.safe.close(connection, fields, settings, token)
    one = Stored(
        id=connection,
        account=account,
        kind=connector.kind,
        name="Our CRM",
        channels=(channel,),
        settings=plain,
        secrets=secrets,
        enabled=True,
        state=State.UNTRIED,
        state_since=now,
        error=None,
        fault=None,
        error_at=None,
        fails=0,
        retry_at=None,
        reconciled_at=now,
        reconcile=True,
        anew=0,
        created_at=now,
    )
    async with house.database.transaction() as tx:
        await store.add(tx, one, hook_hash(token))
    reception.relay.ring()
    return Desk(house, connector, reception, connection, token, channel)
