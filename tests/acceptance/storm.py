"""Kills Houston, its PostgreSQL, or both, at random moments under load, and lets WhatsApp's books judge.

The caller behaves as an honest one: each message has a reference, and what got no answer is repeated
with the same one until it does. The judge never asks Houston what was sent.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate

import httpx

from tests.acceptance.town import Town, until

CHATS = 20
MESSAGES_MIN = 100
"""A round goes on until so many were accepted, or a slow machine would prove less than a fast one."""


@dataclass
class Verdict:
    """The sum of all rounds; all but the first two must be zero.

    What a person had sent once more, because it was uncertain and had not arrived, is in order among
    its kind only: the chat had gone on without it (law M5).
    """

    rounds: int = 0
    accepted: int = 0
    lost: int = 0
    repeats: int = 0
    reordered: int = 0
    incoming_lost: int = 0
    incoming_doubled: int = 0
    sent_once_more: set[str] = field(default_factory=set)

    @property
    def clean(self) -> bool:
        return not (
            self.lost
            or self.repeats
            or self.reordered
            or self.incoming_lost
            or self.incoming_doubled
        )


@dataclass
class Load:
    """People and operators who talk without pause, and their own notes on it."""

    town: Town
    round: int
    stop: threading.Event = field(default_factory=threading.Event)
    accepted: dict[str, str] = field(default_factory=dict)
    """Text by the id under which Houston promised to send it."""
    said: list[str] = field(default_factory=list)

    def operator(self, chat: int) -> None:
        """Writes numbered messages into one chat, one after the other."""
        number = 0
        while not self.stop.is_set():
            text = f"round {self.round} chat {chat} #{self.round * 10_000 + number}"
            self._send(f"7916000{chat:04}", text)
            number += 1

    def _send(self, person: str, text: str) -> None:
        """Repeats with the same reference until there is an answer, however long Houston is away."""
        channel = self.town.paired["id"]
        while True:
            try:
                answer = self.town.api.send(channel, person, text, client_ref=text)
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            if answer.status_code == 201:
                self.accepted[answer.json()["id"]] = text
                return
            assert answer.status_code in (500, 502, 503), answer.text
            time.sleep(0.05)

    def person(self) -> None:
        """Writes to the channel; WhatsApp keeps it while Houston is away."""
        number = 0
        while not self.stop.is_set():
            text = f"incoming {self.round}/{number}"
            self.town.whatsapp.say(f"7917000{number % CHATS:04}", self.town.paired["phone"], text)
            self.said.append(text)
            number += 1
            time.sleep(0.01)


def rounds(
    town: Town, count: int, seed: int, tell: Callable[[str], None] = lambda _: None
) -> Verdict:
    """So many kills; what came of them."""
    luck, verdict = random.Random(seed), Verdict()
    for number in range(count):
        load = Load(town, number)
        what = luck.choice(("houston", "postgres", "both"))
        _one_round(town, load, what, luck.uniform(0.2, 1.5))
        _judge(town, load, verdict)
        tell(f"round {number + 1}: killed {what}; so far {verdict}")
    return verdict


def _one_round(town: Town, load: Load, what: str, after_seconds: float) -> None:
    operators = [threading.Thread(target=load.operator, args=(chat,)) for chat in range(CHATS)]
    people = threading.Thread(target=load.person)
    for thread in (*operators, people):
        thread.start()
    time.sleep(after_seconds)
    if what in ("postgres", "both"):
        town.kill_postgres()
    if what in ("houston", "both"):
        town.kill_houston()
        town.start()
    time.sleep(0.5)
    until(lambda: len(load.accepted) >= MESSAGES_MIN, what="enough was accepted")
    load.stop.set()
    for thread in (*operators, people):
        thread.join(60)
        assert not thread.is_alive(), "a caller got no answer within a minute"
    town.becomes(town.paired, "ACTIVE")
    queue = f"/channels/{town.paired['id']}/queue"
    until(lambda: town.api.get(queue)["length"] == 0, what="the queue is empty")
    until(
        lambda: town.whatsapp.phone(town.paired["phone"])["waiting"] == 0,
        30,
        "Houston has taken in everything",
    )


def _settle(town: Town, load: Load) -> set[str]:
    """Where a repeat is not harmless, a person who looks at WhatsApp decides what nobody can tell.

    Returns what is sent once more.
    """
    arrived, again = set(_arrived(town)), set[str]()
    for message, text in load.accepted.items():
        if town.api.get(f"/messages/{message}")["status"] == "uncertain":
            body = {"arrived": text in arrived}
            town.api.http.post(f"/messages/{message}/decide", json=body).raise_for_status()
            again |= {text} - arrived
    until(
        lambda: set(load.accepted.values()) <= set(_arrived(town)), 30, "what was accepted arrives"
    )
    return again


def _inboxes(town: Town) -> list[list[str]]:
    books = town.whatsapp.http.get("/books").json()
    return [[arrival["text"] for arrival in inbox] for inbox in books.values()]


def _arrived(town: Town) -> list[str]:
    return [text for inbox in _inboxes(town) for text in inbox]


def _reordered(inbox: list[str]) -> int:
    """How many came although a later one of the same chat was there already."""
    numbers = [int(text.partition("#")[2]) for text in inbox if "#" in text]
    return sum(
        number < highest for number, highest in zip(numbers, accumulate(numbers, max), strict=True)
    )


def _judge(town: Town, load: Load, verdict: Verdict) -> None:
    if not town.capabilities.client_ids:
        verdict.sent_once_more |= _settle(town, load)
    arrived = _arrived(town)
    stats = town.whatsapp.stats()
    stored = _stored(town, f"incoming {load.round}/", at_least=len(load.said))
    verdict.rounds += 1
    verdict.accepted += len(load.accepted)
    verdict.lost += len(set(load.accepted.values()) - set(arrived))
    verdict.repeats = stats["repeats"] + len(arrived) - len(set(arrived))
    verdict.reordered = sum(
        _reordered([text for text in inbox if text not in verdict.sent_once_more])
        for inbox in _inboxes(town)
    )
    verdict.incoming_lost += len(set(load.said) - set(stored))
    verdict.incoming_doubled += len(stored) - len(set(stored))


def _stored(town: Town, beginning: str, at_least: int) -> list[str]:
    """The incoming messages of one round, when the feed has told so many, or tells no more."""
    deadline = time.monotonic() + 15
    while len(told := _told(town, beginning)) < at_least and time.monotonic() < deadline:
        time.sleep(0.2)
    return told


def _told(town: Town, beginning: str) -> list[str]:
    texts: list[str] = []
    after = None
    while True:
        page = town.api.get("/events", limit=1000, **({} if after is None else {"after": after}))
        if not page:
            return texts
        after = page[-1]["id"]
        for event in page:
            text = event["body"].get("text") if event["kind"] == "message.received" else None
            if text and text.startswith(beginning):
                texts.append(text)
