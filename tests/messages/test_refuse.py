"""Law M1: what is refused leaves no trace, so everything stored is compared with how it was before."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from houston.channels.orders import Command, Disable, Enable, PaidChanged
from houston.channels.state import Status
from houston.kernel import feed
from houston.kernel.errors import ChannelRefuses, NotFound
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId, chat_id, new_id
from houston.messages import store_reading
from houston.messages.outbox import Saying
from houston.messages.rules import MessageStatus
from houston.messages.views import chat_view, message_view
from tests.houses import House, until
from tests.statuses import REFUSING
from tests.wires import ANNA, BORIS

CODES = {
    Status.DISABLED: "CHANNEL_BLOCKED",
    Status.NOT_PAID: "CHANNEL_NO_MONEY",
    Status.DELETED: "CHANNEL_NOT_FOUND",
}


async def everything_stored(house: House) -> dict[str, str]:
    """Every row of every table, whatever tables there are."""
    tables = await house.fetch("select tablename from pg_tables where schemaname = 'public'")
    found = {}
    for name in sorted(row["tablename"] for row in tables):
        rows = await house.fetch(f"select to_jsonb(t)::text as text from {name} t order by 1")
        found[name] = "\n".join(row["text"] for row in rows)
    assert {"messages", "chats", "events", "channel_history"} <= found.keys()
    return found


async def everything_shown(house: House, channel: ChannelId) -> object:
    """The feed and every view that an operator has."""
    held = await house.stored(channel)
    async with house.database.single() as tx:
        chats = await store_reading.chats(tx, held.account, limit=100)
        talks = [await store_reading.messages(tx, ChatId(row["id"]), None, 100) for row in chats]
        queues = await house.queues(tx, [held])
        events = await feed.read(tx, feed.BEGINNING, limit=1_000)
    messages = [message_view(row) for talk in talks for row in talk]
    shown = [[chat_view(row) for row in chats], messages, queues.get(channel)]
    return msgspec.json.encode([*shown, [str(event.cursor) for event in events]])


Attempt = Callable[[House, AccountId, ChannelId, MessageId], Awaitable[object]]
"""Something that would make a message, in a channel in which one was sent before."""


async def a_text(house: House, account: AccountId, channel: ChannelId, _: MessageId) -> object:
    return await house.say(channel, "hello", ANNA, account=account)


async def a_text_to_somebody_new(
    house: House, account: AccountId, channel: ChannelId, _: MessageId
) -> object:
    return await house.say(channel, "hello", "79990000000", ref="a reference", account=account)


async def a_picture(house: House, account: AccountId, channel: ChannelId, _: MessageId) -> object:
    saying = Saying(
        account=account, channel=channel, address=ANNA, content_uri="https://example.com/a.png"
    )
    return await house.outbox.say(saying)


async def a_quote(house: House, account: AccountId, channel: ChannelId, sent: MessageId) -> object:
    saying = Saying(account=account, channel=channel, address=ANNA, text="this?", quoted=sent)
    return await house.outbox.say(saying)


async def an_edit(house: House, account: AccountId, _: ChannelId, sent: MessageId) -> object:
    return await house.outbox.edit(account, sent, "better")


async def a_revocation(house: House, account: AccountId, _: ChannelId, sent: MessageId) -> object:
    return await house.outbox.take_back(account, sent)


ATTEMPTS: list[Attempt] = [
    a_text,
    a_text_to_somebody_new,
    a_picture,
    a_quote,
    an_edit,
    a_revocation,
]


async def in_use(house: House, word: Status) -> tuple[AccountId, ChannelId, MessageId]:
    """A channel that has been sent through, in a status that refuses."""
    channel = await house.channel(Status.ACTIVE)
    account = (await house.stored(channel)).account
    sent = (await house.say(channel, "before", account=account)).message
    await house.fetch("update messages set open = false, status = 3, sent_at = now()")
    await house.set_status(channel, word)
    return account, channel, sent


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
@pytest.mark.parametrize("word", REFUSING)
async def test_what_is_refused_leaves_no_trace(
    still_house: House, word: Status, attempt: Attempt
) -> None:
    house = still_house
    account, channel, sent = await in_use(house, word)
    stored, shown = await everything_stored(house), await everything_shown(house, channel)
    with pytest.raises(ChannelRefuses) as refused:
        await attempt(house, account, channel, sent)
    assert refused.value.reason_code == CODES[word]
    assert refused.value.cure
    assert await everything_stored(house) == stored
    assert await everything_shown(house, channel) == shown


async def test_the_comparison_sees_what_an_accepted_message_leaves(still_house: House) -> None:
    """Else the promise above would be kept by looking away."""
    house = still_house
    channel = await house.channel(Status.ACTIVE)
    stored, shown = await everything_stored(house), await everything_shown(house, channel)
    await house.say(channel)
    now = await everything_stored(house)
    assert {name for name in now if now[name] != stored[name]} == {"chats", "messages", "events"}
    assert await everything_shown(house, channel) != shown


@pytest.mark.parametrize(
    ("away", "back"),
    [(Disable("anna"), Enable("anna")), (PaidChanged(False), PaidChanged(True))],
)
async def test_what_was_refused_is_not_sent_later(
    house: House, away: Command, back: Command
) -> None:
    channel = await house.active()
    owner = (await house.stored(channel)).account
    await house.hear(channel, away)
    with pytest.raises(ChannelRefuses):
        await house.say(channel, "never", account=owner)
    await house.hear(channel, back)
    said = await house.say(channel, "now", account=owner)
    await until(lambda: house.is_at(said.message, MessageStatus.SENT))
    assert house.messenger.texts() == ["now"]


async def test_a_refusal_and_an_acceptance_at_the_same_moment_go_each_their_way(
    still_house: House,
) -> None:
    """They share a batch and a statement, and nothing else."""
    house = still_house
    owner = await house.account()
    open_gate = await house.channel(Status.ACTIVE, "79001110001", owner)
    shut = await house.channel(Status.NOT_PAID, "79001110002", owner)
    answers = await asyncio.gather(
        *(
            house.say(channel, "hello", to, account=owner)
            for to in (ANNA, BORIS)
            for channel in (shut, open_gate, ChannelId(new_id()))
        ),
        return_exceptions=True,
    )
    assert [type(answer).__name__ for answer in answers] == [
        "ChannelRefuses",
        "Accepted",
        "NotFound",
    ] * 2
    chats = await house.fetch("select channel_id from chats")
    assert [row["channel_id"] for row in chats] == [open_gate] * 2


async def test_the_channel_of_another_account_does_not_exist(still_house: House) -> None:
    house = still_house
    channel, stranger = await house.channel(Status.ACTIVE), await house.account()
    stored = await everything_stored(house)
    with pytest.raises(NotFound):
        await house.say(channel, account=stranger)
    assert await everything_stored(house) == stored


async def test_a_message_of_another_account_cannot_be_quoted_edited_or_unsaid(
    still_house: House,
) -> None:
    house = still_house
    channel, stranger = await house.channel(Status.ACTIVE), await house.account()
    theirs = (await house.say(channel, "secret")).message
    mine = await house.channel(Status.ACTIVE, "79001110002", stranger)
    saying = Saying(account=stranger, channel=mine, address=ANNA, text="look", quoted=theirs)
    for attempt in (
        house.outbox.say(saying),
        house.outbox.edit(stranger, theirs, "mine"),
        house.outbox.take_back(stranger, theirs),
        house.outbox.cancel(stranger, channel, [theirs]),
        house.outbox.decide(stranger, theirs, arrived=True),
        house.outbox.mark(stranger, chat_id(channel, ANNA), 0, "somebody"),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await house.waiting(channel) == ["secret"]
