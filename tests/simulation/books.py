"""The referee's books: own booleans and own times, written from the law and from nothing else.

`Outside` is what is true in the world, `Told` is what Houston has been told and so must live by.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from houston.channels.orders import (
    Check,
    Command,
    Delete,
    Disable,
    Enable,
    EnableHere,
    Heard,
    PaidChanged,
    Probed,
    Rescan,
    Restore,
    UseHere,
)
from houston.transports import events
from tests.simulation.calendar import START

OURS = "79001112233"
NEVER = FOR_GOOD = datetime(9000, 1, 1, tzinfo=START.tzinfo)
RESTORE_WITHIN = timedelta(days=30)
TAKE_BACKS_MAX = 5
TAKE_BACK_WINDOW = timedelta(minutes=10)
BORDER = timedelta(seconds=15)
"""So near to the edge of a window, the referee lets the benefit of the doubt decide."""
CONFIRM_TIME_MIN = timedelta(seconds=150)
"""So long a person is given to confirm; later, a new code may be asked for."""
BACKLOG_SAID_WITHIN = timedelta(seconds=8)
"""What WhatsApp kept belongs to connecting when it is announced so soon; later it is just mail."""

REFUSING = ("DELETED", "DISABLED", "NOT_PAID")


@dataclass(slots=True)
class Outside:
    """What is true outside Houston."""

    network: bool = True
    phone: bool = True
    linked: frozenset[bytes] = frozenset()
    """The keys of our number that WhatsApp accepts."""
    rival: bool = False
    banned_until: datetime | None = None
    restricted_until: datetime | None = None
    outdated: bool = False
    moody: bool = False
    """WhatsApp refuses or loses things at random."""

    def is_well(self, now: datetime) -> bool:
        banned = self.banned_until is not None and now < self.banned_until
        troubled = self.rival or self.outdated or self.moody or banned
        return self.network and self.phone and not troubled


@dataclass(slots=True)
class Told:
    """What people, the ledger and WhatsApp have told Houston."""

    deleted_at: datetime | None = None
    enabled: bool = True
    paid: bool = True
    paired: bool = False
    wrong_number: bool = False
    codes_asked: bool = True
    """Somebody wants codes: it is new, or a press asked for them since it was logged out."""
    rounds: int = 0
    """Rounds of codes that began since somebody asked for codes."""
    code_until: datetime = START
    confirming_since: datetime | None = None
    confirming_orphaned: bool = False
    """Who saw the confirmation asked for died, and nobody has taken over yet: nobody can know."""
    elsewhere: bool = False
    """Another client took the number, and it was not taken back yet."""
    given_up: bool | None = False
    """None is at the very edge of the ten minutes: both are right."""
    take_backs: list[datetime] = field(default_factory=list)
    banned_until: datetime | None = None
    ban_doubted: bool = False
    """A person wants to know whether a ban for good is over."""
    phone_lost_at: datetime | None = None
    phone_unsure: bool = False
    probe_out: bool = False
    outdated: bool = False
    """WhatsApp wants a newer library; until there is one, it is enough to ask now and then."""
    online_at: datetime | None = None
    """Since when WhatsApp has let us in on the wire that is open."""
    catching_up: bool = False
    backlog_counts_until: datetime = START
    """A backlog that begins later is mail that came meanwhile, as when the phone was away."""

    # --- Hearing -------------------------------------------------------------------------------

    def press(self, command: Command, now: datetime) -> None:
        """A person or the ledger wants something. A deleted channel only wants to come back."""
        match command:
            case PaidChanged(paid=paid):
                self.paid = paid
            case Restore():
                if self.deleted_at is not None and now < self.deleted_at + RESTORE_WITHIN:
                    self.deleted_at = None
            case _ if self.deleted_at is not None:
                return
            case Delete():
                self.deleted_at = now
            case Enable() if not self.enabled:
                self.enabled, self.given_up = True, False
            case Disable():
                self.enabled = False
            case UseHere() | EnableHere():
                self.given_up = False
            case Rescan():
                self._rescan(now)
            case Check():
                self._doubt_ban()
        if self.refuses() is not None:
            self.confirming_since, self.confirming_orphaned = None, False

    def _rescan(self, now: datetime) -> None:
        self.given_up = False
        self._doubt_ban()
        if not self.paired:
            self.codes_asked, self.rounds, self.wrong_number = True, 0, False
            self.confirming_since, self.confirming_orphaned = None, False
            self.code_until = max(self.code_until, now)

    def _doubt_ban(self) -> None:
        self.ban_doubted = self.banned_until == FOR_GOOD

    def hears(self, word: Heard, now: datetime, *, wire_open: bool) -> None:
        """WhatsApp or a probe says something. A closed wire says nothing that still matters."""
        match word:
            case events.Paired(phone=phone):
                self._paired(right=phone == OURS)
            case events.LoggedOut() if self.paired:
                self._logged_out()
            case events.Banned(until=until):
                self.banned_until, self.ban_doubted = until or FOR_GOOD, False
                self.cut()
            case events.PhoneLost(since=since):
                self.phone_lost_at = self.phone_lost_at or min(since, now)
            case events.PhoneSeen(at=at) if self.phone_lost_at and at >= self.phone_lost_at:
                self.phone_lost_at, self.phone_unsure = None, False
            case _ if wire_open:
                self._hears_wire(word, now)

    def _hears_wire(self, word: Heard, now: datetime) -> None:
        match word:
            case events.QrShown(until=until, number=number) if not self.paired:
                self.code_until, self.confirming_since = until, None
                self.rounds += number == 1
            case events.ConfirmationAsked() if not self.paired:
                self.confirming_since = now
            case events.PairingFailed() | events.QrExpired():
                self.confirming_since = None
            case events.Online() if self.paired:
                self.online_at, self.elsewhere, self.catching_up = now, False, False
                self.banned_until, self.outdated = None, False
                self.backlog_counts_until = now + BACKLOG_SAID_WITHIN
            case events.BacklogBegan(expected=expected) if self.online_at is not None:
                self.catching_up |= expected > 0 and now < self.backlog_counts_until
            case events.BacklogEnded():
                self.catching_up, self.backlog_counts_until = False, now
            case events.Offline() | events.Faulted() | events.Outdated():
                self.outdated |= isinstance(word, events.Outdated)
                self.cut()
            case events.Replaced() if self.paired:
                self._replaced(now)

    def probed(self, word: Probed, *, needs_phone: bool) -> None:
        """Through some transports only a phone that is there can answer."""
        if word.ok and needs_phone:
            self.phone_unsure = self.phone_lost_at is not None and not self.probe_out
            if self.probe_out:
                self.phone_lost_at = None
        self.probe_out = False

    def cut(self) -> None:
        """The wire is closed, or WhatsApp has said that nothing more comes over it."""
        self.online_at = None
        self.catching_up = self.probe_out = self.confirming_orphaned = False
        self.confirming_since = None

    def orphaned(self) -> None:
        """The node that had the wire died, and told nobody what became of it."""
        was_confirming = self.confirming_since is not None
        self.cut()
        self.confirming_orphaned = was_confirming

    def _paired(self, *, right: bool) -> None:
        self.cut()
        self.wrong_number = not right
        if right:
            self.paired, self.phone_lost_at, self.phone_unsure = True, None, False
        else:
            self.codes_asked = False

    def _logged_out(self) -> None:
        self.cut()
        self.paired = self.codes_asked = self.elsewhere = False
        self.given_up, self.phone_lost_at, self.phone_unsure = False, None, False

    def _replaced(self, now: datetime) -> None:
        self.cut()
        self.elsewhere = True
        certain = self._taken_back_since(now - TAKE_BACK_WINDOW + BORDER)
        possible = self._taken_back_since(now - TAKE_BACK_WINDOW - BORDER)
        self.given_up = None if certain < TAKE_BACKS_MAX <= possible else certain >= TAKE_BACKS_MAX

    def tries(self) -> str:
        """When the number was taken back, for whoever reads a finding."""
        times = ", ".join(f"{at:%H:%M:%S}" for at in self.take_backs[-7:])
        return f"Taken back at: {times or 'never'}"

    def _taken_back_since(self, moment: datetime) -> int:
        return sum(at > moment for at in self.take_backs)

    def takes_back(self, now: datetime) -> None:
        """The wire is opened for the first time since another client took the number."""
        self.elsewhere = False
        self.take_backs = [*self.take_backs[-20:], now]

    # --- What must be shown --------------------------------------------------------------------

    def rightful(self, now: datetime) -> tuple[str, ...]:
        """The statuses that the table of precedence allows, as far as facts but the link decide."""
        refusing = self.refuses()
        if refusing is not None:
            return (refusing,)
        if not self.paired:
            return self._rightful_unpaired(now)
        return self._rightful_paired(now)

    def refuses(self) -> str | None:
        """The status that refuses messages, if one does."""
        if self.deleted_at is not None:
            return "DELETED"
        if not self.enabled:
            return "DISABLED"
        return None if self.paid else "NOT_PAID"

    def _rightful_unpaired(self, now: datetime) -> tuple[str, ...]:
        if self.confirming_since is None:
            return ("CONFIRM_ON_PHONE", "SCAN_QR") if self.confirming_orphaned else ("SCAN_QR",)
        late = now > self.confirming_since + CONFIRM_TIME_MIN
        return ("CONFIRM_ON_PHONE", "SCAN_QR") if late else ("CONFIRM_ON_PHONE",)

    def _rightful_paired(self, now: datetime) -> tuple[str, ...]:
        allowed: list[str] = []
        lines = (
            ("OPENED_ELSEWHERE", self.given_up),
            ("BLOCKED", self._is_blocked(now)),
            ("PHONE_UNAVAILABLE", self._phone_is_away()),
        )
        for status, holds in lines:
            if holds is not False:
                allowed.append(status)
            if holds is True:
                return tuple(allowed)
        return (*allowed, "ACTIVE", "JUST_A_MINUTE")

    def _is_blocked(self, now: datetime) -> bool | None:
        if self.banned_until is None:
            return False
        return None if self.ban_doubted or now >= self.banned_until else True

    def _phone_is_away(self) -> bool | None:
        return None if self.phone_unsure else self.phone_lost_at is not None
