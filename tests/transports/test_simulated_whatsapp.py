"""Beyond the contract: what the control of the simulated WhatsApp does and refuses, over HTTP and a wire."""

import asyncio
from typing import Any

import pytest
from websockets import ConnectionClosedError

from houston.transports import events
from houston.transports.events import ConfirmationKind
from houston.transports.simulated_whatsapp.wire_protocol import Answered, Open, Said, Send
from houston.transports.transport import Pair, Resume
from tests.transports.harness import SimulatorHarness
from tests.transports.linking import Line, connected, line, linked, words
from tests.transports.raw_node import RawNode

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def phone_view(sim: SimulatorHarness) -> dict[str, Any]:
    phones = await sim.get("/phones")
    return next(phone for phone in phones if phone["phone"] == sim.phone)


async def pairing(sim: SimulatorHarness) -> tuple[Line, str]:
    """A line that shows a code, and the code."""
    one = line(sim.transport, sim.phone)
    await one.wire.start(Pair())
    return one, (await one.ear.hears(events.QrShown)).code


# --- Refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/phones/79990000001/scan", {"code": "nobody shows this"}, 410, "code"),
        ("/phones/79990000001/enter-code", {"code": "ABCD1234"}, 410, "code"),
        ("/phones/79990000001/confirm", {}, 409, "phone"),
        ("/phones/+79990000001/offline", {}, 400, "number"),
        ("/phones/abc/scan", {"code": "x"}, 400, "number"),
        ("/phones/79990000001/scan", {}, 400, "body"),
        ("/phones/79990000001/scan", {"code": 5}, 400, "body"),
        ("/phones/79990000001/ban", {"secnds": 5}, 400, "body"),
        ("/phones/79990000001/ban", {"seconds": -1}, 400, "body"),
        ("/phones/79990000001/protect", {"kind": "a dog"}, 400, "body"),
        ("/people/79160000001/say", {"to": "+7999", "text": "x"}, 400, "body"),
        ("/people/79160000001/edit", {"id": "never said", "text": "x"}, 404, "id"),
        ("/people/79160000001/revoke", {"id": "never said"}, 404, "id"),
        ("/people/say", {"messages": [{"person": "1", "to": "2", "text": "x"}]}, 400, "body"),
        ("/network", {"lose_ack_rate": 2}, 400, "body"),
        ("/network", {"code_seconds": []}, 400, "body"),
        ("/nowhere", {}, 404, "path"),
    ],
)
async def test_what_cannot_be_is_refused_with_field_value_and_cure(
    sim: SimulatorHarness, path: str, body: dict[str, Any], status: int, field: str
):
    answer = await sim.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert (told["field"], set(told)) == (field, {"field", "value", "cure"})
    assert told["value"]
    assert told["cure"]


async def test_a_body_that_is_no_json_is_refused(sim: SimulatorHarness):
    answer = await sim.http.post(f"/phones/{sim.phone}/scan", content=b"{not json")
    assert (answer.status_code, answer.json()["field"]) == (400, "body")


async def test_looking_changes_nothing(sim: SimulatorHarness):
    assert await sim.get(f"/people/{sim.person}/inbox") == []
    assert sim.person not in await sim.get("/books")


# --- Pairing -----------------------------------------------------------------------------------


async def test_a_code_can_be_scanned_once(sim: SimulatorHarness):
    _, code = await pairing(sim)
    await sim.scan(sim.phone, code)
    answer = await sim.http.post(f"/phones/{sim.other_phone}/scan", json={"code": code})
    assert answer.status_code == 410


async def test_a_code_ends_when_the_next_one_is_shown(sim: SimulatorHarness):
    await sim.post("/network", code_seconds=[0.05, 60])
    one, first = await pairing(sim)
    second = (await one.ear.hears(events.QrShown, times=2)).code
    assert (
        await sim.http.post(f"/phones/{sim.phone}/scan", json={"code": first})
    ).status_code == 410
    await sim.scan(sim.phone, second)
    await one.ear.hears(events.Paired)


async def test_a_code_ends_with_the_stream_that_showed_it(sim: SimulatorHarness):
    one, code = await pairing(sim)
    await one.wire.stop()
    other = await connected(sim, sim.other_phone)
    assert await other.wire.probe()
    answer = await sim.http.post(f"/phones/{sim.phone}/scan", json={"code": code})
    assert answer.status_code == 410


async def test_a_phone_without_network_cannot_scan(sim: SimulatorHarness):
    _, code = await pairing(sim)
    await sim.lose_phone(sim.phone)
    answer = await sim.http.post(f"/phones/{sim.phone}/scan", json={"code": code})
    assert (answer.status_code, answer.json()["value"]) == (409, sim.phone)
    await sim.find_phone(sim.phone)
    await sim.scan(sim.phone, code)


async def test_a_banned_phone_cannot_scan(sim: SimulatorHarness):
    _, code = await pairing(sim)
    await sim.ban(sim.phone, 60)
    answer = await sim.http.post(f"/phones/{sim.phone}/scan", json={"code": code})
    assert answer.status_code == 409
    await sim.ban(sim.phone, 0)
    await sim.scan(sim.phone, code)


async def test_a_typed_code_works_on_its_own_phone_only(sim: SimulatorHarness):
    one = line(sim.transport, sim.phone)
    await one.wire.start(Pair(phone=sim.phone))
    code = (await one.ear.hears(events.PairingCodeShown)).code
    path = f"/phones/{sim.other_phone}/enter-code"
    assert (await sim.http.post(path, json={"code": code})).status_code == 409
    await sim.enter_code(sim.phone, code)
    await one.ear.hears(events.Paired)


async def test_a_protected_phone_asks_and_links_when_it_is_confirmed(sim: SimulatorHarness):
    await sim.post(f"/phones/{sim.phone}/protect", kind="passkey")
    one, code = await pairing(sim)
    await sim.scan(sim.phone, code)
    assert (await one.ear.hears(events.ConfirmationAsked)).kind is ConfirmationKind.PASSKEY
    assert not one.ear.all(events.Paired)
    await sim.post(f"/phones/{sim.phone}/confirm")
    await one.ear.hears(events.Paired)


async def test_nothing_is_confirmed_for_a_stream_that_is_gone(sim: SimulatorHarness):
    await sim.post(f"/phones/{sim.phone}/protect")
    one, code = await pairing(sim)
    await sim.scan(sim.phone, code)
    await one.ear.hears(events.ConfirmationAsked)
    await one.wire.stop()
    other = await connected(sim, sim.other_phone)
    assert await other.wire.probe()
    assert (await sim.http.post(f"/phones/{sim.phone}/confirm")).status_code == 409


async def test_many_phones_are_linked_without_a_scan(sim: SimulatorHarness):
    keys = await sim.post("/phones/link", phones=[sim.phone, sim.other_phone])
    for phone, key in keys.items():
        await line(sim.transport, phone, bytes.fromhex(key)).connect()


# --- Streams -----------------------------------------------------------------------------------


async def test_a_stubborn_rival_takes_the_stream_back_so_many_times(sim: SimulatorHarness):
    one = await connected(sim)
    await sim.post(f"/phones/{sim.phone}/open-elsewhere", stubborn_times=2)
    assert (await phone_view(sim))["held_by"] == "elsewhere"
    for times in (1, 2, 3):
        await one.ear.hears(events.Replaced, times=times)
        await one.wire.start(Resume(one.keys))
    await one.ear.hears(events.Online, times=4)
    await asyncio.sleep(0.3)  # Longer than a rival takes; there must be none any more.
    assert len(one.ear.all(events.Replaced)) == 3
    assert (await phone_view(sim))["held_by"] == "houston"


async def test_sends_over_a_replaced_stream_are_refused_and_counted(sim: SimulatorHarness):
    one = await linked(sim)
    message = words(sim.person)
    async with RawNode.at(sim.url) as frozen:
        await frozen.say(Open(stream=1, phone=sim.phone, credentials=one.keys))
        await frozen.hears(Said, lambda said: said.kind == "BacklogEnded")
        await one.connect()
        before = await sim.get("/stats")
        await frozen.say(Send(stream=1, ref=7, message=message))
        refused = await frozen.hears(Answered, lambda answered: answered.ref == 7)
    assert (refused.code, refused.retry) == ("replaced", "when_online")
    after = await sim.get("/stats")
    assert after["refused_replaced"] - before["refused_replaced"] == 1
    assert after["refused"] - before["refused"] == 1
    assert await sim.inbox(sim.person) == []


async def test_a_node_that_talks_nonsense_is_shown_the_door(sim: SimulatorHarness):
    async with RawNode.at(sim.url) as node:
        await node.socket.send(b"nonsense")
        with pytest.raises(ConnectionClosedError):
            await node.socket.recv()


async def test_a_silent_phone_answers_nobody_until_it_speaks_again(sim: SimulatorHarness):
    one = await linked(sim)
    one.ear.forget()
    await sim.silence(sim.phone, on=True)
    await one.wire.start(Resume(one.keys))
    assert not await one.wire.probe()
    assert one.ear.heard == []
    await sim.say(sim.person, sim.phone, "anybody there?")
    await sim.silence(sim.phone, on=False)
    await one.ear.hears(events.Online)
    assert (await one.ear.hears(events.Incoming)).text == "anybody there?"


async def test_a_silent_phone_shows_its_codes_when_it_speaks_again(sim: SimulatorHarness):
    one = line(sim.transport, sim.phone)
    await sim.silence(sim.phone, on=True)
    await one.wire.start(Pair())
    assert not await one.wire.probe()
    await sim.silence(sim.phone, on=False)
    await one.ear.hears(events.QrShown)


async def test_a_version_that_is_out_of_date_is_refused(sim: SimulatorHarness):
    one = await linked(sim)
    await sim.post(f"/phones/{sim.phone}/outdate", on=True)
    await one.wire.start(Resume(one.keys))
    await one.ear.hears(events.Outdated)
    await sim.post(f"/phones/{sim.phone}/outdate", on=False)
    await one.connect()


async def test_a_ban_for_good_has_no_end_and_can_be_lifted(sim: SimulatorHarness):
    one = await connected(sim)
    await sim.post(f"/phones/{sim.phone}/ban", seconds=None)
    assert (await one.ear.hears(events.Banned)).until is None
    assert (await phone_view(sim))["banned"]
    await sim.ban(sim.phone, 0)
    await one.connect()


async def test_the_table_of_phones_tells_how_each_is(sim: SimulatorHarness):
    one = await linked(sim)
    await sim.say(sim.person, sim.phone, "waits")
    seen = await phone_view(sim)
    assert (seen["online"], seen["paired"], seen["connected"]) == (True, True, False)
    assert (seen["held_by"], seen["waiting"]) == (None, 1)
    await one.connect()
    while (await phone_view(sim))["waiting"]:
        await asyncio.sleep(0.005)
    assert (await phone_view(sim))["held_by"] == "houston"
