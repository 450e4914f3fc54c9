"""`/tech`: what Wazzup keeps for its partners, so that a program can do everything with channels."""

from typing import Any, Final, Literal

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from houston.channels import desk as channels
from houston.channels import status, store
from houston.channels.desk import Desk, NewChannel
from houston.channels.store import Channel
from houston.compat.wazzup_v3 import store_crm
from houston.compat.wazzup_v3.emit import stamp
from houston.compat.wazzup_v3.errors import WazzupError, answer
from houston.compat.wazzup_v3.hooks import check_address, try_address
from houston.compat.wazzup_v3.manners import Manners
from houston.compat.wazzup_v3.store_crm import UserRole
from houston.compat.wazzup_v3.tech_accounts import account_routes
from houston.compat.wazzup_v3.tech_links import link_routes
from houston.kernel.db import Database
from houston.kernel.errors import NotFound
from houston.kernel.ids import ChannelId
from houston.kernel.problems import TOLD
from houston.kernel.wake import Topic
from houston.people.rules import Caller, Doing
from houston.people.store import lock_account

Transport = Literal["whatsapp"]
_COMMANDS: Final = {
    "reinit": "rescan",
    "pairing-code": "pairing-code",
    "enable": "enable",
    "disable": "disable",
}


class ChannelAsked(msgspec.Struct, frozen=True, rename="camel"):
    """A number to connect. Wazzup learns it from the scan; Houston wants to know whom it waits for."""

    phone: str | int
    name: str = ""


class ChannelItem(msgspec.Struct, frozen=True, rename="camel"):
    """A channel, as the partner interface lists it; `reason` and `since` are Houston's own."""

    guid: str
    channel_id: str
    transport: str
    name: str
    phone: str
    state: str
    deleted: bool
    visible: bool
    has_access: bool
    reason: str
    since: str
    qr: str | None
    """What to show as a code to scan, while one is live."""


class ChannelList(msgspec.Struct, frozen=True):
    channels: list[ChannelItem]
    count: int


class TechSettings(msgspec.Struct, frozen=True, rename="camel"):
    """Who of the CRM's users is what to which channel."""

    user_roles: list[UserRole] | None = None


class Address(msgspec.Struct, frozen=True, rename="camel"):
    webhooks_uri: str


# --- Channels ----------------------------------------------------------------------------------


@get("/channels/list", summary="All channels, with state and live code", doing=Doing.STEER)
async def list_channels(v3: NamedDependency[Caller], desk: NamedDependency[Desk]) -> ChannelList:
    async with desk.database.single() as tx:
        found = await store.of_account(tx, v3.account)
    items = [_item(one, desk) for one in found if one.state.deleted_at is None]
    return ChannelList(items, len(items))


@get("/channels/{transport:str}/{channel_id:uuid}", summary="One channel", doing=Doing.STEER)
async def get_channel(
    transport: FromPath[Transport],
    channel_id: FromPath[ChannelId],
    v3: NamedDependency[Caller],
    desk: NamedDependency[Desk],
) -> ChannelItem:
    async with desk.database.single() as tx:
        return _item(await channels.one(tx, v3, channel_id), desk)


@post(
    "/channels/{transport:str}",
    summary="Add a channel",
    status_code=200,
    doing=Doing.SET_UP,
    invalid="VALIDATION_ERROR",
)
async def add_channel(
    transport: FromPath[Transport],
    data: JSONBody[ChannelAsked],
    v3: NamedDependency[Caller],
    desk: NamedDependency[Desk],
) -> ChannelItem:
    """It then waits for its scan: ask for it again until `qr` is there."""
    phone = str(data.phone)
    made = await channels.make_channel(desk, v3, NewChannel(data.name or phone, phone), "en")
    async with desk.database.single() as tx:
        return _item(await channels.one(tx, v3, made.id), desk)


@post(
    "/channels/{transport:str}/{channel_id:uuid}/{command:str}",
    summary="reinit, pairing-code, enable or disable",
    status_code=200,
    doing=Doing.STEER,
)
async def command_channel(
    transport: FromPath[Transport],
    channel_id: FromPath[ChannelId],
    command: FromPath[str],
    v3: NamedDependency[Caller],
    desk: NamedDependency[Desk],
) -> ChannelItem:
    if command not in _COMMANDS:
        said = f"There is no such address; a channel knows {', '.join(_COMMANDS)}"
        raise WazzupError("NOT_FOUND", said, status=404)
    await channels.press(desk, v3, channel_id, _COMMANDS[command], "en")
    async with desk.database.single() as tx:
        return _item(await channels.one(tx, v3, channel_id), desk)


@delete(
    "/channels/{transport:str}/{channel_id:uuid}",
    summary="Delete a channel; it can be restored for 30 days",
    status_code=200,
    doing=Doing.SET_UP,
)
async def delete_channel(
    transport: FromPath[Transport],
    channel_id: FromPath[ChannelId],
    v3: NamedDependency[Caller],
    desk: NamedDependency[Desk],
) -> dict[str, bool]:
    """`deleteChats` has no meaning: chats are kept for thirty days with their channel."""
    await channels.press(desk, v3, channel_id, "delete", "en")
    return {"ok": True}


def _item(channel: Channel, desk: Desk) -> ChannelItem:
    live = channel.qr_until is not None and channel.qr_until > desk.clock.now()
    return ChannelItem(
        guid=str(channel.id),
        channel_id=str(channel.id),
        transport="whatsapp",
        name=channel.name,
        phone=channel.phone,
        state=status.wire_state(channel.state) or "disabled",
        deleted=channel.state.deleted_at is not None,
        visible=True,
        has_access=True,
        reason=status.reason(channel.state).value,
        since=stamp(channel.state.since),
        qr=channel.qr_code if live else None,
    )


# --- Roles, webhooks ---------------------------------------------------------------------------


@get("/settings", summary="Roles of the CRM's users", doing=Doing.READ)
async def get_settings(
    v3: NamedDependency[Caller], database: NamedDependency[Database]
) -> TechSettings:
    async with database.single() as tx:
        return TechSettings(await store_crm.roles(tx, v3.account))


@patch("/settings", summary="Give roles: these and no others", doing=Doing.SET_UP)
async def set_settings(
    data: JSONBody[TechSettings],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> TechSettings:
    """Both user and channel have to exist. Without any role, everybody sees every channel."""
    async with database.transaction() as tx:
        await lock_account(tx, v3.account)  # So that users stay, and two lists do not mix.
        if data.user_roles is not None:
            users = {user.id for user in await store_crm.users(tx, v3.account)}
            own = {str(one.id) for one in await store.of_account(tx, v3.account)}
            _check_roles(data.user_roles, users, own)
            await store_crm.set_roles(tx, v3.account, data.user_roles)
        now = TechSettings(await store_crm.roles(tx, v3.account))
    await manners.wakes.everywhere(Topic.BOOKS, [v3.account])
    return now


def _check_roles(roles: list[UserRole], users: set[str], own: set[str]) -> None:
    faults = list[dict[str, Any]]()
    seen = set[tuple[str, str]]()
    for index, one in enumerate(roles):
        pair = (one.user_id, one.channel_id)
        right = {
            "channelId": one.channel_id in own,
            "userId": one.user_id in users and pair not in seen,
        }
        seen.add(pair)
        if not all(right.values()):
            fields = [field for field, is_right in right.items() if not is_right]
            faults.append({"index": index, "fields": fields})
    if faults:
        said = "A channel or user does not exist, or the two are given twice; nothing was stored"
        raise WazzupError("VALIDATION_ERROR", said, data=faults)


@post("/webhooks/test", summary="Try an address", status_code=200, doing=Doing.SET_UP)
async def try_webhook(
    data: JSONBody[Address],
    v3: NamedDependency[Caller],
    manners: NamedDependency[Manners],
) -> dict[str, bool]:
    """It is called with `{"test": true}` and has to answer 200."""
    await try_address(check_address(data.webhooks_uri), [], manners)
    return {"ok": True}


def _answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """As the other routes answer; but a channel that is not there is one, not a field of a message."""
    if isinstance(error, NotFound):
        error = WazzupError("CHANNEL_NOT_FOUND", str(error), status=404)
    return answer(request, error)


def tech_router(dependencies: dict[str, Provide]) -> Router:
    """Everything under `/tech`, for callers that are known and counted as those of `/v3` are."""
    return Router(
        "/tech",
        route_handlers=[
            list_channels,
            get_channel,
            add_channel,
            command_channel,
            delete_channel,
            *account_routes,
            *link_routes,
            get_settings,
            set_settings,
            try_webhook,
        ],
        dependencies=dependencies,
        exception_handlers=dict.fromkeys(TOLD, _answer),
        security=[{"api_key": []}],
        tags=["wazzup tech"],
    )
