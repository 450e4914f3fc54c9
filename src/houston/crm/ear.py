"""Hears the feed for all CRMs and notes what each has to be told, in the transaction of the cursor."""

from collections.abc import Sequence
from typing import Final

from houston.crm import store, store_line
from houston.crm.rules import HEARS, chat_of, what_of
from houston.crm.store import Stored
from houston.crm.store_line import NewErrand
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Tx
from houston.kernel.facts import ChatMerged

KINDS: Final = [fact.kind for fact in (*HEARS, ChatMerged)]
WHOSE: Final = store.LISTENING


class Ear:
    """What a follower named `crm` does with facts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def hear(self, tx: Tx, news: Sequence[feed.Event]) -> None:
        """What was noted before two chats became one moves with them, so the order in the chat stays."""
        listening = await store.listening(tx, list({event.account for event in news}))
        errands: list[NewErrand] = []
        for event in news:
            concerned = [one for one in listening if _concerns(event, one)]
            if concerned and event.kind == ChatMerged.kind:
                await self._note(tx, errands)
                errands = []
                await _merge(tx, event, concerned)
            errands += [errand for one in concerned if (errand := _errand(event, one)) is not None]
        await self._note(tx, errands)

    async def _note(self, tx: Tx, errands: Sequence[NewErrand]) -> None:
        if errands:
            await store_line.enqueue(tx, errands, self._clock.now())


def _concerns(event: feed.Event, one: Stored) -> bool:
    return event.account == one.account and event.channel in one.channels


async def _merge(tx: Tx, event: feed.Event, concerned: Sequence[Stored]) -> None:
    fact = event.fact()
    assert isinstance(fact, ChatMerged)
    for one in concerned:
        await store_line.merge_chats(tx, one.id, fact.merged_chat_id, fact.chat_id, fact.address)


def _errand(event: feed.Event, one: Stored) -> NewErrand | None:
    assert event.channel is not None
    fact = event.fact()
    what = what_of(fact, one.id)
    if what is None:
        return None
    chat, address = chat_of(fact)
    return NewErrand(
        connection=one.id, channel=event.channel, chat=chat, address=address, what=what
    )
