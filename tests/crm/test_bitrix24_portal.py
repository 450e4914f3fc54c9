"""A portal in which the app is installed, set up on the page in its frame, looked at and removed."""

from dataclasses import replace

import pytest

from houston.crm import store
from houston.crm.bitrix24.portal import Pace
from houston.crm.connector import Connection, Hook, NamedChannel
from houston.crm.rules import State
from houston.crm.safe import Safe
from houston.crm.store import Stored
from houston.kernel.ids import ChannelId
from tests.clocks import StoppedClock
from tests.crm.agency import SETTINGS, Agency, attached, prepared, saved
from tests.crm.agency import agency as agency
from tests.crm.agency import portal as portal
from tests.crm.bitrix24_double import LINE, PORTAL, Bitrix24Double
from tests.crm.bitrix24_methods import OLGA
from tests.crm.desk import relaying
from tests.houses import House, until
from tests.wires import ANNA, incoming


async def test_before_the_app_is_installed_that_is_what_is_told(
    crm_house: House, portal: Bitrix24Double
):
    agency = await prepared(crm_house, portal)
    async with relaying(crm_house, agency.desk.connector) as reception:
        agency.desk.reception = reception
        await until(lambda: agency.desk.is_in(State.NOT_INSTALLED), "nothing is installed")

        await saved(agency)
        await attached(agency)

    assert portal.shown_in_widget[LINE]["URL_IM"] == "https://wa.me/79001112233"
    assert len(portal.handlers) == 6


async def test_an_app_that_was_removed_is_told_and_comes_back(agency: Agency):
    agency.portal.administrator_removes_the_app()
    await agency.portal.tell(agency.desk.call)
    await until(lambda: agency.desk.is_in(State.NOT_INSTALLED), "it was removed")
    assert "removed" in str((await agency.desk.stored()).error)
    await agency.house.messenger.of(agency.desk.channel).say(
        incoming(agency.house.clock, "1", "Hello")
    )

    await saved(agency)
    await attached(agency)
    await agency.desk.in_time()

    assert agency.portal.screen(ANNA) == [("client", "Hello")]


async def test_an_app_that_was_added_again_is_another_one_and_wants_its_own_keys(agency: Agency):
    agency.portal.administrator_removes_the_app()
    await agency.portal.tell(agency.desk.call)
    agency.portal.client, agency.portal.secret = "local.another", "another-secret"
    await saved(agency)

    async def asks() -> bool:
        return "another one" in str((await agency.desk.stored()).error)

    await until(asks, "it is said what is wanted")
    await entered(
        agency, SETTINGS | {"client_id": "local.another", "client_secret": "another-secret"}
    )
    await attached(agency)

    await agency.hears(incoming(agency.house.clock, "1", "Hello"))
    assert agency.portal.screen(ANNA) == [("client", "Hello")]


async def entered(agency: Agency, settings: dict[str, str]) -> None:
    """A person changes the settings of the connection."""
    one, safe = await agency.desk.stored(), agency.desk.reception.safe
    fields = {field.name: field for field in agency.desk.connector.fields}
    plain, secrets = safe.close(one.id, fields, settings, agency.desk.token)
    changed = replace(one, settings=plain, secrets=secrets)
    async with agency.house.database.transaction() as tx:
        await store.change(tx, one, changed, agency.house.clock.now())
    agency.desk.reception.relay.ring()


async def test_what_belongs_to_no_line_waits_until_it_has_one(agency: Agency):
    agency.portal.switches_connector_off(LINE)
    await agency.portal.tell(agency.desk.call)
    await agency.house.messenger.of(agency.desk.channel).say(
        incoming(agency.house.clock, "1", "Hello")
    )

    async def told() -> bool:
        rows = await agency.house.fetch("select error from crm_errands where open")
        return any("no open line" in str(row["error"]) for row in rows)

    await until(told, "it is said what is missing")
    await agency.presses(await agency.page(*agency.portal.opens_the_page(line="108")))
    await agency.desk.in_time()

    assert agency.portal.screen(ANNA, "108") == [("client", "Hello")]


async def test_a_test_looks_at_everything_and_changes_nothing(agency: Agency):
    before = (dict(agency.portal.handlers), dict(agency.portal.connectors))
    connection = await agency.desk.reception.safe.recall(await agency.desk.stored())

    findings = await agency.desk.connector.test(connection)
    agency.portal.handlers.pop("ONIMCONNECTORMESSAGEADD")
    agency.portal.lines[LINE] = {name: False for name in agency.portal.lines[LINE]}
    wrong = await agency.desk.connector.test(connection)

    assert [one.good for one in findings] == [True] * 5
    assert [one.good for one in wrong] == [True, True, True, False, False]
    agency.portal.handlers |= before[0]
    assert (agency.portal.handlers, agency.portal.connectors) == before


@pytest.mark.parametrize("user", [OLGA, "nobody"])
async def test_only_an_administrator_of_the_portal_may_choose(agency: Agency, user: str):
    query, body = agency.portal.opens_the_page(user)

    page = await agency.page(query, body)

    assert "ticket" not in page.body
    assert "администратор" in page.body
    assert page.framed_by == PORTAL


async def test_a_ticket_is_good_for_its_line_and_hour_only(agency: Agency):
    page = await agency.page(*agency.portal.opens_the_page())
    forged = await agency.presses(replace(page, body=page.body.replace('"107.', '"108.')))
    agency.house.advance(3601)
    late = await agency.presses(page, do="off")

    assert "ticket" not in forged.body + late.body
    assert [*agency.portal.lines[LINE].values()] == [True]


async def test_a_name_cannot_write_html(agency: Agency):
    connection = await agency.desk.reception.safe.recall(await agency.desk.stored())
    query, body = agency.portal.opens_the_page()
    hook = Hook(headers={}, path="", query=query, body=body, at=agency.house.clock.now())
    named = NamedChannel(id=agency.desk.channel, name="<script>alert(1)</script>", phone="1")

    page = await agency.desk.connector.page(connection, hook, [named])

    assert page is not None
    assert "<script" not in page.body


async def test_each_number_speaks_in_its_own_line(agency: Agency):
    house, first = agency.house, agency.desk.channel
    second = await house.active("79001112244", (await house.stored(first)).account)
    await house.fetch("update crm_connections set channels = channels || $1::uuid", second)
    page = await agency.page(*agency.portal.opens_the_page(line="108"))
    agency.desk.channel = second
    await agency.presses(page)

    await house.messenger.of(first).say(incoming(house.clock, "1", "to the first"))
    await house.messenger.of(second).say(incoming(house.clock, "2", "to the second"))
    await agency.desk.settled()
    agency.portal.operator_writes(ANNA, "from the second", line="108")
    await agency.tell()

    await until(lambda: house.messenger.handed_over, "it was sent")
    assert agency.portal.screen(ANNA) == [("client", "to the first")]
    assert agency.portal.screen(ANNA, "108")[0] == ("client", "to the second")
    rows = await house.fetch("select channel_id from messages where direction = 1")
    assert [row["channel_id"] for row in rows] == [second]


async def test_a_number_that_is_taken_out_leaves_its_line(agency: Agency):
    other = await agency.house.active(
        "79001112244", (await agency.house.stored(agency.desk.channel)).account
    )
    await agency.house.fetch(
        "update crm_connections set channels = array[$1::uuid], reconcile = true, anew = anew + 1",
        other,
    )

    await until(lambda: not any(agency.portal.lines[LINE].values()), "the line was left")


async def test_the_portals_pace_is_kept():
    clock = StoppedClock(pauses_are_real=False)
    pace = Pace(clock)

    for _ in range(50):
        await pace.wait(PORTAL)
    await pace.wait("https://another.example")

    assert clock.pauses == [0.5] * 5
    clock.advance(30)
    await pace.wait(PORTAL)
    assert len(clock.pauses) == 5


async def test_a_line_that_went_away_unheard_holds_nothing_up(agency: Agency):
    """Its deletion was not told: what belongs there waits, and another line can be taken."""
    agency.portal.lines[LINE] = {name: False for name in agency.portal.lines[LINE]}
    said = incoming(agency.house.clock, "1", "Hello")
    await agency.house.messenger.of(agency.desk.channel).say(said)

    async def waits() -> bool:
        return "is off in the open line" in str((await agency.desk.stored()).error)

    await until(waits, "it is said why")
    agency.portal.lines.pop(LINE)
    await agency.presses(await agency.page(*agency.portal.opens_the_page(line="108")))
    await agency.desk.settled()  # At once: the clock stands.

    assert agency.portal.screen(ANNA, "108") == [("client", "Hello")]


async def with_a_second_number(agency: Agency) -> ChannelId:
    """From here on the line says whose words they are: before, there was only one to choose."""
    account = (await agency.house.stored(agency.desk.channel)).account
    second = await agency.house.active("79001112244", account)
    await agency.house.fetch("update crm_connections set channels = channels || $1::uuid", second)
    return second


async def test_who_writes_in_a_line_without_a_number_is_told_what_to_do_once(agency: Agency):
    house, portal = agency.house, agency.portal
    second = await with_a_second_number(agency)
    await agency.hears(incoming(house.clock, "1", "Hello"))
    portal.lines["108"] = dict(portal.lines[LINE])  # Somebody has switched it on by hand.

    bubble = portal.operator_writes(ANNA, "Good morning", line="108")
    await agency.tell(times=2)
    portal.operator_writes(ANNA, "Are you there?", line="108")
    await agency.tell()

    written, told, again = portal.screen(ANNA, "108")
    assert (written, again) == (("operator", "Good morning"), ("operator", "Are you there?"))
    assert told[0] == "system"
    assert "no WhatsApp number is connected to this open line (108)" in told[1]
    assert "Contact Center" in told[1], "and what to do"
    assert bubble.mark == "sending", "there is no false tick"
    assert portal.screen(ANNA) == [("client", "Hello")], "the client's own chat is left alone"

    agency.desk.channel = second
    await agency.presses(await agency.page(*portal.opens_the_page(line="108")))
    answer = portal.operator_writes(ANNA, "Now?", line="108")
    await agency.tell()
    await until(lambda: answer.mark != "sending", "the number speaks there now")
    assert house.messenger.texts(ANNA) == ["Now?"], "what was refused is not sent later"

    await agency.presses(await agency.page(*portal.opens_the_page(line="108")), do="off")
    portal.lines["108"] = dict(portal.lines[LINE])
    portal.operator_writes(ANNA, "And now?", line="108")
    await agency.tell()
    told_in_all = [text for who, text in portal.screen(ANNA, "108") if who == "system"]
    assert told_in_all == [told[1]] * 2, "the next time it is told again"
    assert portal.notifications == []


async def test_an_operator_is_told_in_the_chat_by_the_token_that_came_with_their_own_words(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
):
    async def recall(safe: Safe, one: Stored, base_url: str = "") -> Connection:
        """The portal calls just when the connection was recalled and nothing waits to be told."""
        found = await whole(safe, one, base_url)
        if not await agency.desk.waiting():
            await portal.tell(agency.desk.call)
        return found

    portal, whole = agency.portal, Safe.recall
    await with_a_second_number(agency)
    portal.lines["108"] = dict(portal.lines[LINE])
    await agency.hears(incoming(agency.house.clock, "1", "Hello"))
    monkeypatch.setattr(Safe, "recall", recall)

    portal.operator_writes(ANNA, "Good morning", line="108")
    await agency.hears(incoming(agency.house.clock, "2", "Are you there?"))

    await until(lambda: portal.notifications or len(portal.screen(ANNA, "108")) > 1, "it is told")
    assert [who for who, _ in portal.screen(ANNA, "108")] == ["operator", "system"]
