"""Messages between Houston and the simulated people, with receipts and with what WhatsApp keeps.

A person sees every id once, as on a real phone; what they saw, and in which order, goes to the referee.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from houston.transports import events
from houston.transports.events import MessageEvent, ReceiptKind
from houston.transports.transport import NotSent, Outgoing, Retry, SendResult, Sent, Unknown
from tests.simulation.whatsapp import OURS, Stream, WhatsApp

Answer = Callable[[SendResult], None]

ABSENT = "79160000009"
"""The one address that is not on WhatsApp."""
PEOPLE = ("79160000001", "79160000002", "79160000003", "79160000004", ABSENT)
SEND_SECONDS_MAX = 10.0

_NO_LINK = NotSent(retry=Retry.WHEN_ONLINE, code="not_online", text="There is no link")
_REPLACED = NotSent(retry=Retry.WHEN_ONLINE, code="replaced", text="A newer stream has the number")
_NO_PHONE = NotSent(retry=Retry.WHEN_ONLINE, code="phone_unavailable", text="The phone is away")
_ABSENT = NotSent(retry=Retry.NEVER, code="not_on_whatsapp", text="The number is not on WhatsApp")
_BUSY = NotSent(retry=Retry.NOW, code="busy", text="Try again")


class Watcher(Protocol):
    """Who takes down what really happens to messages."""

    def taken(self, key: str, wire_id: str, chat: str, phone: str) -> None:
        """WhatsApp has taken a message of ours, and the person sees it."""
        ...

    def read_by_person(self, wire_id: str) -> None: ...

    def written(self, wire_id: str, chat: str, at: datetime) -> None:
        """A person has written to the channel."""
        ...


@dataclass(slots=True)
class Luck:
    """How messages fare. A lost acknowledgement is one that was on its way."""

    loses_frames: float = 0.0
    loses_acks: float = 0.0
    refuses: float = 0.0


class Mail:
    """Carries messages both ways and keeps what nobody has acknowledged."""

    def __init__(self, whatsapp: WhatsApp, watcher: Watcher, *, client_ids: bool) -> None:
        whatsapp.post = self
        self._whatsapp = whatsapp
        self._watcher = watcher
        self._client_ids = client_ids
        self.luck = Luck()
        self.kept: dict[int, MessageEvent] = {}
        self._seen: set[str] = set()
        self._taken: dict[str, str] = {}
        self._on_the_way: set[str] = set()
        self._made = 0

    # --- From Houston ----------------------------------------------------------------------

    def send(self, stream: Stream | None, message: Outgoing, answer: Answer) -> None:
        """Hand a message over. The answer comes later, and Unknown if there is none in time."""
        calendar = self._whatsapp.calendar
        if stream is None or stream.closed:
            calendar.later(0.001, partial(answer, _NO_LINK))
            return
        once = _Once(answer)
        calendar.later(SEND_SECONDS_MAX, partial(once, Unknown(self._id_if_chosen(message))))
        if self._whatsapp.chance.random() >= self.luck.loses_frames:
            self._on_the_way.add(message.key)
            calendar.later(self._latency(), partial(self._take, stream, message, once))

    def _take(self, stream: Stream, message: Outgoing, answer: Answer) -> None:
        self._on_the_way.discard(message.key)
        if self._whatsapp.network != "up" or stream.dead:
            return
        result = self._refusal(stream, message) or self._deliver(stream, message)
        if self._whatsapp.chance.random() >= self.luck.loses_acks:
            self._whatsapp.calendar.later(
                self._latency(), partial(self._acknowledge, stream, result, answer)
            )

    def _acknowledge(self, stream: Stream, result: SendResult, answer: Answer) -> None:
        if not stream.closed and not stream.dead and self._whatsapp.network == "up":
            answer(result)

    def _refusal(self, stream: Stream, message: Outgoing) -> NotSent | None:
        whatsapp, now = self._whatsapp, self._whatsapp.calendar.now
        if whatsapp.current is not stream:
            return _REPLACED
        if whatsapp.needs_phone and not whatsapp.phone_on:
            return _NO_PHONE
        until = whatsapp.restricted_until
        if message.first_contact and until is not None and until > now:
            return NotSent(
                retry=Retry.WHEN_ALLOWED, code="463", text="No new chats", not_before=until
            )
        if whatsapp.chance.random() < self.luck.refuses:
            return self._moody(now)
        return _ABSENT if message.chat == ABSENT else None

    def _moody(self, now: datetime) -> NotSent:
        if self._whatsapp.chance.random() < 0.5:
            return _BUSY
        later = now + timedelta(seconds=60 * self._whatsapp.chance.random())
        return NotSent(retry=Retry.LATER, code="429", text="Not so fast", not_before=later)

    def _deliver(self, stream: Stream, message: Outgoing) -> Sent:
        wire_id = message.wire_id if self._client_ids else self._new_id("LIB")
        self._taken[message.key] = wire_id
        if wire_id not in self._seen:
            self._seen.add(wire_id)
            assert stream.keys is not None
            phone = self._whatsapp.linked.get(stream.keys, OURS)
            self._watcher.taken(message.key, wire_id, message.chat, phone)
        self._receipt(wire_id, message.chat, ReceiptKind.DELIVERED, 20)
        if self._whatsapp.chance.random() < 0.5:
            self._receipt(wire_id, message.chat, ReceiptKind.READ, 600)
        return Sent(wire_id, self._whatsapp.calendar.now)

    def resolve(self, stream: Stream | None, message: Outgoing, answer: Answer) -> None:
        """What became of it? The library can look it up by our key, but not always tell."""
        taken = self._taken.get(message.key)
        hidden = stream is None or stream.closed or self._whatsapp.chance.random() < 0.3
        result: SendResult
        if hidden or message.key in self._on_the_way:
            result = Unknown(taken)
        elif taken is not None:
            result = Sent(taken, self._whatsapp.calendar.now)
        else:
            result = NotSent(retry=Retry.NOW, code="never_left", text="WhatsApp never saw it")
        self._whatsapp.calendar.later(self._latency(), partial(answer, result))

    def _id_if_chosen(self, message: Outgoing) -> str | None:
        return message.wire_id if self._client_ids else None

    # --- To Houston ------------------------------------------------------------------------

    def write(self, person: str) -> None:
        """A person writes to the channel."""
        now = self._whatsapp.calendar.now
        wire_id = self._new_id("IN")
        self._watcher.written(wire_id, person, now)
        self._keep(events.Incoming(wire_id=wire_id, chat=person, author=person, sent_at=now))

    def _receipt(self, wire_id: str, chat: str, kind: ReceiptKind, seconds_max: float) -> None:
        def give() -> None:
            if kind is ReceiptKind.READ:
                self._watcher.read_by_person(wire_id)
            now = self._whatsapp.calendar.now
            self._keep(events.Receipt(wire_ids=(wire_id,), chat=chat, kind=kind, at=now))

        self._whatsapp.calendar.later(seconds_max * self._whatsapp.chance.random(), give)

    def _keep(self, event: MessageEvent) -> None:
        """WhatsApp keeps everything until it is acknowledged, and says it if somebody listens."""
        self._made += 1
        self.kept[self._made] = event
        whatsapp = self._whatsapp
        if whatsapp.current is not None and (whatsapp.phone_on or not whatsapp.needs_phone):
            self._say(whatsapp.current, self._made, event)

    def hand_over(self, stream: Stream) -> None:
        """Say everything that is kept, framed as a backlog."""
        waiting = [(keep, event) for keep, event in self.kept.items() if keep not in stream.handed]
        written = sum(isinstance(event, events.Incoming) for _, event in waiting)
        if not waiting and self._whatsapp.chance.random() < 0.5:
            return  # Some transports say nothing when there is nothing.
        self._whatsapp.say(stream, events.BacklogBegan(written))
        pause = timedelta(
            seconds=min(0.5, 40 / (len(waiting) + 1)) * self._whatsapp.chance.random()
        )
        for keep, event in waiting:
            stream.said_until += pause
            late = replace(event, retrieved=True) if isinstance(event, events.Incoming) else event
            self._say(stream, keep, late)
        self._whatsapp.say(stream, events.BacklogEnded())

    def _say(self, stream: Stream, keep: int, event: MessageEvent) -> None:
        stream.handed.add(keep)
        self._whatsapp.say(stream, event, keep)

    def acknowledge(self, stream: Stream, keep: int) -> None:
        """Houston has stored it; WhatsApp learns of that if the stream still carries it."""

        def learn() -> None:
            if not stream.dead and self._whatsapp.network == "up":
                self.kept.pop(keep, None)

        if self._whatsapp.chance.random() < 0.9:
            learn()
        else:
            self._whatsapp.calendar.later(self._latency(), learn)

    # --- Both ------------------------------------------------------------------------------

    def _new_id(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}{self._made}"

    def _latency(self) -> float:
        return 0.02 + 0.2 * self._whatsapp.chance.random()


class _Once:
    """The first answer counts; a later one finds nobody."""

    __slots__ = ("_answer",)

    def __init__(self, answer: Answer) -> None:
        self._answer: Answer | None = answer

    def __call__(self, result: SendResult) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer(result)
