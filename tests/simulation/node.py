"""A node: carries out for one channel what the machine wants, as the supervisor does, in memory.

It is fast and single-minded: no database, no tasks. What it must get right is the order of things:
hear, decide, write down, then the wire; and that nothing is heard by a node that is dead or asleep.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from houston.channels import decide as machine
from houston.channels.orders import (
    Claimed,
    Connect,
    Disconnect,
    Effect,
    Heard,
    LogOut,
    Pair,
    Probe,
    Probed,
    Released,
    WakeAt,
    Woke,
)
from houston.channels.state import Policy
from houston.channels.status import policy
from houston.kernel.ids import NodeId
from houston.transports import events
from tests.simulation.calendar import Appointment, Calendar, Do
from tests.simulation.disk import Disk
from tests.simulation.held import Held, Kind
from tests.simulation.leases import Leases
from tests.simulation.mail import Mail
from tests.simulation.referee import Referee
from tests.simulation.sender import Sender
from tests.simulation.tape import Tape
from tests.simulation.whatsapp import Stream, WhatsApp

LATE_SECONDS_MAX = 8.0
_IDLE = (WakeAt, Probe)
_NO_EVIDENCE = (events.Offline, events.LinkQuiet, events.Replaced)


@dataclass(frozen=True, slots=True)
class Town:
    """What all nodes live among."""

    calendar: Calendar
    chance: Random
    tape: Tape
    disk: Disk
    whatsapp: WhatsApp
    mail: Mail
    referee: Referee
    leases: Leases
    kind: Kind


class Node:
    """One process of Houston. Killing it makes a new one of the same name possible."""

    def __init__(self, number: int, town: Town) -> None:
        self.id = NodeId(number)
        self.town = town
        self.alive = True
        self.asleep = False
        self.held: Held | None = None
        self.stream: Stream | None = None
        self.sender = Sender(self)
        self.timer: Appointment | None = None
        self.quiet_turns = 0
        """Idle turns in a row: what a nap waits for."""
        self._turning = False
        self._missed: deque[Do] = deque()

    # --- Its life --------------------------------------------------------------------------

    def when_awake(self, do: Do) -> Do:
        """What it does, if it lives; when it wakes, if it sleeps."""

        def now_or_later() -> None:
            if self.alive and self.asleep:
                self._missed.append(do)
            elif self.alive:
                do()

        return now_or_later

    def die(self) -> None:
        """kill -9: nothing is said to anybody."""
        self.alive = False
        self._close_stream()
        if self.timer is not None:
            self.timer.call_off()

    def fall_asleep(self) -> None:
        self.asleep = True

    def wake(self) -> None:
        """SIGCONT: all that waited for it happens at once."""
        self.asleep = False
        while self._missed and not self.asleep:
            self._missed.popleft()()

    def take(self, jitter_seconds: float) -> None:
        """Begin to drive the channel."""
        if self.held is not None:
            self.drop(self.held)
        fence = self.town.disk.claim(self.id)
        self.town.referee.held_by(int(self.id), jitter_seconds)
        self.held = Held(self.town.disk.state, fence, self.town.kind)
        self.tell(self.held, Claimed(jitter_seconds))

    def give_back(self) -> None:
        """Let another node have the channel, as at an orderly stop."""
        if self.held is not None:
            self.held.mailbox.append(Released())
            self._turns()
        if self.held is not None:
            self._let_go(self.held)

    # --- Hearing ---------------------------------------------------------------------------

    def nudge(self) -> None:
        """Somebody changed what is wanted: look at the facts on disk again."""
        if self.held is not None:
            self.tell(self.held, Woke(self.held.wire_open))

    def hear(self, held: Held, stream: Stream, event: events.Event, keep: int | None) -> None:
        """A wire says something."""
        if self.held is not held or stream.closed:
            return
        if not isinstance(event, _NO_EVIDENCE):
            held.evidence_at = self.town.calendar.now
            self.town.referee.proof()
        if isinstance(event, events.Incoming | events.Receipt):
            self.town.disk.receive(event)
            if keep is not None:
                self.town.mail.acknowledge(stream, keep)
        elif isinstance(event, events.LinkEvent) and not isinstance(event, events.Alive):
            self.tell(held, event)

    def tell(self, held: Held, heard: Heard) -> None:
        """Put it behind what was heard before. Mostly its turn comes at once."""
        held.mailbox.append(heard)
        if self._turning:
            return
        if self.town.chance.random() < 0.97:
            self._turns()
        else:
            self._turning = True
            slowly = 2 * self.town.chance.random()
            self.town.calendar.later(slowly, self.when_awake(self._turns))

    def _turns(self) -> None:
        """What has gathered is judged together; the wire is told of it afterwards."""
        self._turning = True
        while self.held is not None and self.held.mailbox:
            held, heard = self.held, list(self.held.mailbox)
            held.mailbox.clear()
            self._turn(held, heard)
        self._turning = False

    def _turn(self, held: Held, heard: list[Heard]) -> None:
        if len(heard) == 1 and self._idle_turn(held, heard[0]):
            return
        self.quiet_turns = 0
        disk = self.town.disk
        if (disk.owner, disk.fence) != (self.id, held.fence):
            self.town.tape.note(self.town.calendar.now, f"node {self.id}", "has lost the channel")
            self.drop(held)
            return
        effects = disk.turn([*held.unheard_evidence(heard), *heard], self.id, held.state)
        held.state = disk.state
        for effect in effects:
            self._carry_out(held, effect)
        self.town.referee.sees(disk.state)
        if disk.open and held.may_send:
            self.sender.look_anew()
        if self.town.referee.traits.lets_go and policy(held.state) is Policy.REFUSE:
            self._let_go(held)

    def _idle_turn(self, held: Held, heard: Heard) -> bool:
        """The commonest turn of all: a timer or a probe finds everything well. It stays in memory."""
        if not (heard == Woke() or heard == Probed(ok=True)):
            return False
        if self.town.disk.state.probing_since is not None:
            return False  # Who reads the disk must learn that the probe was answered.
        state, effects, now = held.state, list[Effect](), self.town.calendar.now
        words = [*held.unheard_evidence([heard]), heard]
        for word in words:
            decision = machine.decide(state, word, now)
            state, effects = decision.state, [*effects, *decision.effects]
        idle = all(isinstance(effect, _IDLE) for effect in effects)
        if not idle or state.link is not held.state.link:
            return False
        for word in words:
            self.town.tape.note(now, "hears", word)
            self.town.referee.hears(word)
        if state is not held.state:
            held.state = state
        for effect in effects:
            self._carry_out(held, effect)
        self.quiet_turns += 1
        return True

    # --- Carrying out ----------------------------------------------------------------------

    def _carry_out(self, held: Held, effect: Effect) -> None:
        town = self.town
        match effect:
            case WakeAt(at):
                self._wake_at(held, at)
            case Probe():
                self._probe(held)
            case Connect() | Pair():
                self._start(held, None if isinstance(effect, Pair) else town.disk.keys)
            case Disconnect() | LogOut():
                self._stop(held, forget=isinstance(effect, LogOut))

    def _start(self, held: Held, keys: bytes | None) -> None:
        self._close_stream()
        held.wire_open = True

        def hear(event: events.Event, keep: int | None) -> None:
            if self.alive and self.asleep:
                self._missed.append(partial(hear, event, keep))
            elif self.alive:
                self.hear(held, stream, event, keep)

        stream = self.stream = Stream(hear, keys)
        self.town.whatsapp.open(stream)

    def _stop(self, held: Held, *, forget: bool) -> None:
        held.wire_open = False
        if forget and self.stream is not None:
            self.town.whatsapp.forget(self.stream)
        self._close_stream()

    def _close_stream(self) -> None:
        stream, self.stream = self.stream, None
        if stream is not None and not stream.closed:
            self.town.whatsapp.close(stream)

    def _wake_at(self, held: Held, at: datetime) -> None:
        if self.timer is not None:
            self.timer.call_off()
        chance = self.town.chance
        late = 0.02 if chance.random() < 0.98 else LATE_SECONDS_MAX * chance.random()
        woken = self.when_awake(partial(self._woken, held))
        moment = at + timedelta(seconds=late)
        self.timer = self.town.calendar.at(moment, woken, is_timer=True)
        self.town.referee.sets_timer(at)

    def _woken(self, held: Held) -> None:
        self.timer = None
        self.town.referee.timer_fired(int(self.id))
        if self.held is held:
            self.tell(held, Woke())

    def _probe(self, held: Held) -> None:
        self.town.referee.probes()

        def answered(ok: bool) -> None:
            self.when_awake(partial(self._probed, held, ok=ok))()

        if self.stream is None:
            self.town.calendar.later(0.001, partial(answered, False))
        else:
            self.town.whatsapp.probe(self.stream, answered)

    def _probed(self, held: Held, *, ok: bool) -> None:
        if self.held is held:
            if ok:
                self.town.referee.proof()
            self.tell(held, Probed(ok))

    def _let_go(self, held: Held) -> None:
        disk = self.town.disk
        self.drop(held)
        if disk.owner == self.id:
            disk.owner = None
            self.town.referee.held_by(None)
            self.town.leases.consider()

    def drop(self, held: Held) -> None:
        """Stop driving a channel that is no longer ours; nothing is written."""
        held.releasing = True
        held.mailbox.clear()
        if self.held is held:
            self.held = None
        if self.timer is not None:
            self.timer.call_off()
            self.timer = None
        self.town.referee.closes(int(self.id), forgets=False)
        self._stop(held, forget=False)
