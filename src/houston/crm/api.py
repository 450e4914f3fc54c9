"""Connections to CRMs over HTTP: what can be connected, what is, how it is, and a live test of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from litestar import Request, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from houston.crm import store
from houston.crm.connector import Connector
from houston.crm.field import Field
from houston.crm.hooks import Reception
from houston.crm.rules import State
from houston.crm.safe import hook_hash
from houston.crm.store import Stored
from houston.crm.views import (
    ConnectionView,
    FindingView,
    KindView,
    connection_view,
    finding_view,
    kind_view,
)
from houston.kernel.db import Tx
from houston.kernel.errors import BadRequest, NotFound
from houston.kernel.ids import AccountId, ChannelId, ConnectionId, new_id
from houston.kernel.sentence import say
from houston.people.rules import Caller, check_name

_NOT_YOURS = NotFound("There is no such connection", "List the connections to see their ids")


class NewConnection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A connection as it is asked for."""

    kind: str
    name: str
    channels: list[ChannelId]
    settings: dict[str, str]


class ChangedConnection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays; an empty setting is taken away."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    channels: list[ChannelId] | msgspec.UnsetType = msgspec.UNSET
    settings: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class Bench:
    """What every route here needs. `public_url` begins the addresses, else the one that was asked."""

    reception: Reception
    public_url: str | None

    @property
    def connectors(self) -> Mapping[str, Connector]:
        return self.reception.connectors

    def base(self, request: Request[Any, Any, Any]) -> str:
        return self.public_url or str(request.base_url)

    def view(
        self, one: Stored, request: Request[Any, Any, Any], language: str, waiting: int
    ) -> ConnectionView:
        return connection_view(self.reception.safe, one, self.base(request), language, waiting)


@get("/connections/kinds", summary="Which CRMs can be connected, and what each has to know")
async def list_kinds(
    caller: NamedDependency[Caller], bench: NamedDependency[Bench], language: NamedDependency[str]
) -> list[KindView]:
    return [kind_view(one, language) for one in bench.connectors.values()]


@get("/connections", summary="The connections to CRMs, and how each is")
async def list_connections(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    bench: NamedDependency[Bench],
    language: NamedDependency[str],
) -> list[ConnectionView]:
    async with bench.reception.database.single() as tx:
        found = await store.of_account(tx, caller.account)
        waiting = await store.waiting(tx, [one.id for one in found])
    base = bench.base(request)
    safe = bench.reception.safe
    return [connection_view(safe, one, base, language, waiting.get(one.id, 0)) for one in found]


@get("/connections/{connection_id:uuid}", summary="One connection, and how it is")
async def get_connection(
    request: Request[Any, Any, Any],
    connection_id: FromPath[ConnectionId],
    caller: NamedDependency[Caller],
    bench: NamedDependency[Bench],
    language: NamedDependency[str],
) -> ConnectionView:
    async with bench.reception.database.single() as tx:
        one = await _theirs(tx, caller.account, connection_id)
        waiting = await store.waiting(tx, [connection_id])
    return bench.view(one, request, language, waiting.get(connection_id, 0))


@post("/connections", summary="Connect a CRM")
async def add_connection(
    request: Request[Any, Any, Any],
    data: JSONBody[NewConnection],
    caller: NamedDependency[Caller],
    bench: NamedDependency[Bench],
    language: NamedDependency[str],
) -> ConnectionView:
    """Put the answer's `hook_url` into the CRM, then ask for a test."""
    connector = _connector(bench, data.kind)
    safe, now = bench.reception.safe, bench.reception.clock.now()
    connection, token = ConnectionId(new_id()), safe.new_token()
    settings, secrets = safe.close(
        connection, _fields(connector), _checked(connector, data.settings), token
    )
    one = Stored(
        id=connection,
        account=caller.account,
        kind=data.kind,
        name=check_name(data.name),
        channels=tuple(data.channels),
        settings=settings,
        secrets=secrets,
        enabled=True,
        state=State.UNTRIED,
        state_since=now,
        error=None,
        fault=None,
        error_at=None,
        fails=0,
        retry_at=None,
        reconciled_at=now,
        reconcile=True,
        anew=0,
        created_at=now,
    )
    async with bench.reception.database.transaction() as tx:
        await _check_channels(tx, caller.account, connector, data.channels)
        await store.add(tx, one, hook_hash(token))
    bench.reception.relay.ring()
    return bench.view(one, request, language, 0)


@patch("/connections/{connection_id:uuid}", summary="Change what is set, or switch it off or on")
async def change_connection(
    request: Request[Any, Any, Any],
    connection_id: FromPath[ConnectionId],
    data: JSONBody[ChangedConnection],
    caller: NamedDependency[Caller],
    bench: NamedDependency[Bench],
    language: NamedDependency[str],
) -> ConnectionView:
    reception = bench.reception
    async with reception.database.transaction() as tx:
        one = await _theirs(tx, caller.account, connection_id, lock=True)
        connector = _connector(bench, one.kind)
        changed = _changed(bench, connector, one, data)
        await _check_channels(tx, caller.account, connector, list(changed.channels))
        await store.change(tx, one, changed, reception.clock.now())
        stored = await _theirs(tx, caller.account, connection_id)
        waiting = await store.waiting(tx, [connection_id])
    reception.relay.ring()
    return bench.view(stored, request, language, waiting.get(connection_id, 0))


@delete("/connections/{connection_id:uuid}", summary="Disconnect a CRM; a repeat is harmless")
async def remove_connection(
    connection_id: FromPath[ConnectionId],
    caller: NamedDependency[Caller],
    bench: NamedDependency[Bench],
) -> None:
    async with bench.reception.database.transaction() as tx:
        await store.remove(tx, caller.account, connection_id, bench.reception.clock.now())


@post("/connections/{connection_id:uuid}/test", summary="Try everything that has to work")
async def test_connection(
    request: Request[Any, Any, Any],
    connection_id: FromPath[ConnectionId],
    caller: NamedDependency[Caller],
    bench: NamedDependency[Bench],
    language: NamedDependency[str],
) -> list[FindingView]:
    """Nothing is written in the CRM. What stood still because it failed is tried again at once."""
    async with bench.reception.database.single() as tx:
        one = await _theirs(tx, caller.account, connection_id)
    connector = _connector(bench, one.kind)
    findings = await connector.test(await bench.reception.safe.recall(one, bench.base(request)))
    async with bench.reception.database.single() as tx:
        await store.try_at_once(tx, one.id)
        channels = await store.names_of(tx, one.channels)
    bench.reception.relay.ring()
    names = {str(found.id): found.name for found in channels}
    return [finding_view(one.kind, found, names, language) for found in findings]


# --- Checking ----------------------------------------------------------------------------------


async def _theirs(
    tx: Tx, account: AccountId, connection: ConnectionId, *, lock: bool = False
) -> Stored:
    found = await store.one(tx, connection, lock=lock)
    if found is None or found.account != account:
        raise _NOT_YOURS
    return found


def _connector(bench: Bench, kind: str) -> Connector:
    if kind not in bench.connectors:
        cure = say("give one of {kinds}", kinds=", ".join(sorted(bench.connectors)))
        raise BadRequest("kind", kind, cure)
    return bench.connectors[kind]


def _fields(connector: Connector) -> dict[str, Field]:
    return {field.name: field for field in connector.fields}


def _checked(connector: Connector, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that were given, if they are all that is needed."""
    fields = _fields(connector)
    for name in settings:
        if name not in fields:
            cure = say("the settings are {settings}", settings=", ".join(fields))
            raise BadRequest(f"settings.{name}", "...", cure)
    given = {name: value.strip() for name, value in settings.items() if value.strip()}
    for name, field in fields.items():
        value = given.get(name)
        if value is None and field.required:
            cure = say("it is needed: {where}", where=field.where)
            raise BadRequest(f"settings.{name}", value, cure)
        if value is not None and not re.fullmatch(field.pattern, value):
            shown = "***" if field.secret else value
            cure = say("it must look as here: {where}", where=field.where)
            raise BadRequest(f"settings.{name}", shown, cure)
    return given


async def _check_channels(
    tx: Tx, account: AccountId, connector: Connector, channels: list[ChannelId]
) -> None:
    if not 1 <= len(set(channels)) <= connector.channels_max or len(set(channels)) < len(channels):
        cure = say("give 1 to {max} channels", max=connector.channels_max)
        raise BadRequest("channels", len(channels), cure)
    if not await store.knows_channels(tx, account, channels):
        raise BadRequest("channels", "...", "give ids of your own channels; list them to see them")


def _changed(bench: Bench, connector: Connector, one: Stored, data: ChangedConnection) -> Stored:
    safe = bench.reception.safe
    given = {} if data.settings is msgspec.UNSET else data.settings
    before = safe.open(one).settings
    values = _checked(connector, {**before, **given})
    settings, secrets = safe.close(one.id, _fields(connector), values, safe.token(one))
    return replace(
        one,
        name=one.name if data.name is msgspec.UNSET else check_name(data.name),
        channels=one.channels if data.channels is msgspec.UNSET else tuple(data.channels),
        enabled=one.enabled if data.enabled is msgspec.UNSET else data.enabled,
        settings=settings,
        secrets=secrets,
    )


crm_api = Router(
    "/",
    route_handlers=[
        list_kinds,
        list_connections,
        get_connection,
        add_connection,
        change_connection,
        remove_connection,
        test_connection,
    ],
    tags=["crm"],
)
