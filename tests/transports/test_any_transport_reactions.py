"""The contract of the seam, about reactions: emojis on messages of either side, both ways.

Like test_any_transport.py it uses only the seam and a harness, and is played against every transport.
"""

from datetime import UTC, datetime, timedelta

import pytest

from houston.transports import events
from houston.transports.transport import NotSent, Outgoing, OutgoingKind, Retry, Sent
from tests.transports.harness import Harness
from tests.transports.linking import connected, linked, needs, seen, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


def emoji(text: str | None, person: str, target: str, author: str = "") -> Outgoing:
    kind = OutgoingKind.REACT
    return words(person, text, kind=kind, target=target, target_author=author)


async def standing(harness: Harness, wire_id: str) -> dict[str, str]:
    """Whose emoji the books see on a message of either side."""
    said = (await harness.http.get(f"/sayings?channel={harness.phone}")).json()
    found = [one for one in (*said, *await harness.inbox(harness.person)) if one["id"] == wire_id]
    (reactions,) = [one["reactions"] for one in found]
    return dict(reactions)


async def test_an_emoji_stands_on_a_message_of_either_side_until_it_is_taken_off(harness: Harness):
    needs(harness, "react")
    one, person = await connected(harness), harness.person
    sent = await one.wire.send(words(person, "ready at five"))
    assert isinstance(sent, Sent)
    ours, theirs = sent.wire_id, await harness.say(person, harness.phone, "thanks")
    await one.ear.hears(events.Incoming)
    on_theirs = emoji("🙏", person, theirs, person)
    for message in (emoji("👍", person, ours), emoji("❤️", person, ours), on_theirs):
        assert isinstance(await one.wire.send(message), Sent)
    assert await standing(harness, ours) == {harness.phone: "❤️"}
    assert await standing(harness, theirs) == {harness.phone: "🙏"}
    again = emoji("🙏", person, theirs, person)
    for message in (again, emoji(None, person, ours)):
        assert isinstance(await one.wire.send(message), Sent)
    assert await standing(harness, ours) == {}
    assert await standing(harness, theirs) == {harness.phone: "🙏"}
    assert await seen(harness) == ["ready at five"]


async def test_an_emoji_for_a_message_that_never_was_fails_for_good(harness: Harness):
    needs(harness, "react")
    one = await connected(harness)
    result = await one.wire.send(emoji("👍", harness.person, "NOWHERE"))
    assert isinstance(result, NotSent)
    assert result.retry is Retry.NEVER


async def test_reactions_of_people_and_on_the_phone_are_told(harness: Harness):
    needs(harness, "react")
    one, person = await connected(harness), harness.person
    said = await harness.say(person, harness.phone, "thanks")
    ours = await harness.type_on_phone(harness.phone, person, "with pleasure")
    await harness.react(person, harness.phone, ours, "❤️")
    await harness.react_on_phone(harness.phone, person, said, "🙏")
    await harness.react(person, harness.phone, ours, None)
    await one.ear.hears(events.Reacted, times=3)
    told = one.ear.all(events.Reacted)
    assert [(one.author, one.wire_id, one.emoji) for one in told] == [
        (person, ours, "❤️"),
        ("", said, "🙏"),
        (person, ours, None),
    ]
    assert {one.chat for one in told} == {person}
    assert abs(told[0].at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_reactions_among_what_waited_are_no_shortfall_of_messages(harness: Harness):
    needs(harness, "react")
    one, person = await linked(harness), harness.person
    said = [await harness.say(person, harness.phone, f"hello {number}") for number in range(2)]
    for wire_id in said:
        await harness.react(person, harness.phone, wire_id, "👍")
    await one.connect()
    (began,), (ended,) = one.ear.all(events.BacklogBegan), one.ear.all(events.BacklogEnded)
    retrieved = [heard for heard in one.ear.all(events.Incoming) if heard.retrieved]
    assert began.expected - ended.besides == len(retrieved) == 2
    assert [heard.wire_id for heard in one.ear.all(events.Reacted)] == said
