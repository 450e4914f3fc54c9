"""A proxy that leads every address to one port: so a client that dials WhatsApp ends here.

It stands for the network between the two, which can be down, and can break a connection at any time.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from houston.transports.simulated_whatsapp.world import Network

_CHUNK: Final = 64 * 1024
_READY: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
_NOT_A_TUNNEL: Final = b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n"


class Tunnels:
    """All that lead to the edge now, by the port that each has at its inner end."""

    def __init__(self, network: Network, edge_port: int) -> None:
        self._network = network
        self._edge_port = edge_port
        self._open: dict[int, Callable[[], None]] = {}

    def cut(self, port: int) -> None:
        """Break one as a network does: without a word to either end."""
        tear = self._open.get(port)
        if tear is not None:
            tear()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until one of both ends is gone."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if not self._network.up:
                writer.transport.abort()
            elif not head.startswith(b"CONNECT "):
                writer.write(_NOT_A_TUNNEL)
            else:
                writer.write(_READY)
                await self._lead(reader, writer)
        writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._edge_port)
        port: int = inner_writer.get_extra_info("sockname")[1]

        def tear() -> None:
            writer.transport.abort()
            inner_writer.transport.abort()

        self._open[port] = tear
        try:
            await asyncio.wait(
                [
                    asyncio.create_task(self._pump(reader, inner_writer, tear)),
                    asyncio.create_task(self._pump(inner_reader, writer, tear)),
                ]
            )
        finally:
            del self._open[port]
            tear()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tear: Callable[[], None]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                if not self._network.up:
                    tear()
                    return
                writer.write(data)
                await writer.drain()
            writer.write_eof()


@asynccontextmanager
async def tunnels_to(
    edge_port: int, network: Network, port: int
) -> AsyncIterator[tuple[Tunnels, str]]:
    """The tunnels, and the address of the proxy that opens them."""
    tunnels = Tunnels(network, edge_port)
    server = await asyncio.start_server(tunnels.accept, "127.0.0.1", port)
    try:
        yield tunnels, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
