"""The Houston notice: who wrote into a chat is told to scan the code, once per chat and occurrence (M4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from houston.channels.state import Status
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Tx
from houston.kernel.facts import HoustonCalled, StatusChanged
from houston.kernel.ids import AccountId, ChannelId, ChatId
from houston.messages import store
from houston.messages.rules import HOUSTON_TEXT

KINDS: Final = (StatusChanged.kind,)


async def call_houston(
    tx: Tx, channel: ChannelId, occurrence: datetime, now: datetime, chats: Sequence[ChatId] | None
) -> None:
    """Put the notice into these chats; without `chats`, into every chat in which a message waits.

    `occurrence` is the moment since which the channel waits for its scan.
    """
    rows = await store.call_houston(tx, channel, occurrence.isoformat(), HOUSTON_TEXT, now, chats)
    await feed.write(
        tx,
        now,
        [
            feed.Entry(
                AccountId(row["account_id"]),
                channel,
                HoustonCalled(chat_id=ChatId(row["chat_id"]), address=row["address"], at=now),
            )
            for row in rows
        ],
    )


class Caller:
    """Follows the statuses: a channel that turns to SCAN_QR calls Houston into its waiting chats."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def handle(self, tx: Tx, news: Sequence[feed.Event]) -> None:
        for event in news:
            fact = event.fact()
            assert isinstance(fact, StatusChanged)
            assert event.channel is not None
            await call_houston(tx, event.channel, fact.at, self._clock.now(), None)


def calls_houston(event: feed.Event) -> bool:
    """Whether a channel turns to where somebody has to scan a code."""
    fact = event.fact()
    assert isinstance(fact, StatusChanged)
    turns = fact.new == Status.SCAN_QR and fact.old != Status.SCAN_QR
    return event.channel is not None and turns
