"""Who holds which channel: claims what nobody holds, gives back what is more than a fair share.

A channel is held by exactly one node (law S13). The lease is the node's; a claim raises the channel's
fence, so whatever an earlier holder still wants to write is refused.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

import structlog

from houston.channels import store
from houston.channels.supervisor import Supervisor
from houston.kernel.clock import Chance, Clock
from houston.kernel.db import Database
from houston.kernel.ids import ChannelId
from houston.kernel.loop import Bell
from houston.kernel.node import Node
from houston.kernel.wake import Topic, Wakes

log = structlog.get_logger(__name__)

_LOOK_EVERY_SECONDS: Final = 1.0
_BALANCE_EVERY_SECONDS: Final = 5.0
_COMPARE_EVERY_SECONDS: Final = 30.0
_CLAIM_MAX: Final = 5_000
_GIVE_BACK_MAX: Final = 50
_SLACK: Final = 1.1
"""A node gives back only what is this much above its share: a channel should not wander about."""

Quiesce = Callable[[ChannelId], Awaitable[None]]
"""Stop sending on a channel and wait for what is on its way."""


class Leases:
    """Claims and gives back channels for this node."""

    def __init__(
        self,
        database: Database,
        node: Node,
        supervisor: Supervisor,
        quiesce: Quiesce,
        clock: Clock,
        chance: Chance,
        wakes: Wakes,
        *,
        logins_per_second_max: float,
    ) -> None:
        self._database = database
        self._node = node
        self._supervisor = supervisor
        self._quiesce = quiesce
        self._clock = clock
        self._chance = chance
        self._logins_per_second_max = logins_per_second_max
        self._bell = Bell()
        self._rung = False
        self._living: tuple[int, ...] = ()
        self._left_some = False
        self._balanced_at = float("-inf")
        self._compared_at = 0.0
        self._lapses = 0
        wakes.on(Topic.CHANNEL, self._nudged)

    async def duty(self) -> None:
        """One turn of the loop."""
        await self._compare()
        if self._node.may_claim() and self._may_have_changed():
            await self._balance()
        self._rung = await self._bell.wait(_LOOK_EVERY_SECONDS)

    def _may_have_changed(self) -> bool:
        """Counting all channels is not free: it waits for a cause, or for a while without one."""
        now, living = self._clock.monotonic(), self._node.living
        if (
            not self._rung
            and not self._left_some
            and living == self._living
            and now < self._balanced_at + _BALANCE_EVERY_SECONDS
        ):
            return False
        self._living, self._balanced_at = living, now
        return True

    def _nudged(self, channels: Sequence[UUID]) -> None:
        """A channel that we do not hold has changed: perhaps it is nobody's."""
        if any(ChannelId(channel) not in self._supervisor.held for channel in channels):
            self._bell.ring()

    async def _balance(self) -> None:
        async with self._database.transaction() as tx:
            everything, mine, nobodys = await store.share(tx, self._node.id, self._supervisor.kinds)
            fair = -(-everything // (self._node.others + 1))
            claimed = []
            if mine < fair:
                limit = min(fair - mine, _CLAIM_MAX)
                claimed = await store.claim(tx, self._node.id, self._supervisor.kinds, limit)
        # One whose row somebody had locked just then, for a message perhaps, was passed over.
        self._left_some = nobodys > len(claimed)
        if claimed:
            self._take(claimed)
            self._bell.ring()
        elif mine > fair * _SLACK + 1:
            await self._give_back(min(mine - fair, _GIVE_BACK_MAX))

    def _take(self, claimed: Sequence[store.Channel]) -> None:
        log.info("channels_claimed", count=len(claimed))
        # Logins are spread, so that a restart does not knock on WhatsApp's door ten thousand times at once.
        spread_seconds = (len(claimed) - 1) / self._logins_per_second_max
        for channel in claimed:
            self._supervisor.take(channel, self._chance.random() * spread_seconds)

    async def _give_back(self, count: int) -> None:
        """As many, if there are so many at which nobody looks: a code dies with the link that shows it."""
        held = self._supervisor.held.items()
        leaving = [channel for channel, one in held if one.state.pairing_until is None][-count:]
        for channel in leaving:
            await self._quiesce(channel)
            await self._supervisor.give_back(channel)
        if leaving:
            log.info("channels_given_back", count=len(leaving))
            self._bell.ring()

    async def _compare(self) -> None:
        """Hold what the database says is ours, and nothing else: after a lapse others may have claimed."""
        due = self._clock.monotonic() >= self._compared_at + _COMPARE_EVERY_SECONDS
        if not self._node.may_act() or not (due or self._node.lapses != self._lapses):
            return
        self._compared_at, self._lapses = self._clock.monotonic(), self._node.lapses
        async with self._database.transaction() as tx:
            ours = await store.held_by(tx, self._node.id)
        held = {channel: one.channel.fence for channel, one in self._supervisor.held.items()}
        for channel, fence in held.items():
            if ours.get(channel) != fence:
                log.warning("channel_lost", channel=str(channel))
                await self._supervisor.drop(channel)
        await self._forgotten({one: fence for one, fence in ours.items() if one not in held})

    async def _forgotten(self, fences: Mapping[UUID, int]) -> None:
        """Rows that bear our name although we do not hold them: a give-back that did not get through."""
        if fences:
            async with self._database.transaction() as tx:
                await store.give_back(tx, self._node.id, fences)
