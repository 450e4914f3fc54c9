"""A round of linking by itself: what it says of codes and of a passkey that is asked for in between."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from houston.transports import events
from houston.transports.events import ConfirmationAsked, ConfirmationKind
from houston.transports.linked_worker.frames import Open
from houston.transports.linked_worker.pairing import Pairing
from tests.clocks import StoppedClock

LIBRARY = cast(Any, None)
"""It is asked for nothing here."""


class Round:
    """A round with six codes, and what it says."""

    def __init__(self, confirm_seconds: float = 60.0) -> None:
        self.said: list[events.Event] = []
        wanted = Open(
            stream=1,
            channel="channel",
            credentials=None,
            qr_seconds=(60.0,) * 6,
            confirm_seconds=confirm_seconds,
        )
        ground = cast(Any, SimpleNamespace(clock=StoppedClock()))
        self.pairing = Pairing(wanted, ground, self.said.append, self.said.append, lambda: b"")
        self.pairing.begin()

    async def kinds(self) -> list[type[events.Event]]:
        for _ in range(3):
            await asyncio.sleep(0)
        return [type(event) for event in self.said]

    def end(self) -> None:
        self.pairing.end()


async def test_once_a_passkey_is_asked_for_it_is_said_once_and_no_code_is_shown_any_more():
    """The library has changed its keys by then, and goes on showing codes that tell of the old ones."""
    one = Round()
    one.pairing.code_came(LIBRARY, "first")
    assert await one.kinds() == [events.QrShown]
    one.pairing.passkey_asked()
    await one.kinds()
    one.pairing.passkey_asked()
    assert await one.kinds() == [events.QrShown, ConfirmationAsked]
    assert one.said[-1] == ConfirmationAsked(ConfirmationKind.PASSKEY)
    one.pairing.code_came(LIBRARY, "second")
    assert await one.kinds() == [events.QrShown, ConfirmationAsked]
    one.end()


async def test_a_passkey_that_nobody_takes_off_ends_the_round_with_that_reason():
    one = Round(confirm_seconds=0.01)
    one.pairing.passkey_asked()
    await asyncio.sleep(0.05)
    assert one.said[-1] == events.PairingFailed(events.PASSKEY_NOT_ANSWERED)
    one.end()


async def test_a_phone_that_is_linked_already_is_asked_for_nothing():
    one = Round()
    one.pairing.code_came(LIBRARY, "first")
    one.pairing.scanned("79990000001")
    one.pairing.passkey_asked()
    assert ConfirmationAsked not in await one.kinds()
    one.end()
