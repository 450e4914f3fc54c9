"""An integrator's server: takes webhooks in, and keeps books of what came and in which order."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Integrator:
    """What arrived, body by body."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[dict[str, Any]] = []
        self.answers_with = 200

    def told(self, kind: str) -> list[dict[str, Any]]:
        """All items of a kind, in the order in which they arrived, repeats included."""
        return [item for body in self.bodies for item in body.get(kind, [])]

    def statuses(self, message: str) -> list[str]:
        """What became of a message, step by step."""
        return [one["status"] for one in self.told("statuses") if one["messageId"] == message]


@contextmanager
def integrator_running() -> Iterator[Integrator]:
    integrator = Integrator()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = json.loads(self.rfile.read(length))
            if integrator.answers_with == 200:
                integrator.bodies.append(body)
            self.send_response(integrator.answers_with)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """What came is in the books; nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    integrator.url = f"http://127.0.0.1:{server.server_port}/webhooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield integrator
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
