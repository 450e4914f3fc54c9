"""Plays the world and the people: calm hours and storms, in which only plausible things happen.

It looks at what a person could see and at what is true outside, never into the machine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from houston.channels.orders import (
    Check,
    Command,
    Delete,
    Disable,
    Enable,
    EnableHere,
    Rescan,
    Restore,
    UseHere,
)
from houston.transports.events import ConfirmationKind, LogoutCause
from tests.simulation.life import Life
from tests.simulation.mail import PEOPLE
from tests.simulation.mender import Mender
from tests.simulation.whatsapp import OURS, WRONG, Rival

ACTORS = ("person:anna", "person:boris", "key:crm")
BUTTONS: tuple[Callable[[str], Command], ...] = (
    Enable,
    Disable,
    Delete,
    Restore,
    UseHere,
    EnableHere,
    Rescan,
    Check,
)
RIVAL_PAUSES_SECONDS = (1.0, 3.0, 15.0, 60.0, 110.0, 125.0, 160.0)


@dataclass(frozen=True, slots=True)
class Mood:
    """For how long things happen how often, and how many of them are mere talk."""

    hours_max: float
    gap_seconds: float
    weight: int
    talk: float


CALM = Mood(hours_max=300.0, gap_seconds=12000.0, weight=8, talk=0.9)
MOODS = (
    CALM,
    Mood(hours_max=1.5, gap_seconds=200.0, weight=2, talk=0.45),
    Mood(hours_max=0.15, gap_seconds=6.0, weight=3, talk=0.45),
    Mood(hours_max=0.05, gap_seconds=0.8, weight=1, talk=0.45),
)


@dataclass(frozen=True, slots=True)
class Happening:
    weight: int
    is_plausible: Callable[[], bool]
    do: Callable[[], None]


class Player:
    """Makes a life out of a seed."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._chance = life.chance
        self._whatsapp = life.whatsapp
        self._mender = Mender(life)
        self._stormy = True
        self._mood = CALM
        self._mood_ends = life.calendar.now
        self._happenings = self._table()
        self._weights = [happening.weight for happening in self._happenings]

    def play(self, days: float) -> None:
        """Live for so many days, and then let everything become well."""
        calendar = self._life.calendar
        self._mender.look_soon()
        self._next()
        self._life.live_until(calendar.now + timedelta(days=days))
        self._stormy = False
        self._mender.make_all_well()
        self._life.days = self._life.age_days()
        if self._chance.random() < 0.2:
            self._mender.delete_for_a_month()

    # --- When ------------------------------------------------------------------------------

    def _next(self) -> None:
        if not self._stormy:
            return
        now = self._life.calendar.now
        if now >= self._mood_ends:
            moods = [mood for mood in MOODS if mood is not self._mood or mood is not CALM]
            (self._mood,) = self._chance.choices(moods, [mood.weight for mood in moods])
            hours = self._mood.hours_max * self._chance.random()
            self._mood_ends = now + timedelta(hours=hours)
        gap = self._chance.expovariate(1 / self._mood.gap_seconds)
        self._life.calendar.later(min(gap, 6 * 3600), self._happen)

    def _happen(self) -> None:
        if not self._stormy:
            return
        if self._chance.random() < self._mood.talk:
            self._chance.choice((self._write_much, self._people_write))()
        else:
            self._befall()
        self._next()

    def _befall(self) -> None:
        (happening,) = self._chance.choices(self._happenings, self._weights)
        if happening.is_plausible():
            happening.do()

    def _for_a_while(self, minutes: float, undo: Callable[[], None]) -> None:
        """Things pass by themselves: mostly soon, sometimes after hours."""
        times = 1.0 if self._chance.random() < 0.9 else 12.0
        self._life.calendar.later(60 * minutes * times * self._chance.random(), undo)

    # --- What ------------------------------------------------------------------------------

    def _table(self) -> list[Happening]:
        life, whatsapp = self._life, self._whatsapp

        def always() -> bool:
            return True

        def is_linked() -> bool:
            return bool(whatsapp.our_keys())

        return [
            Happening(1, always, partial(life.cancel, 1.0)),
            Happening(1, always, partial(life.cancel, 0.3)),
            Happening(10, always, self._press_anything),
            Happening(4, always, self._press_what_is_usual),
            Happening(8, self._sees_a_code, self._scan),
            Happening(6, lambda: whatsapp.phone_on, self._phone_goes),
            Happening(4, lambda: not whatsapp.phone_on, whatsapp.find_phone),
            Happening(3, lambda: whatsapp.network == "up", partial(self._network, "down")),
            Happening(3, lambda: whatsapp.network == "up", partial(self._network, "silent")),
            Happening(6, always, whatsapp.blink),
            Happening(4, is_linked, self._open_elsewhere),
            Happening(1, lambda: whatsapp.rival is not None, whatsapp.rival_leaves),
            Happening(1, is_linked, self._quarrel),
            Happening(1, is_linked, self._log_out),
            Happening(1, is_linked, self._ban),
            Happening(1, is_linked, self._restrict),
            Happening(1, lambda: not whatsapp.outdated, self._outdate),
            Happening(4, always, self._grow_moody),
            Happening(1, always, self._protect),
            Happening(3, always, self._restart),
            Happening(2, always, self._freeze),
            Happening(1, always, self._all_nodes_are_gone),
            Happening(1, lambda: life.referee.told.paid, partial(life.pay, paid=False)),
            Happening(2, always, partial(life.pay, paid=True)),
            Happening(3, always, self._nudge),
        ]

    def _nudge(self) -> None:
        holder = self._life.leases.holder()
        if holder is not None:
            holder.when_awake(holder.nudge)()

    # People who use it

    def _write_much(self) -> None:
        for _ in range(self._chance.choice((1, 1, 1, 2, 5, 12))):
            pause = 3 * self._chance.random()
            address = self._chance.choice(PEOPLE)
            self._life.calendar.later(pause, partial(self._life.ask_to_send, address))

    def _people_write(self) -> None:
        for _ in range(self._chance.choice((1, 1, 2, 6))):
            pause = 3 * self._chance.random()
            person = self._chance.choice(PEOPLE[:-1])
            self._life.calendar.later(pause, partial(self._life.mail.write, person))

    def _press_anything(self) -> None:
        command = self._chance.choice(BUTTONS)(self._chance.choice(ACTORS))
        twice = self._chance.random() < 0.3
        (self._life.press_twice if twice else self._life.press)(command)

    def _press_what_is_usual(self) -> None:
        button = self._chance.choice((Check, EnableHere, UseHere, Rescan))
        self._life.press(button(self._chance.choice(ACTORS)))

    def _sees_a_code(self) -> bool:
        return self._life.disk.code is not None

    def _scan(self) -> None:
        """Whatever code is on the screen, which may have expired; sometimes with another phone."""
        code = self._life.disk.code
        phone = OURS if self._chance.random() < 0.7 else WRONG
        if code is not None and (phone == WRONG or self._whatsapp.phone_on):
            self._life.note("people", f"{phone} scans {code}")
            self._whatsapp.scan(code, phone)

    # What befalls the number

    def _phone_goes(self) -> None:
        self._life.note("world", "the phone is gone")
        self._whatsapp.lose_phone()
        self._for_a_while(12, self._phone_comes)

    def _phone_comes(self) -> None:
        if not self._whatsapp.phone_on:
            self._life.note("world", "the phone is back")
            self._whatsapp.find_phone()

    def _network(self, how: str) -> None:
        self._life.note("world", f"the network is {how}")
        self._whatsapp.set_network(how)
        if how != "up":
            self._for_a_while(6, partial(self._network_again, how))

    def _network_again(self, how: str) -> None:
        if self._whatsapp.network == how:
            self._network("up")

    def _open_elsewhere(self) -> None:
        left = self._chance.choice((0, 0, 0, 1, 3, 6, 12, 30))
        rival = Rival(left, self._chance.choice(RIVAL_PAUSES_SECONDS))
        self._life.note("rival", f"opens the number, {left} more times to come")
        self._whatsapp.open_elsewhere(rival)

    def _quarrel(self) -> None:
        """Two want the number, and meanwhile nodes come and go and people press."""
        self._open_elsewhere()
        for _ in range(self._chance.randrange(6)):
            for disturb in (self._restart, self._press_what_is_usual, self._open_elsewhere):
                pause = 720 * self._chance.random()
                self._life.calendar.later(pause, partial(self._while_stormy, disturb))

    def _while_stormy(self, do: Callable[[], None]) -> None:
        if self._stormy:
            do()

    def _log_out(self) -> None:
        cause = self._chance.choice(list(LogoutCause))
        self._life.note("world", f"logged out: {cause}")
        self._whatsapp.log_out(cause)

    def _ban(self) -> None:
        minutes = self._chance.choice((1, 10, 60, 24 * 60))
        for_good = self._chance.random() < 0.3
        until = self._life.calendar.now + timedelta(minutes=minutes)
        self._life.note("world", "banned for good" if for_good else f"banned for {minutes} min")
        self._whatsapp.ban(None if for_good else until)

    def _restrict(self) -> None:
        hours = 8 * self._chance.random()
        self._whatsapp.restrict(self._life.calendar.now + timedelta(hours=hours))

    def _outdate(self) -> None:
        self._life.note("world", "WhatsApp wants a newer library")
        self._whatsapp.outdated = True
        self._life.referee.tell(outdated=True)

    def _grow_moody(self) -> None:
        self._life.note("world", "WhatsApp refuses and loses at random")
        luck, chance = self._life.mail.luck, self._chance
        self._whatsapp.refuses = chance.choice((0.0, 0.3, 0.9))
        luck.loses_acks, luck.loses_frames = 0.4 * chance.random(), 0.4 * chance.random()
        luck.refuses = 0.3 * chance.random()
        self._life.referee.tell(moody=True)
        for _ in range(4):
            self._life.calendar.later(300 * chance.random(), self._write_much)
        self._for_a_while(15, self._mender.calm_whatsapp)

    def _protect(self) -> None:
        kinds = (None, None, *ConfirmationKind)
        self._whatsapp.protected_by = self._chance.choice(kinds)

    # What befalls the nodes

    def _restart(self) -> None:
        node = self._chance.choice(self._life.leases.nodes or [None])
        if node is not None:
            (self._life.kill if self._chance.random() < 0.6 else self._life.stop)(node)
            self._life.calendar.later(10 * self._chance.random(), self._start_if_missing)

    def _start_if_missing(self) -> None:
        if len(self._life.leases.nodes) < 2:
            self._life.start_node()

    def _freeze(self) -> None:
        node = self._life.leases.holder()
        if node is not None and not node.asleep:
            self._life.freeze(node)
            seconds = self._chance.choice((1.0, 5.0, 20.0, 300.0)) * self._chance.random()
            self._life.calendar.later(seconds, partial(self._thaw, node))

    def _thaw(self, node: object) -> None:
        for one in self._life.leases.nodes:
            if one is node and one.asleep:
                self._life.thaw(one)

    def _all_nodes_are_gone(self) -> None:
        for node in list(self._life.leases.nodes):
            self._life.kill(node)
        for _ in range(2):
            self._for_a_while(10, self._start_if_missing)
