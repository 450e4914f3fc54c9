"""Connections as they are shown, in the reader's language."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import msgspec

from houston.crm.connector import Connector, Finding
from houston.crm.field import Field
from houston.crm.rules import State
from houston.crm.safe import Safe, SecretsLost
from houston.crm.store import Stored
from houston.crm.words import fault_words, finding_words, words
from houston.kernel.ids import ChannelId, ConnectionId
from houston.kernel.telling import tell, tell_text
from houston.kernel.texts import integration_texts


class FieldView(msgspec.Struct, frozen=True):
    """One field of the form."""

    name: str
    title: str
    where: str
    """Where in the CRM it is found."""
    secret: bool
    required: bool
    pattern: str
    example: str


class KindView(msgspec.Struct, frozen=True):
    """A CRM that can be connected, with the form for it."""

    kind: str
    title: str
    channels_max: int
    fields: list[FieldView]


class HealthView(msgspec.Struct, frozen=True):
    """How a connection is, with the clarity of a channel's status."""

    state: State
    title: str
    meaning: str
    todo: str
    since: datetime
    error: str | None
    """The last thing that went wrong, in the CRM's own words."""
    problem: str | None
    """The same in plain words."""
    error_at: datetime | None
    next_try_at: datetime | None
    waiting: int
    """How many things the CRM has still to be told."""


class ConnectionView(msgspec.Struct, frozen=True):
    """A connection. Secrets are never shown, only that they are set."""

    id: ConnectionId
    kind: str
    name: str
    channels: list[ChannelId]
    settings: dict[str, str]
    secrets: list[str]
    enabled: bool
    hook_url: str
    """Where the CRM has to call. Treat it as a password."""
    status: HealthView
    created_at: datetime


class FindingView(msgspec.Struct, frozen=True):
    """One thing that the test has looked at."""

    good: bool
    text: str


def kind_view(connector: Connector, language: str) -> KindView:
    fields = [_field_view(field, language) for field in connector.fields]
    return KindView(connector.kind, connector.title, connector.channels_max, fields)


def _field_view(field: Field, language: str) -> FieldView:
    return FieldView(
        field.name,
        tell(field.title, language),
        tell(field.where, language),
        field.secret,
        field.required,
        field.pattern,
        field.example,
    )


def connection_view(
    safe: Safe, one: Stored, base: str, language: str, waiting: int
) -> ConnectionView:
    try:
        opened = safe.open(one, base)
        hidden, hook_url = opened.settings.keys() - one.settings.keys(), opened.hook_url
    except SecretsLost:
        hidden, hook_url = set(), ""  # The rest can be shown, and its error says what is wrong.
    said = words(language, one.state, integration_texts())
    status = HealthView(
        one.state,
        said.title,
        said.meaning,
        said.todo,
        one.state_since,
        None if one.error is None else tell_text(one.error, language),
        fault_words(language, one.fault, integration_texts()),
        one.error_at,
        one.retry_at,
        waiting,
    )
    return ConnectionView(
        one.id,
        one.kind,
        one.name,
        list(one.channels),
        one.settings,
        sorted(hidden),
        one.enabled,
        hook_url,
        status,
        one.created_at,
    )


def finding_view(
    kind: str, found: Finding, channels: Mapping[str, str], language: str
) -> FindingView:
    """`channels` are the names of those that it may speak of."""
    why = found.values.get("why")
    if why is not None:  # The CRM's own words, or ours.
        found = replace(found, values={**found.values, "why": tell_text(why, language)})
    text = finding_words(language, kind, found, channels, integration_texts())
    return FindingView(found.good, text)
