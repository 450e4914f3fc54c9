"""What a CRM keeps here by Wazzup's dialect: a program with a key asks a whole server over HTTP."""

import asyncio
from typing import Any

import pytest

from tests.compat.conftest import Crm

ANNA = {"id": "1", "name": "Anna", "phone": "79160000001"}
BORIS = {"id": "2", "name": "Boris"}
LENA: dict[str, Any] = {
    "id": "c1",
    "responsibleUserId": "1",
    "name": "Lena",
    "contactData": [{"chatType": "whatsapp", "chatId": "79161234567"}],
    "uri": "https://crm.example/c1",
}
ROSES: dict[str, Any] = {
    "id": "d1",
    "responsibleUserId": "1",
    "name": "Roses",
    "uri": "https://crm.example/d1",
    "contacts": ["c1"],
    "closed": False,
}
SALES = {"id": "p1", "name": "Sales", "stages": [{"id": "s1", "name": "New"}]}
ENTRIES = {"users": ANNA, "contacts": LENA, "deals": ROSES, "pipelines": SALES}
CODES = {
    "users": "INVALID_USERS_DATA",
    "contacts": "INVALID_CONTACTS_DATA",
    "deals": "INVALID_DEALS_DATA",
    "pipelines": "INVALID_PIPELINES_DATA",
}


async def listed(crm: Crm, book: str) -> Any:
    told = await crm.told(f"/v3/{book}")
    return told["data"] if book in ("contacts", "deals") else told


@pytest.mark.parametrize("book", ENTRIES)
async def test_what_was_posted_is_listed_and_a_repeat_changes_it(crm: Crm, book: str) -> None:
    for name in ("Before", "After"):
        await crm.put(f"/v3/{book}", [ENTRIES[book] | {"name": name}])
        assert await listed(crm, book) == [ENTRIES[book] | {"name": name}]


@pytest.mark.parametrize("book", ["users", "contacts", "deals"])
async def test_one_can_be_asked_for_and_forgotten(crm: Crm, book: str) -> None:
    entry = ENTRIES[book]
    await crm.put(f"/v3/{book}", [entry])
    assert await crm.told(f"/v3/{book}/{entry['id']}") == entry
    assert (await crm.ask("DELETE", f"/v3/{book}/{entry['id']}")).status_code == 200
    for method in ("GET", "DELETE"):
        answer = await crm.ask(method, f"/v3/{book}/{entry['id']}")
        assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("book", ["users", "contacts", "deals"])
async def test_forgetting_many_answers_with_the_ids_that_were_not_there(
    crm: Crm, book: str
) -> None:
    await crm.put(f"/v3/{book}", [ENTRIES[book]])
    ids = ["nobody", ENTRIES[book]["id"], 17, "nul\x00"]
    answer = await crm.ask("PATCH", f"/v3/{book}/bulk_delete", ids)
    assert (answer.status_code, answer.json()) == (200, ["nobody", "17", "nul\x00"])
    assert await listed(crm, book) == []


@pytest.mark.parametrize("book", ["contacts", "deals"])
async def test_pages_hold_a_hundred_by_id(crm: Crm, book: str) -> None:
    many = [ENTRIES[book] | {"id": f"{number:03}"} for number in range(130)]
    await crm.put(f"/v3/{book}", many[100:])
    await crm.put(f"/v3/{book}", many[:100])
    first = await crm.told(f"/v3/{book}")
    rest = await crm.told(f"/v3/{book}?offset=100")
    assert (first["count"], first["data"]) == (130, many[:100])
    assert (rest["count"], rest["data"]) == (130, many[100:])
    assert (await crm.refused("GET", f"/v3/{book}?offset=-1"))["error"] == "VALIDATION_ERROR"


async def test_ids_and_phones_may_come_as_numbers_and_a_phone_that_is_none_is_dropped(
    crm: Crm,
) -> None:
    body = [
        {"id": 2, "name": "Boris", "phone": 79160000002},
        {"id": 1, "name": "Anna", "phone": "?"},
    ]
    await crm.put("/v3/users", body)
    assert await crm.told("/v3/users") == [
        {"id": "1", "name": "Anna"},
        {"id": "2", "name": "Boris", "phone": "79160000002"},
    ]


async def test_a_phone_belongs_to_one_user_and_can_change_hands(crm: Crm) -> None:
    await crm.put("/v3/users", [ANNA, BORIS])
    taken = await crm.refused("POST", "/v3/users", [BORIS | {"phone": ANNA["phone"]}])
    assert taken["error"] == "DUPLICATE_PHONE_NUMBER"
    assert taken["data"] == [{"index": 0, "fields": ["phone"]}]
    await crm.put("/v3/users", [ANNA | {"phone": "79160000009"}, BORIS | {"phone": ANNA["phone"]}])
    assert (await crm.told("/v3/users/2"))["phone"] == ANNA["phone"]


async def test_a_thousand_users_are_the_most(crm: Crm) -> None:
    for hundred in range(10):
        many = [{"id": hundred * 100 + n, "name": f"User {n}"} for n in range(100)]
        await crm.put("/v3/users", many)
    refused = await crm.refused("POST", "/v3/users", [{"id": "x", "name": "One too many"}])
    assert refused["error"] == "USER_LIMIT_EXCEEDED"
    assert len(await crm.told("/v3/users")) == 1_000
    await crm.put("/v3/users", [{"id": 5, "name": "Known already"}])
    assert await crm.told("/v3/users/5") == {"id": "5", "name": "Known already"}


async def test_of_several_at_once_only_one_takes_the_last_place_for_users(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("houston.compat.wazzup_v3.crm._USERS_MAX", 1)
    asked = [crm.ask("POST", "/v3/users", [{"id": n, "name": "New"}]) for n in range(8)]
    codes = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert sorted(codes) == [200] + [400] * 7
    assert len(await crm.told("/v3/users")) == 1


async def test_users_who_are_changed_and_forgotten_at_once_break_nothing(crm: Crm) -> None:
    """Each request touches the same rows in another order."""
    users = [{"id": n, "name": "User"} for n in range(50)]
    asked = [crm.ask("POST", "/v3/users", users[::way]) for way in (1, -1) * 4]
    asked += [crm.ask("PATCH", "/v3/users/bulk_delete", list(range(50))[::way]) for way in (1, -1)]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}


@pytest.mark.parametrize("book", ENTRIES)
async def test_more_than_a_hundred_at_once_are_refused(crm: Crm, book: str) -> None:
    many = [ENTRIES[book] | {"id": str(number)} for number in range(101)]
    assert (await crm.refused("POST", f"/v3/{book}", many))["error"] == "TOO_MANY_ENTITIES"
    assert await listed(crm, book) == []
    if book != "pipelines":
        ids = [str(number) for number in range(101)]
        refused = await crm.refused("PATCH", f"/v3/{book}/bulk_delete", ids)
        assert refused["error"] == "TOO_MANY_ENTITIES"


@pytest.mark.parametrize(
    ("book", "wrong", "field"),
    [
        ("users", {"id": ""}, "id"),
        ("users", {"id": "x" * 201}, "id"),
        ("users", {"name": "x" * 201}, "name"),
        ("users", {"name": " "}, "name"),
        ("users", {"name": "nul\x00"}, "name"),
        ("users", {"name": 5}, "name"),
        ("users", {"id": None}, "id"),
        ("contacts", {"id": "x" * 101}, "id"),
        ("contacts", {"responsibleUserId": ""}, "responsibleUserId"),
        ("contacts", {"name": "x" * 201}, "name"),
        ("contacts", {"uri": "x" * 201}, "uri"),
        ("contacts", {"contactData": []}, "contactData"),
        ("contacts", {"contactData": "79161234567"}, "contactData"),
        ("contacts", {"contactData": [{"chatType": "pigeon", "chatId": "1"}]}, "contactData"),
        ("contacts", {"contactData": [{"chatType": "whatsapp", "chatId": "+7 9"}]}, "contactData"),
        ("contacts", {"contactData": [{"chatType": "whatsapp"}]}, "contactData"),
        ("contacts", {"contactData": [{"chatType": "telegram"}]}, "contactData"),
        ("deals", {"contacts": []}, "contacts"),
        ("deals", {"contacts": [""]}, "contacts"),
        ("deals", {"uri": ""}, "uri"),
        ("deals", {"closed": "perhaps"}, "closed"),
        ("pipelines", {"stages": []}, "stages"),
        ("pipelines", {"name": "x" * 101}, "name"),
        ("pipelines", {"stages": [{"id": "s1", "name": ""}]}, "stages"),
    ],
)
async def test_what_is_wrong_is_told_by_entry_and_field_and_nothing_is_stored(
    crm: Crm, book: str, wrong: dict[str, Any], field: str
) -> None:
    good = ENTRIES[book] | {"id": "good", "phone": None}
    refused = await crm.refused("POST", f"/v3/{book}", [good, ENTRIES[book] | wrong])
    assert refused["error"] == CODES[book]
    assert refused["data"] == [{"index": 1, "fields": [field]}]
    assert await listed(crm, book) == []


@pytest.mark.parametrize("book", ENTRIES)
async def test_an_id_twice_in_one_request_and_what_is_no_list_are_refused(
    crm: Crm, book: str
) -> None:
    refused = await crm.refused("POST", f"/v3/{book}", [ENTRIES[book], ENTRIES[book]])
    assert (refused["error"], refused["data"]) == (CODES[book], [{"index": 1, "fields": ["id"]}])
    bodies: list[Any] = [{}, "x", 5, [[]]]
    for body in bodies:
        refused = await crm.refused("POST", f"/v3/{book}", body)
        assert (refused["status"], refused["error"]) == (400, CODES[book])


async def test_who_is_not_on_whatsapp_may_be_known_by_phone_or_username(crm: Crm) -> None:
    points = [{"chatType": "telegram", "username": "lena"}, {"chatType": "max", "phone": "7916"}]
    await crm.put("/v3/contacts", [LENA | {"contactData": points}])
    assert (await crm.told("/v3/contacts/c1"))["contactData"] == points


async def test_a_deal_may_name_its_address_as_the_sample_of_the_documentation_does(
    crm: Crm,
) -> None:
    deal = {name: value for name, value in ROSES.items() if name not in ("uri", "closed")}
    await crm.put("/v3/deals", [deal | {"link": ROSES["uri"]}])
    assert await crm.told("/v3/deals/d1") == ROSES
