"""Law M5: per chat strictly first in, first out. A node sends to a messenger that notes what came when."""

import asyncio
import random

from houston.channels.orders import Disable, Enable
from houston.channels.state import Status
from houston.kernel.wake import Topic
from houston.messages.rules import MessageStatus
from houston.transports.events import Offline
from houston.transports.transport import NotSent, Outgoing, Retry, SendResult
from tests.houses import House, housed, until
from tests.loops import Logged
from tests.wires import ANNA, BORIS, Gate, Scripted

BUSY = NotSent(retry=Retry.NOW, code="busy", text="try again")
NEVER = NotSent(retry=Retry.NEVER, code="not_on_whatsapp", text="no such number")
OURS = "person:anna"


async def test_the_messages_of_a_chat_arrive_in_the_order_of_accepting(house: House) -> None:
    channel = await house.active()
    said = [await house.say(channel, f"{n}") for n in range(30)]
    await until(lambda: house.is_at(said[-1].message, MessageStatus.SENT))
    assert house.messenger.texts(ANNA) == [f"{n}" for n in range(30)]


async def test_messages_that_are_accepted_at_once_keep_the_order_of_asking(house: House) -> None:
    channel = await house.active()
    owner = (await house.stored(channel)).account
    await asyncio.gather(*(house.say(channel, f"{n}", account=owner) for n in range(100)))
    await until(lambda: len(house.messenger.handed_over) == 100)
    assert house.messenger.texts(ANNA) == [f"{n}" for n in range(100)]


async def test_one_message_of_a_chat_is_on_its_way_at_a_time_and_of_many_chats_at_once(
    house: House,
) -> None:
    channel, gate = await house.active(), Gate(house.messenger)
    house.messenger.answer = gate
    for n in range(3):
        await house.say(channel, f"{n}", ANNA)
        await house.say(channel, f"{n}", BORIS)
    await until(lambda: len(house.messenger.handed_over) == 2)
    assert {sent.chat for sent in house.messenger.handed_over} == {ANNA, BORIS}
    gate.open()
    await until(lambda: len(house.messenger.handed_over) == 6)
    assert house.messenger.texts(BORIS) == ["0", "1", "2"]


async def test_what_was_not_sent_for_now_returns_to_its_place(house: House) -> None:
    channel = await house.active()
    house.messenger.answer = Scripted(house.messenger, second=[BUSY, BUSY])
    said = [await house.say(channel, text) for text in ("first", "second", "third")]
    await until(lambda: house.messenger.texts() == ["first", "second"])
    await until(lambda: house.is_at(said[1].message, MessageStatus.QUEUED))
    house.advance(1)
    await until(lambda: house.messenger.texts() == ["first", "second", "second"])
    house.advance(2)
    await until(lambda: house.is_at(said[2].message, MessageStatus.SENT))
    assert house.messenger.texts() == ["first", "second", "second", "second", "third"]


async def test_a_chat_that_must_wait_holds_up_no_other_chat(house: House) -> None:
    channel = await house.active()
    house.messenger.answer = Scripted(house.messenger, stuck=[BUSY])
    await house.say(channel, "stuck", ANNA)
    await until(lambda: house.messenger.texts() == ["stuck"])
    await house.say(channel, "behind it", ANNA)
    boris = await house.say(channel, "hello", BORIS)
    await until(lambda: house.is_at(boris.message, MessageStatus.SENT))
    assert house.messenger.texts(ANNA) == ["stuck"]


async def test_a_message_that_fails_for_good_does_not_hold_up_the_next(house: House) -> None:
    channel = await house.active()
    house.messenger.answer = Scripted(house.messenger, bad=[NEVER])
    bad, good = await house.say(channel, "bad"), await house.say(channel, "good")
    await until(lambda: house.is_at(good.message, MessageStatus.SENT))
    row = await house.row(bad.message)
    assert (row["status"], row["open"]) == (MessageStatus.FAILED, False)
    assert (row["error_code"], row["error_text"]) == ("not_on_whatsapp", "no such number")
    assert house.messenger.texts() == ["bad", "good"]


async def test_a_wire_that_breaks_in_an_unheard_of_way_costs_a_pause_and_no_order(
    house: House, logged: Logged
) -> None:
    channel = await house.active()

    async def explode(message: Outgoing) -> SendResult:
        house.messenger.answer = house.messenger.acknowledge
        raise ZeroDivisionError("a bug of the library")

    house.messenger.answer = explode
    said = [await house.say(channel, text) for text in ("first", "second")]
    await until(lambda: house.messenger.texts() == ["first"])
    await until(lambda: house.is_at(said[0].message, MessageStatus.QUEUED))
    house.advance(1)
    await until(lambda: house.is_at(said[1].message, MessageStatus.SENT))
    assert house.messenger.texts() == ["first", "first", "second"]
    assert [line["event"] for line in logged if line["log_level"] == "error"] == ["wire_failed"]
    logged.clear()


async def test_a_channel_that_stops_and_goes_on_keeps_its_order(house: House) -> None:
    """Law M3: what was accepted stays accepted, through any status that refuses."""
    channel = await house.active()
    house.messenger.lets_in = False
    await house.messenger.of(channel).say(Offline("network"))
    await until(lambda: not house.is_in(channel, Status.ACTIVE))
    said = [await house.say(channel, f"{n}") for n in range(5)]
    await house.hear(channel, Disable(OURS))
    await until(lambda: channel not in house.supervisor.held)
    house.messenger.lets_in = True
    await house.hear(channel, Enable(OURS))
    await until(lambda: house.is_at(said[-1].message, MessageStatus.SENT))
    assert house.messenger.texts() == [f"{n}" for n in range(5)]


async def test_a_new_start_goes_on_where_the_last_one_was_stopped(database_url: str) -> None:
    async with housed(database_url) as house:
        channel, gate = await house.active(), Gate(house.messenger)
        house.messenger.answer = gate
        for n in range(5):
            await house.say(channel, f"{n}")
        await until(lambda: house.messenger.texts() == ["0"])
    async with housed(database_url) as house:
        await until(lambda: len(house.messenger.handed_over) == 5)
        assert house.messenger.texts() == [f"{n}" for n in range(5)], "0 may have arrived or not"


async def test_what_is_on_its_way_while_a_channel_is_taken_anew_holds_up_nothing_afterwards(
    house: House,
) -> None:
    channel, gate = await house.active(), Gate(house.messenger)
    house.messenger.answer = gate
    await house.say(channel, "first")
    await until(lambda: house.messenger.texts() == ["first"])
    await house.hear(channel, Disable(OURS))
    await until(lambda: channel not in house.supervisor.held)
    await house.hear(channel, Enable(OURS))
    await until(lambda: house.is_in(channel, Status.ACTIVE))
    await house.say(channel, "second")
    await house.say(channel, "to another", BORIS)
    await until(lambda: house.messenger.texts() == ["first", "to another"])

    gate.open()
    await until(lambda: house.messenger.texts(ANNA) == ["first", "second"], "at once", seconds=20)


async def test_a_database_that_goes_and_comes_costs_no_message_and_no_order(
    house: House, logged: Logged
) -> None:
    channel = await house.active()
    said = [await house.say(channel, f"{n}") for n in range(10)]
    for _ in range(3):
        house.cable.cut = True
        house.wakes.here(Topic.QUEUE, [channel])
        await asyncio.sleep(0.02)
        house.cable.cut = False
        await asyncio.sleep(0.02)
    await until(lambda: house.is_at(said[-1].message, MessageStatus.SENT))
    seen = house.messenger.texts()
    assert sorted(set(seen), key=seen.index) == [f"{n}" for n in range(10)]
    logged.clear()


async def test_many_chats_with_trouble_at_random_all_keep_their_order(house: House) -> None:
    chance, channel = random.Random(11), await house.active()

    async def now_and_then(message: Outgoing) -> SendResult:
        await asyncio.sleep(0)
        return BUSY if chance.random() < 0.2 else await house.messenger.acknowledge(message)

    house.messenger.answer = now_and_then
    owner = (await house.stored(channel)).account
    people = [f"7999111{n:04}" for n in range(8)]
    for n in range(12):
        await asyncio.gather(*(house.say(channel, f"{n}", to, account=owner) for to in people))

    async def empty() -> bool:
        house.advance(30)
        return not await house.waiting(channel)

    await until(empty)
    for person in people:
        seen = house.messenger.texts(person)
        assert sorted(seen, key=lambda text: int(text or "")) == seen, "one overtook another"
        assert len(set(seen)) == 12
