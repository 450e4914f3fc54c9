"""The clerk: asks the CRM for a contact when somebody unknown writes, and for a deal when one has none open.

It reads what is said in chats, and writes facts that the dialect's webhook tells as `createContact` and
`createDeal`. Each is asked for once; a contact or deal that the CRM deletes may be asked for again.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from houston.compat.wazzup_v3 import store_crm
from houston.compat.wazzup_v3.bodies import Contact
from houston.compat.wazzup_v3.emit import CONTACT, DEAL
from houston.compat.wazzup_v3.hooks import NAME
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Tx
from houston.kernel.facts import ContactWanted, DealWanted, MessageReceived
from houston.kernel.ids import AccountId
from houston.webhooks import store as webhooks

KINDS: Final = (MessageReceived.kind,)


class Clerk:
    """Follows what comes in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def hear(self, tx: Tx, news: Sequence[feed.Event]) -> None:
        for account in dict.fromkeys(event.account for event in news):
            if await _wants(tx, account):
                await self._hear(tx, account, [one for one in news if one.account == account])

    async def _hear(self, tx: Tx, account: AccountId, news: Sequence[feed.Event]) -> None:
        said = list(_from_people(news))
        chats = list(dict.fromkeys(fact.address for _, fact in said))
        known = await store_crm.contacts_in(tx, account, chats)
        known_chats = {chat for contact in known for chat in contact.chats}
        for event, fact in said:
            if fact.address not in known_chats:
                await self._ask_for_contact(tx, event, fact)
        await ask_for_deals(tx, account, known, self._clock)

    async def _ask_for_contact(self, tx: Tx, event: feed.Event, fact: MessageReceived) -> None:
        now, account = self._clock.now(), event.account
        user = await store_crm.who_is_next(tx, account, event.channel)
        if not await store_crm.ask_once(tx, account, CONTACT, fact.address, user, now):
            return
        wanted = ContactWanted(
            name=fact.author_name or fact.address, address=fact.address, responsible_user_id=user
        )
        await feed.write(tx, now, [feed.Entry(account, None, wanted)])


async def ask_for_deals(
    tx: Tx, account: AccountId, contacts: Sequence[Contact], clock: Clock
) -> None:
    """Ask for a deal with each contact who has none that is open."""
    busy = await store_crm.with_open_deal(tx, account, [one.id for one in contacts])
    for contact in contacts:
        user, now = contact.responsible_user_id, clock.now()
        if contact.id in busy:
            continue
        if await store_crm.ask_once(tx, account, DEAL, contact.id, user, now):
            wanted = DealWanted(contacts=[contact.id], responsible_user_id=user)
            await feed.write(tx, now, [feed.Entry(account, None, wanted)])


async def contacts_came(
    tx: Tx, account: AccountId, contacts: Sequence[Contact], clock: Clock
) -> None:
    """The CRM tells of contacts: those that it was asked to make have just written, so they want a deal."""
    chats = [chat for contact in contacts for chat in contact.chats]
    asked = await store_crm.asked(tx, account, CONTACT, chats)
    if asked and await _wants(tx, account):
        came = [contact for contact in contacts if asked & set(contact.chats)]
        await ask_for_deals(tx, account, came, clock)


async def _wants(tx: Tx, account: AccountId) -> bool:
    endpoint = await webhooks.sole(tx, account, NAME)
    return endpoint is not None and CONTACT in (endpoint.kinds or ())


def _from_people(
    news: Sequence[feed.Event],
) -> Iterable[tuple[feed.Event, MessageReceived]]:
    for event in news:
        fact = event.fact()
        assert isinstance(fact, MessageReceived)
        if not fact.echo:
            yield event, fact
