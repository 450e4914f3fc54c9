"""A server whose network is gone: the fake's tunnels lead nowhere, and the log is read."""

import pytest
from structlog.testing import capture_logs

from houston.transports import events
from houston.transports.linked_worker.route import Route
from houston.transports.transport import Resume
from tests.transports.linked.channel import online
from tests.transports.linked.played import LinkedHarness

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def test_a_server_that_finds_no_way_to_whatsapp_says_so_once_and_when_it_is_back(
    harness: LinkedHarness,
):
    harness.transport.route = Route(patience_seconds=0)
    one = await online(harness)
    with capture_logs() as lines:
        await harness.post("/network", up=False)
        for times in (1, 2):
            await one.ear.hears(events.Offline, times=times)
            await one.wire.start(Resume(one.ear.keys))
        await harness.post("/network", up=True)
        await one.wire.stop()
        await one.connect()
    told = [line["event"] for line in lines if "way_to_whatsapp" in line["event"]]
    assert told == ["no_way_to_whatsapp", "way_to_whatsapp_found_again"]
