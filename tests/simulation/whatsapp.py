"""A WhatsApp of the simulation's own: streams, codes, bans, rivals, networks that lie.

It says only what the real one could say, when it could say it, and tells the referee what is true.
It knows nothing of Houston but the streams that Houston opens. Messages are `mail.py`'s.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Protocol

from houston.transports import events
from houston.transports.events import ConfirmationKind, Event, LogoutCause
from tests.simulation.calendar import START, Calendar
from tests.simulation.tape import Tape

OURS = "79001112233"
WRONG = "79995550000"
CODE_SECONDS = (60, 20, 20, 20, 20, 20)
PROBE_SECONDS_MAX = 5.0
PHONE_TOLD_WITHIN_SECONDS = 20.0
FOR_GOOD = datetime(9000, 1, 1, tzinfo=START.tzinfo)


class Tell(Protocol):
    """Tells the referee what is true outside Houston, by the names of its books."""

    def __call__(self, **facts: object) -> None: ...


@dataclass(slots=True, eq=False)
class Stream:
    """One connection of one node. `keys` None means that it pairs."""

    hear: Callable[[Event, int | None], None]
    keys: bytes | None
    closed: bool = False
    """The node has closed it and hears nothing of it any more."""
    dead: bool = False
    """WhatsApp has dropped it, or the network has; the node may not know."""
    buffer: list[tuple[Event, int | None]] = field(default_factory=list)
    said_until: datetime = START
    handed: set[int] = field(default_factory=set)
    """What WhatsApp keeps and has said on this stream."""


@dataclass(slots=True, eq=False)
class Round:
    """A round of codes. `live` is the one that can be scanned now."""

    stream: Stream
    shown: int = 0
    live: str | None = None
    scanned_by: str | None = None


@dataclass(slots=True, eq=False)
class Rival:
    """Another client that takes the stream back `left` times, each time after a pause."""

    left: int
    pause_seconds: float


class Post(Protocol):
    """What WhatsApp needs of its mail."""

    def hand_over(self, stream: Stream) -> None: ...


class WhatsApp:
    """One number, and everything between it and Houston."""

    post: Post

    def __init__(
        self, calendar: Calendar, chance: Random, tape: Tape, tell: Tell, *, needs_phone: bool
    ) -> None:
        self.calendar = calendar
        self.chance = chance
        self.tape = tape
        self.tell = tell
        self.needs_phone = needs_phone
        self.network = "up"
        self.phone_on = True
        self.lost_at: datetime | None = None
        self.told_lost: bool | None = False
        """What was said of the phone on the stream that is open; None is nothing yet."""
        self.linked: dict[bytes, str] = {}
        self.streams: dict[Stream, None] = {}
        self.current: Stream | None = None
        self.round: Round | None = None
        self.rival: Rival | None = None
        self.banned_until: datetime | None = None
        self.restricted_until: datetime | None = None
        self.outdated = False
        self.refuses = 0.0
        """How likely it is that it lets nobody in for no reason that anybody knows."""
        self.protected_by: ConfirmationKind | None = None
        self.logout_cause = LogoutCause.KEYS_REFUSED
        self._made = 0

    # --- What a node does ------------------------------------------------------------------

    def open(self, stream: Stream) -> None:
        self.streams[stream] = None
        if self.network == "down":
            self._say_here(stream, events.Offline("network"), 0.1 + 2 * self.chance.random())
        else:
            self.calendar.later(self._latency(), partial(self._arrive, stream))

    def close(self, stream: Stream) -> None:
        """The node hears nothing any more; WhatsApp learns of it, unless it never does."""
        stream.closed = True
        self._drop(stream)

    def forget(self, stream: Stream) -> None:
        if stream.keys is not None:
            self.linked.pop(stream.keys, None)
        self.close(stream)

    def probe(self, stream: Stream, answer: Callable[[bool], None]) -> None:
        alive = self.answers(stream)
        seconds = self._latency() if alive else PROBE_SECONDS_MAX
        self.calendar.later(seconds, partial(answer, alive))

    def answers(self, stream: Stream) -> bool:
        """What is asked on it is answered; some messengers ask the phone."""
        reached = self.network == "up" and stream is self.current and not stream.dead
        return reached and (self.phone_on or not self.needs_phone)

    # --- Streams ---------------------------------------------------------------------------

    def _arrive(self, stream: Stream) -> None:
        if stream.closed or self.network == "silent":
            return
        if self.network == "down":
            self._say_here(stream, events.Offline("network"), 0.1)
        elif self.chance.random() < self.refuses:
            self.say(stream, events.Faulted("503", "try later"))
        elif self.outdated:
            self.say(stream, events.Outdated("2.3000"))
        elif stream.keys is None:
            self._pair(stream)
        elif stream.keys not in self.linked:
            self.say(stream, events.LoggedOut(self.logout_cause))
        elif self.banned_until is not None and self.banned_until > self.calendar.now:
            self._say_banned(stream)
        else:
            self._attach(stream)

    def _attach(self, stream: Stream) -> None:
        before, self.current = self.current, stream
        if before is not None and before is not stream:
            self.say(before, events.Replaced())
        self.say(stream, events.Online())
        if self.rival is not None:
            pause = self.rival.pause_seconds * (0.5 + self.chance.random())
            self.calendar.later(pause, partial(self._retake, self.rival, stream))
        if self.restricted_until is not None and self.restricted_until > self.calendar.now:
            self.say(stream, events.Restricted(self.restricted_until))
        self._say_phone(stream)
        if self.phone_on or not self.needs_phone:
            self.post.hand_over(stream)

    def _say_phone(self, stream: Stream) -> None:
        if not self.needs_phone:
            self.told_lost = None
            if self.phone_on:
                self.calendar.later(15, partial(self._phone_is_seen, stream))
        elif self.phone_on:
            self.say(stream, events.PhoneSeen(self.calendar.now))
        else:
            self.say(stream, events.PhoneLost(self.lost_at or self.calendar.now))

    def say(self, stream: Stream, event: Event, keep: int | None = None) -> None:
        """Send a frame: it arrives after those that were sent before, or never."""
        at = max(self.calendar.now + timedelta(seconds=self._latency()), stream.said_until)
        stream.said_until = at
        self.calendar.at(at, partial(self._deliver, stream, event, keep))

    def _deliver(self, stream: Stream, event: Event, keep: int | None) -> None:
        if stream.closed or stream.dead or self.network == "down":
            return
        if self.network == "silent":
            stream.buffer.append((event, keep))
            return
        if isinstance(event, events.PhoneLost | events.PhoneSeen):
            self.told_lost = isinstance(event, events.PhoneLost)
        if isinstance(event, _PARTING) and stream is not self.current:
            self._drop(stream)
        stream.hear(event, keep)
        if isinstance(event, _REPEATABLE) and self.chance.random() < 0.02:
            stream.hear(event, keep)

    def _say_here(self, stream: Stream, event: Event, seconds: float) -> None:
        """The node's own end of the stream says it, whatever the network is like."""

        def say() -> None:
            if not stream.closed:
                stream.hear(event, None)

        self.calendar.later(seconds, say)

    def _drop(self, stream: Stream) -> None:
        stream.dead = True
        self.streams.pop(stream, None)
        if self.current is stream:
            self.current = None
        if self.round is not None and self.round.stream is stream:
            self.round = None

    def _latency(self) -> float:
        seconds = 0.03 + 0.3 * self.chance.random()
        return seconds if self.chance.random() < 0.98 else 10 * seconds

    # --- Pairing ---------------------------------------------------------------------------

    def _pair(self, stream: Stream) -> None:
        self.round = Round(stream)
        self._next_code(self.round)

    def _next_code(self, codes: Round) -> None:
        if self.round is not codes:
            return
        codes.shown += 1
        if codes.shown > len(CODE_SECONDS):
            self.round = None
            if self.chance.random() < 0.8:  # Some libraries just fall silent then.
                self.say(codes.stream, events.QrExpired())
            return
        self._made += 1
        codes.live = f"code-{self._made}"
        seconds = CODE_SECONDS[codes.shown - 1]
        until = self.calendar.now + timedelta(seconds=seconds)
        shown = events.QrShown(codes.live, until, codes.shown, len(CODE_SECONDS))
        self.say(codes.stream, shown)
        self.calendar.later(seconds, partial(self._next_code, codes))

    def scan(self, code: str, phone: str) -> bool:
        """A phone scans what is shown; False when the code is no longer good for anything."""
        codes = self.round
        if codes is None or codes.live != code or self.network != "up":
            return False
        self.round, codes.scanned_by = None, phone
        if self.protected_by is not None:
            self.say(codes.stream, events.ConfirmationAsked(self.protected_by))
            self.calendar.later(5 + 150 * self.chance.random(), partial(self._confirm, codes))
        elif self.chance.random() < 0.05:
            self.say(codes.stream, events.PairingFailed("timeout"))
        else:
            self._link(codes)
        return True

    def _confirm(self, codes: Round) -> None:
        if self.chance.random() < 0.85 and not codes.stream.dead and self.network == "up":
            self._link(codes)

    def _link(self, codes: Round) -> None:
        assert codes.scanned_by is not None
        self._made += 1
        codes.stream.keys = keys = f"keys-{self._made}".encode()
        self.linked[keys] = codes.scanned_by
        self.say(codes.stream, events.Paired(codes.scanned_by, keys))
        self.tell(linked=self.our_keys())

    def our_keys(self) -> frozenset[bytes]:
        return frozenset(keys for keys, phone in self.linked.items() if phone == OURS)

    # --- What befalls the number -----------------------------------------------------------

    def lose_phone(self) -> None:
        self.phone_on, self.lost_at = False, self.calendar.now
        self.tell(phone=False)
        seconds = 30 * self.chance.random() if self.needs_phone else 3600.0
        self.calendar.later(seconds, partial(self._phone_is_missed, self.lost_at))

    def _phone_is_missed(self, lost_at: datetime) -> None:
        if self.lost_at == lost_at and self.current is not None:
            self.say(self.current, events.PhoneLost(lost_at))

    def find_phone(self) -> None:
        self.phone_on, self.lost_at = True, None
        self.tell(phone=True)
        if self.current is None:
            return
        if not self.needs_phone or self.chance.random() < 0.7:  # Otherwise a probe must find out.
            seconds = PHONE_TOLD_WITHIN_SECONDS * self.chance.random()
            self.calendar.later(seconds, partial(self._phone_is_seen, self.current))
        if self.needs_phone:
            self.post.hand_over(self.current)

    def _phone_is_seen(self, stream: Stream) -> None:
        is_news = self.needs_phone or self.told_lost is not False
        if self.phone_on and stream is self.current and is_news:
            self.say(stream, events.PhoneSeen(self.calendar.now))

    def open_elsewhere(self, rival: Rival) -> None:
        self.rival = rival if rival.left else None
        self.tell(rival=self.rival is not None)
        stream, self.current = self.current, None
        if stream is not None:
            self.say(stream, events.Replaced())

    def _retake(self, rival: Rival, stream: Stream) -> None:
        if self.rival is not rival or self.current is not stream:
            return
        rival.left -= 1
        self.tape.note(self.calendar.now, "rival", f"takes the stream, {rival.left} to come")
        self.current = None
        self.say(stream, events.Replaced())
        if rival.left <= 0:
            self.rival_leaves()

    def rival_leaves(self) -> None:
        self.rival = None
        self.tell(rival=False)

    def log_out(self, cause: LogoutCause) -> None:
        """The phone's owner ends all links, or this one."""
        self.linked = {keys: phone for keys, phone in self.linked.items() if phone != OURS}
        self.logout_cause = cause
        self.tell(linked=self.our_keys())
        self._part(events.LoggedOut(cause))

    def ban(self, until: datetime | None) -> None:
        self.banned_until = until or FOR_GOOD
        self.tell(banned_until=self.banned_until)
        if self.current is not None:
            stream, self.current = self.current, None
            self._say_banned(stream)

    def lift_ban(self) -> None:
        self.banned_until = None
        self.tell(banned_until=None)

    def _say_banned(self, stream: Stream) -> None:
        for_good = self.banned_until is FOR_GOOD
        self.say(stream, events.Banned(None if for_good else self.banned_until, "banned"))

    def restrict(self, until: datetime) -> None:
        self.restricted_until = max(until, self.restricted_until or until)
        self.tell(restricted_until=self.restricted_until)
        if self.current is not None:
            self.say(self.current, events.Restricted(self.restricted_until))

    def blink(self) -> None:
        """The stream is lost, and nothing else is wrong."""
        self._part(events.Offline("stream_error"))

    def _part(self, event: Event) -> None:
        stream, self.current = self.current, None
        if stream is not None:
            self.say(stream, event)

    def set_network(self, network: str) -> None:
        before, self.network = self.network, network
        self.tell(network=network == "up")
        for stream in list(self.streams):
            if network == "down":
                self._drop(stream)
                self._say_here(stream, events.Offline("network"), 3 * self.chance.random())
            elif network == "silent" and self.chance.random() < 0.5:
                quiet = events.LinkQuiet(self.calendar.now)
                self._say_here(stream, quiet, 20 + 40 * self.chance.random())
            elif before == "silent":
                self._after_silence(stream)

    def _after_silence(self, stream: Stream) -> None:
        """What was held up arrives late, or the stream is dead and nobody says so."""
        if self.chance.random() < 0.5:
            self._drop(stream)
        buffer, stream.buffer = stream.buffer, []
        for event, keep in buffer:
            self._deliver(stream, event, keep)


_PARTING = (events.Replaced, events.LoggedOut, events.Banned, events.Outdated, events.Faulted)
_REPEATABLE = (
    events.PhoneSeen,
    events.PhoneLost,
    events.Offline,
    events.QrShown,
    events.Online,
    events.LoggedOut,
    events.Banned,
    events.Restricted,
    events.Alive,
)
"""What may be said twice in a row without being another event."""
