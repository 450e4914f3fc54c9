"""`/tech/iframe`: links for a partner's customers, asked for and opened over HTTP on a whole server."""

from typing import Any
from uuid import uuid4

import pytest

from tests.compat.conftest import Crm

PATH = "/tech/iframe/generate"
PHONE = "79990001122"
LENA = {
    "id": "c1",
    "responsibleUserId": "anna",
    "name": "Lena",
    "contactData": [{"chatType": "whatsapp", "chatId": "79161234567"}],
}
DEAL: dict[str, Any] = {
    "id": "d1",
    "responsibleUserId": "anna",
    "name": "Roses",
    "uri": "https://crm.example/d1",
    "contacts": ["c1"],
    "closed": False,
}


async def link(crm: Crm, what: str, body: dict[str, Any]) -> str:
    answer = await crm.ask("POST", f"{PATH}-{what}-link", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["link"])


async def opened(crm: Crm, address: str) -> dict[str, Any]:
    """What a page learns that was loaded from a link to a window."""
    answer = await crm.account.hall.http.post(
        "/api/v1/windows", json={"token": address.partition("#")[2]}
    )
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_number_is_connected_from_a_page_without_a_sign_in(crm: Crm) -> None:
    address = await link(crm, "channels", {"transport": "whatsapp", "phone": PHONE})
    page = await crm.account.hall.http.get(address)
    assert (page.status_code, PHONE in page.text) == (200, True)
    [item] = (await crm.told("/tech/channels/list"))["channels"]
    assert item["phone"] == PHONE
    again = await link(crm, "channels", {"channelId": item["guid"]})
    assert (await crm.account.hall.http.get(address)).status_code == 404  # The later one counts.
    assert (await crm.account.hall.http.get(again)).status_code == 200


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "VALIDATION_ERROR"),
        ({"transport": "telegram", "phone": PHONE}, "WRONG_TRANSPORT"),
        ({"phone": "none"}, "VALIDATION_ERROR"),
        ({"channelId": "none"}, "VALIDATION_ERROR"),
        ({"channelId": str(uuid4())}, "CHANNEL_NOT_FOUND"),
    ],
)
async def test_a_page_for_no_channel_is_refused(crm: Crm, body: dict[str, Any], error: str) -> None:
    assert (await crm.refused("POST", f"{PATH}-channels-link", body))["error"] == error
    assert (await crm.told("/tech/channels/list"))["count"] == 0


async def test_a_window_shows_the_chats_of_a_deal_or_all(crm: Crm) -> None:
    await crm.put("/v3/users", [{"id": "anna", "name": "Anna"}])
    await crm.put("/v3/contacts", [LENA])
    await crm.put("/v3/deals", [DEAL])
    channel = await crm.account.channel(PHONE)
    for person in ("79161234567", "79161234568"):
        await crm.account.message(channel, person, "hello")
    seen = []
    for what, body in (
        ("chats", {"userId": "anna", "dealId": "d1"}),
        ("chats", {"userId": "anna"}),
        ("unanswered", {"userId": "anna"}),
    ):
        window = await opened(crm, await link(crm, what, body))
        visitor = crm.account.hall.with_key(window["bearer"])
        seen.append(len(await visitor.get("/chats")))
    assert seen == [1, 2, 2]


async def test_what_cannot_be_opened_is_refused(crm: Crm) -> None:
    for what, body, error in (
        ("chats", {"userId": "anna", "dealId": "none"}, "NOT_FOUND"),
        ("chats", {"userId": "anna", "dealId": "\x00"}, "NOT_FOUND"),
        ("chats", {}, "VALIDATION_ERROR"),
        ("unanswered", {"userId": ""}, "VALIDATION_ERROR"),
        ("templates", {"type": "wabaTemplate"}, "WRONG_TRANSPORT"),
        ("waba-profile", {"channelId": "1"}, "WRONG_TRANSPORT"),
    ):
        assert (await crm.refused("POST", f"{PATH}-{what}-link", body))["error"] == error, what
