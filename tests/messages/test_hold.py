"""Laws M2 and M3: a real channel is led into each status that holds, and out of it again, by its real cause."""

from collections.abc import Awaitable, Callable

import pytest

from houston.channels.orders import (
    Check,
    Command,
    Disable,
    Enable,
    EnableHere,
    PaidChanged,
    Rescan,
)
from houston.channels.state import Status
from houston.channels.store import Channel
from houston.channels.views import QueueView
from houston.kernel.ids import ChannelId
from houston.messages import store_reading
from houston.messages.rules import MessageStatus
from houston.messages.views import message_view, waits_for
from houston.transports.events import (
    Banned,
    ConfirmationAsked,
    ConfirmationKind,
    Event,
    LoggedOut,
    LogoutCause,
    Offline,
    Paired,
    PhoneLost,
    PhoneSeen,
    Replaced,
)
from tests.clocks import StoppedClock
from tests.houses import PHONE, House, housed, until
from tests.statuses import HOLDING
from tests.wires import Messenger

Step = Callable[[House, ChannelId], Awaitable[None]]


async def hears(house: House, channel: ChannelId, event: Event) -> None:
    await house.messenger.of(channel).say(event)


def works_by_now(house: House, channel: ChannelId) -> bool:
    """Whether it works; if not, a few seconds pass."""
    works = house.is_in(channel, Status.ACTIVE)
    if not works:
        house.advance(3)
    return works


async def is_logged_out(house: House, channel: ChannelId) -> None:
    await hears(house, channel, LoggedOut(LogoutCause.UNLINKED_ON_PHONE))
    await until(lambda: not house.messenger.of(channel).open, "the wire is closed")


async def is_scanned(house: House, channel: ChannelId) -> None:
    await house.hear(channel, Rescan("anna"))
    await until(lambda: house.messenger.of(channel).open, "a code is shown")
    await hears(house, channel, Paired(PHONE, b"new keys"))


async def asks_for_a_passkey(house: House, channel: ChannelId) -> None:
    await is_logged_out(house, channel)
    await house.hear(channel, Rescan("anna"))
    await until(lambda: house.messenger.of(channel).open, "a code is shown")
    await hears(house, channel, ConfirmationAsked(ConfirmationKind.PASSKEY))


async def is_confirmed(house: House, channel: ChannelId) -> None:
    await hears(house, channel, Paired(PHONE, b"new keys"))


async def is_opened_elsewhere_again_and_again(house: House, channel: ChannelId) -> None:
    for _ in range(5):
        await hears(house, channel, Replaced())
        await until(lambda: not house.is_in(channel, Status.ACTIVE))
        await until(lambda: works_by_now(house, channel))
    await hears(house, channel, Replaced())


async def is_enabled_here(house: House, channel: ChannelId) -> None:
    await house.hear(channel, EnableHere("anna"))


async def is_banned(house: House, channel: ChannelId) -> None:
    await hears(house, channel, Banned(None, "spam"))


async def is_checked(house: House, channel: ChannelId) -> None:
    await house.hear(channel, Check("anna"))


async def loses_its_phone(house: House, channel: ChannelId) -> None:
    await hears(house, channel, PhoneLost(house.clock.now()))


async def sees_its_phone(house: House, channel: ChannelId) -> None:
    await hears(house, channel, PhoneSeen(house.clock.now()))


async def loses_its_link(house: House, channel: ChannelId) -> None:
    house.messenger.lets_in = False
    await hears(house, channel, Offline("network"))


async def gets_its_link_back(house: House, channel: ChannelId) -> None:
    house.messenger.lets_in = True
    await until(lambda: works_by_now(house, channel))


ROADS: dict[Status, tuple[Step, Step]] = {
    Status.SCAN_QR: (is_logged_out, is_scanned),
    Status.CONFIRM_ON_PHONE: (asks_for_a_passkey, is_confirmed),
    Status.OPENED_ELSEWHERE: (is_opened_elsewhere_again_and_again, is_enabled_here),
    Status.BLOCKED: (is_banned, is_checked),
    Status.PHONE_UNAVAILABLE: (loses_its_phone, sees_its_phone),
    Status.JUST_A_MINUTE: (loses_its_link, gets_its_link_back),
}


async def shown_in_queue(house: House, channel: Channel) -> QueueView:
    async with house.database.single() as tx:
        return (await house.queues(tx, [channel])).get(channel.id, QueueView())


def test_every_status_that_holds_has_its_roads_here() -> None:
    assert set(ROADS) == set(HOLDING)


@pytest.mark.parametrize("word", HOLDING)
async def test_what_is_accepted_in_a_status_that_holds_is_sent_in_order_when_it_works(
    house: House, word: Status
) -> None:
    """The sender sees that it waits, why, and since when; nothing is sent before its time."""
    away, back = ROADS[word]
    channel = await house.active()
    await away(house, channel)
    await until(lambda: house.shows(channel, word), f"it is {word}")

    accepted = [await house.say(channel, f"{n}") for n in range(4)]
    assert [one.status for one in accepted] == [word] * 4
    assert waits_for(accepted[0].status) == word.value
    seen = await shown_in_queue(house, await house.stored(channel))
    first = await house.row(accepted[0].message)
    assert (seen.length, seen.head, seen.waits_for) == (4, accepted[0].message, word.value)
    assert seen.since == first["created_at"] == house.clock.now()
    async with house.database.single() as tx:
        row = await store_reading.message(tx, first["account_id"], accepted[0].message)
    assert row is not None
    assert (message_view(row).status, message_view(row).waits_for) == ("queued", word.value)
    assert house.messenger.texts() == []

    await back(house, channel)
    await until(lambda: house.is_at(accepted[-1].message, MessageStatus.SENT))
    assert house.messenger.texts() == [f"{n}" for n in range(4)]
    assert (await shown_in_queue(house, await house.stored(channel))).length == 0


async def test_what_waits_is_kept_without_limit_of_time(house: House) -> None:
    channel = await house.active()
    await is_logged_out(house, channel)
    await until(lambda: house.shows(channel, Status.SCAN_QR))
    said = await house.say(channel)
    house.advance(400 * 24 * 3600)
    await is_scanned(house, channel)
    await until(lambda: house.is_at(said.message, MessageStatus.SENT))


@pytest.mark.parametrize(
    ("away", "back", "word"),
    [
        (Disable("anna"), Enable("anna"), Status.DISABLED),
        (PaidChanged(False), PaidChanged(True), Status.NOT_PAID),
    ],
)
async def test_what_was_accepted_stays_accepted_through_a_status_that_refuses(
    house: House, away: Command, back: Command, word: Status
) -> None:
    channel = await house.active()
    await loses_its_phone(house, channel)
    await until(lambda: house.shows(channel, Status.PHONE_UNAVAILABLE))
    said = [await house.say(channel, f"{n}") for n in range(3)]

    await house.hear(channel, away)
    await until(lambda: channel not in house.supervisor.held)
    seen = await shown_in_queue(house, await house.stored(channel))
    assert (seen.length, seen.waits_for) == (3, word.value)
    assert house.messenger.texts() == []

    await house.hear(channel, back)
    await until(lambda: house.shows(channel, Status.PHONE_UNAVAILABLE))
    await until(lambda: house.messenger.of(channel).open)
    await sees_its_phone(house, channel)
    await until(lambda: house.is_at(said[-1].message, MessageStatus.SENT))
    assert house.messenger.texts() == ["0", "1", "2"]


async def test_a_messenger_that_delivers_without_the_phone_goes_on_sending(
    database_url: str,
) -> None:
    """Law S8: linked devices do; the status is a warning then."""
    clock = StoppedClock()
    messenger = Messenger(clock, sends_without_phone=True)
    async with housed(database_url, messenger=messenger, clock=clock) as house:
        channel = await house.active()
        await loses_its_phone(house, channel)
        await until(lambda: house.shows(channel, Status.PHONE_UNAVAILABLE))
        said = await house.say(channel)
        await until(lambda: house.is_at(said.message, MessageStatus.SENT))


async def test_a_new_channel_waits_for_its_scan_from_the_first_moment(still_house: House) -> None:
    """Until a node had held it, its gate said 'Just a minute', and nobody was told to scan."""
    channel = await still_house.added()
    said = await still_house.say(channel)
    assert said.status is Status.SCAN_QR
    rows = await still_house.fetch("select from messages where direction = 2")
    assert len(rows) == 1, "Houston called"
