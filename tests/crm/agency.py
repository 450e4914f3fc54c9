"""An office that works in a Bitrix24: Houston, a strict double of the portal, and what connects them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from houston.channels.orders import Command
from houston.channels.state import Status
from houston.crm.bitrix24 import Bitrix24
from houston.crm.connector import Hook, Page
from houston.crm.rules import State
from houston.crm.wire import Wire
from houston.transports.events import Event, LoggedOut, LogoutCause
from tests.crm.bitrix24_double import PORTAL, SECRET, Bitrix24Double
from tests.crm.bitrix24_methods import CLIENT, Bubble
from tests.crm.desk import Desk, connected, relaying
from tests.houses import House, until
from tests.wires import ANNA

SETTINGS = {"portal": PORTAL, "client_id": CLIENT, "client_secret": SECRET}
SCAN = "Houston, scan the QR code"


@dataclass
class Agency:
    """Houston, a portal and the connection between them."""

    house: House
    desk: Desk
    portal: Bitrix24Double

    async def tell(self, *, times: int = 1) -> None:
        await self.portal.tell(self.desk.call, times=times)
        await self.desk.settled()

    async def hears(self, *events: Event) -> None:
        for event in events:
            await self.house.messenger.of(self.desk.channel).say(event)
        await self.desk.settled()

    async def page(self, query: str, body: bytes) -> Page:
        hook = Hook(headers={}, path="/page", query=query, body=body, at=self.house.clock.now())
        return await self.desk.reception.show("bitrix24", self.desk.token, hook)

    async def presses(self, page: Page, do: str = "on") -> Page:
        ticket = page.body.partition('name="ticket" value="')[2].partition('"')[0]
        body = f"ticket={ticket}&do={do}&channel={self.desk.channel}"
        return await self.page("LANG=en", body.encode())

    async def loses(self, cause: Command | None, status: Status) -> None:
        """The channel comes to a status in which nothing can be sent."""
        if cause is not None:
            await self.house.hear(self.desk.channel, cause)
        else:
            lost = LoggedOut(LogoutCause.UNLINKED_ON_PHONE)
            await self.house.messenger.of(self.desk.channel).say(lost)
        await until(lambda: self.house.shows(self.desk.channel, status), status)

    async def writes(self, text: str, *files: str) -> Bubble:
        bubble = self.portal.operator_writes(ANNA, text, *files)
        await self.tell()
        return bubble


async def prepared(house: House, portal: Bitrix24Double) -> Agency:
    """A connection whose loops do not run yet."""
    channel = await house.active()
    connector = Bitrix24(Wire(httpx.MockTransport(portal.answer)), house.clock)
    async with relaying(house, connector, loops=()) as reception:
        desk = await connected(house, channel, connector, reception, SETTINGS)
    return Agency(house, desk, portal)


async def saved(agency: Agency) -> None:
    """The administrator has saved the form of the app."""
    agency.portal.administrator_saves_the_app()
    await agency.portal.tell(agency.desk.call, times=2)


async def attached(agency: Agency) -> None:
    """The app works, and the administrator has chosen a line for the number."""
    await until(lambda: agency.desk.is_in(State.WORKING), "it works")
    await agency.presses(await agency.page(*agency.portal.opens_the_page()))


@pytest.fixture
def portal(crm_house: House) -> Bitrix24Double:
    return Bitrix24Double(lambda: crm_house.clock.now().timestamp())


@pytest.fixture
async def agency(crm_house: House, portal: Bitrix24Double) -> AsyncIterator[Agency]:
    agency = await prepared(crm_house, portal)
    await saved(agency)
    async with relaying(crm_house, agency.desk.connector) as reception:
        agency.desk.reception = reception
        await attached(agency)
        await agency.desk.settled()
        yield agency
    await agency.desk.connector.close()
