"""The referee of messages: what was accepted, what people saw, in which order, and what was said of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.simulation.books import OURS
from tests.simulation.calendar import START, Calendar
from tests.simulation.law import Finding

if TYPE_CHECKING:
    from tests.simulation.referee import Referee

CODES = {
    "DISABLED": "CHANNEL_BLOCKED",
    "DELETED": "CHANNEL_NOT_FOUND",
    "NOT_PAID": "CHANNEL_NO_MONEY",
}
ARRIVED = ("sent", "delivered", "read")
RANKS = {"queued": 0, "sending": 0, "uncertain": 1, "sent": 2, "delivered": 3, "read": 4}
BOUNDARY = timedelta(seconds=10)
"""What was on its way when the status changed is let go; nothing new is begun after that."""


@dataclass(slots=True, eq=False)
class Letter:
    """A message that Houston has accepted."""

    number: int
    key: str
    chat: str
    said: str = "queued"
    attempts: int = 0
    wire_ids: set[str] = field(default_factory=set)
    taken_as: str | None = None
    """Under which id WhatsApp has it; None as long as it does not."""
    read: bool = False


@dataclass(slots=True, eq=False)
class Note:
    """A message that a person wrote to the channel."""

    number: int
    wire_id: str
    chat: str
    at: datetime
    missed: bool
    """Nobody listened when it was written."""


class PostReferee:
    """Books of both directions."""

    def __init__(self, referee: "Referee", calendar: Calendar) -> None:
        self._referee = referee
        self._calendar = calendar
        self.letters: dict[str, Letter] = {}
        self._open: dict[str, dict[str, Letter]] = {}
        self._last_taken: dict[str, int] = {}
        self._sender: int | None = None
        self._level = 0.0
        self._level_at = START
        self.moved_at = START
        self.written_at = START
        self.unsaved: dict[str, Note] = {}
        self._saved: dict[str, int] = {}
        self._all_saved: set[str] = set()
        self._made = 0

    # --- Accepted or not -------------------------------------------------------------------

    def accepted(self, key: str, chat: str) -> None:
        refusing = self._referee.told.refuses()
        if refusing is not None:
            raise Finding("M1", f"a message was accepted while {refusing}")
        self._made += 1
        letter = Letter(self._made, key, chat)
        self.letters[key] = self._open.setdefault(chat, {})[key] = letter
        self.moved_at = self._calendar.now
        self._referee.stir()

    def refused(self, code: str) -> None:
        refusing = self._referee.told.refuses()
        if refusing is None:
            raise Finding("M2", f"a message was refused with {code} in {self._referee.eyes.status}")
        if code != CODES[refusing]:
            raise Finding("M1", f"a message was refused with {code} while {refusing}")

    # --- On the wire -----------------------------------------------------------------------

    def held_by(self, node: int | None) -> None:
        """Another node begins with a full allowance; the same one goes on with its own."""
        if node not in (None, self._sender):
            self._level, self._sender = 0.0, node

    def attempted(self, key: str, wire_id: str) -> None:
        """A node hands a message to WhatsApp."""
        letter, now = self.letters.get(key), self._calendar.now
        if letter is None:
            raise Finding("M1", f"{key} was never accepted, and is sent")
        letter.attempts += 1
        if letter.said == "cancelled":
            raise Finding("M8", f"{key} was cancelled, and is sent")
        if now > self._referee.eyes.sendable_until + BOUNDARY:
            since = self._referee.eyes.sendable_until
            raise Finding(
                "M2", f"{key} is sent in {self._referee.eyes.status}, which holds since {since}"
            )
        first = next(iter(self._open[letter.chat].values()), None)
        if first is not None and first.number < letter.number:
            raise Finding("M5", f"number {letter.number} is sent before number {first.number}")
        if self._referee.traits.client_ids:
            letter.wire_ids.add(wire_id)
            if len(letter.wire_ids) > 1:
                raise Finding("M6", f"{key} is sent under several ids: {sorted(letter.wire_ids)}")
        self._paced(now)
        self.moved_at = now

    def _paced(self, now: datetime) -> None:
        traits = self._referee.traits
        if traits.per_minute is None:
            return
        minutes = (now - self._level_at).total_seconds() / 60
        self._level = max(0.0, self._level - minutes * traits.per_minute) + 1
        self._level_at = now
        if self._level > traits.burst + 1.01:
            raise Finding("M9", f"{self._level:.1f} at once; {traits.burst} are allowed")

    def taken(self, key: str, wire_id: str, chat: str, phone: str) -> None:
        """WhatsApp has taken it, and the person sees it."""
        letter = self.letters.get(key)
        if phone != OURS:
            raise Finding("S6", f"{key} went out through {phone}")
        if letter is None or letter.attempts == 0:
            raise Finding("M1", f"a person got {key}, which was never to be sent")
        if letter.taken_as not in (None, wire_id):
            raise Finding("M6", f"a person got {key} as {letter.taken_as} and as {wire_id}")
        if letter.said == "failed":
            raise Finding("M7", f"{key} was said to have failed, and reached the person")
        if letter.number < self._last_taken.get(chat, 0):
            raise Finding("M5", f"the person got number {letter.number} after a later one")
        letter.taken_as = wire_id
        self._last_taken[chat] = letter.number

    def read_by_person(self, wire_id: str) -> None:
        """Nothing is said of it before: that is judged when it is shown."""

    # --- What is said of it ----------------------------------------------------------------

    def shown(self, key: str, said: str) -> None:
        """The sender of the message sees this now."""
        letter = self.letters[key]
        before, letter.said = letter.said, said
        # What was tried once may have left; if it is cancelled then, its arrival is still told.
        arrived = before == "cancelled" and letter.taken_as is not None and said in ARRIVED
        backwards = RANKS.get(said, 9) < RANKS.get(before, 9)
        if before == "failed" or (backwards and not arrived):
            raise Finding("M7", f"{key} was {before} and is {said}")
        if said in ARRIVED and letter.taken_as is None:
            raise Finding("M7", f"{key} is said to be {said}, and WhatsApp never took it")
        if said == "failed" and letter.taken_as is not None:
            raise Finding("M7", f"{key} is said to have failed, and the person has it")
        if said == "cancelled" and before != "queued":
            raise Finding("M8", f"{key} was cancelled while it was {before}")
        if said == "uncertain" and self._referee.traits.client_ids:
            raise Finding("M6", f"{key} is uncertain, though a repeat would have been harmless")
        if RANKS.get(said, 9) > 0:
            self._open[letter.chat].pop(key, None)

    # --- What comes in ---------------------------------------------------------------------

    def written(self, wire_id: str, chat: str, at: datetime) -> None:
        """A person writes to the channel."""
        self._made += 1
        missed = not (self._referee.told.online_at and self._referee.outside.network)
        self.unsaved[wire_id] = Note(self._made, wire_id, chat, at, missed)
        self.written_at = at
        self._referee.stir()

    def saved(self, wire_id: str, chat: str, sent_at: datetime, *, retrieved: bool) -> None:
        """Houston has it on the disk."""
        note = self.unsaved.pop(wire_id, None)
        if note is None:
            raise Finding("I1", f"{wire_id} was saved again")
        if note.number < self._saved.get(chat, 0):
            raise Finding("I2", f"{wire_id} was saved after a later one of its chat")
        if sent_at != note.at:
            raise Finding("I2", f"{wire_id} was written at {note.at} and saved as of {sent_at}")
        self._saved[chat] = note.number

    # --- In the end ------------------------------------------------------------------

    def is_anything_open(self) -> bool:
        return any(self._open.values())

    def is_waiting(self) -> bool:
        return self.is_anything_open() or bool(self.unsaved)

    def must_be_done(self) -> None:
        """In the end, all is well for long enough: nothing may be left."""
        lost = [one for one in self.letters.values() if RANKS.get(one.said, 9) == 0]
        if lost:
            raise Finding("M3", f"{len(lost)} were accepted and never sent, as {lost[0].key}")
        if self.unsaved:
            first = next(iter(self.unsaved))
            raise Finding("I2", f"{len(self.unsaved)} were never retrieved, as {first}")
