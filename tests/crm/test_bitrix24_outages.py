"""A portal, Houston or the line between them fails: what is told, and that nothing is lost or twice."""

import asyncio
from typing import Any

import pytest

from houston.crm.connector import Failure
from houston.crm.rules import State, settle
from tests.crm.agency import Agency, attached, prepared, saved
from tests.crm.agency import agency as agency
from tests.crm.agency import portal as portal
from tests.crm.bitrix24_double import HOME, LINE, Bitrix24Double, as_php
from tests.crm.bitrix24_methods import Strict
from tests.crm.desk import relaying
from tests.houses import House, until
from tests.wires import ANNA, incoming

pytestmark = pytest.mark.slow


async def says(agency: Agency, wire_id: str, text: str) -> None:
    said = incoming(agency.house.clock, wire_id, text)
    await agency.house.messenger.of(agency.desk.channel).say(said)


async def test_an_hour_without_the_portal_loses_nothing_either_way(agency: Agency):
    await agency.hears(incoming(agency.house.clock, "1", "Hello"))
    await agency.house.say(agency.desk.channel, "from the phone")
    await agency.desk.settled()
    agency.portal.weather = "down"
    for number in range(3):
        await says(agency, f"a{number}", f"Anna {number}")
        agency.house.advance(1200)
    await until(lambda: agency.desk.is_in(State.UNREACHABLE), "it is down")
    lost = agency.portal.operator_writes(ANNA, "nobody heard this")
    agency.portal.forget()

    agency.portal.weather = "up"
    await agency.desk.in_time()

    heard = [text for who, text in agency.portal.screen(ANNA) if who == "client"]
    assert heard == ["Hello", "Anna 0", "Anna 1", "Anna 2"]
    await until(lambda: lost.mark == "delivered", "what was lost was sent after all")
    assert agency.house.messenger.texts(ANNA) == ["from the phone", "nobody heard this"]


async def test_keys_that_expire_are_renewed_and_the_message_goes_on(agency: Agency):
    agency.portal.access = {token: (user, 0.0) for token, (user, _) in agency.portal.access.items()}
    agency.portal.calls.clear()

    await agency.hears(incoming(agency.house.clock, "1", "Hello"))

    assert agency.portal.calls[:3] == [
        "imconnector.send.messages",
        "oauth",
        "imconnector.send.messages",
    ]
    assert agency.portal.screen(ANNA) == [("client", "Hello")]


async def test_keys_whose_hour_is_over_are_not_tried(agency: Agency):
    agency.house.advance(2 * 3600)
    agency.portal.calls.clear()

    await agency.hears(incoming(agency.house.clock, "1", "Hello"))

    assert agency.portal.calls[:2] == ["oauth", "imconnector.send.messages"]


async def test_two_who_need_new_keys_at_once_spend_one(agency: Agency):
    agency.house.advance(2 * 3600)
    agency.portal.calls.clear()
    one = await agency.desk.stored()
    connections = [await agency.desk.reception.safe.recall(one) for _ in range(2)]

    findings = await asyncio.gather(*(agency.desk.connector.test(one) for one in connections))

    assert agency.portal.calls.count("oauth") == 1
    assert all(finding.good for found in findings for finding in found)


async def test_a_lost_pair_of_keys_is_told_and_mended_by_opening_the_page(agency: Agency):
    """The answer that carries the new pair is lost: the old one is spent, and nobody has the new one."""
    agency.house.advance(2 * 3600)
    agency.portal.drop_answers = -1
    await says(agency, "1", "Hello")
    await until(lambda: agency.desk.is_in(State.UNREACHABLE), "the answer was lost")
    agency.house.advance(60)
    await until(lambda: agency.desk.is_in(State.KEYS_REFUSED), "the keys are spent")
    assert "open Houston" in str((await agency.desk.stored()).error)

    page = await agency.page(*agency.portal.opens_the_page())
    await agency.desk.in_time()

    assert "ticket" in page.body
    assert agency.portal.screen(ANNA) == [("client", "Hello")]


TROUBLES = [
    (Strict(410, "PORTAL_DELETED"), State.GONE),
    (Strict(403, "ACCESS_DENIED", "REST API is available only on commercial plans."), State.GONE),
    (Strict(401, "PAYMENT_REQUIRED"), State.GONE),
    (Strict(401, "APPLICATION_NOT_FOUND"), State.NOT_INSTALLED),
    (Strict(401, "invalid_token"), State.KEYS_REFUSED),
    (Strict(403, "insufficient_scope"), State.KEYS_REFUSED),
    (Strict(503, "QUERY_LIMIT_EXCEEDED"), State.UNREACHABLE),
    (Strict(503, "OVERLOAD_LIMIT"), State.UNREACHABLE),
]


async def test_each_trouble_has_its_state_and_words(agency: Agency):
    connection = await agency.desk.reception.safe.recall(await agency.desk.stored())
    connector, now = agency.desk.connector, agency.house.clock.now()
    found = []
    for error, _ in TROUBLES:
        agency.portal.limits = [error]
        failed = await connector.missed(connection, now, [])
        assert isinstance(failed, Failure)
        assert error.body["error"].lower() in failed.why.lower()
        found.append(settle(failed, attempts=1, fails=0, now=now).state)

    assert found == [state for _, state in TROUBLES]


async def test_a_limit_passes(agency: Agency):
    agency.portal.limits = [Strict(503, "QUERY_LIMIT_EXCEEDED")]
    await says(agency, "1", "Hello")
    await until(lambda: agency.portal.limits == [], "it was tried")

    await agency.desk.in_time()

    assert await agency.desk.is_in(State.WORKING)
    assert agency.portal.screen(ANNA) == [("client", "Hello")]


async def test_a_portal_that_works_too_long_is_left_alone_until_it_says(agency: Agency):
    reset = agency.house.clock.now().timestamp() + 120
    agency.portal.limits = [Strict(429, "OPERATION_TIME_LIMIT", time={"operating_reset_at": reset})]
    await says(agency, "1", "Hello")
    await until(lambda: agency.portal.limits == [], "it was tried")
    agency.house.advance(100)
    await says(agency, "2", "Hey")
    assert agency.portal.screen(ANNA) == []

    agency.house.advance(30)
    await agency.desk.settled()

    assert agency.portal.screen(ANNA) == [("client", "Hello"), ("client", "Hey")]


async def test_a_lost_answer_shows_nothing_twice(agency: Agency):
    await agency.hears(incoming(agency.house.clock, "0", "zero"))
    agency.portal.drop_answers = 2
    await says(agency, "1", "one")
    await says(agency, "2", "two")

    await agency.desk.in_time()

    assert [text for _, text in agency.portal.screen(ANNA)] == ["zero", "one", "two"]


# --- kill -9 ------------------------------------------------------------------------------------


async def test_what_came_before_the_kill_is_sent_after_it(crm_house: House, portal: Bitrix24Double):
    agency = await prepared(crm_house, portal)
    async with relaying(crm_house, agency.desk.connector) as reception:
        agency.desk.reception = reception
        await saved(agency)
        await attached(agency)
        await agency.desk.settled()
    portal.operator_writes(ANNA, "stored")
    await portal.tell(agency.desk.call)
    portal.operator_writes(ANNA, "never heard")
    portal.forget()
    assert crm_house.messenger.handed_over == []

    async with relaying(crm_house, agency.desk.connector):
        await agency.desk.settled()
        wanted = ["stored", "never heard"]
        await until(lambda: crm_house.messenger.texts(ANNA) == wanted, "both, in order")


async def test_no_key_lies_open_in_the_database(agency: Agency):
    await agency.writes("Good morning")

    hooks = await agency.house.fetch("select * from crm_hooks")
    memory = await agency.house.fetch("select * from crm_memory")

    assert hooks
    assert memory
    shown = str([dict(row) for row in [*hooks, *memory]])
    assert "access-" not in shown
    assert "refresh-" not in shown


FOREIGN = [
    b"",
    b"\xff\xfe",
    b"event=ONIMCONNECTORMESSAGEADD&auth[application_token]=wrong",
    b"event=ONAPPINSTALL&auth[refresh_token]=x&auth[domain]=evil.example",
    b"event=ONAPPUNINSTALL&auth[application_token]=",
    b"a" + b"[b]" * 50 + b"=1",
    b"&".join(b"a%d=1" % n for n in range(3000)),
]


async def test_what_does_not_come_from_the_portal_is_refused(agency: Agency):
    assert [await agency.desk.call({}, body) for body in FOREIGN] == [False] * len(FOREIGN)


async def test_a_forged_installation_changes_nothing(agency: Agency):
    forged = f"event=ONAPPINSTALL&auth[refresh_token]=x&auth[access_token]=y&auth[domain]={HOME}"
    await agency.desk.call({}, forged.encode())

    await agency.desk.in_time()
    await agency.hears(incoming(agency.house.clock, "1", "Hello"))

    assert await agency.desk.is_in(State.WORKING)
    assert agency.portal.screen(ANNA) == [("client", "Hello")]


async def test_a_call_with_odd_fields_holds_nothing_up(agency: Agency):
    (connector,) = agency.portal.connectors
    odd = {"im": {"chat_id": "\x00", "message_id": "²"}, "message": [], "chat": {"id": "\x00"}}
    oddities: list[Any] = [[odd], "none", [[]]]
    for messages in oddities:
        data = {"CONNECTOR": connector, "LINE": LINE, "MESSAGES": messages}
        said = agency.portal.event("ONIMCONNECTORMESSAGEADD", data, "\x00")
        said["auth"]["expires"] = "²"
        assert await agency.desk.call({}, as_php(said).encode())

    await agency.writes("Good morning")

    await until(lambda: agency.house.messenger.texts(ANNA) == ["Good morning"], "it was sent")
