"""A message that came and was lost before it was stored: its chat says so, once, and nobody overlooks it."""

from collections.abc import Sequence

from houston.kernel.missed import MessageMissed
from houston.messages.rules import MISSED_ECHO_TEXT, MISSED_TEXT
from houston.transports.events import Missed
from tests.houses import House
from tests.wires import ANNA, BORIS, incoming


def missed(house: House, wire_id: str, author: str = ANNA, chat: str = ANNA) -> Missed:
    return Missed(wire_id=wire_id, chat=chat, author=author, at=house.clock.now())


async def shown(house: House, chat: str = ANNA) -> Sequence[tuple[int, str]]:
    """Whose words the chat shows (2 are Houston's own), and which."""
    rows = await house.fetch(
        "select m.direction, m.body ->> 'text' as text from messages m join chats c on c.id = m.chat_id"
        " where c.address = $1 order by m.created_at, m.seq",
        chat,
    )
    return [(row["direction"], row["text"]) for row in rows]


async def unanswered(house: House, chat: str = ANNA) -> int:
    rows = await house.fetch("select unanswered from chats where address = $1", chat)
    return int(rows[0]["unanswered"])


async def told(house: House) -> list[tuple[str, str, str]]:
    facts = [fact for fact in await house.facts(MessageMissed) if isinstance(fact, MessageMissed)]
    return [(fact.address, fact.author, fact.text) for fact in facts]


async def test_the_chat_and_the_feed_say_of_each_that_it_is_missing_and_only_once(house: House):
    wire = house.messenger.of(await house.active())
    await wire.say(incoming(house.clock, "w1", "hello"))
    lost = [missed(house, "w2"), missed(house, "w3"), missed(house, "w9", BORIS, BORIS)]
    for _ in range(2):  # It is told until it is acknowledged.
        for one in lost:
            await wire.say(one)
    assert await shown(house) == [(0, "hello"), (2, MISSED_TEXT), (2, MISSED_TEXT)]
    assert await unanswered(house) == 3
    assert await shown(house, BORIS) == [(2, MISSED_TEXT)]  # Nothing of him was ever heard.
    assert await unanswered(house, BORIS) == 1
    assert sorted(await told(house)) == sorted(
        [(ANNA, ANNA, MISSED_TEXT), (ANNA, ANNA, MISSED_TEXT), (BORIS, BORIS, MISSED_TEXT)]
    )


async def test_what_was_stored_after_all_is_not_missing(house: House):
    wire = house.messenger.of(await house.active())
    await wire.say(incoming(house.clock, "w1", "hello"))
    await wire.say(missed(house, "w1"))
    assert await shown(house) == [(0, "hello")]
    assert await unanswered(house) == 1
    assert await told(house) == []


async def test_what_was_written_on_the_phone_waits_for_no_answer(house: House):
    wire = house.messenger.of(await house.active())
    await wire.say(incoming(house.clock, "w1", "hello"))
    await wire.say(missed(house, "w2", author=""))
    assert await shown(house) == [(0, "hello"), (2, MISSED_ECHO_TEXT)]
    assert await unanswered(house) == 1
    assert await told(house) == [(ANNA, "", MISSED_ECHO_TEXT)]
