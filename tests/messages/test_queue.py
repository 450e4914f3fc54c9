"""Laws M8 and M9: what waits can be seen and taken out, and a long queue leaves at a human pace."""

from datetime import timedelta
from functools import partial

import pytest

from houston.channels.state import Status
from houston.channels.views import QueueView
from houston.kernel.ids import ChannelId, MessageId, new_id
from houston.messages import store_reading
from houston.messages.rules import MessageStatus
from houston.messages.views import message_view
from houston.transports.events import PhoneLost, PhoneSeen
from houston.transports.transport import NotSent, Pacing, Retry
from tests.clocks import StoppedClock
from tests.houses import PHONE, House, housed, put, until
from tests.statuses import HOLDING, state_in
from tests.wires import ANNA, BORIS, Gate, Messenger, Scripted, incoming

HUMAN = Pacing(per_minute=10, burst=3)


async def seen(house: House, channel: ChannelId) -> QueueView:
    async with house.database.single() as tx:
        found = await house.queues(tx, [await house.stored(channel)])
    return found.get(channel, QueueView())


async def active_without_phone(house: House) -> ChannelId:
    """It is held and would send, but for its phone."""
    channel = await house.active()
    await house.messenger.of(channel).say(PhoneLost(house.clock.now()))
    await until(lambda: house.is_in(channel, Status.PHONE_UNAVAILABLE))
    return channel


async def test_a_queue_shows_its_length_its_head_why_it_waits_and_since_when(
    still_house: House,
) -> None:
    house, channel = still_house, await still_house.channel(Status.SCAN_QR)
    assert await seen(house, channel) == QueueView()
    first = await house.say(channel, "first", ANNA)
    since = house.clock.now()
    house.advance(3600)
    await house.say(channel, "second", BORIS)

    view = await seen(house, channel)
    assert (view.length, view.head) == (2, first.message)
    assert (view.waits_for, view.since) == ("SCAN_QR", since)


async def test_what_is_about_other_messages_is_in_the_queue_and_is_not_counted_as_one(
    house: House,
) -> None:
    channel = await house.active()
    account = (await house.stored(channel)).account
    await house.messenger.of(channel).say(incoming(house.clock, "w1", "Is it ready?"))
    (heard,) = await house.fetch("select id from messages where wire_id = 'w1'")
    await house.messenger.of(channel).say(PhoneLost(house.clock.now()))
    await until(lambda: house.is_in(channel, Status.PHONE_UNAVAILABLE))
    await house.outbox.react(account, MessageId(heard["id"]), "👍", "Olga")
    assert (await seen(house, channel)).messages == 0
    await house.say(channel, "It is", ANNA)

    view = await seen(house, channel)
    assert (view.length, view.messages) == (2, 1)
    async with house.database.single() as tx:
        rows = await store_reading.waiting(tx, account, channel, 10)
    assert [message_view(row).kind for row in rows] == ["react", "say"]


async def test_a_message_that_is_to_be_tried_again_says_when(house: House) -> None:
    channel = await house.active()
    in_a_minute = house.clock.now() + timedelta(minutes=1)
    busy = NotSent(retry=Retry.LATER, code="busy", text="later", not_before=in_a_minute)
    house.messenger.answer = Scripted(house.messenger, hello=[busy])
    said = await house.say(channel)
    await until(lambda: _tried(house, said.message))
    view = await seen(house, channel)
    assert (view.waits_for, view.next_try_at) == ("retry", in_a_minute)
    house.advance(61)
    await until(lambda: house.is_at(said.message, MessageStatus.SENT))
    assert await seen(house, channel) == QueueView()


async def _tried(house: House, message: object) -> bool:
    rows = await house.fetch("select not_before from messages where id = $1", message)
    return rows[0]["not_before"] is not None


@pytest.mark.parametrize("word", [*HOLDING, Status.DISABLED, Status.NOT_PAID, Status.DELETED])
async def test_one_or_many_can_be_taken_out_in_any_status(still_house: House, word: Status) -> None:
    house, channel = still_house, await still_house.channel(Status.SCAN_QR)
    account = (await house.stored(channel)).account
    said = [(await house.say(channel, f"{n}")).message for n in range(4)]
    async with house.database.transaction() as tx:
        await put(tx, channel, state_in(word, PHONE))

    assert await house.outbox.cancel(account, channel, [said[1]]) == [said[1]]
    assert await house.waiting(channel) == ["0", "2", "3"]
    assert await house.outbox.cancel(account, channel, [said[1], new_id()]) == []
    assert set(await house.outbox.cancel(account, channel, None)) == {said[0], *said[2:]}
    assert await house.waiting(channel) == []
    assert await house.status_of(said[0]) is MessageStatus.CANCELLED


async def test_what_is_on_its_way_is_not_taken_out(house: House) -> None:
    channel, gate = await house.active(), Gate(house.messenger)
    house.messenger.answer = gate
    account = (await house.stored(channel)).account
    under_way, waits = [(await house.say(channel, text)).message for text in ("1", "2")]
    await until(lambda: house.messenger.texts() == ["1"])
    assert await house.outbox.cancel(account, channel, None) == [waits]
    gate.open()
    await until(lambda: house.is_at(under_way, MessageStatus.SENT))
    assert house.messenger.texts() == ["1"]


async def test_after_a_long_outage_the_flush_is_paced_and_the_pace_is_seen(
    database_url: str,
) -> None:
    """Thirty messages at ten a minute: no burst for which a number would be banned."""
    clock = StoppedClock()
    async with housed(database_url, messenger=Messenger(clock, pacing=HUMAN), clock=clock) as house:
        channel = await active_without_phone(house)
        said = [await house.say(channel, f"{n}") for n in range(30)]
        house.advance(9 * 3600)
        await house.messenger.of(channel).say(PhoneSeen(clock.now()))
        await until(lambda: len(house.messenger.handed_over) == HUMAN.burst)
        await until(lambda: _settled(house), "the burst is written down")

        view = await seen(house, channel)
        assert (view.length, view.waits_for) == (27, "pacing")
        assert view.next_try_at == clock.now() + timedelta(seconds=6)
        for minute in range(1, 3):
            for _ in range(10):
                house.advance(6)
                await until(lambda: _settled(house))
            assert len(house.messenger.handed_over) == HUMAN.burst + 10 * minute
        while not await house.is_at(said[-1].message, MessageStatus.SENT):
            house.advance(6)
            await until(lambda: _settled(house))
        assert house.messenger.texts() == [f"{n}" for n in range(30)]


async def _settled(house: House) -> bool:
    """Everything that the pace allows by now has left, and is written down."""
    rows = await house.fetch(
        "select count(*) from messages where status = $1", MessageStatus.SENT.value
    )
    burst, seconds = HUMAN.burst, house.clock.monotonic() - 1_000 - 9 * 3600
    return bool(rows[0]["count"] >= min(30, burst + int(seconds * 10 / 60)))


async def test_a_channel_may_be_given_a_pace_of_its_own(house: House) -> None:
    channel = await active_without_phone(house)
    await house.fetch(
        "update channels set pacing_per_minute = 2 where id = $1 returning id", channel
    )
    for n in range(5):
        await house.say(channel, f"{n}")
    await house.messenger.of(channel).say(PhoneSeen(house.clock.now()))
    for left in (["0"], ["0", "1"], ["0", "1", "2"]):
        await until(partial(_have_left, house, left))
        assert (await seen(house, channel)).waits_for == "pacing"
        house.advance(30)


def _have_left(house: House, texts: list[str]) -> bool:
    return house.messenger.texts() == texts
