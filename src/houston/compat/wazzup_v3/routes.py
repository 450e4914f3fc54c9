"""The other addresses of the dialect: channels, messages, webhooks."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Request, Response, Router, delete, get, patch
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from houston.channels import store as channels
from houston.channels.status import wire_state
from houston.compat.wazzup_v3.emit import CHANNELS, MESSAGES, STATUSES
from houston.compat.wazzup_v3.errors import WazzupError, answer
from houston.compat.wazzup_v3.limits import Limit
from houston.compat.wazzup_v3.send import SendMessage
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.errors import Conflict, NotFound
from houston.kernel.ids import MessageId
from houston.kernel.problems import TOLD
from houston.kernel.settings import Settings
from houston.messages import store_reading
from houston.messages.outbox import Outbox
from houston.people.keyring import Caller, Keyring
from houston.webhooks import store as webhooks
from houston.webhooks.postman import Postman

NAME: Final = "wazzup_v3"
"""Of the dialect, where endpoints are stored."""
_URI_CHARACTERS_MAX: Final = 200
_SWITCHES: Final = {
    "messagesAndStatuses": (MESSAGES, STATUSES),
    "channelsUpdates": (CHANNELS,),
    "contactsAndDealsCreation": ("createContact", "createDeal"),
    "wabaTemplatesStatus": ("templateStatus",),
}
_ALIASES: Final = {"templateStatus": "wabaTemplatesStatus"}


@dataclass(frozen=True, slots=True)
class Manners:
    """How the dialect behaves where its clients disagree."""

    clock: Clock
    ok_as_json: bool
    timeout_seconds: float


class MessageChange(msgspec.Struct, frozen=True, rename="camel"):
    text: str | None = None
    content_uri: str | None = None
    crm_user_id: str | None = None


class WebhooksChange(msgspec.Struct, frozen=True, rename="camel"):
    """What is left out stays. An empty address removes the webhook."""

    webhooks_uri: str | None = None
    subscriptions: dict[str, Any] | None = None
    crm_key: str | None = None


@get("/channels", summary="All channels, as Wazzup lists them")
async def list_channels(
    v3: NamedDependency[Caller], database: NamedDependency[Database]
) -> list[dict[str, Any]]:
    async with database.single() as tx:
        found = await channels.of_account(tx, v3.account)
    return [
        {
            "channelId": str(one.id),
            "transport": "whatsapp",
            "plainId": one.phone,
            "name": one.name,
            "state": wire_state(one.state),
        }
        for one in found
        if one.state.deleted_at is None
    ]


# --- Messages ----------------------------------------------------------------------------------


@patch("/message/{message_id:uuid}", summary="Edit a message")
async def edit_message(
    message_id: FromPath[MessageId],
    data: JSONBody[MessageChange],
    v3: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
) -> dict[str, str]:
    if data.content_uri is not None:
        code = "CHANNEL_INVALID_TRANSPORT_FOR_CONTENT_EDITING"
        raise WazzupError(code, "Only the text of a message can be edited")
    if not data.text or not data.text.strip():
        raise WazzupError("MESSAGES_TEXT_CAN_NOT_BE_BLANK", "Give the new text")
    try:
        await outbox.edit(v3.account, message_id, data.text, data.crm_user_id or "")
    except NotFound as error:
        raise WazzupError("MESSAGES_NOT_FOUND", str(error)) from error
    except Conflict as error:
        raise WazzupError("MESSAGES_EDITING_TIME_EXPIRED", str(error)) from error
    return await _named(database, v3, message_id)


@delete("/message/{message_id:uuid}", summary="Unsay a message", status_code=200)
async def delete_message(
    message_id: FromPath[MessageId],
    v3: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
) -> dict[str, str]:
    try:
        await outbox.take_back(v3.account, message_id)
    except NotFound as error:
        raise WazzupError("MESSAGES_NOT_FOUND", str(error)) from error
    except Conflict as error:
        raise WazzupError("MESSAGES_DELETION_TIME_EXPIRED", str(error)) from error
    return await _named(database, v3, message_id)


async def _named(database: Database, caller: Caller, message: MessageId) -> dict[str, str]:
    async with database.single() as tx:
        row = await store_reading.message(tx, caller.account, message)
    if row is None:
        raise WazzupError("MESSAGES_NOT_FOUND", "There is no such message")
    return {"messageId": str(message), "chatId": row["address"]}


# --- Webhooks ----------------------------------------------------------------------------------


@get("/webhooks", summary="Where webhooks go, and which")
async def get_webhooks(
    v3: NamedDependency[Caller], database: NamedDependency[Database]
) -> dict[str, Any]:
    async with database.single() as tx:
        found = await webhooks.sole(tx, v3.account, NAME)
    chosen = set() if found is None else set(found.kinds)
    switches = {name: set(kinds) <= chosen for name, kinds in _SWITCHES.items()}
    switches["templateStatus"] = switches["wabaTemplatesStatus"]
    return {"webhooksUri": "" if found is None else found.url, "subscriptions": switches}


@patch("/webhooks", summary="Set where webhooks go, and which")
async def set_webhooks(
    data: JSONBody[WebhooksChange],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Response[Any]:
    """A new address is called with `{"test": true}` first and must answer 200."""
    async with database.single() as tx:
        found = await webhooks.sole(tx, v3.account, NAME)
    url = data.webhooks_uri if data.webhooks_uri is not None else (found.url if found else "")
    if not url:
        async with database.transaction() as tx:
            await webhooks.remove_sole(tx, v3.account, NAME)
        return _ok(manners)
    secret = data.crm_key if data.crm_key is not None else (found.secret if found else None)
    if data.webhooks_uri is not None:
        await _try(url, secret, manners)
    kinds = _chosen(set(found.kinds) if found else set(), data.subscriptions or {})
    async with database.transaction() as tx:
        await webhooks.put_sole(
            tx, v3.account, NAME, url, sorted(kinds), secret, manners.clock.now()
        )
    return _ok(manners)


def _chosen(kinds: set[str], switches: dict[str, Any]) -> set[str]:
    for name, on in switches.items():
        for kind in _SWITCHES.get(_ALIASES.get(name, name), ()):
            (kinds.add if on in (True, "true", 1) else kinds.discard)(kind)
    return kinds


async def _try(url: str, secret: str | None, manners: Manners) -> None:
    if len(url) > _URI_CHARACTERS_MAX or not url.startswith(("http://", "https://")):
        said = f"Give an http(s) address of at most {_URI_CHARACTERS_MAX} characters"
        raise WazzupError("uriNotValid", said, data={"webhooksUri": url[:_URI_CHARACTERS_MAX]})
    postman = Postman(manners.clock, timeout_seconds=manners.timeout_seconds)
    try:
        heard = await postman.post(url, {"test": True}, secret or None)
    finally:
        await postman.close()
    if heard.code != 200:
        said = f"The address did not answer 200 to the test: {heard.error or heard.code}"
        raise WazzupError("testPostNotPassed", said, data={"code": heard.code})


def _ok(manners: Manners) -> Response[Any]:
    """The two bytes that clients wait for; a setting makes it JSON for those that insist on that."""
    if manners.ok_as_json:
        return Response({"ok": True})
    return Response("OK", media_type="text/plain")


# --- The dialect as a whole --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WazzupV3:
    """The dialect: its hottest address as an application of its own, and all the others."""

    send_message: SendMessage
    router: Router


def wazzup_v3(keyring: Keyring, outbox: Outbox, clock: Clock, settings: Settings) -> WazzupV3:
    """Everything under `/v3`."""
    limit = Limit(clock, settings.v3_requests_per_5s)

    async def v3(request: Request[Any, Any, Any]) -> Caller:
        caller = await keyring.caller(request.headers.get("authorization"))
        limit.count(caller.key)
        return caller

    def manners() -> Manners:
        return Manners(clock, settings.v3_ok_as_json, settings.webhook_timeout_seconds)

    send_message = SendMessage(
        keyring,
        outbox,
        limit,
        body_bytes_max=settings.body_bytes_max,
        repeat_seconds=settings.v3_repeat_seconds,
    )
    router = Router(
        "/v3",
        route_handlers=[list_channels, edit_message, delete_message, get_webhooks, set_webhooks],
        dependencies={"v3": Provide(v3), "manners": Provide(manners, sync_to_thread=False)},
        exception_handlers=dict.fromkeys(TOLD, answer),
        security=[{"api_key": []}],
        tags=["wazzup v3"],
    )
    return WazzupV3(send_message, router)
