"""A channel in the hands of a simulated node: what is known of it there and nowhere on disk.

It does what the product's own does, without its tasks and futures.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from houston.channels.orders import Heard, Probed
from houston.channels.state import State
from houston.channels.status import may_send
from houston.transports.events import Alive
from houston.transports.transport import Capabilities


@dataclass(frozen=True, slots=True)
class Kind:
    """As much of a transport as the queue asks for."""

    capabilities: Capabilities


@dataclass(slots=True, eq=False)
class Held:
    """It is also the channel that the queue asks for its pace: one has no pace of its own here."""

    state: State
    fence: int
    transport: Kind
    mailbox: deque[Heard] = field(default_factory=deque)
    wire_open: bool = False
    evidence_at: datetime | None = None
    releasing: bool = False
    pacing_per_minute: int | None = None

    @property
    def channel(self) -> "Held":
        return self

    @property
    def may_send(self) -> bool:
        return not self.releasing and may_send(self.state)

    def unheard_evidence(self, before: Sequence[Heard]) -> list[Heard]:
        """A proof of life that the machine has not been told of, because alone it changes nothing."""
        if any(isinstance(word, Probed) for word in before):
            return []
        known = self.state.evidence_at
        if self.evidence_at is None or (known is not None and self.evidence_at <= known):
            return []
        return [Alive(self.evidence_at)]
