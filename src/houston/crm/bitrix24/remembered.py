"""What is kept of a portal beside its keys: its lines, employees' tokens, and what Houston itself said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from houston.crm.connector import Connection
from houston.kernel.ids import ChannelId, ConnectionId, MessageId

LINE: Final = "line "
USER: Final = "user "
CHANGED: Final = "changed "
_TOLD: Final = "told"
_SAID: Final = "said"
_ECHO_WITHIN: Final = timedelta(minutes=10)
_LAST: Final = 200
"""All of the memory is read at every step, so what grows with the chats is kept of the last ones only."""


class Token(msgspec.Struct, frozen=True):
    """What an employee's own call gave: it opens the chats that they are in, for an hour."""

    token: str
    until: float


class Told(msgspec.Struct, frozen=True):
    """The last words of Houston's own in a chat. `key` says on which occasion."""

    chat: str
    key: str
    text: str
    done: bool


class Said(msgspec.Struct, frozen=True):
    """What was written on the phone and shown in the portal under an employee's name."""

    client: str
    message: MessageId
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A chat of the portal, and under which id of ours it knows the client there.

    The client's id stays as it was given first, for by it the portal finds the chat: a hidden number that
    becomes known begins no new one.
    """

    chat: str
    client: str

    def __str__(self) -> str:
        """As it is kept."""
        return f"{self.chat} {self.client}"


def place_of(theirs: str | None, address: str) -> Place:
    """A kept place; without one, the chat that the portal will make for the address."""
    chat, _, client = (theirs or "").partition(" ")
    return Place(chat, client or address)


def encoded(value: msgspec.Struct | list[Told] | list[Said]) -> str:
    return msgspec.json.encode(value).decode()


def connector_id(connection: ConnectionId) -> str:
    """Lower case, and no other app's: a portal knows connectors by these words alone."""
    return f"houston_{connection.hex[-12:]}"


def lines(connection: Connection) -> Mapping[str, str]:
    """Which channel each open line is attached to."""
    known = connection.memory.known
    return {name.removeprefix(LINE): of for name, of in known.items() if name.startswith(LINE)}


def line_of(connection: Connection, channel: ChannelId) -> str | None:
    return next((line for line, of in lines(connection).items() if of == str(channel)), None)


def channel_of(connection: Connection, line: str) -> ChannelId | None:
    """A connection with one channel has no choice, whether anybody has attached the line or not."""
    found = lines(connection).get(line)
    for channel in connection.channels:
        if str(channel) == found or len(connection.channels) == 1:
            return channel
    return None


def token_of(connection: Connection, user: str, now: datetime) -> str | None:
    kept = connection.memory.known.get(f"{USER}{user}")
    found = msgspec.json.decode(kept, type=Token) if kept else None
    return found.token if found is not None and found.until > now.timestamp() else None


def told_in(connection: Connection, chat: str) -> Told | None:
    return next((one for one in _told(connection) if one.chat == chat), None)


async def keep_told(connection: Connection, told: Told) -> None:
    others = [one for one in _told(connection) if one.chat != told.chat]
    await connection.memory.keep(_TOLD, encoded([*others, told][-_LAST:]))


async def forget_told(connection: Connection, key: str) -> None:
    """What was told on an occasion that is over. When it comes again, it is told again."""
    told = _told(connection)
    left = [one for one in told if one.key != key]
    if len(left) < len(told):
        await connection.memory.keep(_TOLD, encoded(left))


def _told(connection: Connection) -> list[Told]:
    kept = connection.memory.known.get(_TOLD)
    return msgspec.json.decode(kept, type=list[Told]) if kept else []


def said_to(connection: Connection, client: str, now: datetime) -> list[Said]:
    """What may still come back from a client's chat."""
    return [one for one in _said(connection, now) if one.client == client]


async def keep_said(connection: Connection, said: Said) -> None:
    others = [one for one in _said(connection, said.at) if one.message != said.message]
    await connection.memory.keep(_SAID, encoded([*others, said][-_LAST:]))


def _said(connection: Connection, now: datetime) -> list[Said]:
    kept = connection.memory.known.get(_SAID)
    found = msgspec.json.decode(kept, type=list[Said]) if kept else []
    return [one for one in found if one.at > now - _ECHO_WITHIN]
