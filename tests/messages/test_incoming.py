"""Laws I1 to I3: what comes from outside is saved first, once, in order, and whatever the status is."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from houston.channels.orders import Disable
from houston.channels.state import Status
from houston.kernel.facts import (
    CaughtUp,
    Fact,
    MessageEdited,
    MessageReceived,
    StatusChanged,
)
from houston.kernel.ids import ChannelId
from houston.kernel.missed import MessagesMissed
from houston.messages import store_gaps
from houston.messages.rules import MessageStatus
from houston.transports.events import (
    BacklogBegan,
    BacklogEnded,
    Echoed,
    Edited,
    Event,
    Gap,
    LoggedOut,
    LogoutCause,
    Offline,
    PhoneLost,
    Replaced,
    Revoked,
)
from tests.houses import House, until
from tests.loops import Logged
from tests.wires import ANNA, BORIS, incoming


async def texts(house: House, chat: str = ANNA) -> list[str | None]:
    """What a chat shows, oldest first, by the time at which it was written."""
    rows = await house.fetch(
        "select body ->> 'text' as text from messages join chats on chats.id = chat_id"
        " where address = $1 order by messages.created_at, messages.id",
        chat,
    )
    return [row["text"] for row in rows]


async def unanswered(house: House, chat: str = ANNA) -> int:
    rows = await house.fetch("select unanswered from chats where address = $1", chat)
    return int(rows[0]["unanswered"])


async def told(house: House) -> list[str | None]:
    facts = await house.facts(MessageReceived)
    return [fact.text for fact in facts if isinstance(fact, MessageReceived)]


async def test_what_cannot_be_saved_is_not_acknowledged_and_comes_in_order_later(
    house: House, logged: Logged
) -> None:
    channel = await house.active()
    wire = house.messenger.of(channel)
    house.cable.cut = True
    saying = [
        asyncio.create_task(wire.say(incoming(house.clock, f"w{n}", f"{n}"))) for n in range(5)
    ]
    await until(lambda: any(line["event"] == "receiving_postponed" for line in logged))
    assert house.messenger.acknowledged == []
    house.cable.cut = False
    await asyncio.gather(*saying)
    assert await told(house) == [f"{n}" for n in range(5)]
    assert len(house.messenger.acknowledged) == 5
    logged[:] = [line for line in logged if not str(line["event"]).endswith("_failed")]


async def test_what_is_handed_over_again_is_stored_and_told_once(house: House) -> None:
    channel = await house.active()
    wire = house.messenger.of(channel)
    first, other = incoming(house.clock, "w1"), incoming(house.clock, "w1", chat=BORIS)
    for event in (first, first, other, first):
        await wire.say(event)
    await asyncio.gather(wire.say(first), wire.say(first))
    assert len(await told(house)) == 2  # The same id in another chat is another message.
    assert (await unanswered(house), await unanswered(house, BORIS)) == (1, 1)


STOPS: list[tuple[Event, Status]] = [
    (PhoneLost(datetime(2026, 1, 1, tzinfo=UTC)), Status.PHONE_UNAVAILABLE),
    (Offline("network"), Status.JUST_A_MINUTE),
    (Replaced(), Status.JUST_A_MINUTE),
    (LoggedOut(LogoutCause.UNLINKED_ON_PHONE), Status.SCAN_QR),
]


@pytest.mark.parametrize(("stop", "word"), STOPS)
async def test_what_arrives_while_facts_change_is_saved(
    house: House, stop: Event, word: Status
) -> None:
    channel = await house.active()
    wire = house.messenger.of(channel)
    heard = [wire.say(incoming(house.clock, f"w{n}", f"{n}")) for n in range(3)]
    await asyncio.gather(heard[0], wire.say(stop), *heard[1:])
    await until(lambda: _became(house, word), f"it became {word}")
    assert await told(house) == ["0", "1", "2"]


async def _became(house: House, word: Status) -> bool:
    changes = await house.facts(StatusChanged)
    return any(isinstance(change, StatusChanged) and change.new == word for change in changes)


async def test_what_comes_in_the_moment_of_disabling_is_saved(house: House) -> None:
    channel = await house.active()
    wire = house.messenger.of(channel)
    await asyncio.gather(
        house.hear(channel, Disable("anna")), wire.say(incoming(house.clock, "w1", "just in time"))
    )
    await until(lambda: not wire.open)
    assert await texts(house) == ["just in time"]


async def retrieve(
    house: House, channel: ChannelId, expected: int, came: int, besides: int = 0
) -> CaughtUp:
    """A channel comes back to what waited for it."""
    wire = house.messenger.of(channel)
    await wire.say(BacklogBegan(expected))
    for n in range(came):
        sent_at = house.clock.now() - timedelta(hours=came - n)
        await wire.say(incoming(house.clock, f"w{n}", f"{n}", sent_at=sent_at, retrieved=True))
    await wire.say(BacklogEnded(besides))
    return await until(lambda: _caught_up(house, expected - besides))


async def _caught_up(house: House, expected: int) -> Fact | None:
    facts = await house.facts(CaughtUp)
    found = [fact for fact in facts if isinstance(fact, CaughtUp) and fact.expected == expected]
    return found[-1] if found else None


async def test_what_waited_is_retrieved_in_order_with_its_times_and_counted(house: House) -> None:
    channel = await house.active()
    assert (await retrieve(house, channel, 40, 40)).retrieved == 40
    assert await told(house) == [f"{n}" for n in range(40)]
    rows = await house.fetch(
        "select body ->> 'text' as text, created_at, retrieved from messages order by created_at"
    )
    assert [row["text"] for row in rows] == [f"{n}" for n in range(40)]
    assert all(row["retrieved"] for row in rows)
    assert rows[0]["created_at"] == house.clock.now() - timedelta(hours=40)
    stored = await house.stored(channel)
    assert (stored.catch_up_expected, stored.catch_up_retrieved) == (40, 40)


async def test_a_shortfall_is_seen(house: House) -> None:
    channel = await house.active()
    found = await retrieve(house, channel, 9, 7)
    assert (found.retrieved, found.expected) == (7, 9)


async def test_what_waited_and_was_no_message_of_its_own_is_no_shortfall(house: House) -> None:
    channel = await house.active()
    found = await retrieve(house, channel, 9, 7, besides=2)
    assert (found.retrieved, found.expected) == (7, 7)


async def test_what_nobody_can_fetch_is_told_and_not_kept_silent(house: House) -> None:
    channel, until_now = await house.active(), house.clock.now()
    since = until_now - timedelta(hours=1)
    await house.messenger.of(channel).say(Gap(since=since, until=until_now))
    assert await house.facts(MessagesMissed) == [MessagesMissed(since=since, until=until_now)]
    await house.messenger.of(channel).say(Gap(since=since, until=until_now))  # Told once more.
    async with house.database.single() as tx:
        (gap,) = await store_gaps.newest(tx, channel, 10)
    assert (gap["since"], gap["until"]) == (since, until_now)


async def test_what_was_typed_on_the_phone_is_in_the_chat_and_counts_as_an_answer(
    house: House,
) -> None:
    channel = await house.active()
    wire = house.messenger.of(channel)
    await wire.say(incoming(house.clock, "w1", "a question"))
    house.advance(1)
    typed = Echoed(wire_id="w2", chat=ANNA, text="an answer", sent_at=house.clock.now())
    await wire.say(typed)
    assert await texts(house) == ["a question", "an answer"]
    assert await unanswered(house) == 0


# --- Edited and taken back ----------------------------------------------------------------------


async def edits(house: House) -> list[tuple[str | None, str | None, bool]]:
    facts = await house.facts(MessageEdited)
    return [(f.old_text, f.text, f.by_us) for f in facts if isinstance(f, MessageEdited)]


async def test_an_edit_changes_the_text_and_the_feed_keeps_the_old_one(house: House) -> None:
    channel = await house.active()
    wire, now = house.messenger.of(channel), house.clock.now()
    await wire.say(incoming(house.clock, "w1", "tomorow"))
    await wire.say(Edited(wire_id="w1", chat=ANNA, author=ANNA, text="tomorrow", at=now))
    assert await texts(house) == ["tomorrow"]
    assert await edits(house) == [("tomorow", "tomorrow", False)]


async def test_what_is_taken_back_is_marked_and_the_feed_keeps_it(house: House) -> None:
    channel = await house.active()
    wire, now = house.messenger.of(channel), house.clock.now()
    await wire.say(incoming(house.clock, "w1", "a secret"))
    await wire.say(Revoked(wire_id="w1", chat=ANNA, author=ANNA, at=now))
    rows = await house.fetch("select deleted_at from messages")
    assert rows[0]["deleted_at"] == now
    assert await edits(house) == [("a secret", None, False)]


async def test_nobody_can_change_what_another_wrote(house: House) -> None:
    channel = await house.active()
    wire, now = house.messenger.of(channel), house.clock.now()
    said = await house.say(channel, "our offer")
    await until(lambda: house.is_at(said.message, MessageStatus.SENT))
    wire_id = house.messenger.handed_over[0].wire_id
    await wire.say(Edited(wire_id=wire_id, chat=ANNA, author=ANNA, text="half of it", at=now))
    await wire.say(Edited(wire_id=wire_id, chat=BORIS, author=BORIS, text="nothing", at=now))
    assert await texts(house) == ["our offer"]
    assert await edits(house) == []


async def test_a_change_of_what_never_came_changes_nothing(house: House) -> None:
    channel = await house.active()
    wire, now = house.messenger.of(channel), house.clock.now()
    await wire.say(Edited(wire_id="unknown", chat=ANNA, author=ANNA, text="?", at=now))
    await wire.say(Revoked(wire_id="unknown", chat=ANNA, author=ANNA, at=now))
    assert await edits(house) == []


async def test_what_is_quoted_is_named_if_it_is_here_also_when_both_come_together(
    house: House,
) -> None:
    channel = await house.active()
    wire = house.messenger.of(channel)
    said = (await house.say(channel, "Which one?")).message
    await until(lambda: house.is_at(said, MessageStatus.SENT))
    [sent] = await house.fetch("select wire_id from messages where id = $1", said)
    quoting = [
        incoming(house.clock, "w1", "the blue one", quoted_wire_id=sent["wire_id"]),
        incoming(house.clock, "w2", "I mean this", quoted_wire_id="w1"),
        incoming(house.clock, "w3", "and that", quoted_wire_id="before our time"),
        incoming(house.clock, "w4", "or his", chat=BORIS, quoted_wire_id="w1"),
    ]
    await asyncio.gather(*(wire.say(one) for one in quoting))
    facts = [one for one in await house.facts(MessageReceived) if isinstance(one, MessageReceived)]
    told = {one.text: (one.quoted_message_id, one.quoted_text) for one in facts}
    first = next(one.message_id for one in facts if one.text == "the blue one")
    assert told == {
        "the blue one": (said, "Which one?"),
        "I mean this": (first, "the blue one"),
        "and that": (None, None),
        "or his": (None, None),
    }
