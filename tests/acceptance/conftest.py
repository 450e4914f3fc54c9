"""One town for all journeys that leave it as they found it; a town of its own for those that kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.town import Town, town_running


@pytest.fixture(scope="session")
def shared_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    env = {"HOUSTON_V3_REQUESTS_PER_5S": "0"}
    with town_running(tmp_path_factory.mktemp("town"), env) as town:
        town.pair(town.waiting)
        yield town


@pytest.fixture
def town(shared_town: Town) -> Town:
    """The shared town, put in order: both channels active, the network well."""
    shared_town.whatsapp.post("/network", {"up": True, "lose_ack_rate": 0, "refuse_rate": 0})
    for channel in (shared_town.paired, shared_town.waiting):
        shared_town.becomes(channel, "ACTIVE", 60)
    return shared_town


@pytest.fixture
def own_town(tmp_path: Path) -> Iterator[Town]:
    with town_running(tmp_path) as town:
        yield town
