"""The counter for one of the CRM's users: rules as tables, then a whole server over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from houston.compat.wazzup_v3.store_crm import UserRole
from houston.compat.wazzup_v3.unanswered import Waiting, count
from tests.compat.conftest import Crm

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINE = Waiting("sales", 2, NOON, frozenset({"anna"}))
THEIRS = Waiting("sales", 3, NOON + timedelta(minutes=1), frozenset({"boris"}))
NOBODYS = Waiting("sales", 5, NOON - timedelta(minutes=1), frozenset())


def role(word: Any, *, gets_new: bool = False) -> dict[str, UserRole]:
    return {"sales": UserRole("sales", "anna", word, gets_new)}


@pytest.mark.parametrize(
    ("roles", "chats", "messages", "colour"),
    [
        pytest.param(None, [MINE, THEIRS, NOBODYS], 10, "red", id="no roles at all: sees all"),
        pytest.param(None, [THEIRS], 3, "grey", id="others are grey"),
        pytest.param({}, [MINE, THEIRS, NOBODYS], 0, None, id="no role: nothing"),
        pytest.param(role("seller"), [MINE, THEIRS, NOBODYS], 2, "red", id="seller: own"),
        pytest.param(role("seller"), [THEIRS, NOBODYS], 0, None, id="seller: none of others"),
        pytest.param(
            role("seller", gets_new=True),
            [THEIRS, NOBODYS],
            5,
            "red",
            id="seller who gets new ones",
        ),
        pytest.param(role("manager"), [THEIRS, NOBODYS], 8, "grey", id="manager watches"),
        pytest.param(role("manager"), [MINE, THEIRS], 5, "red", id="manager with own"),
        pytest.param(role("auditor"), [THEIRS], 3, "grey", id="auditor watches"),
        pytest.param(role("manager"), [], 0, None, id="nobody waits"),
    ],
)
def test_who_waits_for_whom(
    roles: dict[str, UserRole] | None, chats: list[Waiting], messages: int, colour: str | None
) -> None:
    told = count("anna", chats, roles)
    assert (told.counterV2, told.type) == (messages, colour)


def test_the_last_message_is_that_of_the_chats_that_count() -> None:
    assert count("anna", [MINE, THEIRS], role("seller")).last_at == "2026-01-01T12:00:00.000Z"
    assert count("anna", [], None).last_at is None


async def wait_for_answer(crm: Crm, channel: str, person: str, messages: int) -> None:
    chat = (await crm.account.message(channel, person, "hello"))["chat_id"]
    answer = await crm.account.key.ask(
        "PATCH", f"/api/v1/chats/{chat}", json={"unanswered": messages}
    )
    assert answer.status_code == 200


async def test_own_clients_are_red_and_old_chats_and_strangers_count_nothing(crm: Crm) -> None:
    channel = await crm.account.channel("79990001122")
    await wait_for_answer(crm, channel, "79161234567", 2)
    await wait_for_answer(crm, channel, "79161234568", 1)
    await crm.put("/v3/users", [{"id": "anna", "name": "Anna"}, {"id": "boris", "name": "Boris"}])
    point = {"chatType": "whatsapp", "chatId": "79161234567"}
    lena = {"id": "c1", "responsibleUserId": "anna", "name": "Lena", "contactData": [point]}
    await crm.put("/v3/contacts", [lena])
    anna = await crm.told("/v3/unanswered/anna")
    assert (anna["counterV2"], anna["type"]) == (3, "red")
    assert anna["lastMsgDateTime"].endswith("Z")
    assert (await crm.told("/v3/unanswered/boris"))["type"] == "grey"
    nothing = {"counterV2": 0, "type": None, "lastMsgDateTime": None}
    assert await crm.told("/v3/unanswered/stranger") == nothing
    assert await crm.told("/v3/unanswered/%00") == nothing
    crm.account.hall.clock.advance(7 * 24 * 3600 + 1)
    assert await crm.told("/v3/unanswered/anna") == nothing


WAITING = """
insert into chats (id, account_id, channel_id, address, name, unanswered, ours_first, last_at)
select gen_random_uuid(), $1, $2, '7916' || lpad(n::text, 7, '0'), '', 1, false, $4
from generate_series(1, $3) n
"""


@pytest.mark.parametrize("many", [5, 90])
async def test_however_many_wait_each_is_known_as_whose_client_they_are(
    crm: Crm, many: int
) -> None:
    """Few contacts are looked for in another way than many."""
    channel = await crm.account.channel("79990001122")
    hall = crm.account.hall
    async with hall.database.transaction() as tx:
        await tx.execute(WAITING, crm.account.id, channel, many, hall.clock.now())
    await crm.put("/v3/users", [{"id": "anna", "name": "Anna"}])
    roles = [
        {"channelId": channel, "userId": "anna", "role": "seller", "allowGetNewClients": False}
    ]
    await crm.ask("PATCH", "/tech/settings", {"userRoles": roles})
    contacts = [
        {
            "id": number,
            "responsibleUserId": "anna" if number % 2 else "boris",
            "name": "Somebody",
            "contactData": [{"chatType": "whatsapp", "chatId": f"7916{number:07}"}],
        }
        for number in range(1, many + 9)
    ]
    await crm.put("/v3/contacts", contacts)
    assert (await crm.told("/v3/unanswered/anna"))["counterV2"] == (many + 1) // 2


async def test_a_linked_number_has_no_templates(crm: Crm) -> None:
    assert await crm.told("/v3/templates/whatsapp?limit=10&offset=0") == []
