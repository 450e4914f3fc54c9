"""The socket side of the simulated WhatsApp: nodes connect, each with many streams."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import structlog
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from houston.kernel.clock import Clock
from houston.kernel.loop import Bell, end
from houston.transports import events
from houston.transports.simulated_whatsapp.pairing import Later
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.wire_protocol import (
    Acknowledge,
    Answered,
    Close,
    FromNode,
    FromWhatsApp,
    MarkRead,
    Open,
    Probe,
    Resolve,
    Send,
    packed,
    said,
    unpack_from_node,
)
from houston.transports.simulated_whatsapp.world import World
from houston.transports.transport import NotSent, Retry, SendResult, Sent

log = structlog.get_logger(__name__)

_DEAD = NotSent(retry=Retry.WHEN_ONLINE, code="dead", text="There is no sign of life")


class NodeStream:
    """One channel's connection of one node."""

    __slots__ = ("_say", "credentials", "id", "number", "without_phone")

    def __init__(self, opened: Open, say: Callable[[FromWhatsApp], None]) -> None:
        self.id = opened.stream
        self.number = opened.phone
        self.credentials = opened.credentials
        self.without_phone = opened.without_phone
        self._say = say

    def say(self, event: events.Event, keep: int | None = None) -> None:
        self._say(said(self.id, event, keep))


class Node:
    """One connected node of Houston."""

    def __init__(self, world: World, traffic: Traffic, clock: Clock, later: Later) -> None:
        self._world = world
        self._traffic = traffic
        self._clock = clock
        self._later = later
        self._streams: dict[int, NodeStream] = {}
        self._late: deque[FromWhatsApp] = deque()
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
        except msgspec.DecodeError as error:
            log.warning("node_not_understood", error=str(error))
            await socket.close(1007, "not the frames of this version of Houston")
        finally:
            for stream in self._streams.values():
                self._world.leave(stream.number, stream)
            await end(writer)

    async def _write(self, socket: WebSocket[Any, Any, Any]) -> None:
        while True:
            await self._bell.wait(60)
            frames, self._out = self._out, []
            for data in packed(frames):
                await socket.send_bytes(data)

    def _say(self, frame: FromWhatsApp) -> None:
        """The way back is as slow as the network is; nothing overtakes on it."""
        seconds = self._world.network.latency_ms / 1000
        if seconds or self._late:
            self._late.append(frame)
            self._later(seconds, self._say_late)
        else:
            self._out.append(frame)
            self._bell.ring()

    def _say_late(self) -> None:
        self._out.append(self._late.popleft())
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
                del self._streams[stream.id]
                self._world.leave(stream.number, stream, forget=forget)
            case Send(ref=ref, message=message):
                self._traffic.send(stream.number, stream, message, self._answer(stream.id, ref))
            case Resolve(ref=ref, wire_id=wire_id):
                self._traffic.resolve(stream.number, wire_id, self._answer(stream.id, ref))
            case Probe(ref=ref):
                alive = self._traffic.probe(stream.number, stream)
                if alive is not None:
                    self._answer(stream.id, ref)(Sent("", self._clock.now()) if alive else _DEAD)
            case Acknowledge(keeps=keeps):
                self._traffic.acknowledge(stream.number, keeps)
            case MarkRead(wire_ids=wire_ids):
                self._traffic.mark_read(wire_ids)

    def _open(self, frame: Open) -> None:
        stream = self._streams[frame.stream] = NodeStream(frame, self._say)
        if frame.credentials is None:
            self._world.pair(frame.phone, stream, frame.typed_on)
        else:
            self._world.resume(frame.phone, stream)

    def _answer(self, stream: int, ref: int) -> Callable[[SendResult], None]:
        def answer(result: SendResult) -> None:
            match result:
                case Sent(at=at):
                    self._say(Answered(stream, ref, at.timestamp()))
                case NotSent(retry=retry, code=code, text=text, not_before=until):
                    now = self._clock.now().timestamp()
                    self._say(Answered(stream, ref, now, code, text, retry.value, _stamp(until)))

        return answer


def _stamp(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
