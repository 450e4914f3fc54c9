"""A tiny Houston for tests that kill it: runs PostgreSQL on a folder until it is told to stop.

    python -m tests.kernel.keep_postgres FOLDER [UID]

Prints one line of JSON when the server answers, or the error. Ends when its standard input does.
"""

import asyncio
import json
import sys
from pathlib import Path

from houston.kernel import postgres
from houston.kernel.clock import SystemClock
from houston.kernel.errors import HoustonError


async def main(folder: Path) -> None:
    try:
        server = await postgres.start(folder, bin_dir=None, clock=SystemClock())
    except HoustonError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return
    print(json.dumps({"pid": server.pid, "dsn": server.dsn}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
