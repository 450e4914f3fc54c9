"""Contacts and leads of a strict double of amoCRM: whose chats are, and the tokens that open the account."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest

from houston.crm.amocrm import AmoCrm
from houston.crm.connector import Hook
from houston.crm.rules import State
from houston.crm.wire import Wire
from tests.crm.amocrm_double import (
    CLIENT_ID,
    CLIENT_SECRET,
    CODE,
    REDIRECT,
    TOKEN,
    URL,
    AmoCrmDouble,
)
from tests.crm.desk import connected, relaying
from tests.crm.test_amocrm import SETTINGS, Sales
from tests.houses import House, until
from tests.wires import ANNA, BORIS, incoming

WITH_TOKEN = {**SETTINGS, "account_url": URL, "token": TOKEN}
WITH_OAUTH = {
    **SETTINGS,
    "account_url": URL,
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "redirect_uri": REDIRECT,
}


@asynccontextmanager
async def selling(
    house: House, settings: Mapping[str, str]
) -> AsyncIterator[tuple[Sales, AmoCrmDouble]]:
    amo = AmoCrmDouble(lambda: house.clock.now().timestamp())
    connector = AmoCrm(Wire(httpx.MockTransport(amo.answer)), house.clock)
    channel = await house.active()
    async with relaying(house, connector) as reception:
        desk = await connected(house, channel, connector, reception, settings)
        await until(lambda: desk.is_in(State.WORKING), "the connection works")
        yield Sales(house, desk, amo), amo
    await connector.close()


async def hears(sales: Sales, wire_id: str, chat: str = ANNA) -> None:
    await sales.hears(incoming(sales.house.clock, wire_id, "Hello", chat=chat, author_name="Anna"))


async def allow(sales: Sales, query: str) -> str:
    """Somebody comes back from amoCRM's question; what they are shown."""
    at = sales.house.clock.now()
    desk = sales.desk
    hook = Hook(headers={}, path="/oauth", query=query, body=b"", at=at)
    page = await desk.reception.show("amocrm", desk.token, hook)
    return page.body


async def test_without_an_account_amocrm_makes_contacts_as_it_always_did(crm_house: House):
    async with selling(crm_house, SETTINGS) as (sales, amo):
        await hears(sales, "1")
        assert [card["unsorted"] for card in amo.cards.values()] == [True]


@pytest.mark.parametrize("written", [f"+{ANNA}", f"8{ANNA[1:]}", "+7 (999) 111-00-01"])
async def test_a_client_whom_amocrm_knows_stays_one_contact(crm_house: House, written: str):
    async with selling(crm_house, WITH_TOKEN) as (sales, amo):
        known = amo.card("Anna", written)
        await hears(sales, "1")
        await hears(sales, "2")
        assert list(amo.cards) == [known]
        assert list(amo.attached.values()) == [known]
        assert amo.screen(ANNA) == [("client", "Hello")] * 2
        assert amo.leads == {}


async def test_a_new_client_becomes_one_contact_and_one_lead_where_wanted(crm_house: House):
    wanted = {**WITH_TOKEN, "leads": "on", "pipeline_id": "77"}
    async with selling(crm_house, wanted) as (sales, amo):
        closed = amo.card("Boris", f"+{BORIS}")
        amo.lead(closed, status=143)
        await hears(sales, "1")
        await hears(sales, "2", BORIS)
        await hears(sales, "3", BORIS)
        anna = next(card for card in amo.cards.values() if card["name"] == "Anna")
        assert (anna["phones"], anna["unsorted"]) == ([f"+{ANNA}"], False)
        assert [amo.leads[one]["pipeline_id"] for one in anna["leads"]] == [77]
        assert len(amo.cards[closed]["leads"]) == 2, "the lead that was lost stays lost"
        assert len(amo.cards) == 2


async def test_an_answer_that_is_lost_makes_no_second_contact_or_lead(crm_house: House):
    async with selling(crm_house, {**WITH_TOKEN, "leads": "on"}) as (sales, amo):
        amo.drop_answers = 1
        said = incoming(sales.house.clock, "1", "Hello")
        await sales.house.messenger.of(sales.desk.channel).say(said)
        await until(lambda: sales.desk.is_in(State.UNREACHABLE), "the answer was lost")
        sales.house.advance(30)
        await sales.desk.settled()
        assert (len(amo.cards), len(amo.leads), len(amo.attached)) == (1, 1, 1)
        assert amo.screen(ANNA) == [("client", "Hello")]


async def test_who_allows_it_is_told_so_and_the_tokens_lie_sealed(crm_house: House):
    async with selling(crm_house, WITH_OAUTH) as (sales, amo):
        await hears(sales, "1", BORIS)
        stored = await sales.desk.stored()
        assert (stored.state, stored.fault) == (State.WORKING, "worry")
        assert "Nobody has allowed" in str(stored.error)
        assert amo.screen(BORIS) == [("client", "Hello")], "the message is there all the same"
        assert 'class="bad"' in await allow(sales, "error=access_denied")
        assert "another account" in await allow(sales, f"code={CODE}&referer=evil.example")

        host = httpx.URL(URL).host
        assert 'class="good"' in await allow(sales, f"code={CODE}&referer={host}")
        await hears(sales, "2")

        assert [card["unsorted"] for card in amo.cards.values()] == [True, False]
        rows = await sales.house.fetch("select m::text as row, sealed from crm_memory m")
        assert rows
        assert not any(b"refresh" in row["sealed"] for row in rows)
        assert "did not take the code" in await allow(sales, f"code={CODE}&referer={host}")


async def test_a_token_that_has_run_out_is_renewed_once_and_kept_before_it_is_used(
    crm_house: House,
):
    async with selling(crm_house, WITH_OAUTH) as (sales, amo):
        await allow(sales, f"code={CODE}")
        for number, chat in enumerate((ANNA, BORIS)):
            sales.house.advance(86_400)
            await hears(sales, f"{number}", chat)
        assert amo.calls.count("POST /oauth2/access_token") == 3
        assert [card["unsorted"] for card in amo.cards.values()] == [False, False]


async def test_the_test_says_what_is_missing_for_the_account(crm_house: House):
    async with selling(crm_house, {**SETTINGS, "account_url": URL}) as (sales, _):
        assert (False, "token_needed") in await findings_of(sales)


async def test_the_test_says_whether_the_account_lets_us_in(crm_house: House):
    async with selling(crm_house, WITH_TOKEN) as (sales, amo):
        assert (True, "contacts") in await findings_of(sales)
        amo.access = {"another"}
        assert (False, "contacts_refused") in await findings_of(sales)


async def findings_of(sales: Sales) -> list[tuple[bool, str]]:
    connection = await sales.desk.reception.safe.recall(await sales.desk.stored())
    found = await asyncio.wait_for(sales.desk.connector.test(connection), 10)
    return [(one.good, one.name) for one in found]
