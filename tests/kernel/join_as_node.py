"""A program for the tests of nodes: takes a row, says its id, and lives until its standard input ends."""

import asyncio
import sys

from houston.kernel import db
from houston.kernel.clock import SystemClock
from houston.kernel.node import Node


async def main(dsn: str) -> None:
    node = Node(await db.connect(dsn), SystemClock(), ttl_seconds=60)
    await node.join()
    print(node.id, flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
