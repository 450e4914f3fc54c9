"""Which events of the feed a caller sees, also after they were signed out or given another role."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request

from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.ids import ChatId
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
        self._caller = caller
        self._database = database
        self._clock = clock
        self._again = again
        self._asked_at = clock.monotonic()

    async def sees(self, event: feed.Event) -> bool:
        """Whether an event is for the caller.

        Raises:
            NotAllowed: the key was revoked, or the person was signed out.
        """
        await self._look_again()
        if event.channel is None:
            return self._sees_account(event.kind)
        if sells_at(self._caller, event.channel) is None and self._caller.window is None:
            return may(self._caller, Doing.READ, event.channel)
        chat = _decoder.decode(event.body).chat_id
        if chat is None:
            return may(self._caller, Doing.READ, event.channel)
        async with self._database.single() as tx:
            row = await store_reading.chat(tx, event.account, ChatId(chat))
        if row is None or not self._caller.sees_chat(row["address"]):
            return False
        return may(self._caller, Doing.READ, event.channel, row["owner_id"])

    def _sees_account(self, kind: str) -> bool:
        needed = _NEEDS.get(kind.partition(".")[0], Doing.READ)
        return not self._caller.is_limited and may(self._caller, needed)

    async def _look_again(self) -> None:
        now = self._clock.monotonic()
        if now >= self._asked_at + _BELIEVED_SECONDS:
            self._caller = await self._again()
            self._asked_at = now


class _Body(msgspec.Struct):
    chat_id: UUID | None = None


_decoder: Final = msgspec.json.Decoder(_Body)
