"""Bitrix24's own library judges the double and our reading of its calls. Its requests end in the double."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from b24pysdk import BitrixApp, BitrixToken, Client
from b24pysdk.credentials import OAuthEventData, OAuthPlacementData
from b24pysdk.errors import BitrixAPIAccessError, BitrixAPIError, BitrixAPIQueryLimitExceeded

from houston.crm.bitrix24.form import unfolded
from tests.crm.bitrix24_double import HOME, LINE, SECRET, Bitrix24Double, as_php
from tests.crm.bitrix24_methods import ADMIN, CLIENT, OLGA, Strict

ICON = {"DATA_IMAGE": "data:image/svg+xml,%3Csvg/%3E", "COLOR": "#fff"}


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Bitrix24Double:
    """The library asks `requests`, which here asks the double instead of a network."""
    double = Bitrix24Double(lambda: 1_800_000_000.0)

    def send(self: object, asked: requests.PreparedRequest, **_: object) -> requests.Response:
        body = asked.body or b""
        content = body if isinstance(body, bytes) else str(body).encode()
        answer = requests.Response()
        answer.status_code, said = double.heard(str(asked.method), str(asked.url), content)
        answer._content = json.dumps(said).encode()
        answer.headers["Content-Type"] = "application/json"
        answer.url, answer.request = str(asked.url), asked
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    return double


def client_of(portal: Bitrix24Double, user: str = ADMIN) -> Any:
    portal.application = portal.application or "application-1"
    token = BitrixToken(
        domain=HOME,
        auth_token=portal.token(user),
        refresh_token=portal._new_refresh(user),
        bitrix_app=BitrixApp(client_id=CLIENT, client_secret=SECRET),
    )
    return Client(token)


def registered(portal: Bitrix24Double) -> Any:
    client = client_of(portal)
    where = "https://houston.example/page"
    assert (
        client.imconnector.register("houston_1", "WhatsApp", ICON, where).result["result"] is True
    )
    assert client.imconnector.activate("houston_1", LINE, True).result is True
    return client


def test_the_library_can_do_all_that_houston_does(portal: Bitrix24Double):
    client = registered(portal)
    shown = {"id": "1", "url": "https://wa.me/1", "url_im": "https://wa.me/1", "name": "Desk"}
    data = {name.upper(): value for name, value in shown.items()}
    assert client.imconnector.connector.data.set("houston_1", LINE, data).result is True
    assert client.imconnector.status("houston_1", line=LINE).result["STATUS"] is True

    message = {
        "user": {"id": "79161234567", "name": "Anna"},
        "message": {"id": "m1", "date": 1_800_000_000, "text": "Hello"},
        "chat": {"id": "79161234567"},
    }
    sent = client.imconnector.send.messages("houston_1", LINE, [message]).result
    chat = sent["DATA"]["RESULT"][0]["session"]["CHAT_ID"]
    bubble = portal.operator_writes("79161234567", "Good morning")
    tick = {
        "im": {"chat_id": chat, "message_id": bubble.id},
        "message": {"id": ["m2"], "date": 1_800_000_001},
        "chat": {"id": "79161234567"},
    }
    client.imconnector.send.status.delivery("houston_1", LINE, [tick]).result  # noqa: B018 - it calls.

    assert portal.screen("79161234567") == [("client", "Hello"), ("operator", "Good morning")]
    assert bubble.mark == "delivered"


def test_only_somebody_who_is_in_the_chat_may_write_a_system_message(portal: Bitrix24Double):
    registered(portal)
    portal.operator_writes("79161234567", "Good morning")
    (chat,) = portal.chats
    words = {"message": "The channel is disabled", "system": True}

    with pytest.raises(BitrixAPIAccessError):
        client_of(portal).im.message.add(f"chat{chat}", **words).result  # noqa: B018 - it calls.
    assert isinstance(client_of(portal, OLGA).im.message.add(f"chat{chat}", **words).result, int)


def test_expired_keys_are_renewed_once_and_the_old_ones_are_spent(portal: Bitrix24Double):
    client = client_of(portal)
    spent = dict(portal.refresh)
    portal.access = {token: (user, 0.0) for token, (user, _) in portal.access.items()}

    assert client.app.info().result["CODE"] == CLIENT
    assert portal.calls == ["app.info", "oauth", "app.info"]
    assert not spent.keys() & portal.refresh.keys()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (
            lambda client: client.imconnector.activate("nobody", LINE, True),
            "IMCONNECTOR_NO_CORRECT",
        ),
        (
            lambda client: client.imconnector.send.messages("houston_1", "999", []),
            "NOT_ACTIVE_LINE",
        ),
        (lambda client: client.imconnector.send.messages("houston_1", LINE, []), "ERROR_ARGUMENT"),
    ],
)
def test_what_is_wrong_is_an_error_with_its_code(
    portal: Bitrix24Double, call: Callable[[Any], Any], code: str
):
    client = registered(portal)

    with pytest.raises(BitrixAPIError) as raised:
        call(client).result  # noqa: B018 - it calls.

    assert str(raised.value.error).startswith(code)


def test_the_limit_is_the_one_that_the_library_knows(portal: Bitrix24Double):
    client = client_of(portal)
    portal.limits = [Strict(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")]
    client._bitrix_token._config.default_max_retries = 1

    with pytest.raises(BitrixAPIQueryLimitExceeded):
        client.app.info().result  # noqa: B018 - it calls.


def test_the_library_reads_every_call_as_houston_does(portal: Bitrix24Double):
    registered(portal)
    bubble = portal.operator_writes(
        "79161234567", "Good [b]morning[/b]", "https://b.example/1?a=1&b=2"
    )
    portal.operator_edits("79161234567", bubble, "Hello")
    portal.operator_edits("79161234567", bubble, None)
    portal.deletes_line("108")
    portal.switches_connector_off(LINE)

    for said in portal._hooks:
        body = as_php(said)
        theirs = OAuthEventData.from_dict(dict(parse_qsl(body, keep_blank_values=True)))
        ours = unfolded(body.encode())
        assert (ours["event"], ours["auth"]["application_token"]) == (
            theirs.event,
            theirs.auth.application_token,
        )
        assert _plain(ours["data"]) == _plain(theirs.data)


def test_the_page_is_opened_as_the_library_knows_it(portal: Bitrix24Double):
    registered(portal)
    query, body = portal.opens_the_page()
    said = {**dict(parse_qsl(query)), **dict(parse_qsl(body.decode()))}

    placement = OAuthPlacementData.from_dict(said)

    assert placement.placement_options["LINE"] == int(LINE)


def _plain(value: Any) -> Any:
    """PHP has one thing for lists and tables; the library leaves what is numbered a table."""
    if isinstance(value, list):
        value = {str(n): one for n, one in enumerate(value)}
    return {str(k): _plain(v) for k, v in value.items()} if isinstance(value, dict) else value
