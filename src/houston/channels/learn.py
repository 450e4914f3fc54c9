"""What everything that is heard teaches us about a channel: facts, no deeds.

Each cause has its line in one flat match. What follows from the facts for the wire is `steer`'s.
"""

from datetime import datetime, timedelta
from typing import Any

from houston.channels.changed import changed
from houston.channels.orders import (
    Check,
    Claimed,
    Delete,
    Disable,
    Enable,
    EnableHere,
    Heard,
    PaidChanged,
    Probed,
    Released,
    Rescan,
    Restore,
    Stalled,
    UseHere,
    Woke,
)
from houston.channels.state import (
    FAULTS_MAX,
    PAIRING_ROUNDS_MAX,
    TAKE_BACKS_MAX,
    Link,
    Reason,
    State,
    TakeBack,
    may_restore,
)
from houston.channels.turns import code_shown, down, fresh, lost, round_over, up
from houston.transports.events import (
    NO_CODE,
    PASSKEY_NOT_ANSWERED,
    Alive,
    BacklogBegan,
    BacklogEnded,
    Banned,
    ConfirmationAsked,
    ConfirmationKind,
    Faulted,
    LinkQuiet,
    LoggedOut,
    LogoutCause,
    Offline,
    Online,
    Outdated,
    Paired,
    PairingCodeShown,
    PairingFailed,
    PhoneLost,
    PhoneSeen,
    QrExpired,
    QrShown,
    Replaced,
    Restricted,
)

TAKE_BACK_WINDOW = timedelta(minutes=10)
TAKE_BACK_PAUSE = timedelta(seconds=1)
"""Long enough not to trade blows with the other client, short enough that nobody waits."""
OUTDATED_PAUSE = timedelta(minutes=15)
"""Only a new library helps, so there is no hurry."""
CONFIRM_TIME_MAX = timedelta(minutes=3)
BLOCK_TIME_MIN = timedelta(minutes=1)
"""A ban that claims to be over already must not make us knock without a pause."""
STALLS_MAX = 3
_FAILURES = {NO_CODE: Reason.NO_CODE, PASSKEY_NOT_ANSWERED: Reason.PASSKEY_NOT_ANSWERED}

LOGOUT_REASONS = {
    LogoutCause.LOGGED_OUT_EVERYWHERE: Reason.LOGGED_OUT_EVERYWHERE,
    LogoutCause.UNLINKED_ON_PHONE: Reason.UNLINKED_ON_PHONE,
    LogoutCause.KEYS_REFUSED: Reason.KEYS_REFUSED,
}


def learn(state: State, heard: Heard, now: datetime) -> State:  # noqa: C901 - a flat table
    """What is known after it was heard. What teaches nothing gives back the very same state."""
    match heard:
        case Woke(wire_open=wire_open):
            return _wire_found(state, wire_open, now)
        case Claimed(jitter_seconds=seconds):
            return _claimed(state, now, seconds)
        case Released():
            return changed(state, held=False, trouble=Reason.STARTING) if state.held else state

        # Lasting facts, true whether or not the wire is still open.
        case PaidChanged(paid=paid):
            return state if paid is state.paid else _paid(state, now, paid=paid)
        case Paired(phone=phone):
            return _paired(state, phone, now)
        case LoggedOut(cause=cause):
            return _logged_out(state, cause, now) if state.paired else state
        case Banned(until=until, code=code):
            return _banned(state, until, code, now)
        case Restricted(until=until):
            return changed(state, restricted_until=until) if until > now else state
        case PhoneLost(since=since):
            return _phone_lost(state, min(since, now), now) if state.phone_online else state
        case PhoneSeen(at=at):
            return _phone_seen(state, min(at, now))

        # Orders. A deleted channel hears none but to come back.
        case Delete():
            return _refused(state, now, deleted_at=now) if state.deleted_at is None else state
        case Restore():
            return changed(fresh(state), deleted_at=None) if may_restore(state, now) else state
        case Enable() | Disable() | UseHere() | EnableHere() | Rescan() | Check() if (
            state.deleted_at is not None
        ):
            return state
        case Enable():
            return state if state.enabled else changed(_taken_back(fresh(state)), enabled=True)
        case Disable():
            return _refused(state, now, enabled=False) if state.enabled else state
        case UseHere() | EnableHere():
            return _taken_back(state)
        case Rescan(typed=typed):
            if state.paired:
                return _checked(_taken_back(state))
            return _rescanned(state, now, typed=typed)
        case Check():
            return _checked(state)

        # A wire that is closed says nothing that still matters.
        case _ if not state.wire_open:
            return state
        case Alive(at=at):
            return _alive(state, min(at, now))
        case LinkQuiet():
            return _doubted(state)
        case Stalled():
            return _stalled(state, now)
        case Probed(ok=ok):
            # An answer is proof whenever it comes; silence says something only of what was asked.
            asked = state.probing_since is not None
            return _probed(state, ok, now) if ok or asked else state
        case Offline(cause=code):
            return lost(state, now, Reason.LINK_LOST, code)
        case Faulted(code=code):
            faults = (*state.faults, now)[-FAULTS_MAX:]
            return changed(lost(state, now, Reason.LINK_LOST, code), faults=faults)
        case Outdated(version=version):
            slowly = lost(state, now, Reason.LIBRARY_OUTDATED, version)
            return changed(slowly, outdated=True, retry_at=now + OUTDATED_PAUSE)

        # A wire either pairs or is connected with the keys of an earlier pairing.
        case QrShown() | PairingCodeShown() | ConfirmationAsked() | QrExpired() | PairingFailed():
            return state if state.paired else _pairing(state, heard, now)
        case Online() | BacklogBegan() | BacklogEnded() | Replaced():
            return _connected(state, heard, now) if state.paired else state
    raise AssertionError(heard)


def _pairing(
    state: State,
    heard: QrShown | PairingCodeShown | ConfirmationAsked | QrExpired | PairingFailed,
    now: datetime,
) -> State:
    match heard:
        case QrShown(until=until, number=number, of=of):
            return code_shown(state, until, number, of, now)
        case PairingCodeShown(until=until):
            return code_shown(state, until, 1, 1, now)
        case ConfirmationAsked(kind=kind):
            return _confirmation_asked(state, kind, now)
        case QrExpired():
            return round_over(state, now)
        case PairingFailed(reason=code):
            failed = _FAILURES.get(code, Reason.PAIRING_FAILED)
            return changed(round_over(state, now), unpaired_reason=failed, detail=code)


def _connected(
    state: State, heard: Online | BacklogBegan | BacklogEnded | Replaced, now: datetime
) -> State:
    match heard:
        case Online():
            return _online(state, now)
        case BacklogBegan(expected=expected):
            return changed(state, backlog=expected, evidence_at=now)
        case BacklogEnded():
            proven = changed(state, evidence_at=now)
            return up(proven, now) if state.link is Link.CATCHING_UP else proven
        case Replaced():
            return _replaced(state, now)


# --- Who holds the channel -------------------------------------------------------------------


def _wire_found(state: State, wire_open: bool | None, now: datetime) -> State:
    """Put right what the state believes of the wire; ask again for a probe that was not sent."""
    if wire_open is None or wire_open is state.wire_open:
        lost_probe = wire_open is not None and state.probing_since is not None
        return changed(state, doubted=True) if lost_probe else state
    return down(fresh(state), now, wire_open=wire_open)


def _claimed(state: State, now: datetime, jitter_seconds: float) -> State:
    return down(
        fresh(state),
        now,
        held=True,
        wire_open=False,
        retry_at=now + timedelta(seconds=jitter_seconds),
        wake_at=None,
    )


# --- Orders of people and of the ledger ------------------------------------------------------


def _paid(state: State, now: datetime, *, paid: bool) -> State:
    return changed(fresh(state), paid=True) if paid else _refused(fresh(state), now, paid=False)


def _refused(state: State, now: datetime, **facts: Any) -> State:
    """The wire is about to be closed, or died with its node, and with it ends a linking under way."""
    return changed(state, **facts) if state.paired else down(state, now, **facts)


def _taken_back(state: State) -> State:
    """Another client has the number, and it is to be taken back at once (S7)."""
    if state.held_elsewhere:
        return changed(fresh(state), held_elsewhere=False, take_back=TakeBack.DUE)
    return state if state.take_back is None else changed(state, retry_at=None)


def _rescanned(state: State, now: datetime, *, typed: bool) -> State:
    """A code is wanted. A live one of that kind will do; what else was in its way is gone."""
    asked = changed(
        _ban_doubted(fresh(state)),
        rounds=0,
        unpaired_reason=Reason.AWAITING_SCAN,
        wrong_number=None,
        confirmation=None,
        pairing_until=None if state.confirmation else state.pairing_until,
    )
    return asked if typed is state.types_code else down(asked, now, types_code=typed)


def _checked(state: State) -> State:
    """Somebody wants to know now: do not wait for the next try, do not trust the link."""
    if state.link in (Link.UP, Link.CATCHING_UP):
        return _doubted(state)
    return changed(_ban_doubted(state), retry_at=None)


def _ban_doubted(state: State) -> State:
    """A ban for good has no end that we could wait for; only a person can learn of its end."""
    for_good = state.blocked and state.blocked_until is None
    return changed(fresh(state), blocked=False) if for_good else state


# --- Keys ------------------------------------------------------------------------------------


def _paired(state: State, phone: str, now: datetime) -> State:
    """The right number goes on with its keys; the wrong one is logged out by `decide` (S6)."""
    closed = down(fresh(state), now, wire_open=False)
    if phone == state.phone:
        return changed(
            closed,
            paired=True,
            types_code=False,
            wrong_number=None,
            rounds=0,
            phone_online=True,
            phone_lost_at=None,
        )
    if state.paired:
        return closed
    return changed(
        closed,
        wrong_number=phone,
        rounds=PAIRING_ROUNDS_MAX,
        unpaired_reason=Reason.WRONG_NUMBER,
    )


def _logged_out(state: State, cause: LogoutCause, now: datetime) -> State:
    return down(
        state,
        now,
        paired=False,
        unpaired_reason=LOGOUT_REASONS[cause],
        rounds=PAIRING_ROUNDS_MAX,
        failures=0,
        retry_at=None,
        held_elsewhere=False,
        take_back=None,
        phone_online=True,
        phone_lost_at=None,
    )


def _confirmation_asked(state: State, kind: ConfirmationKind, now: datetime) -> State:
    return changed(
        state,
        confirmation=kind,
        code_until=None,
        pairing_until=now + CONFIRM_TIME_MAX,
    )


# --- What WhatsApp decides -------------------------------------------------------------------


def _replaced(state: State, now: datetime) -> State:
    """While the wire is being closed because it is not wanted, there is nothing to take back."""
    if not (state.enabled and state.paid and state.deleted_at is None):
        return down(state, now)
    recent = [at for at in state.take_backs if at > now - TAKE_BACK_WINDOW]
    if len(recent) >= TAKE_BACKS_MAX:
        return down(state, now, held_elsewhere=True, take_back=None, retry_at=None)
    return down(
        state,
        now,
        take_back=TakeBack.DUE,
        take_backs=tuple(recent),
        retry_at=now + TAKE_BACK_PAUSE,
    )


def _banned(state: State, until: datetime | None, code: str, now: datetime) -> State:
    # A block that is over before we heard of it is tried again, but not at once, over and over.
    end = until if until is None or until > now else now + BLOCK_TIME_MIN
    return down(state, now, blocked=True, blocked_until=end, retry_at=None, detail=code)


# --- Proof of life ---------------------------------------------------------------------------


def _online(state: State, now: datetime) -> State:
    return changed(
        state,
        link=Link.CATCHING_UP,
        link_since=now,
        backlog=None,
        evidence_at=now,
        probing_since=None,
        doubted=False,
        stalls=0,
        take_back=None,
        outdated=False,
    )


def _alive(state: State, at: datetime) -> State:
    if state.evidence_at is not None and at <= state.evidence_at:
        return state
    answered = state.probing_since is not None and at >= state.probing_since
    return changed(state, evidence_at=at, probing_since=None if answered else state.probing_since)


def _doubted(state: State) -> State:
    """The link has to prove itself, if it is not already asked to."""
    return state if state.probing_since is not None else changed(state, doubted=True)


def _stalled(state: State, now: datetime) -> State:
    """One silent send is doubt; several, though each probe was answered, are proof (S9)."""
    if state.link not in (Link.UP, Link.CATCHING_UP) or state.probing_since is not None:
        return state
    if state.stalls + 1 >= STALLS_MAX:
        return lost(state, now, Reason.NO_PROOF_OF_LIFE, "stalled")
    return changed(state, stalls=state.stalls + 1, doubted=True)


def _probed(state: State, ok: bool, now: datetime) -> State:
    if not ok:
        return lost(state, now, Reason.NO_PROOF_OF_LIFE, "no_answer")
    proven = changed(state, probing_since=None, evidence_at=now)
    # Without its phone such a transport could not have answered; others answer all the same.
    return proven if state.sends_without_phone else _phone_seen(proven, now)


def _phone_lost(state: State, since: datetime, now: datetime) -> State:
    return changed(state, phone_online=False, phone_lost_at=since, probed_at=now)


def _phone_seen(state: State, at: datetime) -> State:
    """An old sign of life, handed over late, says nothing about a phone that was lost since."""
    if state.phone_lost_at is None:
        return _alive(state, at) if state.wire_open else state
    if at < state.phone_lost_at:
        return state
    return changed(_alive(state, at), phone_online=True, phone_lost_at=None, retry_at=None)
