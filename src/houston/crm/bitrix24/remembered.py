"""What is kept of a portal beside its keys: its lines, employees' tokens, and what Houston itself said."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from houston.crm.connector import Connection
from houston.kernel.ids import ChannelId, ConnectionId, MessageId

LINE: Final = "line "
USER: Final = "user "
CHANGED: Final = "changed "
TOLD: Final = "told "
SAID: Final = "said "
_ECHO_WITHIN: Final = timedelta(minutes=10)
_SAID_MAX: Final = 20


class Token(msgspec.Struct, frozen=True):
    """What an employee's own call gave: it opens the chats that they are in, for an hour."""

    token: str
    until: float


class Told(msgspec.Struct, frozen=True):
    """The last words of Houston's own in a chat. `key` says on which occasion."""

    key: str
    text: str
    done: bool


class Said(msgspec.Struct, frozen=True):
    """What was written on the phone and shown in the portal under an employee's name."""

    message: MessageId
    text: str
    at: datetime


def encoded(value: msgspec.Struct | list[Said]) -> str:
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
    kept = connection.memory.known.get(f"{TOLD}{chat}")
    return msgspec.json.decode(kept, type=Told) if kept else None


def said_to(connection: Connection, chat: str, now: datetime) -> list[Said]:
    """What may still come back from a client's chat."""
    kept = connection.memory.known.get(f"{SAID}{chat}")
    found = msgspec.json.decode(kept, type=list[Said]) if kept else []
    return [one for one in found if one.at > now - _ECHO_WITHIN][-_SAID_MAX:]
