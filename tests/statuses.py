"""A channel's state in each status, reached by what really leads there."""

from collections.abc import Callable
from dataclasses import replace

from houston.channels.orders import Delete, Disable, Heard, PaidChanged
from houston.channels.state import Policy, State, Status
from houston.channels.status import POLICY, status
from houston.transports.events import (
    Banned,
    ConfirmationAsked,
    ConfirmationKind,
    LoggedOut,
    LogoutCause,
    Offline,
    PhoneLost,
)
from tests.channels.life import ANNA, START, Life, active_channel, fresh_channel, given_up


def _after(life: Life, *heard: Heard) -> Life:
    life.hear(*heard)
    return life


_ROADS: dict[Status, Callable[[], Life]] = {
    Status.DELETED: lambda: _after(active_channel(), Delete(ANNA)),
    Status.DISABLED: lambda: _after(active_channel(), Disable(ANNA)),
    Status.NOT_PAID: lambda: _after(active_channel(), PaidChanged(False)),
    Status.SCAN_QR: lambda: _after(active_channel(), LoggedOut(LogoutCause.LOGGED_OUT_EVERYWHERE)),
    Status.CONFIRM_ON_PHONE: lambda: _after(
        fresh_channel(), ConfirmationAsked(ConfirmationKind.PASSKEY)
    ),
    Status.OPENED_ELSEWHERE: given_up,
    Status.BLOCKED: lambda: _after(active_channel(), Banned(None, "spam")),
    Status.PHONE_UNAVAILABLE: lambda: _after(active_channel(), PhoneLost(START)),
    Status.ACTIVE: active_channel,
    Status.JUST_A_MINUTE: lambda: _after(active_channel(), Offline("network")),
}

REFUSING = [word for word in Status if POLICY[word] is Policy.REFUSE]
HOLDING = [word for word in Status if POLICY[word] is Policy.HOLD]


def state_in(word: Status, phone: str) -> State:
    """What is known of a channel that has come to a status; nobody holds it any more."""
    state = replace(_ROADS[word]().state, phone=phone)
    assert status(state) is word, f"this road leads to {status(state)}"
    return state
