"""That somebody writes in a chat just now: what is said of it among nodes and to whoever has Houston open.

It is no fact. It is kept nowhere and has no place in the feed; whoever hears nothing more of it forgets it.
"""

from typing import Final
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid5

from houston.kernel.ids import AccountId, ChannelId, ChatId, PersonId
from houston.people.rules import Caller, Doing, may

KIND: Final = "presence"


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """One word of it, with what decides who may hear it."""

    account: AccountId
    channel: ChannelId
    chat: ChatId
    address: str
    owner: PersonId | None
    operator: UUID
    name: str
    writing: bool

    def is_for(self, caller: Caller) -> bool:
        """Whether somebody of the account hears it: who may read that chat, and is not the one who writes."""
        return (
            self.operator != operator_of(caller)
            and caller.sees_chat(self.address)
            and may(caller, Doing.READ, self.channel, self.owner)
        )


class _Told(msgspec.Struct, frozen=True):
    """What is told of it. The shape is that of a fact, without the place and the time of one."""

    kind: str
    channel_id: ChannelId
    body: "_Body"


class _Body(msgspec.Struct, frozen=True):
    chat_id: ChatId
    operator_id: UUID
    name: str
    writing: bool


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Presence)


def operator_of(caller: Caller) -> UUID:
    """One and the same for somebody in all of their browsers."""
    if caller.window is None:
        return caller.who
    return uuid5(caller.who, caller.window.user)


def worded(presence: Presence) -> str:
    """As one node says it to another."""
    return _encoder.encode(presence).decode()


def heard(word: str) -> Presence:
    return _decoder.decode(word)


def frame(presence: Presence) -> bytes:
    """As the stream tells it. Without an `id:` the browser's place in the feed stays where it is."""
    body = _Body(presence.chat, presence.operator, presence.name, presence.writing)
    data = _encoder.encode(_Told(KIND, presence.channel, body))
    return b"event: %b\ndata: %b\n\n" % (KIND.encode(), data)
