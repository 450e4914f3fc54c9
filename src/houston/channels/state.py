"""Everything Houston knows of one channel, as plain facts. Knows nothing of how they change."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from houston.transports.events import ConfirmationKind

RESTORE_WITHIN = timedelta(days=30)
PAIRING_ROUNDS_MAX = 3
"""How many rounds of codes are shown before somebody has to ask for a new one."""
TAKE_BACKS_MAX = 5
"""How often in ten minutes Houston takes the number back before it gives up."""
FAULTS_MAX = 5
"""So many faults in so short a time, and whoever runs the server is told: time alone will not help."""
FAULTS_WITHIN = timedelta(minutes=10)


class Status(StrEnum):
    """The one word shown to people. It is read off the facts by `status.PRECEDENCE`, never set."""

    DELETED = "DELETED"
    DISABLED = "DISABLED"
    NOT_PAID = "NOT_PAID"
    SCAN_QR = "SCAN_QR"
    CONFIRM_ON_PHONE = "CONFIRM_ON_PHONE"
    OPENED_ELSEWHERE = "OPENED_ELSEWHERE"
    BLOCKED = "BLOCKED"
    PHONE_UNAVAILABLE = "PHONE_UNAVAILABLE"
    ACTIVE = "ACTIVE"
    JUST_A_MINUTE = "JUST_A_MINUTE"


class Policy(StrEnum):
    """What becomes of an outgoing message."""

    SEND = "send"
    HOLD = "hold"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why the status is what it is. Each has words in `texts/status.*.json`."""

    DELETED = "deleted"
    DISABLED = "disabled"
    BALANCE_EXHAUSTED = "balance_exhausted"
    AWAITING_SCAN = "awaiting_scan"
    CODE_EXPIRED = "code_expired"
    LOGGED_OUT_EVERYWHERE = "logged_out_everywhere"
    UNLINKED_ON_PHONE = "unlinked_on_phone"
    KEYS_REFUSED = "keys_refused"
    WRONG_NUMBER = "wrong_number"
    PAIRING_FAILED = "pairing_failed"
    NO_CODE = "no_code"
    PASSKEY_ASKED = "passkey_asked"
    PASSKEY_NOT_ANSWERED = "passkey_not_answered"
    TWO_STEP_CODE_ASKED = "two_step_code_asked"
    OPENED_ELSEWHERE = "opened_elsewhere"
    BLOCKED_FOR_A_TIME = "blocked_for_a_time"
    BLOCKED_FOR_GOOD = "blocked_for_good"
    PHONE_LOST = "phone_lost"
    PHONE_NOT_SEEN = "phone_not_seen"
    WORKING = "working"
    RESTRICTED = "restricted"
    STARTING = "starting"
    LINK_LOST = "link_lost"
    NO_PROOF_OF_LIFE = "no_proof_of_life"
    TAKING_BACK = "taking_back"
    LIBRARY_OUTDATED = "library_outdated"


class Link(StrEnum):
    """The live connection. DOWN holds nothing open."""

    DOWN = "down"
    CONNECTING = "connecting"
    CATCHING_UP = "catching_up"
    UP = "up"


class TakeBack(StrEnum):
    """How far we are in taking the number back from another client."""

    DUE = "due"
    """The next connecting is the take-back, and is counted when it begins."""
    TRIED = "tried"
    """It was counted; what follows until we are in are mere repeats of it."""


@dataclass(frozen=True, kw_only=True)
class State:
    """One channel. Flat and of plain values, so that it is stored as JSON as it stands.

    It has no slots, because what is done most with it is `changed`, which copies one dict.
    """

    phone: str
    """The channel's own number, digits without `+`."""
    sends_without_phone: bool
    """Copied from the transport's capabilities: it delivers while the phone is away."""

    # People and the ledger decide these.
    deleted_at: datetime | None = None
    enabled: bool = True
    paid: bool = True

    # Pairing. The live code itself is a secret and is not kept here.
    paired: bool = False
    unpaired_reason: Reason = Reason.AWAITING_SCAN
    wrong_number: str | None = None
    """The phone that scanned a code that was meant for another."""
    confirmation: ConfirmationKind | None = None
    types_code: bool = False
    """Somebody wants to type a code on the phone instead of scanning one."""
    rounds: int = 0
    """Rounds of codes that ran out since somebody last asked for one."""
    pairing_until: datetime | None = None
    """A round is under way, and has failed if nothing new is heard of it until then."""
    code_until: datetime | None = None
    code_number: int = 0
    code_of: int = 0

    # WhatsApp decides these.
    held_elsewhere: bool = False
    """Another client has the number and we gave up taking it back."""
    take_back: TakeBack | None = None
    take_backs: tuple[datetime, ...] = ()
    """When we took the number back, newest last; only as many as the rule has to count."""
    blocked: bool = False
    blocked_until: datetime | None = None
    """None while blocked means for good."""
    restricted_until: datetime | None = None
    outdated: bool = False
    """WhatsApp refuses the version of our library."""
    phone_online: bool = True
    phone_lost_at: datetime | None = None

    # The link, which is down whenever no node holds the channel.
    held: bool = False
    """A node holds the channel and drives it."""
    wire_open: bool = False
    """The wire was told to start and not to stop since: connecting, connected or pairing."""
    link: Link = Link.DOWN
    link_since: datetime
    backlog: int | None = None
    """How many messages WhatsApp said it kept for us; None if it has not said."""
    faults: tuple[datetime, ...] = ()
    """When the link ended with something that we have no word for, newest last; only as many as count."""
    failures: int = 0
    retry_at: datetime | None = None
    """Nothing is tried before."""
    evidence_at: datetime | None = None
    """The last proof of life."""
    probing_since: datetime | None = None
    """A probe is out and was not answered yet."""
    probed_at: datetime | None = None
    stalls: int = 0
    """Sends without an acknowledgement since the link was made."""
    doubted: bool = False
    """Something speaks against the link: the next step is a probe."""
    trouble: Reason = Reason.STARTING
    """Why the link is not up, when it is not."""
    wake_at: datetime | None = None
    """The one timer that is armed."""

    # What is shown, as it was last announced.
    reason: Reason = Reason.AWAITING_SCAN
    detail: str | None = None
    """What the other side called it, for those who repair: a code, a cause, a version."""
    since: datetime
    actor: str
    """Who brought about the present status."""


def new_channel(phone: str, now: datetime, *, actor: str, sends_without_phone: bool) -> State:
    """A channel that waits for its first scan, and for a node to hold it."""
    return State(
        phone=phone,
        sends_without_phone=sends_without_phone,
        link_since=now,
        since=now,
        actor=actor,
    )


def shows_codes(state: State) -> bool:
    """It is to be scanned, and codes are shown without anybody asking for them."""
    return not state.paired and not state.blocked and state.rounds < PAIRING_ROUNDS_MAX


def recent_faults(state: State, now: datetime) -> int:
    """How many of the faults of late are worth counting; `FAULTS_MAX` of them are an alarm."""
    return sum(at > now - FAULTS_WITHIN for at in state.faults)


def may_restore(state: State, now: datetime) -> bool:
    """A deleted channel comes back within thirty days, and not later (law S10)."""
    return state.deleted_at is not None and now < state.deleted_at + RESTORE_WITHIN
