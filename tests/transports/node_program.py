"""A node in a process of its own, for tests that kill or freeze one: it connects one channel.

Run it with URL, PHONE and CREDENTIALS. Each line of its input is a text to send; it prints what it hears
and what became of each text.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable
from pathlib import Path

from houston.kernel.clock import SystemClock, seeded_chance
from houston.kernel.ids import ChannelId, new_id
from houston.transports.events import Event
from houston.transports.simulator import SimulatorTransport
from houston.transports.transport import Number, Resume
from tests.transports.linking import words
from tests.transports.shelf import Shelf

PERSON = "79160009999"


def hear(event: Event) -> Awaitable[None]:
    print(type(event).__name__, getattr(event, "text", ""), flush=True)
    stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    stored.set_result(None)
    return stored


async def live(url: str, phone: str, credentials: str) -> None:
    transport = SimulatorTransport(
        url, SystemClock(), seeded_chance(1), Shelf(Path(tempfile.mkdtemp()))
    )
    wire = transport.wire(Number(ChannelId(new_id()), phone), hear)
    await wire.start(Resume(bytes.fromhex(credentials)))
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while text := (await lines.readline()).decode().strip():
        print(type(await wire.send(words(PERSON, text))).__name__, text, flush=True)


if __name__ == "__main__":
    asyncio.run(live(*sys.argv[1:4]))
