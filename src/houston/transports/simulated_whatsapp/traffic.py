"""Messages between Houston and the simulated people, both ways, with receipts."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from houston.kernel.clock import Clock, seeded_chance
from houston.transports import events
from houston.transports.events import ReceiptKind
from houston.transports.simulated_whatsapp.people import Arrival, Person
from houston.transports.simulated_whatsapp.phones import Phone, Stream
from houston.transports.simulated_whatsapp.wire_protocol import Send
from houston.transports.simulated_whatsapp.world import Later, Note, World
from houston.transports.transport import NotSent, OutgoingKind, Retry, SendResult, Sent

Answer = Callable[[SendResult], None]

_NO_PHONE = NotSent(retry=Retry.WHEN_ONLINE, code="phone_unavailable", text="The phone is away")
_REPLACED = NotSent(retry=Retry.WHEN_ONLINE, code="replaced", text="A newer stream has the number")
_ABSENT = NotSent(retry=Retry.NEVER, code="not_on_whatsapp", text="The number is not on WhatsApp")
_GONE = NotSent(
    retry=Retry.NEVER, code="no_such_message", text="There is no such message to change"
)


class Traffic:
    """Carries messages through the world."""

    def __init__(self, world: World, clock: Clock, later: Later, note: Note) -> None:
        self._world = world
        self._clock = clock
        self._later = later
        self._note = note
        self._chance = seeded_chance(0)
        self._next_keep = 1

    def seed(self, seed: int) -> None:
        """Begin the luck of acknowledgements and refusals anew."""
        self._chance = seeded_chance(seed)

    # --- From Houston ----------------------------------------------------------------------

    def send(self, number: str, stream: Stream, frame: Send, answer: Answer) -> None:
        """A message is handed over. No answer at all is one of the things that may happen."""
        phone, network = self._world.phone(number), self._world.network
        if phone.silent or not network.up:
            return
        refused = self._refusal(phone, stream, frame)
        if refused is not None:
            self._world.mail.tallies.refused += 1
            self._after_latency(lambda: answer(refused))
            return
        result = self._take(phone, frame)
        if self._chance.random() >= network.lose_ack_rate:
            self._after_latency(lambda: answer(result))

    def _refusal(self, phone: Phone, stream: Stream, frame: Send) -> NotSent | None:
        now = self._clock.now()
        if phone.stream is not stream:
            return _REPLACED
        if not phone.online:
            return _NO_PHONE
        if (
            frame.first_contact
            and phone.restricted_until is not None
            and phone.restricted_until > now
        ):
            return NotSent(
                retry=Retry.WHEN_ALLOWED,
                code="463",
                text="The number may not start new chats",
                not_before=phone.restricted_until,
            )
        if self._chance.random() < self._world.network.refuse_rate:
            later = now + timedelta(seconds=1)
            return NotSent(retry=Retry.LATER, code="refused", text="Try later", not_before=later)
        return _ABSENT if self._world.mail.person(frame.chat).absent else None

    def _take(self, phone: Phone, frame: Send) -> SendResult:
        now, mail = self._clock.now(), self._world.mail
        match OutgoingKind(frame.kind), frame.target_wire_id:
            case OutgoingKind.EDIT, str(target):
                if not mail.edit(phone.number, target, frame.text or ""):
                    return _GONE
                self._note("edited", {"from": phone.number, "id": target, "text": frame.text or ""})
            case OutgoingKind.REVOKE, str(target):
                if not mail.revoke(phone.number, target):
                    return _GONE
                self._note("revoked", {"from": phone.number, "id": target})
            case _:
                self._deliver(phone, frame, now)
        return Sent(frame.wire_id, now)

    def _deliver(self, phone: Phone, frame: Send, now: datetime) -> None:
        arrival = Arrival(
            frame.wire_id, frame.key, phone.number, frame.text, frame.content_uri, now
        )
        if self._world.mail.deliver(frame.chat, arrival):
            self._note("arrived", arrived(frame.chat, arrival))
        # A repeat gets its receipt as well: perhaps the first one was lost.
        receipt = events.Receipt(
            wire_ids=(frame.wire_id,), chat=frame.chat, kind=ReceiptKind.DELIVERED, at=now
        )
        self._after_latency(lambda: self._keep(phone, receipt))

    def resolve(self, number: str, wire_id: str, answer: Answer) -> None:
        """Was this message ever taken?"""
        phone = self._world.phone(number)
        if phone.silent or not self._world.network.up:
            return
        if self._world.mail.knows(number, wire_id):
            answer(Sent(wire_id, self._clock.now()))
        else:
            answer(NotSent(retry=Retry.NOW, code="never_arrived", text="WhatsApp never saw it"))

    def is_alive(self, number: str, stream: Stream) -> bool:
        """Whether a probe is answered."""
        phone = self._world.phone(number)
        return (
            self._world.network.up and not phone.silent and phone.online and phone.stream is stream
        )

    def acknowledge(self, number: str, keeps: list[int]) -> None:
        """Houston has stored these."""
        phone = self._world.phone(number)
        for keep in keeps:
            phone.kept.pop(keep, None)
        self._note("acknowledged", {"phone": number, "keeps": keeps})

    # --- To Houston ------------------------------------------------------------------------

    def say(self, person: str, to: str, text: str) -> str:
        """A person writes to a channel; the message's id."""
        self._world.mail.person(person)
        event = events.Incoming(
            wire_id=_wire_id(),
            chat=person,
            author=person,
            author_name=f"Person {person[-4:]}",
            text=text,
            sent_at=self._clock.now(),
        )
        self._keep(self._world.phone(to), event)
        return event.wire_id

    def type_on_phone(self, number: str, to: str, text: str) -> str:
        """The number's owner writes on the phone itself; Houston only hears of it."""
        phone, now = self._world.phone(number), self._clock.now()
        wire_id = _wire_id()
        arrival = Arrival(wire_id, wire_id, number, text, None, now)
        self._world.mail.deliver(to, arrival)
        self._note("arrived", arrived(to, arrival))
        self._keep(phone, events.Echoed(wire_id=wire_id, chat=to, text=text, sent_at=now))
        return wire_id

    def read(self, reader: Person, channel: str | None) -> int:
        """The person reads everything, or only what one channel wrote; how many messages."""
        found = self._world.mail.unread(reader, channel)
        for sender, arrivals in found.items():
            for arrival in arrivals:
                arrival.read = True
            receipt = events.Receipt(
                wire_ids=tuple(arrival.id for arrival in arrivals),
                chat=reader.phone,
                kind=ReceiptKind.READ,
                at=self._clock.now(),
            )
            self._note("read", {"phone": reader.phone, "sender": sender})
            self._keep(self._world.phone(sender), receipt)
        return sum(map(len, found.values()))

    def _keep(self, phone: Phone, event: events.MessageEvent) -> None:
        """WhatsApp keeps everything until it is acknowledged, and hands it over if somebody listens."""
        keep = self._next_keep
        self._next_keep += 1
        phone.kept[keep] = event
        self._note("kept", {"phone": phone.number, "keep": keep, "event": event})
        listening = phone.online and not phone.silent and self._world.network.up
        if phone.stream is not None and listening:
            phone.stream.say(event, keep)

    def keep_again(self, number: str, keep: int, event: events.MessageEvent) -> None:
        """Put back what was kept when the books were closed."""
        self._world.phone(number).kept[keep] = event
        self._next_keep = max(self._next_keep, keep + 1)

    def _after_latency(self, do: Callable[[], None]) -> None:
        seconds = self._world.network.latency_ms / 1000
        if seconds:
            self._later(seconds, do)
        else:
            do()


def arrived(to: str, arrival: Arrival) -> dict[str, object]:
    """An arrival as the books write it."""
    return {
        "to": to,
        "id": arrival.id,
        "key": arrival.key,
        "sender": arrival.sender,
        "text": arrival.text,
        "content_uri": arrival.content_uri,
        "at": arrival.at,
    }


def _wire_id() -> str:
    return "SIM" + secrets.token_hex(10).upper()
