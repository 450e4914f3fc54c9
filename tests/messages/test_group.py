"""Who asks at the same moment shares one transaction (law M1), and notices nothing of it."""

import asyncio

from houston.channels.state import Status
from houston.kernel.errors import NotFound
from houston.kernel.facts import MessageAccepted
from houston.kernel.ids import ChannelId, chat_id, new_id
from houston.messages.acceptor import Accepted
from tests.houses import House
from tests.wires import ANNA, BORIS, incoming

NOBODY = ChannelId(new_id())


async def test_each_of_a_group_hears_of_its_own_message(still_house: House) -> None:
    """Between those that are stored are one that is refused and one that is a repeat."""
    house, channel = still_house, await still_house.channel(Status.ACTIVE)
    owner = (await house.stored(channel)).account
    first = await house.say(channel, "before", ANNA, ref="order 7")
    one, refused, repeat, other = await asyncio.gather(
        house.say(channel, "to Anna", ANNA, account=owner),
        house.say(NOBODY, "to nobody", ANNA, account=owner),
        house.say(channel, "again", BORIS, ref="order 7", account=owner),
        house.say(channel, "to Boris", BORIS, account=owner),
        return_exceptions=True,
    )
    assert isinstance(refused, NotFound)
    assert isinstance(repeat, Accepted)
    assert (repeat.message, repeat.chat, repeat.repeated) == (first.message, first.chat, True)
    for answer, text, to in ((one, "to Anna", ANNA), (other, "to Boris", BORIS)):
        assert isinstance(answer, Accepted)
        row = await house.row(answer.message)
        assert answer.chat == row["chat_id"] == chat_id(channel, to)
        assert f'"{text}"' in row["body"]
    told = [fact for fact in await house.facts(MessageAccepted)]
    assert [fact.text for fact in told if isinstance(fact, MessageAccepted)] == [
        "before",
        "to Anna",
        "to Boris",
    ]


async def test_an_answer_clears_its_chat_also_beside_the_first_message_to_somebody(
    house: House,
) -> None:
    channel = await house.active()
    owner = (await house.stored(channel)).account
    await house.messenger.of(channel).say(incoming(house.clock, "w1", "a question"))
    house.advance(60)
    await asyncio.gather(
        house.say(channel, "Good morning", BORIS, account=owner),
        house.say(channel, "the answer", ANNA, account=owner),
        house.say(channel, "and more of it", ANNA, account=owner),
    )
    rows = await house.fetch("select address, unanswered, last_at from chats order by address")
    now = house.clock.now()
    assert [tuple(row) for row in rows] == [(ANNA, 0, now), (BORIS, 0, now)]
