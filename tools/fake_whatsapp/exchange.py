"""What all lines of the fake share: the simulated world, everybody's keys, what is linked, and the faults."""

from collections import defaultdict
from dataclasses import dataclass, field

from houston.kernel.clock import Clock
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.world import World
from tools.fake_whatsapp.addresses import Shown
from tools.fake_whatsapp.companions import Companion, Companions
from tools.fake_whatsapp.faults import AllFaults
from tools.fake_whatsapp.mailroom import Mailroom
from tools.fake_whatsapp.media import Vault
from tools.fake_whatsapp.stanzas import Stanza


@dataclass(slots=True)
class Exchange:
    """The world knows who is there and keeps the books; the rest is what the wire needs besides."""

    world: World
    traffic: Traffic
    clock: Clock
    companions: Companions
    mailroom: Mailroom
    vault: Vault = field(default_factory=Vault)
    faults: AllFaults = field(default_factory=AllFaults)
    shown: defaultdict[str, Shown] = field(
        default_factory=lambda: defaultdict(lambda: Shown.NUMBER)
    )
    """How people are met; who is not in it, by the number."""
    sealed: dict[tuple[Companion, int], Stanza] = field(default_factory=dict)
    """What was sealed for a companion and not acknowledged: WhatsApp hands over the same bytes again."""
    unseen: dict[str, list[Stanza]] = field(default_factory=dict)
    """Receipts that a number's own phone gives as soon as it has a network."""

    def now(self) -> str:
        """The time as stanzas write it."""
        return str(int(self.clock.now().timestamp()))
