"""The status of a channel, read off its facts. Pure: it knows no clock, no wire and no store.

Nothing ever sets a status. The facts in `state.State` change one by one, each for its own cause,
and the first line of PRECEDENCE that holds is the word that people see (law, section 2).
"""

from collections.abc import Callable

from houston.channels.state import (
    TAKE_BACKS_MAX,
    Link,
    Policy,
    Reason,
    State,
    Status,
    TakeBack,
    shows_codes,
)
from houston.transports.events import ConfirmationKind

PRECEDENCE: tuple[tuple[Status, Callable[[State], bool]], ...] = (
    (Status.DELETED, lambda state: state.deleted_at is not None),
    (Status.DISABLED, lambda state: not state.enabled),
    (Status.NOT_PAID, lambda state: not state.paid),
    # Linking asks for a confirmation before it is done, so it must not be hidden by "not paired".
    (Status.SCAN_QR, lambda state: not state.paired and state.confirmation is None),
    (Status.CONFIRM_ON_PHONE, lambda state: state.confirmation is not None),
    (Status.OPENED_ELSEWHERE, lambda state: state.held_elsewhere),
    (Status.BLOCKED, lambda state: state.blocked),
    (Status.PHONE_UNAVAILABLE, lambda state: not state.phone_online),
    (Status.ACTIVE, lambda state: state.link is Link.UP),
    (Status.JUST_A_MINUTE, lambda state: True),
)

POLICY: dict[Status, Policy] = {
    Status.DELETED: Policy.REFUSE,
    Status.DISABLED: Policy.REFUSE,
    Status.NOT_PAID: Policy.REFUSE,
    Status.SCAN_QR: Policy.HOLD,
    Status.CONFIRM_ON_PHONE: Policy.HOLD,
    Status.OPENED_ELSEWHERE: Policy.HOLD,
    Status.BLOCKED: Policy.HOLD,
    Status.PHONE_UNAVAILABLE: Policy.HOLD,
    Status.ACTIVE: Policy.SEND,
    Status.JUST_A_MINUTE: Policy.HOLD,
}

_WIRE_STATES: dict[Status, str | None] = {
    Status.DELETED: None,
    Status.DISABLED: "disabled",
    Status.NOT_PAID: "notEnoughMoney",
    Status.CONFIRM_ON_PHONE: "waitForPassword",
    Status.OPENED_ELSEWHERE: "openElsewhere",
    Status.BLOCKED: "blocked",
    Status.PHONE_UNAVAILABLE: "phoneUnavailable",
    Status.ACTIVE: "active",
    Status.JUST_A_MINUTE: "init",
}

_DETAILED = frozenset(
    {
        Reason.PAIRING_FAILED,
        Reason.BLOCKED_FOR_A_TIME,
        Reason.BLOCKED_FOR_GOOD,
        Reason.LINK_LOST,
        Reason.NO_PROOF_OF_LIFE,
        Reason.LIBRARY_OUTDATED,
    }
)
"""The reasons that the other side has words of its own for."""


def status(state: State) -> Status:
    """The word shown to people."""
    for word, holds in PRECEDENCE:
        if holds(state):
            return word
    raise AssertionError(state)


def policy(state: State) -> Policy:
    """What becomes of an outgoing message (law M1, M2)."""
    return POLICY[status(state)]


def may_send(state: State) -> bool:
    """Messages may go out now: it is Active, or the messenger delivers without the phone (S8)."""
    word = status(state)
    without_phone = state.sends_without_phone and state.link is Link.UP
    return word is Status.ACTIVE or (word is Status.PHONE_UNAVAILABLE and without_phone)


def wire_state(state: State) -> str | None:
    """The status as Wazzup writes it; None for a channel that no longer exists."""
    return _wire_state(state, status(state))


def reason(state: State) -> Reason:
    """Why it is what it is. Causes are kept with their facts, so none is lost under another."""
    return _reason(state, status(state))


def detail(state: State) -> str | None:
    """What the other side called the reason, where it called it anything; of a take-back, which one it is."""
    why = reason(state)
    if why is Reason.WRONG_NUMBER:
        return state.wrong_number
    if why is Reason.TAKING_BACK:
        return _which_try(state)
    return state.detail if why in _DETAILED else None


def _which_try(state: State) -> str:
    """Of those that Houston allows itself (law S7). A person's press may add one, which is the last again."""
    tries = len(state.take_backs) + (state.take_back is TakeBack.DUE)
    return f"{min(tries, TAKE_BACKS_MAX)}/{TAKE_BACKS_MAX}"


Reading = tuple[Status, Reason, str | None]


def read(state: State) -> Reading:
    """All that people see of a channel's status; a change of any of it is worth telling."""
    word = status(state)
    return word, _reason(state, word), _wire_state(state, word)


def _wire_state(state: State, word: Status) -> str | None:
    if word is not Status.SCAN_QR:
        return _WIRE_STATES[word]
    if state.wrong_number is not None:
        return "foreignphone"
    return "qr" if shows_codes(state) and not state.failures else "qridle"


def _reason(state: State, word: Status) -> Reason:
    match word:
        case Status.ACTIVE:
            return Reason.WORKING if state.restricted_until is None else Reason.RESTRICTED
        case Status.JUST_A_MINUTE:
            return _reason_not_up(state)
        case Status.DELETED:
            return Reason.DELETED
        case Status.DISABLED:
            return Reason.DISABLED
        case Status.NOT_PAID:
            return Reason.BALANCE_EXHAUSTED
        case Status.SCAN_QR:
            return _reason_unpaired(state)
        case Status.CONFIRM_ON_PHONE:
            passkey = state.confirmation is ConfirmationKind.PASSKEY
            return Reason.PASSKEY_ASKED if passkey else Reason.TWO_STEP_CODE_ASKED
        case Status.OPENED_ELSEWHERE:
            return Reason.OPENED_ELSEWHERE
        case Status.BLOCKED:
            for_good = state.blocked_until is None
            return Reason.BLOCKED_FOR_GOOD if for_good else Reason.BLOCKED_FOR_A_TIME
        case Status.PHONE_UNAVAILABLE:
            return Reason.PHONE_NOT_SEEN if state.sends_without_phone else Reason.PHONE_LOST


def _reason_unpaired(state: State) -> Reason:
    if not shows_codes(state) or not state.failures:
        return state.unpaired_reason
    return Reason.LIBRARY_OUTDATED if state.outdated else Reason.LINK_LOST


def _reason_not_up(state: State) -> Reason:
    if state.outdated:
        return Reason.LIBRARY_OUTDATED
    return state.trouble if state.take_back is None else Reason.TAKING_BACK
