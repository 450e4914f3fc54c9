"""Houston put together. The only file that knows every other one, and the tables of what plugs in."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
import structlog
import uvicorn
from litestar import Litestar

from houston.channels.leases import Leases
from houston.channels.supervisor import Supervisor
from houston.inbox.stream import Hub
from houston.kernel import postgres
from houston.kernel.clock import Chance, Clock, SystemClock
from houston.kernel.db import Database, connect, migrate
from houston.kernel.errors import BadSetting
from houston.kernel.follower import Follower
from houston.kernel.loop import end, keep
from houston.kernel.node import Node
from houston.kernel.settings import Settings
from houston.kernel.wake import Wakes
from houston.messages import houston as notices
from houston.messages.acceptor import Acceptor
from houston.messages.outbox import Outbox
from houston.messages.receiver import Receiver
from houston.messages.sender import Sender
from houston.people.keyring import Keyring
from houston.routes import Parts, routes
from houston.transports.simulator import SimulatorTransport
from houston.transports.transport import Transport

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_STREAMS_END_SECONDS: Final = 2


def transports(settings: Settings, clock: Clock, chance: Chance) -> dict[str, Transport]:
    """The ways to messengers that this server can speak. A new transport is one line here."""
    found: dict[str, Transport] = {}
    if settings.simulator_url is not None:
        found["simulator"] = SimulatorTransport(settings.simulator_url, clock, chance)
    return found


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    url: str
    database: Database
    supervisor: Supervisor


@asynccontextmanager
async def running(settings: Settings, clock: Clock, chance: Chance) -> AsyncIterator[Running]:
    """Everything, started in order and ended in the reverse one."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(database_of(settings, clock))
        await migrate(database)
        node = Node(database, clock, ttl_seconds=settings.node_ttl_seconds)
        await node.join()
        stack.push_async_callback(_quietly, node.leave)
        wakes = Wakes(database, node, clock)
        kinds = transports(settings, clock, chance)
        for kind in kinds.values():
            stack.push_async_callback(_quietly, kind.close)

        receiver = Receiver(database, clock, wakes)
        supervisor = Supervisor(database, node, clock, wakes, kinds, receiver.hear)
        sender = Sender(database, node, clock, wakes, supervisor)
        leases = Leases(
            database,
            node,
            supervisor,
            sender.quiesce,
            clock,
            chance,
            wakes,
            logins_per_second_max=settings.logins_per_second_max,
        )
        acceptor = Acceptor(database, clock, wakes)
        hub = Hub(database, clock, wakes)
        caller = Follower(
            "houston", notices.KINDS, notices.Caller(clock).handle, database, clock, wakes
        )
        dispatcher = _dispatcher(database, node, clock, chance, wakes, settings)
        for close in (supervisor.close, receiver.close, sender.close, acceptor.close):
            stack.push_async_callback(_quietly, close)
        stack.push_async_callback(_quietly, dispatcher.close)

        duties = {
            "node": node.duty,
            "wakes": wakes.listen,
            "leases": leases.duty,
            "evidence": supervisor.note_evidence,
            "sender": sender.duty,
            "houston": caller.duty,
            "stream": hub.duty,
            "dispatcher": dispatcher.duty,
        }
        tasks = [
            asyncio.create_task(keep(duty, name, clock), name=name) for name, duty in duties.items()
        ]
        stack.push_async_callback(end, *tasks)

        keyring = Keyring(database, clock)
        outbox = Outbox(database, clock, wakes, acceptor)
        parts = Parts(
            database, clock, wakes, kinds, keyring, outbox, sender, supervisor, hub, node, settings
        )
        url = await _http(stack, routes(parts), settings)
        stack.callback(hub.close)
        log.info("ready", url=url, node=node.id)
        yield Running(url, database, supervisor)


@asynccontextmanager
async def database_of(settings: Settings, clock: Clock) -> AsyncIterator[Database]:
    """The database of these settings: an external one, or one of our own.

    Raises:
        Conflict: another Houston runs on the data folder.
        DatabaseMissing: none can be had.
    """
    async with AsyncExitStack() as stack:
        dsn = settings.database_url
        if dsn is None:
            own = await postgres.start(
                settings.data_dir, bin_dir=settings.postgres_bin, clock=clock
            )
            stack.push_async_callback(own.stop)
            dsn = own.dsn
        database = await connect(dsn)
        stack.push_async_callback(database.close)
        yield database


async def with_database(settings: Settings, use: Callable[[Database], Awaitable[Result]]) -> Result:
    """Use the database for a moment, also while Houston runs on it.

    Raises:
        DatabaseMissing: none can be had.
    """
    address = None if settings.database_url else postgres.address_of_running(settings.data_dir)
    if address is not None:
        settings = msgspec.structs.replace(settings, database_url=address)
    async with database_of(settings, SystemClock()) as database:
        return await use(database)


async def _http(stack: AsyncExitStack, app: Litestar, settings: Settings) -> str:
    """Listen; an address that is taken is said before anybody is told that Houston is ready."""
    listener = _listener(settings)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=_STREAMS_END_SECONDS,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http")

    async def stop() -> None:
        server.should_exit = True
        await asyncio.wait([task], timeout=_STREAMS_END_SECONDS + 1)
        await end(task)

    stack.push_async_callback(stop)
    while not server.started and not task.done():
        await asyncio.sleep(0)
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"


def _listener(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Only a socket that names its protocol is given TCP_NODELAY by the event loop.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        cure = "choose another one, or end the program that has it"
        raise BadSetting("port", settings.port, f"{error.strerror}: {cure}") from error
    return listener


class _Server(uvicorn.Server):
    """Signals are the program's business, not the HTTP server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _quietly(close: Callable[[], object]) -> None:
    """End a part. What it cannot say to the database any more, others find out by themselves."""
    try:
        result = close()
        if asyncio.iscoroutine(result):
            await result
    except Exception as error:
        log.warning(
            "not_closed_cleanly", part=getattr(close, "__qualname__", str(close)), error=str(error)
        )


async def until_told_to_stop() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
