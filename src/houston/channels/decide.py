"""THE machine: hear one thing, and say how the channel is now and what is to be done about it.

    decide(state, heard, now, drives=True) -> Decision(state, effects)

It is pure and the only door: learn what was heard, let time do its part, steer the wire to where
the facts want it, and announce it if people see a difference. Nobody calls a single step of it.
"""

from dataclasses import dataclass
from datetime import datetime

from houston.channels.changed import changed
from houston.channels.learn import learn
from houston.channels.orders import (
    HOUSTON,
    WHATSAPP,
    Announce,
    Claimed,
    Command,
    Effect,
    ForgetCredentials,
    Heard,
    KeepCredentials,
    LogOut,
    Probed,
    Released,
    Stalled,
    StatusChange,
    WakeAt,
    Woke,
)
from houston.channels.state import State
from houston.channels.status import detail, read
from houston.channels.steer import lapsed, next_deadline, steer
from houston.transports.events import LoggedOut, Paired


@dataclass(frozen=True, slots=True)
class Decision:
    """The channel as it is known now, and what is to be done, in the order of doing."""

    state: State
    effects: tuple[Effect, ...]


def decide(state: State, heard: Heard, now: datetime, *, drives: bool = True) -> Decision:
    """Hear one thing. Whatever comes, and however often, it is an answer and never an error.

    Who does not drive the channel leaves the wire to who does: a step that is decided but never
    taken would be believed in until it is overdue.
    """
    known = lapsed(learn(_before(state, heard, now), heard, now), now)
    driven, wire = steer(known, now) if drives else (known, ())
    change = None if driven is state else _change(state, driven, heard, now)
    wake_at = _timer(driven, heard, now)
    written = (*_credentials(state, heard), *((Announce(change),) if change else ()))
    timer = (WakeAt(wake_at),) if wake_at else ()
    effects = (*written, *timer, *_log_out(state, heard), *wire)
    return Decision(_noted(driven, change, wake_at), effects)


def _before(state: State, heard: Heard, now: datetime) -> State:
    """What a person's press meets: what time has brought by now, even if the timer is late.

    Otherwise a try that had run out would fail after the press, and put off what the press asked
    for. The wire is another matter: what it says late is still a better proof than that time is up.
    """
    return lapsed(state, now) if isinstance(heard, Command) else state


def _change(before: State, after: State, heard: Heard, now: datetime) -> StatusChange | None:
    seen, seen_now = read(before), read(after)
    if seen == seen_now:
        return None
    return StatusChange(
        old=seen[0],
        new=seen_now[0],
        reason=seen_now[1],
        wire_state=seen_now[2],
        detail=detail(after),
        actor=_actor(heard),
        at=now,
        evidence_at=after.evidence_at,
    )


def _actor(heard: Heard) -> str:
    match heard:
        case Claimed() | Released() | Woke() | Stalled() | Probed():
            return HOUSTON
    return heard.actor if isinstance(heard, Command) else WHATSAPP


def _timer(state: State, heard: Heard, now: datetime) -> datetime | None:
    """When to wake, if the one timer must be set; a timer that goes off too early is left alone.

    Proof of life puts the deadline off all the time, and to set the timer each time would cost
    more than to wake for nothing once in a while.
    """
    at = next_deadline(state)
    if at is None or isinstance(heard, Woke | Claimed):
        return at
    in_time = state.wake_at is not None and now < state.wake_at <= at
    return None if in_time else at


def _noted(state: State, change: StatusChange | None, wake_at: datetime | None) -> State:
    """What was told and what was armed are facts as well."""
    if change is None:
        return changed(state, wake_at=wake_at) if wake_at not in (None, state.wake_at) else state
    armed = wake_at or state.wake_at
    if change.old is change.new:
        return changed(state, reason=change.reason, wake_at=armed)
    return changed(state, reason=change.reason, since=change.at, actor=change.actor, wake_at=armed)


def _credentials(before: State, heard: Heard) -> tuple[Effect, ...]:
    match heard:
        case Paired(phone=phone) if phone == before.phone:
            return (KeepCredentials(),)
        case LoggedOut() if before.paired:
            return (ForgetCredentials(),)
    return ()


def _log_out(before: State, heard: Heard) -> tuple[Effect, ...]:
    """A phone with another number was linked: WhatsApp must forget that it ever was (S6)."""
    wrong = isinstance(heard, Paired) and heard.phone != before.phone
    return (LogOut(),) if wrong else ()
