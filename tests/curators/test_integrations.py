"""Connections and webhooks in trouble: facts of siblings go into the feed, notices come out; loops by hand."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from houston.crm.connector import Ask, Fault
from houston.crm.rules import State
from houston.curators.rules import AT_ONCE, LONG, PAUSES, Want
from houston.kernel.connected import ConnectionTurned, EndpointTurned
from houston.kernel.ids import ConnectionId, EndpointId, new_id
from houston.kernel.texts import integration_texts
from houston.webhooks.rules import Health
from tests.curators.conftest import MARY, NIGHT, Office

LONG_SECONDS = LONG.total_seconds()
SETTLED_SECONDS = 300
JOHN = "79165550002"


class Connection:
    """A connection to a CRM as its slice tells of it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.id = ConnectionId(new_id())
        self.state: str = State.WORKING

    async def turns(self, state: str) -> None:
        fact = ConnectionTurned(
            connection_id=self.id,
            name="Sales",
            crm="amocrm",
            old=self.state,
            new=state,
            error="HTTP 401",
            at=self.office.house.clock.now(),
        )
        self.state = state
        await self.office.write(fact)
        await self.office.works()


@pytest.fixture
async def connection(office: Office) -> Connection:
    await office.channel("79990000001")
    return Connection(office)


async def texts(office: Office) -> list[str]:
    return [text for _, _, text in await office.queued()]


@pytest.mark.parametrize(
    ("state", "said"),
    [(State.KEYS_REFUSED, "refuses the keys"), (State.GONE, "account is gone")],
)
async def test_what_needs_a_person_is_told_at_once_with_what_to_do(
    office: Office, connection: Connection, state: State, said: str
) -> None:
    await office.curator()
    await connection.turns(state)
    (text,) = await texts(office)
    assert "the CRM connection “Sales” has stopped" in text
    assert said in text
    assert "What to do: " in text
    assert "Answer this message" in text


async def test_a_crm_that_does_not_answer_is_told_when_it_lasts(
    office: Office, connection: Connection
) -> None:
    await office.curator()
    await connection.turns(State.UNREACHABLE)
    await office.passes(LONG_SECONDS - 1)
    assert await texts(office) == []
    await office.passes(1)
    (text,) = await texts(office)
    assert "does not answer" in text


async def test_the_end_is_told_once_with_its_length_and_flapping_is_one_incident(
    office: Office, connection: Connection
) -> None:
    await office.curator()
    for _ in range(30):
        await connection.turns(State.UNREACHABLE)
        await office.passes(100)
        await connection.turns(State.WORKING)
        await office.passes(20)
    await office.passes(SETTLED_SECONDS)
    stopped, working = await texts(office)
    assert "has stopped" in stopped
    assert "works again. It stood still for 1 h" in working or "59 min" in working


async def test_reminders_come_with_growing_pauses_until_somebody_answers(
    office: Office, connection: Connection
) -> None:
    await office.curator()
    began = office.house.clock.now()
    await connection.turns(State.KEYS_REFUSED)
    for pause in PAUSES[:3]:
        await office.passes(pause.total_seconds())
    rows = await office.house.fetch("select at, kind from notices order by at")
    assert [row["kind"] for row in rows] == ["stopped", "reminder", "reminder", "reminder"]
    pauses = [later["at"] - sooner["at"] for sooner, later in pairwise(rows)]
    assert pauses == list(PAUSES[:3])
    assert rows[0]["at"] - began < timedelta(seconds=1)

    [(via, _, _), *_] = await office.queued()
    await office.says(MARY, via)
    await office.passes(30 * 86_400)
    assert len(await texts(office)) == 4


async def test_quiet_hours_hold_it_back_and_what_is_over_by_then_is_not_told(
    office: Office, connection: Connection
) -> None:
    await office.curator(**NIGHT)
    await connection.turns(State.KEYS_REFUSED)
    assert await texts(office) == []
    await connection.turns(State.WORKING)
    await office.passes(86_400)
    assert await texts(office) == []


async def test_it_goes_by_a_route_where_no_channel_can(office: Office) -> None:
    await office.curator(routes=["json://mail"])
    await Connection(office).turns(State.GONE)
    ((_, text),) = office.post.came
    assert "“Sales”" in text


async def test_only_who_wants_integrations_is_told_whatever_channels_they_look_after(
    office: Office, connection: Connection
) -> None:
    await office.curator(JOHN, wants=frozenset({Want.STATUSES, Want.BALANCE}))
    await office.curator(wants=frozenset({Want.INTEGRATIONS}), channels=[])
    await connection.turns(State.KEYS_REFUSED)
    assert [address for _, address, _ in await office.queued()] == [MARY]


@pytest.mark.parametrize("word", [State.OFF, "removed"])
async def test_what_people_wanted_so_ends_it_without_a_word(
    office: Office, connection: Connection, word: str
) -> None:
    await office.curator()
    await connection.turns(State.KEYS_REFUSED)
    await connection.turns(word)
    await office.passes(30 * 86_400)
    assert len(await texts(office)) == 1
    assert await office.house.fetch("select * from incidents") == []


async def test_a_new_key_that_is_refused_as_well_is_no_second_incident(
    office: Office, connection: Connection
) -> None:
    await office.curator()
    await connection.turns(State.KEYS_REFUSED)
    await connection.turns(State.UNTRIED)
    await connection.turns(State.KEYS_REFUSED)
    assert len(await texts(office)) == 1


# --- Webhooks ----------------------------------------------------------------------------------


async def turns(office: Office, endpoint: UUID, old: Health, new: Health) -> None:
    fact = EndpointTurned(
        endpoint_id=EndpointId(endpoint),
        name="Shop",
        old=old,
        new=new,
        error="HTTP 500",
        at=office.house.clock.now(),
    )
    await office.write(fact)
    await office.works()


async def test_a_webhook_that_fails_for_long_is_told_and_so_is_its_end(office: Office) -> None:
    await office.channel("79990000001")
    await office.curator(language="ru")
    endpoint = new_id()
    await turns(office, endpoint, Health.WORKING, Health.FAILING)
    await office.passes(LONG_SECONDS)
    await turns(office, endpoint, Health.FAILING, Health.WORKING)
    await office.passes(SETTLED_SECONDS)
    stopped, working = await texts(office)
    assert "неполадки с вебхуком «Shop»" in stopped
    assert "снова работает. Неполадки длились 15 мин" in working


async def test_dead_letters_are_told_at_once_and_once_however_many_there_are(
    office: Office,
) -> None:
    await office.channel("79990000001")
    await office.curator()
    endpoint = new_id()
    await turns(office, endpoint, Health.WORKING, Health.FAILING)
    await turns(office, endpoint, Health.FAILING, Health.DEAD_LETTERS)
    await office.passes(600)
    (text,) = await texts(office)
    assert "could not be delivered" in text
    assert "replay" in text


# --- Words -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ru", "es", "pt"])
def test_every_state_and_fault_has_words_in_every_language(language: str) -> None:
    said = integration_texts()[language]
    assert set(said.states["crm"]) == set(State)
    assert set(said.states["webhook"]) == set(Health)
    assert set(said.faults) == {*Fault, *Ask, "refused", "worry"}


def test_what_is_told_at_once_is_known_to_those_who_say_it() -> None:
    known = {f"crm.{state}" for state in State} | {f"webhook.{health}" for health in Health}
    assert {word for word in AT_ONCE if "." in word} <= known
