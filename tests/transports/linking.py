"""The ways of a test into a linked, connected wire."""

from dataclasses import dataclass
from itertools import count

import pytest

from houston.kernel.ids import ChannelId, new_id
from houston.transports import events
from houston.transports.transport import (
    Number,
    Outgoing,
    OutgoingKind,
    Pair,
    Resume,
    Transport,
    Wire,
)
from tests.transports.ear import Ear
from tests.transports.harness import Harness

_numbers = count(1)


@dataclass
class Line:
    """A wire, who hears it, and the keys that pairing gave."""

    wire: Wire
    ear: Ear
    keys: bytes = b""

    async def connect(self) -> None:
        """Resume, and wait until all that waited was handed over."""
        self.ear.forget()
        await self.wire.start(Resume(self.keys))
        await self.ear.hears(events.BacklogEnded)


def line(transport: Transport, phone: str, keys: bytes = b"") -> Line:
    ear = Ear()
    return Line(transport.wire(Number(ChannelId(new_id()), phone), ear), ear, keys)


async def linked(harness: Harness, phone: str | None = None) -> Line:
    """A line that has its keys and is not connected."""
    phone = phone or harness.phone
    made = line(harness.transport, phone)
    await made.wire.start(Pair())
    await harness.scan(phone, (await made.ear.hears(events.QrShown)).code)
    made.keys = (await made.ear.hears(events.Paired)).credentials
    await made.wire.stop()
    return made


async def connected(harness: Harness, phone: str | None = None) -> Line:
    made = await linked(harness, phone)
    await made.connect()
    return made


def words(
    to: str,
    text: str | None = "hello",
    *,
    kind: OutgoingKind = OutgoingKind.SAY,
    target: str | None = None,
    target_author: str = "",
    first_contact: bool = False,
) -> Outgoing:
    """A message that was never sent before."""
    number = next(_numbers)
    return Outgoing(
        key=str(new_id()),
        wire_id=f"WIRE{number:08}",
        chat=to,
        kind=kind,
        text=text,
        target_wire_id=target,
        target_author=target_author,
        first_contact=first_contact,
    )


def needs(harness: Harness, capability: str) -> None:
    """Ask no transport for what it says that it cannot do."""
    if not getattr(harness.transport.capabilities, capability):
        pytest.skip(f"this transport has no {capability}")


async def seen(harness: Harness) -> list[str]:
    """The texts that reached the person."""
    return [arrival["text"] for arrival in await harness.inbox(harness.person)]
