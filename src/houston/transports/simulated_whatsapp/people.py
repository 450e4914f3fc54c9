"""The people of the simulated WhatsApp, and what exactly reached each of them."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

_NUMBERED: Final = re.compile(r"#(\d+)$")


@dataclass(slots=True)
class Arrival:
    """A message as a person sees it."""

    id: str
    key: str
    sender: str
    text: str | None
    content_uri: str | None
    at: datetime
    edited: bool = False
    revoked: bool = False
    read: bool = False


@dataclass(slots=True)
class Person:
    """Somebody with a phone number."""

    phone: str
    absent: bool = False
    """The number is not on WhatsApp."""
    inbox: list[Arrival] = field(default_factory=list)


@dataclass(slots=True)
class Tallies:
    """The books: what was accepted, and whether anything reached a person twice or out of order."""

    accepted: int = 0
    """Different messages that WhatsApp took."""
    delivered: int = 0
    """Messages that reached a person."""
    repeats: int = 0
    """Messages that reached a person again under another id: what must never happen."""
    same_id_repeats: int = 0
    """Messages that were handed over again under the same id: harmless, nobody saw them twice."""
    reordered: int = 0
    """Texts that end in `#n` and reached a person after one with a higher n in the same chat."""
    refused: int = 0


class Mail:
    """Delivers, and keeps the books on it."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.tallies = Tallies()
        self._by_id: dict[tuple[str, str], tuple[Person, Arrival]] = {}
        self._ids_of_keys: dict[str, str] = {}
        self._highest: defaultdict[tuple[str, str], int] = defaultdict(lambda: -1)

    def person(self, phone: str) -> Person:
        """Whoever is named for the first time exists from then on."""
        return self.people.setdefault(phone, Person(phone))

    def knows(self, sender: str, wire_id: str) -> bool:
        return (sender, wire_id) in self._by_id

    def deliver(self, to: str, arrival: Arrival) -> bool:
        """Put a message into a person's inbox; False when it is there already."""
        if self.knows(arrival.sender, arrival.id):
            self.tallies.same_id_repeats += 1
            return False
        person = self.person(to)
        person.inbox.append(arrival)
        self._by_id[arrival.sender, arrival.id] = (person, arrival)
        self.tallies.accepted += 1
        self.tallies.delivered += 1
        self.tallies.repeats += self._ids_of_keys.setdefault(arrival.key, arrival.id) != arrival.id
        self._judge_order(to, arrival)
        return True

    def edit(self, sender: str, wire_id: str, text: str) -> bool:
        found = self._by_id.get((sender, wire_id))
        if found is None:
            return False
        found[1].text, found[1].edited = text, True
        return True

    def revoke(self, sender: str, wire_id: str) -> bool:
        found = self._by_id.get((sender, wire_id))
        if found is None:
            return False
        found[1].text, found[1].content_uri, found[1].revoked = None, None, True
        return True

    def unread(self, person: Person, sender: str | None) -> dict[str, list[Arrival]]:
        """What the person has not read yet, by who sent it."""
        found: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in person.inbox:
            if not arrival.read and sender in (None, arrival.sender):
                found[arrival.sender].append(arrival)
        return found

    def _judge_order(self, to: str, arrival: Arrival) -> None:
        numbered = _NUMBERED.search(arrival.text or "")
        if numbered is not None:
            number, chat = int(numbered[1]), (arrival.sender, to)
            self.tallies.reordered += number < self._highest[chat]
            self._highest[chat] = max(self._highest[chat], number)
