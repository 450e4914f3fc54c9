"""A number among the sources of a strict double of amoCRM, and a hook that says nothing to anybody."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace

from houston.crm import store
from houston.crm.rules import State
from tests.crm.amojo_double import ACCOUNT, MANAGER, SECRET
from tests.crm.test_amocrm import Sales
from tests.crm.test_amocrm_cards import WITH_TOKEN, findings_of, selling
from tests.houses import House, until
from tests.wires import ANNA, incoming

NAME = "WhatsApp +7 900 111-22-33"
WITH_SOURCE = {**WITH_TOKEN, "source": NAME}


async def test_a_number_is_a_source_and_its_clients_come_by_it(crm_house: House) -> None:
    async with selling(crm_house, {**WITH_SOURCE, "pipeline_id": "77"}) as (sales, amo):
        (source,) = amo.sources.values()
        await sales.hears(incoming(crm_house.clock, "1", "Hello"))

        assert (source["name"], source["pipeline_id"]) == (NAME, 77)
        assert source["external_id"] == str(sales.desk.channel)
        (chat,) = amo.chats.values()  # Asked for before its contact and before its message.
        assert chat.sources == [source["external_id"]] * 3


async def test_a_source_has_the_name_that_is_wanted_last_and_is_made_again_if_it_went(
    crm_house: House,
) -> None:
    async with selling(crm_house, WITH_SOURCE) as (sales, amo):
        await changed(sales, {"source": "Sales"})
        await until(lambda: [one["name"] for one in amo.sources.values()] == ["Sales"], "renamed")
        amo.sources.clear()
        assert (False, "source_missing") in await findings_of(sales)

        crm_house.advance(601)

        await until(lambda: amo.sources, "it is there again")
        assert (True, "source") in await findings_of(sales)


async def test_chats_go_on_where_sources_are_refused_and_the_test_says_why(
    crm_house: House,
) -> None:
    async with selling(crm_house, WITH_TOKEN) as (sales, amo):
        amo.has_widget = False
        await changed(sales, {"source": NAME})
        await sales.hears(incoming(crm_house.clock, "1", "Hello"))

        assert amo.screen(ANNA) == [("client", "Hello")]
        assert await sales.desk.is_in(State.WORKING)
        assert (False, "source_refused") in await findings_of(sales)


async def test_without_the_setting_amocrm_hears_of_no_source(crm_house: House) -> None:
    async with selling(crm_house, WITH_TOKEN) as (sales, amo):
        await sales.hears(incoming(crm_house.clock, "1", "Hello"))

        assert not any("sources" in call for call in amo.calls)
        assert [one.sources for one in amo.chats.values()] == [[]]


async def test_that_a_manager_types_is_heard_and_harms_nothing(crm_house: House) -> None:
    async with selling(crm_house, WITH_TOKEN) as (sales, amo):
        await sales.hears(incoming(crm_house.clock, "1", "Hello"))
        (chat,) = amo.chats.values()
        typing = {"user": {"id": MANAGER}, "conversation": {"id": chat.id}, "expired_at": 1}
        body = json.dumps({"account_id": ACCOUNT, "time": 1, "action": {"typing": typing}}).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()

        assert await sales.desk.call({"x-signature": signature}, body)
        amo.manager_writes(ANNA, "Good morning")
        await sales.tell()

        await until(lambda: sales.house.messenger.texts(ANNA) == ["Good morning"], "it was sent")
        rows = await crm_house.fetch("select error from crm_hooks where error is not null")
        assert rows == []


async def changed(sales: Sales, settings: Mapping[str, str]) -> None:
    """A person changes settings of the connection; none of them is a secret."""
    one = await sales.desk.stored()
    async with sales.house.database.transaction() as tx:
        wanted = replace(one, settings={**one.settings, **settings})
        await store.change(tx, one, wanted, sales.house.clock.now())
    sales.desk.reception.relay.ring()
