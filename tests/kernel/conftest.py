"""A folder with a database, made once for all tests of the kernel; each test gets a copy."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.servers import ask, copied, started


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that has been made, used and left in order."""
    folder = tmp_path_factory.mktemp("made") / "house"

    async def make() -> None:
        async with started(folder) as server:
            await ask(server.dsn, "create table kept (word text)")
            await ask(server.dsn, "insert into kept values ('before')")

    asyncio.run(make())
    return folder


@pytest.fixture
def house(made: Path, tmp_path: Path) -> Path:
    return copied(made, tmp_path / "house")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may pass through; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="houston-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
