"""One life of a channel, from its seed: the world, the nodes, the people, and the referee over all."""

from datetime import datetime, timedelta
from functools import partial
from random import Random

from houston.channels.orders import Command, PaidChanged
from houston.channels.state import Policy
from houston.channels.status import policy, status
from houston.messages import rules
from houston.messages.rules import MessageStatus
from tests.simulation import traits
from tests.simulation.calendar import START, Calendar
from tests.simulation.disk import Disk
from tests.simulation.held import Kind
from tests.simulation.leases import Leases
from tests.simulation.mail import Mail
from tests.simulation.nap import Nap
from tests.simulation.node import Node, Town
from tests.simulation.referee import Referee
from tests.simulation.tape import Tape
from tests.simulation.whatsapp import WhatsApp

CREATOR = "person:anna"


class Life:
    """Everything there is. `play` lets it run; whatever breaks the law raises a Finding."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.days = 0.0
        """How long it has really lived; a month in the bin is no life."""
        self.chance = Random(seed)
        self.traits = traits.drawn(self.chance)
        self.calendar = Calendar()
        self.tape = Tape()
        self.referee = Referee(self.calendar, self.traits)
        self.whatsapp = WhatsApp(
            self.calendar,
            self.chance,
            self.tape,
            self.referee.tell,
            needs_phone=not self.traits.sends_without_phone,
        )
        self.mail = Mail(self.whatsapp, self.referee.post, client_ids=self.traits.client_ids)
        self.disk = Disk(self.calendar, self.chance, self.tape, self.referee, CREATOR)
        self.leases = Leases(self.calendar, self.chance, self.disk)
        self._town = Town(
            calendar=self.calendar,
            chance=self.chance,
            tape=self.tape,
            disk=self.disk,
            whatsapp=self.whatsapp,
            mail=self.mail,
            referee=self.referee,
            leases=self.leases,
            kind=Kind(self.traits.capabilities()),
        )
        self._nap = Nap(self)
        self._nodes_made = 0
        for _ in range(2):
            self.start_node()

    def age_days(self) -> float:
        return (self.calendar.now - START) / timedelta(days=1)

    def live_until(self, moment: datetime) -> None:
        """Let everything happen that is due until then."""
        calendar = self.calendar
        while (coming := calendar.next()) is not None and coming.at <= moment:
            if coming.at > self.referee.due:
                self.referee.lets_pass(coming.at)
            if coming.is_timer and self._nap.jumps(coming, moment):
                continue
            calendar.live(coming)
        self.referee.lets_pass(moment)
        calendar.now = moment

    def note(self, who: str, what: object) -> None:
        self.tape.note(self.calendar.now, who, what)

    # --- Nodes -----------------------------------------------------------------------------

    def start_node(self) -> None:
        self._nodes_made += 1
        self.leases.nodes.append(Node(self._nodes_made, self._town))
        self.leases.consider()

    def kill(self, node: Node) -> None:
        self.note("world", f"kill -9 of node {node.id}")
        node.die()
        self.referee.dies(int(node.id))
        self.leases.bury(node)

    def stop(self, node: Node) -> None:
        """An orderly end: what it holds is free at once."""
        self.note("world", f"node {node.id} ends")
        node.give_back()
        self.kill(node)

    def freeze(self, node: Node) -> None:
        self.note("world", f"node {node.id} is frozen")
        node.fall_asleep()
        self.referee.sleeps(int(node.id), asleep=True)
        self.leases.doubt(node)

    def thaw(self, node: Node) -> None:
        self.note("world", f"node {node.id} goes on")
        if self.disk.owner == node.id:
            self.referee.sleeps(int(node.id), asleep=False)
        else:
            self.calendar.later(1.5 * self.chance.random(), partial(self._compare, node))
        node.wake()
        self.leases.consider()

    def _compare(self, node: Node) -> None:
        """It sees that its lease ran out while it slept, and lets go of what is not its own."""
        if node.held is not None and self.disk.owner != node.id:
            node.drop(node.held)
        self.referee.sleeps(int(node.id), asleep=node.asleep or not node.alive)

    # --- People ----------------------------------------------------------------------------

    def is_reachable(self) -> bool:
        """Some node takes requests."""
        return bool(self.leases.awake())

    def press(self, command: Command) -> None:
        """Any node takes the turn; the one that holds the channel is nudged, and drives the wire."""
        if not self.is_reachable():
            return
        self.disk.turn([command])
        self.referee.sees(self.disk.state, driven=False)
        self.calendar.later(0.3 * self.chance.random(), self._nudge)
        self.leases.consider()

    def press_twice(self, command: Command) -> None:
        if self.is_reachable():
            self.press(command)
            self.referee.repeats(command)
            self.press(command)
            self.referee.repeats(None)

    def pay(self, *, paid: bool) -> None:
        self.press(PaidChanged(paid=paid))

    def _nudge(self) -> None:
        holder = self.leases.holder()
        if holder is not None:
            holder.when_awake(holder.nudge)()

    def ask_to_send(self, address: str) -> None:
        """Somebody presses Enter: accepted or refused by the policy of the status that is shown."""
        if not self.is_reachable():
            return
        state = self.disk.state
        if policy(state) is Policy.REFUSE:
            refused = rules.refusal(status(state))
            self.note("people", f"a message is refused: {refused.reason_code}")
            self.referee.post.refused(refused.reason_code)
            return
        row = self.disk.store(address)
        self.note("people", f"a message is accepted: {row.id} to {address}")
        self.referee.post.accepted(str(row.id), address)
        self._ring()

    def _ring(self) -> None:
        holder = self.leases.holder()
        if holder is not None:
            holder.when_awake(holder.sender.look_anew)()

    def cancel(self, share: float) -> None:
        for row in list(self.disk.open.values()):
            if row.status is MessageStatus.QUEUED and self.chance.random() < share:
                self.disk.cancel(row.id)
                self.note("people", f"{row.id} is cancelled")

    def later(self, seconds: float, do: "partial[None]") -> None:
        self.calendar.later(seconds, do)
