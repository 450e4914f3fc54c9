"""Who holds the channel: nobody, or one node. The dead and the sleeping lose it after a while."""

from functools import partial
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.calendar import Calendar
from tests.simulation.disk import Disk

if TYPE_CHECKING:
    from tests.simulation.node import Node

TTL_SECONDS = 6.0


class Leases:
    """Watches over the nodes, and gives the channel to one that is awake."""

    def __init__(self, calendar: Calendar, chance: Random, disk: Disk) -> None:
        self._calendar = calendar
        self._chance = chance
        self._disk = disk
        self.nodes: list[Node] = []
        """Those that live, asleep or not."""

    def awake(self) -> "list[Node]":
        return [node for node in self.nodes if not node.asleep]

    def holder(self) -> "Node | None":
        return next((node for node in self.nodes if node.id == self._disk.owner), None)

    def consider(self) -> None:
        """The channel may be free, and wanted."""
        self._calendar.later(0.05 + 1.2 * self._chance.random(), self._claim)

    def _claim(self) -> None:
        awake = self.awake()
        if self._disk.owner is None and self._disk.is_wanted() and awake:
            jitter = 0.0 if self._chance.random() < 0.5 else 20 * self._chance.random()
            self._chance.choice(awake).take(jitter)

    def bury(self, node: "Node") -> None:
        """Its row is found without a process, at once or when it runs out."""
        self.nodes.remove(node)
        self._calendar.later(TTL_SECONDS * self._chance.random(), partial(self._expire, node))

    def doubt(self, node: "Node") -> None:
        """It does not renew its row: once that has run out, the first that is awake may take the channel."""

        def lapse() -> None:
            if node.asleep and self.awake():
                self._expire(node)
            elif node.asleep and node.alive:
                self._calendar.later(TTL_SECONDS, lapse)

        self._calendar.later(TTL_SECONDS, lapse)

    def _expire(self, node: "Node") -> None:
        if self._disk.owner == node.id:
            self._disk.owner = None
            node.town.referee.held_by(None)
            self.consider()
