"""The queue of one channel as its sender sees it: what is next, what is on its way, what must wait.

One message of a chat is on its way at a time (law M5). The disk is the queue; this is a window on it.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from houston.channels.held import Held
from houston.kernel.db import Row
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId
from houston.messages.rules import (
    Allowance,
    MessageStatus,
    full_allowance,
    next_allowed,
    refilled,
    spent,
)
from houston.messages.store import Body, decode_body
from houston.transports.transport import Outgoing, OutgoingKind, Pacing

IN_FLIGHT_MAX: Final = 100
"""How many chats of one channel are sent to at the same time."""
_KINDS: Final = tuple(OutgoingKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message of the window."""

    id: MessageId
    account: AccountId
    channel: ChannelId
    chat: ChatId
    address: str
    kind: OutgoingKind
    body: Body
    wire_id: str
    client_ref: str | None
    interrupted: bool
    """It was on its way when its sender died: perhaps it arrived."""
    not_before: datetime | None
    first_contact: bool

    def outgoing(self) -> Outgoing:
        return Outgoing(
            key=str(self.id),
            wire_id=self.wire_id,
            chat=self.address,
            kind=self.kind,
            text=self.body.text,
            content_uri=self.body.content_uri,
            target_wire_id=self.body.target_wire_id,
            target_author=self.body.target_author or "",
            quoted_wire_id=self.body.quoted_wire_id,
            first_contact=self.first_contact,
        )


def waiting(row: Row) -> Waiting:
    return Waiting(
        id=MessageId(row["id"]),
        account=AccountId(row["account_id"]),
        channel=ChannelId(row["channel_id"]),
        chat=ChatId(row["chat_id"]),
        address=row["address"],
        kind=kind_of(row),
        body=decode_body(row["body"]),
        wire_id=row["wire_id"],
        client_ref=row["client_ref"],
        interrupted=row["status"] == MessageStatus.SENDING,
        not_before=row["not_before"],
        first_contact=row["first_contact"],
    )


def kind_number(kind: OutgoingKind) -> int:
    """How the table of messages writes a kind."""
    return _KINDS.index(kind)


def kind_of(row: Row) -> OutgoingKind:
    """What a row of that table says or does; all that people wrote to us is said."""
    number: int = row["kind"]
    return _KINDS[number]


@dataclass(slots=True)
class Line:
    """One channel's window on its queue."""

    held: Held
    allowance: Allowance
    busy: set[ChatId] = field(default_factory=set)
    """Chats with a message on its way."""
    parked: dict[ChatId, datetime] = field(default_factory=dict)
    """Chats whose next message must not be tried before then."""
    window: deque[Waiting] = field(default_factory=deque)
    passed_over: frozenset[ChatId] = frozenset()
    """Chats of which the disk may hold more than the window, because they were busy or must wait."""
    merged: dict[ChatId, ChatId] = field(default_factory=dict)
    """Chats that had a message on its way when they became part of others."""
    stale: bool = True
    """The disk may hold more than the window shows."""

    @property
    def pacing(self) -> Pacing:
        """The channel's own pace, or else the transport's default (law M9)."""
        default = self.held.transport.capabilities.pacing
        own = self.held.channel.pacing_per_minute
        return (
            default if own is None else Pacing(per_minute=own, burst=min(own, default.burst or own))
        )

    def barred(self, now: datetime) -> frozenset[ChatId]:
        """Chats to which nothing may be sent now."""
        for chat in [chat for chat, until in self.parked.items() if until <= now]:
            del self.parked[chat]
            self._reopened(chat)
        return frozenset(self.busy | self.parked.keys())

    def free(self, chat: ChatId, until: datetime | None) -> None:
        """A message of the chat came back; if it has to wait, so has the chat."""
        self.busy.discard(chat)
        chat = self.merged.pop(chat, chat)
        self.busy.discard(chat)
        if until is None:
            self._reopened(chat)
            return
        self.parked[chat] = until
        self.window = deque(waiting for waiting in self.window if waiting.chat != chat)
        self.passed_over |= {chat}

    def merge(self, old: ChatId, new: ChatId) -> None:
        """A chat is now part of another. Nothing overtakes what is on its way, or must wait, in either."""
        if old in self.busy:
            self.merged[old] = new
            self.busy.add(new)
        if old in self.parked:
            until = self.parked.pop(old)
            self.parked[new] = max(until, self.parked.get(new, until))
        self.window = deque(one for one in self.window if one.chat not in (old, new))
        self.passed_over |= {new}
        self.stale = True

    def _reopened(self, chat: ChatId) -> None:
        """Something may be sent to the chat again; the disk may hold what the window does not."""
        if chat in self.passed_over:
            self.stale = True

    def pick(self, now: datetime) -> list[Waiting]:
        """Take out of the window what may leave now: the first of each chat that is not barred."""
        self.allowance = refilled(self.allowance, self.pacing, now)
        room = min(IN_FLIGHT_MAX - len(self.busy), self.allowance.messages)
        barred = set(self.barred(now))
        picked: list[Waiting] = []
        rest: deque[Waiting] = deque()
        for waiting in self.window:
            if (
                waiting.not_before is not None
                and waiting.not_before > now
                and waiting.chat not in barred
            ):
                self.parked[waiting.chat] = waiting.not_before
                barred.add(waiting.chat)
            if len(picked) + 1 <= room and waiting.chat not in barred:
                picked.append(waiting)
                barred.add(waiting.chat)
            else:
                rest.append(waiting)
        self.window = rest
        self.busy.update(waiting.chat for waiting in picked)
        self.allowance = spent(self.allowance, len(picked))
        return picked

    def wants_look(self, now: datetime) -> bool:
        """Nothing in the window may leave, but the disk may hold something that may."""
        barred = self.barred(now)
        return (
            self.stale
            and len(self.busy) < IN_FLIGHT_MAX
            and all(w.chat in barred for w in self.window)
        )

    def look(self, now: datetime) -> frozenset[ChatId]:
        """Begin a look at the disk, which may leave these chats out.

        Whatever happens from now on, before `show`, makes another look necessary.
        """
        self.stale, self.passed_over = False, self.barred(now)
        return self.passed_over

    def show(self, rows: list[Waiting], *, all_of_it: bool) -> None:
        """What the disk held, besides the chats that were left out."""
        known = {waiting.id for waiting in self.window}
        self.window.extend(row for row in rows if row.id not in known and row.chat not in self.busy)
        self.stale = self.stale or not all_of_it

    def next_at(self) -> datetime | None:
        """When something that waits only for time may leave."""
        paced = self.paced_until()
        times = [*self.parked.values(), *([paced] if paced else [])]
        return min(times, default=None)

    def paced_until(self) -> datetime | None:
        """When the pace lets the next message leave, if it is the pace that holds it."""
        if not self.window or self.allowance.messages >= 1:
            return None
        return next_allowed(self.allowance, self.pacing)

    @property
    def idle(self) -> bool:
        paced = self.pacing.per_minute is not None
        return not (self.busy or self.parked or self.window or self.stale or paced)


def new_line(held: Held, now: datetime, earlier: Line | None = None) -> Line:
    """A window that has seen nothing yet.

    What is still on its way, and what was spent of the pace, is so whoever held it `earlier`.
    """
    line = Line(held, Allowance(0.0, now))
    if earlier is None:
        line.allowance = full_allowance(line.pacing, now)
    else:
        line.busy, line.merged, line.allowance = earlier.busy, earlier.merged, earlier.allowance
    return line
