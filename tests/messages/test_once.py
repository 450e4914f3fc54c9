"""Law M6, never twice: a caller repeats itself to a real database, a node to a messenger in memory."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from houston.channels.state import Status
from houston.kernel.errors import BadRequest, ChannelRefuses, Conflict
from houston.kernel.facts import MessageAccepted, MessageMoved
from houston.kernel.ids import MessageId
from houston.messages.rules import MessageStatus
from houston.messages.store import decode_body
from houston.transports.transport import NotSent, Outgoing, Retry, SendResult, Sent, Unknown
from tests.clocks import StoppedClock
from tests.houses import House, housed, until
from tests.wires import ANNA, BORIS, Gate, Messenger, Scripted

LOST = Unknown(None)
BUSY = NotSent(retry=Retry.NOW, code="busy", text="try again")


# --- A caller repeats itself ---------------------------------------------------------------------


async def test_a_repeat_with_the_same_reference_answers_with_the_first_message(
    still_house: House,
) -> None:
    channel = await still_house.channel(Status.ACTIVE)
    first = await still_house.say(channel, "hello", ref="order 7")
    again = await still_house.say(channel, "something else, even", BORIS, ref="order 7")
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.message, again.chat) == (first.message, first.chat)
    assert await still_house.waiting(channel) == ["hello"]
    assert len(await still_house.facts(MessageAccepted)) == 1


async def test_repeats_at_the_same_moment_store_one_message(still_house: House) -> None:
    channel = await still_house.channel(Status.ACTIVE)
    owner = (await still_house.stored(channel)).account
    answers = await asyncio.gather(
        *(still_house.say(channel, ref="order 7", account=owner) for _ in range(20))
    )
    assert len({answer.message for answer in answers}) == 1
    assert [answer.repeated for answer in answers].count(False) == 1
    assert await still_house.waiting(channel) == ["hello"]


async def test_repeats_on_two_nodes_at_the_same_moment_store_one_message(
    still_house: House, database_url: str
) -> None:
    channel = await still_house.channel(Status.ACTIVE)
    owner = (await still_house.stored(channel)).account
    async with housed(database_url, loops=()) as other:
        answers = await asyncio.gather(
            *(
                house.say(channel, ref=f"order {n}", account=owner)
                for n in range(10)
                for house in (still_house, other)
            )
        )
    assert len({answer.message for answer in answers}) == 10
    assert len(await still_house.waiting(channel)) == 10


async def test_a_repeat_of_what_was_sent_long_ago_is_harmless_too(house: House) -> None:
    channel = await house.active()
    first = await house.say(channel, ref="order 7")
    await until(lambda: house.is_at(first.message, MessageStatus.SENT))
    house.advance(400 * 24 * 3600)
    again = await house.say(channel, ref="order 7")
    assert (again.message, again.repeated) == (first.message, True)
    assert len(house.messenger.handed_over) == 1


async def test_a_repeat_of_what_was_accepted_is_told_so_even_where_new_messages_are_refused(
    still_house: House,
) -> None:
    """It stays accepted (law M3): to answer with a refusal would be untrue."""
    channel = await still_house.channel(Status.ACTIVE)
    first = await still_house.say(channel, ref="order 7", repeat_seconds=60)
    await still_house.set_status(channel, Status.NOT_PAID)
    still_house.advance(61)
    again = await still_house.say(channel, ref="order 7", repeat_seconds=60)
    assert (again.message, again.repeated, again.status) == (first.message, True, Status.NOT_PAID)
    with pytest.raises(ChannelRefuses):
        await still_house.say(channel, ref="order 8", repeat_seconds=60)


async def test_each_channel_has_references_of_its_own(still_house: House) -> None:
    owner, stranger = await still_house.account(), await still_house.account()
    channels = [
        await still_house.channel(Status.ACTIVE, f"7900111000{n}", account)
        for n, account in enumerate((owner, owner, stranger))
    ]
    answers = [await still_house.say(channel, ref="order 7") for channel in channels]
    assert [answer.repeated for answer in answers] == [False] * 3
    assert len({answer.message for answer in answers}) == 3


async def test_without_a_reference_every_message_is_a_new_one(still_house: House) -> None:
    channel = await still_house.channel(Status.ACTIVE)
    answers = [await still_house.say(channel) for _ in range(3)]
    assert len({answer.message for answer in answers}) == 3


@pytest.mark.parametrize("ref", ["", "x" * 201, "nothing\x00"])
async def test_a_reference_that_cannot_be_kept_is_refused(still_house: House, ref: str) -> None:
    channel = await still_house.channel(Status.ACTIVE)
    with pytest.raises(BadRequest):
        await still_house.say(channel, ref=ref)


async def test_a_dialect_may_forget_references_after_a_while(still_house: House) -> None:
    """Wazzup's does after a minute: the same crmMessageId is a new message then."""
    channel = await still_house.channel(Status.ACTIVE)
    first = await still_house.say(channel, "1", ref="order 7", repeat_seconds=60)
    still_house.advance(60)
    again = await still_house.say(channel, "2", ref="order 7", repeat_seconds=60)
    still_house.advance(1)
    later = await still_house.say(channel, "3", ref="order 7", repeat_seconds=60)
    assert (again.repeated, later.repeated) == (True, False)
    assert (again.message, later.message) == (first.message, later.message)
    once_more = await still_house.say(channel, "4", ref="order 7", repeat_seconds=60)
    assert (once_more.message, once_more.repeated) == (later.message, True)
    assert await still_house.waiting(channel) == ["1", "3"]


async def test_a_forgotten_reference_that_comes_twice_at_once_stores_one_message(
    still_house: House,
) -> None:
    """The second once failed, and with it everybody whose message was in the same batch."""
    channel = await still_house.channel(Status.ACTIVE)
    owner = (await still_house.stored(channel)).account
    await still_house.say(channel, "old", ref="order 7", repeat_seconds=60)
    still_house.advance(61)
    one, other, bystander = await asyncio.gather(
        still_house.say(channel, "new", ref="order 7", repeat_seconds=60, account=owner),
        still_house.say(channel, "new", ref="order 7", repeat_seconds=60, account=owner),
        still_house.say(channel, "beside", account=owner),
    )
    assert (one.repeated, other.repeated, bystander.repeated) == (False, True, False)
    assert one.message == other.message
    assert sorted(await still_house.waiting(channel)) == ["beside", "new", "old"]


# --- The same id at every attempt ----------------------------------------------------------------


async def test_the_id_on_the_wire_is_stored_before_the_first_attempt(house: House) -> None:
    channel, stored = await house.active(), dict[str, str]()

    async def look_at_the_disk(message: Outgoing) -> SendResult:
        row = await house.row(MessageId(UUID(message.key)))
        stored[message.wire_id] = row["wire_id"]
        assert row["status"] == MessageStatus.SENDING, "the intent stands before the bytes leave"
        return await house.messenger.acknowledge(message)

    house.messenger.answer = look_at_the_disk
    said = await house.say(channel)
    await until(lambda: house.is_at(said.message, MessageStatus.SENT))
    assert [wire_id == row for wire_id, row in stored.items()] == [True]


async def test_an_uncertain_attempt_is_repeated_with_the_same_id(house: House) -> None:
    channel = await house.active()
    house.messenger.answer = Scripted(house.messenger, hello=[LOST, BUSY, LOST])
    said = await house.say(channel, "hello")

    async def sent() -> bool:
        house.advance(5)
        return await house.is_at(said.message, MessageStatus.SENT)

    await until(sent)
    assert len(house.messenger.handed_over) == 4
    assert len({sent.wire_id for sent in house.messenger.handed_over}) == 1
    assert len({sent.key for sent in house.messenger.handed_over}) == 1
    assert house.messenger.asked_about == []


async def test_an_attempt_without_an_answer_is_doubt_about_the_link(house: House) -> None:
    """Law S9: it is probed, and after several such sends it is not Active any more."""
    channel = await house.active()
    house.messenger.answer = Scripted(house.messenger, hello=[LOST] * 100)
    await house.say(channel, "hello")

    async def doubted() -> bool:
        # A silent send counts only if the probe after the last one was answered; time flies here.
        house.advance(5)
        rows = await house.fetch("select reason from channel_history")
        return "no_proof_of_life" in [row["reason"] for row in rows]

    await until(doubted)


async def test_the_next_node_repeats_what_was_on_its_way_with_the_same_id(
    database_url: str,
) -> None:
    async with housed(database_url) as house:
        channel = await house.active()
        house.messenger.answer = Gate(house.messenger)
        said = await house.say(channel)
        await until(lambda: house.messenger.handed_over)
        (first,) = house.messenger.handed_over
    async with housed(database_url) as house:
        await until(lambda: house.is_at(said.message, MessageStatus.SENT))
        assert [sent.wire_id for sent in house.messenger.handed_over] == [first.wire_id]


# --- Where the library chooses the id ------------------------------------------------------------


@pytest.fixture
async def theirs(database_url: str) -> AsyncIterator[House]:
    """A node whose messenger chooses the ids, so that a repeat would be a second message."""
    clock = StoppedClock()
    messenger = Messenger(clock, client_ids=False)
    async with housed(database_url, messenger=messenger, clock=clock) as house:
        yield house


async def test_their_id_is_taken_over(theirs: House) -> None:
    channel = await theirs.active()
    said = await theirs.say(channel)
    await until(lambda: theirs.is_at(said.message, MessageStatus.SENT))
    assert (await theirs.row(said.message))["wire_id"] == f"theirs-{said.message}"


async def test_what_is_unknown_is_asked_about_by_our_key_and_not_repeated(theirs: House) -> None:
    channel = await theirs.active()

    async def lost_but_found(message: Outgoing) -> SendResult:
        theirs.messenger.fates[message.key] = Sent("theirs-1", theirs.clock.now())
        return LOST

    theirs.messenger.answer = lost_but_found
    said = await theirs.say(channel)
    await until(lambda: theirs.is_at(said.message, MessageStatus.SENT))
    assert len(theirs.messenger.handed_over) == 1
    assert [asked.key for asked in theirs.messenger.asked_about] == [str(said.message)]


async def test_what_certainly_did_not_leave_is_sent_again(theirs: House) -> None:
    channel = await theirs.active()

    async def lost(message: Outgoing) -> SendResult:
        theirs.messenger.fates[message.key] = BUSY
        theirs.messenger.answer = theirs.messenger.acknowledge
        return LOST

    theirs.messenger.answer = lost
    said = await theirs.say(channel)
    await until(lambda: theirs.messenger.asked_about)
    await until(lambda: _tried(theirs, said.message, 1))
    theirs.advance(1)
    await until(lambda: theirs.is_at(said.message, MessageStatus.SENT))
    assert len(theirs.messenger.handed_over) == 2


async def _tried(house: House, message: MessageId, attempts: int) -> bool:
    row = await house.row(message)
    return row["attempts"] >= attempts and row["status"] != MessageStatus.SENDING


async def uncertain(theirs: House) -> MessageId:
    """A message of which nobody can tell what became of it."""
    channel = await theirs.active()
    theirs.messenger.answer = Scripted(theirs.messenger, hello=[LOST])
    said = await theirs.say(channel, "hello")
    await until(lambda: theirs.is_at(said.message, MessageStatus.UNCERTAIN))
    return said.message


async def test_what_nobody_can_tell_is_shown_as_uncertain_and_never_sent_by_itself(
    theirs: House,
) -> None:
    message = await uncertain(theirs)
    row = await theirs.row(message)
    assert (row["open"], row["error_code"]) == (False, "uncertain")
    behind = await theirs.say(row["channel_id"], "behind it")
    await until(lambda: theirs.is_at(behind.message, MessageStatus.SENT))
    theirs.advance(3600)
    assert theirs.messenger.texts() == ["hello", "behind it"], "it holds up nobody"
    assert await theirs.status_of(message) is MessageStatus.UNCERTAIN


async def test_a_person_decides_that_it_arrived(theirs: House) -> None:
    message = await uncertain(theirs)
    owner = (await theirs.row(message))["account_id"]
    await theirs.outbox.decide(owner, message, arrived=True)
    row = await theirs.row(message)
    assert (row["status"], row["open"]) == (MessageStatus.SENT, False)
    assert (row["sent_at"], row["error_code"]) == (theirs.clock.now(), None)
    assert await moves(theirs) == ["uncertain", "sent"]


async def test_a_person_decides_that_it_is_to_be_sent_again(theirs: House) -> None:
    message = await uncertain(theirs)
    owner = (await theirs.row(message))["account_id"]
    await theirs.outbox.decide(owner, message, arrived=False)
    await until(lambda: theirs.is_at(message, MessageStatus.SENT))
    assert theirs.messenger.texts() == ["hello", "hello"]
    assert await moves(theirs) == ["uncertain", "queued", "sent"]


async def test_only_what_is_uncertain_can_be_decided(theirs: House) -> None:
    message = await uncertain(theirs)
    owner = (await theirs.row(message))["account_id"]
    await theirs.outbox.decide(owner, message, arrived=True)
    with pytest.raises(Conflict, match="uncertain"):
        await theirs.outbox.decide(owner, message, arrived=False)


async def moves(house: House) -> list[str]:
    return [
        fact.status for fact in await house.facts(MessageMoved) if isinstance(fact, MessageMoved)
    ]


@pytest.mark.parametrize("arrived", [True, False])
async def test_what_was_on_its_way_when_a_node_died_is_asked_about_before_any_repeat(
    database_url: str, arrived: bool
) -> None:
    clock = StoppedClock()
    dying = Messenger(clock, client_ids=False)
    async with housed(database_url, messenger=dying, clock=clock) as house:
        channel = await house.active()
        dying.answer = Gate(dying)
        said = await house.say(channel)
        await until(lambda: dying.handed_over)
    next_one = Messenger(clock, client_ids=False)
    key = str(said.message)
    next_one.fates[key] = Sent("theirs-1", clock.now()) if arrived else BUSY
    async with housed(database_url, messenger=next_one, clock=clock) as house:
        await until(lambda: house.is_at(said.message, MessageStatus.SENT))
        assert [asked.key for asked in next_one.asked_about] == [key]
        assert len(next_one.handed_over) == (0 if arrived else 1)
        assert decode_body((await house.row(said.message))["body"]).text == "hello"
        assert (await house.row(said.message))["chat_id"] == said.chat
        assert [sent.chat for sent in next_one.handed_over] == ([] if arrived else [ANNA])
