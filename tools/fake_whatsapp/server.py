"""The whole fake as one server: the control over HTTP, the edge behind TLS, and the proxy that leads there."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
from litestar import Litestar, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from houston.kernel.clock import Clock
from houston.kernel.serving import listen, serve
from houston.transports.simulated_whatsapp.asked import Play, impossible, not_understood
from houston.transports.simulated_whatsapp.books import Journal
from houston.transports.simulated_whatsapp.control import ROUTES
from houston.transports.simulated_whatsapp.pairing import Expired, Impossible
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.world import World
from tools.fake_whatsapp import media_routes, wire_routes
from tools.fake_whatsapp.certificates import authority
from tools.fake_whatsapp.companions import Companions
from tools.fake_whatsapp.curve import Seed
from tools.fake_whatsapp.edge import Edge, behind_tls, edge_app, tell_failure
from tools.fake_whatsapp.exchange import Exchange
from tools.fake_whatsapp.mailroom import Mailroom
from tools.fake_whatsapp.tunnel import tunnels_to
from tools.fake_whatsapp.wire_routes import Wires

_FILE_BYTES_MAX: Final = 128 * 1024**2
_SEED_FILE: Final = "seed"
_COMPANIONS_FOLDER: Final = "companions"
_NOT_HERE: Final = {"/phones/link", "/uploads"}
"""Routes of the simulator that make keys for a client: here every client makes its own."""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is, and what a client must be told to end here and to trust it."""

    url: str
    """The control."""
    proxy: str
    """For the environment of a client: HTTPS_PROXY."""
    ca_file: str
    """The same: SSL_CERT_FILE."""
    root_key: str
    """In hexadecimal: what takes the place of WhatsApp's own key in the client's memory."""
    edge: str
    """For clients that can be told an address: it leads past the proxy."""


@asynccontextmanager
async def serving(
    *, port: int, data_dir: Path | None, clock: Clock, proxy_port: int = 0
) -> AsyncIterator[Address]:
    """Run it, in this event loop. A port of 0 takes any free one.

    With a data folder it remembers across restarts, also sudden ones, what the simulated WhatsApp
    does, whom clients trust, and who is linked; files that were sent are forgotten.

    Raises:
        BadSetting: the port or the folder cannot be had.
    """
    async with AsyncExitStack() as stack:
        journal = Journal(data_dir)
        stack.callback(journal.close)
        folder = data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        seed = _seed(folder)
        exchange = _exchange(clock, journal, seed, folder)
        trusted = authority(folder, seed, clock.now())
        edge = Edge(exchange, trusted)
        listener = listen("127.0.0.1", 0)
        edge_port = listener.getsockname()[1]
        network = exchange.world.network
        tunnels, proxy = await stack.enter_async_context(tunnels_to(edge_port, network, proxy_port))
        app = edge_app(edge, tunnels)
        await stack.enter_async_context(behind_tls(app, trusted, listener))
        control = _control(
            Play(exchange.world, exchange.traffic, exchange.vault.people), Wires(edge)
        )
        url = await stack.enter_async_context(serve(control, listen("127.0.0.1", port)))
        exchange.vault.people.address = url
        yield Address(
            url=url,
            proxy=proxy,
            ca_file=str(trusted.ca_file),
            root_key=trusted.root.hex(),
            edge=f"https://127.0.0.1:{edge_port}",
        )


def _seed(folder: Path) -> Seed:
    file = folder / _SEED_FILE
    if not file.exists():
        file.write_bytes(secrets.token_bytes(32))
    return Seed(file.read_bytes())


def _exchange(clock: Clock, journal: Journal, seed: Seed, folder: Path) -> Exchange:
    world = World(clock, asyncio.get_running_loop().call_later, journal.note)
    traffic = Traffic(world, clock, journal.note)
    journal.replay(world, traffic)
    companions = Companions(folder / _COMPANIONS_FOLDER)
    return Exchange(world, traffic, clock, companions, Mailroom(seed))


def _control(play: Play, wires: Wires) -> Litestar:
    own = [*wire_routes.ROUTES, *media_routes.ROUTES]
    paths = {path for route in own for path in route.paths} | _NOT_HERE
    shared = [route for route in ROUTES if not route.paths & paths]
    return Litestar(
        [Router("/sim", route_handlers=[*shared, *own])],
        dependencies={
            "play": Provide(lambda: play, sync_to_thread=False),
            "vault": Provide(lambda: wires.edge.exchange.vault, sync_to_thread=False),
            "wires": Provide(lambda: wires, sync_to_thread=False),
        },
        exception_handlers={
            Impossible: impossible,
            Expired: impossible,
            HTTPException: not_understood,
        },
        after_exception=[tell_failure],
        request_max_body_size=_FILE_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )
