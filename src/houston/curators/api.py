"""Curators over HTTP: who is told, about what, when; a test; what was told; "I see to it"."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from houston.curators import store, store_notices
from houston.curators.notifier import take_in
from houston.curators.planning import plan_test
from houston.curators.routes import SCHEMES, is_route, leads_inside
from houston.curators.rules import Acknowledged, Kind, Want
from houston.curators.store import Curator, Subject
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import BadRequest, Conflict, NotFound
from houston.kernel.ids import AccountId, ChannelId, new_id
from houston.kernel.sentence import say
from houston.kernel.wake import Topic, Wakes
from houston.people.rules import Caller, Doing, check_name

Given = TypeVar("Given")

_MINUTES_MAX: Final = 7 * 24 * 60
_ROUTES_MAX: Final = 5
_NOTICES_MAX: Final = 100
_NOT_YOURS: Final = NotFound("There is no such curator", "List the curators to see their ids")


class QuietHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By the curator's own clock; `until` may be the next morning."""

    start: time
    until: time


class Wishes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A curator as it is asked for. What a change leaves out stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    phone: str | msgspec.UnsetType = msgspec.UNSET
    channels: list[ChannelId] | msgspec.UnsetType | None = msgspec.UNSET
    """Null is all channels of the account."""
    wants: list[Want] | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType = msgspec.UNSET
    time_zone: str | msgspec.UnsetType = msgspec.UNSET
    quiet_hours: QuietHours | msgspec.UnsetType | None = msgspec.UNSET
    after_minutes: int | msgspec.UnsetType = msgspec.UNSET
    """Told only if nobody has acknowledged the incident by then."""
    routes: list[str] | msgspec.UnsetType = msgspec.UNSET
    """Addresses of Apprise, for when no other channel is active."""


class CuratorView(msgspec.Struct, frozen=True):
    """A person who is told. Of the routes only the kind is shown: the rest is a secret."""

    id: UUID
    name: str
    phone: str
    channels: list[ChannelId] | None
    wants: list[Want]
    language: str
    time_zone: str
    quiet_hours: QuietHours | None
    after_minutes: int
    routes: list[str]
    created_at: datetime


class NoticeView(msgspec.Struct, frozen=True):
    """What a curator was told, or will be."""

    id: UUID
    kind: Kind
    channel_id: ChannelId | None
    text: str
    at: datetime
    due_at: datetime
    waits: bool
    way: str | None
    via: ChannelId | None
    sent_at: datetime | None
    attempts: int
    error: str | None


class SentTestView(msgspec.Struct, frozen=True):
    """A test is on its way; its notice tells how it went."""

    notice_id: UUID


@dataclass(frozen=True, slots=True)
class Board:
    """What every route here needs."""

    database: Database
    clock: Clock
    wakes: Wakes
    private_routes: bool

    async def check_routes(self, routes: list[str] | msgspec.UnsetType) -> None:
        """Tell of a route into this server's own network when it is named, not when it is needed."""
        if self.private_routes or isinstance(routes, msgspec.UnsetType):
            return
        for route in routes[:_ROUTES_MAX]:
            if is_route(route) and await asyncio.to_thread(leads_inside, route):
                cure = "name a public server, or have HOUSTON_PRIVATE_ROUTES set"
                raise BadRequest("routes", route.partition("://")[0], cure)


@get("/curators", summary="Who is told", doing=Doing.SET_UP)
async def list_curators(
    caller: NamedDependency[Caller], board: NamedDependency[Board]
) -> list[CuratorView]:
    async with board.database.single() as tx:
        return [_view(one) for one in await store.of_account(tx, caller.account)]


@post("/curators", summary="Tell somebody from now on", doing=Doing.SET_UP)
async def add_curator(
    data: JSONBody[Wishes], caller: NamedDependency[Caller], board: NamedDependency[Board]
) -> CuratorView:
    await board.check_routes(data.routes)
    fresh = Curator(
        id=new_id(),
        account=caller.account,
        name="",
        phone="",
        channels=None,
        wants=frozenset(Want),
        language="en",
        zone=ZoneInfo("UTC"),
        quiet_from=None,
        quiet_until=None,
        after_minutes=0,
        routes=[],
        created_at=board.clock.now(),
    )
    async with board.database.transaction() as tx:
        return await _keep(tx, _wished(fresh, data))


@patch("/curators/{curator_id:uuid}", summary="Change what is set", doing=Doing.SET_UP)
async def change_curator(
    curator_id: FromPath[UUID],
    data: JSONBody[Wishes],
    caller: NamedDependency[Caller],
    board: NamedDependency[Board],
) -> CuratorView:
    await board.check_routes(data.routes)
    async with board.database.transaction() as tx:
        return await _keep(tx, _wished(await _theirs(tx, caller.account, curator_id), data))


@delete(
    "/curators/{curator_id:uuid}",
    summary="Tell somebody no more; a repeat is harmless",
    status_code=204,
    doing=Doing.SET_UP,
)
async def remove_curator(
    curator_id: FromPath[UUID], caller: NamedDependency[Caller], board: NamedDependency[Board]
) -> None:
    async with board.database.single() as tx:
        await store.remove(tx, caller.account, curator_id)


@post(
    "/curators/{curator_id:uuid}/test",
    summary="Send a test, the way a real notice would go",
    status_code=202,
    doing=Doing.SET_UP,
)
async def test_curator(
    curator_id: FromPath[UUID], caller: NamedDependency[Caller], board: NamedDependency[Board]
) -> SentTestView:
    async with board.database.transaction() as tx:
        curator = await _theirs(tx, caller.account, curator_id)
        notice = await plan_test(tx, curator, board.clock.now())
    board.wakes.here(Topic.NOTICE)
    return SentTestView(notice)


@get(
    "/curators/{curator_id:uuid}/notices",
    summary="What a curator was told, the newest first",
    doing=Doing.SET_UP,
)
async def list_notices(
    curator_id: FromPath[UUID], caller: NamedDependency[Caller], board: NamedDependency[Board]
) -> list[NoticeView]:
    async with board.database.transaction() as tx:
        await _theirs(tx, caller.account, curator_id)
        rows = await store_notices.of_curator(tx, caller.account, curator_id, _NOTICES_MAX)
    return [_notice_view(row) for row in rows]


@post(
    "/channels/{channel_id:uuid}/acknowledge",
    summary="I see to it: no more reminders of this incident",
    status_code=204,
    doing=Doing.STEER,
)
async def acknowledge(
    channel_id: FromPath[ChannelId],
    caller: NamedDependency[Caller],
    board: NamedDependency[Board],
) -> None:
    """Harmless where nothing is wrong."""
    async with board.database.transaction() as tx:
        if await store.own_channels(tx, caller.account, [channel_id]) != 1:
            raise NotFound("There is no such channel", "List the channels to see their ids")
        subject = Subject(account=caller.account, channel=channel_id)
        await take_in(tx, subject, Acknowledged(), board.clock.now())


@post(
    [
        "/connections/{integration_id:uuid}/acknowledge",
        "/endpoints/{integration_id:uuid}/acknowledge",
    ],
    summary="I see to it: no more reminders of this incident",
    status_code=204,
    doing=Doing.SET_UP,
)
async def acknowledge_integration(
    integration_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    board: NamedDependency[Board],
) -> None:
    """Harmless where nothing is wrong."""
    async with board.database.transaction() as tx:
        case = await store.lock_incident(tx, caller.account, integration_id)
        if case is not None:
            await take_in(tx, case.subject, Acknowledged(), board.clock.now())


# --- Checking --------------------------------------------------------------------------------


async def _theirs(tx: Tx, account: AccountId, curator: UUID) -> Curator:
    found = await store.one(tx, account, curator)
    if found is None:
        raise _NOT_YOURS
    return found


async def _keep(tx: Tx, curator: Curator) -> CuratorView:
    if await store.is_own_number(tx, curator.account, curator.phone):
        what = "This number is a channel of the account, so nobody would be told when it stops"
        raise Conflict(what, "Give the curator's own number")
    listed = curator.channels
    if listed is not None and await store.own_channels(tx, curator.account, listed) != len(listed):
        raise BadRequest("channels", listed, "list channels of this account, each once")
    await store.save(tx, curator)
    return _view(curator)


def _wished(old: Curator, data: Wishes) -> Curator:
    quiet = _quiet(old) if data.quiet_hours is msgspec.UNSET else data.quiet_hours
    return Curator(
        id=old.id,
        account=old.account,
        name=check_name(_or(data.name, old.name)),
        phone=_phone(_or(data.phone, old.phone)),
        channels=_or(data.channels, old.channels),
        wants=frozenset(_or(data.wants, list(old.wants))),
        language=_language(_or(data.language, old.language)),
        zone=_zone(_or(data.time_zone, old.zone.key)),
        quiet_from=None if quiet is None else quiet.start,
        quiet_until=None if quiet is None else quiet.until,
        after_minutes=_minutes(_or(data.after_minutes, old.after_minutes)),
        routes=_routes(_or(data.routes, old.routes)),
        created_at=old.created_at,
    )


def _or(wished: Given | msgspec.UnsetType, old: Given) -> Given:
    return old if isinstance(wished, msgspec.UnsetType) else wished


def _phone(phone: str) -> str:
    digits = phone.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
        raise BadRequest("phone", phone, "give digits with the country code")
    return digits


def _language(language: str) -> str:
    if not 2 <= len(language) <= 10 or not language.replace("-", "").isalpha():
        raise BadRequest("language", language, "give a code such as en, ru, es or pt")
    return language


def _zone(name: str) -> ZoneInfo:
    if name not in available_timezones():
        raise BadRequest("time_zone", name, "give a name such as Europe/Berlin")
    return ZoneInfo(name)


def _minutes(minutes: int) -> int:
    if not 0 <= minutes <= _MINUTES_MAX:
        cure = say("give 0 to {max} minutes", max=_MINUTES_MAX)
        raise BadRequest("after_minutes", minutes, cure)
    return minutes


def _routes(routes: list[str]) -> list[str]:
    if len(routes) > _ROUTES_MAX or not all(is_route(route) for route in routes):
        ways = ", ".join(sorted(SCHEMES))
        cure = say("give up to {max} addresses of {ways}", max=_ROUTES_MAX, ways=ways)
        raise BadRequest("routes", "...", cure)
    return routes


def _quiet(one: Curator) -> QuietHours | None:
    if one.quiet_from is None or one.quiet_until is None:
        return None
    return QuietHours(one.quiet_from, one.quiet_until)


def _view(one: Curator) -> CuratorView:
    return CuratorView(
        one.id,
        one.name,
        one.phone,
        one.channels,
        sorted(one.wants),
        one.language,
        one.zone.key,
        _quiet(one),
        one.after_minutes,
        [f"{route.partition('://')[0]}://..." for route in one.routes],
        one.created_at,
    )


def _notice_view(row: Row) -> NoticeView:
    names = [name for name in NoticeView.__struct_fields__ if name != "waits"]
    return NoticeView(waits=row["open"], **{name: row[name] for name in names})


curators_api = Router(
    "/",
    route_handlers=[
        list_curators,
        add_curator,
        change_curator,
        remove_curator,
        test_curator,
        list_notices,
        acknowledge,
        acknowledge_integration,
    ],
    tags=["curators"],
)
