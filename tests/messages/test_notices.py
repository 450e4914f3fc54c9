"""Law M4: "Houston, scan the QR code" once per chat and occurrence. A node follows its own feed."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from houston.channels.orders import Rescan
from houston.channels.state import Status
from houston.kernel.facts import HoustonCalled
from houston.kernel.ids import ChannelId
from houston.kernel.wake import Topic
from houston.messages.rules import Direction, MessageStatus
from houston.transports.events import LoggedOut, LogoutCause, Paired, PhoneLost
from tests.houses import DRIVING, PHONE, House, housed, until
from tests.wires import ANNA, BORIS, Gate


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A node that also calls Houston."""
    async with housed(database_url, loops=(*DRIVING, "notice")) as house:
        yield house


async def log_out(house: House, channel: ChannelId) -> None:
    await house.messenger.of(channel).say(LoggedOut(LogoutCause.UNLINKED_ON_PHONE))
    await until(lambda: not house.messenger.of(channel).open, "the wire is closed")


async def scan(house: House, channel: ChannelId) -> None:
    await house.hear(channel, Rescan("anna"))
    await until(lambda: house.messenger.of(channel).open, "a code is shown")
    await house.messenger.of(channel).say(Paired(PHONE, b"new keys"))
    await until(lambda: house.is_in(channel, Status.ACTIVE), "it works again")


async def notices(house: House, chat: str) -> list[str]:
    rows = await house.fetch(
        "select body ->> 'text' as text from messages join chats on chats.id = chat_id"
        " where address = $1 and direction = $2",
        chat,
        Direction.NOTICE,
    )
    return [row["text"] for row in rows]


async def called(house: House) -> list[str]:
    facts = await house.facts(HoustonCalled)
    return sorted(fact.address for fact in facts if isinstance(fact, HoustonCalled))


async def test_every_chat_with_a_message_on_its_way_or_waiting_is_told_once(house: House) -> None:
    channel, gate = await house.active(), Gate(house.messenger)
    house.messenger.answer = gate
    for text in ("on its way", "waits", "waits too"):
        await house.say(channel, text, ANNA)
    await house.say(channel, "to somebody else", BORIS)
    await until(lambda: len(house.messenger.handed_over) == 2)

    await log_out(house, channel)
    await until(lambda: _is_called(house, ANNA, BORIS))
    assert await notices(house, ANNA) == ["Houston, scan the QR code"]
    assert await notices(house, BORIS) == ["Houston, scan the QR code"]


async def _is_called(house: House, *chats: str) -> bool:
    house.advance(1)
    return await called(house) == sorted(chats)


async def test_a_message_accepted_in_scan_qr_is_answered_once_per_chat_and_not_per_message(
    house: House,
) -> None:
    channel = await house.channel(Status.SCAN_QR)
    said = [await house.say(channel, f"{n}") for n in range(5)]
    assert await called(house) == [ANNA]
    assert await notices(house, ANNA) == ["Houston, scan the QR code"]
    assert await house.status_of(said[0].message) is MessageStatus.QUEUED


async def test_who_waited_before_and_writes_again_after_is_told_once(database_url: str) -> None:
    """The status change, read late, and the acceptance both call Houston: they mean the same occurrence."""
    async with housed(database_url) as house:
        await read_feed(house)
        channel = await house.active()
        house.messenger.answer = Gate(house.messenger)
        await house.say(channel, "on its way")
        await until(lambda: house.messenger.handed_over)
        await log_out(house, channel)
        await until(lambda: house.shows(channel, Status.SCAN_QR))
        house.advance(5)
        await house.say(channel, "after")
        assert await called(house) == [ANNA]
        await read_feed(house)
        assert await called(house) == [ANNA]


async def read_feed(house: House) -> None:
    house.wakes.here(Topic.FEED)
    await house.notice.duty()


async def test_the_next_occurrence_is_told_again(house: House) -> None:
    channel = await house.active()
    for times in (1, 2):
        await log_out(house, channel)
        await until(lambda: house.shows(channel, Status.SCAN_QR))
        await house.say(channel, f"said in occurrence {times}")
        await until(partial(_is_called, house, *[ANNA] * times))
        await scan(house, channel)
        await until(partial(_have_left, house, times))
        house.advance(60)


def _have_left(house: House, times: int) -> bool:
    return len(house.messenger.handed_over) == times


async def test_where_nothing_waits_nobody_is_disturbed(house: House) -> None:
    channel = await house.active()
    said = await house.say(channel)
    await until(lambda: house.is_at(said.message, MessageStatus.SENT))
    await log_out(house, channel)
    await until(lambda: house.shows(channel, Status.SCAN_QR))
    last = await house.say(channel, "now it waits", BORIS)
    await until(lambda: _is_called(house, BORIS))
    assert await house.status_of(last.message) is MessageStatus.QUEUED


async def test_other_statuses_that_hold_call_nobody(house: House) -> None:
    channel = await house.active()
    await house.messenger.of(channel).say(PhoneLost(house.clock.now()))
    await until(lambda: house.shows(channel, Status.PHONE_UNAVAILABLE))
    await house.say(channel, "waits for the phone", BORIS)
    assert await called(house) == []
    await log_out(house, channel)
    await until(lambda: _is_called(house, BORIS))  # The first call is that of the scan.
