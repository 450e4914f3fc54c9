"""Saying over HTTP that one writes in a chat, so that no colleague answers the same person meanwhile."""

from dataclasses import dataclass
from typing import Final

import msgspec
from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from houston.inbox.presence import Presence, operator_of, worded
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import Conflict
from houston.kernel.ids import ChannelId, ChatId
from houston.kernel.turnstile import Turnstile
from houston.kernel.wake import Topic, Wakes
from houston.messages import reach
from houston.people import roster
from houston.people.rules import Caller, Doing

_PASSED_ON_MAX: Final = 20
_STRETCH_SECONDS: Final = 10.0
"""A browser says it every three seconds, and somebody may write in a few chats at a time."""


class PresenceRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the caller writes in the chat, or has stopped."""

    writing: bool


@dataclass(frozen=True, slots=True)
class Herald:
    """Passes on who writes where. Too much of it from one operator ends here."""

    database: Database
    wakes: Wakes
    turnstile: Turnstile

    async def tell(self, caller: Caller, chat: ChatId, writing: bool) -> None:
        """Say it to every node.

        Raises:
            NotFound: there is no such chat, or none that the caller may know of.
            Forbidden: it is not theirs to write there.
        """
        async with self.database.single() as tx:
            row = await reach.chat(tx, caller, Doing.WRITE, chat)
            if self.turnstile.wait_seconds(operator_of(caller)):
                return
            presence = Presence(
                account=caller.account,
                channel=ChannelId(row["channel_id"]),
                chat=chat,
                address=row["address"],
                owner=row["owner_id"],
                operator=operator_of(caller),
                name=await _name(tx, caller),
                writing=writing,
            )
        await self.wakes.say(Topic.PRESENCE, worded(presence))


def herald(database: Database, clock: Clock, wakes: Wakes) -> Herald:
    return Herald(database, wakes, Turnstile(clock, _PASSED_ON_MAX, _STRETCH_SECONDS))


@post(
    "/chats/{chat:uuid}/presence",
    summary="Say that I write in a chat, or have stopped",
    status_code=204,
    doing=Doing.WRITE,
    window=True,
)
async def say_presence(
    chat: FromPath[ChatId],
    data: JSONBody[PresenceRequest],
    caller: NamedDependency[Caller],
    herald: NamedDependency[Herald],
) -> None:
    """For people and for windows of a CRM, at most every three seconds. The stream tells it to all others who
    may see the chat, as the event `presence`; nothing else does. Who hears no more of it for seven seconds
    forgets it. What is said too often is not passed on.

    409 means: an API key is nobody who writes.
    """
    if caller.person is None and caller.window is None:
        raise Conflict(
            "An API key is nobody who writes", "Sign in, or open a window for a user of the CRM"
        )
    await herald.tell(caller, chat, data.writing)


async def _name(tx: Tx, caller: Caller) -> str:
    if caller.window is not None:
        return caller.window.name
    assert caller.person is not None  # Keys were turned away.
    person: Row = await roster.one(tx, caller.account, caller.person)
    return str(person["name"])


presence_api = Router("/", route_handlers=[say_presence], tags=["chats"])
