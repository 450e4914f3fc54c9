"""Channels as the native interface shows them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from houston.channels.shown import Action, NextStep, shown
from houston.channels.state import Policy, Reason, Status
from houston.channels.status import policy
from houston.channels.store import Channel
from houston.channels.words import Texts, words
from houston.kernel.db import Row, Tx
from houston.kernel.ids import ChannelId, MessageId
from houston.transports.transport import PairingWay


class StatusView(msgspec.Struct, frozen=True):
    """The status with its words. Codes are stable; words follow the language that was asked for."""

    code: Status
    state: str | None
    """The word of the Wazzup dialect; null for a channel that no longer exists."""
    title: str
    meaning: str
    todo: str
    action: Action | None
    """Which button helps; null when there is nothing to press."""
    button: str | None
    reason: Reason
    reason_text: str
    since: datetime
    evidence_at: datetime | None
    """The last proof of life."""
    next_step: NextStep | None
    next_step_text: str | None
    next_step_at: datetime | None
    """Null beside a next step: it is being taken now."""


class QueueView(msgspec.Struct, frozen=True):
    """What waits to be sent, and why (law M8)."""

    length: int = 0
    """All that waits for its turn: messages, and edits, deletions and reactions, which are sent as well."""
    messages: int = 0
    """Of these, what a person would call a message: what will be new in a chat."""
    head: MessageId | None = None
    waits_for: str | None = None
    """The status that holds the queue, or `retry` or `pacing`; null when nothing holds it."""
    since: datetime | None = None
    next_try_at: datetime | None = None


class PacingView(msgspec.Struct, frozen=True):
    """How fast a waiting queue is flushed; null is as fast as the wire takes it (law M9)."""

    per_minute: int | None


class CatchUpView(msgspec.Struct, frozen=True):
    """How much of what waited at WhatsApp was retrieved last; fewer than expected is an alarm."""

    expected: int
    retrieved: int
    at: datetime


class ChannelView(msgspec.Struct, frozen=True):
    """A WhatsApp number that the account keeps connected."""

    id: ChannelId
    name: str
    phone: str
    transport: str
    status: StatusView
    outgoing: Policy
    """What becomes of a message that is sent now."""
    queue: QueueView
    pacing: PacingView
    catch_up: CatchUpView | None
    curators: int
    """How many people are told when it stops. 0: nobody is told."""
    created_at: datetime


class HistoryView(msgspec.Struct, frozen=True):
    """One change of the status. Kept for ever."""

    id: int
    at: datetime
    old: str
    new: str
    reason: str
    detail: str | None
    actor: str
    evidence_at: datetime | None


class CodeView(msgspec.Struct, frozen=True):
    """A code to scan or to type. It is a secret: whoever uses it has the number's chats."""

    way: PairingWay
    code: str
    svg: str | None
    """The picture of a code to scan."""
    expires_at: datetime
    number: int
    """Which of the codes of this round it is."""
    of: int
    """How many codes a round has; 0 when that is not known."""


Queues = Callable[[Tx, Sequence[Channel]], Awaitable[Mapping[UUID, QueueView]]]
"""Looks up what waits in channels. The outbox belongs to another slice, so `app.py` plugs it in."""


Told = Callable[[Tx, Sequence[Channel]], Awaitable[Mapping[UUID, int]]]
"""Counts who is told of channels. Curators stand above, so `routes.py` plugs them in as well."""


def channel_view(
    channel: Channel,
    queue: QueueView | None,
    pacing_default: int | None,
    language: str,
    texts: Mapping[str, Texts],
    now: datetime,
    curators: int,
) -> ChannelView:
    return ChannelView(
        id=channel.id,
        name=channel.name,
        phone=channel.phone,
        transport=channel.transport,
        status=status_view(channel, language, texts, now),
        outgoing=policy(channel.state),
        queue=queue or QueueView(),
        pacing=PacingView(channel.pacing_per_minute or pacing_default),
        catch_up=_catch_up(channel),
        curators=curators,
        created_at=channel.created_at,
    )


def status_view(
    channel: Channel, language: str, texts: Mapping[str, Texts], now: datetime
) -> StatusView:
    seen = shown(channel.state, now)
    said = words(seen, language, texts)
    return StatusView(
        code=seen.status,
        state=seen.wire_state,
        title=said.title,
        meaning=said.meaning,
        todo=said.todo,
        action=seen.action,
        button=said.button,
        reason=seen.reason,
        reason_text=said.reason,
        since=seen.since,
        evidence_at=seen.evidence_at,
        next_step=seen.next_step,
        next_step_text=said.next_step,
        next_step_at=seen.next_step_at,
    )


def history_view(row: Row, names: Mapping[str, str]) -> HistoryView:
    """People are shown by their names; keys stay `api key <id>`, because their names are not unique."""
    fields = {name: row[name] for name in HistoryView.__struct_fields__}
    is_person = row["actor"].startswith("person ")
    actor = names.get(row["actor"], row["actor"]) if is_person else row["actor"]
    return HistoryView(**fields | {"actor": actor})


def _catch_up(channel: Channel) -> CatchUpView | None:
    if channel.caught_up_at is None:
        return None
    return CatchUpView(
        channel.catch_up_expected or 0, channel.catch_up_retrieved or 0, channel.caught_up_at
    )
