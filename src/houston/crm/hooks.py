"""The address that a CRM calls: verify, store, answer. Everything else happens after the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from houston.crm import store, store_line
from houston.crm.connector import Connector, Hook, Trust
from houston.crm.relay import Relay
from houston.crm.safe import Safe, hook_hash
from houston.kernel.clock import Clock
from houston.kernel.db import Database
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
        async with self.database.single() as tx:
            one = await store.called(tx, hook_hash(token))
        if one is None or one.kind != kind or kind not in self.connectors:
            raise NotFound("No connection has this address", "Copy the address anew from Houston")
        connector, connection = self.connectors[kind], self.safe.open(one)
        trust = connector.verify(connection, hook)
        if trust is Trust.REFUSED:
            raise NotAllowed("The signature is wrong", "Compare the secrets in Houston and the CRM")
        async with self.database.transaction() as tx:
            await store_line.keep_hook(tx, one.id, hook, proven=trust is Trust.PROVEN)
        self.relay.ring()
        return connector.reply(connection, hook)


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
    hook = Hook(
        headers={name: value for name, value in request.headers.items() if _matters(name)},
        path=request.url.path.partition(token)[2],
        query=request.url.query,
        body=await request.body(),
        at=reception.clock.now(),
    )
    return await reception.take(kind, token, hook)


def _matters(name: str) -> bool:
    return name in _KEPT or name.startswith("x-chatwoot-")


hooks_api = Router("/", route_handlers=[hear_crm])
