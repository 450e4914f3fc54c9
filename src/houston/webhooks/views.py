"""Endpoints, tries and dead letters as the native interface shows them."""

from datetime import datetime
from uuid import UUID

import msgspec

from houston.kernel.db import Row
from houston.kernel.telling import tell_text
from houston.kernel.texts import integration_texts
from houston.kernel.words import nearest
from houston.webhooks.health import health_of
from houston.webhooks.rules import Health


class AttemptView(msgspec.Struct, frozen=True):
    """One try to deliver."""

    id: int
    at: datetime
    kind: str
    """Of the facts in it."""
    facts: int
    """How many there were in it."""
    first_event_id: str | None
    last_event_id: str | None
    code: int | None
    """What the receiver answered; null when no answer came, and `error` says why."""
    answer: str
    """How the answer began."""
    error: str | None
    took_ms: int
    next_try_at: datetime | None
    """When the same is tried again; null when it arrived or was given up."""


class PostedView(msgspec.Struct, frozen=True):
    """One try, with what was posted."""

    attempt: AttemptView
    body: msgspec.Raw
    """Null when it is not known any more."""


class EndpointView(msgspec.Struct, frozen=True):
    """An address that is told what happens."""

    id: UUID
    name: str
    dialect: str
    """`native`, or `wazzup_v3` for the one that is set by `PATCH /v3/webhooks`."""
    url: str
    kinds: list[str] | None
    """Null is everything, also what comes with a later version."""
    channels: list[UUID] | None
    """Null is all of them."""
    health: Health
    since: datetime
    """Since when its health is what it is; while it works, since it was made."""
    title: str
    meaning: str
    what_to_do: str | None
    next_try_at: datetime | None
    last_attempt: AttemptView | None
    dead_letters: int
    """What was given up, and can be replayed."""
    replays: int
    """Stretches of the feed that are still to be told again."""
    older_secret_until: datetime | None
    """Until then the secret of before signs as well."""
    created_at: datetime


class NewEndpointView(msgspec.Struct, frozen=True):
    """The secret is shown this once."""

    endpoint: EndpointView
    secret: str


class DeadLetterView(msgspec.Struct, frozen=True):
    """What could not be delivered."""

    id: int
    at: datetime
    first_event_id: str | None
    last_event_id: str | None
    error: str
    body: msgspec.Raw


class TestView(msgspec.Struct, frozen=True):
    """How the receiver took a test."""

    ok: bool
    code: int | None
    answer: str
    error: str | None
    took_ms: int


class ReplayView(msgspec.Struct, frozen=True):
    """How many stretches of the feed will be told again."""

    stretches: int


def endpoint_view(row: Row, last: Row | None, now: datetime, language: str) -> EndpointView:
    health = health_of(row)
    said = nearest(language, integration_texts()).states["webhook"][health]
    older_until = row["older_until"]
    return EndpointView(
        id=row["id"],
        name=row["name"],
        dialect=row["dialect"],
        url=row["url"],
        kinds=None if row["kinds"] is None else sorted(row["kinds"]),
        channels=row["channels"],
        health=health,
        since=_since(row, health),
        title=said.title,
        meaning=said.meaning,
        what_to_do=None if health is Health.WORKING else said.todo,
        next_try_at=row["retry_at"],
        last_attempt=None if last is None else attempt_view(last, language),
        dead_letters=row["dead_letters"],
        replays=row["replays"],
        older_secret_until=older_until if older_until is not None and older_until > now else None,
        created_at=row["created_at"],
    )


def _since(row: Row, health: Health) -> datetime:
    fields = {
        Health.PAUSED: "paused_at",
        Health.FAILING: "first_failed_at",
        Health.DEAD_LETTERS: "dead_since",
        Health.WORKING: "created_at",
    }
    since: datetime = row[fields[health]]
    return since


def attempt_view(row: Row, language: str) -> AttemptView:
    return AttemptView(
        id=row["id"],
        at=row["at"],
        kind=row["kind"],
        facts=row["items"],
        first_event_id=row["first_event"],
        last_event_id=row["last_event"],
        code=row["answer_code"],
        answer=row["answer_start"],
        error=_told(row["error"], language),
        took_ms=row["took_ms"],
        next_try_at=row["next_try_at"],
    )


def posted_view(row: Row, body: bytes | None, language: str) -> PostedView:
    return PostedView(attempt_view(row, language), msgspec.Raw(b"null" if body is None else body))


def dead_letter_view(row: Row, language: str) -> DeadLetterView:
    return DeadLetterView(
        id=row["id"],
        at=row["at"],
        first_event_id=row["first_event"],
        last_event_id=row["last_event"],
        error=tell_text(row["error"], language),
        body=msgspec.Raw(row["body"].encode()),
    )


def _told(error: str | None, language: str) -> str | None:
    return None if error is None else tell_text(error, language)
