"""Files over linked devices: the contract that every transport keeps, and what only a worker can suffer."""

import asyncio
import os
import signal
from dataclasses import replace

import pytest

from houston.kernel.content import Content, ContentKind, ContentState
from houston.transports import events
from houston.transports.transport import NotSent, Retry, Sent
from tests.transports import test_any_transport_files as contract
from tests.transports.linked.channel import online
from tests.transports.linked.played import LinkedHarness
from tests.transports.linking import words
from tests.transports.people_files import fail_hosts, say_file, seen_file

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

test_a_file_reaches_the_person_as_what_it_is = contract.test_a_file_reaches_the_person_as_what_it_is
test_what_a_person_sends_is_kept_before_the_message_is_told = (
    contract.test_what_a_person_sends_is_kept_before_the_message_is_told
)
test_a_file_that_is_gone_is_never_sent_and_says_why = (
    contract.test_a_file_that_is_gone_is_never_sent_and_says_why
)
test_a_file_that_whatsapp_does_not_take_now_is_sent_later = (
    contract.test_a_file_that_whatsapp_does_not_take_now_is_sent_later
)
test_a_message_waits_for_its_file_a_little_and_then_comes_without = (
    contract.test_a_message_waits_for_its_file_a_little_and_then_comes_without
)
test_a_file_that_is_gone_at_whatsapp_is_told_as_lost = (
    contract.test_a_file_that_is_gone_at_whatsapp_is_told_as_lost
)


# --- What only a worker can suffer ---------------------------------------------------------------


async def test_a_worker_killed_amid_an_upload_has_sent_nothing_and_it_is_sent_once(
    harness: LinkedHarness,
):
    one = await online(harness)
    body = os.urandom(8 * 1024**2)
    uri = harness.shelf.offer(Content(kind=ContentKind.DOCUMENT, mime="application/pdf"), body)
    message = replace(words(harness.person, None), content_uri=uri)
    sending = asyncio.ensure_future(one.wire.send(message))
    await asyncio.sleep(0)  # The frame is on its way; eight million bytes take longer than a kill.
    for pid in one.transport.worker_pids:
        os.kill(pid, signal.SIGKILL)
    cut_off = await sending
    assert not isinstance(cut_off, Sent)
    await one.ear.hears(events.Offline)
    await one.connect()
    found = await one.wire.resolve(message)
    assert isinstance(found, NotSent)
    assert found.retry is Retry.NOW
    assert isinstance(await one.wire.send(message), Sent)
    (arrival,) = await harness.inbox(harness.person)
    assert await seen_file(harness.http, arrival) == body


async def test_a_worker_killed_while_a_file_is_fetched_is_told_it_again_with_its_file(
    harness: LinkedHarness,
):
    one = await online(harness)
    await fail_hosts(harness.http, 503)
    body = os.urandom(100_000)
    await say_file(harness.http, harness.person, harness.phone, body, "audio/ogg")
    await one.ear.hears(events.Incoming)  # Without the file, after some patience.
    for pid in one.transport.worker_pids:
        os.kill(pid, signal.SIGKILL)
    await one.ear.hears(events.Offline)
    await fail_hosts(harness.http, None)
    await one.connect()
    again = await one.ear.hears(events.Incoming)
    assert again.content is not None
    assert again.content.state is ContentState.HERE
    assert harness.shelf.kept[again.content.uri or ""][1] == body
    one.ear.forget()
    await one.wire.stop()
    await one.connect()
    assert one.ear.all(events.Incoming) == []  # Stored, so it left the journal.


async def test_nothing_of_what_was_on_its_way_stays(harness: LinkedHarness):
    one = await online(harness)
    uri = harness.shelf.offer(Content(kind=ContentKind.IMAGE, mime="image/png"), b"x" * 1000)
    await one.wire.send(replace(words(harness.person, None), content_uri=uri))
    await say_file(harness.http, harness.person, harness.phone, b"y" * 1000, "image/png")
    await one.ear.hears(events.Incoming)
    assert list(harness.shelf.folder.iterdir()) == []
