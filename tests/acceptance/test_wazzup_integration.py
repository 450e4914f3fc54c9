"""A program that was written for Wazzup's API v3 lives through the documented integration, from nothing.

It knows only what Wazzup's pages say: a key, plain HTTP and its own webhook address. The rest is a phone.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.acceptance.integrator import Integrator, integrator_running
from tests.acceptance.town import Town, until

pytestmark = [pytest.mark.slow]
PHONE, LENA = "79165570001", "79165570002"


class Crm:
    """As the documentation of the API shows it."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=30)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, path, json=body)
        assert answer.status_code in (200, 201), f"{method} {path}: {answer.text}"
        return answer.text if answer.text == "OK" else answer.json()

    def state(self, channel: str) -> str:
        """What the list of channels says."""
        states = {one["channelId"]: one["state"] for one in self.ask("GET", "/v3/channels")}
        return str(states[channel])

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def crm(town: Town) -> Iterator[Crm]:
    crm = Crm(town.card["url"], town.card["api_key"])
    yield crm
    crm.close()


def connect(crm: Crm, town: Town) -> str:
    """Add a number, show its code and have it scanned."""
    channel = crm.ask("POST", "/tech/channels/whatsapp", {"name": "Shop", "phone": PHONE})
    path = f"/tech/channels/whatsapp/{channel['channelId']}"
    code = until(lambda: crm.ask("GET", path)["qr"])
    assert town.whatsapp.scan(PHONE, code) in (200, 201, 204)
    until(lambda: crm.state(channel["channelId"]) == "active")
    return str(channel["channelId"])


def listen(crm: Crm, integrator: Integrator) -> None:
    """Name the webhook address, with all switches on."""
    names = ("messagesAndStatuses", "channelsUpdates", "contactsAndDealsCreation")
    switches = dict.fromkeys(names, True)
    body = {"webhooksUri": integrator.url, "subscriptions": switches}
    assert crm.ask("PATCH", "/v3/webhooks", body) == "OK"
    assert integrator.bodies.pop(0) == {"test": True}
    told = crm.ask("GET", "/v3/webhooks")
    assert told["webhooksUri"] == integrator.url
    assert switches.items() <= told["subscriptions"].items()


def test_an_integration_goes_from_nothing_to_a_talk_both_ways_and_back_to_nothing(
    town: Town, crm: Crm
) -> None:
    with integrator_running() as integrator:
        channel = connect(crm, town)
        listen(crm, integrator)
        crm.ask("POST", "/v3/users", [{"id": "1", "name": "Anna", "phone": "79165570009"}])
        role = {"channelId": channel, "userId": "1", "role": "seller", "allowGetNewClients": True}
        crm.ask("PATCH", "/tech/settings", {"userRoles": [role]})
        town.whatsapp.say(LENA, PHONE, "Are roses in?")
        wanted = until(lambda: creation(integrator, "createContact"))
        assert wanted["contactData"] == [{"chatType": "whatsapp", "chatId": LENA}]
        assert wanted["responsibleUserId"] == "1"
        (heard,) = integrator.told("messages")
        assert (heard["text"], heard["chatId"], heard["channelId"]) == (
            "Are roses in?",
            LENA,
            channel,
        )
        assert crm.ask("GET", "/v3/unanswered/1")["type"] == "red"
        make_contact_and_deal(crm, integrator)
        talk(crm, town, integrator, channel)
        assert crm.ask("GET", "/v3/unanswered/1") == {
            "counterV2": 0,
            "type": None,
            "lastMsgDateTime": None,
        }
        see_the_chat(crm, town)
        leave(crm, channel)


def creation(integrator: Integrator, kind: str) -> Any:
    """What the CRM is asked to make; such a POST comes alone."""
    found = [body for body in integrator.bodies if kind in body]
    assert all(len(body) == 1 for body in found)
    return found[0][kind] if found else None


def make_contact_and_deal(crm: Crm, integrator: Integrator) -> None:
    contact = {
        "id": "lena",
        "responsibleUserId": "1",
        "name": "Lena",
        "contactData": [{"chatType": "whatsapp", "chatId": LENA}],
    }
    assert crm.ask("POST", "/v3/contacts", [contact]) == "OK"
    wanted = until(lambda: creation(integrator, "createDeal"))
    assert wanted["contacts"] == ["lena"]
    deal = {
        "id": "roses",
        "responsibleUserId": wanted["responsibleUserId"],
        "name": "Roses",
        "uri": "https://crm.example/roses",
        "contacts": ["lena"],
        "closed": False,
    }
    assert crm.ask("POST", "/v3/deals", [deal]) == "OK"
    assert deal in crm.ask("GET", "/v3/deals")["data"]
    assert "lena" in [one["id"] for one in crm.ask("GET", "/v3/contacts")["data"]]


def talk(crm: Crm, town: Town, integrator: Integrator, channel: str) -> None:
    body = {
        "channelId": channel,
        "chatType": "whatsapp",
        "chatId": LENA,
        "text": "They are!",
        "crmUserId": "1",
        "crmMessageId": "answer-1",
    }
    sent = crm.ask("POST", "/v3/message", body)
    assert sent["chatId"] == LENA
    until(lambda: town.whatsapp.texts(LENA) == ["They are!"])
    town.whatsapp.post(f"/people/{LENA}/read")
    until(lambda: integrator.statuses(sent["messageId"]) == ["sent", "delivered", "read"])
    crm.ask("PATCH", f"/v3/message/{sent['messageId']}", {"text": "They are, red ones!"})
    until(lambda: town.whatsapp.texts(LENA)[-1] == "They are, red ones!")
    assert [body for body in integrator.bodies if len(body) != 1] == []


def see_the_chat(crm: Crm, town: Town) -> None:
    """The card of the contact in the CRM shows the chat in a frame."""
    card = {
        "user": {"id": "1", "name": "Anna"},
        "scope": "card",
        "filter": [{"chatType": "whatsapp", "chatId": LENA}],
    }
    token = crm.ask("POST", "/v3/iframe", card)["url"].partition("#")[2]
    taken = httpx.post(f"{town.card['url']}/api/v1/windows", json={"token": token}).json()
    window = {"Authorization": f"Bearer {taken['bearer']}"}
    (chat,) = httpx.get(f"{town.card['url']}/api/v1/chats", headers=window).json()
    assert chat["phone"] == LENA


def leave(crm: Crm, channel: str) -> None:
    """Everything is taken away again; the counter and the lists are empty."""
    assert crm.ask("PATCH", "/v3/deals/bulk_delete", ["roses"]) == []
    assert crm.ask("PATCH", "/v3/contacts/bulk_delete", ["lena", "nobody"]) == ["nobody"]
    assert crm.ask("DELETE", "/v3/users/1") == "OK"
    assert crm.ask("PATCH", "/v3/webhooks", {"webhooksUri": ""}) == "OK"
    assert crm.ask("DELETE", f"/tech/channels/whatsapp/{channel}") == {"ok": True}
    assert channel not in [one["channelId"] for one in crm.ask("GET", "/v3/channels")]
