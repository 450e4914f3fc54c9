"""When the loop that tells is woken: it runs here, and would look by itself only once a minute."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from houston.channels.state import Reason, Status
from houston.curators.notifier import Notifier
from houston.kernel.facts import StatusChanged
from houston.kernel.ids import ChannelId
from houston.kernel.loop import end, keep
from tests.curators.conftest import Office
from tests.houses import until

FIRST, SECOND = "79001110001", "79001110002"


class Turns:
    """How often the loop has turned."""

    def __init__(self, notifier: Notifier) -> None:
        self.number = 0
        self._notifier = notifier

    async def duty(self) -> None:
        self.number += 1
        await self._notifier.duty()


@pytest.fixture
async def turns(office: Office, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Turns]:
    monkeypatch.setattr("houston.curators.notifier._LOOK_EVERY_SECONDS", 60.0)
    turns = Turns(office.notifier)
    task = asyncio.create_task(keep(turns.duty, "notifier", office.house.clock))
    await until(lambda: turns.number, "it has begun")
    yield turns
    await end(task)


async def hear(office: Office, channel: ChannelId, old: Status, new: Status) -> None:
    at = office.house.clock.now()
    fact = StatusChanged(
        old=old,
        new=new,
        state=None,
        reason=Reason.LOGGED_OUT_EVERYWHERE,
        actor="houston",
        at=at,
        evidence_at=None,
    )
    await office.write(fact, channel)
    await office.hears()


@pytest.mark.usefixtures("turns")
async def test_what_is_to_be_told_is_told_at_once(office: Office) -> None:
    down = await office.channel(FIRST)
    await office.channel(SECOND)
    await office.curator()
    await hear(office, down, Status.ACTIVE, Status.SCAN_QR)
    await until(office.queued, "it is on its way")


async def test_facts_that_are_no_news_for_anybody_wake_nobody(office: Office, turns: Turns) -> None:
    channel = await office.channel(FIRST)
    await hear(office, channel, Status.ACTIVE, Status.ACTIVE)
    await hear(office, channel, Status.ACTIVE, Status.ACTIVE)
    assert turns.number == 1
