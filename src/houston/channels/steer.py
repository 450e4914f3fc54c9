"""Where the wire ought to be, and the steps there. It only looks at facts, never at their causes.

That is why a restart, a move to another node and a timer that fired twice need no rules of their
own: from wherever the wire is, it is driven to where the facts want it (law S13).
"""

from datetime import datetime, timedelta

from houston.channels.changed import changed
from houston.channels.orders import Connect, Disconnect, Effect, Pair, Probe
from houston.channels.state import (
    PAIRING_ROUNDS_MAX,
    TAKE_BACKS_MAX,
    Link,
    Reason,
    State,
    TakeBack,
)
from houston.channels.turns import down, fresh, lost, round_over, up

ANSWER_TIME_MAX = timedelta(seconds=30)
"""How long connecting, or the first code of a round, may take."""
BACKLOG_SAID_WITHIN = timedelta(seconds=10)
"""Who is online and hears of no backlog by then has none."""
BACKLOG_TIME_MAX = timedelta(minutes=5)
"""A backlog that never ends must not hold messages for ever; what comes late is saved anyway."""
EVIDENCE_AGE_MAX = timedelta(seconds=90)
PROBE_TIME_MAX = timedelta(seconds=15)
PHONE_PROBE_PAUSE = timedelta(seconds=30)
"""Six tries fit into the three minutes in which a phone that is back must be noticed (S8)."""


def wants_wire(state: State) -> bool:
    """The facts allow the wire to be open, now or after a pause."""
    allowed = state.held and state.enabled and state.paid and state.deleted_at is None
    if not allowed or state.blocked:
        return False
    return not state.held_elsewhere if state.paired else state.rounds < PAIRING_ROUNDS_MAX


def steer(state: State, now: datetime) -> tuple[State, tuple[Effect, ...]]:
    """Take the next step that the facts ask for, if one is due."""
    if not wants_wire(state):
        if not state.wire_open:
            return state, ()
        return down(state, now, wire_open=False), (Disconnect(),)
    if state.link is Link.DOWN and state.pairing_until is None:
        return _open(state, now)
    if _probe_is_due(state, now):
        asked_at = state.probing_since or now
        return changed(state, probing_since=asked_at, probed_at=now, doubted=False), (Probe(),)
    return state, ()


def _open(state: State, now: datetime) -> tuple[State, tuple[Effect, ...]]:
    """A wire that failed is closed first, so that nothing but us decides when it is tried again."""
    close: tuple[Effect, ...] = (Disconnect(),) if state.wire_open else ()
    if state.retry_at is not None and now < state.retry_at:
        return (changed(state, wire_open=False) if close else state), close
    if not state.paired:
        pairing = changed(state, wire_open=True, pairing_until=now + ANSWER_TIME_MAX, retry_at=None)
        return pairing, (*close, Pair(state.types_code))
    connecting = changed(
        _take_back_counted(state, now),
        wire_open=True,
        link=Link.CONNECTING,
        link_since=now,
        retry_at=None,
    )
    return connecting, (*close, Connect())


def _take_back_counted(state: State, now: datetime) -> State:
    if state.take_back is not TakeBack.DUE:
        return state
    latest = (*state.take_backs, now)[-TAKE_BACKS_MAX:]
    return changed(state, take_back=TakeBack.TRIED, take_backs=latest)


def _probe_is_due(state: State, now: datetime) -> bool:
    if state.link not in (Link.UP, Link.CATCHING_UP):
        return False
    overdue = state.probing_since is None and now >= probe_due_at(state)
    return state.doubted or overdue


def probe_due_at(state: State) -> datetime:
    """When a link that is up has to prove itself next, and the phone that it lives."""
    evidence_ends = (state.evidence_at or state.link_since) + EVIDENCE_AGE_MAX
    if state.phone_online or state.probed_at is None:
        return evidence_ends
    return min(evidence_ends, state.probed_at + PHONE_PROBE_PAUSE)


# --- What time alone brings ------------------------------------------------------------------


def lapsed(state: State, now: datetime) -> State:
    """What is known once it is now: bans end, answers that never came are given up."""
    if state.blocked_until is not None and now >= state.blocked_until:
        state = changed(fresh(state), blocked=False, blocked_until=None)
    if state.restricted_until is not None and now >= state.restricted_until:
        state = changed(state, restricted_until=None)
    if state.pairing_until is not None and now >= state.pairing_until:
        answered = state.code_until is not None or state.confirmation is not None
        return round_over(state, now) if answered else lost(state, now, *_NO_ANSWER)
    if state.probing_since is not None and now >= state.probing_since + PROBE_TIME_MAX:
        return lost(state, now, Reason.NO_PROOF_OF_LIFE, "no_answer")
    if state.link is Link.CONNECTING and now >= state.link_since + ANSWER_TIME_MAX:
        return lost(state, now, *_NO_ANSWER)
    if state.link is Link.CATCHING_UP and now >= state.link_since + _catching_up_max(state):
        return up(state, now)
    return state


_NO_ANSWER = (Reason.LINK_LOST, "no_answer")


def _catching_up_max(state: State) -> timedelta:
    return BACKLOG_TIME_MAX if state.backlog else BACKLOG_SAID_WITHIN


def next_deadline(state: State) -> datetime | None:
    """When the channel has to be woken at the latest, because time alone changes something."""
    if not wants_wire(state):
        return state.blocked_until if wants_wire(changed(state, blocked=False)) else None
    limits = [state.restricted_until, state.retry_at, state.pairing_until]
    match state.link:
        case Link.CONNECTING:
            limits.append(state.link_since + ANSWER_TIME_MAX)
        case Link.CATCHING_UP:
            limits += [state.link_since + _catching_up_max(state), _proof_due_at(state)]
        case Link.UP:
            limits.append(_proof_due_at(state))
    return min((limit for limit in limits if limit is not None), default=None)


def _proof_due_at(state: State) -> datetime:
    probing = state.probing_since
    return probe_due_at(state) if probing is None else probing + PROBE_TIME_MAX
