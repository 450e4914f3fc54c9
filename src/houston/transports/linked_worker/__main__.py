"""`python -m houston.transports.linked_worker FD`: a worker that speaks over the socket of that number."""

import asyncio
import os
import signal
import socket
import sys

from houston.kernel.clock import SystemClock
from houston.transports.linked_worker.library import Library
from houston.transports.linked_worker.worker import Worker


def main(library: Library, descriptor: int) -> None:
    """Work until the server goes. A terminal's Ctrl-C is for the server, which then ends us in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["NEONIZE_BOT_TAG"] = "off"  # By default the library marks every message as a bot's.
    connection = socket.socket(fileno=descriptor)
    asyncio.run(Worker(connection, library, SystemClock()).run())
    # The library's threads never end, and waiting for them at exit can hang for ever.
    os._exit(0)


if __name__ == "__main__":
    main(Library(), int(sys.argv[1]))
