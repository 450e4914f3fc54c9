"""A cable between a node and what it speaks to: a relay of bytes that a test can cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Cable:
    """Everything that goes through one address to another."""

    def __init__(self, far_host: str, far_port: int) -> None:
        self._far = (far_host, far_port)
        self._ends: set[asyncio.StreamWriter] = set()
        self.url = ""

    def cut(self) -> None:
        """Whatever is connected through it is connected no more."""
        for end in self._ends:
            end.transport.abort()

    async def lay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection through it, until either side ends it."""
        far_reader, far_writer = await asyncio.open_connection(*self._far)
        ends = {writer, far_writer}
        self._ends |= ends
        try:
            there = asyncio.create_task(_pump(reader, far_writer))
            back = asyncio.create_task(_pump(far_reader, writer))
            await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._ends -= ends
            for end in ends:
                end.close()
            await asyncio.gather(there, back, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        return


@asynccontextmanager
async def cable(url: str) -> AsyncIterator[Cable]:
    """A cable to the address; what is to go through it uses the cable's own `url`."""
    far = urlsplit(url)
    laid = Cable(far.hostname or "", far.port or 0)
    server = await asyncio.start_server(laid.lay, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    laid.url = f"http://{host}:{port}"
    try:
        yield laid
    finally:
        server.close()
        laid.cut()
        await server.wait_closed()
