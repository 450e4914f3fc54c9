"""What linked devices ask of the rest of Houston: a node on a real database, a messenger in memory."""

from collections.abc import AsyncIterator

import pytest

from houston.channels import store
from houston.kernel.errors import LeaseLost
from houston.kernel.ids import ChannelId
from houston.messages.rules import MessageStatus
from houston.transports.events import KeysChanged, Receipt, ReceiptKind
from houston.transports.transport import Outgoing, SendResult, Unknown
from tests.clocks import StoppedClock
from tests.houses import House, housed, until
from tests.wires import ANNA, Messenger


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    clock = StoppedClock()
    messenger = Messenger(clock, client_ids=False)
    async with housed(database_url, messenger=messenger, clock=clock) as house:
        yield house


async def keys_of(house: House, channel: ChannelId) -> bytes | None:
    async with house.database.single() as tx:
        return await store.credentials(tx, channel)


async def test_keys_that_have_moved_on_replace_the_old_ones(house: House):
    channel = await house.active()
    await house.messenger.of(channel).hear(KeysChanged(b"newer keys"))
    assert await keys_of(house, channel) == b"newer keys"


async def test_keys_are_taken_from_nobody_but_the_holder(house: House):
    channel = await house.active()
    wire = house.messenger.of(channel)
    await house.fetch("update channels set fence = fence + 1 where id = $1", channel)
    with pytest.raises(LeaseLost):
        await wire.hear(KeysChanged(b"keys of a node that was too slow"))
    assert await keys_of(house, channel) == b"keys"


async def test_what_is_uncertain_is_settled_by_a_receipt_under_the_id_that_was_found(house: House):
    async def lost(_: Outgoing) -> SendResult:
        return Unknown(None)

    channel = await house.active()
    house.messenger.answer = lost
    said = await house.say(channel)
    house.messenger.fates[str(said.message)] = Unknown("FOUND")
    await until(lambda: house.is_at(said.message, MessageStatus.UNCERTAIN), "it is uncertain")
    receipt = Receipt(wire_ids=("FOUND",), chat=ANNA, kind=ReceiptKind.SENT, at=house.clock.now())
    await house.messenger.of(channel).hear(receipt)
    assert await house.is_at(said.message, MessageStatus.SENT)
    row = await house.row(said.message)
    assert row["delivered_at"] is None
    assert not row["open"]
