"""`python -m tools.fake_whatsapp --port N`: a fake of WhatsApp's own servers, until it is ended."""

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

import msgspec
import structlog

from houston.kernel.clock import SystemClock
from tools.fake_whatsapp.server import serving


async def _run(
    port: int, proxy_port: int, data_dir: Path | None, *, until_stdin_ends: bool
) -> None:
    ended = asyncio.Event()
    if until_stdin_ends:
        asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with serving(
        port=port, proxy_port=proxy_port, data_dir=data_dir, clock=SystemClock()
    ) as address:
        print(msgspec.json.encode(address).decode(), flush=True)
        await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.fake_whatsapp", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the control; 0 takes a free one")
    parser.add_argument("--proxy-port", type=int, default=0, help="of the proxy; the same")
    parser.add_argument("--data", type=Path, default=None, help="where it remembers")
    parser.add_argument(
        "--until-stdin-ends", action="store_true", help="end with whoever started it"
    )
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asked = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        running = _run(
            asked.port, asked.proxy_port, asked.data, until_stdin_ends=asked.until_stdin_ends
        )
        asyncio.run(running)


if __name__ == "__main__":
    main()
