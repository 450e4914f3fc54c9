"""What all tests share: a real PostgreSQL for the whole run, and a fresh database for each test.

The server runs in a thread of its own, because a test's event loop ends with the test. Fixtures:

- `empty_database_url`  a database without tables
- `database_url`        a database with all of Houston's tables
"""

from collections.abc import Iterator

import pytest

from tests.databases import Databases, serve


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with serve(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    with databases.fresh() as url:
        yield url


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    with databases.fresh(databases.migrated()) as url:
        yield url
