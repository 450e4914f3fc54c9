"""Whose emoji stands on which message, on disk, and what was asked of a channel's own ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from houston.kernel.db import Row, Tx, statement
from houston.kernel.ids import ChatId, MessageId
from houston.messages.rules import MessageStatus

_REACT: Final = statement("houston.messages", "react")
_REACTIONS: Final = statement("houston.messages", "reactions")
_MERGE: Final = statement("houston.messages", "merge_reactions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What an author's emoji on a message is since `at`; None is none. Nobody is the channel itself."""

    chat: ChatId
    wire_id: str
    author: str
    author_name: str | None
    emoji: str | None
    at: datetime


async def put(tx: Tx, reaction: Reaction) -> Row | None:
    """Let a reaction stand, unless a later one of its author does.

    The message with the emoji that stood on it before; None when nothing changed, or it is not here.
    """
    return await tx.fetchrow(
        _REACT,
        reaction.chat,
        reaction.wire_id,
        reaction.author,
        reaction.author_name,
        reaction.emoji,
        reaction.at,
    )


async def asked(tx: Tx, message: MessageId) -> Row:
    """In which chat a reaction of the channel is asked for by now, and by whom."""
    row = await tx.fetchrow(
        "select chat_id, nullif(author_name, '') as author_name from messages where id = $1",
        message,
    )
    assert row is not None
    return row


async def supersede(tx: Tx, chat: ChatId, wire_id: str, newest: MessageId) -> None:
    """What waits to become of the channel's reaction is the newest only; earlier wishes are forgotten."""
    await tx.execute(
        "update messages set status = $4, open = false"
        " where chat_id = $1 and kind = 3 and open and status = 0"
        " and body ->> 'target_wire_id' = $2 and seq < (select seq from messages where id = $3)",
        chat,
        wire_id,
        newest,
        int(MessageStatus.CANCELLED),
    )


async def standing(tx: Tx, messages: Sequence[Row]) -> list[Row]:
    """The reactions that stand on messages, the oldest first; and with a `status`, what was asked of the
    channel's own and is not done."""
    known = [row for row in messages if row["wire_id"] is not None]
    if not known:
        return []
    return await tx.fetch(
        _REACTIONS, [row["chat_id"] for row in known], [row["wire_id"] for row in known]
    )


async def merge(tx: Tx, merged: ChatId, into: ChatId, address: str, hidden: str) -> None:
    """The reactions of a chat become those of another, with what their author is called there."""
    await tx.execute(_MERGE, merged, into, address, hidden)
