"""An emoji is put on a message, or taken off, by either side: on the disk and in the feed."""

from datetime import datetime

from houston.kernel import feed
from houston.kernel.db import Tx
from houston.kernel.facts import MessageReacted, ReactionFailed
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId
from houston.messages import store_reactions
from houston.messages.line import Waiting
from houston.messages.rules import Settlement
from houston.messages.store_reactions import Reaction


async def react(tx: Tx, reaction: Reaction, now: datetime) -> None:
    """Put down what an author's reaction is by now, and say so in the feed if it is another one.

    Nothing is said of a message that is not here. Should it come, its reactions are on it.
    """
    row = await store_reactions.put(tx, reaction)
    if row is None or row["emoji_before"] == reaction.emoji:
        return
    fact = MessageReacted(
        message_id=MessageId(row["id"]),
        chat_id=ChatId(row["chat_id"]),
        address=row["address"],
        emoji=reaction.emoji,
        old_emoji=row["emoji_before"],
        author=reaction.author,
        author_name=reaction.author_name,
        by_us=not reaction.author,
        at=reaction.at,
    )
    await feed.write(
        tx, now, [feed.Entry(AccountId(row["account_id"]), ChannelId(row["channel_id"]), fact)]
    )


def failed(message: Waiting, settlement: Settlement) -> feed.Entry:
    """A reaction of the channel came to nothing: told of the message that it is about."""
    target = message.body.target
    assert target is not None  # Nobody can react to nothing.
    fact = ReactionFailed(
        message_id=MessageId(target),
        chat_id=message.chat,
        address=message.address,
        emoji=message.body.text,
        error_code=settlement.error_code,
        error_text=settlement.error_text,
        at=settlement.at,
    )
    return feed.Entry(message.account, message.channel, fact)
