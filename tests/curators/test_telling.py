"""Facts go into the feed, notices come out of the outbox or by a route; loops are turned by hand."""

import asyncio
from datetime import timedelta

import pytest

from houston.channels.state import Status
from houston.curators.rules import Want
from houston.kernel.errors import OutOfReach
from houston.kernel.ids import ChannelId
from houston.kernel.money import BalanceExhausted, BalanceForecast
from houston.messages.outbox import Outbox, Saying
from houston.messages.rules import MessageStatus
from tests.curators.conftest import MARY, NIGHT, Office

FIRST, SECOND, THIRD = "79001110001", "79001110002", "79001110003"


async def test_c1_is_told_through_another_active_channel_what_happened_and_what_to_do(
    office: Office,
) -> None:
    down, up = await office.channel(FIRST), await office.channel(SECOND)
    await office.curator()
    await office.turns(down, Status.SCAN_QR)
    ((via, address, text),) = await office.queued()
    assert (via, address) == (up, MARY)
    assert "Front desk" in text
    assert FIRST in text
    assert "Scan the QR code" in text
    assert "What to do:" in text


async def test_c1_the_channel_that_carries_is_chosen_fairly(office: Office) -> None:
    down = await office.channel(FIRST)
    others = {await office.channel(SECOND), await office.channel(THIRD)}
    await office.curator()
    await office.curator("79165550002")
    await office.turns(down, Status.SCAN_QR)
    assert {via for via, _, _ in await office.queued()} == others


async def test_c1_never_tells_a_number_that_is_a_channel_of_the_account(office: Office) -> None:
    down = await office.channel(FIRST)
    await office.channel(SECOND)
    await office.channel(THIRD)
    await office.curator(THIRD, routes=["json://localhost"])
    await office.turns(down, Status.SCAN_QR)
    assert await office.queued() == []
    assert len(office.post.came) == 1


async def test_c1_when_the_only_active_channel_dies_the_route_is_taken(office: Office) -> None:
    down = await office.channel(FIRST)
    await office.curator(routes=["json://localhost"])
    await office.turns(down, Status.SCAN_QR)
    assert await office.queued() == []
    ((_, text),) = office.post.came
    assert "Scan the QR code" in text


async def test_c1_what_nobody_can_carry_is_tried_again_until_somebody_can(office: Office) -> None:
    down = await office.channel(FIRST)
    await office.curator(routes=["json://localhost"])
    office.post.open = False
    await office.turns(down, Status.SCAN_QR)
    office.post.open = True
    await office.passes(30 * 60)
    assert len(office.post.came) == 1


async def test_c1_only_who_wants_statuses_of_that_channel_is_told(office: Office) -> None:
    down, up = await office.channel(FIRST), await office.channel(SECOND)
    await office.curator("79165550002", wants=frozenset({Want.BALANCE}))
    await office.curator("79165550003", channels=[up])
    await office.curator(channels=[down])
    await office.turns(down, Status.SCAN_QR)
    assert [address for _, address, _ in await office.queued()] == [MARY]


async def test_c2_forty_flaps_in_an_hour_are_one_message_and_one_all_clear(office: Office) -> None:
    flaps = await office.channel(FIRST)
    await office.channel(SECOND)
    await office.curator()
    for _ in range(40):
        await office.turns(flaps, Status.PHONE_UNAVAILABLE)
        await office.passes(60)
        await office.turns(flaps, Status.ACTIVE, old=Status.PHONE_UNAVAILABLE)
        await office.passes(30)
    await office.passes(300)
    stopped, working = [text for _, _, text in await office.queued()]
    assert "has stopped" in stopped
    assert "works again" in working
    assert "59 min" in working or "1 h" in working


async def test_c3_when_the_money_is_out_the_amount_needed_is_told(office: Office) -> None:
    await office.channel(FIRST)
    await office.curator(language="ru")
    now = office.house.clock.now()
    fact = BalanceExhausted(balance=5, currency="EUR", needed=1295, channels=1, at=now)
    await office.write(fact)
    await office.works()
    ((_, _, text),) = await office.queued()
    assert "12.95 EUR" in text
    assert "баланс" in text


async def test_two_nodes_tell_once(office: Office) -> None:
    down = await office.channel(FIRST)
    await office.channel(SECOND)
    await office.curator()
    await office.turns(down, Status.PHONE_UNAVAILABLE)
    office.house.advance(200)
    await asyncio.gather(office.notifier.duty(), office.another().duty())
    assert len(await office.queued()) == 1


@pytest.mark.parametrize("stored", [False, True], ids=["before", "after"])
async def test_a_node_that_dies_around_the_sending_is_made_up_for_and_never_doubled(
    office: Office, stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = await office.channel(FIRST)
    await office.channel(SECOND)
    await office.channel(THIRD)
    await office.curator()
    say = Outbox.say

    async def dies(outbox: Outbox, saying: Saying) -> None:
        if stored:
            await say(outbox, saying)
        raise OutOfReach("the node is gone")

    with monkeypatch.context() as planted:
        planted.setattr(Outbox, "say", dies)
        with pytest.raises(OutOfReach):
            await office.turns(down, Status.SCAN_QR)
    await office.another().duty()
    assert len(await office.queued()) == stored
    office.house.advance(61)
    await office.another().duty()
    assert len(await office.queued()) == 1


async def test_quiet_hours_wait_and_what_is_over_by_then_is_not_told(office: Office) -> None:
    down = await office.channel(FIRST)
    await office.channel(SECOND)
    await office.curator(**NIGHT)
    await office.turns(down, Status.SCAN_QR)
    assert await office.queued() == []
    await office.turns(down, Status.ACTIVE, old=Status.SCAN_QR)
    await office.passes(timedelta(days=1).total_seconds())
    assert await office.queued() == []


async def test_who_is_asked_second_is_told_only_while_nobody_has_acknowledged(
    office: Office,
) -> None:
    down: ChannelId = await office.channel(FIRST)
    await office.channel(SECOND)
    await office.curator()
    await office.curator("79165550002", after_minutes=15)
    await office.turns(down, Status.SCAN_QR)
    assert [address for _, address, _ in await office.queued()] == [MARY]
    await office.passes(15 * 60)
    assert [address for _, address, _ in await office.queued()] == [MARY, "79165550002"]


async def test_c1_a_channel_never_tells_of_itself_not_even_when_it_is_back_for_a_moment(
    office: Office,
) -> None:
    flaps = await office.channel(FIRST)
    await office.curator()
    await office.turns(flaps, Status.SCAN_QR)
    await office.turns(flaps, Status.ACTIVE, old=Status.SCAN_QR)
    await office.passes(100)
    assert await office.queued() == []


async def test_c2_an_account_may_wait_longer_before_a_passing_trouble_is_told(
    office: Office,
) -> None:
    await office.choose(notice_delay_minutes=10)
    down, _ = await office.channel(FIRST), await office.channel(SECOND)
    await office.curator()
    await office.turns(down, Status.PHONE_UNAVAILABLE)
    await office.passes(9 * 60)
    assert await office.queued() == []
    await office.passes(61)
    assert len(await office.queued()) == 1


async def test_c3_an_account_may_choose_with_how_many_days_of_money_left_it_is_warned(
    office: Office,
) -> None:
    await office.choose(warning_days=[2, 14])
    await office.channel(FIRST)
    await office.curator()
    told = []
    for days in (20, 14, 8, 7, 3, 2, 1):
        await office.write(
            BalanceForecast(
                balance=days * 100,
                currency="EUR",
                daily=100,
                money_until=office.house.clock.now() + timedelta(days=days),
                at=office.house.clock.now(),
            )
        )
        await office.works()
        told.append(len(await office.queued()))
    assert told == [0, 1, 1, 1, 1, 2, 2]


async def test_c1_a_notice_in_a_channel_that_stops_before_it_left_goes_another_way(
    office: Office,
) -> None:
    down = await office.channel(FIRST)
    carrier = await office.channel(SECOND)
    await office.curator(routes=["json://mail"])
    await office.turns(down, Status.SCAN_QR)
    assert len(await office.queued()) == 1
    await office.house.set_status(carrier, Status.SCAN_QR)
    await office.passes(30)
    assert office.post.came == []
    await office.passes(31)
    await office.passes(1)
    [(_, text)] = office.post.came
    assert FIRST in text

    await office.house.set_status(carrier, Status.ACTIVE)
    await office.passes(100)
    waits = await office.house.fetch("select status from messages")
    assert [row["status"] for row in waits] == [MessageStatus.CANCELLED]


async def test_a_notice_that_has_left_is_not_told_again_when_its_channel_stops(
    office: Office,
) -> None:
    down = await office.channel(FIRST)
    await office.channel(SECOND)
    await office.channel("79990000003")
    await office.curator()
    await office.turns(down, Status.SCAN_QR)
    [(via, _, _)] = await office.queued()
    await office.house.fetch("update messages set status = $1", MessageStatus.SENT)
    await office.house.set_status(via, Status.SCAN_QR)
    await office.passes(61)
    await office.passes(1)
    assert len(await office.queued()) == 1


async def test_c1_what_whatsapp_will_never_take_goes_by_a_route_or_says_that_it_could_not(
    office: Office,
) -> None:
    down = await office.channel(FIRST)
    await office.channel(SECOND)
    with_route = await office.curator(routes=["json://mail"])
    without = await office.curator("79165550002")
    await office.turns(down, Status.SCAN_QR)
    assert len(await office.queued()) == 2
    await office.house.fetch(
        "update messages set status = $1, error_code = 'not_on_whatsapp', error_text = 'Nobody is there'",
        MessageStatus.FAILED,
    )
    await office.passes(1)
    await office.passes(1)
    [(routes, text)] = office.post.came
    assert (routes, FIRST in text) == (["json://mail"], True)
    assert len(await office.queued()) == 2, "no other channel is tried in vain"
    notices = await office.house.fetch("select * from notices where kind = 'stopped'")
    said = {row["curator_id"]: (row["way"], row["open"], row["error"]) for row in notices}
    assert said[with_route] == ("route", False, None)
    way, is_open, error = said[without]
    assert (way, is_open) == (None, False)
    assert error == "WhatsApp did not take it: Nobody is there, and no route took it"


async def test_c1_what_nobody_could_carry_goes_as_soon_as_a_channel_works(office: Office) -> None:
    """After a restart of the server no channel works for a moment; the next try came a minute later."""
    down, other = await office.channel(FIRST), await office.channel(SECOND)
    await office.curator()
    await office.house.set_status(other, Status.JUST_A_MINUTE)
    await office.turns(down, Status.SCAN_QR)
    assert await office.queued() == []
    await office.turns(other, Status.ACTIVE, old=Status.JUST_A_MINUTE)
    assert [via for via, _, _ in await office.queued()] == [other]
