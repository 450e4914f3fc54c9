"""One fake of WhatsApp's servers for all tests of a file; each test gets workers of its own on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.transports.linked.played import LinkedHarness, LinkedHarnesses, fake_whatsapp


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whatsapp(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LinkedHarnesses]:
    folder: Path = tmp_path_factory.mktemp("linked")
    async with fake_whatsapp(folder) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def harness(whatsapp: LinkedHarnesses) -> AsyncIterator[LinkedHarness]:
    async with whatsapp.harness() as ready:
        yield ready
