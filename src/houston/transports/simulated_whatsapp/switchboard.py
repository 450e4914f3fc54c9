"""The socket side of the simulated WhatsApp: nodes connect, each with many streams."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from houston.kernel.clock import Clock
from houston.kernel.loop import Bell, end
from houston.transports import events
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.wire_protocol import (
    Acknowledge,
    Answered,
    Close,
    FromNode,
    FromWhatsApp,
    Open,
    Probe,
    Resolve,
    Send,
    pack,
    said,
    unpack_from_node,
)
from houston.transports.simulated_whatsapp.world import World
from houston.transports.transport import NotSent, SendResult, Sent

Frames = Callable[[FromWhatsApp], None]


class NodeStream:
    """One channel's connection of one node."""

    def __init__(self, opened: Open, frames: Frames) -> None:
        self.number = opened.phone
        self.credentials = opened.credentials
        self._id = opened.stream
        self._frames = frames

    def say(self, event: events.Event, keep: int | None = None) -> None:
        self._frames(said(self._id, event, keep))


class Node:
    """One connected node of Houston."""

    def __init__(self, world: World, traffic: Traffic, clock: Clock) -> None:
        self._world = world
        self._traffic = traffic
        self._clock = clock
        self._streams: dict[int, NodeStream] = {}
        self._out: list[FromWhatsApp] = []
        self._bell = Bell()

    async def serve(self, socket: WebSocket[Any, Any, Any]) -> None:
        """Until the node goes away. Then all its streams are gone at once."""
        writer = asyncio.create_task(self._write(socket))
        try:
            while True:
                for frame in unpack_from_node(await socket.receive_bytes()):
                    self._hear(frame)
        except WebSocketDisconnect:
            return
        finally:
            for stream in self._streams.values():
                self._world.leave(stream.number, stream)
            await end(writer)

    async def _write(self, socket: WebSocket[Any, Any, Any]) -> None:
        while True:
            await self._bell.wait(60)
            if self._out:
                frames, self._out = self._out, []
                await socket.send_bytes(pack(frames))

    def _say(self, frame: FromWhatsApp) -> None:
        self._out.append(frame)
        self._bell.ring()

    def _hear(self, frame: FromNode) -> None:
        if isinstance(frame, Open):
            self._open(frame)
            return
        stream = self._streams.get(frame.stream)
        if stream is None:
            return  # It was closed while this was on its way.
        match frame:
            case Close(forget=forget):
                del self._streams[frame.stream]
                self._world.leave(stream.number, stream, forget=forget)
            case Send(ref=ref):
                self._traffic.send(stream.number, stream, frame, self._answer(ref))
            case Resolve(ref=ref, wire_id=wire_id):
                self._traffic.resolve(stream.number, wire_id, self._answer(ref))
            case Probe(ref=ref):
                if self._traffic.is_alive(stream.number, stream):
                    self._say(Answered(ref, self._clock.now().timestamp()))
            case Acknowledge(ids=ids):
                self._traffic.acknowledge(stream.number, ids)

    def _open(self, frame: Open) -> None:
        stream = self._streams[frame.stream] = NodeStream(frame, self._say)
        if frame.credentials is None:
            self._world.pair(frame.phone, stream, link_phone=frame.link_phone)
        else:
            self._world.resume(frame.phone, stream)

    def _answer(self, ref: int) -> Callable[[SendResult], None]:
        def answer(result: SendResult) -> None:
            match result:
                case Sent(at=at):
                    self._say(Answered(ref, at.timestamp()))
                case NotSent(retry=retry, code=code, text=text, not_before=until):
                    now = self._clock.now().timestamp()
                    self._say(Answered(ref, now, code, text, retry.value, _stamp(until)))

        return answer


def _stamp(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
