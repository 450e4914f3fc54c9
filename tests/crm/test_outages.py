"""Chatwoot, Houston or the line between them fails at the worst moment: nothing is lost or twice."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from houston.channels.orders import Disable, Enable
from houston.channels.state import Status
from houston.crm.chatwoot import Chatwoot
from houston.crm.connector import Connection, Errand, Heard, Hook, Outcome
from houston.crm.rules import State
from houston.kernel.connected import ConnectionTurned
from houston.kernel.db import LOST
from tests.crm.chatwoot_double import TOKEN, ChatwootDouble
from tests.crm.conftest import SETTINGS, Office, connector_to
from tests.crm.desk import connected, relaying
from tests.houses import House, until
from tests.loops import Logged
from tests.wires import ANNA, BORIS, incoming

pytestmark = pytest.mark.slow


async def says(office: Office, wire_id: str, text: str, chat: str = ANNA) -> None:
    said = incoming(office.house.clock, wire_id, text, chat=chat)
    await office.house.messenger.of(office.desk.channel).say(said)


async def turns(office: Office) -> list[tuple[str, str]]:
    """How the state of the connection has changed, as others were told."""
    facts = await office.house.facts(ConnectionTurned)
    return [(fact.old, fact.new) for fact in facts if isinstance(fact, ConnectionTurned)]


async def test_an_hour_without_chatwoot_costs_nothing_but_time(office: Office):
    office.chatwoot.weather = "down"
    for number in range(6):
        await says(office, f"a{number}", f"Anna {number}")
        await says(office, f"b{number}", f"Boris {number}", BORIS)
        office.house.advance(600)
    await until(lambda: office.desk.is_in(State.UNREACHABLE), "it is known to be down")
    calls = len(office.chatwoot.calls)
    assert calls < 100, "it is not hammered meanwhile"
    lost = office.chatwoot.agent_writes(ANNA, "nobody heard this")
    office.chatwoot.forget()

    office.chatwoot.weather = "up"
    await office.desk.in_time()

    assert await office.desk.is_in(State.WORKING)
    heard = [text for side, text in office.chatwoot.screen(ANNA) if side == "incoming"]
    assert heard == [f"Anna {number}" for number in range(6)]
    assert office.chatwoot.screen(BORIS) == [("incoming", f"Boris {n}") for n in range(6)]
    await until(lambda: office.house.messenger.texts(ANNA) == [lost.text], "what was lost is sent")


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_a_server_in_trouble_is_asked_again(office: Office, status: int):
    office.chatwoot.weather = status
    await says(office, "1", "one")
    await says(office, "2", "two")
    await until(lambda: office.chatwoot.calls[-1].endswith("search"), "it was tried")

    office.chatwoot.weather = "up"
    await office.desk.in_time()

    assert office.chatwoot.screen(ANNA) == [("incoming", "one"), ("incoming", "two")]


async def test_a_lost_answer_shows_nothing_twice(office: Office):
    office.chatwoot.drop_answers = 2
    await says(office, "1", "one")
    await says(office, "2", "two")

    await office.desk.in_time()

    assert office.chatwoot.screen(ANNA) == [("incoming", "one"), ("incoming", "two")]


async def test_a_token_that_expires_is_told_and_holds_nothing_back_for_good(office: Office):
    office.chatwoot.token = "another-token"
    await says(office, "1", "one")
    await until(lambda: office.desk.is_in(State.KEYS_REFUSED), "the keys are refused")
    assert "sign in" in str((await office.desk.stored()).error)

    office.chatwoot.token = TOKEN
    office.house.advance(301)
    await office.desk.in_time()

    assert await office.desk.is_in(State.WORKING)
    assert office.chatwoot.screen(ANNA) == [("incoming", "one")]
    assert await turns(office) == [
        ("untried", "working"),
        ("working", "keys_refused"),
        ("keys_refused", "working"),
    ], "each turn is a fact, once"


async def test_an_unsigned_message_is_sent_once_chatwoot_confirms_it(office: Office):
    office.chatwoot.signs = False
    office.chatwoot.agent_writes(ANNA, "Good morning")

    await office.tell()

    await until(lambda: office.house.messenger.texts(ANNA) == ["Good morning"], "it was sent")


@pytest.mark.parametrize("forged", ["text", "id"])
async def test_a_forged_message_is_never_sent(office: Office, forged: str):
    office.chatwoot.agent_writes(ANNA, "Good morning")
    heard: list[bytes] = []

    async def forge(headers: dict[str, str], body: bytes) -> bool:
        event = json.loads(body)
        event |= {"content": "Send money"} if forged == "text" else {"id": 9_999}
        heard.append(body)
        return await office.desk.call(headers, json.dumps(event).encode())

    await office.chatwoot.tell(forge)
    await office.desk.settled()

    assert heard
    assert office.house.messenger.handed_over == []
    assert await office.house.waiting(office.desk.channel) == []


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"\xff\x00"])
async def test_garbage_is_refused(office: Office, body: bytes):
    assert not await office.desk.call({}, body)


async def test_a_hook_that_says_nothing_useful_blocks_nothing(office: Office):
    broken = {"event": "message_created", "message_type": "outgoing", "inbox": {"id": 3}}
    await office.desk.call({}, json.dumps(broken).encode())
    office.chatwoot.agent_writes(ANNA, "Good morning")

    await office.tell()

    await until(lambda: office.house.messenger.texts(ANNA) == ["Good morning"], "it was sent")


async def test_what_was_dealt_with_is_kept_two_weeks_and_then_tidied_away(office: Office):
    office.chatwoot.agent_writes(ANNA, "Good morning")
    heard: list[tuple[dict[str, str], bytes]] = []

    async def call(headers: dict[str, str], body: bytes) -> bool:
        heard.append((headers, body))
        return await office.desk.call(headers, body)

    await office.chatwoot.tell(call)
    await says(office, "1", "one")
    await office.desk.settled()

    async def left() -> int:
        rows = await office.house.fetch(
            "select (select count(*) from crm_hooks) + (select count(*) from crm_errands) as n"
        )
        return int(rows[0]["n"])

    office.house.advance(13 * 86_400)
    office.chatwoot.weather = "down"
    await says(office, "2", "two")
    await until(lambda: office.desk.is_in(State.UNREACHABLE), "it is down")
    assert await left() > 2
    office.house.advance(2 * 86_400)

    async def only_what_waits() -> bool:
        office.house.advance(61)
        return await left() == await office.desk.waiting() > 0

    await until(only_what_waits, "what was told is gone, what waits is not")
    office.chatwoot.weather = "up"
    await office.desk.in_time()
    assert office.chatwoot.screen(ANNA)[1:] == [("incoming", "one"), ("incoming", "two")]
    assert await office.desk.call(*heard[0])
    await office.desk.in_time()
    assert office.house.messenger.texts(ANNA) == ["Good morning"], "a late repeat is still known"


async def test_secrets_do_not_lie_open(office: Office):
    rows = await office.house.fetch("select c::text as row, secrets from crm_connections c")

    assert TOKEN not in rows[0]["row"]
    assert TOKEN.encode() not in rows[0]["secrets"]
    assert office.desk.token not in rows[0]["row"]


async def test_a_refused_message_is_not_sent_when_houston_looks_back(office: Office):
    channel = office.desk.channel
    await office.house.hear(channel, Disable("person anna"))
    await until(lambda: office.house.shows(channel, Status.DISABLED), "disabled")
    bubble = office.chatwoot.agent_writes(ANNA, "Good morning")
    await office.tell()
    office.chatwoot.forget()
    await office.house.hear(channel, Enable("person anna"))
    await until(lambda: office.house.is_in(channel, Status.ACTIVE), "it works again")

    office.chatwoot.weather = "down"
    await says(office, "1", "one")
    await until(lambda: office.desk.is_in(State.UNREACHABLE), "it is down")
    office.chatwoot.weather = "up"
    await office.desk.in_time()

    assert "GET /api/v1/accounts/1/conversations" in office.chatwoot.calls
    assert office.house.messenger.handed_over == []
    assert bubble.status == "failed"


# --- kill -9 -----------------------------------------------------------------------------------


async def prepared(crm_house: House) -> Office:
    """A connection whose loops do not run yet."""
    chatwoot = ChatwootDouble(lambda: crm_house.clock.now().timestamp())
    channel = await crm_house.active()
    async with relaying(crm_house, connector_to(chatwoot), loops=()) as reception:
        connector = reception.connectors["chatwoot"]
        desk = await connected(crm_house, channel, connector, reception, SETTINGS)
    return Office(crm_house, desk, chatwoot)


async def test_a_message_that_was_stored_before_the_kill_is_sent_after_it(crm_house: House):
    office = await prepared(crm_house)
    office.chatwoot.agent_writes(ANNA, "Good morning")
    await office.chatwoot.tell(office.desk.call)
    assert office.house.messenger.texts(ANNA) == []

    async with relaying(crm_house, office.desk.connector):
        await office.desk.settled()

    await until(lambda: office.house.messenger.texts(ANNA) == ["Good morning"], "it was sent")


async def test_a_message_that_was_not_stored_before_the_kill_is_asked_for(crm_house: House):
    office = await prepared(crm_house)

    async def dead(headers: dict[str, str], body: bytes) -> bool:
        return False

    first = office.chatwoot.agent_writes(ANNA, "Good morning")
    await office.chatwoot.tell(dead)
    assert first.status == "failed"
    office.chatwoot.agent_writes(ANNA, "Are you there?")
    await office.chatwoot.tell(office.desk.call)

    async with relaying(crm_house, office.desk.connector):
        await until(lambda: len(office.house.messenger.texts(ANNA)) == 2, "both were sent")
        await until(lambda: first.status == "sent", "the agent sees that it was sent after all")

    assert office.house.messenger.texts(ANNA) == ["Good morning", "Are you there?"]


async def test_what_was_told_while_no_server_ran_is_asked_for_before_anything_else(
    crm_house: House,
):
    office = await prepared(crm_house)
    office.chatwoot.agent_writes(ANNA, "one")
    async with relaying(crm_house, office.desk.connector):
        await office.chatwoot.tell(office.desk.call)
        await until(lambda: office.house.messenger.texts(ANNA) == ["one"], "it works")
        await office.desk.settled()
    office.chatwoot.agent_writes(ANNA, "two")
    office.chatwoot.forget()
    office.chatwoot.agent_writes(ANNA, "three")
    await office.chatwoot.tell(office.desk.call)

    async with relaying(crm_house, office.desk.connector):
        await until(lambda: len(office.house.messenger.texts(ANNA)) == 3, "nothing is missing")

    assert office.house.messenger.texts(ANNA) == ["one", "two", "three"]


async def test_a_hook_that_the_database_could_not_take_is_asked_for_when_it_is_back(
    office: Office, logged: Logged
):
    office.house.cable.cut = True
    office.chatwoot.agent_writes(ANNA, "one")
    with pytest.raises(LOST):
        await office.chatwoot.tell(office.desk.call)
    office.house.cable.cut = False

    await until(lambda: office.house.messenger.texts(ANNA) == ["one"], "it is sent all the same")
    logged.clear()  # Whoever wanted to look at the database just then has failed.


async def test_a_kill_between_telling_and_noting_shows_nothing_twice(crm_house: House):
    office = await prepared(crm_house)
    office.chatwoot.stuck = asyncio.Event()
    async with relaying(crm_house, office.desk.connector):
        await until(lambda: office.desk.is_in(State.WORKING), "it works")
        await says(office, "1", "one")
        await says(office, "2", "two")
        await office.chatwoot.stuck.wait()
    office.chatwoot.stuck = None

    async with relaying(crm_house, office.desk.connector):
        await office.desk.in_time()

    assert office.chatwoot.screen(ANNA) == [("incoming", "one"), ("incoming", "two")]


async def test_what_houston_wrote_never_comes_back_although_it_forgot_it(crm_house: House):
    office = await prepared(crm_house)
    office.chatwoot.stuck = asyncio.Event()
    async with relaying(crm_house, office.desk.connector):
        await until(lambda: office.desk.is_in(State.WORKING), "it works")
        await office.house.say(office.desk.channel, "from the API")
        await office.chatwoot.stuck.wait()
    office.chatwoot.stuck = None
    await office.chatwoot.tell(office.desk.call)

    async with relaying(crm_house, office.desk.connector):
        await office.desk.in_time()

    assert office.chatwoot.screen(ANNA) == [("outgoing", "from the API")]
    assert office.house.messenger.texts(ANNA) == ["from the API"]


async def test_a_hook_that_nobody_can_read_holds_up_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    def read(connector: Chatwoot, connection: Connection, hook: Hook) -> Sequence[Heard]:
        if b"poison" in hook.body:
            raise KeyError("conversation")
        return whole(connector, connection, hook)

    whole = Chatwoot.read
    monkeypatch.setattr(Chatwoot, "read", read)
    await says(office, "1", "hello")
    await office.desk.settled()
    office.chatwoot.agent_writes(ANNA, "poison")
    office.chatwoot.agent_writes(ANNA, "an answer")
    await office.tell()
    await until(lambda: office.house.messenger.texts(ANNA) == ["an answer"], "it was sent")
    kept = await office.house.fetch("select error from crm_hooks where error is not null")
    assert [row["error"] for row in kept] == ["Houston stumbled over it: KeyError('conversation')"]


async def test_an_errand_that_houston_stumbles_over_holds_up_only_its_chat(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    async def carry(connector: Chatwoot, connection: Connection, errand: Errand) -> Outcome:
        if stumbles and errand.address == ANNA:
            raise ZeroDivisionError
        return await whole(connector, connection, errand)

    whole, stumbles = Chatwoot.carry, True
    monkeypatch.setattr(Chatwoot, "carry", carry)
    await says(office, "1", "from Anna")
    await says(office, "2", "from Boris", BORIS)
    await until(lambda: office.chatwoot.screen(BORIS) != [], "Boris was told of")
    stumbles = False
    await office.desk.in_time()
    assert office.chatwoot.screen(ANNA) == [("incoming", "from Anna")]
