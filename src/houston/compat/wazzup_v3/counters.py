"""The unanswered counter, live: who watches it on this node, and what each of them was told last.

What may change it is heard from the node's one reader of the feed and from the routes of the CRM's
books; then it is counted again, for all who watch an account at once, and told where it differs. A look
each minute finds what grew too old to count, and makes good for a hint that was lost.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from houston.compat.wazzup_v3.limits import Limit
from houston.compat.wazzup_v3.unanswered import Board, Counter, look
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.errors import HoustonError, TooMany
from houston.kernel.facts import (
    ChatMarked,
    ChatMerged,
    KeyChanged,
    MessageAccepted,
    MessageReceived,
    StatusChanged,
)
from houston.kernel.ids import AccountId
from houston.kernel.loop import Bell
from houston.kernel.wake import Topic, Wakes
from houston.people.keyring import Keyring
from houston.people.rules import Caller, Doing, require

_SEATS_MAX: Final = 500
"""Of an account, on this node: one cannot take the places of all others."""
_LOOK_EVERY_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.3
"""News may come a thousand times a second: a count waits for company."""
_RESTS_FOR: Final = 9
_KINDS: Final = frozenset(
    fact.kind
    for fact in (
        MessageReceived,
        MessageAccepted,
        ChatMarked,
        ChatMerged,
        StatusChanged,
        KeyChanged,
    )
)


class News(Protocol):
    """Who reads the feed for everybody."""

    async def watch(self, account: AccountId, hear: Callable[[feed.Event], None]) -> None: ...

    def unwatch(self, account: AccountId) -> None: ...


@dataclass(eq=False, slots=True, kw_only=True)
class Seat:
    """Somebody who watches the counter of one of the CRM's users."""

    account: AccountId
    authorization: str
    user: str
    tell: Callable[[Counter], Awaitable[None]]
    refuse: Callable[[HoustonError], Awaitable[None]]
    told: Counter | None = None


class Counters:
    """Seats people, and tells them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        keyring: Keyring,
        wakes: Wakes,
        news: News,
        requests_max: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._keyring = keyring
        self._news = news
        self._limit = Limit(clock, requests_max)
        self._seats: dict[AccountId, set[Seat]] = defaultdict(set)
        self._stirred: set[AccountId] = set()
        self._rests: dict[AccountId, float] = {}
        self._bell = Bell()
        wakes.on(Topic.BOOKS, self._books_changed)

    async def known(self, authorization: str) -> Caller:
        """Who sends a key, and whether they may see counters.

        Raises:
            NotAllowed, Forbidden: they may not.
            WazzupError: they ask too often.
        """
        caller = await self._keyring.caller(authorization)
        self._limit.count(caller.who)
        require(caller, Doing.READ)
        return caller

    async def sit(self, seat: Seat) -> None:
        """Tell somebody the counter now, and whenever it changes.

        Raises:
            TooMany: too many of the account watch already.
        """
        if len(self._seats.get(seat.account, ())) >= _SEATS_MAX:
            what = f"{_SEATS_MAX} connections of this account watch the counter already"
            raise TooMany(what, "Close some of them first", round(_LOOK_EVERY_SECONDS))
        self._seats[seat.account].add(seat)
        await self._news.watch(seat.account, self._heard)
        if seat.account not in self._seats:  # They have gone meanwhile.
            self._news.unwatch(seat.account)
            return
        await self._tell(await self._look(seat.account), [seat])

    def leave(self, seat: Seat) -> None:
        """Harmless for who is gone."""
        self._seats[seat.account].discard(seat)
        if not self._seats[seat.account]:
            del self._seats[seat.account]
            self._news.unwatch(seat.account)

    async def duty(self) -> None:
        """One turn of the loop."""
        if not await self._bell.wait(_LOOK_EVERY_SECONDS):
            self._stirred |= self._seats.keys()
        now = self._clock.monotonic()
        self._rests = {account: until for account, until in self._rests.items() if until > now}
        due = (self._stirred & self._seats.keys()) - self._rests.keys()
        for account in due:
            await self._tell_all(account)
            self._stirred.discard(account)  # Not before: who was not told for an error still waits.
        await self._clock.sleep(_PAUSE_SECONDS)
        self._stir(self._stirred)

    async def _tell_all(self, account: AccountId) -> None:
        """It then rests for a while that grows with the work: a count takes a tenth of the time at most."""
        began = self._clock.monotonic()
        board = await self._look(account)
        ended = self._clock.monotonic()
        self._rests[account] = ended + _RESTS_FOR * (ended - began)
        allowed = [seat for seat in tuple(self._seats.get(account, ())) if await self._stays(seat)]
        await self._tell(board, allowed)

    async def _stays(self, seat: Seat) -> bool:
        """Whether the key of a seat still opens it; else it is told so and has to go."""
        try:
            require(await self._keyring.caller(seat.authorization), Doing.READ)
        except HoustonError as error:
            self.leave(seat)
            await seat.refuse(error)
            return False
        return True

    async def _look(self, account: AccountId) -> Board:
        async with self._database.single() as tx:
            return await look(tx, account, self._clock.now())

    async def _tell(self, board: Board, seats: Sequence[Seat]) -> None:
        for seat in seats:
            counter = board.counter(seat.user)
            if counter != seat.told:
                seat.told = counter
                await seat.tell(counter)

    def _heard(self, event: feed.Event) -> None:
        if event.kind == KeyChanged.kind:
            self._keyring.forget()
        if event.kind in _KINDS:
            self._stir({event.account})

    def _books_changed(self, accounts: Sequence[UUID]) -> None:
        self._stir({AccountId(one) for one in accounts} or set(self._seats))

    def _stir(self, accounts: set[AccountId]) -> None:
        self._stirred |= accounts & self._seats.keys()
        if self._stirred:
            self._bell.ring()
