"""Killing the server while clients and managers write through a CRM that has its own bad days.

The CRM is the amoCRM double on a socket of this process: it tells each thing once, or twice, and never again.
Judges are its screens, WhatsApp's inboxes and the notes of those who wrote; Houston is asked nothing.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest

from houston.kernel.loop import end
from tests.acceptance.town import Town
from tests.crm.amojo_double import ACCOUNT, BOT, CHANNEL, SECRET, AmojoDouble
from tests.crm.served import served

pytestmark = pytest.mark.slow
CLIENTS: Final = [f"7916100000{number}" for number in range(3)]
KILLS: Final = 3
LOAD_SECONDS: Final = 1.5
AHEAD_MAX: Final = 10
"""So many may be on their way: where a start takes a minute, its messages would take many."""
QUIET_SECONDS: Final = 40.0
"""When nothing has come for so long, nothing more comes. Each try at a CRM that fails waits longer."""
BAD_DAYS: Final[list[str | int]] = [503, 429, "down", 500]
SETTINGS: Final = {
    "channel_id": CHANNEL,
    "secret": SECRET,
    "bot_id": BOT,
    "account_id": ACCOUNT,
}


@dataclass
class Storm:
    """Clients who write on WhatsApp, managers who write in amoCRM, and their notes."""

    town: Town
    amocrm: AmojoDouble
    hook: str
    luck: random.Random
    http: httpx.AsyncClient
    heard: dict[str, list[str]] = field(default_factory=lambda: {one: [] for one in CLIENTS})
    told: dict[str, list[str]] = field(default_factory=lambda: {one: [] for one in CLIENTS})
    unheard: list[bytes] = field(default_factory=list)
    """Hooks that came to nobody: the server was dead. amoCRM never tells them again."""
    bad_days: int = 0
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)

    over: bool = False

    async def client(self, phone: str) -> None:
        to = self.town.paired["phone"]
        while not self.over:
            if len(self.heard[phone]) < len(self.heard_by_managers(phone)) + AHEAD_MAX:
                text = f"client {phone} #{len(self.heard[phone])}"
                self.heard[phone].append(text)
                await asyncio.to_thread(self.town.whatsapp.say, phone, to, text)
            await asyncio.sleep(0.25)

    async def manager(self, phone: str) -> None:
        """Answers as soon as the chat is on the screen; amoCRM tells it in order, at once."""
        while not self.over:
            heard = len(self.heard_by_managers(phone))
            if heard and len(self.told[phone]) < heard + AHEAD_MAX:
                text = f"manager {phone} #{len(self.told[phone])}"
                self.told[phone].append(text)
                self.amocrm.manager_writes(phone, text)
                async with self.telling:
                    await self.amocrm.tell(self._call, times=self.luck.choice((1, 1, 2)))
            await asyncio.sleep(0.25)

    async def _call(self, headers: dict[str, str], body: bytes) -> bool:
        try:
            url = f"{self.town.card['url']}{self.hook}"
            answer = await self.http.post(url, headers=headers, content=body)
        except httpx.HTTPError:
            self.unheard.append(body)
            return False
        return answer.status_code == 200

    async def weather(self) -> None:
        """Short bad days, and answers that are lost after amoCRM has taken what was said."""
        while not self.over:
            self.amocrm.drop_answers = 1
            await asyncio.sleep(self.luck.uniform(1.0, 2.0))
            self.amocrm.weather = self.luck.choice(BAD_DAYS)
            self.bad_days += 1
            await asyncio.sleep(0.1)
            self.amocrm.weather = "up"

    @asynccontextmanager
    async def raging(self) -> AsyncIterator[None]:
        people = [loop(phone) for phone in CLIENTS for loop in (self.client, self.manager)]
        tasks = [asyncio.create_task(one) for one in (self.weather(), *people)]
        try:
            yield
            self.over = True
            await asyncio.gather(*tasks)
        finally:
            await end(*tasks)
        self.amocrm.drop_answers = 0

    # --- Judging -----------------------------------------------------------------------------

    def heard_by_managers(self, phone: str) -> list[str]:
        return [text for who, text in self.amocrm.screen(phone) if who == "client"]

    async def is_under_way(self) -> None:
        """Until all managers have somebody to answer: on a busy machine that takes its time."""
        while not all(self.amocrm.screen(one) for one in CLIENTS):
            await asyncio.sleep(0.05)

    async def has_raged(self) -> None:
        """Until there was all of it: on a busy machine it comes late."""
        while not (self.unheard and self.bad_days and min(map(len, self.told.values())) > 2):
            await asyncio.sleep(0.05)

    async def rests(self) -> None:
        """Until both sides have everything, or nothing more comes for a while."""
        last, since = 0, time.monotonic()
        while time.monotonic() < since + QUIET_SECONDS:
            told = await asyncio.to_thread(self._inboxes)
            heard = {one: self.heard_by_managers(one) for one in CLIENTS}
            missing = (len(self.told[one]) - len(told[one]) for one in CLIENTS)
            unheard = (len(self.heard[one]) - len(heard[one]) for one in CLIENTS)
            if max(*missing, *unheard) <= 0:
                return
            come = sum(map(len, (*told.values(), *heard.values())))
            if come > last:
                last, since = come, time.monotonic()
            await asyncio.sleep(0.1)

    def _inboxes(self) -> dict[str, list[str]]:
        return {one: self.town.whatsapp.texts(one) for one in CLIENTS}

    async def judge(self) -> None:
        inboxes = await asyncio.to_thread(self._inboxes)
        for phone in CLIENTS:
            assert self.heard_by_managers(phone) == self.heard[phone], f"clients' words, {phone}"
            assert inboxes[phone] == self.told[phone], f"managers' words, {phone}"
        # Others write to the demo's number, too, and some of them perhaps after it was connected.
        chats = sorted(one.phone for one in self.amocrm.chats.values() if one.phone in CLIENTS)
        assert chats == CLIENTS, "one chat for each client"


def connection(town: Town, host: str) -> str:
    """Connect the CRM; the path that it calls."""
    wanted: dict[str, Any] = {
        "kind": "amocrm",
        "name": "Sales",
        "channels": [town.paired["id"]],
        "settings": SETTINGS | {"host": host},
    }
    made = town.api.http.post("/connections", json=wanted).raise_for_status().json()
    return urlsplit(made["hook_url"]).path


async def test_no_kill_and_no_bad_day_of_the_crm_loses_doubles_or_turns_round_a_message(
    own_town: Town,
) -> None:
    town, amocrm = own_town, AmojoDouble(time.time)
    # A connection kept alive over a kill would lose a call that a living server never saw.
    fresh = httpx.AsyncClient(timeout=5, limits=httpx.Limits(max_keepalive_connections=0))
    async with served(amocrm.answer) as host, fresh as http:
        hook = await asyncio.to_thread(connection, town, host)
        # A Houston that came back at another address would be missed by what is told between two looks.
        port = urlsplit(town.card["url"]).port or 0
        storm = Storm(town, amocrm, hook, random.Random(1), http)
        async with storm.raging():
            await storm.is_under_way()
            for _ in range(KILLS):
                await asyncio.sleep(LOAD_SECONDS)
                await asyncio.to_thread(town.kill_houston)
                await asyncio.to_thread(town.start, port)
            await storm.has_raged()
        await storm.rests()
        await storm.judge()
