"""Channels over HTTP. Reading changes nothing; every command works in every status (law S12)."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, Parameter, QueryParameter

from houston.channels import store
from houston.channels.code_links_api import make_code_link, withdraw_code_link
from houston.channels.codes import live_code
from houston.channels.desk import BUTTONS, Desk, NewChannel, check_name, make_channel, one, press
from houston.channels.status import status
from houston.channels.store import Channel
from houston.channels.texts import StatusNamed
from houston.channels.views import ChannelView, CodeView, HistoryView, history_view
from houston.kernel import feed
from houston.kernel.errors import BadRequest, Conflict, NotFound
from houston.kernel.facts import ChannelChanged
from houston.kernel.ids import ChannelId
from houston.kernel.sentence import say
from houston.kernel.wake import Topic
from houston.people import store as people
from houston.people.rules import Caller, Doing, may, require

_CODE_WAIT_SECONDS: Final = 5.0
_HISTORY_MAX: Final = 1_000


class ChannelChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a channel can be set. What is left out stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    pacing_per_minute: int | msgspec.UnsetType | None = msgspec.UNSET
    """Null is the transport's own default."""


# --- Reading -----------------------------------------------------------------------------------


@get("/channels", summary="All channels, with status and queue", doing=Doing.READ, window=True)
async def list_channels(
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    language: NamedDependency[str],
    deleted: Annotated[bool, Parameter(description="Also those that were deleted")] = False,
) -> list[ChannelView]:
    async with desk.database.single() as tx:
        channels = await store.of_account(tx, caller.account)
        seen = [one for one in channels if may(caller, Doing.READ, one.id)]
        kept = [one for one in seen if deleted or one.state.deleted_at is None]
        return await desk.views(tx, kept, language)


@get("/channels/{channel_id:uuid}", summary="One channel", doing=Doing.READ, window=True)
async def get_channel(
    channel_id: FromPath[ChannelId],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    language: NamedDependency[str],
) -> ChannelView:
    async with desk.database.single() as tx:
        return await desk.view(tx, await one(tx, caller, channel_id), language)


@get(
    "/channels/{channel_id:uuid}/history",
    summary="Every change of the status, oldest first",
    doing=Doing.READ,
)
async def get_history(
    channel_id: FromPath[ChannelId],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    since: Annotated[datetime | None, QueryParameter(name="from")] = None,
    until: Annotated[datetime | None, QueryParameter(name="to")] = None,
) -> list[HistoryView]:
    async with desk.database.single() as tx:
        await one(tx, caller, channel_id)
        rows = await store.history(
            tx, channel_id, _zoned("from", since), _zoned("to", until), _HISTORY_MAX
        )
        names = await people.names(tx, caller.account)
    return [history_view(row, names) for row in rows]


@get("/channels/{channel_id:uuid}/qr", summary="The code to scan or to type", doing=Doing.STEER)
async def get_code(
    channel_id: FromPath[ChannelId], caller: NamedDependency[Caller], desk: NamedDependency[Desk]
) -> CodeView:
    """Waits a few seconds for a code that is on its way.

    Answers 409 when none is: the channel is linked, or its codes have run out and `rescan` helps.
    """
    deadline = desk.clock.monotonic() + _CODE_WAIT_SECONDS
    while True:
        async with desk.database.single() as tx:
            channel = await one(tx, caller, channel_id)
        code = live_code(channel, desk.clock.now())
        if code is not None:
            return code
        if channel.state.paired or desk.clock.monotonic() > deadline:
            raise _no_code(channel)
        await desk.clock.sleep(0.1)


def _no_code(channel: Channel) -> Conflict:
    word = StatusNamed(status(channel.state))
    what = say("There is no code to scan: the channel is {status}", status=word)
    cure = (
        "Send the command `rescan` to get a new one" if not channel.state.paired else "It is linked"
    )
    return Conflict(what, cure)


# --- Changing ----------------------------------------------------------------------------------


@post("/channels", summary="Add a channel; it then waits for its scan", doing=Doing.SET_UP)
async def add_channel(
    data: JSONBody[NewChannel],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    language: NamedDependency[str],
) -> ChannelView:
    return await make_channel(desk, caller, data, language)


@patch(
    "/channels/{channel_id:uuid}", summary="Rename a channel, or set its pace", doing=Doing.SET_UP
)
async def change_channel(
    channel_id: FromPath[ChannelId],
    data: JSONBody[ChannelChange],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    language: NamedDependency[str],
) -> ChannelView:
    async with desk.database.transaction() as tx:
        channel = await one(tx, caller, channel_id)
        name = channel.name if data.name is msgspec.UNSET else check_name(data.name)
        asked = data.pacing_per_minute
        pacing = channel.pacing_per_minute if asked is msgspec.UNSET else _pacing(asked)
        await store.change(tx, channel_id, name, pacing)
        fact = ChannelChanged(name=name, pacing_per_minute=pacing, actor=caller.actor)
        await feed.write(tx, desk.clock.now(), feed.entries(caller.account, channel_id, [fact]))
        view = await desk.view(tx, await one(tx, caller, channel_id), language)
    await desk.wakes.everywhere(Topic.CHANNEL, [channel_id])
    return view


@delete(
    "/channels/{channel_id:uuid}",
    summary="Delete a channel; it can be restored for 30 days",
    status_code=200,
    doing=Doing.SET_UP,
)
async def delete_channel(
    channel_id: FromPath[ChannelId],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    language: NamedDependency[str],
) -> ChannelView:
    return await press(desk, caller, channel_id, "delete", language)


@post(
    "/channels/{channel_id:uuid}/{command:str}",
    summary="enable, disable, use-here, enable-here, rescan, pairing-code, check or restore",
    status_code=200,
    doing=Doing.STEER,
)
async def command_channel(
    channel_id: FromPath[ChannelId],
    command: Annotated[str, Parameter(schema_extra={"enum": BUTTONS})],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    language: NamedDependency[str],
) -> ChannelView:
    """Idempotent. Answers with the channel as it is after the command."""
    if command not in BUTTONS:
        what = say("There is no command {command!r}", command=command)
        raise NotFound(what, say("Use one of: {commands}", commands=", ".join(BUTTONS)))
    if command == "restore":
        require(caller, Doing.SET_UP, channel_id)
    return await press(desk, caller, channel_id, command, language)


# --- Input -------------------------------------------------------------------------------------


def _pacing(per_minute: int | None) -> int | None:
    if per_minute is not None and not 1 <= per_minute <= 10_000:
        raise BadRequest("pacing_per_minute", per_minute, "use 1 to 10,000, or null")
    return per_minute


def _zoned(field: str, at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise BadRequest(field, at.isoformat(), "add the time zone, such as Z")
    return at


channels_api = Router(
    "/",
    route_handlers=[
        list_channels,
        get_channel,
        get_history,
        get_code,
        add_channel,
        change_channel,
        delete_channel,
        command_channel,
        make_code_link,
        withdraw_code_link,
    ],
    tags=["channels"],
)
