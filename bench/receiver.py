"""An integrator's server that says 200 to every webhook and counts what it was told.

    python -m bench.receiver

Prints its address; `GET /` says how many statuses came, of each kind, and of Houston's own webhooks how many
POSTs and how late they were.
"""

import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec
import uvloop

from houston.app import until_told_to_stop
from houston.kernel.serving import listen, serve

COUNTS: Counter[str] = Counter()
LAGS_MS: list[float] = []


class Told(msgspec.Struct):
    """What matters here of a POST in either dialect."""

    at: datetime | None = None
    statuses: list[dict[str, Any]] = []


TOLD = msgspec.json.Decoder(Told)


async def receive_webhooks(scope: Any, receive: Any, send: Any) -> None:
    more, body = True, b""
    while more:
        event = await receive()
        body, more = body + event["body"], event["more_body"]
    if scope["method"] == "POST":
        count(TOLD.decode(body), datetime.now(UTC))
        answer = b"{}"
    else:
        answer = msgspec.json.encode({**COUNTS, **late()})
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def count(told: Told, now: datetime) -> None:
    for item in told.statuses:
        COUNTS[item["status"]] += 1
    if told.at is not None:
        LAGS_MS.append((now - told.at).total_seconds() * 1000)


def late() -> dict[str, float]:
    """Half of the POSTs came sooner than the first of the lags, and 99 of 100 sooner than the second."""
    lags = sorted(LAGS_MS) or [0.0]
    p50, p99 = lags[len(lags) // 2], lags[int(len(lags) * 0.99)]
    return {"posts": len(LAGS_MS), "p50_ms": p50, "p99_ms": p99}


async def main() -> None:
    async with serve(receive_webhooks, listen("127.0.0.1", 0)) as url:
        sys.stdout.write(url + "\n")
        sys.stdout.flush()
        await until_told_to_stop()


if __name__ == "__main__":
    uvloop.run(main())
