"""The contract of the seam, about files: what is sent is what arrives, both ways, by the other side's books.

Like test_any_transport.py it uses only the seam and a harness, and is played against every transport.
"""

from dataclasses import replace

import pytest

from houston.kernel.content import Content, ContentKind, ContentState, kind_of
from houston.transports import events
from houston.transports.transport import NotSent, Retry, Sent
from tests.transports.ear import until
from tests.transports.harness import Harness
from tests.transports.linking import connected, words
from tests.transports.people_files import fail_hosts, say_file, seen_file

pytestmark = pytest.mark.asyncio(loop_scope="module")

BODY = bytes(range(256)) * 300
KINDS = [
    ("image/jpeg", "photo.jpg", ContentKind.IMAGE),
    ("audio/ogg", "voice.ogg", ContentKind.AUDIO),
    ("video/mp4", "film.mp4", ContentKind.VIDEO),
    ("application/pdf", "price list.pdf", ContentKind.DOCUMENT),
]


@pytest.mark.parametrize(("mime", "name", "kind"), KINDS)
async def test_a_file_reaches_the_person_as_what_it_is(
    harness: Harness, mime: str, name: str, kind: ContentKind
):
    one = await connected(harness)
    uri = harness.shelf.offer(Content(kind=kind_of(mime), mime=mime, name=name), BODY)
    result = await one.wire.send(replace(words(harness.person, None), content_uri=uri))
    assert isinstance(result, Sent), result
    (arrival,) = await harness.inbox(harness.person)
    assert arrival["content_kind"] == kind
    assert await seen_file(harness.http, arrival) == BODY
    if kind is ContentKind.DOCUMENT:
        assert arrival["content_name"] == name


@pytest.mark.parametrize(("mime", "name", "kind"), KINDS)
async def test_what_a_person_sends_is_kept_before_the_message_is_told(
    harness: Harness, mime: str, name: str, kind: ContentKind
):
    one = await connected(harness)
    await say_file(harness.http, harness.person, harness.phone, BODY, mime, name, "look")
    heard = await one.ear.hears(events.Incoming)
    assert heard.content is not None
    assert (heard.content.kind, heard.content.mime) == (kind, mime)
    assert heard.content.state is ContentState.HERE
    assert harness.shelf.kept[heard.content.uri or ""][1] == BODY
    if kind is ContentKind.DOCUMENT:
        assert heard.content.name == name
    if kind is not ContentKind.AUDIO:
        assert heard.text == "look"


async def test_a_file_that_is_gone_is_never_sent_and_says_why(harness: Harness):
    one = await connected(harness)
    gone = replace(words(harness.person, None), content_uri="https://flowers.example/gone")
    result = await one.wire.send(gone)
    assert isinstance(result, NotSent)
    assert (result.retry, result.code) == (Retry.NEVER, "content_gone")
    assert await harness.inbox(harness.person) == []


async def test_a_file_that_whatsapp_does_not_take_now_is_sent_later(harness: Harness):
    one = await connected(harness)
    uri = harness.shelf.offer(Content(kind=ContentKind.IMAGE, mime="image/png"), BODY)
    message = replace(words(harness.person, None), content_uri=uri)
    await fail_hosts(harness.http, 503)
    result = await one.wire.send(message)
    assert isinstance(result, NotSent)
    assert (result.retry, result.code) == (Retry.LATER, "not_uploaded")
    await fail_hosts(harness.http, None)
    assert isinstance(await one.wire.send(message), Sent)


async def test_a_message_waits_for_its_file_a_little_and_then_comes_without(harness: Harness):
    one = await connected(harness)
    await fail_hosts(harness.http, 503)
    await say_file(harness.http, harness.person, harness.phone, BODY, "image/png", None, "look")
    await harness.say(harness.person, harness.phone, "did you see it?")
    await one.ear.hears(events.Incoming, times=2)
    first, second = one.ear.all(events.Incoming)[:2]
    assert (first.text, second.text) == ("look", "did you see it?")
    assert first.content is not None
    assert first.content.state is ContentState.FETCHING
    await fail_hosts(harness.http, None)
    whole = await one.ear.hears(events.Incoming, times=3)
    assert whole.content is not None
    assert (whole.wire_id, whole.content.state) == (first.wire_id, ContentState.HERE)
    assert harness.shelf.kept[whole.content.uri or ""][1] == BODY


async def test_a_file_that_is_gone_at_whatsapp_is_told_as_lost(harness: Harness):
    one = await connected(harness)
    await fail_hosts(harness.http, 404)
    await say_file(harness.http, harness.person, harness.phone, BODY, "image/png", None, "look")
    heard = await one.ear.hears(events.Incoming)
    assert heard.content is not None
    assert heard.content.state is ContentState.LOST
    assert heard.content.fault
    await until(lambda: len(one.ear.all(events.Incoming)) == 1, "it is told once")
