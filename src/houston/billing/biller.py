"""The loop that charges: each account once a day, however many nodes run and however long none did.

A book is locked while it is settled, so nodes never meet in one; what is charged is on the disk with
what follows from it, or nothing is. Its ear is a follower that hears of channels to be paid for.
"""

from collections.abc import Sequence
from typing import Final

from houston.billing.till import Till
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Tx
from houston.kernel.facts import ChannelAdded, StatusChanged
from houston.kernel.feed import Event
from houston.people import store as people

KINDS: Final = (ChannelAdded.kind, StatusChanged.kind)
_STOPPED: Final = ("DISABLED", "DELETED")
"""The statuses that cost nothing. Leaving or entering one changes what a day costs."""
BATCH: Final = 50
"""Accounts in a transaction. More would be cheaper, but until it ends the feed stands still for everybody."""
_LOOK_EVERY_SECONDS: Final = 1.0
_FORGIVE_EVERY_SECONDS: Final = 3_600.0


class Biller:
    """Settles whatever is due."""

    def __init__(self, database: Database, clock: Clock, till: Till) -> None:
        self._database = database
        self._clock = clock
        self._till = till
        self._opened = False

    async def duty(self) -> None:
        """One turn of the loop."""
        if not self._opened:
            await self._open_books()
        if await self._till.settle_due(BATCH) < BATCH:
            await self._clock.sleep(_LOOK_EVERY_SECONDS)

    async def hear(self, tx: Tx, events: Sequence[Event]) -> None:
        """Note whose channels are to be paid for anew. It happens once for each fact."""
        await self._till.note(tx, sorted({event.account for event in events}))

    async def _open_books(self) -> None:
        """Accounts that were there before money was counted. Later ones get theirs with a channel."""
        async with self._database.transaction() as tx:
            accounts = [row["id"] for row in await people.accounts(tx)]
            await self._till.note(tx, sorted(accounts))
        self._opened = True

    async def forgive(self) -> None:
        """Instead of `duty` where nobody counts money: nobody stands still for want of it."""
        if await self._till.forgive(BATCH) < BATCH:
            await self._clock.sleep(_FORGIVE_EVERY_SECONDS)


def changes_costs(event: Event) -> bool:
    """Whether it changes what a day costs."""
    fact = event.fact()
    if isinstance(fact, StatusChanged):
        return (fact.old in _STOPPED) is not (fact.new in _STOPPED)
    return isinstance(fact, ChannelAdded)
