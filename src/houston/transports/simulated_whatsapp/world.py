"""The rules of the simulated WhatsApp. It knows nothing of sockets, Houston or HTTP.

Time and chance come in as arguments. What must outlive the process is told to the journal.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from houston.kernel.clock import Clock
from houston.transports import events
from houston.transports.events import LogoutCause
from houston.transports.simulated_whatsapp.people import Mail
from houston.transports.simulated_whatsapp.phones import Pairing, Phone, Stream

CODE_SECONDS = (60.0, 20.0, 20.0, 20.0, 20.0, 20.0)
"""How long each code of a round can be scanned."""

Later = Callable[[float, Callable[[], None]], object]
"""Do something after so many seconds."""
Note = Callable[[str, dict[str, object]], None]
"""Write down what must outlive the process."""


@dataclass(slots=True)
class Network:
    """What lies between Houston and WhatsApp."""

    up: bool = True
    latency_ms: float = 0.0
    lose_ack_rate: float = 0.0
    refuse_rate: float = 0.0


class Impossible(Exception):
    """The phone cannot do that now."""


class Expired(Exception):
    """The code can no longer be scanned."""


class World:
    """All phones and people, and what happens between them."""

    def __init__(self, clock: Clock, later: Later, note: Note) -> None:
        self._clock = clock
        self._later = later
        self._note = note
        self.code_seconds: tuple[float, ...] = CODE_SECONDS
        self.network = Network()
        self.phones: dict[str, Phone] = {}
        self.mail = Mail()

    def phone(self, number: str) -> Phone:
        """A phone exists from the moment it is named."""
        return self.phones.setdefault(number, Phone(number))

    # --- Streams ---------------------------------------------------------------------------

    def resume(self, number: str, stream: Stream) -> None:
        """Somebody connects with credentials."""
        phone, now = self.phone(number), self._clock.now()
        if not self.network.up:
            stream.say(events.Offline("network"))
        elif phone.outdated:
            stream.say(events.Outdated("simulated"))
        elif stream.credentials not in phone.linked:
            stream.say(events.LoggedOut(LogoutCause.KEYS_REFUSED))
        elif phone.banned_until is not None and phone.banned_until > now:
            stream.say(events.Banned(phone.banned_until, "banned"))
        else:
            self._attach(phone, stream)

    def _attach(self, phone: Phone, stream: Stream) -> None:
        if phone.stream is not None and phone.stream is not stream:
            phone.stream.say(events.Replaced())
        phone.stream = stream
        stream.say(events.Online())
        if phone.elsewhere is not None:
            self._later(0.2, lambda: self._come_back_elsewhere(phone, stream))
        if phone.restricted_until is not None and phone.restricted_until > self._clock.now():
            stream.say(events.Restricted(phone.restricted_until))
        if phone.online:
            stream.say(events.PhoneSeen(self._clock.now()))
            self._hand_over_backlog(phone)
        else:
            stream.say(events.PhoneLost(phone.lost_at or self._clock.now()))

    def _come_back_elsewhere(self, phone: Phone, stream: Stream) -> None:
        """The other client fights for the stream, as often as it was told to."""
        if phone.stream is not stream or phone.elsewhere is None:
            return
        if phone.elsewhere == 0:
            phone.elsewhere = None
            return
        phone.elsewhere -= 1
        phone.stream = None
        stream.say(events.Replaced())

    def _hand_over_backlog(self, phone: Phone) -> None:
        assert phone.stream is not None
        written = [
            one for one in phone.kept.values() if isinstance(one, events.Incoming | events.Echoed)
        ]
        phone.stream.say(events.BacklogBegan(len(written)))
        for keep, event in phone.kept.items():
            if isinstance(event, events.Incoming | events.Echoed):
                event = replace(event, retrieved=True)
            phone.stream.say(event, keep)
        phone.stream.say(events.BacklogEnded())

    def leave(self, number: str, stream: Stream, *, forget: bool = False) -> None:
        """A stream is closed, or its connection is gone."""
        phone = self.phone(number)
        if phone.stream is stream:
            phone.stream = None
        if phone.pairing is not None and phone.pairing.stream is stream:
            phone.pairing = None
        if forget and stream.credentials is not None:
            phone.linked.discard(stream.credentials)
            self._note_links(phone)

    # --- Pairing ---------------------------------------------------------------------------

    def pair(self, number: str, stream: Stream, *, link_phone: bool) -> None:
        """Somebody without credentials shows codes."""
        if not self.network.up:
            stream.say(events.Offline("network"))
            return
        phone = self.phone(number)
        phone.pairing = Pairing(stream, [_new_code() for _ in self.code_seconds])
        if link_phone:
            phone.pairing.codes = [_new_typed_code() for _ in self.code_seconds]
        self._show_next(phone, phone.pairing, link_phone=link_phone)

    def _show_next(self, phone: Phone, pairing: Pairing, *, link_phone: bool) -> None:
        if phone.pairing is not pairing:
            return
        pairing.shown += 1
        if pairing.live is None:
            phone.pairing = None
            pairing.stream.say(events.QrExpired())
            return
        seconds = self.code_seconds[pairing.shown - 1]
        pairing.until = self._clock.now() + timedelta(seconds=seconds)
        of = len(pairing.codes)
        pairing.stream.say(
            events.PairingCodeShown(pairing.live, pairing.until)
            if link_phone
            else events.QrShown(pairing.live, pairing.until, pairing.shown, of)
        )
        self._later(seconds, lambda: self._show_next(phone, pairing, link_phone=link_phone))

    def scan(self, number: str, code: str) -> None:
        """A phone scans, or types, a code.

        Raises:
            Expired: nobody shows that code now.
            Impossible: the phone has no network.
        """
        scanner = self.phone(number)
        shown = next(
            (one for one in self.phones.values() if one.pairing and one.pairing.live == code), None
        )
        if shown is None or shown.pairing is None:
            raise Expired
        if not scanner.online:
            raise Impossible("the phone has no network: bring it back with `online` first")
        pairing, shown.pairing = shown.pairing, None
        if scanner.protected_by is not None:
            scanner.to_confirm = pairing
            pairing.stream.say(events.ConfirmationAsked(scanner.protected_by))
        else:
            self._link(scanner, pairing)

    def confirm(self, number: str) -> None:
        """The person confirms what the linking asked for.

        Raises:
            Impossible: nothing is asked.
        """
        phone = self.phone(number)
        if phone.to_confirm is None:
            raise Impossible("nothing waits to be confirmed: scan a code first")
        pairing, phone.to_confirm = phone.to_confirm, None
        self._link(phone, pairing)

    def _link(self, scanner: Phone, pairing: Pairing) -> None:
        credentials = self.link(scanner.number)
        pairing.stream.credentials = credentials
        pairing.stream.say(events.Paired(scanner.number, credentials))

    def link(self, number: str) -> bytes:
        """Let a phone accept new credentials."""
        phone, credentials = self.phone(number), secrets.token_bytes(16)
        phone.linked.add(credentials)
        self._note_links(phone)
        return credentials

    def _note_links(self, phone: Phone) -> None:
        self._note("linked", {"phone": phone.number, "keys": [key.hex() for key in phone.linked]})

    # --- What happens to a phone -----------------------------------------------------------

    def lose(self, number: str) -> None:
        """The phone, or its network, is gone."""
        phone = self.phone(number)
        if phone.online:
            phone.online, phone.lost_at = False, self._clock.now()
            if phone.stream is not None:
                phone.stream.say(events.PhoneLost(phone.lost_at))

    def find(self, number: str) -> None:
        """The phone is back. What gathered is handed over."""
        phone = self.phone(number)
        if not phone.online:
            phone.online, phone.lost_at = True, None
            if phone.stream is not None:
                phone.stream.say(events.PhoneSeen(self._clock.now()))
                self._hand_over_backlog(phone)

    def open_elsewhere(self, number: str, stubborn_times: int) -> None:
        """Another client takes the stream."""
        phone = self.phone(number)
        phone.elsewhere = stubborn_times
        stream, phone.stream = phone.stream, None
        if stream is not None:
            stream.say(events.Replaced())

    def log_out_all(self, number: str) -> None:
        phone = self.phone(number)
        phone.linked.clear()
        self._note_links(phone)
        stream, phone.stream = phone.stream, None
        if stream is not None:
            stream.say(events.LoggedOut(LogoutCause.LOGGED_OUT_EVERYWHERE))

    def ban(self, number: str, seconds: float) -> None:
        phone = self.phone(number)
        phone.banned_until = self._clock.now() + timedelta(seconds=seconds)
        stream, phone.stream = phone.stream, None
        if stream is not None:
            stream.say(events.Banned(phone.banned_until, "banned"))

    def restrict(self, number: str, seconds: float) -> None:
        phone = self.phone(number)
        phone.restricted_until = self._clock.now() + timedelta(seconds=seconds)
        if phone.stream is not None:
            phone.stream.say(events.Restricted(phone.restricted_until))

    def silence(self, number: str, *, on: bool) -> None:
        """Let the link stay up and answer nothing; afterwards what gathered is handed over."""
        phone = self.phone(number)
        phone.silent = on
        if not on and phone.online and phone.stream is not None:
            self._hand_over_backlog(phone)

    def set_network(self, *, up: bool) -> None:
        self.network.up = up
        if not up:
            for phone in self.phones.values():
                stream, phone.stream = phone.stream, None
                if stream is not None:
                    stream.say(events.Offline("network"))
                if phone.pairing is not None:
                    phone.pairing.stream.say(events.Offline("network"))
                    phone.pairing = None


def _new_code() -> str:
    """A code to scan, in the form of those that WhatsApp shows."""
    parts = ",".join(secrets.token_urlsafe(24) for _ in range(4))
    return f"https://wa.me/settings/linked_devices#2@{parts}"


def _new_typed_code() -> str:
    return secrets.token_hex(4).upper()
