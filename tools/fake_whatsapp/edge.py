"""The edge that clients of WhatsApp meet behind TLS: the socket of stanzas. Who comes in is told apart here."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import structlog
import uvicorn
from cryptography.exceptions import InvalidTag
from litestar import Litestar, WebSocket, websocket
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import Scope

from houston.kernel.loop import end
from houston.transports.simulated_whatsapp.pairing import Expired, Impossible
from tools.fake_whatsapp import media_routes
from tools.fake_whatsapp.attendance import Attendance
from tools.fake_whatsapp.certificates import Authority
from tools.fake_whatsapp.companions import registration_of
from tools.fake_whatsapp.exchange import Exchange
from tools.fake_whatsapp.line import Ended, Line, established
from tools.fake_whatsapp.linking import Linking, Linkings
from tools.fake_whatsapp.proto import words
from tools.fake_whatsapp.stanzas import stanza
from tools.fake_whatsapp.tunnel import Tunnels

log = structlog.get_logger(__name__)

_GRACE_SECONDS: Final = 1
_FILE_BYTES_MAX: Final = 128 * 1024**2
_STRANGER: Final = {"reason": "401"}


class Edge:
    """Takes clients in."""

    def __init__(self, exchange: Exchange, authority: Authority) -> None:
        self.exchange = exchange
        self.authority = authority
        self.linkings = Linkings()
        self.attending: set[Attendance] = set()

    async def serve(self, socket: WebSocket[Any, Any, Any], tunnels: Tunnels) -> None:
        """One client, until it goes away."""
        exchange = self.exchange
        try:
            line, payload = await established(socket, self.authority, exchange.clock)
        except (Ended, InvalidTag):
            log.info("client_did_not_trust_us")
            return
        line.latency = lambda: exchange.world.network.latency_ms / 1000
        port = 0 if socket.client is None else socket.client.port
        visitor = self._visitor(line, payload)
        if visitor is None:
            line.say(stanza("failure", _STRANGER))
            line.hang_up()
            await line.attend(lambda _: None, lambda: tunnels.cut(port))
            return
        with self._listed(visitor):
            visitor.begin()
            await line.attend(visitor.hear, lambda: tunnels.cut(port))

    def _visitor(self, line: Line, payload: bytes) -> Linking | Attendance | None:
        """Somebody to be linked, somebody who is, or (None) one who was."""
        newcomer = registration_of(payload)
        if newcomer is not None:
            return Linking(self.exchange, line, newcomer)
        said = words.ClientPayload.FromString(payload)
        companion = self.exchange.companions.find(str(said.username), said.device)
        return None if companion is None else Attendance(self.exchange, line, companion)

    @contextlib.contextmanager
    def _listed(self, visitor: Linking | Attendance) -> Iterator[None]:
        """Where the control finds whoever is on a line now."""
        if isinstance(visitor, Linking):
            forget = self.linkings.add(visitor)
        else:
            self.attending.add(visitor)
            forget = partial(self.attending.discard, visitor)
        try:
            yield
        finally:
            forget()
            visitor.end()


def edge_app(edge: Edge, tunnels: Tunnels) -> Litestar:
    @websocket("/ws/chat")
    async def chat(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        await edge.serve(socket, tunnels)

    return Litestar(
        [chat, *media_routes.AT_HOSTS],
        dependencies={"vault": Provide(lambda: edge.exchange.vault, sync_to_thread=False)},
        request_max_body_size=_FILE_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
        after_exception=[tell_failure],
    )


async def tell_failure(error: Exception, scope: Scope) -> None:
    """A mistake of the fake itself must not look like one of the client."""
    if not isinstance(error, HTTPException | Expired | Impossible):
        log.error("fake_failed", path=scope["path"], exc_info=error)


@asynccontextmanager
async def behind_tls(
    app: Litestar, authority: Authority, listener: socket.socket
) -> AsyncIterator[None]:
    """Answer on a socket, as WhatsApp's hosts."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_ping_interval=None,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ssl_certfile=authority.ca_file,
        ssl_keyfile=authority.key_file,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="edge")
    try:
        while not server.started and not task.done():
            await asyncio.wait([task], timeout=0.01)
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([task], timeout=_GRACE_SECONDS + 1)
        await end(task)


class _Server(uvicorn.Server):
    """Signals are the program's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
