"""Who stands in for WhatsApp in a demo: the simulated one, or the fake of its servers beside Houston's sources.

The fake makes a worker trust it, so it is no part of what is released (docs/why/linked-demo.md): this
file knows where a checkout has it, how it is started, and nothing of what it does.
"""

import asyncio
import os
import shlex
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from houston.kernel.clock import Clock
from houston.kernel.errors import BadSetting, Broken
from houston.kernel.settings import Settings
from houston.transports.linked_worker.places import is_installed
from houston.transports.simulated_whatsapp.server import serving

_SOURCES: Final = Path(__file__).parents[2]
_FAKE: Final = "tools.fake_whatsapp"
_WORKER: Final = "houston.transports.linked_worker"
_START_SECONDS_MAX: Final = 30.0
_END_SECONDS_MAX: Final = 5.0


@dataclass(frozen=True, slots=True)
class StandIn:
    """It answers."""

    control: str
    """The address of its phones and people, below `/sim`."""
    transport: str
    """Of the channels that end there."""
    settings: Settings
    """With these Houston finds it."""


Running = Callable[[Settings, str | None, Clock], AbstractAsyncContextManager[StandIn]]
"""Runs a stand-in, or takes the one whose control is at an address."""


@asynccontextmanager
async def simulated(settings: Settings, url: str | None, clock: Clock) -> AsyncIterator[StandIn]:
    """The simulated WhatsApp, which speaks a wire of its own."""
    if url is not None:
        yield _simulated_at(url, settings)
        return
    folder = settings.data_dir / "whatsapp"
    async with serving(port=0, data_dir=folder, clock=clock) as own:
        yield _simulated_at(own, settings)


def _simulated_at(url: str, settings: Settings) -> StandIn:
    return StandIn(url, "simulator", msgspec.structs.replace(settings, simulator_url=url))


@asynccontextmanager
async def faked(settings: Settings, url: str | None, _: Clock) -> AsyncIterator[StandIn]:
    """The fake of WhatsApp's servers, which the library of linked devices talks to unchanged.

    Raises:
        Broken: the library, the sources or the fake are missing.
        BadSetting: a fake runs elsewhere, and nothing says how workers come to trust it.
    """
    if not is_installed():
        raise Broken("Linked devices need their library: pip install 'houston[linked]'")
    if url is not None:
        yield _faked_elsewhere(url, settings)
        return
    async with _own_fake(_folder_in(settings.data_dir)) as address:
        # It speaks WhatsApp's wire alone: channels of the simulator would find nobody there.
        worker = _trusting_worker(address)
        own = msgspec.structs.replace(settings, linked_worker=worker, simulator_url=None)
        yield StandIn(address.url, "linked", own)


def _faked_elsewhere(url: str, settings: Settings) -> StandIn:
    if settings.linked_worker is None:
        cure = f"set it to a command that trusts the fake at {url}: tools/fake_whatsapp/README.md"
        raise BadSetting("HOUSTON_LINKED_WORKER", None, cure)
    return StandIn(url, "linked", msgspec.structs.replace(settings, simulator_url=None))


def _folder_in(data_dir: Path) -> Path:
    folder = data_dir.absolute() / "fake-whatsapp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Address(msgspec.Struct, frozen=True):
    """What the fake says of itself when it answers."""

    url: str
    proxy: str
    ca_file: str
    root_key: str


@asynccontextmanager
async def _own_fake(folder: Path) -> AsyncIterator[_Address]:
    if not (_SOURCES / _FAKE.replace(".", "/")).is_dir():
        raise Broken(
            "The fake of WhatsApp's servers is not released, because it makes a worker trust it:"
            " run `houston demo --linked` from a checkout of Houston's sources"
        )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", _FAKE, "--until-stdin-ends", "--data", folder),
        cwd=_SOURCES,
        stdin=asyncio.subprocess.PIPE,  # It ends when we do, however that is.
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for Houston, which says good-bye to it first.
    )
    try:
        yield await _address_of(process)
    finally:
        await _end(process)


async def _address_of(process: asyncio.subprocess.Process) -> _Address:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_SECONDS_MAX):
            return msgspec.json.decode(await process.stdout.readline(), type=_Address)
    except (TimeoutError, msgspec.DecodeError) as error:
        raise Broken("The fake of WhatsApp's servers does not start; it said why above") from error


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(_END_SECONDS_MAX):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _trusting_worker(address: _Address) -> str:
    """The released worker, in a process that the fake's own tool has made to trust it."""
    path = os.pathsep.join(filter(None, [str(_SOURCES), os.environ.get("PYTHONPATH")]))
    words = [
        "env",
        f"PYTHONPATH={path}",
        f"HTTPS_PROXY={address.proxy}",
        f"SSL_CERT_FILE={address.ca_file}",
        *(sys.executable, "-m", f"{_FAKE}.trusted", address.root_key, _WORKER),
    ]
    return shlex.join(words)
