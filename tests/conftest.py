"""What all tests share: a real PostgreSQL for the whole run, and a fresh database for each test.

The server runs in a thread of its own, because a test's event loop ends with the test. Fixtures:

- `empty_database_url`  a database without tables
- `database_url`        a database with all of Houston's tables
- `house`               a node on it that drives its channels and sends
- `still_house`         a node that does nothing by itself
- `logged`              what was logged; no loop may have failed
"""

import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from argon2 import profiles
from hypothesis import settings

from houston.people import passwords
from tests.databases import Databases, memory_or, serve
from tests.houses import House, housed
from tests.loops import Logged
from tests.loops import logged as logged
from tests.sharing_out import InHalves, longest_first, scheduler

# Whoever is slow is mostly the machine: a test that takes long is ended by its own time limit.
settings.register_profile("houston", deadline=None)
settings.load_profile("houston")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the acceptance suite is played; what is played where by default: tests/acceptance/conftest.py."""
    parser.addoption("--transports", choices=("simulator", "linked", "all"), default=None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A whole server put together takes half a second, too long for hundreds of tests before each commit."""
    for item in items:
        if isinstance(item, pytest.Function) and "hall" in item.fixturenames:
            item.add_marker("slow")
    longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> InHalves | None:
    return scheduler(config, log)


def pytest_collection_finish() -> None:
    """What was imported stays until the end; to look through it again and again took a tenth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with memory_or(tmp_path_factory.mktemp("postgres")) as folder, serve(folder) as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """What makes guessing dear would make half of the tests slow. Whole servers pay the full price."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", profiles.CHEAPEST)
        yield


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    with databases.fresh() as url:
        yield url


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    with databases.fresh(databases.migrated()) as url:
        yield url


@pytest.fixture
async def house(database_url: str, logged: Logged) -> AsyncIterator[House]:
    async with housed(database_url) as house:
        yield house


@pytest.fixture
async def still_house(database_url: str, logged: Logged) -> AsyncIterator[House]:
    async with housed(database_url, loops=()) as house:
        yield house
