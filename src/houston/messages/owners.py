"""Whose a chat is: the first seller who writes in it has it, and a manager may give it to another."""

from dataclasses import dataclass

from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.facts import ChatGiven
from houston.kernel.ids import ChannelId, ChatId, PersonId
from houston.kernel.wake import Topic, Wakes
from houston.messages import store
from houston.people.rules import Caller


@dataclass(frozen=True, slots=True)
class Owners:
    """Makes chats somebody's own. Whoever calls has asked for the right."""

    database: Database
    clock: Clock
    wakes: Wakes

    async def claim(
        self, caller: Caller, channel: ChannelId, chat: ChatId, person: PersonId
    ) -> None:
        """A chat of nobody becomes a person's own; one of somebody stays theirs."""
        async with self.database.transaction() as tx:
            if not await store.claim(tx, chat, person):
                return
            fact = ChatGiven(chat_id=chat, owner_id=person, actor=caller.actor)
            await feed.write(tx, self.clock.now(), [feed.Entry(caller.account, channel, fact)])
        self.wakes.here(Topic.FEED)

    async def give(
        self, caller: Caller, channel: ChannelId, chat: ChatId, to: PersonId | None
    ) -> None:
        """Make a chat somebody's own, or (None) nobody's."""
        async with self.database.transaction() as tx:
            await store.give(tx, chat, to)
            fact = ChatGiven(chat_id=chat, owner_id=to, actor=caller.actor)
            await feed.write(tx, self.clock.now(), [feed.Entry(caller.account, channel, fact)])
        self.wakes.here(Topic.FEED)
