"""A client who hid the number and shows it later, on the screens of Chatwoot and amoCRM: one chat, in order."""

from collections.abc import AsyncIterator

import httpx
import pytest

from houston.crm.amocrm import AmoCrm
from houston.crm.rules import State
from houston.crm.wire import Wire
from tests.crm.amojo_double import AmojoDouble
from tests.crm.conftest import Office
from tests.crm.desk import Desk, connected, relaying
from tests.crm.test_amocrm import SETTINGS
from tests.houses import House, until
from tests.wires import ANNA, incoming

HIDDEN = "100079160000001@lid"


async def hears(desk: Desk, wire_id: str, chat: str, *, hidden: str | None = None) -> None:
    said = incoming(desk.house.clock, wire_id, f"text {wire_id}", chat=chat, hidden=hidden)
    await desk.house.messenger.of(desk.channel).say(said)


async def noted(desk: Desk) -> bool:
    """Everything that was heard waits for the CRM."""
    return await desk.waiting() == 5


async def hears_both(desk: Desk) -> None:
    """The hidden address, the number, and that they are one person's; then once more."""
    await hears(desk, "1", HIDDEN)
    await desk.settled()
    await hears(desk, "2", ANNA, hidden=HIDDEN)
    await hears(desk, "3", HIDDEN)
    await desk.settled()


async def test_a_hidden_number_is_no_reason_for_chatwoot_to_miss_a_message(office: Office):
    await hears_both(office.desk)

    assert office.chatwoot.screen(HIDDEN) == [("incoming", f"text {n}") for n in "123"]
    assert len(office.chatwoot.contacts) == len(office.chatwoot.conversations) == 1
    office.chatwoot.agent_writes(HIDDEN, "Good morning")
    await office.tell()
    await until(lambda: office.house.messenger.texts(ANNA) == ["Good morning"], "to the number")
    assert len(office.chatwoot.conversations) == 1


async def test_two_conversations_of_chatwoot_stay_two_and_both_lead_to_the_client(office: Office):
    await hears(office.desk, "1", HIDDEN)
    await hears(office.desk, "2", ANNA)
    await office.desk.settled()
    await hears(office.desk, "3", ANNA, hidden=HIDDEN)
    await office.desk.settled()

    assert office.chatwoot.screen(ANNA) == [("incoming", "text 2"), ("incoming", "text 3")]
    office.chatwoot.agent_writes(HIDDEN, "Written where it began")
    await office.tell()
    office.chatwoot.agent_writes(ANNA, "And here")
    await office.tell()
    await until(lambda: len(office.house.messenger.texts(ANNA)) == 2, "both reach the number")
    await hears(office.desk, "4", ANNA)
    await office.desk.settled()
    assert office.chatwoot.screen(ANNA)[-1] == ("incoming", "text 4"), "where they wrote last"
    assert len(office.chatwoot.conversations) == 2


async def test_what_waited_for_chatwoot_moves_with_the_chat_in_order(office: Office):
    office.chatwoot.weather = "down"
    for wire_id, chat in (("1", HIDDEN), ("2", ANNA), ("3", HIDDEN)):
        await hears(office.desk, wire_id, chat)
    await until(lambda: office.desk.is_in(State.UNREACHABLE), "it is down")
    await hears(office.desk, "4", ANNA, hidden=HIDDEN)
    await hears(office.desk, "5", HIDDEN)
    await until(lambda: noted(office.desk), "all is noted")

    office.chatwoot.weather = "up"
    await office.desk.in_time()

    assert office.chatwoot.screen(ANNA) == [("incoming", f"text {n}") for n in "12345"]
    assert len(office.chatwoot.conversations) == 1


# --- amoCRM ------------------------------------------------------------------------------------


@pytest.fixture
async def amo(crm_house: House) -> AsyncIterator[tuple[Desk, AmojoDouble]]:
    amo = AmojoDouble(lambda: crm_house.clock.now().timestamp())
    connector = AmoCrm(Wire(httpx.MockTransport(amo.answer)), crm_house.clock)
    channel = await crm_house.active()
    async with relaying(crm_house, connector) as reception:
        desk = await connected(crm_house, channel, connector, reception, SETTINGS)
        await until(lambda: desk.is_in(State.WORKING), "the connection works")
        yield desk, amo
    await connector.close()


async def test_amocrm_keeps_one_chat_when_the_number_becomes_known(
    amo: tuple[Desk, AmojoDouble],
):
    desk, amocrm = amo
    await hears_both(desk)

    assert amocrm.screen(HIDDEN) == [("client", f"text {n}") for n in "123"]
    assert len(amocrm.chats) == 1
    amocrm.manager_writes(HIDDEN, "Good morning")
    await amocrm.tell(desk.call)
    await until(lambda: desk.house.messenger.texts(ANNA) == ["Good morning"], "to the number")
    await desk.settled()
    assert len(amocrm.chats) == 1
