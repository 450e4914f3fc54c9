"""Emojis on the manager's screen of a strict double of amoCRM's chats, and those that managers put."""

import json
from typing import Any

import pytest

from houston.channels.orders import Disable
from houston.channels.state import Status
from houston.crm.amocrm.reading import heard
from houston.crm.connector import OperatorReacted, Unreadable
from houston.messages.rules import MessageStatus
from houston.transports.events import Reacted
from houston.transports.transport import OutgoingKind
from tests.crm.amojo_double import ACCOUNT, BOT, MANAGER
from tests.crm.test_amocrm import Sales
from tests.crm.test_amocrm import sales as sales
from tests.houses import until
from tests.wires import ANNA, incoming


async def reacts(sales: Sales, wire_id: str, emoji: str | None, author: str = ANNA) -> None:
    at = sales.house.clock.now()
    await sales.hears(Reacted(wire_id=wire_id, chat=ANNA, author=author, emoji=emoji, at=at))
    sales.house.advance(1)


async def test_a_clients_emoji_stands_on_either_sides_message_and_is_no_message(sales: Sales):
    clock, messenger = sales.house.clock, sales.house.messenger
    await sales.hears(incoming(clock, "1", "Hello"))
    theirs = sales.amo.manager_writes(ANNA, "Good morning")
    await sales.tell()
    await until(lambda: messenger.handed_over, "it was sent")
    await sales.desk.settled()
    (own, _) = sales.amo.bubbles(ANNA)

    await reacts(sales, messenger.handed_over[0].wire_id, "👍")
    await reacts(sales, "1", "🙏")
    assert (own.reactions, theirs.reactions) == ({"client": "🙏"}, {"client": "👍"})
    await reacts(sales, "1", "❤️")
    await reacts(sales, messenger.handed_over[0].wire_id, None)
    assert (own.reactions, theirs.reactions) == ({"client": "❤️"}, {})
    assert sales.amo.screen(ANNA) == [("client", "Hello"), ("manager", "Good morning")]


async def test_an_emoji_on_what_amocrm_never_had_is_told_nobody_and_holds_up_nothing(sales: Sales):
    await reacts(sales, "before the connection", "👍")
    await sales.hears(incoming(sales.house.clock, "1", "Hello"))
    await reacts(sales, "1", "🙏", author="")  # On the channel's own phone.

    assert [one.reactions for one in sales.amo.bubbles(ANNA)] == [{}]
    assert not [call for call in sales.amo.calls if call.endswith("/react")]


async def test_a_managers_emoji_reaches_the_client_and_comes_back_to_nobody(sales: Sales):
    await sales.hears(incoming(sales.house.clock, "1", "Hello"))
    (bubble,) = sales.amo.bubbles(ANNA)

    sales.amo.manager_reacts(bubble, "👍")
    await sales.tell()
    await until(lambda: _emojis(sales) == ["👍"], "it was put on")
    sales.amo.manager_reacts(bubble, None)
    await sales.tell(times=2)
    await until(lambda: _emojis(sales)[:2] == ["👍", None], "it was taken off")

    sent = sales.house.messenger.handed_over[0]
    assert (sent.kind, sent.target_wire_id) == (OutgoingKind.REACT, "1")
    assert not [call for call in sales.amo.calls if call.endswith("/react")]
    assert sales.amo.screen(ANNA) == [("client", "Hello")]
    (who,) = {row["author_name"] for row in await sales.house.fetch(_OWN)}
    assert who == "Olga"


_OWN = "select author_name from messages where kind = 3"


def _emojis(sales: Sales) -> list[str | None]:
    return sales.house.messenger.texts()


async def test_why_an_emoji_was_not_taken_is_said_and_marks_no_message_as_failed(sales: Sales):
    await sales.hears(incoming(sales.house.clock, "1", "Hello"))
    bubble = sales.amo.manager_writes(ANNA, "Good morning")
    await sales.tell()
    (row,) = await sales.house.fetch("select id from messages where direction = 1")
    await until(lambda: sales.house.is_at(row["id"], MessageStatus.SENT), "it was sent")
    await sales.house.hear(sales.desk.channel, Disable("person anna"))
    await until(lambda: sales.house.shows(sales.desk.channel, Status.DISABLED), "disabled")

    sales.amo.manager_reacts(bubble, "👍")
    sales.amo.manager_reacts(bubble, "hello")
    await sales.tell()

    why, what = [text for who, text in sales.amo.screen(ANNA) if who == "bot"]
    assert why == "👍: The channel is disabled. Press “Enable the channel”"
    assert "exactly one emoji" in what
    assert bubble.mark is None


def hook(**reaction: Any) -> bytes:

    return json.dumps({"account_id": ACCOUNT, "action": {"reaction": reaction}}).encode()


_SAID = {"message": {"id": "m"}, "user": {"id": MANAGER}, "type": "react", "emoji": "👍"}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, OperatorReacted(message="m", emoji="👍")),
        ({"type": "unreact"}, OperatorReacted(message="m", emoji=None)),
        ({"user": {"id": BOT}}, None),
        ({"user": {"id": "x", "client_id": f"wa:{ANNA}"}}, None),
        ({"message": {}}, Unreadable),
        ({"emoji": None}, Unreadable),
        ({"type": "shout"}, Unreadable),
    ],
)
def test_what_a_hook_says_of_an_emoji(changed: dict[str, Any], found: object):
    said = heard(hook(**{**_SAID, **changed}), ACCOUNT, BOT)
    assert isinstance(said, Unreadable) if found is Unreadable else said == found
