"""One town for all journeys that leave it as they found it; a town of its own for those that kill.

Every journey can be made on every transport (`--transports all`). By default, those marked `each_transport`
are: what a transport could get wrong. The others are made on the simulated WhatsApp, which is quicker: on
linked devices all of them take ten minutes, and those that are marked two.

Left out for their time alone are silence (40 s are the library's own pace of keep-alives; that they are
noticed tests/fake_whatsapp/test_faults.py proves, and what follows tests/channels) and dying nodes (30 s).
Make the whole on linked devices before a release, and after every change of the library or its worker:
`pytest tests/acceptance --transports linked`.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.town import TRANSPORTS, Town, prepare, town_running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "transport" in metafunc.fixturenames:
        asked = metafunc.config.getoption("transports")
        is_marked = metafunc.definition.get_closest_marker("each_transport") is not None
        everywhere = asked == "all" or (asked is None and is_marked)
        names = list(TRANSPORTS) if everywhere else [asked or "simulator"]
        metafunc.parametrize("transport", names, scope="session")


TO_US = {"HOUSTON_PRIVATE_ROUTES": "true"}
"""What stands for mail and Telegram is a server of the test's own."""


class Towns:
    """One for each transport, built when it is first lived in, and all of them there until the end."""

    def __init__(self, stack: ExitStack, factory: pytest.TempPathFactory, prepared: Path) -> None:
        self._stack = stack
        self._factory = factory
        self._prepared = prepared
        self._built: dict[str, Town] = {}

    def on(self, transport: str) -> Town:
        if transport not in self._built:
            folder, env = self._factory.mktemp("town"), {"HOUSTON_V3_REQUESTS_PER_5S": "0", **TO_US}
            running = town_running(folder, env, transport=transport, prepared=self._prepared)
            town = self._stack.enter_context(running)
            town.pair(town.waiting)
            self._built[transport] = town
        return self._built[transport]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: each of the many towns takes a copy. Towns from nothing: tests/people/test_demo.py."""
    return prepare(tmp_path_factory.mktemp("prepared") / "data")


@pytest.fixture(scope="session")
def towns(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Towns]:
    with ExitStack() as stack:
        yield Towns(stack, tmp_path_factory, prepared)


@pytest.fixture
def town(towns: Towns, transport: str) -> Town:
    """The shared town, put in order: both channels active, the network well."""
    town = towns.on(transport)
    town.whatsapp.post("/network", {"up": True, "lose_ack_rate": 0, "refuse_rate": 0})
    for channel in (town.paired, town.waiting):
        town.becomes(channel, "ACTIVE")
    return town


@pytest.fixture
def own_town(tmp_path: Path, transport: str, prepared: Path) -> Iterator[Town]:
    with town_running(tmp_path, TO_US, transport=transport, prepared=prepared) as town:
        yield town
