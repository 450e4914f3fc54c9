"""What can be said to a channel besides what WhatsApp says, and what a channel wants done.

Only the supervisor carries out effects, in the order in which they are given: first what is
written down, then the timer, then the wire, so that nothing that hangs can hide a change.
"""

from dataclasses import dataclass
from datetime import datetime

from houston.channels.state import Reason, Status
from houston.transports.events import LinkEvent

WHATSAPP = "whatsapp"
LEDGER = "ledger"
HOUSTON = "houston"
"""Actors that are not persons or keys; those are named by whoever passes the command on."""


# --- Commands: a person, a key or the ledger wants it ----------------------------------------


@dataclass(frozen=True, slots=True)
class Enable:
    actor: str


@dataclass(frozen=True, slots=True)
class Disable:
    actor: str


@dataclass(frozen=True, slots=True)
class Delete:
    actor: str


@dataclass(frozen=True, slots=True)
class Restore:
    """Undo the deletion. Ask `may_restore` first: too late, it changes nothing."""

    actor: str


@dataclass(frozen=True, slots=True)
class PaidChanged:
    """The account's money has run out, or is there again."""

    paid: bool
    actor: str = LEDGER


@dataclass(frozen=True, slots=True)
class UseHere:
    """Take the number back now, do not wait for the next automatic try."""

    actor: str


@dataclass(frozen=True, slots=True)
class EnableHere:
    """One more try, although Houston gave up."""

    actor: str


@dataclass(frozen=True, slots=True)
class Rescan:
    """Show a new code: one to scan, or one to be `typed` on the phone."""

    actor: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """Look now whether it works again."""

    actor: str


# --- What the node and the clock say ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claimed:
    """A node took the channel over, or started: nothing is open. It connects after the jitter."""

    jitter_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Released:
    """The node gives the channel back."""


@dataclass(frozen=True, slots=True)
class Woke:
    """The timer fired, or somebody nudged. Harmless at any time and as often as you like.

    `wire_open` tells what the node really has open, if it knows. What the state believed is then
    put right, so that a decision taken elsewhere or half carried out heals by itself.
    """

    wire_open: bool | None = None


@dataclass(frozen=True, slots=True)
class Stalled:
    """A message was handed over and nobody acknowledged it within its bound."""


@dataclass(frozen=True, slots=True)
class Probed:
    """The answer to a probe, or that there was none."""

    ok: bool


Command = Enable | Disable | Delete | Restore | PaidChanged | UseHere | EnableHere | Rescan | Check
Heard = Command | Claimed | Released | Woke | Stalled | Probed | LinkEvent


# --- Effects ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeepCredentials:
    """Store the credentials of the `Paired` that was just heard: they are of the right number."""


@dataclass(frozen=True, slots=True)
class ForgetCredentials:
    """Destroy the stored credentials: WhatsApp proved that they are worthless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """One line of the history. `old` equals `new` when only reason or wire state changed."""

    old: Status
    new: Status
    reason: Reason
    detail: str | None
    wire_state: str | None
    actor: str
    at: datetime
    evidence_at: datetime | None


@dataclass(frozen=True, slots=True)
class Announce:
    """Write the change down for ever and tell whoever listens."""

    change: StatusChange


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Say `Woke` then. There is one timer for each channel: this replaces an earlier one."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LogOut:
    """Tell WhatsApp to forget the keys that the wire holds; the wire is closed afterwards."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the wire and keep the keys."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Open the wire with the stored credentials."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Open the wire and show codes: to scan, or to be `typed` on the phone."""

    typed: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """Ask the other side for a sign of life, and say `Probed`."""


Effect = (
    KeepCredentials
    | ForgetCredentials
    | Announce
    | WakeAt
    | LogOut
    | Disconnect
    | Connect
    | Pair
    | Probe
)
