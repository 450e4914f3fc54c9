"""The contract of the seam, about sending: whatever happens, an outcome tells what is certain.

Like test_any_transport.py it uses only the seam and a harness, and is played against every transport.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from houston.transports import events
from houston.transports.events import ReceiptKind
from houston.transports.transport import NotSent, OutgoingKind, Retry, Sent, Unknown
from tests.transports.harness import Harness
from tests.transports.linking import connected, linked, needs, seen, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_is_sent_reaches_the_person_under_its_id_and_is_receipted(harness: Harness):
    one = await connected(harness)
    message = words(harness.person, "hello, person")
    result = await one.wire.send(message)
    assert isinstance(result, Sent)
    assert result.wire_id == message.wire_id
    assert abs(result.at - datetime.now(UTC)) < timedelta(minutes=1)
    (arrival,) = await harness.inbox(harness.person)
    assert (arrival["id"], arrival["from"], arrival["text"]) == (
        message.wire_id,
        harness.phone,
        "hello, person",
    )
    await one.ear.hears(events.Receipt)
    await harness.read(harness.person)
    await one.ear.hears(events.Receipt, times=2)
    receipts = one.ear.all(events.Receipt)
    assert [receipt.kind for receipt in receipts] == [ReceiptKind.DELIVERED, ReceiptKind.READ]
    assert all(receipt.wire_ids == (message.wire_id,) for receipt in receipts)
    assert all(receipt.chat == harness.person for receipt in receipts)


async def test_without_a_link_nothing_leaves(harness: Harness):
    one = await linked(harness)
    result = await one.wire.send(words(harness.person))
    assert isinstance(result, NotSent)
    assert result.retry is Retry.WHEN_ONLINE
    assert await seen(harness) == []


async def test_messages_sent_one_after_another_arrive_in_that_order(harness: Harness):
    one = await connected(harness)
    texts = [f"number #{number}" for number in range(50)]
    await asyncio.gather(*(one.wire.send(words(harness.person, text)) for text in texts))
    assert await seen(harness) == texts


async def test_the_same_key_twice_at_a_time_is_one_message(harness: Harness):
    one = await connected(harness)
    message = words(harness.person, "only once")
    results = await asyncio.gather(*(one.wire.send(message) for _ in range(3)))
    assert all(isinstance(result, Sent) for result in results)
    assert await seen(harness) == ["only once"]


async def test_who_asks_for_a_send_under_way_survives_the_first_askers_end(harness: Harness):
    one = await connected(harness)
    await harness.lose_acknowledgements(on=True)
    message = words(harness.person, "two askers")
    first = asyncio.create_task(one.wire.send(message))
    await asyncio.sleep(0)
    second = asyncio.create_task(one.wire.send(message))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == Unknown(message.wire_id)


async def test_a_lost_acknowledgement_ends_in_unknown_and_a_repeat_is_harmless(harness: Harness):
    needs(harness, "client_ids")
    one = await connected(harness)
    message = words(harness.person, "acknowledged in vain")
    await harness.lose_acknowledgements(on=True)
    assert await one.wire.send(message) == Unknown(message.wire_id)
    await harness.lose_acknowledgements(on=False)
    assert isinstance(await one.wire.send(message), Sent)
    assert await seen(harness) == ["acknowledged in vain"]


async def test_resolving_tells_what_arrived_from_what_never_did(harness: Harness):
    one = await connected(harness)
    arrived, never = words(harness.person, "arrived"), words(harness.person, "never")
    await harness.lose_acknowledgements(on=True)
    await one.wire.send(arrived)
    await harness.lose_acknowledgements(on=False)
    assert isinstance(await one.wire.resolve(arrived), Sent)
    result = await one.wire.resolve(never)
    assert isinstance(result, NotSent)
    assert result.retry is Retry.NOW


async def test_a_connection_lost_while_sending_leaves_it_unknown_at_once(harness: Harness):
    one = await connected(harness)
    await harness.silence(harness.phone, on=True, patient=True)
    message = words(harness.person, "into the dark")
    sending = asyncio.create_task(one.wire.send(message))
    await asyncio.sleep(0)
    await harness.cut_connection()
    async with asyncio.timeout(5):
        assert await sending == Unknown(message.wire_id)
    await one.ear.hears(events.Offline)


async def test_a_number_without_whatsapp_is_a_failure_for_good(harness: Harness):
    one = await connected(harness)
    await harness.leave_whatsapp(harness.person)
    result = await one.wire.send(words(harness.person))
    assert isinstance(result, NotSent)
    assert (result.retry, result.code) == (Retry.NEVER, "not_on_whatsapp")


async def test_a_restricted_number_may_answer_but_not_begin(harness: Harness):
    one = await connected(harness)
    await harness.restrict(harness.phone, 3600)
    told = await one.ear.hears(events.Restricted)
    refused = await one.wire.send(words(harness.person, "nice to meet you", first_contact=True))
    assert isinstance(refused, NotSent)
    assert (refused.retry, refused.not_before) == (Retry.WHEN_ALLOWED, told.until)
    assert isinstance(await one.wire.send(words(harness.person, "as I said")), Sent)
    assert await seen(harness) == ["as I said"]


async def test_an_edit_and_a_revocation_change_what_the_person_sees(harness: Harness):
    needs(harness, "edit")
    needs(harness, "revoke")
    one = await connected(harness)
    slip, secret = words(harness.person, "teh price"), words(harness.person, "a secret")
    await one.wire.send(slip)
    await one.wire.send(secret)
    edit = words(harness.person, "the price", kind=OutgoingKind.EDIT, target=slip.wire_id)
    revocation = words(harness.person, None, kind=OutgoingKind.REVOKE, target=secret.wire_id)
    assert isinstance(await one.wire.send(edit), Sent)
    assert isinstance(await one.wire.send(revocation), Sent)
    assert await seen(harness) == ["the price", None]
    assert isinstance(await one.wire.resolve(edit), Sent)


async def test_an_edit_of_a_message_that_never_was_fails_for_good(harness: Harness):
    needs(harness, "edit")
    one = await connected(harness)
    edit = words(harness.person, "of nothing", kind=OutgoingKind.EDIT, target="NOWHERE")
    result = await one.wire.send(edit)
    assert isinstance(result, NotSent)
    assert result.retry is Retry.NEVER
