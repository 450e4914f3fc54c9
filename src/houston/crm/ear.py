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

KINDS: Final = [fact.kind for fact in HEARS]


class Ear:
    """What a follower named `crm` does with facts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def hear(self, tx: Tx, news: Sequence[feed.Event]) -> None:
        listening = await store.listening(tx, list({event.account for event in news}))
        errands = [
            errand
            for event in news
            for one in listening
            if (errand := _errand(event, one)) is not None
        ]
        if errands:
            await store_line.enqueue(tx, errands, self._clock.now())


def _errand(event: feed.Event, one: Stored) -> NewErrand | None:
    if event.account != one.account or event.channel not in one.channels:
        return None
    fact = event.fact()
    what = what_of(fact, one.id)
    if what is None:
        return None
    chat, address = chat_of(fact)
    return NewErrand(
        connection=one.id, channel=event.channel, chat=chat, address=address, what=what
    )
