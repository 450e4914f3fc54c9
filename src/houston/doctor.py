"""`houston doctor`: looks at what Houston needs, and says of each thing how it is and how to mend it."""

import resource
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import httpx

from houston.app import with_database
from houston.channels import store
from houston.channels.supervisor import TO_MEND_FAULTS
from houston.kernel.clock import SystemClock
from houston.kernel.db import Database, migrations
from houston.kernel.errors import HoustonError
from houston.kernel.settings import Settings
from houston.transports.linked_worker.places import TO_RENEW, is_installed

_DISK_GIB_MIN: Final = 1.0
_FILES_MIN: Final = 4_096


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. A finding without a cure is well."""

    what: str
    how: str
    cure: str | None = None


Look = Callable[[Settings], Awaitable[Finding]]


async def examine(settings: Settings) -> list[Finding]:
    """Everything, in the order in which it would be needed."""
    return [await look(settings) for look in _LOOKS]


async def _python(_: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    cure = None if sys.version_info >= (3, 11) else "install Python 3.11 or newer"
    return Finding("Python", version, cure)


async def _files(_: Settings) -> Finding:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    cure = None if soft >= _FILES_MIN else f"allow {_FILES_MIN} or more: `ulimit -n {_FILES_MIN}`"
    return Finding("Open files allowed", str(soft), cure)


async def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    gib = shutil.disk_usage(folder).free / 2**30
    cure = (
        None if gib >= _DISK_GIB_MIN else "free some space, or set HOUSTON_DATA_DIR to another disk"
    )
    return Finding("Disk", f"{gib:.1f} GiB free at {folder}", cure)


async def _postgres(settings: Settings) -> Finding:
    try:
        return await with_database(settings, _tables)
    except HoustonError as error:
        return Finding(
            "PostgreSQL", str(error), "mend what it says, then run `houston doctor` again"
        )


async def _tables(database: Database) -> Finding:
    async with database.single() as tx:
        version = await tx.fetchval("show server_version")
        known = await tx.fetchval("select to_regclass('migrations') is not null")
        done = await tx.fetchval("select count(*) from migrations") if known else 0
    missing = len(migrations()) - done
    how = f"{version}, {done} of {len(migrations())} migrations done"
    return Finding(
        "PostgreSQL", how, "run `houston migrate`, or just start Houston" if missing else None
    )


async def _port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        taken = probe.connect_ex((settings.host, settings.port)) == 0
    if not taken:
        return Finding("Port", f"{settings.port} is free")
    if await _is_houston(f"http://{settings.host}:{settings.port}"):
        return Finding("Port", f"{settings.port}: Houston answers there")
    cure = "end the program that has it, or set HOUSTON_PORT to another one"
    return Finding("Port", f"{settings.port} is taken by another program", cure)


async def _is_houston(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=3) as client:
            return (await client.get(f"{url}/health/live")).text == "alive\n"
    except httpx.HTTPError:
        return False


async def _transports(settings: Settings) -> Finding:
    if settings.simulator_url is None and is_installed():
        return Finding("Transports", "linked devices")
    if settings.simulator_url is None:
        cure = "set HOUSTON_SIMULATOR_URL to a simulated WhatsApp (`houston sim`), or run `houston demo`"
        return Finding("Transports", "none is set up", cure)
    try:
        async with httpx.AsyncClient(timeout=3) as client:
            (await client.get(f"{settings.simulator_url}/sim/stats")).raise_for_status()
    except httpx.HTTPError as error:
        cure = "start it with `houston sim`, or correct HOUSTON_SIMULATOR_URL"
        return Finding("Transports", f"the simulated WhatsApp does not answer: {error}", cure)
    return Finding("Transports", f"simulator at {settings.simulator_url}")


async def _linked(settings: Settings) -> Finding:
    if is_installed():
        return await _library(settings)
    wanted = settings.sealing_key is not None or settings.simulator_url is None
    cure = "pip install 'houston[linked]'" if wanted else None
    return Finding("Linked devices", "the optional extra is not installed", cure)


async def _library(settings: Settings) -> Finding:
    """WhatsApp stops taking old ones, from one day to the next, for all numbers at once."""
    found = f"neonize {version('neonize')}"
    try:
        refused = await with_database(settings, _refused_for_age)
    except HoustonError:
        refused = 0  # That there is no database was said already.
    if not refused:
        return Finding("Linked devices", found)
    how = (
        f"{found}, which WhatsApp no longer accepts: channels that wait for a newer one: {refused}"
    )
    return Finding("Linked devices", how, TO_RENEW)


async def _refused_for_age(database: Database) -> int:
    async with database.single() as tx:
        if await tx.fetchval("select to_regclass('channels') is null"):
            return 0
        return await store.refused_for_age(tx)


async def _links(settings: Settings) -> Finding:
    """What befalls a link and has no word of its own mends itself, or it comes over and over."""
    try:
        found = await with_database(settings, _faulty)
    except HoustonError:
        found = []  # That there is no database was said already.
    if not found:
        return Finding("Links", "none fails over and over")
    codes = ", ".join(sorted(set(found)))
    return Finding(
        "Links", f"channels that fail over and over: {len(found)} ({codes})", TO_MEND_FAULTS
    )


async def _faulty(database: Database) -> list[str]:
    async with database.single() as tx:
        if await tx.fetchval("select to_regclass('channels') is null"):
            return []
        return await store.faulty(tx, SystemClock().now())


_LOOKS: Final[tuple[Look, ...]] = (
    _python,
    _files,
    _disk,
    _postgres,
    _port,
    _transports,
    _linked,
    _links,
)
