"""Hears what happens to the channels that this node holds, lets the machine decide, carries it out.

It decides nothing itself. For each channel one thing happens at a time, in the order of hearing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from houston.channels import store
from houston.channels.decide import decide
from houston.channels.hearing import Holder, Turn, hear
from houston.channels.held import Held
from houston.channels.orders import (
    Claimed,
    Connect,
    Disconnect,
    Effect,
    Heard,
    LogOut,
    Pair,
    Probe,
    Probed,
    Released,
    WakeAt,
    Woke,
)
from houston.channels.state import FAULTS_MAX, Policy, recent_faults
from houston.channels.status import policy
from houston.channels.store import Channel
from houston.kernel.clock import Clock
from houston.kernel.db import LOST, Database
from houston.kernel.errors import LeaseLost, NotFound
from houston.kernel.ids import ChannelId
from houston.kernel.loop import end
from houston.kernel.node import Node
from houston.kernel.wake import Topic, Wakes
from houston.transports import events, transport

log = structlog.get_logger(__name__)

_WIRE_SECONDS_MAX: Final = 10.0
_EVIDENCE_EVERY_SECONDS: Final = 60.0
_WRITTEN_TURNS_AT_ONCE: Final = 5

TO_MEND_FAULTS: Final = (
    "if it is a setting of this server that `detail` names, correct it; otherwise update Houston, and if that"
    " does not help, report `detail` to its makers"
)

HearMessage = Callable[[ChannelId, events.MessageEvent], Awaitable[None]]
"""Stores a message from outside; done when it is safe (law I1)."""

_MESSAGES: Final = (
    events.Incoming,
    events.Echoed,
    events.Edited,
    events.Revoked,
    events.Reacted,
    events.Receipt,
    events.Gap,
    events.Missed,
)
_IDLE: Final = (WakeAt, Probe)
"""Effects that leave no trace: a turn with no others need not be written to the disk."""


class Supervisor:
    """Drives every channel of this node to where its facts want it."""

    def __init__(
        self,
        database: Database,
        node: Node,
        clock: Clock,
        wakes: Wakes,
        transports: Mapping[str, transport.Transport],
        hear_message: HearMessage,
    ) -> None:
        self._database = database
        self._node = node
        self._clock = clock
        self._wakes = wakes
        self._transports = transports
        self._hear_message = hear_message
        self._probes: set[asyncio.Task[None]] = set()
        # When ten thousand channels come to life at once, the others still get a connection.
        self._written_turns = asyncio.Semaphore(_WRITTEN_TURNS_AT_ONCE)
        self.held: dict[ChannelId, Held] = {}
        self.kinds = tuple(transports)
        """Which transports this node can speak."""
        wakes.on(Topic.CHANNEL, self._nudged)

    # --- What others ask of it -------------------------------------------------------------

    def take(self, channel: Channel, jitter_seconds: float) -> None:
        """Begin to drive a channel that was just claimed."""
        kind = self._transports[channel.transport]
        held = Held(channel, kind)
        number = transport.Number(channel.id, channel.phone)
        held.wire = kind.wire(number, partial(self._heard, held))
        self.held[channel.id] = held
        self._tell(held, Claimed(jitter_seconds))

    def tell(self, channel: ChannelId, heard: Heard) -> None:
        """Let a channel hear something, after all that it heard before."""
        held = self.held.get(channel)
        if held is not None:
            self._tell(held, heard)

    async def give_back(self, channel: ChannelId) -> None:
        """Let another node have a channel. Who sends must have come to a message boundary."""
        held = self.held.get(channel)
        if held is None:
            return
        self._tell(held, Released())
        held.leaving = True
        while held.turn is not None and not held.turn.done():
            await asyncio.wait([held.turn])
        await self._let_go(held)

    async def drop(self, channel: ChannelId) -> None:
        """Stop driving a channel that is no longer ours; nothing is written."""
        held = self.held.pop(channel, None)
        if held is not None:
            await self._quiet(held)

    async def close(self) -> None:
        """Let go of everything at once: the next node, or the next start, claims without waiting."""
        leaving = list(self.held.values())
        self.held.clear()
        await asyncio.gather(*(self._quiet(held) for held in leaving), return_exceptions=True)
        await end(*self._probes)
        async with self._database.transaction() as tx:
            await store.give_back(tx, self._node.id, _fences(leaving))

    async def note_evidence(self) -> None:
        """One turn of the loop that writes proofs of life down, for all channels together."""
        await self._clock.sleep(_EVIDENCE_EVERY_SECONDS)
        fresh = [
            (held, at)
            for held in self.held.values()
            if (at := held.proof_of_life_at) is not None and at != held.evidence_noted_at
        ]
        if fresh and self._node.may_act():
            async with self._database.transaction() as tx:
                await store.note_evidence(tx, [(held.channel.id, at) for held, at in fresh])
            for held, at in fresh:
                held.evidence_noted_at = at

    # --- Hearing ---------------------------------------------------------------------------

    def _nudged(self, channels: Sequence[UUID]) -> None:
        """Somebody changed what is wanted: look at the facts on disk again."""
        for channel in channels or tuple(self.held):
            held = self.held.get(ChannelId(channel))
            if held is not None:
                self._tell(held, Woke(held.wire_open))

    def _heard(self, held: Held, event: events.Event) -> Awaitable[None]:
        now = self._clock.now()
        if not isinstance(event, events.Offline | events.LinkQuiet | events.Replaced):
            held.evidence_at = now
        if isinstance(event, _MESSAGES):
            stored = self._hear_message(held.channel.id, event)
            if getattr(event, "retrieved", False):
                held.arrivals.append(stored)
            return stored
        if isinstance(event, events.KeysChanged):
            return self._keep_keys(held, event)
        if isinstance(event, events.BacklogBegan):
            held.expected, held.arrivals = event.expected, []
        if isinstance(event, events.BacklogEnded):
            held.expected = max(0, held.expected - event.besides)
        if not isinstance(event, events.Alive):
            self._tell(held, event)
        return _done()

    async def _keep_keys(self, held: Held, event: events.KeysChanged) -> None:
        """Not a turn of the machine: a turn that closes the wire waits for this.

        Raises:
            LeaseLost: another node holds the channel; its keys are newer than these.
        """
        async with self._database.transaction() as tx:
            found = await store.lock(tx, held.channel.id)
            if found is None or (found.owner, found.fence) != (self._node.id, held.channel.fence):
                raise LeaseLost(f"channel {held.channel.id} is held by another node")
            if found.state.paired:
                await store.keep_credentials(
                    tx, held.channel.id, event.credentials, self._clock.now()
                )

    def _tell(self, held: Held, heard: Heard) -> None:
        if self.held.get(held.channel.id) is not held or held.leaving:
            return  # The last words of a wire that is let go. Its channel may be held anew by now.
        held.mailbox.append(heard)
        if held.turn is None or held.turn.done():
            held.turn = asyncio.create_task(self._turns(held), name=f"channel-{held.channel.id}")

    async def _turns(self, held: Held) -> None:
        while held.mailbox:
            heard = list(held.mailbox)
            held.mailbox.clear()
            try:
                await self._turn(held, heard)
            except (LeaseLost, NotFound):
                log.warning("channel_lost", channel=str(held.channel.id))
                held.mailbox.clear()
                await self.drop(held.channel.id)
                return
            except LOST as error:
                # What was heard must not be lost with the connection to the database.
                held.mailbox.extendleft(reversed(heard))
                log.warning("turn_postponed", channel=str(held.channel.id), error=str(error))
                await self._clock.sleep(0.5)
            except Exception:
                words = [type(word).__name__ for word in heard]
                log.exception("turn_failed", channel=str(held.channel.id), heard=words)

    async def _turn(self, held: Held, heard: Sequence[Heard]) -> None:
        """Judge everything that was heard so far, together."""
        if len(heard) == 1 and self._idle_turn(held, heard[0]):
            return
        ended = any(isinstance(word, events.BacklogEnded) for word in heard)
        caught_up = await held.caught_up() if ended else None
        words = [*held.unheard_evidence(heard), *heard]
        async with self._written_turns, self._database.transaction() as tx:
            turn = await hear(
                tx,
                held.channel.id,
                words,
                self._clock.now(),
                holder=Holder(self._node.id, held.channel.fence, held.state),
                caught_up=caught_up,
            )
        self._tell_of_faults(held, turn.channel)
        await self._follow(held, turn)

    def _tell_of_faults(self, held: Held, after: Channel) -> None:
        """The account's people cannot help it, so whoever runs the server is told, once each time."""
        now = self._clock.now()
        if recent_faults(held.state, now) < FAULTS_MAX <= recent_faults(after.state, now):
            log.error(
                "channel_faults",
                channel=str(after.id),
                detail=after.state.detail,
                cure=TO_MEND_FAULTS,
            )

    def _idle_turn(self, held: Held, heard: Heard) -> bool:
        """The commonest turn of all: a timer or a probe finds everything well. It stays in memory."""
        if held.probe_written or not (heard == Woke() or heard == Probed(ok=True)):
            return False
        state, effects = held.state, list[Effect]()
        now = self._clock.now()
        for word in [*held.unheard_evidence([heard]), heard]:
            decision = decide(state, word, now)
            state, effects = decision.state, [*effects, *decision.effects]
        if (
            not all(isinstance(effect, _IDLE) for effect in effects)
            or state.link is not held.state.link
        ):
            return False
        held.learn(state)
        for effect in effects:
            self._carry_out_idle(held, effect)
        return True

    # --- Carrying out ----------------------------------------------------------------------

    async def _follow(self, held: Held, turn: Turn) -> None:
        held.channel = turn.channel
        held.probe_written = turn.channel.state.probing_since is not None
        for effect in turn.effects:
            try:
                async with asyncio.timeout(_WIRE_SECONDS_MAX):
                    await self._carry_out(held, effect)
            except LOST as error:
                # The wire did not obey. The next turn sees what is really open and puts it right.
                log.warning(
                    "effect_failed",
                    channel=str(held.channel.id),
                    effect=str(effect),
                    error=str(error),
                )
        self._wakes.here(Topic.FEED)
        if held.may_send:
            self._wakes.here(Topic.QUEUE, [held.channel.id])
        if policy(held.state) is Policy.REFUSE:
            await self._let_go(held)

    async def _carry_out(self, held: Held, effect: Effect) -> None:
        match effect:
            case Connect():
                await self._connect(held)
            case Pair(typed=typed):
                held.wire_open = True
                await held.wire.start(transport.Pair(held.channel.phone if typed else None))
            case Disconnect():
                held.wire_open = False
                await held.wire.stop()
            case LogOut():
                held.wire_open = False
                await held.wire.log_out()
            case _:
                self._carry_out_idle(held, effect)

    def _carry_out_idle(self, held: Held, effect: Effect) -> None:
        match effect:
            case WakeAt(at):
                self._wake_at(held, at)
            case Probe():
                task = asyncio.create_task(self._probe(held))
                self._probes.add(task)
                task.add_done_callback(self._probes.discard)
            case _:
                raise AssertionError(effect)

    async def _connect(self, held: Held) -> None:
        async with self._database.single() as tx:
            credentials = await store.credentials(tx, held.channel.id)
        if credentials is None:
            log.error("credentials_missing", channel=str(held.channel.id))
            return
        held.wire_open = True
        await held.wire.start(transport.Resume(credentials))

    def _wake_at(self, held: Held, at: datetime) -> None:
        if held.timer is not None:
            held.timer.cancel()
        seconds = max(0.0, (at - self._clock.now()).total_seconds())
        held.timer = asyncio.get_running_loop().call_later(seconds, self._tell, held, Woke())

    async def _probe(self, held: Held) -> None:
        try:
            async with asyncio.timeout(_WIRE_SECONDS_MAX):
                ok = await held.wire.probe()
        except (OSError, TimeoutError):
            ok = False
        self._tell(held, Probed(ok))

    async def _let_go(self, held: Held) -> None:
        self.held.pop(held.channel.id, None)
        await self._quiet(held)
        async with self._database.transaction() as tx:
            await store.give_back(tx, self._node.id, _fences([held]))
        await self._wakes.everywhere(Topic.CHANNEL, [held.channel.id])

    async def _quiet(self, held: Held) -> None:
        """Close everything of a channel. It may be its own turn that does so, and that one goes on."""
        held.releasing = True
        held.mailbox.clear()
        if held.timer is not None:
            held.timer.cancel()
        if held.turn is not asyncio.current_task():
            await end(held.turn)
        if held.wire_open:
            held.wire_open = False
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(_WIRE_SECONDS_MAX):
                    await held.wire.stop()


def _fences(leaving: Iterable[Held]) -> dict[UUID, int]:
    return {held.channel.id: held.channel.fence for held in leaving}


def _done() -> Awaitable[None]:
    """Nothing has to be stored before what was heard may be acknowledged."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future
