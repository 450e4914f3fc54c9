"""`houston doctor` on a real database; a library that is missing is hidden from Python's search."""

from dataclasses import replace

import pytest

from houston.channels import store
from houston.channels.state import Status
from houston.doctor import Finding, examine
from houston.kernel.settings import Settings
from houston.transports.linked_worker import places
from tests.houses import House


async def looked(database_url: str) -> Finding:
    findings = await examine(Settings(database_url=database_url))
    (found,) = [finding for finding in findings if finding.what == "Linked devices"]
    return found


async def test_it_says_when_whatsapp_no_longer_takes_the_library_and_what_helps(
    still_house: House, database_url: str
):
    assert (await looked(database_url)).cure is None
    channel = await still_house.channel(Status.JUST_A_MINUTE)
    async with still_house.database.transaction() as tx:
        held = await store.lock(tx, channel)
        assert held is not None
        old = replace(held.state, outdated=True)
        await store.save(tx, channel, old, "JUST_A_MINUTE", accepting=True)
    found = await looked(database_url)
    assert found.how.endswith("no longer accepts: channels that wait for a newer one: 1")
    assert found.cure == places.TO_RENEW


async def test_it_says_that_the_extra_is_missing_and_how_to_install_it(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    assert (await looked(empty_database_url)).cure is None
    monkeypatch.setattr(places, "find_spec", lambda _: None)
    assert (await looked(empty_database_url)).cure == "pip install 'houston[linked]'"
