"""Names of things: a type of its own for each, so that two ids can never be swapped unseen."""

from typing import NewType
from uuid import UUID

from uuid_utils.compat import NAMESPACE_URL, uuid5, uuid7

AccountId = NewType("AccountId", UUID)
ChannelId = NewType("ChannelId", UUID)
ChatId = NewType("ChatId", UUID)
MessageId = NewType("MessageId", UUID)
EndpointId = NewType("EndpointId", UUID)
KeyId = NewType("KeyId", UUID)
PersonId = NewType("PersonId", UUID)
TemplateId = NewType("TemplateId", UUID)
FileId = NewType("FileId", UUID)
ConnectionId = NewType("ConnectionId", UUID)
NodeId = NewType("NodeId", int)

_CHATS = uuid5(NAMESPACE_URL, "houston:chat")


def new_id() -> UUID:
    """A UUIDv7: unique everywhere and sorted by the time of its making, which keeps indexes small."""
    return uuid7()


def chat_id(channel: ChannelId, address: str) -> ChatId:
    """The chat that a channel has with an address.

    It is computed, not looked up, so that accepting a message needs no read of the chat first.
    """
    return ChatId(uuid5(_CHATS, f"{channel}/{address}"))
