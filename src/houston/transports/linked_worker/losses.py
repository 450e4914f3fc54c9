"""Messages that the library had opened when its worker died, and that nobody had written down.

The library stores a secret of what it opens, before it hands it over, in a file that outlives the process.
Whatever lies there and was never heard of is lost, and is told by name. Messages without a secret, as some
old programs send them, leave no such trace.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from houston.transports import events
from houston.transports.linked_worker.books import HISTORY_TOLD, MISSED, Books, Reached
from houston.transports.linked_worker.ground import Ground
from houston.transports.linked_worker.holding import Holding
from houston.transports.linked_worker.live_store import LiveStore, Opened, user_of
from houston.transports.linked_worker.translate import written_address

_LOST_MAX: Final = 150
"""The library holds a hundred. What is more is history that a phone has handed over."""
_HISTORY_COMES: Final = timedelta(minutes=10)
"""For so long after its announcement history may be on its way into the store."""
_QUIET_SECONDS: Final = 1.0


class _Lost(msgspec.Struct, frozen=True):
    """As it lies in the journal until the server has stored it."""

    wire_id: str
    chat: str
    sender: str
    is_ours: bool
    at: datetime


class Losses:
    """Of one channel. It looks once after each start, and tells when all that had waited is there."""

    def __init__(self, holding: Holding, ground: Ground) -> None:
        self._holding = holding
        self._ground = ground
        self._died_at: datetime | None = None
        self._seen: Reached | None = None
        """What was opened at the last look; it is reached once the library has had nothing more to say."""

    def heard(self, books: Books, body: bytes) -> bool:
        """A message is in the journal; True when the phone announces with it that it hands over history."""
        now = self._ground.clock.now()
        wire_id, announces_history = self._ground.translator.noted(body)
        books.know(wire_id, now)
        if announces_history:
            books.mark(HISTORY_TOLD, now)
        return announces_history

    def died(self, at: datetime) -> None:
        """The worker before this one came to a sudden end, about then and not later."""
        self._died_at = at

    def look(self, books: Books, store: LiveStore) -> None:
        """After a start: find what is missing of what an earlier worker opened."""
        now = self._ground.clock.now()
        reached, at = books.reached(), self._died_at or now
        self._seen = self._died_at = None
        last = Reached(store.generation, store.last_opened(), now)
        if reached is None or reached.store != store.generation:
            books.reach(last)
            return
        opened = store.opened_after(reached.place)
        names = [one.wire_id for one in opened] + [one.secret.hex() for one in opened]
        missing = lost_among(opened, books.known(names))
        if _history_came(books.marked(HISTORY_TOLD), reached.at):
            missing = []
        own = store.own_users()
        books.reach(last, [_entry(one, own, at) for one in missing])

    def note(self, quiet_seconds: float) -> None:
        """Now and then: what had been opened at the last look has been heard of by now."""
        books, store, seen = self._holding.books, self._holding.store, self._seen
        if books is None or store is None:
            return
        self._seen = Reached(store.generation, store.last_opened(), self._ground.clock.now())
        if seen is not None and seen.store == store.generation and quiet_seconds >= _QUIET_SECONDS:
            books.reach(seen)

    def tell(
        self,
        phone_of: Callable[[str], str | None],
        hear: Callable[[events.Event, int], None],
    ) -> None:
        """What did not come after all is told until the server has stored it."""
        books = self._holding.books
        for entry in [] if books is None else books.kept():
            if books is None or entry.code != MISSED:
                continue
            lost = msgspec.msgpack.decode(entry.body, type=_Lost)
            event = _missed(lost, phone_of)
            if event is None or books.known([lost.wire_id]):
                books.let_go([entry.number])
            else:
                hear(event, entry.number)


def lost_among(opened: Sequence[Opened], known: Iterable[str]) -> list[Opened]:
    """What was opened and never heard of; nothing, when that is more than can be lost."""
    known = set(known)
    missing = [one for one in opened if not known & {one.wire_id, one.secret.hex()}]
    return missing if len(missing) <= _LOST_MAX else []


def _history_came(told_at: datetime | None, reached_at: datetime) -> bool:
    return told_at is not None and told_at > reached_at - _HISTORY_COMES


def _entry(one: Opened, own: frozenset[str], at: datetime) -> bytes:
    is_ours = user_of(one.sender) in own
    return msgspec.msgpack.encode(_Lost(one.wire_id, one.chat, one.sender, is_ours, at))


def _missed(lost: _Lost, phone_of: Callable[[str], str | None]) -> events.Missed | None:
    """None when it was no message to people, such as a status post."""
    chat = written_address(lost.chat, phone_of)
    author = written_address(lost.sender, phone_of)
    if chat is None or author is None:
        return None
    return events.Missed(
        wire_id=lost.wire_id, chat=chat, author="" if lost.is_ours else author, at=lost.at
    )
