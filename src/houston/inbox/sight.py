"""What of the feed and of their colleagues' presence a caller sees, also when signed out or in another role."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request

from houston.inbox.presence import Presence
from houston.inbox.writing import Told
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.ids import ChannelId, ChatId
from houston.messages import store_reading
from houston.messages.reach import sells_at
from houston.people.asking import known_caller
from houston.people.keyring import Keyring
from houston.people.rules import Caller, Doing, may

_BELIEVED_SECONDS: Final = 5.0
_NEEDS: Final = {
    "person": Doing.ADMINISTER,
    "key": Doing.ADMINISTER,
    "account": Doing.ADMINISTER,
    "balance": Doing.PAY,
    "endpoint": Doing.SET_UP,
    "connection": Doing.SET_UP,
}
"""What it takes to see facts about the account as a whole, by the first word of their kind."""


@dataclass(frozen=True, slots=True)
class Lookout:
    """Gives callers their sight."""

    database: Database
    clock: Clock
    keyring: Keyring

    def sight(self, caller: Caller, request: Request[Any, Any, Any]) -> "Sight":
        """What a caller sees, for as long as they listen by this request."""
        again = partial(known_caller, request, self.keyring)
        return Sight(caller, self.database, self.clock, again)


class Sight:
    """The eyes of one caller."""

    def __init__(
        self,
        caller: Caller,
        database: Database,
        clock: Clock,
        again: Callable[[], Awaitable[Caller]],
    ) -> None:
        """`again` says who the caller is by now, and raises NotAllowed when they are nobody any more."""
        self._database = database
        self._clock = clock
        self._again = again
        self._believe(caller)

    def _believe(self, caller: Caller) -> None:
        self._caller = caller
        self._asked_at = self._clock.monotonic()
        sees_all = not caller.is_limited and caller.window is None
        self._reads_every_channel = sees_all and may(caller, Doing.READ)

    async def sees(self, told: Told) -> bool:
        """Whether it is for the caller.

        Raises:
            NotAllowed: the key was revoked, or the person was signed out.
        """
        if self._clock.monotonic() >= self._asked_at + _BELIEVED_SECONDS:
            self._believe(await self._again())
        if isinstance(told, Presence):
            return told.is_for(self._caller)
        if told.channel is None:
            return self._sees_account(told.kind)
        # So it is for most who listen, and each is asked about each event.
        return self._reads_every_channel or await self._sees_on(told.channel, told)

    async def _sees_on(self, channel: ChannelId, event: feed.Event) -> bool:
        if sells_at(self._caller, channel) is None and self._caller.window is None:
            return may(self._caller, Doing.READ, channel)
        chat = _decoder.decode(event.body).chat_id
        if chat is None:
            return may(self._caller, Doing.READ, channel)
        async with self._database.single() as tx:
            row = await store_reading.chat(tx, event.account, ChatId(chat))
        if row is None or not self._caller.sees_chat(row["address"]):
            return False
        return may(self._caller, Doing.READ, channel, row["owner_id"])

    def _sees_account(self, kind: str) -> bool:
        needed = _NEEDS.get(kind.partition(".")[0], Doing.READ)
        return not self._caller.is_limited and may(self._caller, needed)


class _Body(msgspec.Struct):
    chat_id: UUID | None = None


_decoder: Final = msgspec.json.Decoder(_Body)
