"""The two addresses of one person, and how their chats become one, on disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from houston.kernel.db import Row, Tx, statement
from houston.kernel.ids import AccountId, ChannelId, ChatId
from houston.messages import store_reactions

_MERGE: Final = statement("houston.messages", "merge_chats")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A hidden address, and the number that it stands for."""

    channel: ChannelId
    hidden: str
    chat: ChatId
    address: str


async def learn(tx: Tx, aliases: Mapping[ChatId, Alias], now: datetime) -> None:
    """Note which chats are of one person; what is known already stays."""
    await tx.execute(
        "insert into chat_aliases (merged_id, channel_id, hidden, chat_id, address, merged_at)"
        " select a.*, $6 from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[]) as a"
        " on conflict do nothing",
        list(aliases),
        [alias.channel for alias in aliases.values()],
        [alias.hidden for alias in aliases.values()],
        [alias.chat for alias in aliases.values()],
        [alias.address for alias in aliases.values()],
        now,
    )


async def known(tx: Tx, chats: Sequence[UUID]) -> dict[UUID, Row]:
    """What these hidden chats are part of, and whether there is still one by itself."""
    rows = await tx.fetch(
        "select a.*, c.id is not null as is_by_itself from chat_aliases a"
        " left join chats c on c.id = a.merged_id where a.merged_id = any($1) order by a.merged_id",
        chats,
    )
    return {row["merged_id"]: row for row in rows}


async def merge(
    tx: Tx, merged: ChatId, into: ChatId, address: str, hidden: str
) -> AccountId | None:
    """Make one chat of two; None when there was only one."""
    await store_reactions.merge(tx, merged, into, address, hidden)
    found = await tx.fetchval(_MERGE, merged, into, address, hidden)
    return None if found is None else AccountId(found)
