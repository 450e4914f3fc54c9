"""The bare machine: an ASGI application that reads a body and answers 201, on Houston's own server.

    python -m bench.echo

Prints its address.
"""

import sys
from typing import Any

import uvloop

from houston.app import until_told_to_stop
from houston.kernel.serving import listen, serve


async def echo(_scope: Any, receive: Any, send: Any) -> None:
    more, body = True, b""
    while more:
        event = await receive()
        body, more = body + event["body"], event["more_body"]
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def main() -> None:
    async with serve(echo, listen("127.0.0.1", 0)) as url:
        sys.stdout.write(url + "\n")
        sys.stdout.flush()
        await until_told_to_stop()


if __name__ == "__main__":
    uvloop.run(main())
