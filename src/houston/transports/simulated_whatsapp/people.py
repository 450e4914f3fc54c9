"""The people of the simulated WhatsApp: what exactly reached each of them, and what they said.

These are books of their own: they judge by what arrived, never by what Houston says it did.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

_NUMBERED: Final = re.compile(r"#(\d+)$")


@dataclass(slots=True, kw_only=True)
class Arrival:
    """A message as a person sees it."""

    id: str
    key: str
    """Houston's own id of it: the same at every attempt, whatever the wire's id is."""
    sender: str
    text: str | None
    content_uri: str | None = None
    quoted: str | None = None
    at: datetime
    """When it reached the person; until then, when WhatsApp took it."""
    typed: bool = False
    """It was typed on the channel's phone: not Houston's doing, and in none of its tallies."""
    edited: bool = False
    revoked: bool = False
    read: bool = False
    reactions: dict[str, str] = field(default_factory=dict)
    """Whose emoji stands on it, by their numbers."""


@dataclass(slots=True, kw_only=True)
class Saying:
    """What a person wrote to a channel."""

    id: str
    person: str
    to: str
    text: str | None
    at: datetime
    acknowledged: bool = False
    """Houston says that it has stored it."""
    read: bool = False
    reactions: dict[str, str] = field(default_factory=dict)
    """Whose emoji stands on it, by their numbers."""


@dataclass(slots=True)
class Person:
    """Somebody with a phone number."""

    phone: str
    online: bool = True
    absent: bool = False
    """The number is not on WhatsApp."""
    inbox: list[Arrival] = field(default_factory=list)
    """What reached the person, in the order of arrival."""
    waiting: list[Arrival] = field(default_factory=list)
    """What WhatsApp took while the person's phone was off."""


@dataclass(slots=True)
class Tallies:
    """The sums of the books."""

    accepted: int = 0
    """Different messages that WhatsApp took from Houston, whether or not the acknowledgement came back."""
    delivered: int = 0
    """Those of them that reached a person."""
    repeats: int = 0
    """Messages that reached a person again under another id: seen twice, which must never happen."""
    same_id_repeats: int = 0
    """Messages handed over again under the same id: acknowledged again, and nobody saw them twice."""
    reordered: int = 0
    """Messages ending in `#n` that reached a person after one of the same chat with a higher n."""
    refused: int = 0
    """Attempts that were answered with a refusal."""
    refused_replaced: int = 0
    """Those of them that came over a stream which a newer one had replaced."""


Tally = Literal["same_id_repeats", "refused", "refused_replaced"]
"""The sums that no message leaves behind; the others are computed anew from the journal."""


class Mail:
    """Delivers, and keeps the books on it."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.sayings: dict[str, Saying] = {}
        self.tallies = Tallies()
        self._by_id: dict[tuple[str, str], Arrival] = {}
        self._reacted: set[tuple[str, str]] = set()
        """Under which ids a channel has reacted."""
        self._first_ids: dict[tuple[str, str], str] = {}
        """Under which id a key first reached a person."""
        self._highest: defaultdict[tuple[str, str], int] = defaultdict(lambda: -1)

    def person(self, phone: str) -> Person:
        """Whoever is named for the first time exists from then on."""
        return self.people.setdefault(phone, Person(phone))

    def knows(self, sender: str, wire_id: str) -> bool:
        return (sender, wire_id) in self._by_id or (sender, wire_id) in self._reacted

    def count(self, tally: Tally) -> None:
        setattr(self.tallies, tally, getattr(self.tallies, tally) + 1)

    def take(self, to: str, message: Arrival) -> bool:
        """Take a message that is not known yet; whether it reached the person at once."""
        self._by_id[message.sender, message.id] = message
        self.tallies.accepted += not message.typed
        person = self.person(to)
        if person.online:
            self._arrive(person, message)
        else:
            person.waiting.append(message)
        return person.online

    def switch(self, phone: str, *, online: bool, absent: bool, now: datetime) -> list[Arrival]:
        """Change how a person is; what thereby reached them."""
        person = self.person(phone)
        person.online, person.absent = online, absent
        if not online:
            return []
        arrived, person.waiting = person.waiting, []
        for message in arrived:
            message.at = now
            self._arrive(person, message)
        return arrived

    def alter(self, sender: str, wire_id: str, target: str, text: str | None) -> bool:
        """Give a message another text, or (None) take it back; False when there is none."""
        message = self._by_id.get((sender, target))
        if message is None:
            return False
        self._by_id[sender, wire_id] = message
        message.text = text
        if text is None:
            message.content_uri, message.revoked = None, True
        else:
            message.edited = True
        return True

    def can_react(self, number: str, person: str | None, target: str) -> bool:
        """Whether it is a message of a channel's talk with a person; None is with anybody."""
        return self._reactions(number, person, target) is not None

    def react(self, number: str, target: str, who: str, emoji: str | None) -> None:
        """Put somebody's emoji on a message of a channel's talk, in place of their earlier one."""
        reactions = self._reactions(number, None, target)
        if reactions is not None:
            reactions.pop(who, None)
            if emoji:
                reactions[who] = emoji

    def react_under(self, number: str, wire_id: str, target: str, emoji: str | None) -> None:
        """The same for a channel, by a message that WhatsApp knows from now on."""
        self._reacted.add((number, wire_id))
        self.react(number, target, number, emoji)

    def _reactions(self, number: str, person: str | None, target: str) -> dict[str, str] | None:
        arrival, saying = self._by_id.get((number, target)), self.sayings.get(target)
        if saying is not None and saying.to == number and person in (None, saying.person):
            return saying.reactions
        theirs = person is None or any(one is arrival for one in self.person(person).inbox)
        return arrival.reactions if arrival is not None and theirs else None

    def read(self, phone: str, sender: str | None) -> dict[str, list[Arrival]]:
        """The person reads everything, or all that one number wrote; what was unread, by sender."""
        found: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in self.person(phone).inbox:
            if not arrival.read and sender in (None, arrival.sender):
                arrival.read = True
                found[arrival.sender].append(arrival)
        return found

    def mark_read(self, wire_ids: tuple[str, ...]) -> None:
        """The channel's operator has read what people said."""
        for wire_id in wire_ids:
            if wire_id in self.sayings:
                self.sayings[wire_id].read = True

    def _arrive(self, person: Person, message: Arrival) -> None:
        person.inbox.append(message)
        if message.typed:
            return
        self.tallies.delivered += 1
        first = self._first_ids.setdefault((person.phone, message.key), message.id)
        self.tallies.repeats += first != message.id
        self._judge_order(person.phone, message)

    def _judge_order(self, to: str, message: Arrival) -> None:
        numbered = _NUMBERED.search(message.text or "")
        if numbered is not None:
            number, chat = int(numbered[1]), (message.sender, to)
            self.tallies.reordered += number < self._highest[chat]
            self._highest[chat] = max(self._highest[chat], number)
