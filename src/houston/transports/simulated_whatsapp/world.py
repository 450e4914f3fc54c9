"""The phones of the simulated WhatsApp, who is connected to them, and what befalls both.

It knows nothing of sockets, Houston or HTTP. What must outlive the process is noted in the journal.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from houston.kernel.clock import Clock
from houston.transports import events
from houston.transports.events import ConfirmationKind, LogoutCause
from houston.transports.simulated_whatsapp.entries import Note, noted
from houston.transports.simulated_whatsapp.pairing import Later, Pairings
from houston.transports.simulated_whatsapp.people import Mail
from houston.transports.simulated_whatsapp.phones import Knock, Phone, Stream

_RIVAL_SECONDS: Final = 0.2
"""How soon a stubborn rival takes the stream back."""

_WRITTEN: Final = (events.Incoming, events.Echoed)
"""What counts as a message of the backlog; receipts and alterations come along uncounted."""


@dataclass(slots=True)
class Network:
    """What lies between Houston and WhatsApp."""

    up: bool = True
    latency_ms: float = 0.0
    lose_ack_rate: float = 0.0
    refuse_rate: float = 0.0


class World:
    """All phones, and the one stream that each of them has at most."""

    def __init__(self, clock: Clock, later: Later, note: Note) -> None:
        self._clock = clock
        self._later = later
        self._note = note
        self.network = Network()
        self.phones: dict[str, Phone] = {}
        self.mail = Mail()
        self.pairings = Pairings(clock, later, note)

    def phone(self, number: str) -> Phone:
        """A phone exists from the moment it is named."""
        return self.phones.setdefault(number, Phone(number))

    # --- Streams ---------------------------------------------------------------------------

    def pair(self, number: str, stream: Stream, typed_on: str | None) -> None:
        """Somebody without credentials wants codes."""
        phone = self.phone(number)
        if phone.silent:
            phone.knocking = Knock(stream, lambda: self.pair(number, stream, typed_on))
        elif not self.network.up:
            stream.say(events.Offline("network"))
        elif phone.outdated:
            stream.say(events.Outdated("simulated"))
        else:
            self.pairings.begin(stream, typed_on)

    def resume(self, number: str, stream: Stream) -> None:
        """Somebody connects with credentials."""
        phone = self.phone(number)
        refusal = self._refusal(phone, stream)
        if phone.silent:
            phone.knocking = Knock(stream, lambda: self.resume(number, stream))
        elif refusal is not None:
            stream.say(refusal)
        else:
            self._attach(phone, stream)

    def _refusal(self, phone: Phone, stream: Stream) -> events.Event | None:
        if not self.network.up:
            return events.Offline("network")
        if phone.outdated:
            return events.Outdated("simulated")
        if stream.credentials not in phone.linked:
            return events.LoggedOut(LogoutCause.KEYS_REFUSED)
        return phone.banned if phone.is_banned(self._clock.now()) else None

    def _attach(self, phone: Phone, stream: Stream) -> None:
        if phone.stream is not None:
            phone.stream.say(events.Replaced())
        phone.stream, phone.told = stream, 0
        stream.say(events.Online())
        if phone.elsewhere is not None:
            self._later(_RIVAL_SECONDS, lambda: self._take_again(phone, stream))
        if phone.restricted_until is not None and phone.is_restricted(self._clock.now()):
            stream.say(events.Restricted(phone.restricted_until))
        now = self._clock.now()
        stream.say(
            events.PhoneSeen(now) if phone.online else events.PhoneLost(phone.lost_at or now)
        )
        self._hand_over_backlog(phone)

    def _take_again(self, phone: Phone, stream: Stream) -> None:
        """The other client fights for the stream, as often as it was told to."""
        if phone.stream is not stream or phone.elsewhere is None:
            return
        if phone.elsewhere == 0:
            phone.elsewhere = None
        else:
            phone.elsewhere -= 1
            self._cut(phone, events.Replaced())

    def _cut(self, phone: Phone, last_word: events.Event) -> None:
        stream, phone.stream = phone.stream, None
        if stream is not None:
            stream.say(last_word)

    def leave(self, number: str, stream: Stream, *, forget: bool = False) -> None:
        """A stream is closed, or its connection is gone."""
        phone = self.phone(number)
        if phone.stream is stream:
            phone.stream = None
        if phone.knocking is not None and phone.knocking.stream is stream:
            phone.knocking = None
        self.pairings.end(stream)
        if forget and stream.credentials is not None:
            self._forget(phone, stream.credentials)

    def _forget(self, phone: Phone, credentials: bytes) -> None:
        """Make them worthless; a code may have been scanned by another phone than it was meant for."""
        candidates = [phone] if credentials in phone.linked else self.phones.values()
        for one in candidates:
            if credentials in one.linked:
                one.linked.discard(credentials)
                self._note(noted(one))

    # --- What waits for Houston ------------------------------------------------------------

    def tell(self, phone: Phone, keep: int, event: events.MessageEvent) -> None:
        """Tell at once what has just arrived, if anybody listens."""
        listener = phone.listener()
        if listener is not None:
            phone.told = keep
            listener.say(event, keep)

    def _hand_over_backlog(self, phone: Phone) -> None:
        listener = phone.listener()
        if listener is None:
            return
        untold = phone.untold()
        listener.say(events.BacklogBegan(sum(isinstance(event, _WRITTEN) for _, event in untold)))
        for keep, event in untold:
            phone.told = keep
            waited = replace(event, retrieved=True) if isinstance(event, _WRITTEN) else event
            listener.say(waited, keep)
        listener.say(events.BacklogEnded())

    # --- What befalls a phone --------------------------------------------------------------

    def lose(self, number: str) -> None:
        """The phone, or its network, is gone."""
        phone = self.phone(number)
        if phone.online:
            phone.online, phone.lost_at = False, self._clock.now()
            self._note(noted(phone))
            if phone.stream is not None:
                phone.stream.say(events.PhoneLost(phone.lost_at))

    def find(self, number: str) -> None:
        """The phone is back. What gathered is handed over."""
        phone = self.phone(number)
        if not phone.online:
            phone.online, phone.lost_at = True, None
            self._note(noted(phone))
            if phone.stream is not None:
                phone.stream.say(events.PhoneSeen(self._clock.now()))
                self._hand_over_backlog(phone)

    def open_elsewhere(self, number: str, stubborn_times: int) -> None:
        """Another client takes the stream."""
        phone = self.phone(number)
        phone.elsewhere = stubborn_times
        self._cut(phone, events.Replaced())

    def log_out_all(self, number: str) -> None:
        """The owner logs out from all devices: every credential is worthless now."""
        phone = self.phone(number)
        phone.linked.clear()
        self._note(noted(phone))
        self._cut(phone, events.LoggedOut(LogoutCause.LOGGED_OUT_EVERYWHERE))

    def ban(self, number: str, seconds: float | None) -> None:
        """Block a number for a time, or (None) for good; 0 seconds lift it."""
        phone, now = self.phone(number), self._clock.now()
        until = None if seconds is None else now + timedelta(seconds=seconds)
        phone.banned = events.Banned(until, "banned") if seconds != 0 else None
        self._note(noted(phone))
        if phone.banned is not None:
            self._cut(phone, phone.banned)

    def restrict(self, number: str, seconds: float) -> None:
        """Let a number answer, but start no new chats, for a time."""
        phone = self.phone(number)
        phone.restricted_until = self._clock.now() + timedelta(seconds=seconds)
        self._note(noted(phone))
        if phone.stream is not None:
            phone.stream.say(events.Restricted(phone.restricted_until))

    def protect(self, number: str, kind: ConfirmationKind | None) -> None:
        """Let linking ask for one thing more; None takes that back."""
        phone = self.phone(number)
        phone.protected_by = kind
        self._note(noted(phone))

    def outdate(self, number: str, *, on: bool) -> None:
        """Refuse the version of whoever connects for this number."""
        phone = self.phone(number)
        phone.outdated = on
        self._note(noted(phone))

    def silence(self, number: str, *, on: bool) -> None:
        """Let the link stay up and answer nothing; afterwards what gathered is handed over."""
        phone = self.phone(number)
        phone.silent = on
        self._note(noted(phone))
        if on:
            return
        knocking, phone.knocking = phone.knocking, None
        if knocking is not None:
            knocking.answer()
        else:
            self._hand_over_backlog(phone)

    def set_network(self, *, up: bool) -> None:
        """Take the way to WhatsApp down for everybody, or bring it back."""
        self.network.up = up
        if not up:
            for phone in self.phones.values():
                self._cut(phone, events.Offline("network"))
                phone.knocking = None
            for stream in self.pairings.end_all():
                stream.say(events.Offline("network"))
