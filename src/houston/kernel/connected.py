"""Facts about what is connected to an account: webhooks and CRMs."""

from datetime import datetime
from typing import ClassVar

import msgspec

from houston.kernel.ids import ConnectionId, EndpointId


class EndpointChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook was set up or changed: `change` says how."""

    kind: ClassVar[str] = "endpoint.changed"
    endpoint_id: EndpointId
    name: str
    change: str
    actor: str


class EndpointTurned(msgspec.Struct, frozen=True, kw_only=True):
    """It goes otherwise with a webhook. None is told of it: who refuses that would be told of it, and so on."""

    kind: ClassVar[str] = "endpoint.health"
    endpoint_id: EndpointId
    name: str
    old: str
    new: str
    error: str | None
    at: datetime


class ConnectionTurned(msgspec.Struct, frozen=True, kw_only=True):
    """A connection to a CRM is in another state; `removed` when it is gone."""

    kind: ClassVar[str] = "connection.state"
    connection_id: ConnectionId
    name: str
    crm: str
    old: str
    new: str
    error: str | None
    at: datetime
