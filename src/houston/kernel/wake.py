"""Wake-ups between the parts of Houston: in memory at home, by NOTIFY to other nodes.

A wake-up is only a hint that saves waiting. Whoever listens also looks by itself now and then, so a
lost one delays and never loses. What is of this moment alone takes the same way, and a lost word of it is
lost.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from uuid import UUID

import asyncpg
import msgspec
import structlog

from houston.kernel.clock import Clock
from houston.kernel.db import LOST, Database
from houston.kernel.node import Node

log = structlog.get_logger(__name__)

_POSTGRES_CHANNEL = "houston"
_IDS_PER_NOTE = 150  # A note of PostgreSQL holds less than 8,000 bytes.


class Topic(StrEnum):
    """What there may be work for."""

    QUEUE = "queue"
    """Messages wait in these channels."""
    CHANNEL = "channel"
    """People changed what they want of these channels."""
    MERGED = "merged"
    """In the channel of the first id, the chat of the second is now part of the chat of the third."""
    FEED = "feed"
    """There are new facts."""
    BOOKS = "books"
    """CRMs changed what they keep here of these accounts: users, contacts, roles."""
    NOTICE = "notice"
    """There is something to tell curators."""
    PRESENCE = "presence"
    """Somebody writes in a chat, or has stopped. It is said, not rung: there is nothing to look at."""


class _Note(msgspec.Struct, frozen=True):
    node: int
    topic: Topic
    ids: list[UUID] = []
    said: str | None = None


Ring = Callable[[Sequence[UUID]], None]
Ear = Callable[[str], None]


class Wakes:
    """Tells every listener, here and on other nodes, that there may be work."""

    def __init__(self, database: Database, node: Node, clock: Clock) -> None:
        self._database = database
        self._node = node
        self._clock = clock
        self._rings: dict[Topic, list[Ring]] = {topic: [] for topic in Topic}
        self._ears: dict[Topic, list[Ear]] = {topic: [] for topic in Topic}

    def on(self, topic: Topic, ring: Ring) -> None:
        """Call `ring` with the ids concerned; no ids means: look at everything."""
        self._rings[topic].append(ring)

    def hear(self, topic: Topic, ear: Ear) -> None:
        """Call `ear` with each word that is said, here or on another node."""
        self._ears[topic].append(ear)

    def here(self, topic: Topic, ids: Sequence[UUID] = ()) -> None:
        """Wake only this process."""
        for ring in self._rings[topic]:
            ring(ids)

    async def everywhere(self, topic: Topic, ids: Sequence[UUID] = ()) -> None:
        """Wake all nodes. Called after the commit: inside it, NOTIFY makes all commits queue up."""
        self.here(topic, ids)
        if not self._node.others:
            return
        for start in range(0, max(len(ids), 1), _IDS_PER_NOTE):
            some = list(ids[start : start + _IDS_PER_NOTE])
            await self._notify(_Note(self._node.id, topic, some))

    async def say(self, topic: Topic, word: str) -> None:
        """Say something of this moment to all nodes, in one note: some hundred bytes."""
        self._hear(topic, word)
        if self._node.others:
            await self._notify(_Note(self._node.id, topic, said=word))

    async def _notify(self, note: _Note) -> None:
        try:
            async with self._database.single() as tx:
                await tx.execute("select pg_notify($1, $2)", _POSTGRES_CHANNEL, _encode(note))
        except LOST as error:
            log.warning("wake_not_sent", topic=note.topic, error=str(error))

    async def listen(self) -> None:
        """One turn of the loop that hears other nodes: until the connection is lost."""
        connection = await asyncpg.connect(self._database.dsn, timeout=10)
        try:
            await connection.add_listener(_POSTGRES_CHANNEL, self._heard)
            for topic in Topic:
                self.here(
                    topic
                )  # What was said while nobody listened is unknown: look at everything.
            while not connection.is_closed():
                await self._clock.sleep(1)
        finally:
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        note = msgspec.json.decode(str(payload), type=_Note)
        if note.node == self._node.id:
            return
        if note.said is None:
            self.here(note.topic, note.ids)
        else:
            self._hear(note.topic, note.said)

    def _hear(self, topic: Topic, word: str) -> None:
        for ear in self._ears[topic]:
            ear(word)


def _encode(note: _Note) -> str:
    return msgspec.json.encode(note).decode()
