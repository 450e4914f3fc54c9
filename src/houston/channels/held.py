"""A channel in the hands of this node: what is known of it here and nowhere on disk."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from houston.channels.orders import Heard, Probed
from houston.channels.state import State
from houston.channels.status import may_send
from houston.channels.store import Channel
from houston.kernel.facts import CaughtUp
from houston.transports.events import Alive
from houston.transports.transport import Transport, Wire


@dataclass(slots=True)
class Held:
    """A channel in the hands of this node."""

    channel: Channel
    transport: Transport
    wire: Wire = field(init=False)
    mailbox: deque[Heard] = field(default_factory=deque)
    """What it heard and has not judged yet."""
    turn: "asyncio.Task[None] | None" = None
    timer: asyncio.TimerHandle | None = None
    wire_open: bool = False
    evidence_at: datetime | None = None
    evidence_noted_at: datetime | None = None
    probe_written: bool = False
    """The disk says that a probe is out, so its answer has to be written as well."""
    expected: int = 0
    """How many messages WhatsApp announced as the backlog."""
    arrivals: "list[Awaitable[None]]" = field(default_factory=list)
    """The messages of the backlog on their way to the disk."""
    releasing: bool = False
    leaving: bool = False
    """It was told to go to another node, which hears for itself what is heard from now on."""

    @property
    def state(self) -> State:
        return self.channel.state

    @property
    def may_send(self) -> bool:
        """The channel's own status allows sending; whether the node may act is asked elsewhere."""
        return not self.releasing and may_send(self.channel.state)

    @property
    def proof_of_life_at(self) -> datetime | None:
        """The last proof of life, written down or not."""
        return max(filter(None, (self.evidence_at, self.state.evidence_at)), default=None)

    def unheard_evidence(self, before: Sequence[Heard]) -> list[Heard]:
        """A proof of life that the machine has not been told of, because alone it changes nothing.

        The answer to a probe speaks for itself: told after a proof, it would be an answer to nothing.
        """
        if any(isinstance(word, Probed) for word in before):
            return []
        known = self.state.evidence_at
        if self.evidence_at is None or (known is not None and self.evidence_at <= known):
            return []
        return [Alive(self.evidence_at)]

    def learn(self, state: State) -> None:
        """Take over a state that is not worth writing down."""
        self.channel = replace(self.channel, state=state)

    async def caught_up(self) -> CaughtUp | None:
        """Wait until the backlog is on the disk; None when there was none.

        Asked again, it says the same, until another backlog begins.
        """
        results = await asyncio.gather(*self.arrivals, return_exceptions=True)
        retrieved = sum(not isinstance(result, BaseException) for result in results)
        if not self.expected and not retrieved:
            return None
        # Some may have come while the others were handed over.
        return CaughtUp(expected=max(self.expected, retrieved), retrieved=retrieved)
