"""One simulated WhatsApp for all tests of a file: it starts in no time, but ends politely, which takes some."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.transports.harness import (
    Harness,
    SimulatorHarness,
    SimulatorHarnesses,
    simulated_whatsapp,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whatsapp() -> AsyncIterator[SimulatorHarnesses]:
    async with simulated_whatsapp() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def sim(whatsapp: SimulatorHarnesses) -> AsyncIterator[SimulatorHarness]:
    """The simulated WhatsApp, with a node and numbers of the test's own."""
    async with whatsapp.harness() as ready:
        yield ready


@pytest_asyncio.fixture(
    params=[False, True], ids=["simulator", "simulator-without-phone"], loop_scope="module"
)
async def harness(
    request: pytest.FixtureRequest, whatsapp: SimulatorHarnesses
) -> AsyncIterator[Harness]:
    """Every transport, one after another."""
    async with whatsapp.harness(sends_without_phone=request.param) as ready:
        yield ready
