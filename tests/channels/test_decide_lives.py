"""Any life that a channel can have: hypothesis plays it, and a referee keeps books of its own.

The referee never asks the machine whether the machine is right. It only knows what was said to it
and what was done, and what the law allows then.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from houston.channels.decide import Decision, decide
from houston.channels.orders import (
    Announce,
    Check,
    Claimed,
    Command,
    Connect,
    Delete,
    Disable,
    Disconnect,
    Effect,
    Enable,
    EnableHere,
    ForgetCredentials,
    Heard,
    KeepCredentials,
    LogOut,
    PaidChanged,
    Pair,
    Probe,
    Probed,
    Released,
    Rescan,
    Restore,
    Stalled,
    UseHere,
    WakeAt,
    Woke,
)
from houston.channels.shown import shown
from houston.channels.state import State, Status, new_channel
from houston.channels.status import may_send, policy, read, status
from houston.transports.events import (
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
from tests.channels.life import ANNA, PHONE, START

Saying = Callable[[datetime], Heard]
"""Something that can be heard, once it is known what the time is."""

# Moments in an event count from when it is heard; most are near, some far away on either side.
OFFSETS = st.one_of(st.integers(-200, 700), st.sampled_from([-(10**8), 10**8]))
PRESSES = (Enable, Disable, Delete, Restore, UseHere, EnableHere, Rescan, Check)
PLAIN: list[Heard] = [
    *(press(ANNA) for press in PRESSES),
    *(Enable(ANNA), Restore(ANNA), Claimed(), PaidChanged(paid=True)),
    *(PaidChanged(paid=False), Released(), Stalled(), LinkQuiet(START)),
    *(Woke(), Woke(wire_open=True), Woke(wire_open=False), Probed(ok=True), Probed(ok=False)),
    *(QrExpired(), PairingFailed("timeout"), Paired(PHONE, b"keys"), Paired("79995", b"keys")),
    *(Online(), BacklogEnded(), BacklogBegan(0), BacklogBegan(3), Replaced(), Replaced()),
    *(Banned(None, "104"), Outdated("2.3"), Offline("network"), Faulted("515", "stream")),
    *(ConfirmationAsked(kind) for kind in ConfirmationKind),
    *(LoggedOut(cause) for cause in LogoutCause),
]
TIMED: list[Callable[[datetime], Heard]] = [
    lambda at: QrShown("code", at, 2, 6),
    lambda at: PairingCodeShown("code", at),
    lambda at: Alive(at),
    lambda at: Banned(at, "101"),
    lambda at: Restricted(at),
    lambda at: PhoneLost(at),
    lambda at: PhoneSeen(at),
]


def timed(make: Callable[[datetime], Heard], seconds: int) -> Saying:
    return lambda now: make(now + timedelta(seconds=seconds))


def plain(heard: Heard) -> Saying:
    return lambda now: heard


SAYINGS: st.SearchStrategy[Saying] = st.one_of(
    st.sampled_from(PLAIN).map(plain),
    st.floats(0, 60).map(Claimed).map(plain),
    st.builds(timed, st.sampled_from(TIMED), OFFSETS),
)
PAUSES = st.one_of(st.sampled_from([0.0, 0.0, 1.0, 90.0, 605.0, 3e6]), st.floats(0, 40))
FIGHT: list[Heard] = [
    *[Replaced()] * 6,
    *(Online(), Offline("network"), Claimed(), Check(ANNA), PaidChanged(paid=True)),
    *(UseHere(ANNA), EnableHere(ANNA), Rescan(ANNA), Enable(ANNA)),
]
FIGHT_PAUSES = st.sampled_from([0.0, 1.0, 5.0, 60.0, 200.0])
FIGHTS = st.lists(
    st.tuples(FIGHT_PAUSES, st.sampled_from(FIGHT).map(plain)), min_size=10, max_size=50
)
"""Lives in which another client wants the number as well."""
NODE_AWAKE_SECONDS_MAX = 3600
LIVES = st.lists(st.tuples(PAUSES, SAYINGS), max_size=40)


def recently(times: list[datetime], now: datetime) -> int:
    """How many of them were in the last ten minutes."""
    return sum(at > now - timedelta(minutes=10) for at in times)


FOR_GOOD = datetime.max.replace(tzinfo=UTC)


@dataclass
class Referee:
    """What the law allows, judged by what was said and done and by nothing else."""

    enabled: bool = True
    paid: bool = True
    deleted_at: datetime | None = None
    held: bool = False
    keys: bool = False
    banned_until: datetime | None = None
    open: bool = False
    timer: datetime | None = None
    pressed: bool = False
    taken_back: list[datetime] = field(default_factory=list)
    elsewhere: bool = False

    def hears(self, heard: Heard, now: datetime) -> None:
        """Take down what was said."""
        match heard:
            case Restore() if self.deleted_at is not None:
                gone = now >= self.deleted_at + timedelta(days=30)
                self.deleted_at = self.deleted_at if gone else None
            case Delete():
                self.deleted_at = self.deleted_at or now
            case Enable() | Disable() | UseHere() | EnableHere() | Rescan() | Check():
                if self.deleted_at is None:
                    self._pressed(heard)
            case PaidChanged(paid=paid):
                self.paid = paid
            case Claimed():
                self.held, self.open, self.timer = True, False, None
            case Released():
                self.held = False
            case Woke(wire_open=bool(wire_open)):
                self.open = wire_open
            case Banned(until=until):
                self.banned_until = until or FOR_GOOD
            case Replaced() if self.open and self.keys:
                self.elsewhere, self.pressed = True, False
            case Online() if self.open and self.keys:
                self.elsewhere = False

    def _pressed(self, press: Command) -> None:
        self.pressed = self.pressed or not isinstance(press, Disable | Check)
        match press:
            case Enable():
                self.enabled = True
            case Disable():
                self.enabled = False
            case Check() | Rescan() if self.banned_until is FOR_GOOD:
                self.banned_until = None

    def sees(self, heard: Heard, effect: Effect, now: datetime) -> None:
        """Judge what was done."""
        match effect:
            case WakeAt(at):
                assert at > now
                self.timer = at
            case KeepCredentials():
                assert isinstance(heard, Paired)
                assert heard.phone == PHONE
                self.keys = True
            case ForgetCredentials():
                assert isinstance(heard, LoggedOut)
                self.keys = False
            case LogOut():
                assert isinstance(heard, Paired)
                assert heard.phone != PHONE
                self.open = False
            case Disconnect():
                self.open = False
            case Connect() | Pair():
                self._opened(effect, now)
            case Probe():
                assert self.open
            case Announce(change):
                assert change.at == now

    def _opened(self, effect: Connect | Pair, now: datetime) -> None:
        assert not self.open or isinstance(effect, Connect), "nothing is opened twice"
        assert self.held
        assert self.enabled
        assert self.paid
        assert self.deleted_at is None
        assert self.keys is isinstance(effect, Connect)
        assert self.banned_until is None or now >= self.banned_until
        self.open = True
        if self.elsewhere:
            self.elsewhere = False
            self.taken_back.append(now)
            allowed = self.pressed or recently(self.taken_back, now) <= 5
            assert allowed, "it had to give up before"

    def gave_up_too_early(self, now: datetime) -> bool:
        return recently(self.taken_back, now) < 5

    def bars(self, now: datetime) -> bool:
        """WhatsApp does not let it in yet."""
        return self.banned_until is not None and now < self.banned_until + timedelta(minutes=1)

    def may_be_open(self) -> bool:
        return self.held and self.enabled and self.paid and self.deleted_at is None


class Played:
    """One life with its referee."""

    def __init__(self, *, sends_without_phone: bool) -> None:
        self.now = START
        self.referee = Referee()
        self.state = new_channel(PHONE, START, actor=ANNA, sends_without_phone=sends_without_phone)

    def hear(self, heard: Heard) -> tuple[Effect, ...]:
        self.referee.hears(heard, self.now)
        before, decision = self.state, decide(self.state, heard, self.now)
        self.state = decision.state
        for effect in decision.effects:
            self.referee.sees(heard, effect, self.now)
        self._check(before, heard, decision)
        return decision.effects

    def wait(self, seconds: float) -> list[Effect]:
        """Timers go off when they are due, but for days on end the node sleeps as well."""
        end, done = self.now + timedelta(seconds=seconds), list[Effect]()
        self.now = end if seconds > NODE_AWAKE_SECONDS_MAX else self.now
        while (timer := self.referee.timer) is not None and timer <= end:
            self.now, self.referee.timer = max(self.now, timer), None
            done += self.hear(Woke())
        self.now = end
        return done

    def answer(self, effect: Effect) -> None:
        """The other side does what it is asked."""
        answers: dict[type[Effect], list[Heard]] = {
            Connect: [Online(), BacklogEnded()],
            Probe: [Probed(ok=True)],
            Pair: [Paired(PHONE, b"keys"), Online(), BacklogEnded()],
        }
        for answer in answers.get(type(effect), []):
            self.hear(answer)

    def _check(self, before: State, heard: Heard, decision: Decision) -> None:
        state, referee, word = self.state, self.referee, status(self.state)
        assert msgspec.json.decode(msgspec.json.encode(state), type=State) == state
        assert state.wire_open is referee.open
        assert referee.may_be_open() or not referee.open
        news = [effect.change for effect in decision.effects if isinstance(effect, Announce)]
        assert len(news) == (read(before) != read(state))
        assert all((one.old, one.new) == (status(before), word) for one in news)
        assert all(one.actor == heard.actor for one in news if isinstance(heard, Command))
        if referee.deleted_at or not referee.enabled or not referee.paid:
            assert word in (Status.DELETED, Status.DISABLED, Status.NOT_PAID)
            assert policy(state) == "refuse"
        if word is Status.OPENED_ELSEWHERE and isinstance(heard, Replaced) and news:
            assert not referee.gave_up_too_early(self.now)
        if isinstance(heard, Paired):
            assert (LogOut() in decision.effects) is (heard.phone != PHONE)
        if may_send(state):
            assert referee.keys
            assert referee.open
        if word is Status.JUST_A_MINUTE and referee.held:
            assert referee.timer is not None, "there is no way out of Just a minute"
        seen = shown(state, self.now)
        assert (seen.status, seen.since, seen.reason) == (word, state.since, state.reason)
        again = decide(state, Woke(), self.now)
        assert all(isinstance(effect, WakeAt) for effect in again.effects), "waking did something"


def lived(life: list[tuple[float, Saying]], *, scanned: bool, sends_without_phone: bool) -> Played:
    """A channel with some life behind it."""
    played = Played(sends_without_phone=sends_without_phone)
    if scanned:
        for heard in (Claimed(), Paired(PHONE, b"keys"), Online(), BacklogEnded()):
            played.hear(heard)
    for seconds, saying in life:
        played.wait(seconds)
        played.hear(saying(played.now))
    return played


@settings(max_examples=500, deadline=None)
@given(life=LIVES | FIGHTS, scanned=st.booleans(), sends_without_phone=st.booleans())
def test_no_life_breaks_the_law(life, scanned, sends_without_phone):
    lived(life, scanned=scanned, sends_without_phone=sends_without_phone)


@settings(max_examples=200, deadline=None)
@given(life=LIVES, sends_without_phone=st.booleans())
def test_from_any_life_it_is_active_in_three_minutes_once_people_and_the_world_are_well(
    life, sends_without_phone
):
    played = lived(life, scanned=True, sends_without_phone=sends_without_phone)
    played.hear(Claimed(5))
    for press in (Restore, Enable, EnableHere, Check):
        played.hear(press(ANNA))
    played.hear(PaidChanged(paid=True))
    if played.referee.deleted_at is not None or played.referee.bars(played.now):
        return
    played.hear(PhoneSeen(played.now))
    asked: list[Effect] = [*played.hear(Rescan(ANNA)), Connect(), Probe()]
    for _ in range(180):
        for effect in asked:
            played.answer(effect)
        asked = played.wait(1)
    assert status(played.state) is Status.ACTIVE
