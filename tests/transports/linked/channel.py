"""A channel on a linked device as the supervisor drives it, with an ear that keeps what a server would."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field

from houston.kernel.ids import ChannelId, new_id
from houston.transports import events
from houston.transports.linked import LinkedTransport
from houston.transports.transport import (
    Number,
    Outgoing,
    Pair,
    Resume,
    SendResult,
    Unknown,
    Wire,
)
from tests.transports.ear import Ear
from tests.transports.linked.played import LinkedHarness


class Keeping(Ear):
    """An ear that stores the keys as the server does: always the newest, or (refusing) none."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = b""
        self.refuses_keys = False

    def __call__(self, event: events.Event) -> Awaitable[None]:
        if isinstance(event, events.KeysChanged) and self.refuses_keys:
            refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            refused.set_exception(RuntimeError("another node holds the channel"))
            return refused
        if isinstance(event, events.KeysChanged | events.Paired):
            self.keys = event.credentials
        return super().__call__(event)


@dataclass
class Channel:
    transport: LinkedTransport
    phone: str
    id: ChannelId = field(default_factory=lambda: ChannelId(new_id()))
    ear: Keeping = field(default_factory=Keeping)
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.wire = self.transport.wire(Number(self.id, self.phone), self.ear)

    def resume(self) -> Resume:
        return Resume(self.ear.keys)

    async def connect(self) -> None:
        self.ear.forget()
        await self.wire.start(self.resume())
        await self.ear.hears(events.BacklogEnded)

    async def settled(self, message: Outgoing, result: SendResult | None = None) -> SendResult:
        """What the sender would come to: an unknown outcome is asked after."""
        found = result or await self.wire.send(message)
        return found if not isinstance(found, Unknown) else await self.wire.resolve(message)


async def online(harness: LinkedHarness, phone: str | None = None) -> Channel:
    phone = phone or harness.phone
    made = Channel(harness.transport, phone)
    await made.wire.start(Pair())
    await harness.scan(phone, (await made.ear.hears(events.QrShown)).code)
    await made.ear.hears(events.Paired)
    await made.connect()
    return made


async def revived(one: Channel) -> None:
    """What the supervisor does when a channel's worker has died."""
    await one.ear.hears(events.Offline)
    heard = list(one.ear.heard)
    await one.connect()
    one.ear.heard[:0] = heard


async def until_text(harness: LinkedHarness, text: str) -> None:
    async with asyncio.timeout(60):
        while text not in await harness.texts():
            await asyncio.sleep(0.02)
