"""A load of its own process, so that its work is not counted as Houston's.

    python -m bench.load URL SECONDS CONNECTIONS FILE

FILE holds a JSON object: path, headers, and bodies with `{n}` where a number makes each one different.
Prints how many answers were good and how many were not.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit


@dataclass
class Tally:
    good: int = 0
    bad: int = 0


async def connection(
    host: str, port: int, request: bytes, numbers: "count[int]", until: float, tally: Tally
) -> None:
    """One keep-alive connection that asks as fast as it is answered."""
    reader, writer = await asyncio.open_connection(host, port)
    head, _, body = request.partition(b"\r\n\r\n")
    while time.monotonic() < until:
        said = body.replace(b"{n}", b"%09d" % next(numbers))
        writer.write(head + b"\r\n\r\n" + said)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        if answer.startswith(b"HTTP/1.1 201"):
            tally.good += 1
        else:
            tally.bad += 1
    writer.close()


async def main(url: str, seconds: float, connections: int, file: Path) -> None:
    plan = json.loads(file.read_text())
    where = urlsplit(url)
    body = plan["body"].encode()
    length = len(body.replace(b"{n}", b"0" * 9))
    headers = {"host": "bench", "content-length": str(length), **plan["headers"]}
    lines = [
        f"POST {plan['path']} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    numbers, tally = count(int(plan.get("from", 0))), Tally()
    until = time.monotonic() + seconds
    await asyncio.gather(
        *(
            connection(where.hostname or "", where.port or 80, request, numbers, until, tally)
            for _ in range(connections)
        )
    )
    sys.stdout.write(json.dumps({"good": tally.good, "bad": tally.bad}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
