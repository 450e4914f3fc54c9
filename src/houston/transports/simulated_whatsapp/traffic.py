"""Messages between Houston and the simulated people, both ways, with receipts."""

import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

import msgspec

from houston.kernel.clock import Clock, seeded_chance
from houston.kernel.content import Content
from houston.transports import events
from houston.transports.events import ReceiptKind
from houston.transports.simulated_whatsapp.entries import (
    Acknowledged,
    Altered,
    Counted,
    Emoted,
    Kept,
    Note,
    OperatorRead,
    PersonNoted,
    PersonRead,
    Took,
)
from houston.transports.simulated_whatsapp.people import Arrival, Saying, Tally
from houston.transports.simulated_whatsapp.phones import Phone, Stream
from houston.transports.simulated_whatsapp.world import World
from houston.transports.transport import NotSent, Outgoing, OutgoingKind, Retry, SendResult, Sent

Answer = Callable[[SendResult], None]

_NO_PHONE: Final = NotSent(
    retry=Retry.WHEN_ONLINE, code="phone_unavailable", text="The phone is away"
)
_REPLACED: Final = NotSent(
    retry=Retry.WHEN_ONLINE, code="replaced", text="A newer stream has the number"
)
_ABSENT: Final = NotSent(
    retry=Retry.NEVER, code="not_on_whatsapp", text="The number is not on WhatsApp"
)
_GONE: Final = NotSent(
    retry=Retry.NEVER, code="no_such_message", text="There is no such message to change"
)
_NEVER_SEEN: Final = NotSent(
    retry=Retry.NOW, code="never_arrived", text="WhatsApp has never seen this message"
)
_REFUSED_SECONDS: Final = 1.0
"""When to come back after a refusal by chance."""


class Traffic:
    """Carries messages through the world."""

    def __init__(self, world: World, clock: Clock, note: Note) -> None:
        self._world = world
        self._clock = clock
        self._note = note
        self._chance = seeded_chance(0)
        self._next_keep = 1

    def seed(self, seed: int) -> None:
        """Begin the luck of acknowledgements and refusals anew."""
        self._chance = seeded_chance(seed)

    # --- From Houston ----------------------------------------------------------------------

    def send(self, number: str, stream: Stream, message: Outgoing, answer: Answer) -> None:
        """A message is handed over. No answer at all is one of the things that may happen."""
        phone, network = self._world.phone(number), self._world.network
        if phone.silent or not network.up:
            return
        refusal = self._unable(phone, stream)
        result, reached = (refusal, False) if refusal else self._take(phone, message)
        if isinstance(result, NotSent):
            self._count("refused")
            answer(result)
        elif self._chance.random() >= network.lose_ack_rate:
            answer(result)
        if reached:
            self._receipts(number, message.chat, (message.wire_id,), ReceiptKind.DELIVERED)

    def _unable(self, phone: Phone, stream: Stream) -> NotSent | None:
        if phone.stream is not stream:
            self._count("refused_replaced")
            return _REPLACED
        return None if phone.can_talk(stream) else _NO_PHONE

    def _take(self, phone: Phone, message: Outgoing) -> tuple[SendResult, bool]:
        """What becomes of it, and whether it has just reached the person.

        As WhatsApp does, a repeat under the same id is acknowledged again and changes nothing.
        """
        sent = Sent(message.wire_id, self._clock.now())
        if self._world.mail.knows(phone.number, message.wire_id):
            self._count("same_id_repeats")
            return sent, False
        refusal = self._refusal(phone, message)
        if refusal is not None:
            return refusal, False
        if message.kind is not OutgoingKind.SAY:
            reacting = message.kind is OutgoingKind.REACT
            done = self._react(phone, message) if reacting else self._alter(phone, message)
            return (sent if done else _GONE), False
        taken = Arrival(
            id=message.wire_id,
            key=message.key,
            sender=phone.number,
            text=message.text,
            content_uri=message.content_uri,
            quoted=message.quoted_wire_id,
            at=sent.at,
        )
        return sent, self._deliver(message.chat, taken)

    def _refusal(self, phone: Phone, message: Outgoing) -> NotSent | None:
        now = self._clock.now()
        if message.first_contact and phone.is_restricted(now):
            return NotSent(
                retry=Retry.WHEN_ALLOWED,
                code="463",
                text="The number may not start new chats",
                not_before=phone.restricted_until,
            )
        if self._chance.random() < self._world.network.refuse_rate:
            later = now + timedelta(seconds=_REFUSED_SECONDS)
            return NotSent(retry=Retry.LATER, code="refused", text="Try later", not_before=later)
        return _ABSENT if self._world.mail.person(message.chat).absent else None

    def _alter(self, phone: Phone, message: Outgoing) -> bool:
        target = message.target_wire_id or ""
        text = (message.text or "") if message.kind is OutgoingKind.EDIT else None
        found = self._world.mail.alter(phone.number, message.wire_id, target, text)
        if found:
            self._note(Altered(phone.number, message.wire_id, target, text))
        return found

    def _react(self, phone: Phone, message: Outgoing) -> bool:
        target, emoji = message.target_wire_id or "", message.text
        found = self._world.mail.can_react(phone.number, message.chat, target)
        # A phone finds the message by whose it is as well: told otherwise, it shows nothing.
        ours = self._world.mail.knows(phone.number, target)
        if found and ours == (not message.target_author):
            self._world.mail.react_under(phone.number, message.wire_id, target, emoji)
            self._note(Emoted(phone.number, message.wire_id, target, emoji))
            return True
        return False

    def _deliver(self, to: str, message: Arrival) -> bool:
        self._note(Took(to, message))
        return self._world.mail.take(to, message)

    def resolve(self, number: str, wire_id: str, answer: Answer) -> None:
        """Was this message ever taken?"""
        if self._world.phone(number).silent or not self._world.network.up:
            return
        known = self._world.mail.knows(number, wire_id)
        answer(Sent(wire_id, self._clock.now()) if known else _NEVER_SEEN)

    def probe(self, number: str, stream: Stream) -> bool | None:
        """Is this link alive? None when nobody answers that."""
        phone = self._world.phone(number)
        if phone.silent or not self._world.network.up:
            return None
        return phone.stream is stream and phone.can_talk(stream)

    def acknowledge(self, number: str, keeps: list[int]) -> None:
        """Houston has stored these."""
        self.forget(number, keeps)
        self._note(Acknowledged(number, keeps))

    def forget(self, number: str, keeps: Iterable[int]) -> None:
        """Keep these no longer."""
        for keep in keeps:
            event = self._world.phone(number).kept.pop(keep, None)
            if isinstance(event, events.Incoming):
                self._world.mail.sayings[event.wire_id].acknowledged = True

    def mark_read(self, wire_ids: tuple[str, ...]) -> None:
        """The channel's operator has read these."""
        self._world.mail.mark_read(wire_ids)
        self._note(OperatorRead(wire_ids))

    # --- From people -----------------------------------------------------------------------

    def say(
        self,
        person: str,
        to: str,
        text: str | None,
        *,
        content: Content | None = None,
        quoted: str | None = None,
        chat: str | None = None,
    ) -> str:
        """A person writes to a channel, or in a group that it is in too; the message's id."""
        event = events.Incoming(
            wire_id=_wire_id(),
            chat=chat or person,
            author=person,
            author_name=f"Person {person[-4:]}",
            text=text,
            content=content,
            quoted_wire_id=quoted,
            sent_at=self._clock.now(),
        )
        self._keep(to, event)
        return event.wire_id

    def alter_saying(self, person: str, wire_id: str, text: str | None) -> bool:
        """A person edits, or (None) takes back, what it said; False when it never said that."""
        saying = self._world.mail.sayings.get(wire_id)
        if saying is None or saying.person != person:
            return False
        now = self._clock.now()
        self._keep(
            saying.to,
            events.Revoked(wire_id=wire_id, chat=person, author=person, at=now)
            if text is None
            else events.Edited(wire_id=wire_id, chat=person, author=person, text=text, at=now),
        )
        return True

    def react(self, person: str, to: str, target: str, emoji: str | None) -> bool:
        """A person puts an emoji on a message of the talk with a channel, or (None) takes it off."""
        return self._reacted(person, to, person, target, emoji)

    def react_on_phone(self, number: str, to: str, target: str, emoji: str | None) -> bool:
        """The number's owner does so on the phone itself; Houston only hears of it."""
        return self._reacted(to, number, "", target, emoji)

    def _reacted(
        self, person: str, number: str, author: str, target: str, emoji: str | None
    ) -> bool:
        if not self._world.mail.can_react(number, person, target):
            return False
        event = events.Reacted(
            wire_id=target,
            chat=person,
            author=author,
            author_name=f"Person {person[-4:]}" if author else None,
            emoji=emoji,
            at=self._clock.now(),
        )
        self._keep(number, event)
        return True

    def type_on_phone(self, number: str, to: str, text: str) -> str:
        """The number's owner writes on the phone itself; Houston only hears of it."""
        now, wire_id = self._clock.now(), _wire_id()
        self._keep(number, events.Echoed(wire_id=wire_id, chat=to, text=text, sent_at=now))
        typed = Arrival(id=wire_id, key=wire_id, sender=number, text=text, at=now, typed=True)
        self._deliver(to, typed)
        return wire_id

    def read(self, reader: str, sender: str | None) -> int:
        """The person reads everything, or all that one number wrote; how many messages."""
        found = self._world.mail.read(reader, sender)
        self._note(PersonRead(reader, sender))
        for number, arrivals in found.items():
            ours = tuple(message.id for message in arrivals if not message.typed)
            self._receipts(number, reader, ours, ReceiptKind.READ)
        return sum(map(len, found.values()))

    def switch(self, phone: str, *, online: bool | None = None, absent: bool | None = None) -> None:
        """A person's phone goes off or on, or its number leaves or joins WhatsApp."""
        person, now = self._world.mail.person(phone), self._clock.now()
        online = person.online if online is None else online
        absent = person.absent if absent is None else absent
        self._note(PersonNoted(phone, online, absent, now))
        for message in self._world.mail.switch(phone, online=online, absent=absent, now=now):
            if not message.typed:
                self._receipts(message.sender, phone, (message.id,), ReceiptKind.DELIVERED)

    # --- What WhatsApp keeps until Houston acknowledges it ---------------------------------

    def _receipts(
        self, number: str, person: str, wire_ids: tuple[str, ...], kind: ReceiptKind
    ) -> None:
        if wire_ids:
            at = self._clock.now()
            self._keep(number, events.Receipt(wire_ids=wire_ids, chat=person, kind=kind, at=at))

    def _keep(self, number: str, event: events.MessageEvent) -> None:
        keep = self._next_keep
        body = msgspec.Raw(msgspec.json.encode(event))
        self._note(Kept(number, keep, type(event).__name__, body))
        self.keep_again(number, keep, event)
        self._world.tell(self._world.phone(number), keep, event)

    def keep_again(self, number: str, keep: int, event: events.MessageEvent) -> None:
        """Keep an event, without telling anybody: also how the journal puts it back."""
        self._world.phone(number).kept[keep] = event
        self._next_keep = max(self._next_keep, keep + 1)
        if isinstance(event, events.Reacted):
            who = event.author or number
            self._world.mail.react(number, event.wire_id, who, event.emoji)
        if isinstance(event, events.Incoming):
            person, at = event.author, event.sent_at
            self._world.mail.person(person)
            self._world.mail.sayings[event.wire_id] = Saying(
                id=event.wire_id, person=person, to=number, text=event.text, at=at
            )

    def _count(self, tally: Tally) -> None:
        self._note(Counted(tally))
        self._world.mail.count(tally)


def _wire_id() -> str:
    return "SIM" + secrets.token_hex(10).upper()
