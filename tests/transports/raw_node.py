"""A node that speaks the wire's own frames, so that a test can misbehave as no transport would."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import websockets
from websockets.asyncio.client import ClientConnection

from houston.transports.simulated_whatsapp.wire_protocol import (
    PATH,
    FromNode,
    FromWhatsApp,
    packed,
    unpack_from_whatsapp,
)

Frame = TypeVar("Frame", bound=FromWhatsApp)


@dataclass
class RawNode:
    """One connection."""

    socket: ClientConnection

    @staticmethod
    @asynccontextmanager
    async def at(url: str) -> "AsyncIterator[RawNode]":
        address = url.replace("http", "ws", 1) + PATH
        async with websockets.connect(address, proxy=None) as socket:
            yield RawNode(socket)

    async def say(self, *frames: FromNode) -> None:
        for data in packed(list(frames)):
            await self.socket.send(data)

    async def hears(self, kind: type[Frame], which: Callable[[Frame], bool]) -> Frame:
        """The next frame of that kind; the others are let pass."""
        while True:
            data = await self.socket.recv()
            assert isinstance(data, bytes)
            for frame in unpack_from_whatsapp(data):
                if isinstance(frame, kind) and which(frame):
                    return frame
