"""What curators are told and when: incidents, reminders, balance, quiet hours. Pure: it sends nothing.

An incident is one stretch of trouble, however often the channel comes back for a moment in between. It
ends when the channel has worked for a while, so flapping is one incident (law C2). A connection to a CRM and
a webhook are in trouble in the same way; their statuses begin with `crm.` and `webhook.`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

DELAY: Final = timedelta(minutes=3)
"""For how long, all stretches together, a passing status must last before it is told, if the account has
not chosen otherwise."""
SETTLED: Final = timedelta(minutes=5)
"""For how long a channel must work before its incident is over."""
PAUSES: Final = tuple(timedelta(hours=hours) for hours in (1, 4, 12, 24, 72, 168))
"""Before each reminder; the last one repeats."""
LONG: Final = timedelta(minutes=15)
"""What is connected may fail for so long, all stretches together: it mends itself more often than not."""
_OF_CHANNELS: Final = frozenset({"SCAN_QR", "NOT_PAID", "OPENED_ELSEWHERE", "BLOCKED"})
AT_ONCE: Final = _OF_CHANNELS | {"crm.keys_refused", "crm.gone", "webhook.dead_letters"}
_BY_PEOPLE: Final = frozenset(
    {"DISABLED", "DELETED", "crm.off", "crm.removed", "webhook.paused", "webhook.removed"}
)
"""Somebody wanted it so: there is nothing to mend."""
WORKS: Final = "ACTIVE"
_WORK: Final = frozenset({WORKS, "crm.working", "webhook.working"})
DAYS_AHEAD: Final = (1, 3, 7)
"""With how many days of money left it is told, if the account has not chosen otherwise; the fewest first."""
RETRY_SECONDS_MAX: Final = 3600.0


class Want(StrEnum):
    """What a curator asks to be told about."""

    STATUSES = "statuses"
    BALANCE = "balance"
    INTEGRATIONS = "integrations"


class Kind(StrEnum):
    """What a notice says."""

    STOPPED = "stopped"
    REMINDER = "reminder"
    WORKING = "working"
    BALANCE_LOW = "balance_low"
    BALANCE_OUT = "balance_out"
    TEST = "test"


OF_INCIDENTS: Final = frozenset({Kind.STOPPED, Kind.REMINDER})
"""Not worth telling any more when the incident is over."""


# --- An incident -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A channel in trouble, or something that is connected."""

    since: datetime
    status: str
    reason: str
    down_from: datetime
    """When the present stretch of not working began."""
    down_before: timedelta = timedelta()
    """How long all earlier stretches were."""
    delay: timedelta = DELAY
    calm_since: datetime | None = None
    """It works, and since when; that must last before it is over."""
    told_at: datetime | None = None
    told_status: str | None = None
    reminders: int = 0
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Turned:
    """The status has another value, or another reason."""

    old: str
    new: str
    reason: str
    at: datetime
    delay: timedelta = DELAY
    """What the account has chosen by now; it holds for the incident that this may open."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody says that they see to it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellStatus:
    """Tell those who want to know. `until` is when it worked again; `status` then is what it was in before."""

    kind: Kind
    status: str
    reason: str
    since: datetime
    until: datetime | None = None


def decide(
    incident: Incident | None, heard: Turned | Acknowledged | Tick, now: datetime
) -> tuple[Incident | None, tuple[TellStatus, ...]]:
    """What becomes of a channel's incident, and what is told."""
    match heard:
        case Turned():
            incident = _turned(incident, heard)
        case Acknowledged() if incident is not None:
            incident = replace(incident, acknowledged=True)
    if incident is None:
        return None, ()
    due = wake_at(incident)
    if due is None or due > now:
        return incident, ()
    if incident.calm_since is not None:
        return None, _all_clear(incident, incident.calm_since)
    return _told(incident, now)


def _turned(incident: Incident | None, heard: Turned) -> Incident | None:
    if heard.new in _BY_PEOPLE:
        return None
    if incident is None:
        return _opened(heard)
    if heard.new in _WORK:
        return incident if incident.calm_since is not None else _calmed(incident, heard.at)
    down_from = heard.at if incident.calm_since is not None else incident.down_from
    return replace(
        incident, status=heard.new, reason=heard.reason, down_from=down_from, calm_since=None
    )


def _opened(heard: Turned) -> Incident | None:
    """A new code for a channel that nobody has linked yet is no turn, and no incident."""
    if heard.new in _WORK or heard.new == heard.old:
        return None
    return Incident(
        since=heard.at,
        status=heard.new,
        reason=heard.reason,
        down_from=heard.at,
        delay=heard.delay,
    )


def _calmed(incident: Incident, at: datetime) -> Incident:
    down = incident.down_before + (at - incident.down_from)
    return replace(incident, calm_since=at, down_before=down)


def wake_at(incident: Incident) -> datetime | None:
    """When time alone changes something."""
    if incident.calm_since is not None:
        return incident.calm_since + SETTLED
    urgent = incident.status in AT_ONCE
    if incident.told_at is None:
        return incident.down_from + (
            timedelta() if urgent else incident.delay - incident.down_before
        )
    if urgent and incident.told_status not in AT_ONCE:
        return (
            incident.told_at
        )  # It got worse: the next reminder comes now, for the way out is another.
    if incident.acknowledged:
        return None
    return incident.told_at + PAUSES[min(incident.reminders, len(PAUSES) - 1)]


def _told(incident: Incident, now: datetime) -> tuple[Incident, tuple[TellStatus, ...]]:
    first = incident.told_at is None
    told = TellStatus(
        kind=Kind.STOPPED if first else Kind.REMINDER,
        status=incident.status,
        reason=incident.reason,
        since=incident.since,
    )
    reminders = incident.reminders + (not first)
    kept = replace(incident, told_at=now, told_status=incident.status, reminders=reminders)
    return kept, (told,)


def _all_clear(incident: Incident, until: datetime) -> tuple[TellStatus, ...]:
    if incident.told_at is None:
        return ()
    return (
        TellStatus(
            kind=Kind.WORKING,
            status=incident.status,
            reason=incident.reason,
            since=incident.since,
            until=until,
        ),
    )


# --- The balance -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What we know of an account's money."""

    balance: int = 0
    currency: str = ""
    money_until: datetime | None = None
    daily: int = 0
    """What a day costs."""
    told: int | None = None
    """With how many days left it was told last; 0 is that it ran out."""
    days_ahead: tuple[int, ...] = DAYS_AHEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The money lasts for another time, or there is another sum of it."""

    balance: int
    currency: str
    money_until: datetime | None
    daily: int
    days_ahead: tuple[int, ...] = DAYS_AHEAD
    """What the account has chosen by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RanOut:
    """The money is used up."""

    balance: int
    currency: str
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TellBalance:
    """Tell those who want to know of the balance. `needed` for `for_days` more days, or to go on at all."""

    kind: Kind
    balance: int
    currency: str
    needed: int
    until: datetime | None = None


DAYS_ASKED: Final = 30


def decide_balance(
    purse: Purse, heard: Counted | RanOut | Tick, now: datetime
) -> tuple[Purse, tuple[TellBalance, ...]]:
    """What becomes of the purse, and what is told: ahead, and when it ran out, each once (law C3)."""
    match heard:
        case RanOut():
            return _ran_out(purse, heard)
        case Counted():
            purse = _counted(purse, heard, now)
    days = _days_to_tell(purse, now)
    if days is None or (purse.told is not None and days >= purse.told):
        return purse, ()
    low = TellBalance(
        kind=Kind.BALANCE_LOW,
        balance=purse.balance,
        currency=purse.currency,
        needed=max(0, purse.daily * DAYS_ASKED - purse.balance),
        until=purse.money_until,
    )
    return replace(purse, told=days), (low,)


def _ran_out(purse: Purse, heard: RanOut) -> tuple[Purse, tuple[TellBalance, ...]]:
    if purse.told == 0:
        return purse, ()
    out = TellBalance(
        kind=Kind.BALANCE_OUT, balance=heard.balance, currency=heard.currency, needed=heard.needed
    )
    return replace(purse, balance=heard.balance, money_until=None, told=0), (out,)


def _counted(purse: Purse, heard: Counted, now: datetime) -> Purse:
    """More money, or more time, lets every warning come again that lies ahead of it."""
    counted = replace(
        purse,
        balance=heard.balance,
        currency=heard.currency,
        money_until=heard.money_until,
        daily=heard.daily,
        days_ahead=heard.days_ahead,
    )
    if heard.balance > purse.balance or _goes_on(purse, heard.money_until, now):
        return replace(counted, told=_days_to_tell(counted, now))
    return counted


def _goes_on(purse: Purse, until: datetime | None, now: datetime) -> bool:
    """It ran out, and lasts again: somebody promised to pay, or fewer channels cost anything."""
    return purse.told == 0 and (until is None or until > now)


def _days_to_tell(purse: Purse, now: datetime) -> int | None:
    if purse.money_until is None:
        return None
    left = purse.money_until - now
    return next((days for days in purse.days_ahead if left <= timedelta(days=days)), None)


def balance_wake_at(purse: Purse) -> datetime | None:
    """When the next warning is due, if the money does not change."""
    if purse.money_until is None:
        return None
    ahead = [days for days in purse.days_ahead if purse.told is None or days < purse.told]
    return purse.money_until - timedelta(days=max(ahead)) if ahead else None


# --- When and where --------------------------------------------------------------------------


def due_at(
    now: datetime, zone: tzinfo, quiet_from: time | None, quiet_until: time | None
) -> datetime:
    """Now, or the end of the curator's quiet hours by their own clock."""
    if quiet_from is None or quiet_until is None:
        return now
    local = now.astimezone(zone)
    if not _within(local.time(), quiet_from, quiet_until):
        return now
    days = timedelta(days=1) if local.time() >= quiet_until else timedelta()
    return datetime.combine(local.date() + days, quiet_until, zone).astimezone(now.tzinfo)


def _within(at: time, start: time, end: time) -> bool:
    return start <= at < end if start <= end else at >= start or at < end


def retry_after(attempts: int) -> timedelta:
    """How long to wait when neither a channel nor a route could carry a notice."""
    return timedelta(seconds=min(RETRY_SECONDS_MAX, 30.0 * 2.0 ** min(attempts, 10)))
