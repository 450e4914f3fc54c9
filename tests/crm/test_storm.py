"""Clients and managers write without pause while the part that serves amoCRM is killed and amoCRM has bad days.

A kill ends all its tasks where they are. Judges are amoCRM's screens, WhatsApp's inboxes and the notes of
those who wrote; what Houston believes is asked nowhere.
"""

import asyncio
import random
from dataclasses import dataclass, field

import httpx
import pytest

from houston.crm.amocrm import AmoCrm
from houston.crm.wire import Wire
from tests.crm.amojo_double import AmojoDouble
from tests.crm.desk import Desk, connected, relaying
from tests.crm.test_amocrm import SETTINGS
from tests.houses import House, until
from tests.wires import ANNA, BORIS, incoming

CLIENTS = (ANNA, BORIS)
ROUNDS, STEPS, UNHEARD = 5, 12, 3
WEATHER: tuple[str | int, ...] = (*["up"] * 8, 503, 429, 500, "down")


@dataclass
class Storm:
    """Who writes, and their notes."""

    desk: Desk
    amo: AmojoDouble
    luck: random.Random
    said: dict[str, list[str]] = field(default_factory=lambda: {one: [] for one in CLIENTS})
    answered: dict[str, list[str]] = field(default_factory=lambda: {one: [] for one in CLIENTS})

    async def begins(self) -> None:
        """One chat is on the screen before the storm; the other is made amid it."""
        await self._client(CLIENTS[0])
        await self.desk.in_time()

    async def rages(self, steps: int, *, alive: bool) -> None:
        for _ in range(steps):
            self.amo.weather = self.luck.choice(WEATHER)
            self.amo.drop_answers = self.luck.choice((0, 0, 0, 1))
            await self._client(self.luck.choice(CLIENTS))
            await self._manager(alive)
            # All of it within the minute that a hook waits for what was said before it.
            self.desk.house.advance(self.luck.choice((0, 0.5, 1)))
            await asyncio.sleep(self.luck.uniform(0, 0.03))

    async def _client(self, phone: str) -> None:
        text = f"client {len(self.said[phone])}"
        self.said[phone].append(text)
        said = incoming(self.desk.house.clock, f"{phone} {text}", text, chat=phone)
        await self.desk.house.messenger.of(self.desk.channel).say(said)

    async def _manager(self, alive: bool) -> None:
        """Answers somebody on the screen; amoCRM tells it at once, once or twice, and never again."""
        phone = self.luck.choice([one for one in CLIENTS if self.amo.screen(one)])
        text = f"manager {len(self.answered[phone])}"
        self.answered[phone].append(text)
        self.amo.manager_writes(phone, text)
        if alive:
            await self.amo.tell(self.desk.call, times=self.luck.choice((1, 1, 2)))
        else:
            self.amo.forget()

    async def ends(self) -> None:
        """Until everybody has everything, or nothing more comes."""
        self.amo.weather, self.amo.drop_answers = "up", 0
        await self.desk.in_time()
        await until(self._is_told, "managers' words reached WhatsApp")

    def _is_told(self) -> bool:
        told = self.desk.house.messenger.texts
        return all(len(told(one)) >= len(self.answered[one]) for one in CLIENTS)

    def judge(self) -> None:
        for phone in CLIENTS:
            seen = [text for who, text in self.amo.screen(phone) if who == "client"]
            assert seen == self.said[phone], f"what {phone} said"
            assert self.desk.house.messenger.texts(phone) == self.answered[phone], (
                "what managers said"
            )
        assert len(self.amo.chats) == len(CLIENTS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
async def test_no_kill_and_no_bad_day_loses_doubles_or_turns_round_a_message(
    crm_house: House, seed: int
) -> None:
    house, amo = crm_house, AmojoDouble(lambda: crm_house.clock.now().timestamp())
    channel = await house.active()
    async with relaying(house, _connector(house, amo), loops=()) as reception:
        desk = await connected(house, channel, _connector(house, amo), reception, SETTINGS)
    storm = Storm(desk, amo, random.Random(seed))
    async with relaying(house, _connector(house, amo)):
        await storm.begins()
    for _ in range(ROUNDS):
        async with relaying(house, _connector(house, amo)):
            await storm.rages(STEPS, alive=True)
        await storm.rages(UNHEARD, alive=False)
    async with relaying(house, _connector(house, amo)):
        await storm.ends()
    storm.judge()


def _connector(house: House, amo: AmojoDouble) -> AmoCrm:
    return AmoCrm(Wire(httpx.MockTransport(amo.answer)), house.clock)
