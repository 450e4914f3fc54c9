"""Bugs to plant, one at a time, in the machine and in the rules of messages: the referee must find each.

A bug is a few names exchanged for the time of a test. Whoever renames one of them is told by the test.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from houston.channels import decide, learn, state, status, steer, turns
from houston.channels.changed import changed
from houston.channels.orders import Claimed, ForgetCredentials, KeepCredentials, PaidChanged
from houston.channels.state import Link, Policy, State, Status
from houston.kernel.errors import ChannelRefuses
from houston.kernel.ids import ChatId
from houston.messages import line, rules
from houston.messages.rules import Allowance, MessageStatus, Settlement
from houston.transports.events import LoggedOut, Offline, Paired
from houston.transports.transport import Outgoing, Unknown
from tests.simulation.disk import Disk, Row

Exchange = Callable[[object, str, object], None]
"""Puts another thing in the place of a name, as `monkeypatch.setattr` does."""


@dataclass(frozen=True, slots=True)
class Bug:
    """`rules` are those of which at least one must be found broken."""

    plant: Callable[[Exchange], None]
    rules: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.plant.__name__


# --- Taking back -------------------------------------------------------------------------------


def six_take_backs_are_allowed(exchange: Exchange) -> None:
    exchange(learn, "TAKE_BACKS_MAX", 6)
    exchange(steer, "TAKE_BACKS_MAX", 6)


def the_window_is_one_minute(exchange: Exchange) -> None:
    exchange(learn, "TAKE_BACK_WINDOW", timedelta(minutes=1))


def a_short_success_forgives_take_backs(exchange: Exchange) -> None:
    right = learn._online
    exchange(learn, "_online", lambda *heard: changed(right(*heard), take_backs=()))


def a_restart_forgives_take_backs(exchange: Exchange) -> None:
    right = learn._claimed
    exchange(learn, "_claimed", lambda *heard: changed(right(*heard), take_backs=()))


def it_connects_although_it_gave_up(exchange: Exchange) -> None:
    right = steer.wants_wire
    exchange(steer, "wants_wire", lambda known: right(changed(known, held_elsewhere=False)))


# --- Who wants it ------------------------------------------------------------------------------


def it_connects_while_not_paid(exchange: Exchange) -> None:
    right = steer.wants_wire
    exchange(steer, "wants_wire", lambda known: right(changed(known, paid=True)))


def it_connects_while_disabled(exchange: Exchange) -> None:
    right = steer.wants_wire
    exchange(steer, "wants_wire", lambda known: right(changed(known, enabled=True)))


def a_restart_enables(exchange: Exchange) -> None:
    _after(exchange, Claimed, enabled=True)


def a_top_up_enables(exchange: Exchange) -> None:
    _after(exchange, PaidChanged, enabled=True)


def not_paid_hides_disabled(exchange: Exchange) -> None:
    table = list(status.PRECEDENCE)
    table[1], table[2] = table[2], table[1]
    exchange(status, "PRECEDENCE", tuple(table))


def it_is_restored_after_forty_days(exchange: Exchange) -> None:
    exchange(state, "RESTORE_WITHIN", timedelta(days=40))


# --- Keys and codes ----------------------------------------------------------------------------


def a_log_out_keeps_the_pairing(exchange: Exchange) -> None:
    _after(exchange, LoggedOut, paired=True)


def a_log_out_keeps_the_keys(exchange: Exchange) -> None:
    exchange(decide, "_credentials", _credentials_are_only_kept)


def _credentials_are_only_kept(known: State, heard: object) -> tuple[KeepCredentials, ...]:
    right = isinstance(heard, Paired) and heard.phone == known.phone
    return (KeepCredentials(),) if right else ()


def keys_are_destroyed_by_a_lost_link(exchange: Exchange) -> None:
    right = decide._credentials
    forget = ForgetCredentials()

    def credentials(known: State, heard: object) -> object:
        lost = isinstance(heard, Offline) and known.paired and known.failures > 2
        return (forget,) if lost else right(known, heard)  # type: ignore[arg-type]  # it is what was heard

    exchange(decide, "_credentials", credentials)


def a_wrong_number_gets_the_queue(exchange: Exchange) -> None:
    right = learn._paired
    exchange(learn, "_paired", lambda known, phone, now: right(known, known.phone, now))
    exchange(decide, "_credentials", lambda known, heard: _kept_of_anybody(heard))
    exchange(decide, "_log_out", lambda known, heard: ())


def _kept_of_anybody(heard: object) -> tuple[KeepCredentials, ...]:
    return (KeepCredentials(),) if isinstance(heard, Paired) else ()


def codes_are_shown_for_ever(exchange: Exchange) -> None:
    for module in (state, turns, steer):
        exchange(module, "PAIRING_ROUNDS_MAX", 10**6)


# --- The link ----------------------------------------------------------------------------------


def it_forgets_to_wake_after_a_loss(exchange: Exchange) -> None:
    right = decide._timer

    def timer(known: State, heard: object, now: datetime) -> datetime | None:
        forgets = known.link is Link.DOWN and known.failures > 1
        return None if forgets else right(known, heard, now)  # type: ignore[arg-type]  # it is what was heard

    exchange(decide, "_timer", timer)


def stale_evidence_stays_active(exchange: Exchange) -> None:
    exchange(steer, "_probe_is_due", lambda known, now: False)


def an_unanswered_probe_counts_as_proof(exchange: Exchange) -> None:
    right = learn._probed
    exchange(learn, "_probed", lambda known, ok, now: right(known, True, now))
    exchange(steer, "PROBE_TIME_MAX", timedelta(days=1))


def a_phone_is_noticed_after_a_long_backoff(exchange: Exchange) -> None:
    exchange(steer, "PHONE_PROBE_PAUSE", timedelta(minutes=20))
    exchange(steer, "EVIDENCE_AGE_MAX", timedelta(minutes=20))
    exchange(turns, "RETRY_SECONDS", (0, 1, 5, 60, 300, 600, 1200))


def active_before_the_backlog_is_in(exchange: Exchange) -> None:
    right = learn._online
    exchange(learn, "_online", lambda known, now: turns.up(right(known, now), now))


def a_change_of_reason_is_not_told(exchange: Exchange) -> None:
    right = decide._change

    def change(*turn: Any) -> object:
        found = right(*turn)
        return None if found is None or found.old is found.new else found

    exchange(decide, "_change", change)


# --- Messages ----------------------------------------------------------------------------------


def it_refuses_where_it_must_hold(exchange: Exchange) -> None:
    exchange(status, "POLICY", status.POLICY | {Status.BLOCKED: Policy.REFUSE})


def it_holds_where_it_must_refuse(exchange: Exchange) -> None:
    exchange(status, "POLICY", status.POLICY | {Status.NOT_PAID: Policy.HOLD})


def it_refuses_with_a_wrong_code(exchange: Exchange) -> None:
    right = rules.refusal

    def refusal(word: Status) -> ChannelRefuses:
        return right(Status.NOT_PAID if word is Status.DISABLED else word)

    exchange(rules, "refusal", refusal)


def a_transient_failure_loses_its_place(exchange: Exchange) -> None:
    """What must wait is passed over, and what comes after it in its chat goes first."""
    right = line.Line.pick

    def free(self: line.Line, chat: ChatId, until: datetime | None) -> None:
        self.busy.discard(chat)
        self.stale = True

    def pick(self: line.Line, now: datetime) -> list[line.Waiting]:
        window, none = self.window, datetime.min.replace(tzinfo=now.tzinfo)
        self.window = deque(one for one in window if (one.not_before or none) <= now)
        picked = right(self, now)
        self.window = deque(one for one in window if one not in picked)
        return picked

    exchange(line.Line, "free", free)
    exchange(line.Line, "pick", pick)


def a_repeat_gets_a_new_id(exchange: Exchange) -> None:
    right, numbers = line.Waiting.outgoing, count()

    def outgoing(self: line.Waiting) -> Outgoing:
        return replace(right(self), wire_id=f"{self.wire_id}-{next(numbers)}")

    exchange(line.Waiting, "outgoing", outgoing)


def an_unknown_outcome_is_called_sent(exchange: Exchange) -> None:
    _settles_unknown(exchange, MessageStatus.SENT)


def an_unknown_outcome_is_called_failed(exchange: Exchange) -> None:
    _settles_unknown(exchange, MessageStatus.FAILED)


def _settles_unknown(exchange: Exchange, word: MessageStatus) -> None:
    right = rules.settle

    def settle(result: object, **facts: Any) -> Settlement:
        if isinstance(result, Unknown):
            return Settlement(status=word, open=False, at=facts["now"])
        return right(result, **facts)  # type: ignore[arg-type]  # it is what the wire answered

    exchange(rules, "settle", settle)


def an_unknown_outcome_is_repeated_under_another_id(exchange: Exchange) -> None:
    right = rules.settle
    exchange(rules, "settle", lambda result, **facts: right(result, **facts | {"repeatable": True}))


def what_is_said_of_a_message_moves_backwards(exchange: Exchange) -> None:
    """The guard is SQL; here it is a line of the simulated disk."""

    def settle(self: Disk, message: Any, attempt: int, settlement: Settlement) -> None:
        row: Row = self.rows[message]
        if not settlement.open:
            self._close(row)
        self._move(row, settlement.status)

    exchange(Disk, "settle", settle)


def the_pace_is_forgotten(exchange: Exchange) -> None:
    exchange(line, "refilled", lambda known, pacing, now: Allowance(float("inf"), now))


# --- How a fact is bent ------------------------------------------------------------------------


def _after(exchange: Exchange, kind: type, **facts: Any) -> None:
    """What is known after hearing something of this kind is not what it should be."""
    right = learn.learn

    def bent(known: State, heard: Any, now: datetime) -> State:
        after = right(known, heard, now)
        return changed(after, **facts) if isinstance(heard, kind) else after

    exchange(decide, "learn", bent)


BUGS = (
    Bug(six_take_backs_are_allowed, ("S7",)),
    Bug(the_window_is_one_minute, ("S7",)),
    Bug(a_short_success_forgives_take_backs, ("S7",)),
    Bug(a_restart_forgives_take_backs, ("S7",)),
    Bug(it_connects_although_it_gave_up, ("S7",)),
    Bug(it_connects_while_not_paid, ("S4",)),
    Bug(it_connects_while_disabled, ("S3",)),
    Bug(a_restart_enables, ("P", "S3", "S11")),
    Bug(a_top_up_enables, ("P", "S4")),
    Bug(not_paid_hides_disabled, ("P",)),
    Bug(it_is_restored_after_forty_days, ("P", "S10")),
    Bug(a_log_out_keeps_the_pairing, ("P", "S5")),
    Bug(a_log_out_keeps_the_keys, ("S5",)),
    Bug(keys_are_destroyed_by_a_lost_link, ("S5",)),
    Bug(a_wrong_number_gets_the_queue, ("P", "S6")),
    Bug(codes_are_shown_for_ever, ("S1",)),
    Bug(it_forgets_to_wake_after_a_loss, ("S8", "S13")),
    Bug(stale_evidence_stays_active, ("S9", "S13")),
    Bug(an_unanswered_probe_counts_as_proof, ("S8", "S9", "S13", "P")),
    Bug(a_phone_is_noticed_after_a_long_backoff, ("S8", "S13", "S9")),
    Bug(active_before_the_backlog_is_in, ("S2",)),
    Bug(a_change_of_reason_is_not_told, ("S11",)),
    Bug(it_refuses_where_it_must_hold, ("M2",)),
    Bug(it_holds_where_it_must_refuse, ("M1", "M2")),
    Bug(it_refuses_with_a_wrong_code, ("M1",)),
    Bug(a_transient_failure_loses_its_place, ("M5",)),
    Bug(a_repeat_gets_a_new_id, ("M6",)),
    Bug(an_unknown_outcome_is_called_sent, ("M7",)),
    Bug(an_unknown_outcome_is_called_failed, ("M7",)),
    Bug(an_unknown_outcome_is_repeated_under_another_id, ("M6",)),
    Bug(what_is_said_of_a_message_moves_backwards, ("M7",)),
    Bug(the_pace_is_forgotten, ("M9",)),
)
