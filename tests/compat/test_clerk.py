"""`createContact` and `createDeal`: the clerk hears by hand what came in; a whole server answers the CRM."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from houston.compat.wazzup_v3 import DIALECT, NAME, Clerk
from houston.kernel import feed
from houston.kernel.facts import MessageReceived
from houston.kernel.ids import ChannelId, ChatId, MessageId, new_id
from houston.webhooks import store as webhooks
from houston.webhooks.posts import bundled, next_post
from tests.compat.conftest import Crm

LENA = "79161234567"
KINDS = ["createContact", "createDeal"]
CONTACT: dict[str, Any] = {
    "id": "c1",
    "responsibleUserId": "boris",
    "name": "Lena",
    "contactData": [{"chatType": "whatsapp", "chatId": LENA}],
}
DEAL: dict[str, Any] = {
    "id": "d1",
    "responsibleUserId": "boris",
    "name": "Roses",
    "uri": "https://crm.example/d1",
    "contacts": ["c1"],
}


class Shop:
    """An account whose CRM listens, and the people who write to it."""

    def __init__(self, crm: Crm, channel: str) -> None:
        self.crm = crm
        self.channel = channel
        self._clerk = Clerk(crm.account.hall.clock)
        self._cursor = feed.BEGINNING

    async def subscribe(self, kinds: list[str]) -> None:
        hall, account = self.crm.account.hall, self.crm.account.id
        async with hall.database.transaction() as tx:
            await webhooks.put_sole(
                tx, account, NAME, "http://127.0.0.1:9", kinds, hall.clock.now()
            )

    async def writes(self, person: str, *, echo: bool = False) -> None:
        """Somebody writes, and the clerk hears it."""
        hall, account = self.crm.account.hall, self.crm.account.id
        fact = MessageReceived(
            message_id=MessageId(new_id()),
            chat_id=ChatId(new_id()),
            address=person,
            author=person,
            author_name="Lena",
            text="hello",
            content_uri=None,
            quoted_wire_id=None,
            echo=echo,
            retrieved=False,
            at=hall.clock.now(),
        )
        async with hall.database.transaction() as tx:
            entry = feed.Entry(account, ChannelId(UUID(self.channel)), fact)
            await feed.write(tx, hall.clock.now(), [entry])
        async with hall.database.transaction() as tx:
            news = await feed.read(tx, feed.BEGINNING, account=account, kinds=[fact.kind])
            await self._clerk.hear(tx, news[-1:])

    async def told(self) -> list[dict[str, Any]]:
        """The bodies that the webhook would carry since this was last asked."""
        account = self.crm.account.id
        async with self.crm.account.hall.database.single() as tx:
            news = await feed.news(tx, self._cursor, account=account, kinds=list(DIALECT.hears))
        bodies, events = [], news.events
        while events:
            post = next_post(events, DIALECT, lambda _, item: item.kind in KINDS)
            bodies += [json.loads(bundled(post))] if post.items else []
            events = events[post.events :]
        self._cursor = news.reached
        return bodies


@pytest.fixture
async def shop(crm: Crm) -> Shop:
    shop = Shop(crm, await crm.account.channel("79990001122"))
    await shop.subscribe(KINDS)
    return shop


def contact_wanted(person: str, **more: str) -> dict[str, Any]:
    point = {"chatType": "whatsapp", "chatId": person}
    return {"createContact": {"name": "Lena", "contactData": [point], "source": "auto", **more}}


def deal_wanted(contact: str) -> dict[str, Any]:
    return {"createDeal": {"responsibleUserId": "boris", "contacts": [contact], "source": "auto"}}


async def test_whom_the_crm_does_not_know_is_told_once_and_alone(shop: Shop) -> None:
    for person in (LENA, LENA, "79161234568"):
        await shop.writes(person)
    assert await shop.told() == [contact_wanted(LENA), contact_wanted("79161234568")]


async def test_what_was_typed_on_the_phone_makes_no_contact(shop: Shop) -> None:
    await shop.writes(LENA, echo=True)
    assert await shop.told() == []


async def test_a_contact_that_was_asked_for_wants_a_deal_as_soon_as_it_comes(shop: Shop) -> None:
    await shop.writes(LENA)
    await shop.told()
    for _ in range(2):
        await shop.crm.put("/v3/contacts", [CONTACT])
    assert await shop.told() == [deal_wanted("c1")]


async def test_a_known_contact_wants_a_deal_when_they_write_and_none_is_open(shop: Shop) -> None:
    await shop.crm.put("/v3/contacts", [CONTACT])
    assert await shop.told() == []
    await shop.crm.put("/v3/deals", [DEAL])
    await shop.writes(LENA)
    assert await shop.told() == []
    await shop.crm.put("/v3/deals", [DEAL | {"closed": True}])
    for _ in range(2):
        await shop.writes(LENA)
    assert await shop.told() == [deal_wanted("c1")]


async def test_a_contact_that_was_deleted_is_asked_for_anew(shop: Shop) -> None:
    await shop.writes(LENA)
    await shop.crm.put("/v3/contacts", [CONTACT])
    await shop.told()
    assert (await shop.crm.ask("DELETE", "/v3/contacts/c1")).status_code == 200
    await shop.writes(LENA)
    assert await shop.told() == [contact_wanted(LENA)]


async def test_who_does_not_want_to_hear_of_it_is_not_asked_now_nor_later_for_the_past(
    shop: Shop,
) -> None:
    await shop.subscribe(["messages"])
    await shop.writes(LENA)
    await shop.subscribe(KINDS)
    assert await shop.told() == []
    await shop.writes(LENA)
    assert await shop.told() == [contact_wanted(LENA)]


async def test_new_ones_go_round_those_who_get_them_on_the_channel(shop: Shop) -> None:
    users = [{"id": one, "name": one} for one in ("anna", "boris", "clara")]
    await shop.crm.put("/v3/users", users)
    roles = [
        {"channelId": shop.channel, "userId": one, "role": "seller", "allowGetNewClients": gets}
        for one, gets in (("anna", True), ("boris", False), ("clara", True))
    ]
    answer = await shop.crm.ask("PATCH", "/tech/settings", {"userRoles": roles})
    assert answer.status_code == 200
    for number in range(4):
        await shop.writes(f"7916123456{number}")
        shop.crm.account.hall.clock.advance(timedelta(seconds=1).total_seconds())
    whose = [body["createContact"]["responsibleUserId"] for body in await shop.told()]
    assert whose == ["anna", "clara", "anna", "clara"]
