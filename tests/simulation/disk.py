"""What a database would hold of one channel, and the turns of the machine that are written there.

The machine and the rules of messages are the real ones; what SQL does with their answers is redone
here in a few lines: a row that is locked, a status that only moves forward, a key that is unique.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID, uuid5

from houston.channels import decide as machine
from houston.channels.hearing import remembered
from houston.channels.orders import (
    Announce,
    Claimed,
    Connect,
    Disconnect,
    Effect,
    ForgetCredentials,
    Heard,
    KeepCredentials,
    LogOut,
    Pair,
)
from houston.channels.state import Policy, State, new_channel
from houston.channels.status import policy
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, NodeId
from houston.messages import rules
from houston.messages.line import Waiting
from houston.messages.rules import MessageStatus, Settlement
from houston.messages.store import Body
from houston.transports.events import Incoming, Paired, QrShown, Receipt, ReceiptKind
from houston.transports.transport import OutgoingKind
from tests.simulation.calendar import Calendar, Do
from tests.simulation.referee import Referee
from tests.simulation.tape import Tape
from tests.simulation.whatsapp import OURS

CHANNEL = ChannelId(UUID(int=1))
ACCOUNT = AccountId(UUID(int=2))
_WRITTEN = (Announce, KeepCredentials, ForgetCredentials)
_RECEIPTS = {
    ReceiptKind.DELIVERED: MessageStatus.DELIVERED,
    ReceiptKind.READ: MessageStatus.READ,
}


@dataclass(slots=True, eq=False)
class Row:
    """One outgoing message."""

    id: MessageId
    address: str
    chat: ChatId
    wire_id: str
    status: MessageStatus = MessageStatus.QUEUED
    open: bool = True
    attempts: int = 0
    not_before: datetime | None = None


class Disk:
    """Survives everything."""

    def __init__(
        self, calendar: Calendar, chance: Random, tape: Tape, referee: Referee, creator: str
    ) -> None:
        self._calendar = calendar
        self._chance = chance
        self._tape = tape
        self._referee = referee
        self.state = new_channel(
            OURS,
            calendar.now,
            actor=creator,
            sends_without_phone=referee.traits.sends_without_phone,
        )
        self.on_change: Do = lambda: None
        """Somebody may look at the channel when its status has changed."""
        self.owner: NodeId | None = None
        self.fence = 0
        self.keys: bytes | None = None
        self.code: str | None = None
        self.code_until = calendar.now
        self.rows: dict[MessageId, Row] = {}
        self.open: dict[MessageId, Row] = {}
        self._by_wire_id: dict[str, Row] = {}
        self._received: set[tuple[str, str]] = set()
        self._they_wrote: set[str] = set()

    # --- The channel -----------------------------------------------------------------------

    def is_wanted(self) -> bool:
        """Some node should hold it."""
        return not self._referee.traits.lets_go or policy(self.state) is not Policy.REFUSE

    def claim(self, node: NodeId) -> int:
        """Give the channel to a node; the fence that shuts out whoever held it before."""
        self.owner, self.fence = node, self.fence + 1
        return self.fence

    def turn(
        self, words: Sequence[Heard], node: NodeId | None = None, memory: State | None = None
    ) -> list[Effect]:
        """Let the machine hear, write down what follows, and give back what is the wire's business.

        Only for the node that holds the channel is that worth anything; it brings its memory.
        """
        now = self._calendar.now
        state = self.state if memory is None else remembered(self.state, memory)
        wire: list[Effect] = []
        for word in words:
            self._tape.note(now, "hears", word)
            self._referee.hears(word)
            decision = machine.decide(state, word, now, drives=node is not None)
            state = decision.state
            for effect in decision.effects:
                self._referee.orders(effect, word)
                if isinstance(effect, _WRITTEN):
                    self._write_down(effect, word)
                elif node is not None:
                    self._watch(effect, int(node))
                    wire.append(effect)
            self._keep_code(word)
        self.state = state
        return wire

    def _watch(self, effect: Effect, node: int) -> None:
        match effect:
            case Connect() | Pair():
                self._referee.opens(node, pairing=isinstance(effect, Pair))
            case Disconnect() | LogOut():
                self._referee.closes(node, forgets=isinstance(effect, LogOut))
            case _:
                return
        self._tape.note(self._calendar.now, f"node {node}", effect)

    def _write_down(self, effect: Effect, word: Heard) -> None:
        match effect:
            case Announce(change):
                self._tape.note(
                    self._calendar.now,
                    "ANNOUNCES",
                    f"{change.old} -> {change.new}, {change.reason}",
                )
                self.on_change()
            case KeepCredentials():
                assert isinstance(word, Paired)
                self.keys = word.credentials
            case ForgetCredentials():
                self.keys = None
        self._referee.keeps(self.keys)

    def _keep_code(self, word: Heard) -> None:
        match word:
            case QrShown(code, until):
                self.code, self.code_until = code, until
            case Paired() | Claimed():
                self.code = None

    def live_code(self) -> str | None:
        """The code that people are shown."""
        return self.code if self._calendar.now < self.code_until else None

    # --- Messages that go out --------------------------------------------------------------

    def store(self, address: str) -> Row:
        message = MessageId(UUID(int=self._chance.getrandbits(128)))
        row = Row(message, address, _chat(address), rules.wire_id_of(message))
        self.rows[row.id] = self.open[row.id] = self._by_wire_id[row.wire_id] = row
        return row

    def next_in_line(self, barred: frozenset[ChatId], limit: int) -> list[Waiting]:
        """The oldest open messages, but of no chat that is barred."""
        free = (row for row in self.open.values() if row.chat not in barred)
        return [self._waiting(row) for row, _ in zip(free, range(limit), strict=False)]

    def _waiting(self, row: Row) -> Waiting:
        return Waiting(
            id=row.id,
            account=ACCOUNT,
            channel=CHANNEL,
            chat=row.chat,
            address=row.address,
            kind=OutgoingKind.SAY,
            body=_BODY,
            wire_id=row.wire_id,
            client_ref=None,
            interrupted=row.status is MessageStatus.SENDING,
            not_before=row.not_before,
            first_contact=row.address not in self._they_wrote,
        )

    def intend(self, message: MessageId, node: NodeId, fence: int) -> int | None:
        """The fenced intent: how often it was tried, with this time; None when it may not leave."""
        row = self.rows[message]
        if (self.owner, self.fence) != (node, fence) or not row.open:
            return None
        if row.status > MessageStatus.SENDING:
            return None
        row.attempts += 1
        self._move(row, MessageStatus.SENDING)
        return row.attempts

    def settle(self, message: MessageId, attempt: int, settlement: Settlement) -> None:
        """The outcome of an attempt. What is further along already stays there, and that an
        attempt did not leave says nothing of a later one."""
        row = self.rows[message]
        if settlement.open and attempt != row.attempts:
            return
        limit = MessageStatus.UNCERTAIN if settlement.open else settlement.status
        if row.status >= limit:
            return
        row.not_before = settlement.not_before
        if settlement.wire_id is not None:
            row.wire_id = settlement.wire_id
            self._by_wire_id[row.wire_id] = row
        if not settlement.open:
            self._close(row)
        still_open = settlement.open and row.open
        self._move(row, settlement.status if still_open else max(row.status, settlement.status))

    def cancel(self, message: MessageId) -> bool:
        row = self.rows[message]
        if not row.open or row.status is not MessageStatus.QUEUED:
            return False
        self._close(row)
        self._move(row, MessageStatus.CANCELLED)
        return True

    def _close(self, row: Row) -> None:
        row.open = False
        self.open.pop(row.id, None)

    def _move(self, row: Row, status: MessageStatus) -> None:
        row.status = status
        self._referee.post.shown(str(row.id), status.word)

    # --- What comes in ---------------------------------------------------------------------

    def receive(self, event: Incoming | Receipt) -> None:
        """Saved once, whatever the status is (law I1)."""
        if isinstance(event, Receipt):
            self._receipt(event)
        elif (event.chat, event.wire_id) not in self._received:
            self._received.add((event.chat, event.wire_id))
            self._they_wrote.add(event.chat)
            self._referee.post.saved(
                event.wire_id, event.chat, event.sent_at, retrieved=event.retrieved
            )

    def _receipt(self, receipt: Receipt) -> None:
        for wire_id in receipt.wire_ids:
            row = self._by_wire_id.get(wire_id)
            if row is not None and row.status < _RECEIPTS[receipt.kind]:
                self._close(row)
                self._move(row, _RECEIPTS[receipt.kind])


_BODY = Body(text="Hello")
_CHATS = UUID(int=3)


def _chat(address: str) -> ChatId:
    return ChatId(uuid5(_CHATS, address))
