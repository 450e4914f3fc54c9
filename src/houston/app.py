"""Houston put together. The only file that knows every other one, and the tables of what plugs in."""

import asyncio
import gc
import shlex
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import msgspec
import structlog

from houston import workshop
from houston.billing.till import Till
from houston.channels.paying import hear_money
from houston.channels.supervisor import Supervisor
from houston.compat import wazzup_v3
from houston.crm.amocrm import AmoCrm
from houston.crm.bitrix24 import Bitrix24
from houston.crm.chatwoot import Chatwoot
from houston.crm.connector import Connector
from houston.crm.planfix import Planfix
from houston.crm.wire import Wire
from houston.files.keeper import Keeper
from houston.files.porter import Porter
from houston.inbox.stream import Hub
from houston.kernel import postgres
from houston.kernel.clock import Chance, Clock, SystemClock
from houston.kernel.db import Database, connect, migrate
from houston.kernel.loop import end, keep
from houston.kernel.node import Node
from houston.kernel.reader import Reader
from houston.kernel.serving import address_of, listen, serve
from houston.kernel.settings import Settings
from houston.kernel.vault import Vault, found_key
from houston.kernel.wake import Wakes
from houston.messages.acceptor import Acceptor
from houston.messages.outbox import Outbox
from houston.messages.receiver import Receiver
from houston.messages.sender import Sender
from houston.people.keyring import Keyring
from houston.routes import Application, Parts
from houston.transports.linked import LinkedTransport
from houston.transports.linked_worker.keeper import PROGRAM
from houston.transports.linked_worker.places import is_installed, live_folder
from houston.transports.simulator import SimulatorTransport
from houston.transports.transport import Transport
from houston.webhooks import native
from houston.webhooks.desk import EndpointDesk
from houston.webhooks.dispatcher import Dispatcher
from houston.webhooks.posts import Dialect

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

DIALECTS: Final[Mapping[str, Dialect]] = {
    native.NAME: native.DIALECT,
    wazzup_v3.NAME: wazzup_v3.DIALECT,
}
"""How facts are told to endpoints. A new dialect is one line here."""


def transports(
    settings: Settings, clock: Clock, chance: Chance, porter: Porter
) -> dict[str, Transport]:
    """The ways to messengers that this server can speak. A new transport is one line here."""
    found: dict[str, Transport] = {}
    if settings.simulator_url is not None:
        found["simulator"] = SimulatorTransport(settings.simulator_url, clock, chance, porter)
    if is_installed():
        found["linked"] = _linked(settings, clock, porter)
    return found


def connectors(clock: Clock) -> dict[str, Connector]:
    """The CRMs that this server can speak with. A new one is one line here."""
    kinds: Sequence[Connector] = (
        AmoCrm(Wire(), clock),
        Bitrix24(Wire(), clock),
        Chatwoot(Wire()),
        Planfix(Wire()),
    )
    return {one.kind: one for one in kinds}


def _linked(settings: Settings, clock: Clock, porter: Porter) -> Transport:
    folder = settings.data_dir / "linked"
    program = settings.linked_worker
    return LinkedTransport(
        clock,
        porter,
        key=partial(found_key, settings.data_dir, settings.sealing_key),
        live_dir=live_folder(settings.linked_live_dir, folder),
        books_dir=folder / "books",
        channels_per_worker=settings.linked_channels_per_worker,
        program=shlex.split(program) if program else PROGRAM,
        phone_silent_seconds_max=settings.linked_phone_silent_seconds,
    )


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
        listener = listen(settings.host, settings.port)
        stack.callback(listener.close)
        house = _build(database, node, settings, clock, chance, address_of(listener))
        for close in house.closings:
            stack.push_async_callback(_quietly, close)
        application = Application(house.parts)
        duties = {**house.duties, "counters": application.counters.duty}
        tasks = [
            asyncio.create_task(keep(duty, name, clock), name=name) for name, duty in duties.items()
        ]
        stack.push_async_callback(end, *tasks)
        url = await stack.enter_async_context(serve(application, listener))
        stack.callback(house.parts.hub.close)
        stack.push_async_callback(_quietly, application.close)
        _spare_the_collector()
        log.info("ready", url=url, node=node.id)
        yield Running(url, database, house.parts.supervisor)


def _spare_the_collector() -> None:
    """What was made for the start stays: it need not be looked through for garbage again and again.

    Under load that costs a twentieth of the processor time (docs/benchmarks.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@dataclass(frozen=True, slots=True)
class House:
    """The parts, the loops to run, and what to close, in the order opposite to the closing."""

    parts: Parts
    duties: Mapping[str, Callable[[], Awaitable[None]]]
    closings: Sequence[Callable[[], Awaitable[None]]]


def _build(
    database: Database, node: Node, settings: Settings, clock: Clock, chance: Chance, address: str
) -> House:
    wakes = Wakes(database, node, clock)
    reader = Reader(database, clock, wakes)
    keeper, fetcher, porter = workshop.files(settings, database, clock, address)
    kinds = transports(settings, clock, chance, porter)
    receiver = Receiver(database, clock, wakes)
    supervisor = Supervisor(database, node, clock, wakes, kinds, receiver.hear)
    sender = Sender(database, node, clock, wakes, supervisor)
    acceptor = Acceptor(database, clock, wakes)
    outbox = Outbox(database, clock, wakes, acceptor, kinds)
    hub = Hub(database, clock, wakes)
    postman = workshop.postman(settings, clock)
    vault = Vault(partial(found_key, settings.data_dir, settings.sealing_key))
    dispatcher = Dispatcher(database, node, clock, chance, wakes, DIALECTS, postman, vault)
    till = Till(database, clock, wakes, workshop.plan(settings), hear_money)
    reception, relaying = workshop.crm(
        settings, database, node, clock, wakes, reader, outbox, vault, connectors(clock)
    )
    duties = {
        **_loops(node, wakes, supervisor, sender, hub, dispatcher, keeper),
        "leases": workshop.leases(
            settings, database, node, supervisor, sender, clock, chance, wakes
        ),
        **workshop.ears(settings, database, clock, wakes, reader, outbox),
        **relaying,
        **workshop.billing(settings, database, clock, reader, till),
    }
    closings = [kind.close for kind in kinds.values()] + [supervisor.close, receiver.close]
    closings += [sender.close, acceptor.close, dispatcher.close, reception.relay.close]
    parts = Parts(
        database,
        clock,
        wakes,
        kinds,
        Keyring(database, clock),
        outbox,
        sender,
        supervisor,
        hub,
        node,
        settings,
        workshop.cashier(settings, database, clock, wakes, till),
        keeper,
        reception,
        EndpointDesk(database, clock, wakes, postman, vault, DIALECTS),
    )
    return House(parts, duties, [*closings, postman.close, fetcher.close])


def _loops(
    node: Node,
    wakes: Wakes,
    supervisor: Supervisor,
    sender: Sender,
    hub: Hub,
    dispatcher: Dispatcher,
    keeper: Keeper,
) -> dict[str, Callable[[], Awaitable[None]]]:
    """What parts do by themselves, over and over."""
    return {
        "node": node.duty,
        "wakes": wakes.listen,
        "evidence": supervisor.note_evidence,
        "sender": sender.duty,
        "stream": hub.duty,
        "dispatcher": dispatcher.duty,
        "files": keeper.duty,
    }


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


async def _quietly(close: Callable[[], Awaitable[None]]) -> None:
    """End a part. What it cannot say to the database any more, others find out by themselves."""
    try:
        await close()
    except Exception as error:  # noqa: BLE001 - the other parts must be ended as well
        log.warning("not_closed_cleanly", part=str(close), error=str(error))


async def until_told_to_stop() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
