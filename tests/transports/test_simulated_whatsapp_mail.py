"""What the simulated WhatsApp does with messages and on a bad network, and what its books say of it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from houston.transports import events
from houston.transports.transport import NotSent, Pair, Resume, Sent, Unknown
from tests.transports.harness import SimulatorHarness
from tests.transports.linking import connected, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_books_see_a_message_twice_when_its_key_comes_under_another_id(
    sim: SimulatorHarness,
):
    one = await connected(sim)
    before = await sim.get("/stats")
    message = words(sim.person, "seen twice")
    await one.wire.send(message)
    await one.wire.send(message)
    await one.wire.send(replace(message, wire_id="ANOTHER" + message.wire_id))
    after = await sim.get("/stats")
    assert after["same_id_repeats"] - before["same_id_repeats"] == 1
    assert after["repeats"] - before["repeats"] == 1
    assert after["accepted"] - before["accepted"] == 2
    assert [arrival["key"] for arrival in await sim.inbox(sim.person)] == [message.key] * 2


async def test_the_books_see_what_comes_after_a_later_one_of_its_chat(sim: SimulatorHarness):
    one = await connected(sim)
    before = await sim.get("/stats")
    for text in ("first #1", "third #3", "second #2", "fourth #4"):
        await one.wire.send(words(sim.person, text))
    await one.wire.send(words(sim.other_phone, "another chat #1"))
    assert (await sim.get("/stats"))["reordered"] - before["reordered"] == 1


async def test_nothing_reaches_a_person_whose_phone_is_off_before_it_is_on(sim: SimulatorHarness):
    one = await connected(sim)
    await sim.post(f"/people/{sim.person}/offline")
    message = words(sim.person, "while you were out")
    assert isinstance(await one.wire.send(message), Sent)
    assert await sim.inbox(sim.person) == []
    assert not one.ear.all(events.Receipt)
    await sim.post(f"/people/{sim.person}/online")
    assert (await one.ear.hears(events.Receipt)).wire_ids == (message.wire_id,)
    assert [arrival["text"] for arrival in await sim.inbox(sim.person)] == ["while you were out"]


async def test_the_inbox_can_be_looked_at_by_channel(sim: SimulatorHarness):
    one, two = await connected(sim), await connected(sim, sim.other_phone)
    await one.wire.send(words(sim.person, "from one"))
    await two.wire.send(words(sim.person, "from two"))
    found = await sim.get(f"/people/{sim.person}/inbox?channel={sim.other_phone}")
    assert [arrival["text"] for arrival in found] == ["from two"]


async def test_reading_one_channel_leaves_the_other_unread(sim: SimulatorHarness):
    one, two = await connected(sim), await connected(sim, sim.other_phone)
    await one.wire.send(words(sim.person))
    await two.wire.send(words(sim.person))
    assert await sim.post(f"/people/{sim.person}/read", channel=sim.phone) == {"read": 1}
    await one.ear.hears(events.Receipt, times=2)
    assert await sim.post(f"/people/{sim.person}/read") == {"read": 1}
    await two.ear.hears(events.Receipt, times=2)


async def test_what_people_say_is_in_the_books_until_it_is_stored_and_read(sim: SimulatorHarness):
    one = await connected(sim)
    one.ear.forgetful = True
    wire_id = await sim.say(sim.person, sim.phone, "for the books")
    await one.ear.hears(events.Incoming)
    assert [saying["acknowledged"] for saying in await _sayings(sim)] == [False]
    one.ear.forgetful = False
    await one.connect()
    await one.wire.mark_read(sim.person, (wire_id,))
    assert await one.wire.probe()
    (saying,) = await _sayings(sim)
    assert (saying["id"], saying["text"]) == (wire_id, "for the books")
    assert (saying["acknowledged"], saying["read"]) == (True, True)


async def _sayings(sim: SimulatorHarness) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await sim.get(f"/sayings?channel={sim.phone}")
    return found


async def test_many_people_can_speak_at_once(sim: SimulatorHarness):
    one = await connected(sim)
    messages = [
        {"person": f"7915000{number:04}", "to": sim.phone, "text": f"all at once {number}"}
        for number in range(2500)  # More than one message of the socket holds.
    ]
    ids = (await sim.post("/people/say", messages=messages))["ids"]
    await one.ear.hears(events.Incoming, times=2500)
    assert [incoming.wire_id for incoming in one.ear.all(events.Incoming)] == ids


async def test_a_quotation_travels_along(sim: SimulatorHarness):
    one = await connected(sim)
    said = await sim.post(f"/people/{sim.person}/say", to=sim.phone, text="nice?")
    await one.ear.hears(events.Incoming)
    await one.wire.send(replace(words(sim.person, "nice"), quoted_wire_id=said["id"]))
    (arrival,) = await sim.inbox(sim.person)
    assert arrival["quoted"] == said["id"]


# --- The network -------------------------------------------------------------------------------


async def test_without_a_network_links_are_down_and_connecting_fails(sim: SimulatorHarness):
    one = await connected(sim)
    one.ear.forget()
    await sim.post("/network", up=False)
    assert (await one.ear.hears(events.Offline)).cause == "network"
    await one.wire.start(Resume(one.keys))
    await one.ear.hears(events.Offline, times=2)
    await one.wire.start(Pair())
    await one.ear.hears(events.Offline, times=3)
    assert isinstance(await one.wire.send(words(sim.person)), NotSent)
    await sim.post("/network", up=True)
    await one.connect()


async def test_answers_take_as_long_as_the_network_does(sim: SimulatorHarness):
    one = await connected(sim)
    loop = asyncio.get_running_loop()
    await sim.post("/network", latency_ms=100)
    began = loop.time()
    await one.wire.send(words(sim.person, "slow"))
    assert loop.time() - began >= 0.1


async def test_what_a_slow_network_carries_is_not_overtaken(sim: SimulatorHarness):
    one = await connected(sim)
    one.ear.forget()
    await sim.post("/network", latency_ms=60_000)
    await sim.say(sim.person, sim.phone, "slow")
    await sim.post("/network", latency_ms=0)
    await sim.say(sim.person, sim.phone, "quick")
    await one.ear.hears(events.Incoming)
    assert one.ear.all(events.Incoming)[0].text == "slow"


@pytest.mark.parametrize("seed", [1, 2])
async def test_faults_by_chance_come_again_with_the_same_seed(sim: SimulatorHarness, seed: int):
    one = await connected(sim)
    runs = []
    for _ in range(2):
        await sim.post("/network", refuse_rate=0.5, seed=seed)
        runs.append([type(await one.wire.send(words(sim.person))) for _ in range(20)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {Sent, NotSent}


async def test_a_refusal_by_chance_says_when_to_try_again(sim: SimulatorHarness):
    one = await connected(sim)
    await sim.post("/network", refuse_rate=1)
    refused = await one.wire.send(words(sim.person))
    assert isinstance(refused, NotSent)
    assert refused.not_before is not None
    assert await sim.inbox(sim.person) == []


async def test_a_message_whose_acknowledgement_is_lost_was_taken_all_the_same(
    sim: SimulatorHarness,
):
    one = await connected(sim)
    await sim.lose_acknowledgements(on=True)
    message = words(sim.person, "taken")
    assert await one.wire.send(message) == Unknown(message.wire_id)
    await one.ear.hears(events.Receipt)
    assert [arrival["id"] for arrival in await sim.inbox(sim.person)] == [message.wire_id]
