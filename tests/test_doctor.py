"""`houston doctor` on a real database; a library that is missing is hidden from Python's search."""

from dataclasses import replace
from typing import Any

import pytest

from houston.channels import store
from houston.channels.state import FAULTS_MAX, Status
from houston.doctor import Finding, examine
from houston.kernel.settings import Settings
from houston.transports.linked_worker import places
from tests.houses import House


async def looked(database_url: str, what: str = "Linked devices") -> Finding:
    findings = await examine(Settings(database_url=database_url))
    (found,) = [finding for finding in findings if finding.what == what]
    return found


async def suffers(house: House, **facts: Any) -> None:
    """A channel whose link does not come up, and what is known of it."""
    channel = await house.channel(Status.JUST_A_MINUTE)
    async with house.database.transaction() as tx:
        held = await store.lock(tx, channel)
        assert held is not None
        state = replace(held.state, **facts)
        await store.save(tx, channel, state, "JUST_A_MINUTE", accepting=True)


async def test_it_says_when_whatsapp_no_longer_takes_the_library_and_what_helps(
    still_house: House, database_url: str
):
    assert (await looked(database_url)).cure is None
    await suffers(still_house, outdated=True)
    found = await looked(database_url)
    assert found.how.endswith("no longer accepts: channels that wait for a newer one: 1")
    assert found.cure == places.TO_RENEW


async def test_it_says_which_links_fail_over_and_over_and_what_may_help(
    still_house: House, database_url: str
):
    assert (await looked(database_url, "Links")).cure is None
    faults = (still_house.clock.now(),) * FAULTS_MAX
    await suffers(still_house, faults=faults, detail="refused_409")
    found = await looked(database_url, "Links")
    assert found.how == "channels that fail over and over: 1 (refused_409)"
    assert found.cure


async def test_it_says_that_the_extra_is_missing_and_how_to_install_it(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    assert (await looked(empty_database_url)).cure is None
    monkeypatch.setattr(places, "find_spec", lambda _: None)
    assert (await looked(empty_database_url)).cure == "pip install 'houston[linked]'"
