"""A message that is already known gets another text or is taken back, by either side."""

from datetime import datetime

from houston.kernel import feed
from houston.kernel.db import Tx
from houston.kernel.facts import MessageEdited
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId
from houston.messages import store


async def change(
    tx: Tx, target: MessageId, text: str | None, at: datetime, now: datetime, *, by_us: bool
) -> None:
    """Give a message another text, or (None) mark it as taken back, and say so in the feed."""
    row = await store.close_target(tx, target, text, at)
    if row is None:
        return
    fact = MessageEdited(
        message_id=target,
        chat_id=ChatId(row["chat_id"]),
        address=row["address"],
        text=text,
        old_text=row["old_text"],
        at=at,
        by_us=by_us,
    )
    await feed.write(
        tx, now, [feed.Entry(AccountId(row["account_id"]), ChannelId(row["channel_id"]), fact)]
    )
