"""Starts, asks and kills the embedded PostgreSQL, for the tests of its life."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from houston.kernel import postgres
from houston.kernel.clock import SystemClock
from houston.kernel.postgres import EmbeddedPostgres
from houston.kernel.postgres.child import User, can_run

ROOT = Path(__file__).parent.parent.parent


async def start(folder: Path, bin_dir: Path | None = None) -> EmbeddedPostgres:
    return await postgres.start(folder, bin_dir=bin_dir, clock=SystemClock())


@asynccontextmanager
async def started(folder: Path, bin_dir: Path | None = None) -> AsyncIterator[EmbeddedPostgres]:
    server = await start(folder, bin_dir)
    try:
        yield server
    finally:
        await server.stop()


async def ask(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def answers(dsn: str, statement: str) -> object:
    """The answer as soon as the server gives one."""
    while True:
        try:
            return await ask(dsn, statement)
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.02)


async def until(claim: Callable[[], bool], seconds_max: float = 60) -> None:
    async with asyncio.timeout(seconds_max):
        while not claim():
            await asyncio.sleep(0.02)


def lives(pid: int) -> bool:
    """A zombie does not: it only waits for somebody to take note of its end."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def copied(house: Path, to: Path) -> Path:
    """A copy whose files belong to whom they belonged."""
    subprocess.run(["cp", "-a", house, to], check=True)
    return to


@contextmanager
def houston(folder: Path, *, user: User | None = None) -> Iterator["subprocess.Popen[str]"]:
    """A Houston of its own, by the Python and as the user that is asked for."""
    python = [sys.executable]
    if user:
        become = ["setpriv", f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups"]
        python = [*become, python_for(user)]
    with subprocess.Popen(
        [*python, "-m", "tests.kernel.keep_postgres", str(folder)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ":".join([str(ROOT / "src"), *sys.path])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def python_for(user: User) -> str:
    """A Python of our version that the user can reach: ours, or the system's."""
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    check = f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != '{ours}')"
    for python in (sys.executable, "/usr/bin/python3"):
        if Path(python).exists() and can_run([python, "-c", check], user=user):
            return python
    pytest.skip("no Python of this version can be reached by another user")


def said(process: "subprocess.Popen[str]") -> dict[str, str]:
    assert process.stdout is not None
    line = next((line for line in process.stdout if line.startswith("{")), "{}")
    return dict(json.loads(line))
