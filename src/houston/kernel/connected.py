"""Facts about what is connected to an account: webhooks and CRMs."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from houston.kernel.ids import ConnectionId, EndpointId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChanged:
    """A webhook was set up or changed: `change` says how."""

    kind: ClassVar[str] = "endpoint.changed"
    endpoint_id: EndpointId
    name: str
    change: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTurned:
    """It goes otherwise with a webhook. None is told of it: who refuses that would be told of it, and so on."""

    kind: ClassVar[str] = "endpoint.health"
    endpoint_id: EndpointId
    name: str
    old: str
    new: str
    error: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTurned:
    """A connection to a CRM is in another state; `removed` when it is gone."""

    kind: ClassVar[str] = "connection.state"
    connection_id: ConnectionId
    name: str
    crm: str
    old: str
    new: str
    error: str | None
    at: datetime
