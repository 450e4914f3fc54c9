"""Codes of the simulated WhatsApp: shown in rounds, scanned or typed by a phone, confirmed on it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from houston.kernel.clock import Clock
from houston.transports import events
from houston.transports.simulated_whatsapp.entries import Note, noted
from houston.transports.simulated_whatsapp.phones import Phone, Stream

CODE_SECONDS: Final = (60.0, 20.0, 20.0, 20.0, 20.0, 20.0)
"""How long each code of a round can be scanned."""

Later = Callable[[float, Callable[[], None]], object]
"""Do something after so many seconds."""


class Impossible(Exception):
    """The phone cannot do that now: which one, and what would help."""

    def __init__(self, phone: Phone, cure: str) -> None:
        self.field, self.value, self.cure = "phone", phone.number, cure
        super().__init__(f"phone is {phone.number}: {cure}")


class Expired(Exception):
    """Nobody shows that code now."""

    def __init__(self, code: str) -> None:
        self.field, self.value = "code", code[:80]
        self.cure = "nobody shows this code now: ask Houston for the one that is live"
        super().__init__(f"code is {self.value}: {self.cure}")


@dataclass(slots=True, eq=False)
class Round:
    """The codes that a stream shows, one after another."""

    stream: Stream
    codes: list[str]
    typed_on: str | None
    """The phone that the code is to be typed on; None when it is to be scanned."""
    shown: int = 0
    confirmed_by: Phone | None = None
    """The phone that has the code and has yet to confirm."""

    @property
    def live(self) -> str:
        return self.codes[self.shown - 1]


class Pairings:
    """All rounds of codes that are shown now."""

    def __init__(self, clock: Clock, later: Later, note: Note) -> None:
        self._clock = clock
        self._later = later
        self._note = note
        self.code_seconds: tuple[float, ...] = CODE_SECONDS
        self._rounds: dict[Stream, Round] = {}
        self._live: dict[str, Round] = {}
        self._to_confirm: dict[str, Round] = {}

    def begin(self, stream: Stream, typed_on: str | None) -> None:
        """Show the first code of a round."""
        new = _new_code if typed_on is None else _new_typed_code
        pairing = Round(stream, [new() for _ in self.code_seconds], typed_on)
        self._rounds[stream] = pairing
        self._show_next(pairing)

    def _show_next(self, pairing: Round) -> None:
        if self._rounds.get(pairing.stream) is not pairing or pairing.confirmed_by is not None:
            return
        self._live.pop(pairing.live, None)
        if pairing.shown == len(pairing.codes):
            self.end(pairing.stream)
            pairing.stream.say(events.QrExpired())
            return
        seconds = self.code_seconds[min(pairing.shown, len(self.code_seconds) - 1)]
        pairing.shown += 1
        self._live[pairing.live] = pairing
        until = self._clock.now() + timedelta(seconds=seconds)
        pairing.stream.say(
            events.QrShown(pairing.live, until, pairing.shown, len(pairing.codes))
            if pairing.typed_on is None
            else events.PairingCodeShown(pairing.live, until)
        )
        self._later(seconds, lambda: self._show_next(pairing))

    def scan(self, phone: Phone, code: str) -> None:
        """Any phone may scan any live code.

        Raises:
            Expired: nobody shows that code now.
            Impossible: the phone cannot link anything now.
        """
        pairing = self._live.get(code)
        if pairing is None or pairing.typed_on is not None:
            raise Expired(code)
        self._accept(phone, pairing)

    def enter(self, phone: Phone, code: str) -> None:
        """A code is typed, on the one phone that it was made for.

        Raises:
            Expired: nobody shows that code now.
            Impossible: it is for another phone, or the phone cannot link anything now.
        """
        pairing = self._live.get(code)
        if pairing is None or pairing.typed_on is None:
            raise Expired(code)
        if pairing.typed_on != phone.number:
            raise Impossible(phone, f"the code is for {pairing.typed_on}: type it there")
        self._accept(phone, pairing)

    def _accept(self, phone: Phone, pairing: Round) -> None:
        if not phone.online:
            raise Impossible(phone, "it has no network: bring it back with `online` first")
        if phone.is_banned(self._clock.now()):
            raise Impossible(phone, "it is banned: lift that with `ban` of 0 seconds first")
        del self._live[pairing.live]
        if phone.protected_by is None:
            self._link(phone, pairing)
        else:
            pairing.confirmed_by = phone
            self._to_confirm[phone.number] = pairing
            pairing.stream.say(events.ConfirmationAsked(phone.protected_by))

    def confirm(self, phone: Phone) -> None:
        """The person confirms what the linking asked for.

        Raises:
            Impossible: nothing is asked.
        """
        pairing = self._to_confirm.get(phone.number)
        if pairing is None:
            raise Impossible(phone, "nothing waits to be confirmed: scan a code first")
        self._link(phone, pairing)

    def _link(self, phone: Phone, pairing: Round) -> None:
        self.end(pairing.stream)
        credentials = self.link(phone)
        pairing.stream.credentials = credentials
        pairing.stream.say(events.Paired(phone.number, credentials))

    def link(self, phone: Phone) -> bytes:
        """Let a phone accept new credentials, and hand them out."""
        credentials = secrets.token_bytes(16)
        phone.linked.add(credentials)
        self._note(noted(phone))
        return credentials

    def end(self, stream: Stream) -> None:
        """Nobody looks at this stream's codes any more."""
        pairing = self._rounds.pop(stream, None)
        if pairing is not None:
            self._live.pop(pairing.live, None)
            if pairing.confirmed_by is not None:
                self._to_confirm.pop(pairing.confirmed_by.number, None)

    def end_all(self) -> list[Stream]:
        """The network is gone; whose codes went with it."""
        streams = list(self._rounds)
        for stream in streams:
            self.end(stream)
        return streams


def _new_code() -> str:
    """A code to scan, in the form of those that WhatsApp shows."""
    parts = ",".join(secrets.token_urlsafe(24) for _ in range(4))
    return f"https://wa.me/settings/linked_devices#2@{parts}"


def _new_typed_code() -> str:
    """Without letters that look like digits, as on a real phone."""
    return "".join(secrets.choice("123456789ABCDEFGHJKLMNPQRSTVWXYZ") for _ in range(8))
