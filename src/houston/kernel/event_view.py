"""A fact as it is given to the outside: pulled, streamed and posted alike."""

from uuid import UUID

import msgspec

from houston.kernel.feed import Event

_encoder = msgspec.json.Encoder()


class EventView(msgspec.Struct, frozen=True):
    """A fact. `id` says where to go on."""

    id: str
    at: msgspec.Raw
    kind: str
    channel_id: UUID | None
    body: msgspec.Raw


def event_view(event: Event) -> EventView:
    at = msgspec.Raw(_encoder.encode(event.at))
    return EventView(str(event.cursor), at, event.kind, event.channel, msgspec.Raw(event.body))
