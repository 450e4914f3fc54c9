"""What the library had acknowledged, and nobody had written down, when its worker was killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from houston.transports import events
from houston.transports.transport import Sent, Unknown
from tests.transports.linked.channel import Channel, online, revived
from tests.transports.linked.played import LinkedHarness, LinkedHarnesses
from tests.transports.linked.test_wild_workers import wild
from tests.transports.linking import words

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@dataclass
class Window:
    """A channel whose worker can be killed between WhatsApp's acknowledgement and the journal."""

    harness: LinkedHarness
    one: Channel
    once: Path

    async def say(self, number: int, person: str | None = None) -> list[str]:
        """The ids of what a person said."""
        who, to = person or self.harness.person, self.harness.phone
        return [await self.harness.say(who, to, f"n{n}") for n in range(number)]

    def open(self) -> None:
        """From now on nothing is written down."""
        self.once.touch()

    async def kill(self) -> None:
        """With all that the library has been given in its hands."""
        await asyncio.sleep(1.0)
        ear = self.one.ear
        heard = list(ear.heard)
        ear.forget()
        os.kill(self.harness.transport.worker_pids[0], signal.SIGKILL)
        self.once.unlink(missing_ok=True)
        await revived(self.one)
        await self.one.wire.probe()  # What is answered was said after all that there was to say.
        ear.heard[:0] = heard

    def heard(self) -> list[str]:
        kinds = (events.Incoming, events.Echoed)
        return [one.wire_id for one in self.one.ear.heard if isinstance(one, kinds)]

    def missed(self) -> list[str]:
        return [one.wire_id for one in self.one.ear.all(events.Missed)]


@pytest_asyncio.fixture(loop_scope="module")
async def window(whatsapp: LinkedHarnesses, tmp_path: Path) -> AsyncIterator[Window]:
    once = tmp_path / "once"
    async with wild(whatsapp, "holds what it should write down", once) as (harness, one):
        yield Window(harness, one, once)


async def test_what_died_with_a_worker_before_it_was_written_down_is_told_message_by_message(
    window: Window,
):
    await window.say(1)
    await window.one.ear.hears(events.Incoming)
    window.open()
    other = f"{window.harness.person[:-1]}9"
    said = [*await window.say(3), *await window.say(1, other)]
    phone, person = window.harness.phone, window.harness.person
    typed = await window.harness.type_on_phone(phone, person, "from the phone")
    await window.kill()

    assert sorted(window.missed()) == sorted([*said, typed])
    told = {one.wire_id: one for one in window.one.ear.all(events.Missed)}
    assert {(told[one].chat, told[one].author) for one in said[:3]} == {(person, person)}
    assert (told[said[3]].chat, told[said[3]].author) == (other, other)
    assert (told[typed].chat, told[typed].author) == (person, "")
    gap = window.one.ear.all(events.Gap)[0]
    assert all(one.at == gap.until for one in told.values())
    assert window.one.ear.all(events.BacklogBegan)[-1].expected == 5


async def test_it_is_told_until_the_server_has_stored_it_and_then_never_again(window: Window):
    window.open()
    said = await window.say(2)
    window.one.ear.forgetful = True
    await window.kill()
    assert window.missed() == said
    window.one.ear.forgetful = False
    await window.kill()
    assert window.missed() == said * 2
    await window.kill()
    assert window.missed() == said * 2
    assert window.one.ear.all(events.BacklogBegan)[-1].expected == 0


async def test_what_was_heard_or_sent_is_no_loss(window: Window):
    """The library stores the secrets of our own messages, too."""
    said = await window.say(3)
    await window.one.ear.hears(events.Incoming, times=3)
    assert isinstance(await window.one.wire.send(words(window.harness.person, "ours")), Sent)
    for _ in range(2):
        await window.kill()
        assert window.missed() == []
    assert set(window.heard()) == set(said)


async def test_what_a_phone_hands_over_as_history_is_no_loss(window: Window):
    """It was said to an earlier link of the number; the library stores its secrets, and nobody hears of it."""
    await window.say(3)
    await window.one.ear.hears(events.Incoming, times=3)
    await window.one.wire.log_out()
    window.one = await online(window.harness)
    await window.harness.post(f"/phones/{window.harness.phone}/history")
    await window.kill()
    assert window.missed() == []


async def test_a_message_of_ours_that_died_on_its_way_is_uncertain_and_no_loss(
    whatsapp: LinkedHarnesses, tmp_path: Path
):
    once = tmp_path / "once"
    async with wild(whatsapp, "dies when the library has sent", once) as (harness, one):
        once.touch()
        assert await one.wire.send(words(harness.person, "once")) == Unknown(None)
        await revived(one)
        assert one.ear.all(events.Missed) == []


async def test_of_what_waited_each_is_heard_or_told_to_be_missing(window: Window):
    await window.one.wire.stop()
    said = await window.say(30)
    window.one.ear.forget()
    window.open()
    await window.one.wire.start(window.one.resume())
    await window.kill()
    heard, missed = window.heard(), window.missed()
    assert sorted([*set(heard), *missed]) == sorted(said)
    assert missed
    assert window.one.ear.all(events.BacklogBegan)[-1].expected == 30


async def test_what_is_known_by_a_hidden_address_is_told_under_the_number(window: Window):
    person = window.harness.person
    await window.harness.post(f"/people/{person}/show", by="both")
    await window.say(1)
    await window.one.ear.hears(events.Incoming)
    await window.harness.post(f"/people/{person}/show", by="hidden")
    window.open()
    said = await window.say(1)
    await window.kill()
    (told,) = window.one.ear.all(events.Missed)
    assert (told.wire_id, told.chat, told.author) == (said[0], person, person)
