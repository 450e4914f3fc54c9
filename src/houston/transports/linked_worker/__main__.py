"""`python -m houston.transports.linked_worker FD`: a worker that speaks over the socket of that number."""

import asyncio
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import BinaryIO, Final

from houston.kernel.clock import SystemClock
from houston.transports.linked_worker.library import Library
from houston.transports.linked_worker.worker import Worker

_SWITCH_SECONDS: Final = 0.0002
"""For so long the loop may keep a library waiting that has something to say; Python's own is 5 ms."""


def main(library: Library, descriptor: int) -> None:
    """Work until the server goes. A terminal's Ctrl-C is for the server, which then ends us in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    outlive_our_reader()
    sys.setswitchinterval(_SWITCH_SECONDS)
    os.environ["NEONIZE_BOT_TAG"] = "off"  # By default the library marks every message as a bot's.
    connection = socket.socket(fileno=descriptor)
    asyncio.run(Worker(connection, library, SystemClock()).run())
    # The library's threads never end, and waiting for them at exit can hang for ever.
    os._exit(0)


def outlive_our_reader() -> None:
    """Put a pipe of our own between the library and whoever reads its output: the server.

    Go ends a process that prints where nobody reads any more. When the server died, its workers would
    die with it amid a message, and what they had just acknowledged would be lost.
    """
    server = os.fdopen(os.dup(1), "wb", buffering=0)
    reading, writing = os.pipe()
    for descriptor in (1, 2):
        os.dup2(writing, descriptor)
    os.close(writing)
    threading.Thread(target=_pass_on, args=(reading, server), name="output", daemon=True).start()


def _pass_on(reading: int, server: BinaryIO) -> None:
    while printed := os.read(reading, 2**14):
        with suppress(BrokenPipeError):
            server.write(printed)


if __name__ == "__main__":
    main(Library(), int(sys.argv[1]))
