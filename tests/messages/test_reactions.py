"""Reactions on a real PostgreSQL and a messenger in memory: those of people, and those of a channel."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from houston.channels.state import Status
from houston.kernel.errors import BadRequest, ChannelRefuses, Conflict, NotFound
from houston.kernel.facts import MessageMoved, MessageReacted, ReactionFailed
from houston.kernel.ids import ChannelId, MessageId, new_id
from houston.messages import store_reading
from houston.messages.emojis import check_emoji
from houston.messages.rules import EMOJI_CHARACTERS_MAX, MessageStatus
from houston.messages.views import MessageView, message_views
from houston.transports.events import Incoming, Reacted, ReceiptKind, Revoked
from houston.transports.transport import NotSent, OutgoingKind, Retry, SendResult, Unknown
from tests.houses import House, housed, until
from tests.wires import ANNA, BORIS, Gate, incoming, receipt

HIDDEN = "100079160000001@lid"
NEVER = NotSent(retry=Retry.NEVER, code="no_such_message", text="there is none")


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with housed(database_url) as house:
        yield house


async def put(house: House, channel: ChannelId, emoji: str | None, **more: Any) -> None:
    """Anna does it, unless `more` says otherwise."""
    facts = {"wire_id": "w1", "chat": ANNA, "author": ANNA, "at": house.clock.now(), **more}
    await house.messenger.of(channel).say(Reacted(emoji=emoji, **facts))


async def view(house: House, message: MessageId) -> MessageView:
    async with house.database.single() as tx:
        rows = await tx.fetch("select account_id from messages where id = $1", message)
        row = await store_reading.message(tx, rows[0]["account_id"], message)
        assert row is not None
        (found,) = await message_views(tx, [row])
    return found


async def stands(house: House, message: MessageId) -> list[tuple[str, str]]:
    return [(one.by, one.emoji) for one in (await view(house, message)).reactions]


async def told(house: House) -> list[tuple[str, str | None, str | None, bool]]:
    facts = await house.facts(MessageReacted)
    return [
        (fact.author, fact.old_emoji, fact.emoji, fact.by_us)
        for fact in facts
        if isinstance(fact, MessageReacted)
    ]


async def heard(house: House, channel: ChannelId, said: Incoming | None = None) -> MessageId:
    """A message of Anna's that is here."""
    said = said or incoming(house.clock, "w1", "Is it ready?")
    await house.messenger.of(channel).say(said)
    (row,) = await house.fetch("select id from messages where wire_id = $1", said.wire_id)
    return MessageId(row["id"])


async def react(house: House, channel: ChannelId, message: MessageId, emoji: str | None) -> None:
    account = (await house.stored(channel)).account
    await house.outbox.react(account, message, emoji, "Olga")


async def no_longer_waits(house: House, channel: ChannelId) -> None:
    await until(lambda: _is_empty(house, channel), "nothing waits")


async def _is_empty(house: House, channel: ChannelId) -> bool:
    return await house.waiting(channel) == []


# --- What people do ------------------------------------------------------------------------------


async def test_a_persons_emoji_is_on_the_message_and_in_the_feed_until_it_is_taken_off(
    house: House,
) -> None:
    channel = await house.active()
    message = await heard(house, channel)
    await put(house, channel, "👍", author_name="Anna")
    (one,) = (await view(house, message)).reactions
    assert (one.emoji, one.by, one.author, one.name) == ("👍", "person", ANNA, "Anna")
    house.advance(1)
    await put(house, channel, None)
    assert await stands(house, message) == []
    assert await told(house) == [(ANNA, None, "👍", False), (ANNA, "👍", None, False)]


async def test_nothing_stands_on_a_message_that_was_taken_back(house: House) -> None:
    channel = await house.active()
    message, now = await heard(house, channel), house.clock.now()
    await put(house, channel, "👍")
    await house.messenger.of(channel).say(Revoked(wire_id="w1", chat=ANNA, author=ANNA, at=now))
    seen = await view(house, message)
    assert (seen.reactions, seen.reacting) == ([], None)
    with pytest.raises(Conflict, match="does not have"):
        await react(house, channel, message, "🙏")


async def test_an_edit_that_a_receipt_proves_first_is_told_as_done(house: House) -> None:
    channel = await house.active()
    said = (await house.say(channel, "at fife")).message
    await until(lambda: house.is_at(said, MessageStatus.SENT))
    gate = Gate(house.messenger)
    house.messenger.answer = gate
    account = (await house.stored(channel)).account
    await house.outbox.edit(account, said, "at five")
    await until(lambda: len(house.messenger.handed_over) == 2)
    got = receipt(house.messenger.handed_over[1], ReceiptKind.DELIVERED, house.clock)
    await house.messenger.of(channel).say(got)
    gate.open()
    await until(lambda: _says(house, said, "at five"))


async def _says(house: House, message: MessageId, text: str) -> bool:
    return (await view(house, message)).text == text


async def test_each_author_has_one_reaction_and_the_last_by_time_stands(house: House) -> None:
    channel = await house.active()
    message, early = await heard(house, channel), house.clock.now()
    house.advance(10)
    await put(house, channel, "👍")
    await put(house, channel, "😡", at=early)  # It comes late.
    await put(house, channel, "🙏", author="")  # On the number's own phone.
    house.advance(1)
    await put(house, channel, "❤️")
    assert await stands(house, message) == [("channel", "🙏"), ("person", "❤️")]
    assert [emoji for _, _, emoji, _ in await told(house)] == ["👍", "🙏", "❤️"]


async def test_what_is_told_again_changes_nothing_and_is_not_told_on(house: House) -> None:
    channel = await house.active()
    message, first = await heard(house, channel), house.clock.now()
    await put(house, channel, "👍")
    house.advance(1)
    gone = house.clock.now()
    for emoji, at in ((None, gone), ("👍", first), (None, gone)):
        await put(house, channel, emoji, at=at)
    assert await stands(house, message) == []
    assert len(await told(house)) == 2
    assert len(house.messenger.acknowledged) == 5


async def test_a_reaction_is_no_message_and_wakes_no_chat(house: House) -> None:
    channel = await house.active()
    await heard(house, channel)
    before = await house.fetch("select * from chats")
    house.advance(60)
    await put(house, channel, "👍")
    await put(house, channel, "👍", chat=BORIS, author=BORIS)  # Nobody has a chat with him.
    assert await house.fetch("select * from chats") == before
    assert len(await house.fetch("select from messages")) == 1


async def test_a_reaction_to_what_is_not_here_is_kept_quietly_and_is_on_it_if_it_comes(
    house: House,
) -> None:
    channel = await house.active()
    await put(house, channel, "👍")
    assert await told(house) == []
    message = await heard(house, channel)
    assert await stands(house, message) == [("person", "👍")]


async def test_what_is_longer_than_any_emoji_is_cut_and_what_no_table_holds_is_mended(
    house: House,
) -> None:
    channel = await house.active()
    message = await heard(house, channel)
    await put(house, channel, "x" * 70_000)
    await put(house, channel, "\x00", author="")
    emojis = {emoji for _, emoji in await stands(house, message)}
    assert emojis == {"x" * EMOJI_CHARACTERS_MAX, "\ufffd"}


async def test_reactions_go_along_when_two_chats_become_one(house: House) -> None:
    channel = await house.active()
    hidden = incoming(house.clock, "w1", chat=HIDDEN)
    message = await heard(house, channel, hidden)
    await put(house, channel, "👍", chat=HIDDEN, author=HIDDEN)
    await put(house, channel, "🙏", chat=HIDDEN, author="")
    await heard(house, channel, replace(incoming(house.clock, "w2"), hidden=HIDDEN))
    assert await stands(house, message) == [("channel", "🙏"), ("person", "👍")]
    house.advance(1)
    await put(house, channel, "❤️", chat=HIDDEN, author=HIDDEN)
    assert await stands(house, message) == [("channel", "🙏"), ("person", "❤️")]


# --- What a channel does -------------------------------------------------------------------------


async def test_a_channels_emoji_is_on_the_message_once_whatsapp_has_it(house: House) -> None:
    channel = await house.active()
    message = await heard(house, channel)
    await react(house, channel, message, "👍")
    await until(lambda: stands(house, message), "it is on the message")
    (sent,) = house.messenger.handed_over
    assert (sent.kind, sent.text, sent.chat) == (OutgoingKind.REACT, "👍", ANNA)
    assert (sent.target_wire_id, sent.target_author) == ("w1", ANNA)
    (one,) = (await view(house, message)).reactions
    assert (one.emoji, one.by, one.author, one.name) == ("👍", "channel", None, "Olga")
    house.advance(1)
    await react(house, channel, message, None)
    await until(lambda: _stands_not(house, message), "it is off again")
    assert house.messenger.handed_over[-1].text is None
    assert await told(house) == [("", None, "👍", True), ("", "👍", None, True)]
    assert await house.facts(MessageMoved) == []


async def _stands_not(house: House, message: MessageId) -> bool:
    return await stands(house, message) == []


async def test_reacting_is_no_answer_and_leaves_the_chat_where_it_was(house: House) -> None:
    channel = await house.active()
    message = await heard(house, channel)
    before = await house.fetch("select * from chats")
    house.advance(60)
    await react(house, channel, message, "👍")
    await until(lambda: stands(house, message))
    assert await house.fetch("select * from chats") == before


async def test_a_reaction_keeps_its_place_in_the_queue_and_only_the_last_one_waits(
    house: House,
) -> None:
    channel = await house.channel(Status.OPENED_ELSEWHERE)
    await house.receiver.hear(channel, incoming(house.clock, "w1"))
    (row,) = await house.fetch("select id from messages")
    message = MessageId(row["id"])
    await house.say(channel, "one moment")
    for emoji in ("👍", None, "🙏"):
        await react(house, channel, message, emoji)
    await house.say(channel, "done")
    waits = (await view(house, message)).reacting
    assert waits is not None
    assert (waits.emoji, waits.status, waits.name) == ("🙏", "queued", "Olga")
    assert await stands(house, message) == []
    assert await house.waiting(channel) == ["one moment", "🙏", "done"]


async def test_a_refusing_channel_keeps_nothing_of_a_reaction(house: House) -> None:
    channel = await house.channel(Status.ACTIVE)
    await house.receiver.hear(channel, incoming(house.clock, "w1"))
    (row,) = await house.fetch("select id from messages")
    for word in (Status.DISABLED, Status.NOT_PAID, Status.DELETED):
        await house.set_status(channel, word)
        with pytest.raises(ChannelRefuses):
            await react(house, channel, MessageId(row["id"]), "👍")
    assert len(await house.fetch("select from messages")) == 1


async def test_a_reaction_that_failed_is_shown_until_another_one_stands(house: House) -> None:
    channel = await house.active()
    message = await heard(house, channel)

    async def refuse(_: object) -> SendResult:
        return NEVER

    house.messenger.answer = refuse
    await react(house, channel, message, "👍")
    await no_longer_waits(house, channel)
    failed = (await view(house, message)).reacting
    assert failed is not None
    assert failed.error is not None
    assert (failed.status, failed.error.code) == ("failed", "no_such_message")
    (fact,) = await house.facts(ReactionFailed, MessageMoved)
    assert isinstance(fact, ReactionFailed)
    assert (fact.message_id, fact.emoji) == (message, "👍")
    assert (fact.error_code, fact.error_text) == ("no_such_message", "there is none")
    house.advance(1)
    await put(house, channel, "🙏", author="")
    assert (await view(house, message)).reacting is None


async def test_a_reaction_of_which_nothing_is_known_is_simply_said_again(house: House) -> None:
    house.messenger.capabilities = replace(house.messenger.capabilities, client_ids=False)
    channel = await house.active()
    message = await heard(house, channel)
    answers: list[SendResult] = [Unknown(None)]

    async def answer(sent: Any) -> SendResult:
        return answers.pop() if answers else await house.messenger.acknowledge(sent)

    house.messenger.answer = answer
    await react(house, channel, message, "👍")
    await until(lambda: len(house.messenger.handed_over) == 1)
    await until(lambda: _stands_later(house, message), "it was said again")
    assert [sent.text for sent in house.messenger.handed_over] == ["👍", "👍"]
    assert house.messenger.asked_about == []


async def _stands_later(house: House, message: MessageId) -> bool:
    house.advance(1)
    return await stands(house, message) != []


async def test_a_receipt_that_comes_first_leaves_the_reaction_done_and_tells_of_no_message(
    house: House,
) -> None:
    channel = await house.active()
    message = await heard(house, channel)
    gate = Gate(house.messenger)
    house.messenger.answer = gate
    await react(house, channel, message, "👍")
    await until(lambda: house.messenger.handed_over)
    got = receipt(house.messenger.handed_over[0], ReceiptKind.DELIVERED, house.clock)
    await house.messenger.of(channel).say(got)
    gate.open()
    assert await until(lambda: stands(house, message)) == [("channel", "👍")]
    assert await house.facts(MessageMoved) == []


async def test_only_what_both_sides_see_can_be_reacted_to(house: House) -> None:
    channel = await house.active()
    gate = Gate(house.messenger)
    house.messenger.answer = gate
    said = (await house.say(channel)).message
    await until(lambda: house.is_at(said, MessageStatus.SENDING))
    with pytest.raises(Conflict, match="does not have"):
        await react(house, channel, said, "👍")
    gate.open()
    await until(lambda: house.is_at(said, MessageStatus.SENT))
    await react(house, channel, said, "👍")
    assert await until(lambda: stands(house, said)) == [("channel", "👍")]
    with pytest.raises(NotFound):
        await react(house, channel, MessageId(new_id()), "👍")


async def test_a_channel_whose_transport_knows_no_reactions_says_so(house: House) -> None:
    house.messenger.capabilities = replace(house.messenger.capabilities, react=False)
    channel = await house.active()
    message = await heard(house, channel)
    with pytest.raises(Conflict, match="knows no reactions"):
        await react(house, channel, message, "👍")


@pytest.mark.parametrize("text", ["", "a", "1", "👍👍", " 👍", "👍.", ":thumbsup:", "\x00"])
def test_what_is_not_exactly_one_emoji_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="exactly one emoji"):
        check_emoji("emoji", text)


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "❤️", "❤", "👨‍👩‍👧‍👦", "🇰🇿", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
def test_one_emoji_of_whatever_parts_is_one(emoji: str) -> None:
    assert check_emoji("emoji", emoji) == emoji


async def test_the_reactions_of_a_backlog_count_as_no_messages(house: House) -> None:
    channel = await house.active()
    wire = house.messenger.of(channel)
    await wire.say(replace(incoming(house.clock, "w1"), retrieved=True))
    await put(house, channel, "👍")
    assert len(house.supervisor.held[channel].arrivals) == 1
