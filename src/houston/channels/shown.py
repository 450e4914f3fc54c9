"""What a person is shown of a channel: the status, why, since when, the button, what comes next.

Codes only; the words for them are in `words.py`. Reading it changes nothing (law S12).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from houston.channels.state import (
    PAIRING_ROUNDS_MAX,
    RESTORE_WITHIN,
    Link,
    Reason,
    State,
    Status,
    may_restore,
)
from houston.channels.status import detail, read
from houston.channels.steer import probe_due_at, wants_wire


class Action(StrEnum):
    """The one thing that the person should do; it is the button."""

    RESTORE = "RESTORE"
    ENABLE = "ENABLE"
    TOP_UP = "TOP_UP"
    SCAN = "SCAN"
    CONTINUE = "CONTINUE"
    ENABLE_HERE = "ENABLE_HERE"
    READ_ADVICE = "READ_ADVICE"
    CHECK_NOW = "CHECK_NOW"
    USE_HERE = "USE_HERE"


class NextStep(StrEnum):
    """What Houston does next, without anybody asking."""

    CONNECT = "CONNECT"
    TAKE_BACK = "TAKE_BACK"
    CATCH_UP = "CATCH_UP"
    CHECK_THE_PHONE = "CHECK_THE_PHONE"
    SHOW_A_CODE = "SHOW_A_CODE"
    SHOW_NO_MORE_CODES = "SHOW_NO_MORE_CODES"
    START_CHATS = "START_CHATS"
    ERASE = "ERASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """All of it, at one moment. `next_step_at` None means that the step is being taken now."""

    status: Status
    wire_state: str | None
    reason: Reason
    detail: str | None
    since: datetime
    actor: str
    evidence_at: datetime | None
    action: Action | None
    next_step: NextStep | None
    next_step_at: datetime | None


_ACTIONS: dict[Status, Action] = {
    Status.DELETED: Action.RESTORE,
    Status.DISABLED: Action.ENABLE,
    Status.NOT_PAID: Action.TOP_UP,
    Status.SCAN_QR: Action.SCAN,
    Status.CONFIRM_ON_PHONE: Action.CONTINUE,
    Status.OPENED_ELSEWHERE: Action.ENABLE_HERE,
    Status.BLOCKED: Action.READ_ADVICE,
    Status.PHONE_UNAVAILABLE: Action.CHECK_NOW,
}

_Step = tuple[NextStep | None, datetime | None]
_NOTHING: _Step = (None, None)


def shown(state: State, now: datetime) -> Shown:
    """What there is to see of the channel now."""
    status, reason, wire_state = read(state)
    step, at = _next_step(state, status)
    return Shown(
        status=status,
        wire_state=wire_state,
        reason=reason,
        detail=detail(state),
        since=state.since,
        actor=state.actor,
        evidence_at=state.evidence_at,
        action=_action(state, status, reason, now),
        next_step=step,
        next_step_at=at,
    )


def _action(state: State, status: Status, reason: Reason, now: datetime) -> Action | None:
    if status is Status.DELETED and not may_restore(state, now):
        return None
    if reason is Reason.TAKING_BACK:
        return Action.USE_HERE
    return _ACTIONS.get(status)


def _next_step(state: State, status: Status) -> _Step:
    match status:
        case Status.DELETED if state.deleted_at is not None:
            return NextStep.ERASE, state.deleted_at + RESTORE_WITHIN
        case Status.SCAN_QR if wants_wire(state):
            return _next_code(state)
        case Status.CONFIRM_ON_PHONE if wants_wire(state):
            return NextStep.SHOW_A_CODE, state.pairing_until
        case Status.BLOCKED if state.blocked_until is not None:
            return NextStep.CONNECT, state.blocked_until
        case Status.ACTIVE if state.restricted_until is not None:
            return NextStep.START_CHATS, state.restricted_until
        case Status.PHONE_UNAVAILABLE if state.link is Link.UP:
            return NextStep.CHECK_THE_PHONE, probe_due_at(state)
        case Status.PHONE_UNAVAILABLE if state.link is Link.CATCHING_UP and not state.backlog:
            return NextStep.CHECK_THE_PHONE, None  # A link alone shows nothing of the phone.
        case Status.PHONE_UNAVAILABLE | Status.JUST_A_MINUTE:
            return _next_of_link(state)
    return _NOTHING


def _next_code(state: State) -> _Step:
    last_round = state.rounds + 1 >= PAIRING_ROUNDS_MAX
    if state.code_until is not None and last_round and state.code_number >= state.code_of:
        return NextStep.SHOW_NO_MORE_CODES, state.code_until
    return NextStep.SHOW_A_CODE, state.code_until or state.retry_at


def _next_of_link(state: State) -> _Step:
    if state.link is Link.CATCHING_UP:
        return NextStep.CATCH_UP, None
    taking_back = state.take_back is not None
    return NextStep.TAKE_BACK if taking_back else NextStep.CONNECT, state.retry_at
