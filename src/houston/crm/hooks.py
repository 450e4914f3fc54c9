"""The address that a CRM calls: verify, store, answer. Everything else happens after the answer.

Behind the same address lie the pages that some CRMs show in a frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from houston.crm import store, store_line, store_memory
from houston.crm.connector import Connection, Connector, Hook, Page, Trust
from houston.crm.framed import document, guards
from houston.crm.lookback import WAITS_MAX
from houston.crm.relay import Relay
from houston.crm.safe import Safe, hook_hash
from houston.crm.store import Stored
from houston.kernel.clock import Clock
from houston.kernel.db import LOST, Database
from houston.kernel.errors import NotAllowed, NotFound

_KEPT: Final = frozenset({"content-type", "x-signature"})
"""Headers that mean something; of others only those of one CRM's own are kept."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What the address works with."""

    database: Database
    clock: Clock
    connectors: Mapping[str, Connector]
    safe: Safe
    relay: Relay

    async def take(self, kind: str, token: str, hook: Hook) -> Mapping[str, str]:
        """Keep a hook for good; what the CRM is answered.

        Raises:
            NotFound: no connection has this address.
            NotAllowed: the CRM that the address belongs to has not sent this.
        """
        try:
            return await self._take(kind, token, hook)
        except LOST:
            self.relay.missed()
            raise

    async def _take(self, kind: str, token: str, hook: Hook) -> Mapping[str, str]:
        one, connector, connection = await self._called(kind, token)
        trust = connector.verify(connection, hook)
        if trust is Trust.REFUSED:
            raise NotAllowed("The signature is wrong", "Compare the secrets in Houston and the CRM")
        note = connector.note(connection, hook)
        sealed, proven = self.safe.close_hook(one.id, hook), trust is Trust.PROVEN
        async with self.database.transaction() as tx:
            await store_line.keep_hook(tx, one.id, sealed, hook.at, proven=proven)
            for name, value in note.remember.items() if note else ():
                kept = None if value is None else self.safe.seal(one.id, value)
                await store_memory.put(tx, one.id, name, kept)
            if note is not None and note.anew:
                await store.begin_anew(tx, one.id)
            await store.hurry(tx, one.id, hook.at, WAITS_MAX)
        self.relay.ring()
        return connector.reply(connection, hook)

    async def show(self, kind: str, token: str, hook: Hook) -> Page:
        """What a CRM shows in a frame.

        Raises:
            NotFound: no connection has this address, or its CRM shows nothing.
        """
        one, connector, connection = await self._called(kind, token)
        async with self.database.single() as tx:
            channels = await store.names_of(tx, one.channels)
        page = await connector.page(connection, hook, channels)
        if page is None:
            raise NotFound("There is no page here", "This CRM is set up in Houston alone")
        if page.anew:
            async with self.database.single() as tx:
                await store.begin_anew(tx, one.id)
            self.relay.ring()
        return page

    async def _called(self, kind: str, token: str) -> tuple[Stored, Connector, Connection]:
        async with self.database.single() as tx:
            one = await store.called(tx, hook_hash(token))
        if one is None or one.kind != kind or kind not in self.connectors:
            raise NotFound("No connection has this address", "Copy the address anew from Houston")
        return one, self.connectors[kind], await self.safe.recall(one)


@post(
    ["/crm/{kind:str}/{token:str}", "/crm/{kind:str}/{token:str}/{rest:path}"],
    include_in_schema=False,
    status_code=200,
)
async def hear_crm(
    request: Request[Any, Any, Any],
    kind: FromPath[str],
    token: FromPath[str],
    reception: NamedDependency[Reception],
) -> Mapping[str, str]:
    return await reception.take(kind, token, await _hook(request, token, reception))


@post("/crm/{kind:str}/{token:str}/page", include_in_schema=False, status_code=200)
async def show_page(
    request: Request[Any, Any, Any],
    kind: FromPath[str],
    token: FromPath[str],
    reception: NamedDependency[Reception],
) -> Response[bytes]:
    hook = await _hook(request, token, reception)
    page = await reception.show(kind, token, hook)
    return Response(document(page), headers=guards(page), media_type="text/html; charset=utf-8")


@get("/crm/{kind:str}/{token:str}/oauth", include_in_schema=False)
async def hear_permission(
    request: Request[Any, Any, Any],
    kind: FromPath[str],
    token: FromPath[str],
    reception: NamedDependency[Reception],
) -> Response[bytes]:
    """A person comes back from a CRM that was asked whether Houston may use it."""
    page = await reception.show(kind, token, await _hook(request, token, reception))
    return Response(document(page), headers=guards(page), media_type="text/html; charset=utf-8")


async def _hook(request: Request[Any, Any, Any], token: str, reception: Reception) -> Hook:
    return Hook(
        headers={name: value for name, value in request.headers.items() if _matters(name)},
        path=request.url.path.partition(token)[2],
        query=request.url.query,
        body=await request.body(),
        at=reception.clock.now(),
    )


def _matters(name: str) -> bool:
    return name in _KEPT or name.startswith("x-chatwoot-")


hooks_api = Router("/", route_handlers=[hear_crm, show_page, hear_permission])
