"""A Chatwoot that is connected to a channel that works."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from houston.crm.chatwoot import Chatwoot
from houston.crm.rules import State
from houston.crm.wire import Wire
from tests.crm.chatwoot_double import ACCOUNT, INBOX, SECRET, TOKEN, URL, ChatwootDouble
from tests.crm.desk import Desk, connected, relaying
from tests.houses import House, housed, until
from tests.loops import Logged

SETTINGS = {
    "url": URL,
    "account_id": ACCOUNT,
    "inbox_id": INBOX,
    "access_token": TOKEN,
    "hook_secret": SECRET,
}


@dataclass
class Office:
    """Houston, Chatwoot and the connection between them."""

    house: House
    desk: Desk
    chatwoot: ChatwootDouble

    async def tell(self, *, times: int = 1) -> None:
        """Chatwoot tells what its agents did, and Houston deals with it."""
        await self.chatwoot.tell(self.desk.call, times=times)
        await self.desk.settled()


def connector_to(chatwoot: ChatwootDouble) -> Chatwoot:
    return Chatwoot(Wire(httpx.MockTransport(chatwoot.answer)))


@pytest.fixture
async def crm_house(database_url: str, logged: Logged) -> AsyncIterator[House]:
    async with housed(database_url, loops=("node", "leases", "sender", "notice")) as house:
        yield house


@pytest.fixture
async def office(crm_house: House) -> AsyncIterator[Office]:
    house = crm_house
    chatwoot = ChatwootDouble(lambda: house.clock.now().timestamp())
    connector = connector_to(chatwoot)
    channel = await house.active()
    async with relaying(house, connector) as reception:
        desk = await connected(house, channel, connector, reception, SETTINGS)
        await until(lambda: desk.is_in(State.WORKING), "the connection works")
        await desk.settled()
        yield Office(house, desk, chatwoot)
    await connector.close()
