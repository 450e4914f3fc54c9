"""An account with channels that nobody drives, and the two loops of curators, moved by hand."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from houston.channels.state import Reason, Status
from houston.curators import store
from houston.curators.notifier import KINDS, Notifier
from houston.curators.rules import Want
from houston.curators.store import Curator
from houston.kernel import feed
from houston.kernel.facts import Fact, MessageReceived, StatusChanged
from houston.kernel.follower import Follower
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, new_id
from houston.kernel.wake import Topic
from houston.people import store as people
from tests.clocks import StoppedClock
from tests.houses import House, housed
from tests.loops import Logged

MARY = "79165550001"


@pytest.fixture(autouse=True)
def no_loop_fails(logged: Logged) -> None:
    pass


@dataclass
class Post:
    """Addresses outside that remember what came."""

    came: list[tuple[list[str], str]] = field(default_factory=list)
    open: bool = True

    async def carry(self, addresses: Sequence[str], text: str) -> bool:
        if self.open:
            self.came.append((list(addresses), text))
        return self.open


class Office:
    """A house with curators."""

    def __init__(self, house: House, account: AccountId) -> None:
        self.house = house
        self.account = account
        self.post = Post()
        self.notifier = self.another()
        self._ear = Follower(
            "curators", KINDS, self.notifier.hear, house.reader, self.notifier.ring
        )

    def another(self) -> Notifier:
        """The loop of one more node."""
        house = self.house
        return Notifier(house.database, house.clock, house.wakes, house.outbox, self.post)

    async def curator(self, phone: str = MARY, **wishes: Any) -> UUID:
        wished = {
            "channels": None,
            "wants": frozenset(Want),
            "language": "en",
            "zone": ZoneInfo("UTC"),
            "quiet_from": None,
            "quiet_until": None,
            "after_minutes": 0,
            "routes": [],
        } | wishes
        one = Curator(
            id=new_id(),
            account=self.account,
            name="Mary",
            phone=phone,
            created_at=self.house.clock.now(),
            **wished,
        )
        async with self.house.database.transaction() as tx:
            await store.save(tx, one)
        return one.id

    async def choose(
        self, *, notice_delay_minutes: int | None = None, warning_days: list[int] | None = None
    ) -> None:
        """What the account wants of notices."""
        async with self.house.database.transaction() as tx:
            await people.choose(tx, self.account, None, notice_delay_minutes, warning_days)

    async def channel(self, phone: str) -> ChannelId:
        return await self.house.channel(Status.ACTIVE, phone, self.account)

    async def turns(self, channel: ChannelId, word: Status, *, old: Status = Status.ACTIVE) -> None:
        """A channel comes to a status, and its curators' loops have heard of it."""
        await self.house.set_status(channel, word)
        reasons = {Status.SCAN_QR: Reason.LOGGED_OUT_EVERYWHERE, Status.ACTIVE: Reason.WORKING}
        why = reasons.get(word, Reason.PHONE_LOST)
        await self.write(
            StatusChanged(
                old=old,
                new=word,
                state=None,
                reason=why,
                actor="houston",
                at=self.house.clock.now(),
                evidence_at=None,
            ),
            channel,
        )
        await self.works()

    async def write(self, fact: Fact, channel: ChannelId | None = None) -> None:
        async with self.house.database.transaction() as tx:
            entry = feed.Entry(self.account, channel, fact)
            await feed.write(tx, self.house.clock.now(), [entry])

    async def says(
        self, phone: str, via: ChannelId, *, echo: bool = False, ago_seconds: float = 0
    ) -> None:
        """Somebody writes through a channel, and the curators' loops have heard of it."""
        at = self.house.clock.now() - timedelta(seconds=ago_seconds)
        said = MessageReceived(
            message_id=MessageId(new_id()),
            chat_id=ChatId(new_id()),
            address=phone,
            author=phone,
            author_name=None,
            text="I am on it",
            content_uri=None,
            quoted_wire_id=None,
            echo=echo,
            retrieved=False,
            at=at.replace(microsecond=0),
        )
        await self.write(said, via)
        await self.works()

    async def hears(self) -> None:
        """Only its follower is woken."""
        self.house.wakes.here(Topic.FEED)
        await self._ear.duty()

    async def works(self) -> None:
        await self.hears()
        self.house.advance(0)
        await self.notifier.duty()

    async def passes(self, seconds: float) -> None:
        self.house.advance(seconds)
        await self.notifier.duty()

    async def queued(self) -> list[tuple[ChannelId, str, str]]:
        """Everything in outboxes: through which channel, to whom, the text."""
        rows = await self.house.fetch(
            "select m.channel_id, c.address, m.body ->> 'text' as text"
            " from messages m join chats c on c.id = m.chat_id order by m.id"
        )
        return [(row["channel_id"], row["address"], row["text"]) for row in rows]


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    clock = StoppedClock(pauses_are_real=False)
    async with housed(database_url, loops=(), clock=clock) as house:
        office = Office(house, await house.account())
        await office.hears()
        yield office


NIGHT: dict[str, Any] = {"quiet_from": time(0), "quiet_until": time(23, 59, 59)}
