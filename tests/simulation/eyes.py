"""What people see of a channel: the word, the history, and what becomes of their messages.

Compared with the referee's books at every look. Of the state only that is read which is shown.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from houston.channels.orders import (
    HOUSTON,
    WHATSAPP,
    Claimed,
    Command,
    Heard,
    Probed,
    Released,
    Rescan,
    Stalled,
    StatusChange,
    Woke,
)
from houston.channels.state import State
from houston.channels.status import may_send, policy, read
from tests.simulation.books import NEVER, REFUSING
from tests.simulation.calendar import START, Calendar
from tests.simulation.law import Finding

if TYPE_CHECKING:
    from tests.simulation.referee import Referee

Seen = tuple[str, str, str | None]
"""Status, reason, and the state as it is written on the wire."""

_POLICIES = dict.fromkeys(REFUSING, "refuse") | {"ACTIVE": "send"}
_WIRE_STATES = {
    "DELETED": (None,),
    "DISABLED": ("disabled",),
    "NOT_PAID": ("notEnoughMoney",),
    "SCAN_QR": ("qr", "qridle", "foreignphone"),
    "CONFIRM_ON_PHONE": ("waitForPassword",),
    "OPENED_ELSEWHERE": ("openElsewhere",),
    "BLOCKED": ("blocked",),
    "PHONE_UNAVAILABLE": ("phoneUnavailable",),
    "ACTIVE": ("active",),
    "JUST_A_MINUTE": ("init",),
}


class Eyes:
    """Looks after every turn, and remembers what was seen last."""

    def __init__(self, referee: "Referee", calendar: Calendar) -> None:
        self._referee = referee
        self._calendar = calendar
        self.shown: Seen = ("SCAN_QR", "awaiting_scan", "qr")
        self.since = START
        self.days_in: defaultdict[str, float] = defaultdict(float)
        self.sendable_until = START
        """Until when messages might leave; NEVER while they may."""
        self._state: State | None = None

    @property
    def status(self) -> str:
        return self.shown[0]

    # --- The history -----------------------------------------------------------------------

    def announced(self, change: StatusChange, word: Heard) -> None:
        """A line is written to the history."""
        if change.old != self.status:
            raise Finding("S11", f"history says from {change.old}, people saw {self.status}")
        if change.at != self._calendar.now:
            raise Finding("S11", f"history says {change.at}, it is {self._calendar.now}")
        if change.actor != _actor(word):
            raise Finding("S11", f"history says {change.actor} did it, {_actor(word)} did")
        seen = (str(change.new), str(change.reason), change.wire_state)
        if seen == self.shown:
            raise Finding("S11", f"a change was recorded, but people saw none: {seen}")
        self.close_the_books()
        self.shown, self.since = seen, self._calendar.now

    def close_the_books(self) -> None:
        """How long people saw the status that ends now."""
        self.days_in[self.status] += (self._calendar.now - self.since) / timedelta(days=1)

    # --- The look --------------------------------------------------------------------------

    def see(self, state: State) -> None:
        if state is self._state:
            return
        self._state = state
        status, reason, wire_state = read(state)
        seen = (str(status), str(reason), wire_state)
        if seen != self.shown:
            raise Finding("S11", f"people see {seen}, the history ends with {self.shown}")
        self._judge_status(seen[0], wire_state)
        self._judge_policy(seen[0], str(policy(state)), sends=may_send(state))

    def _judge_status(self, status: str, wire_state: str | None) -> None:
        told = self._referee.told
        rightful = told.rightful(self._calendar.now)
        if status not in rightful:
            rule = "S7" if "OPENED_ELSEWHERE" in (status, *rightful) else "P"
            what = f"people see {status}; by the facts it is {' or '.join(rightful)}"
            raise Finding(rule, f"{what}. {told.tries()}")
        if wire_state not in _WIRE_STATES[status]:
            raise Finding("P", f"{status} is written as {wire_state}")
        if status == "ACTIVE" and self._referee.is_driven():
            self._judge_active()
        if status == "SCAN_QR":
            self._judge_code(wire_state)

    def _judge_active(self) -> None:
        if self._referee.told.online_at is None:
            raise Finding("P", "Active, but the link is not up")
        if self._referee.told.catching_up:
            raise Finding("S2", "Active, but what waited is still being handed over")

    def _judge_code(self, wire_state: str | None) -> None:
        told = self._referee.told
        if (wire_state == "foreignphone") is not told.wrong_number:
            raise Finding("S6", f"a wrong number scanned: {told.wrong_number}, seen: {wire_state}")
        asked = isinstance(self._referee.word, Rescan) and told.banned_until is None
        if asked and wire_state != "qr" and self._referee.could_show_codes():
            raise Finding("S1", f"a new code was asked for, and people see {wire_state}")

    def _judge_policy(self, status: str, word: str, *, sends: bool) -> None:
        if word != _POLICIES.get(status, "hold"):
            raise Finding("M2", f"in {status} messages are to {word}")
        if sends and not (status == "ACTIVE" or self._sends_without_phone(status)):
            raise Finding("M2", f"messages may leave in {status}")
        if sends:
            self.sendable_until = NEVER
        elif self.sendable_until == NEVER:
            self.sendable_until = self._calendar.now

    def _sends_without_phone(self, status: str) -> bool:
        capable = self._referee.traits.sends_without_phone
        linked = self._referee.told.online_at is not None
        return status == "PHONE_UNAVAILABLE" and capable and linked

    def may_have_left(self) -> datetime:
        """The last moment at which a message might leave."""
        return min(self.sendable_until, self._calendar.now)


def _actor(word: Heard) -> str:
    if isinstance(word, Command):
        return word.actor
    quiet = isinstance(word, Claimed | Released | Woke | Stalled | Probed)
    return HOUSTON if quiet else WHATSAPP
