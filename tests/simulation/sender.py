"""Empties the queue as the product's sender does, with the product's own line and rules, in memory."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

from houston.channels.held import Held as ProductHeld
from houston.channels.orders import Stalled
from houston.messages import rules
from houston.messages.line import Line, Waiting, new_line
from houston.transports.transport import NotSent, SendResult, Unknown
from tests.simulation.calendar import Appointment
from tests.simulation.held import Held

if TYPE_CHECKING:
    from tests.simulation.node import Node

Answer = Callable[[SendResult], None]

_ROWS_MAX = 100
_LOOK_EVERY_SECONDS = 10.0


class Sender:
    """One node's sender for the one channel."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._line: Line | None = None
        self._held: Held | None = None
        """For whom the line was made."""
        self._next: Appointment | None = None
        self._looking = False

    def look_anew(self) -> None:
        """There may be something new in the queue."""
        if self._line is not None:
            self._line.stale = True
        self._heat(0.01)

    def _heat(self, seconds: float) -> None:
        calendar = self._node.town.calendar
        at = calendar.now + timedelta(seconds=seconds)
        if self._next is not None and self._next.do is not None:
            if self._next.at <= at:
                return
            self._next.call_off()
        self._next = calendar.at(at, self._node.when_awake(self._send_what_may_leave))

    # --- Choosing --------------------------------------------------------------------------

    def _send_what_may_leave(self) -> None:
        held, now = self._node.held, self._node.town.calendar.now
        if held is None or not held.may_send:
            self._forget()
            return
        line = self._line_of(held)
        if self._looking:
            return
        if line.wants_look(now):
            self._look(held, line)
        else:
            self._pick(held, line)

    def _pick(self, held: Held, line: Line) -> None:
        for message in line.pick(self._node.town.calendar.now):
            self._begin(held, line, message)
        self._come_back(line)

    def _line_of(self, held: Held) -> Line:
        """What is on its way, and what was spent of the pace, is so whoever holds it."""
        earlier, line = self._line, self._line
        if line is None or self._held is not held:
            line = new_line(cast(ProductHeld, held), self._node.town.calendar.now)
            if earlier is not None:
                line.busy, line.allowance = earlier.busy, earlier.allowance
            self._line, self._held = line, held
        return line

    def _forget(self) -> None:
        """The channel may not send: what was seen of its queue may be somebody else's by then."""
        if self._line is not None:
            self._line.window.clear()
            self._line.parked.clear()
            self._line.stale = True

    def _look(self, held: Held, line: Line) -> None:
        """Read the disk; what it says may be a little old when it arrives."""
        town = self._node.town
        rows = town.disk.next_in_line(line.look(town.calendar.now), _ROWS_MAX)
        self._looking = True
        arrive = partial(self._show, held, line, rows)
        if town.chance.random() < 0.7:
            arrive()
        else:
            town.calendar.later(0.2 * town.chance.random(), self._node.when_awake(arrive))

    def _show(self, held: Held, line: Line, rows: list[Waiting]) -> None:
        self._looking = False
        line.show(rows, all_of_it=len(rows) < _ROWS_MAX)
        self._pick(held, line)

    def _come_back(self, line: Line) -> None:
        now = self._node.town.calendar.now
        if line.wants_look(now):
            self._heat(0.01)
        elif (at := line.next_at()) is not None:
            self._heat(max(0.001, (at - now).total_seconds()))
        elif self._node.town.disk.open:
            self._heat(_LOOK_EVERY_SECONDS)

    # --- One message -----------------------------------------------------------------------

    def _begin(self, held: Held, line: Line, message: Waiting) -> None:
        town = self._node.town
        attempt = town.disk.intend(message.id, self._node.id, held.fence)
        if attempt is None:
            line.free(message.chat, None)
            return
        settled = partial(self._settled, held, line, message, attempt)
        if message.interrupted and not town.kind.capabilities.client_ids:
            self._resolve(message, partial(self._resolved, message, settled))
        else:
            self._send(message, settled)

    def _send(self, message: Waiting, settled: Answer) -> None:
        town, outgoing = self._node.town, message.outgoing()
        town.tape.note(town.calendar.now, "sends", f"{message.id} as {outgoing.wire_id}")
        town.referee.post.attempted(outgoing.key, outgoing.wire_id)
        answered = settled
        if not town.kind.capabilities.client_ids:
            answered = partial(self._answered, message, settled)
        town.mail.send(self._node.stream, outgoing, partial(self._hear, answered))

    def _answered(self, message: Waiting, settled: Answer, result: SendResult) -> None:
        """Where the library chooses the id, it is asked before anything is repeated."""
        if isinstance(result, Unknown):
            self._resolve(message, settled)
        else:
            settled(result)

    def _resolved(self, message: Waiting, settled: Answer, result: SendResult) -> None:
        """It was on its way when its sender died: only what certainly did not leave is sent."""
        if isinstance(result, NotSent):
            self._send(message, settled)
        else:
            settled(result)

    def _resolve(self, message: Waiting, answered: Answer) -> None:
        mail = self._node.town.mail
        mail.resolve(self._node.stream, message.outgoing(), partial(self._hear, answered))

    def _hear(self, answered: Answer, result: SendResult) -> None:
        self._node.when_awake(partial(answered, result))()

    def _settled(
        self, held: Held, line: Line, message: Waiting, attempt: int, result: SendResult
    ) -> None:
        town = self._node.town
        settlement = rules.settle(
            result,
            repeatable=town.kind.capabilities.client_ids,
            attempts=attempt,
            now=town.calendar.now,
        )
        town.tape.note(town.calendar.now, "settles", f"{message.id}, {result}")
        town.disk.settle(message.id, attempt, settlement)
        line.free(message.chat, settlement.not_before if settlement.open else None)
        if isinstance(result, Unknown) and self._node.held is held:
            self._node.tell(held, Stalled())
        self._heat(0.001)
