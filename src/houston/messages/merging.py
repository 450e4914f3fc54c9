"""One person with two addresses has one chat: what is heard under the hidden one is told under the number.

Until the number is known the hidden address has a chat of its own; then that becomes part of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from houston.kernel import feed
from houston.kernel.db import Row, Tx
from houston.kernel.facts import ChatMerged
from houston.kernel.ids import ChannelId, ChatId, chat_id
from houston.messages import store_merging
from houston.messages.rules import is_hidden
from houston.messages.store_merging import Alias
from houston.transports.events import (
    Echoed,
    Gap,
    Incoming,
    MessageEvent,
    Receipt,
)

Heard = tuple[ChannelId, MessageEvent]


@dataclass(frozen=True, slots=True)
class Merged:
    """A chat that is now part of another."""

    channel: ChannelId
    old: ChatId
    new: ChatId


async def united(tx: Tx, batch: Sequence[Heard], now: datetime) -> tuple[list[Heard], list[Merged]]:
    """What was heard, each under the address that its chat has; and the chats that became one by it."""
    learnt = dict(alias for one in batch if (alias := _alias(*one)) is not None)
    hidden = {
        chat_id(channel, event.chat)
        for channel, event in batch
        if not isinstance(event, Gap) and is_hidden(event.chat)
    }
    if not learnt and not hidden:
        return list(batch), []
    if learnt:
        await store_merging.learn(tx, learnt, now)
    known = await store_merging.known(tx, [*learnt, *hidden])
    merged = [await _merge(tx, row, now) for row in known.values() if row["is_by_itself"]]
    return [_under_number(one, known) for one in batch], [one for one in merged if one is not None]


def _alias(channel: ChannelId, event: MessageEvent) -> tuple[ChatId, Alias] | None:
    if not isinstance(event, Incoming | Echoed) or event.hidden is None:
        return None
    alias = Alias(
        channel=channel,
        hidden=event.hidden,
        chat=chat_id(channel, event.chat),
        address=event.chat,
    )
    return chat_id(channel, event.hidden), alias


async def _merge(tx: Tx, row: Row, now: datetime) -> Merged | None:
    channel, old, new = (
        ChannelId(row["channel_id"]),
        ChatId(row["merged_id"]),
        ChatId(row["chat_id"]),
    )
    account = await store_merging.merge(tx, old, new, row["address"], row["hidden"])
    if account is None:
        return None
    fact = ChatMerged(
        chat_id=new, merged_chat_id=old, address=row["address"], hidden=row["hidden"], at=now
    )
    await feed.write(tx, now, [feed.Entry(account, channel, fact)])
    return Merged(channel, old, new)


def _under_number(heard: Heard, known: dict[UUID, Row]) -> Heard:
    channel, event = heard
    if isinstance(event, Gap) or not is_hidden(event.chat):
        return heard
    row = known.get(chat_id(channel, event.chat))
    if row is None:
        return heard
    if isinstance(event, Receipt | Echoed):
        return channel, replace(event, chat=row["address"])
    author = row["address"] if event.author == event.chat else event.author
    return channel, replace(event, chat=row["address"], author=author)
