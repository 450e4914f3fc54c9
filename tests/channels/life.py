"""A channel to be tested, with a calendar: time stands still unless a test lets it pass."""

from datetime import UTC, datetime, timedelta

from houston.channels.decide import decide
from houston.channels.orders import (
    Announce,
    Claimed,
    Connect,
    Effect,
    Heard,
    Probe,
    Probed,
    StatusChange,
    WakeAt,
    Woke,
)
from houston.channels.shown import Shown, shown
from houston.channels.state import State, Status, new_channel
from houston.channels.status import status
from houston.transports.events import BacklogEnded, Online, Paired, QrShown, Replaced

PHONE = "79001112233"
ANNA = "person:anna"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Life:
    """Does what a supervisor does, but for the wire: that one answers only what the test says.

    `done` are the names of all effects but timers and news, `told` the news, since a test began
    anew with `forget`. While it is `well`, the other side answers whatever is asked, and at once.
    """

    def __init__(self, *, sends_without_phone: bool = False) -> None:
        self.now = START
        self.state: State = new_channel(
            PHONE, START, actor=ANNA, sends_without_phone=sends_without_phone
        )
        self.timer: datetime | None = None
        self.well = False
        self.done: list[str] = []
        self.told: list[StatusChange] = []

    @property
    def status(self) -> Status:
        return status(self.state)

    @property
    def shown(self) -> Shown:
        return shown(self.state, self.now)

    def hear(self, *all_heard: Heard) -> list[str]:
        """Tell it, one thing after the other, and see what was done about them."""
        before = len(self.done)
        for heard in all_heard:
            if isinstance(heard, Claimed):
                self.timer = None  # It was another node's, or of this one before it started anew.
            decision = decide(self.state, heard, self.now)
            self.state = decision.state
            for effect in decision.effects:
                self._note(effect)
            if self.well:
                self.hear(*[answer for effect in decision.effects for answer in _answers(effect)])
        return self.done[before:]

    def wait(self, seconds: float) -> list[str]:
        """Let time pass. Timers go off when they are due, and nothing else happens."""
        before, end = len(self.done), self.now + timedelta(seconds=seconds)
        while self.timer is not None and self.timer <= end:
            self.now, self.timer = self.timer, None
            self.hear(Woke())
        self.now = end
        return self.done[before:]

    def live_well(self, seconds: float) -> list[str]:
        """Let time pass while the other side answers."""
        self.well = True
        done = self.wait(seconds)
        self.well = False
        return done

    def at(self, seconds: float) -> datetime:
        """A moment, counted from now."""
        return self.now + timedelta(seconds=seconds)

    def forget(self) -> "Life":
        """What was done and told until now was only the way here."""
        self.done, self.told = [], []
        return self

    def replaced_and_taken_back(self) -> None:
        """Another client takes the number, and Houston has it again."""
        self.hear(Replaced())
        self.wait(1)
        self.hear(Online(), BacklogEnded())

    def _note(self, effect: Effect) -> None:
        match effect:
            case WakeAt(at):
                assert at > self.now, "a timer in the past would spin"
                self.timer = at
            case Announce(change):
                self.told.append(change)
            case _:
                self.done.append(type(effect).__name__)


def _answers(effect: Effect) -> list[Heard]:
    match effect:
        case Connect():
            return [Online(), BacklogEnded()]
        case Probe():
            return [Probed(ok=True)]
    return []


def fresh_channel(*, sends_without_phone: bool = False) -> Life:
    """A new channel in the hands of a node, which shows its first code."""
    life = Life(sends_without_phone=sends_without_phone)
    life.hear(Claimed(), QrShown("secret", life.at(20), 1, 6))
    return life.forget()


def paired_channel(*, sends_without_phone: bool = False) -> Life:
    """A channel that was scanned just now and connects."""
    life = fresh_channel(sends_without_phone=sends_without_phone)
    life.hear(Paired(PHONE, b"keys"))
    return life.forget()


def active_channel(*, sends_without_phone: bool = False) -> Life:
    """A channel that works."""
    life = paired_channel(sends_without_phone=sends_without_phone)
    life.hear(Online(), BacklogEnded())
    return life.forget()


def given_up() -> Life:
    """Another client has the number, and Houston has stopped taking it back."""
    life = active_channel()
    for _ in range(5):
        life.replaced_and_taken_back()
    life.hear(Replaced())
    return life.forget()
