"""By when something must have happened at the latest, whatever the channel has been through."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.simulation.books import FOR_GOOD
from tests.simulation.calendar import START, Calendar

if TYPE_CHECKING:
    from tests.simulation.referee import Referee

SLACK = timedelta(seconds=20)
"""Timers that fire late and a slow database are no fault of the machine."""
BACK_WITHIN = timedelta(minutes=3) + SLACK
PROOF_GOOD_FOR = timedelta(minutes=2) + SLACK
CLOSED_WITHIN = timedelta(seconds=10)
CODE_WITHIN = timedelta(seconds=60) + SLACK
SENT_WITHIN = timedelta(minutes=10)
"""A repeat may pause for five minutes, and the channel itself may take three."""
RETRIEVED_WITHIN = timedelta(minutes=6)

CLOSING_RULES = {"DELETED": "S10", "DISABLED": "S3", "NOT_PAID": "S4"}


class Wellness:
    """Since when nothing that the law knows of keeps a channel from working."""

    def __init__(self, referee: "Referee", calendar: Calendar) -> None:
        self._referee = referee
        self._calendar = calendar
        self.jitter = timedelta()
        """How long the node that claimed the channel was asked to wait."""
        self.proof_at = START
        self.settled_since = START
        self.refuses_since = START
        self._active_since: datetime | None = None
        self._flowing_since: datetime | None = None

    def unsettle(self) -> None:
        """Something has happened that gives the channel its time anew."""
        self.settled_since = self._calendar.now

    def weigh(self) -> dict[str, datetime]:
        """By rule: when it must have been kept, if nothing else happens."""
        well = self._is_wanted() and self._is_let_in()
        phone = self._referee.outside.phone
        flows = well and (phone or self._referee.traits.sends_without_phone)
        self._active_since = _since(self._active_since, well and phone, self._calendar.now)
        self._flowing_since = _since(self._flowing_since, flows, self._calendar.now)
        return self._status_due() | self._wire_due() | self._messages_due()

    def _is_wanted(self) -> bool:
        told = self._referee.told
        asked = told.paired and told.given_up is False and told.refuses() is None
        return asked and self._referee.is_driven()

    def _is_let_in(self) -> bool:
        referee, now = self._referee, self._calendar.now
        told_until = referee.told.banned_until
        if told_until is not None and now < told_until and not referee.told.ban_doubted:
            return False
        return referee.outside.is_well(now) and referee.keys in referee.outside.linked

    # --- By rule ---------------------------------------------------------------------------

    def _status_due(self) -> dict[str, datetime]:
        if self._referee.eyes.status == "ACTIVE":
            proven = max(self.proof_at, self.settled_since) + PROOF_GOOD_FOR
            return {"S9": proven} if self._referee.is_driven() else {}
        if self._active_since is not None:
            since = max(self._active_since, self.settled_since)
            return {"S8": since + BACK_WITHIN + self.jitter}
        ends = self._ban_ends()
        return {} if ends is None else {"S8": ends + BACK_WITHIN + self.jitter}

    def _ban_ends(self) -> datetime | None:
        """A ban that has an end is waited for like anything else, if it is all that is wrong."""
        ends = self._referee.told.banned_until
        if ends in (None, FOR_GOOD) or not self._is_wanted() or not self._referee.outside.phone:
            return None
        outside = self._referee.outside
        let_in = outside.is_well(ends) and self._referee.keys in outside.linked
        return max(ends, self.settled_since) if let_in else None

    def _wire_due(self) -> dict[str, datetime]:
        referee = self._referee
        refusing = referee.told.refuses()
        if refusing is not None and referee.is_open() and referee.is_driven():
            return {CLOSING_RULES[refusing]: self.refuses_since + CLOSED_WITHIN}
        if referee.eyes.shown[2] == "qr" and referee.could_show_codes():
            since = max(self.settled_since, referee.eyes.since, referee.told.code_until)
            return {"S1": since + CODE_WITHIN + self.jitter}
        return {}

    def _messages_due(self) -> dict[str, datetime]:
        post, flowing = self._referee.post, self._flowing_since
        if flowing is None:
            return {}
        restricted = self._referee.outside.restricted_until or START
        since, due = max(flowing, self.settled_since, restricted), dict[str, datetime]()
        if post.is_anything_open():
            due["M2"] = max(since, post.moved_at) + SENT_WITHIN
        if post.unsaved:
            due["I2"] = max(since, post.written_at) + RETRIEVED_WITHIN
        return due


def _since(before: datetime | None, holds: bool, now: datetime) -> datetime | None:
    return (before or now) if holds else None
