"""An integrator's server that says 200 to every webhook and counts what it was told.

    python -m bench.receiver

Prints its address; `GET /` says how many statuses came.
"""

import sys
from collections import Counter
from typing import Any

import msgspec
import uvloop

from houston.app import until_told_to_stop
from houston.kernel.serving import listen, serve

COUNTS: Counter[str] = Counter()


async def receive_webhooks(scope: Any, receive: Any, send: Any) -> None:
    more, body = True, b""
    while more:
        event = await receive()
        body, more = body + event["body"], event["more_body"]
    if scope["method"] == "POST":
        for item in msgspec.json.decode(body).get("statuses", []):
            COUNTS[item["status"]] += 1
    answer = msgspec.json.encode(COUNTS)
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def main() -> None:
    async with serve(receive_webhooks, listen("127.0.0.1", 0)) as url:
        sys.stdout.write(url + "\n")
        sys.stdout.flush()
        await until_told_to_stop()


if __name__ == "__main__":
    uvloop.run(main())
