"""Who writes where: a table of who hears it, and nodes that say it to each other and to their pages.

What must not be heard is followed by something that is, and would have come before it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
import pytest

from houston.inbox import presence as presences
from houston.inbox import writing
from houston.inbox.presence import Presence, operator_of, worded
from houston.inbox.writing import Told
from houston.kernel import feed
from houston.kernel.facts import ChannelChanged
from houston.kernel.ids import AccountId, ChannelId, ChatId, KeyId, PersonId, new_id
from houston.kernel.loop import end
from houston.kernel.wake import Topic
from houston.people.rules import Caller, Doing, Role, Window
from tests.houses import House, housed, until
from tests.loops import Logged

ACCOUNT, DESK = AccountId(new_id()), ChannelId(new_id())
ANNA, BORIS = PersonId(new_id()), PersonId(new_id())
NUMBER = "79161234567"


def writes(name: str = "Anna", **more: Any) -> Presence:
    usual: dict[str, Any] = {
        "account": ACCOUNT,
        "channel": DESK,
        "chat": ChatId(new_id()),
        "address": NUMBER,
        "owner": None,
        "operator": ANNA,
        "name": name,
        "writing": True,
    }
    return Presence(**(usual | more))


# --- Who hears it ------------------------------------------------------------------------------


def person(role: Role | None, who: PersonId = BORIS, at_desk: Role | None = None) -> Caller:
    roles = {} if at_desk is None else {DESK: at_desk}
    return Caller(account=ACCOUNT, who=who, person=who, role=role, roles=roles)


def key(*scopes: Doing) -> Caller:
    return Caller(account=ACCOUNT, who=KeyId(new_id()), scopes=frozenset(scopes), roles={})


def looking(user: str, *chats: str) -> Caller:
    return Caller(
        account=ACCOUNT,
        who=KeyId(DESK),
        scopes=frozenset({Doing.READ, Doing.WRITE}),
        role=Role.MANAGER,
        roles={},
        window=Window(user, user, frozenset(chats) if chats else None),
    )


MAY_HEAR: Sequence[tuple[str, Caller, Presence, bool]] = [
    ("a colleague", person(Role.ADMINISTRATOR), writes(), True),
    ("an auditor", person(Role.AUDITOR), writes(), True),
    ("herself, elsewhere", person(Role.ADMINISTRATOR, ANNA), writes(), False),
    ("somebody of another channel", person(None), writes(), False),
    ("a seller of this channel alone", person(None, at_desk=Role.SELLER), writes(), True),
    ("a seller, in his own chat", person(Role.SELLER), writes(owner=BORIS), True),
    ("a seller, in somebody else's chat", person(Role.SELLER), writes(owner=ANNA), False),
    ("a key that reads", key(Doing.READ), writes(), True),
    ("a key that may not read", key(Doing.PAY), writes(), False),
    ("a window on all chats", looking("7"), writes(), True),
    ("a window on this chat", looking("7", NUMBER), writes(), True),
    ("a window on another chat", looking("7", "79160000000"), writes(), False),
    ("the window's user", looking("7"), writes(operator=operator_of(looking("7"))), False),
    ("another user of the CRM", looking("8"), writes(operator=operator_of(looking("7"))), True),
]


@pytest.mark.parametrize(
    ("who", "caller", "said", "hears"), MAY_HEAR, ids=[one[0] for one in MAY_HEAR]
)
def test_who_hears_that_somebody_writes(
    who: str, caller: Caller, said: Presence, hears: bool
) -> None:
    assert said.is_for(caller) is hears


def test_it_is_told_without_a_place_in_the_feed_and_without_what_decides_who_hears_it() -> None:
    said = writes(owner=BORIS)
    name, data = presences.frame(said).decode().removesuffix("\n\n").split("\n")
    assert name == "event: presence"
    assert msgspec.json.decode(data.removeprefix("data: ")) == {
        "kind": "presence",
        "channel_id": str(said.channel),
        "body": {
            "chat_id": str(said.chat),
            "operator_id": str(ANNA),
            "name": "Anna",
            "writing": True,
        },
    }


# --- Nodes -------------------------------------------------------------------------------------


class Page:
    """A stream of one node; it notes names, those of channels and of whoever writes."""

    def __init__(self, house: House, account: AccountId) -> None:
        self.takes = asyncio.Event()
        self.takes.set()
        self.text = ""
        self._task = asyncio.create_task(house.hub.listen(account, None, self._sees, self._write))

    async def _sees(self, _: Told) -> bool:
        return True

    async def _write(self, piece: bytes) -> None:
        await self.takes.wait()
        self.text += piece.decode()

    @property
    def names(self) -> list[str]:
        data = [line[6:] for line in self.text.split("\n") if line.startswith("data: ")]
        return [msgspec.json.decode(one)["body"]["name"] for one in data]

    async def hears(self, *names: str) -> None:
        await until(lambda: self.names == list(names), f"{names} and no others")

    @property
    def is_over(self) -> bool:
        return self._task.done()

    async def leave(self) -> None:
        await end(self._task)


@asynccontextmanager
async def page(house: House, account: AccountId = ACCOUNT) -> AsyncIterator[Page]:
    one = Page(house, account)
    try:
        await until(lambda: one.text, "it is open")
        yield one
    finally:
        await one.leave()


@pytest.fixture
async def house(database_url: str, logged: Logged) -> AsyncIterator[House]:
    async with housed(database_url, loops=("hub",)) as house:
        yield house


async def say(house: House, said: Presence) -> None:
    await house.wakes.say(Topic.PRESENCE, worded(said))


async def test_it_reaches_the_pages_of_every_node_once_and_no_other_account(
    house: House, database_url: str
) -> None:
    async with housed(database_url, loops=("hub", "wakes")) as other:
        await until(lambda: _listens(house), "the other node listens")
        for one in (house, other):
            await one.node.renew()
        async with AsyncExitStack() as pages:
            here, there = [await pages.enter_async_context(page(one)) for one in (house, other)]
            stranger = await pages.enter_async_context(page(other, AccountId(new_id())))
            await say(house, writes("Anna"))
            await there.hears("Anna")
            await say(other, writes("Boris"))  # Nobody at the first node waits for notes.
            await say(house, writes("Theirs", account=AccountId(new_id())))
            await say(house, writes('Ärzte 日本 " \\ 😀'))
            await here.hears("Anna", 'Ärzte 日本 " \\ 😀')
            await there.hears("Anna", "Boris", 'Ärzte 日本 " \\ 😀')
            assert stranger.names == []


async def _listens(house: House) -> bool:
    """Whether a connection waits for notes: only the other node's loop does."""
    return bool(
        await house.fetch(
            "select from pg_stat_activity where datname = current_database()"
            " and query ilike 'listen%'"
        )
    )


async def test_it_is_encoded_once_for_all_pages(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = list[str]()
    usual = presences.frame

    def frame(said: Presence) -> bytes:
        encoded.append(said.name)
        return usual(said)

    monkeypatch.setattr(presences, "frame", frame)
    await say(house, writes("nobody listens"))
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(page(house)) for _ in range(3)]
        await say(house, writes())
        for one in pages:
            await one.hears("Anna")
    assert encoded == ["Anna"]


async def test_a_page_that_hangs_is_spared_it_and_misses_no_fact(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_BEHIND_MAX", 5)
    async with page(house) as hung, page(house) as quick:
        hung.takes.clear()
        for name in map(str, range(20)):
            await say(house, writes(name))
            await until(lambda name=name: quick.names[-1:] == [name])  # type: ignore[misc]  # mypy sees no type there
        hung.takes.set()
        await until(lambda: "0" in hung.names)
        fact = ChannelChanged(name="a fact", pacing_per_minute=None, actor="anna")
        async with house.database.transaction() as tx:
            await feed.write(tx, house.clock.now(), feed.entries(ACCOUNT, DESK, [fact]))
        house.wakes.here(Topic.FEED)
        await until(lambda: "a fact" in hung.names)
        assert not hung.is_over
        assert len(hung.names) <= 5 + 2, "those that waited, the one amid which it hung, the fact"
