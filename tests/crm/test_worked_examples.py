"""Examples that vendors give, word by word: what we would send, and what we make of what they would send.

Signatures of amoCRM and Chatwoot stand with their connectors' own tests. Here nothing is connected to anything.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import msgspec
import pytest

from houston.crm.amocrm.reading import heard
from houston.crm.bitrix24.events import read_hook, trust_of
from houston.crm.bitrix24.keys import KEYS, Keys
from houston.crm.bitrix24.remembered import LINE, connector_id
from houston.crm.connector import (
    Ask,
    AskPerson,
    Connection,
    Errand,
    Failure,
    Fault,
    Hook,
    Later,
    OperatorWrote,
    Refuse,
    Trust,
)
from houston.crm.planfix import Planfix
from houston.crm.rules import State, settle
from houston.crm.wire import Answer, Wire, failure
from houston.kernel.ids import ChannelId, ChatId, ConnectionId, new_id
from tests.crm.amojo_double import ACCOUNT, BOT, MANAGER
from tests.crm.planfix_double import OUR_TOKEN, PLANFIX_TOKEN, PROVIDER, URL

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CHANNEL = ChannelId(new_id())


@dataclass
class Notes:
    """A memory that is only read."""

    known: dict[str, str] = field(default_factory=dict)

    async def keep(self, name: str, value: str | None) -> None:
        raise AssertionError(name)

    async def renew(
        self, name: str, make: Callable[[str | None], Awaitable[str | Failure]]
    ) -> str | Failure:
        raise AssertionError(name)


def connection(settings: dict[str, str], known: dict[str, str] | None = None) -> Connection:
    return Connection(
        id=ConnectionId(new_id()),
        channels=(CHANNEL, ChannelId(new_id())),
        settings=settings,
        hook_url="https://houston.example/crm/x/y",
        memory=Notes(known or {}),
    )


# --- Planfix -----------------------------------------------------------------------------------

PLANFIX_STATUS = (
    b"cmd=messageStatus&providerId=houston&planfix_token=303cb962ac59075b964b07152d234b70&messageId=4188849"
    b"&messageStatus=error&messageStatusText=Houston%2C+scan+the+QR+code"
)


async def test_a_refusal_reaches_planfix_in_the_very_bytes_of_the_example() -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return httpx.Response(200)

    planfix = Planfix(Wire(httpx.MockTransport(answer)))
    settings = {
        "url": URL,
        "planfix_token": PLANFIX_TOKEN,
        "provider_id": PROVIDER,
        "token": OUR_TOKEN,
    }
    errand = Errand(
        what=Refuse(theirs="4188849", reason="Houston, scan the QR code"),
        chat=ChatId(new_id()),
        channel=CHANNEL,
        address="79161234567",
        their_chat=None,
        their_contact="",
        their_message=None,
        more=False,
        repeated=False,
    )

    await planfix.carry(connection(settings), errand)
    await planfix.close()

    assert bodies == [PLANFIX_STATUS]


# --- Bitrix24 ----------------------------------------------------------------------------------

BITRIX24_MESSAGE = (
    "event=ONIMCONNECTORMESSAGEADD&event_handler_id=555&data[CONNECTOR]=houston&data[LINE]=107"
    "&data[MESSAGES][0][im][chat_id]=1807&data[MESSAGES][0][im][message_id]=86497"
    "&data[MESSAGES][0][message][user_id]=27&data[MESSAGES][0][message][text]=Hello"
    "&data[MESSAGES][0][chat][id]=79151112233&ts=1773759161&auth[access_token]=c978&auth[expires]=1773762761"
    "&auth[expires_in]=3600&auth[scope]=imconnector,imopenlines,im&auth[domain]=some.bitrix24.ru"
    "&auth[server_endpoint]=https://oauth.bitrix24.tech/rest/&auth[status]=L"
    "&auth[client_endpoint]=https://some.bitrix24.ru/rest/"
    "&auth[member_id]=bac1cd5c8940947a75e0d71b1a84e348&auth[user_id]=27"
    "&auth[application_token]=831c76b092f9f135d9b6b36c3a720757"
)


def portal(*, application: str) -> Connection:
    keys = Keys(
        access="a",
        refresh="r",
        until=0.0,
        application=application,
        member="bac1cd5c8940947a75e0d71b1a84e348",
        user="1",
        server="https://oauth.bitrix24.tech",
        taken="t",
    )
    known = {KEYS: msgspec.json.encode(keys).decode(), f"{LINE}107": str(CHANNEL)}
    return connection({"portal": "https://some.bitrix24.ru"}, known)


@pytest.mark.parametrize("coded", [False, True], ids=["open", "percent-encoded"])
def test_bitrix24s_example_is_believed_and_read(*, coded: bool) -> None:
    ours = portal(application="831c76b092f9f135d9b6b36c3a720757")
    body = BITRIX24_MESSAGE.replace("=houston", f"={connector_id(ours.id)}")
    hook = bitrix24_hook(quote(body, safe="=&/:,_") if coded else body)

    assert trust_of(ours, hook) is Trust.PROVEN
    (wrote,) = read_hook(ours, hook)
    assert isinstance(wrote, OperatorWrote)
    assert (wrote.message, wrote.chat) == ("86497", "1807 79151112233")
    assert (wrote.address, wrote.text, wrote.channel) == ("79151112233", "Hello", CHANNEL)
    assert wrote.contact == "27"


def test_the_same_example_for_another_connector_says_nothing_and_with_another_token_is_refused():
    hook = bitrix24_hook(BITRIX24_MESSAGE)

    assert read_hook(portal(application="831c76b092f9f135d9b6b36c3a720757"), hook) == []
    assert trust_of(portal(application="another"), hook) is Trust.REFUSED


def bitrix24_hook(body: str) -> Hook:
    return Hook(headers={}, path="", query="", body=body.encode(), at=NOW)


# --- amoCRM ------------------------------------------------------------------------------------


def test_what_amocrm_tells_of_houstons_own_bot_is_not_sent_to_the_client() -> None:
    assert heard(amocrm_hook(BOT), ACCOUNT, BOT) is None
    assert isinstance(heard(amocrm_hook(MANAGER), ACCOUNT, BOT), OperatorWrote)


def amocrm_hook(sender: str) -> bytes:
    said = {
        "sender": {"id": sender},
        "receiver": {"id": "r", "phone": "79161234567", "client_id": "wa:79161234567"},
        "conversation": {"id": "8e4d4baa-9e6c-4a88-838a-5f62be227bdc"},
        "message": {"id": "m", "type": "text", "text": "Houston, scan the QR code"},
    }
    return json.dumps({"account_id": ACCOUNT, "time": 1, "message": said}).encode()


# --- Limits, wherever a CRM has no words of its own for them -------------------------------------


@pytest.mark.parametrize(
    ("status", "heads", "seconds", "fault"),
    [
        (429, {"retry-after": "17"}, 17.0, Fault.BUSY),
        (429, {"retry-after": "Wed, 21 Oct 2026"}, None, Fault.BUSY),
        (429, {}, None, Fault.BUSY),
        (503, {}, None, Fault.BROKEN),
    ],
)
def test_a_crm_that_asks_for_a_pause_is_understood(
    status: int, heads: dict[str, str], seconds: float | None, fault: Fault
) -> None:
    said = failure(Answer(status, b"", heads))

    assert isinstance(said, Later)
    assert (said.seconds, said.fault, said.whole) == (seconds, fault, True)


@pytest.mark.parametrize(
    ("status", "ask"), [(401, Ask.KEYS_REFUSED), (403, Ask.KEYS_REFUSED), (402, Ask.GONE)]
)
def test_a_crm_that_only_a_person_can_mend_is_understood(status: int, ask: Ask) -> None:
    said = failure(Answer(status, b"", {}))

    assert isinstance(said, AskPerson)
    assert said.ask is ask


def test_nothing_is_tried_before_the_pause_that_was_asked_for_is_over() -> None:
    asked = Later(why="too many", seconds=17.0, fault=Fault.BUSY)

    settlement = settle(asked, attempts=1, fails=6, now=NOW)

    assert settlement.retry_at == NOW + timedelta(seconds=17)
    assert (settlement.open, settlement.state) == (True, State.UNREACHABLE)
