"""The dialect as a whole, with the addresses of channels and of messages that exist already."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Router, delete, get, patch
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from houston.channels import status
from houston.channels import store as channels
from houston.compat.wazzup_v3.crm import crm_routes
from houston.compat.wazzup_v3.emit import stamp
from houston.compat.wazzup_v3.errors import WazzupError, answer, check_text
from houston.compat.wazzup_v3.hooks import get_webhooks, set_webhooks
from houston.compat.wazzup_v3.iframe import open_iframe
from houston.compat.wazzup_v3.limits import Limit
from houston.compat.wazzup_v3.manners import Manners
from houston.compat.wazzup_v3.partnering import partner_routes
from houston.compat.wazzup_v3.send import AUTHOR_CHARACTERS_MAX, SendMessage
from houston.compat.wazzup_v3.tech import tech_router
from houston.compat.wazzup_v3.unanswered import get_unanswered, list_templates
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.errors import Conflict, NotFound
from houston.kernel.ids import MessageId
from houston.kernel.problems import TOLD
from houston.kernel.settings import Settings
from houston.kernel.vault import Vault
from houston.kernel.wake import Wakes
from houston.messages import store_reading
from houston.messages.outbox import Outbox
from houston.people.keyring import Keyring
from houston.people.rules import Caller, Doing, require
from houston.webhooks.postman import Postman


class MessageChange(msgspec.Struct, frozen=True, rename="camel"):
    text: str | None = None
    content_uri: str | None = None
    crm_user_id: str | int | None = None


@get("/channels", summary="All channels, as Wazzup lists them", doing=Doing.READ)
async def list_channels(
    v3: NamedDependency[Caller], database: NamedDependency[Database]
) -> list[dict[str, Any]]:
    """`reason` and `since` are Houston's own: why the state is what it is, and since when."""
    async with database.single() as tx:
        found = await channels.of_account(tx, v3.account)
    return [
        {
            "channelId": str(one.id),
            "transport": "whatsapp",
            "plainId": one.phone,
            "name": one.name,
            "state": status.wire_state(one.state),
            "reason": status.reason(one.state).value,
            "since": stamp(one.state.since),
        }
        for one in found
        if one.state.deleted_at is None
    ]


@patch("/message/{message_id:str}", summary="Edit a message", doing=Doing.WRITE)
async def edit_message(
    message_id: FromPath[str],
    data: JSONBody[MessageChange],
    v3: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
) -> dict[str, str]:
    if data.text and data.content_uri:
        said = "Give either text or contentUri, not both"
        raise WazzupError("MESSAGES_ONLY_TEXT_OR_CONTENT", said)
    if data.content_uri:
        code = "CHANNEL_INVALID_TRANSPORT_FOR_CONTENT_EDITING"
        raise WazzupError(code, "Only the text of a message can be edited")
    check_text(data.text or "")
    message, author = _known(message_id), str(data.crm_user_id or "")[:AUTHOR_CHARACTERS_MAX]
    try:
        await outbox.edit(v3.account, message, data.text or "", author)
    except NotFound as error:
        raise WazzupError("MESSAGES_NOT_FOUND", str(error)) from error
    except Conflict as error:
        raise WazzupError("MESSAGES_EDITING_TIME_EXPIRED", str(error)) from error
    return await _named(database, v3, message)


@delete("/message/{message_id:str}", summary="Unsay a message", status_code=200, doing=Doing.WRITE)
async def delete_message(
    message_id: FromPath[str],
    v3: NamedDependency[Caller],
    outbox: NamedDependency[Outbox],
    database: NamedDependency[Database],
) -> dict[str, str]:
    message = _known(message_id)
    try:
        await outbox.take_back(v3.account, message)
    except NotFound as error:
        raise WazzupError("MESSAGES_NOT_FOUND", str(error)) from error
    except Conflict as error:
        raise WazzupError("MESSAGES_DELETION_TIME_EXPIRED", str(error)) from error
    return await _named(database, v3, message)


def _known(message_id: str) -> MessageId:
    try:
        return MessageId(UUID(message_id))
    except ValueError as error:
        raise _no_such_message() from error


async def _named(database: Database, caller: Caller, message: MessageId) -> dict[str, str]:
    async with database.single() as tx:
        row = await store_reading.message(tx, caller.account, message)
    if row is None:
        raise _no_such_message()
    return {"messageId": str(message), "chatId": row["address"]}


def _no_such_message() -> WazzupError:
    return WazzupError("MESSAGES_NOT_FOUND", "There is no such message")


_ROUTES: Final = [
    list_channels,
    edit_message,
    delete_message,
    get_webhooks,
    set_webhooks,
    *partner_routes,
    *crm_routes,
    get_unanswered,
    list_templates,
    open_iframe,
]


@dataclass(frozen=True, slots=True)
class WazzupV3:
    """The dialect: its hottest address as an application of its own, and all the others."""

    send_message: SendMessage
    router: Router
    tech: Router


def wazzup_v3(
    keyring: Keyring,
    outbox: Outbox,
    clock: Clock,
    wakes: Wakes,
    settings: Settings,
    postman: Postman,
    vault: Vault,
) -> WazzupV3:
    """Everything under `/v3` and `/tech`."""
    limit = Limit(clock, settings.v3_requests_per_5s)

    async def v3(request: Request[Any, Any, Any]) -> Caller:
        caller = await keyring.caller(request.headers.get("authorization"))
        limit.count(caller.who)
        require(caller, request.route_handler.opt.get("doing", Doing.ADMINISTER))
        return caller

    manners = Manners(
        clock,
        wakes,
        settings.v3_ok_as_json,
        postman,
        vault,
        settings.public_url,
        settings.customers,
        keyring,
    )
    send_message = SendMessage(
        keyring,
        outbox,
        limit,
        body_bytes_max=settings.body_bytes_max,
        repeat_seconds=settings.v3_repeat_seconds,
    )
    dependencies = {"v3": Provide(v3), "manners": Provide(lambda: manners, sync_to_thread=False)}
    router = Router(
        "/v3",
        route_handlers=_ROUTES,
        dependencies=dependencies,
        exception_handlers=dict.fromkeys(TOLD, answer),
        security=[{"api_key": []}],
        tags=["wazzup v3"],
    )
    return WazzupV3(send_message, router, tech_router(dependencies))
