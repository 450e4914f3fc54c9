"""What a CRM told and nobody heard is asked for, in its place; judged on what reached the client.

The CRM is the amoCRM double: it tells each thing once. The clock stands, and is moved by hand.
"""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from houston.crm.amocrm import AmoCrm
from houston.crm.rules import State
from houston.crm.wire import Wire
from tests.crm.amojo_double import AmojoDouble
from tests.crm.desk import connected, relaying
from tests.crm.test_amocrm import SETTINGS, Sales
from tests.houses import House, until
from tests.wires import ANNA, BORIS, incoming

PATIENCE_SECONDS = 61
"""A little more than a hook waits for what may have been said before it."""
RUSH = 400


class Moody(AmojoDouble):
    """It does not find what is asked for at `lost`, and lets who asks for a history wait for `gate`."""

    lost = "nowhere"
    gate: asyncio.Event | None = None
    asked = 0
    """How often it could not find that."""

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(self.lost):
            self.asked += 1
            return httpx.Response(404)
        if self.gate is not None and request.url.path.endswith("/history"):
            self.asked += 1
            await self.gate.wait()
        return await super().answer(request)


@pytest.fixture
async def sales(crm_house: House) -> AsyncIterator[Sales]:
    amo = Moody(lambda: crm_house.clock.now().timestamp())
    connector = AmoCrm(Wire(httpx.MockTransport(amo.answer)), crm_house.clock)
    channel = await crm_house.active()
    async with relaying(crm_house, connector) as reception:
        desk = await connected(crm_house, channel, connector, reception, SETTINGS)
        await until(lambda: desk.is_in(State.WORKING), "the connection works")
        sales = Sales(crm_house, desk, amo)
        await sales.hears(incoming(crm_house.clock, "1", "Hello"))
        yield sales
    await connector.close()


def mood(sales: Sales) -> Moody:
    assert isinstance(sales.amo, Moody)
    return sales.amo


def writes_unheard(sales: Sales, text: str, to: str = ANNA) -> None:
    sales.amo.manager_writes(to, text)
    sales.amo.forget()


async def writes(sales: Sales, text: str, to: str = ANNA) -> None:
    """Told at once; whether anything comes of it at once is another question."""
    sales.amo.manager_writes(to, text)
    await sales.amo.tell(sales.desk.call)


def texts(sales: Sales, to: str = ANNA) -> list[str | None]:
    return sales.house.messenger.texts(to)


async def test_a_call_that_is_lost_while_all_is_well_is_found_within_minutes(sales: Sales) -> None:
    writes_unheard(sales, "one")
    await sales.desk.settled()
    assert texts(sales) == [], "nothing says that it was written"

    sales.house.advance(601)

    await until(lambda: texts(sales) == ["one"], "it was looked for")
    assert await sales.desk.is_in(State.WORKING)


async def test_a_look_without_a_reason_holds_up_nobody(sales: Sales) -> None:
    amo = mood(sales)
    amo.gate = asyncio.Event()
    sales.house.advance(601)
    await until(lambda: amo.asked, "it is asked, and takes its time")

    await writes(sales, "one")

    await until(lambda: texts(sales) == ["one"], "it was sent meanwhile")
    amo.gate.set()
    await writes(sales, "two")
    await until(lambda: texts(sales) == ["one", "two"], "and nothing is sent twice")


async def test_a_crm_that_calls_and_cannot_be_asked_holds_up_an_answer_for_a_minute_only(
    sales: Sales,
) -> None:
    sales.amo.weather = 503
    sales.desk.reception.relay.missed()
    await until(lambda: sales.desk.is_in(State.UNREACHABLE), "it cannot be asked")
    await writes(sales, "one")
    await writes(sales, "two")
    sales.house.advance(PATIENCE_SECONDS / 2)
    await asyncio.sleep(0)
    assert texts(sales) == []

    sales.house.advance(PATIENCE_SECONDS / 2)

    await until(lambda: texts(sales) == ["one", "two"], "nobody waits any longer")
    assert await sales.desk.is_in(State.UNREACHABLE), "and it is not hidden that it cannot be asked"


async def test_keys_that_are_refused_hold_up_an_answer_for_a_minute_only(sales: Sales) -> None:
    sales.amo.weather = 403
    sales.desk.reception.relay.missed()
    await until(lambda: sales.desk.is_in(State.KEYS_REFUSED), "the keys are refused")
    await writes(sales, "one")

    sales.house.advance(PATIENCE_SECONDS)

    await until(lambda: texts(sales) == ["one"], "nobody waits for the next try, minutes later")
    calls = len(sales.amo.calls)
    await writes(sales, "two")
    sales.house.advance(PATIENCE_SECONDS)
    await until(lambda: texts(sales) == ["one", "two"], "nor does the next one")
    assert len(sales.amo.calls) <= calls + 2, "and amoCRM is not hammered because of it"


async def test_what_was_lost_in_an_outage_goes_before_what_was_told_after_it(sales: Sales) -> None:
    sales.amo.weather = "down"
    said = incoming(sales.house.clock, "2", "Are you there?")
    await sales.house.messenger.of(sales.desk.channel).say(said)
    await until(lambda: sales.desk.is_in(State.UNREACHABLE), "the line is dead, both ways")
    writes_unheard(sales, "one")
    sales.amo.weather = "up"
    await writes(sales, "two")

    sales.house.advance(5)

    await until(lambda: texts(sales) == ["one", "two"], "in the order in which it was written")


async def test_a_chat_that_is_gone_in_amocrm_hides_nothing_of_the_others(sales: Sales) -> None:
    await sales.hears(incoming(sales.house.clock, "2", "Hello", chat=BORIS))
    gone = next(one for one in sales.amo.chats.values() if one.phone == BORIS)
    mood(sales).lost = f"{gone.id}/history"
    writes_unheard(sales, "one")

    sales.desk.reception.relay.missed()

    await until(lambda: texts(sales) == ["one"], "it was found")
    assert mood(sales).asked


async def test_a_crm_that_will_never_tell_is_not_asked_again_and_again(sales: Sales) -> None:
    mood(sales).lost = "/connect"
    sales.desk.reception.relay.missed()
    await until(lambda: mood(sales).asked, "it was asked")

    await writes(sales, "one")

    await until(lambda: texts(sales) == ["one"], "what it tells of itself is sent all the same")
    await sales.desk.settled()
    assert mood(sales).asked == 1


async def test_a_rush_of_operators_words_keeps_no_clients_words_from_the_crm(sales: Sales) -> None:
    await writes(sales, "0")
    said = incoming(sales.house.clock, "2", "And my order?", chat=BORIS)
    await sales.house.messenger.of(sales.desk.channel).say(said)
    written = 1
    while not sales.amo.screen(BORIS):
        assert written < RUSH, "they are told faster than they are dealt with, and the client waits"
        await writes(sales, f"{written}")
        written += 1

    await until(lambda: len(texts(sales)) == written, "everything was sent")
    assert texts(sales) == [f"{number}" for number in range(written)]
