"""A Houston and a simulated WhatsApp to be measured, and programs that put load on them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.town import Town, town_running


@dataclass(frozen=True)
class Answering:
    """A program of the bench: where it answers, and its process."""

    url: str
    pid: int


@contextmanager
def program(*words: str) -> Iterator[Answering]:
    """A program of the bench, as long as it is needed."""
    process = subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Answering(process.stdout.readline().strip(), process.pid)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@contextmanager
def town(**env: str) -> Iterator[Town]:
    """Without the limit on requests, which would be all that is measured."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        yield stack.enter_context(town_running(folder, {"HOUSTON_V3_REQUESTS_PER_5S": "0", **env}))


def load(url: str, seconds: float, connections: int, plan: dict[str, object]) -> dict[str, int]:
    """Ask as fast as it is answered; how many answers were good and bad."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(plan, file)
        file.flush()
        words = [sys.executable, "-m", "bench.load", url, str(seconds), str(connections), file.name]
        done = subprocess.run(words, capture_output=True, check=True, text=True)
    found: dict[str, int] = json.loads(done.stdout)
    return found


def message_plan(town: Town, start: int) -> dict[str, object]:
    """Messages through the hottest address, each with a reference and a chat of its own."""
    body = {
        "channelId": town.paired["id"],
        "chatType": "whatsapp",
        "chatId": "79{n}",
        "text": "Your order is on its way and will be with you tomorrow.",
        "crmMessageId": "bench-{n}",
    }
    headers = {
        "authorization": f"Bearer {town.card['api_key']}",
        "content-type": "application/json",
    }
    return {"path": "/v3/message", "headers": headers, "body": json.dumps(body), "from": start}
