"""The referee of a channel's life: compares what people see and what is done with its own books.

It never asks the machine whether the machine is right. It is shown the word that people read, the
history that is written, and what the wire is told to do; what should be, it knows from the law.
"""

from datetime import datetime, timedelta

from houston.channels.orders import (
    Announce,
    Claimed,
    Command,
    Effect,
    Heard,
    Probe,
    Probed,
    Released,
    Stalled,
    WakeAt,
    Woke,
)
from houston.channels.state import State
from houston.transports import events
from tests.simulation.books import NEVER, OURS, Outside, Told
from tests.simulation.calendar import Calendar
from tests.simulation.due import CLOSING_RULES, Wellness
from tests.simulation.eyes import Eyes
from tests.simulation.law import Finding
from tests.simulation.post_referee import PostReferee
from tests.simulation.traits import Traits

TIMER_WITHIN = timedelta(minutes=3)
TIMER_WHEN_OUTDATED = timedelta(minutes=30)
ROUNDS_MAX = 10

_UNSETTLING = (
    events.Offline,
    events.Faulted,
    events.Outdated,
    events.Replaced,
    events.LoggedOut,
    events.Banned,
    events.Paired,
    events.PairingFailed,
    events.QrExpired,
)
"""After these the channel has its three minutes anew."""
_SLEEPLESS = ("ACTIVE", "JUST_A_MINUTE", "PHONE_UNAVAILABLE")


class Referee:
    """Sees everything, believes nothing but its own books."""

    def __init__(self, calendar: Calendar, traits: Traits) -> None:
        self._calendar = calendar
        self.traits = traits
        self.outside = Outside()
        self.told = Told()
        self.post = PostReferee(self, calendar)
        self.eyes = Eyes(self, calendar)
        self.wellness = Wellness(self, calendar)
        self.holder: int | None = None
        self.keys: bytes | None = None
        self.word: Heard | None = None
        """What the machine heard last."""
        self._due = NEVER
        self._stirred = True
        self._drives = False
        self._asleep: set[int] = set()
        self._open: dict[int, bool] = {}
        self._timer: datetime | None = None
        self._repeat: Command | None = None
        self._wrong_phone_linked = False

    # --- What is true ----------------------------------------------------------------------

    def tell(self, **facts: object) -> None:
        """Something changes outside Houston."""
        for name, value in facts.items():
            assert name in Outside.__slots__, name
            setattr(self.outside, name, value)
        self._unsettle()

    def proof(self) -> None:
        """A sign of life came from the other side."""
        self.wellness.proof_at = self._calendar.now

    def held_by(self, node: int | None, jitter_seconds: float = 0.0) -> None:
        self.holder, self.wellness.jitter = node, timedelta(seconds=jitter_seconds)
        self.told.outdated = self._drives = False
        self.post.held_by(node)
        self._unsettle()

    def sleeps(self, node: int, *, asleep: bool) -> None:
        (self._asleep.add if asleep else self._asleep.discard)(node)
        if node == self.holder:
            self.proof()
            self._unsettle()

    def dies(self, node: int) -> None:
        self._open.pop(node, None)
        self._asleep.discard(node)
        if self.holder == node:
            self.told.orphaned()
            self._timer, self.holder = None, None
        self._unsettle()

    def is_driven(self) -> bool:
        """A node that is awake holds the channel, and has begun to drive it."""
        return self._drives and self.holder is not None and self.holder not in self._asleep

    def is_open(self) -> bool:
        return self.holder is not None and self._open.get(self.holder, False)

    def could_show_codes(self) -> bool:
        outside = self.outside
        troubled = outside.outdated or outside.moody or not outside.network
        return self.is_driven() and not troubled

    # --- What is heard ---------------------------------------------------------------------

    def hears(self, word: Heard) -> None:
        """The machine is about to hear this."""
        now, told = self._calendar.now, self.told
        self.word = word
        if isinstance(word, Command):
            self._presses(word, now)
        elif isinstance(word, Probed):
            told.probed(word, needs_phone=not self.traits.sends_without_phone)
        elif isinstance(word, Claimed | Released):
            told.cut()
            self._timer, self._drives = None, isinstance(word, Claimed)
        elif not isinstance(word, Woke | Stalled):
            # Whoever refuses is about to close the wire, and a closed wire says nothing more.
            told.hears(word, now, wire_open=self.is_open() and told.refuses() is None)
            self._wrong_phone_linked |= isinstance(word, events.Paired) and word.phone != OURS
            if told.rounds > ROUNDS_MAX:
                raise Finding("S1", f"{told.rounds} rounds of codes, and nobody asked for them")
        if isinstance(word, _UNSETTLING):
            self._unsettle()

    def _presses(self, command: Command, now: datetime) -> None:
        before = self.told.refuses()
        self.told.press(command, now)
        if self.told.refuses() != before:
            self.wellness.refuses_since = now
            self.wellness.unsettle()
        self.stir()

    def repeats(self, command: Command | None) -> None:
        """The next turn hears the same command as the last one, and nothing has changed since."""
        self._repeat = command

    # --- What is ordered -------------------------------------------------------------------

    def orders(self, effect: Effect, word: Heard) -> None:
        """The machine wants this done because of the word it heard."""
        if self._repeat is not None and not isinstance(effect, WakeAt | Probe):
            raise Finding("S12", f"the second {self._repeat} in a row still caused {effect}")
        if isinstance(effect, Announce):
            self.eyes.announced(effect.change, word)

    def keeps(self, keys: bytes | None) -> None:
        """These keys are on the disk now."""
        before, self.keys = self.keys, keys
        if before is not None and keys is None and not isinstance(self.word, events.LoggedOut):
            raise Finding("S5", f"keys were destroyed because of {self.word}")
        if keys not in (None, before):
            right = isinstance(self.word, events.Paired) and self.word.phone == OURS
            if not right:
                raise Finding("S6", f"keys were kept because of {self.word}")

    def opens(self, node: int, *, pairing: bool) -> None:
        """A node opens the wire."""
        self.told.cut()
        others = [one for one, is_open in self._open.items() if is_open and one != node]
        if node != self.holder or any(one not in self._asleep for one in others):
            raise Finding("S13", f"node {node} connects, but {others or self.holder} has it")
        refusing = self.told.refuses()
        if refusing is not None:
            raise Finding(CLOSING_RULES[refusing], f"the wire is opened while {refusing}")
        if pairing:
            self._opens_to_pair()
        else:
            self._opens_with_keys()
        self._open[node] = True
        self.stir()

    def _opens_to_pair(self) -> None:
        if self.told.paired:
            raise Finding("S5", "codes are shown although the keys are good")
        if not self.told.codes_asked:
            raise Finding("S1", "codes are shown again, and nobody pressed")

    def _opens_with_keys(self) -> None:
        told = self.told
        if not told.paired or self.keys is None:
            raise Finding("S5", "it connects with keys that WhatsApp has ended")
        if told.given_up:
            raise Finding("S7", f"it gave up, nobody pressed, and it connects. {told.tries()}")
        if told.elsewhere:
            told.takes_back(self._calendar.now)

    def closes(self, node: int, *, forgets: bool) -> None:
        """A node closes the wire, and may tell WhatsApp to forget what was linked over it."""
        self._open[node] = False
        self._wrong_phone_linked = self._wrong_phone_linked and not forgets
        if node == self.holder:
            self.told.cut()
        self.stir()

    def probes(self) -> None:
        self.told.probe_out = True

    def sets_timer(self, at: datetime) -> None:
        if at <= self._calendar.now:
            raise Finding("S13", f"the timer is set into the past, to {at}: it would spin")
        self._timer = at

    def timer_fired(self, node: int) -> None:
        if node == self.holder:
            self._timer = None

    # --- What is seen ----------------------------------------------------------------------

    def sees(self, state: State, *, driven: bool = True) -> None:
        """A turn is over; `driven` if what it ordered was also carried out."""
        self.eyes.see(state)
        if not self.told.paired and self.keys is not None:
            raise Finding("S5", "WhatsApp has ended the keys, and they were kept")
        if self._wrong_phone_linked and driven:
            raise Finding("S6", "a wrong number was linked, and WhatsApp was not told to forget it")
        if driven and self.is_driven():
            self._judge_timer()
        self.stir()

    def _judge_timer(self) -> None:
        """Whoever waits for something must be woken to see that it does not come."""
        limit = TIMER_WHEN_OUTDATED if self.told.outdated else TIMER_WITHIN
        armed = self._timer is not None and self._timer <= self._calendar.now + limit
        if self.eyes.status in _SLEEPLESS and not armed:
            what = f"{self.eyes.status}, and the next timer is {self._timer}: it sleeps"
            raise Finding("S13", what)

    # --- What time brings ------------------------------------------------------------------

    def _unsettle(self) -> None:
        self.wellness.unsettle()
        self.stir()

    def stir(self) -> None:
        """Something has changed, and with it what is due, and when."""
        self._stirred = True

    @property
    def due(self) -> datetime:
        """Until then, nothing can be overdue. It is asked for before time moves on."""
        if self._stirred:
            self._weigh()
        return self._due

    def _weigh(self) -> dict[str, datetime]:
        due = self.wellness.weigh()
        self._due, self._stirred = min(due.values(), default=NEVER), False
        return due

    def lets_pass(self, until: datetime) -> None:
        """Time is about to jump there. What was due before has not come."""
        for rule, due in self._weigh().items():
            if until > due:
                what = f"it was due by {due:%m-%d %H:%M:%S}, and people see {self.eyes.shown}"
                raise Finding(rule, what)

    def slept(self, time: timedelta) -> None:
        """A quiet stretch was jumped over, with all the proofs of life in it."""
        self.wellness.proof_at += time
        if self._timer is not None:
            self._timer += time
        self.stir()
