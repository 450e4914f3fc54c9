"""A line to one client: stanzas as frames, sealed by Noise, over a WebSocket.

It can be ended politely, after all that was said, or cut as a network does it.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from houston.kernel.clock import Clock
from houston.kernel.loop import Bell, end
from tools.fake_whatsapp import stanzas
from tools.fake_whatsapp.certificates import Authority
from tools.fake_whatsapp.noise import PROLOGUE, Cipher, Handshake
from tools.fake_whatsapp.stanzas import Stanza

_ROUTING: Final = b"ED"
"""What comes before the prologue when a client was told which way to come; we tell nobody."""

_LAST_WORD_SECONDS: Final = 1.0
"""How long a client may take to understand why it is put out, before it is: one that meets the closed
door first takes it for a broken link, and just comes back."""

Socket = WebSocket[Any, Any, Any]


class Ended(Exception):
    """Nobody is at the other end any more."""


class Frames:
    """Bytes with their length before them; a message of the socket may hold several, or a part."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._unread = b""

    async def prologue(self) -> None:
        if await self._bytes(2) == _ROUTING:
            await self._bytes(2)
            await self.next()
            await self._bytes(2)
        if await self._bytes(2) != PROLOGUE[2:]:
            raise Ended

    async def next(self) -> bytes:
        return await self._bytes(int.from_bytes(await self._bytes(3), "big"))

    async def _bytes(self, count: int) -> bytes:
        while len(self._unread) < count:
            try:
                self._unread += await self._socket.receive_bytes()
            except WebSocketDisconnect as error:
                raise Ended from error
        read, self._unread = self._unread[:count], self._unread[count:]
        return read

    async def write(self, frame: bytes) -> None:
        await self._socket.send_bytes(len(frame).to_bytes(3, "big") + frame)


class Line:
    """An established line."""

    def __init__(
        self, frames: Frames, socket: Socket, reading: Cipher, writing: Cipher, clock: Clock
    ) -> None:
        self._frames = frames
        self._socket = socket
        self._reading = reading
        self._writing = writing
        self._clock = clock
        self._out: deque[tuple[float, Stanza]] = deque()
        self._bell = Bell()
        self._ending = False
        self._stop: Callable[[], None] = lambda: None
        self.latency: Callable[[], float] = lambda: 0.0
        """How many seconds a stanza is on its way, asked for each."""

    def say(self, *said: Stanza) -> None:
        if not self._ending:
            due = self._clock.monotonic() + self.latency()
            self._out.extend((due, one) for one in said)
            self._bell.ring()

    def hang_up(self) -> None:
        """End it, after everything that was said."""
        self._ending = True
        self._bell.ring()

    def cut(self) -> None:
        """End it now: what was said and is not written yet is lost."""
        self._ending = True
        self._out.clear()
        self._bell.ring()
        self._stop()

    async def attend(self, hear: Callable[[Stanza], None], cut: Callable[[], None]) -> None:
        """Let `hear` have every stanza, until one of the two ends hangs up."""
        self._stop = cut
        writer = asyncio.create_task(self._write(), name="line")
        try:
            while True:
                sealed = await self._frames.next()
                hear(stanzas.read(self._reading.open(sealed)))
        except (Ended, InvalidTag):
            return
        finally:
            await end(writer)

    async def _write(self) -> None:
        while self._out or not self._ending:
            if not self._out:
                await self._bell.wait(60)
                continue
            due, said = self._out[0]
            if (early := due - self._clock.monotonic()) > 0:
                await self._clock.sleep(early)
            if self._out:
                self._out.popleft()
                await self._frames.write(self._writing.seal(stanzas.written(said)))
        await self._clock.sleep(_LAST_WORD_SECONDS)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close()


async def established(socket: Socket, authority: Authority, clock: Clock) -> tuple[Line, bytes]:
    """The line, and what the client says of itself.

    Raises:
        Ended: the client went away, perhaps because it does not trust us.
    """
    frames = Frames(socket)
    await frames.prologue()
    handshake = Handshake(authority.static, authority.chain)
    await frames.write(handshake.greet(await frames.next()))
    payload, reading, writing = handshake.finish(await frames.next())
    return Line(frames, socket, reading, writing, clock), payload
