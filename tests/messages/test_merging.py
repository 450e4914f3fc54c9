"""One person, two addresses: chats become one, and a referee with books of its own counts what is in them.

Messages are heard by the receiver as wires tell them; where the order of sending matters, a node sends.
"""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from houston.channels.state import Status
from houston.kernel.facts import ChatMerged
from houston.kernel.ids import ChannelId, chat_id
from houston.messages.rules import MessageStatus
from houston.transports.events import Echoed, Incoming, Receipt, ReceiptKind
from houston.transports.transport import Outgoing, SendResult, Sent
from tests.houses import House, housed, until
from tests.wires import ANNA, BORIS, Gate, Messenger

HIDDEN = "100079160000001@lid"
AT = datetime(2026, 1, 1, 9, tzinfo=UTC)


def wrote(wire_id: str, address: str, hidden: str | None = None, minute: int = 0) -> Incoming:
    return Incoming(
        wire_id=wire_id,
        chat=address,
        author=address,
        text=f"text of {wire_id}",
        sent_at=AT + timedelta(minutes=minute),
        hidden=hidden,
    )


async def hears(house: House, channel: ChannelId, *said: Incoming | Echoed | Receipt) -> None:
    for event in said:
        await house.receiver.hear(channel, event)


async def chats(house: House) -> list[str]:
    return [row["address"] for row in await house.fetch("select address from chats order by 1")]


async def test_a_chat_that_began_under_a_hidden_address_goes_on_under_the_number(
    still_house: House,
) -> None:
    house = still_house
    channel = await house.channel(Status.ACTIVE)
    await hears(house, channel, wrote("A", HIDDEN), wrote("B", HIDDEN))
    assert await chats(house) == [HIDDEN]
    await hears(house, channel, wrote("C", ANNA, HIDDEN))
    assert await chats(house) == [ANNA]
    rows = await house.fetch("select wire_id, author, chat_id from messages order by seq")
    assert [(row["wire_id"], row["author"]) for row in rows] == [(w, ANNA) for w in "ABC"]
    assert {row["chat_id"] for row in rows} == {chat_id(channel, ANNA)}
    (chat,) = await house.fetch("select unanswered, they_wrote from chats")
    assert (chat["unanswered"], chat["they_wrote"]) == (3, True)
    (told,) = await house.facts(ChatMerged)
    assert isinstance(told, ChatMerged)
    assert (told.address, told.hidden) == (ANNA, HIDDEN)
    assert (told.chat_id, told.merged_chat_id) == (
        chat_id(channel, ANNA),
        chat_id(channel, HIDDEN),
    )


async def test_what_is_heard_under_either_address_is_one_message(still_house: House) -> None:
    house = still_house
    channel = await house.channel(Status.ACTIVE)
    await hears(house, channel, wrote("A", HIDDEN), wrote("A", ANNA, HIDDEN))
    await hears(house, channel, wrote("A", HIDDEN), wrote("B", HIDDEN))
    rows = await house.fetch("select wire_id from messages order by seq")
    assert [row["wire_id"] for row in rows] == ["A", "B"]
    assert await chats(house) == [ANNA]
    assert (await house.fetch("select unanswered from chats"))[0]["unanswered"] == 2


async def test_a_receipt_finds_its_message_after_the_merge(still_house: House) -> None:
    house = still_house
    channel = await house.channel(Status.ACTIVE)
    said = await house.say(channel, "hello", HIDDEN)
    wire_id = str((await house.row(said.message))["wire_id"])
    await hears(house, channel, wrote("A", ANNA, HIDDEN))
    read = Receipt(wire_ids=(wire_id,), chat=HIDDEN, kind=ReceiptKind.READ, at=AT)
    await hears(house, channel, read)
    assert await house.status_of(said.message) is MessageStatus.READ


@dataclass
class OneAtATime:
    """Takes its time, and notes how many of the later messages were on their way at once."""

    messenger: Messenger
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    now: int = 0
    most: int = 0

    async def __call__(self, message: Outgoing) -> SendResult:
        is_counted = self.opened.is_set()
        self.now += is_counted
        self.most = max(self.most, self.now)
        await self.opened.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        self.now -= is_counted
        return Sent(message.wire_id, self.messenger.clock.now())


async def test_two_queues_become_one_in_the_order_of_acceptance(database_url: str) -> None:
    async with housed(database_url) as house:
        channel, slow = await house.active(), OneAtATime(house.messenger)
        house.messenger.answer = slow
        for n in range(6):
            await house.say(channel, f"{n}", (HIDDEN, ANNA)[n % 2])
        await until(lambda: len(house.messenger.handed_over) == 2)  # One of each chat.
        await hears(house, channel, wrote("A", ANNA, HIDDEN))
        slow.opened.set()
        await until(lambda: len(house.messenger.handed_over) == 6)
        assert house.messenger.texts() == ["0", "1", "2", "3", "4", "5"]
        assert house.messenger.texts(HIDDEN) == ["0"]
        assert slow.most == 1


async def test_nothing_overtakes_what_was_on_its_way_when_the_chats_became_one(
    database_url: str,
) -> None:
    async with housed(database_url) as house:
        channel, gate = await house.active(), Gate(house.messenger)
        house.messenger.answer = gate
        await house.say(channel, "first", HIDDEN)
        await until(lambda: house.messenger.texts() == ["first"])
        await hears(house, channel, wrote("A", ANNA, HIDDEN))
        await house.say(channel, "second", ANNA)
        await house.say(channel, "elsewhere", BORIS)
        await until(lambda: len(house.messenger.handed_over) > 1)
        assert house.messenger.texts() == ["first", "elsewhere"]
        gate.open()
        await until(lambda: house.messenger.texts(ANNA) == ["second"])


async def test_who_still_writes_to_the_hidden_address_writes_into_the_chat_of_the_number(
    still_house: House,
) -> None:
    house = still_house
    channel = await house.channel(Status.ACTIVE)
    await hears(house, channel, wrote("A", HIDDEN), wrote("B", ANNA, HIDDEN))
    said = await house.say(channel, "hello", HIDDEN)
    assert said.chat == chat_id(channel, ANNA)
    assert await chats(house) == [ANNA]


# --- A referee ---------------------------------------------------------------------------------


@dataclass
class Referee:
    """Knows by itself what was said: every message once, and what waits in the order of acceptance."""

    heard: set[str] = field(default_factory=set)
    queued: list[str] = field(default_factory=list)

    async def judge(self, house: House, channel: ChannelId) -> None:
        rows = await house.fetch("select wire_id from messages where direction = 0")
        assert sorted(row["wire_id"] for row in rows) == sorted(self.heard)
        assert await house.waiting(channel) == self.queued
        orphans = await house.fetch(
            "select m.id from messages m left join chats c on c.id = m.chat_id where c.id is null"
        )
        assert orphans == []


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_is_heard_in_whatever_order_nothing_is_lost_or_doubled(
    still_house: House, seed: int
) -> None:
    house, chance = still_house, random.Random(seed)
    channel = await house.channel(Status.ACTIVE)
    people = [(f"7916000000{n}", f"10007916000000{n}@lid") for n in range(3)]
    referee, said = Referee(), [f"M{n}" for n in range(12)]
    for step in range(60):
        number, hidden = chance.choice(people)
        wire_id = f"{number}{chance.choice(said)}"
        match chance.randrange(5):
            case 0 | 1:
                await hears(house, channel, wrote(wire_id, hidden))
                referee.heard.add(wire_id)
            case 2:
                await hears(house, channel, wrote(wire_id, number, chance.choice([None, hidden])))
                referee.heard.add(wire_id)
            case _:
                text = f"{step}"
                await house.say(channel, text, chance.choice([number, hidden]))
                referee.queued.append(text)
    for number, hidden in people:
        await hears(house, channel, wrote(f"{number}last", number, hidden))
        referee.heard.add(f"{number}last")
    await referee.judge(house, channel)
    assert await chats(house) == [number for number, _ in people]
