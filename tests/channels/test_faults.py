"""Links that fail over and over with something that Houston has no word for: whoever runs it is told."""

from datetime import datetime, timedelta

import pytest

from houston.channels import store
from houston.channels.changed import changed
from houston.channels.orders import Check
from houston.channels.state import FAULTS_MAX, Status, recent_faults
from houston.kernel.ids import ChannelId
from houston.transports.events import Faulted, Offline
from tests.channels.life import Life, active_channel
from tests.houses import House, until
from tests.loops import Logged

MINUTE = 60.0


def faulted(life: Life, seconds_between: float, times: int) -> int:
    """How many faults count in the end."""
    for _ in range(times):
        life.hear(Faulted("refused_409", ""))
        life.live_well(seconds_between)
    return recent_faults(life.state, life.now)


@pytest.mark.parametrize(
    ("seconds_between", "times", "count"),
    [(31, 4, 4), (31, 5, 5), (31, 50, 5), (119, 5, 5), (121, 5, 4), (3 * MINUTE, 50, 3)],
)
def test_faults_of_the_last_ten_minutes_count_whether_or_not_it_worked_in_between(
    seconds_between: float, times: int, count: int
):
    assert faulted(active_channel(), seconds_between, times) == count


def test_a_link_that_is_lost_without_a_fault_does_not_count():
    life = active_channel()
    for _ in range(9):
        life.hear(Offline("network"))
        life.wait(30)
    assert recent_faults(life.state, life.now) == 0


def now(house: House) -> datetime:
    return house.clock.now()


async def fails(house: House, channel: ChannelId, times: int) -> None:
    """Each time somebody has it looked after, and it comes back."""
    for _ in range(times):
        house.clock.advance(0.01)
        await house.messenger.of(channel).hear(Faulted("refused_409", ""))
        await until(lambda: now(house) in house.supervisor.held[channel].state.faults, "it failed")
        house.supervisor.tell(channel, Check(actor="person:anna"))
        await until(lambda: house.is_in(channel, Status.ACTIVE), "it is back")


async def test_the_fifth_fault_in_ten_minutes_is_logged_once_with_what_may_help(
    house: House, logged: Logged
):
    def told() -> list[tuple[str, str]]:
        lines = [line for line in logged if line["event"] == "channel_faults"]
        assert all(line["log_level"] == "error" and line["cure"] for line in lines)
        return [(line["channel"], line["detail"]) for line in lines]

    channel = await house.active()
    await fails(house, channel, FAULTS_MAX - 1)
    assert told() == []
    await fails(house, channel, 9)
    assert told() == [(str(channel), "refused_409")]


async def test_the_doctor_finds_the_channels_that_fail_over_and_over(house: House):
    async def found(at: datetime) -> list[str]:
        async with house.database.transaction() as tx:
            held = await store.lock(tx, channel)
            assert held is not None
            state = changed(held.state, faults=(at,) * FAULTS_MAX, detail="refused_409")
            await store.save(tx, channel, state, "JUST_A_MINUTE", accepting=True)
            return await store.faulty(tx, now)

    channel = await house.channel(Status.JUST_A_MINUTE)
    now = house.clock.now()
    assert await found(now - timedelta(minutes=9)) == ["refused_409"]
    assert await found(now - timedelta(minutes=11)) == []
