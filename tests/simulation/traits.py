"""What kind of messenger a life is lived with, drawn by its seed."""

from dataclasses import dataclass
from random import Random

from houston.transports.transport import Capabilities, Pacing, PairingWay


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a transport may differ in, as far as the law cares."""

    sends_without_phone: bool
    client_ids: bool
    per_minute: int | None
    burst: int
    lets_go: bool
    """A node gives back what refuses; otherwise it keeps it, and the machine alone must be still."""
    wakeful_days: float
    """So long no quiet stretch is jumped over: some lives begin as wakefully as a real node lives."""

    def capabilities(self) -> Capabilities:
        return Capabilities(
            pairing=frozenset({PairingWay.QR}),
            sends_without_phone=self.sends_without_phone,
            client_ids=self.client_ids,
            tells_confirmations=True,
            take_back=True,
            edit=True,
            revoke=True,
            react=True,
            groups=False,
            text_characters_max=10_000,
            content_bytes_max=10 * 1024**2,
            pacing=Pacing(per_minute=self.per_minute, burst=self.burst),
        )


def drawn(chance: Random) -> Traits:
    per_minute, burst = chance.choice(((None, 1), (None, 1), (20, 5), (60, 10)))
    return Traits(
        sends_without_phone=chance.random() < 0.4,
        client_ids=chance.random() < 0.6,
        per_minute=per_minute,
        burst=burst,
        lets_go=chance.random() < 0.5,
        wakeful_days=0.5 if chance.random() < 0.1 else 0.0,
    )
