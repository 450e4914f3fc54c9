"""A number whose phone wants a passkey: the unmodified library cannot answer, and says so only in its notes."""

import pytest

from houston.transports import events
from houston.transports.events import ConfirmationAsked, ConfirmationKind
from houston.transports.transport import Pair
from tests.transports.linked.channel import Channel
from tests.transports.linked.played import LinkedHarness, LinkedHarnesses

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

ASKED = ConfirmationAsked(ConfirmationKind.PASSKEY)
NOT_ANSWERED = events.PairingFailed(events.PASSKEY_NOT_ANSWERED)


async def scanned(harness: LinkedHarness) -> Channel:
    """A channel whose code was scanned, by a phone that wants a passkey."""
    await harness.post(f"/phones/{harness.phone}/protect", kind="passkey")
    one = Channel(harness.transport, harness.phone)
    await one.wire.start(Pair())
    await harness.scan(harness.phone, (await one.ear.hears(events.QrShown)).code)
    await one.ear.hears(ConfirmationAsked)
    return one


async def test_that_it_is_asked_for_is_told_once_and_no_code_is_shown_that_nobody_could_use(
    whatsapp: LinkedHarnesses,
):
    async with whatsapp.harness(confirm_seconds=2.0) as harness:
        one = await scanned(harness)
        await one.ear.hears(events.PairingFailed)
        kinds = [type(event) for event in one.ear.heard]
        assert kinds == [events.QrShown, ConfirmationAsked, events.PairingFailed]
        assert one.ear.heard[1:] == [ASKED, NOT_ANSWERED]


async def test_once_the_passkey_is_off_the_next_code_links(harness: LinkedHarness):
    one = await scanned(harness)
    await harness.post(f"/phones/{harness.phone}/protect", kind=None)
    one.ear.forget()
    await one.wire.start(Pair())  # Somebody pressed “Continue”.
    await harness.scan(harness.phone, (await one.ear.hears(events.QrShown)).code)
    await one.ear.hears(events.Paired)
    await one.connect()
    assert one.ear.all(events.Online)


async def test_what_is_not_asked_for_is_not_told(harness: LinkedHarness):
    one = Channel(harness.transport, harness.phone)
    await one.wire.start(Pair())
    await harness.scan(harness.phone, (await one.ear.hears(events.QrShown)).code)
    await one.ear.hears(events.Paired)
    assert one.ear.all(ConfirmationAsked) == []
