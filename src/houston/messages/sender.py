"""Sends what waits, in order per chat, through the wires that this node holds (law M5, M6).

Written down before it leaves, written down when it is answered. Several channels share each trip to
the database; nothing here decides what an answer means (`rules.settle`) or what is next (`line.Line`).
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from houston.channels.held import Held
from houston.channels.orders import Stalled
from houston.channels.supervisor import Supervisor
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import LOST, Database, Tx
from houston.kernel.facts import MessageMoved
from houston.kernel.group_commit import GroupCommit
from houston.kernel.ids import ChannelId, ChatId, MessageId
from houston.kernel.loop import Bell, end
from houston.kernel.node import Node
from houston.kernel.wake import Topic, Wakes
from houston.messages import store, store_reactions, store_reading
from houston.messages.changes import change
from houston.messages.line import Line, Waiting, new_line, waiting
from houston.messages.reactions import failed, react
from houston.messages.rules import MessageStatus, Settlement, settle
from houston.messages.store_reactions import Reaction
from houston.transports.transport import NotSent, OutgoingKind, Retry, SendResult, Unknown

log = structlog.get_logger(__name__)

_LOOK_EVERY_SECONDS: Final = 10.0
_SEND_SECONDS_MAX: Final = 90.0
_AFTER_A_FAULT: Final = timedelta(seconds=5)
_BOUNDARY_SECONDS_MAX: Final = 5.0
_CHANNELS_PER_TURN: Final = 400
_ROWS_PER_TURN: Final = 2_000
_ROWS_PER_CHANNEL: Final = 100
_IN_FLIGHT_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt that has come to something."""

    message: Waiting
    attempt: int
    settlement: Settlement


@dataclass(slots=True)
class Tally:
    """How many messages of a channel this node has sent, or failed to send for good."""

    sent: int = 0
    failed: int = 0


class Sender:
    """The one that empties the outbox."""

    def __init__(
        self, database: Database, node: Node, clock: Clock, wakes: Wakes, supervisor: Supervisor
    ) -> None:
        self._database = database
        self._node = node
        self._clock = clock
        self._wakes = wakes
        self._supervisor = supervisor
        self._lines: dict[ChannelId, Line] = {}
        self._hot: dict[ChannelId, None] = {}
        self.tallies: defaultdict[ChannelId, Tally] = defaultdict(Tally)
        self._bell = Bell()
        self._looked_at = float("-inf")
        self._attempts: set[asyncio.Task[None]] = set()
        self._settlements: GroupCommit[Tried, None] = GroupCommit(self._write_down)
        wakes.on(Topic.QUEUE, self._woken)
        wakes.on(Topic.MERGED, self._merged)

    async def duty(self) -> None:
        """One turn of the loop."""
        if self._clock.monotonic() >= self._looked_at + _LOOK_EVERY_SECONDS:
            await self._look_at_everything()
        if not self._hot or not self._node.may_act() or len(self._attempts) >= _IN_FLIGHT_MAX:
            await self._bell.wait(1.0)
        if self._node.may_act() and len(self._attempts) < _IN_FLIGHT_MAX:
            await self._send_what_may_leave()

    async def quiesce(self, channel: ChannelId) -> None:
        """Come to a message boundary on a channel, and begin nothing new there."""
        held, line = self._supervisor.held.get(channel), self._lines.get(channel)
        if held is not None:
            held.releasing = True
        deadline = self._clock.monotonic() + _BOUNDARY_SECONDS_MAX
        while line is not None and line.busy and self._clock.monotonic() < deadline:
            await self._clock.sleep(0.05)

    async def close(self) -> None:
        """Stop; what is on its way is repeated, with the same id, by whoever comes next."""
        await self._settlements.close()
        await end(*self._attempts)

    def paced_until(self, channel: ChannelId) -> datetime | None:
        """When the channel's pace lets its next message leave, if it is the pace that holds it."""
        line = self._lines.get(channel)
        return None if line is None else line.paced_until()

    # --- Choosing --------------------------------------------------------------------------

    def _woken(self, channels: Sequence[UUID]) -> None:
        """There is something new in these queues, or (none named) perhaps in all."""
        if channels:
            self._look_anew(channels)
        else:
            self._looked_at = float("-inf")
        self._bell.ring()

    def _merged(self, ids: Sequence[UUID]) -> None:
        """Two chats of a channel are one: what is next in it the disk tells, in the order of acceptance."""
        if ids:
            channel, old, new = ids
            line = self._lines.get(ChannelId(channel))
            if line is not None:
                line.merge(ChatId(old), ChatId(new))
            self._heat(ChannelId(channel))

    def _look_anew(self, channels: Sequence[UUID]) -> None:
        for channel in channels:
            line = self._lines.get(ChannelId(channel))
            if line is not None:
                line.stale = True
            self._hot[ChannelId(channel)] = None

    def _heat(self, channel: ChannelId) -> None:
        self._hot[channel] = None
        self._bell.ring()

    async def _look_at_everything(self) -> None:
        """The guarantee behind the wake-ups: no queue is forgotten for longer than this."""
        self._looked_at = self._clock.monotonic()
        sendable = [channel for channel, held in self._supervisor.held.items() if held.may_send]
        if sendable:
            async with self._database.single() as tx:
                self._look_anew(await store_reading.heads(tx, sendable))

    async def _send_what_may_leave(self) -> None:
        lines = self._hot_lines()
        try:
            await self._look(lines)
        except LOST:
            self._look_anew([line.held.channel.id for line in lines])
            raise
        now = self._clock.now()
        picked = [(line, message) for line in lines for message in line.pick(now)]
        for line in lines:
            self._come_back(line, now)
        if picked:
            await self._begin(picked)

    def _hot_lines(self) -> list[Line]:
        lines: list[Line] = []
        for channel in list(self._hot)[:_CHANNELS_PER_TURN]:
            del self._hot[channel]
            held = self._supervisor.held.get(channel)
            if held is None or not held.may_send:
                self._forget(channel)
            else:
                lines.append(self._line(held))
        return lines

    def _line(self, held: Held) -> Line:
        line = self._lines.get(held.channel.id)
        if line is None or line.held is not held:
            line = self._lines[held.channel.id] = new_line(held, self._clock.now(), line)
        return line

    def _forget(self, channel: ChannelId) -> None:
        """The channel may not send: what was seen of its queue may be somebody else's by then."""
        line = self._lines.get(channel)
        if line is not None:
            line.window.clear()
            line.parked.clear()
            line.stale = True
            if not line.busy and line.pacing.per_minute is None:
                del self._lines[channel]

    async def _look(self, lines: Sequence[Line]) -> None:
        now = self._clock.now()
        looking = [line for line in lines if line.wants_look(now)]
        if not looking:
            return
        limit = max(2, min(_ROWS_PER_CHANNEL, _ROWS_PER_TURN // len(looking)))
        barred = {line.held.channel.id: line.look(now) for line in looking}
        async with self._database.single() as tx:
            rows = await store.next_in_line(
                tx,
                list(barred),
                [(channel, chat) for channel, chats in barred.items() for chat in chats],
                limit,
            )
        seen: dict[ChannelId, list[Waiting]] = {channel: [] for channel in barred}
        for row in rows:
            seen[ChannelId(row["channel_id"])].append(waiting(row))
        for line in looking:
            channel = line.held.channel.id
            line.show(seen[channel], all_of_it=len(seen[channel]) < limit)

    def _come_back(self, line: Line, now: datetime) -> None:
        """Look at the line again: at once if more may leave, or when its time has come."""
        if line.idle:
            del self._lines[line.held.channel.id]
        elif line.wants_look(now):
            self._heat(line.held.channel.id)
        elif (at := line.next_at()) is not None:
            seconds = max(0.001, (at - now).total_seconds())
            asyncio.get_running_loop().call_later(seconds, self._heat, line.held.channel.id)

    # --- Sending ---------------------------------------------------------------------------

    async def _begin(self, picked: "Sequence[tuple[Line, Waiting]]") -> None:
        try:
            async with self._database.single() as tx:
                intents = await store.intend(
                    tx,
                    [
                        (message.id, message.channel, line.held.channel.fence)
                        for line, message in picked
                    ],
                    self._node.id,
                )
        except Exception:
            for line, message in picked:
                self._free(line, message, self._clock.now())
            raise
        for line, message in picked:
            intent = intents.get(message.id)
            if intent is not None:
                said = replace(message, body=intent.body)
                task = asyncio.create_task(self._attempt(line, said, intent.attempt))
                self._attempts.add(task)
                task.add_done_callback(self._attempts.discard)
            else:
                # Cancelled meanwhile, or the channel is no longer ours: either way not for us to send.
                self._free(line, message, None)

    async def _attempt(self, line: Line, message: Waiting, attempt: int) -> None:
        """One attempt, from the wire's door to the disk. Whatever goes wrong, the chat goes on."""
        held, retry_at = line.held, self._clock.now() + _AFTER_A_FAULT
        try:
            repeatable = _is_repeatable(held, message)
            result = await self._hand_over(held, message, repeatable=repeatable)
            now = self._clock.now()
            settlement = settle(result, repeatable=repeatable, attempts=attempt, now=now)
            await self._settlements.add(Tried(message, attempt, settlement))
            self._free(line, message, settlement.not_before if settlement.open else None)
            if isinstance(result, Unknown):
                self._supervisor.tell(message.channel, Stalled())
        except Exception:
            log.exception("attempt_failed", message=str(message.id))
            self._free(line, message, retry_at)

    def _free(self, line: Line, message: Waiting, until: datetime | None) -> None:
        """It came back; perhaps to another line, if the channel was held anew meanwhile."""
        self._lines.get(message.channel, line).free(message.chat, until)
        self._heat(message.channel)

    async def _hand_over(self, held: Held, message: Waiting, *, repeatable: bool) -> SendResult:
        if not self._node.may_act() or self._supervisor.held.get(message.channel) is not held:
            return NotSent(
                retry=Retry.NOW, code="handed_over", text="Another node holds the channel now"
            )
        outgoing = message.outgoing()
        try:
            async with asyncio.timeout(_SEND_SECONDS_MAX):
                result: SendResult = Unknown(None)
                if message.interrupted and not repeatable:
                    result = await held.wire.resolve(outgoing)
                    if not isinstance(result, NotSent):
                        return result
                result = await held.wire.send(outgoing)
                if isinstance(result, Unknown) and not repeatable:
                    result = await held.wire.resolve(outgoing)
                return result
        except (OSError, TimeoutError):
            return Unknown(message.wire_id)
        except Exception:
            log.exception("wire_failed", channel=str(message.channel), message=str(message.id))
            return Unknown(message.wire_id)

    # --- Writing down ----------------------------------------------------------------------

    async def _write_down(self, tried: Sequence[Tried]) -> list[None]:
        while True:
            try:
                await self._settle(tried)
                return [None] * len(tried)
            except LOST as error:
                # What the other side has told us must not be forgotten with a connection.
                log.warning("settling_postponed", messages=len(tried), error=str(error))
                await self._clock.sleep(0.5)

    async def _settle(self, tried: Sequence[Tried]) -> None:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            outcomes = [(one.message.id, one.attempt, one.settlement) for one in tried]
            moved = await store.settle(tx, outcomes)
            final = [one for one in tried if one.message.id in moved and not one.settlement.open]
            await feed.write(tx, now, [_moved(one) for one in final if _is_said(one)])
            for one in tried:
                # Also what a receipt has proved before: that it is done is not known otherwise.
                if one.settlement.status is MessageStatus.SENT:
                    await _done_to_target(tx, one, now)
        for one in tried:
            # Its receipt may have told of it first; it counts all the same.
            tally = self.tallies[one.message.channel]
            tally.sent += one.settlement.status is MessageStatus.SENT
            tally.failed += one.settlement.status is MessageStatus.FAILED
        self._wakes.here(Topic.FEED)


def _is_repeatable(held: Held, message: Waiting) -> bool:
    """Said twice it is the same as said once: by its id, or because a reaction is."""
    reacting = message.kind is OutgoingKind.REACT
    return reacting or held.transport.capabilities.client_ids


async def _done_to_target(tx: Tx, tried: Tried, now: datetime) -> None:
    """The message that another one is about has changed by it, now that it was sent."""
    message, at = tried.message, tried.settlement.at
    target = message.body.target
    match message.kind:
        case OutgoingKind.SAY:
            return
        case OutgoingKind.EDIT | OutgoingKind.REVOKE if target is not None:
            text = message.body.text if message.kind is OutgoingKind.EDIT else None
            await change(tx, MessageId(target), text, at, now, by_us=True)
        case OutgoingKind.REACT:
            asked = await store_reactions.asked(tx, message.id)
            reaction = Reaction(
                chat=ChatId(asked["chat_id"]),
                wire_id=message.body.target_wire_id or "",
                author="",
                author_name=asked["author_name"],
                emoji=message.body.text,
                at=at,
            )
            await react(tx, reaction, now)


def _is_said(tried: Tried) -> bool:
    """An edit that was sent is told as the edit of its target; only its failure is its own."""
    said = tried.message.kind is OutgoingKind.SAY
    return said or tried.settlement.status is not MessageStatus.SENT


def _moved(tried: Tried) -> feed.Entry:
    message, settlement = tried.message, tried.settlement
    if message.kind is OutgoingKind.REACT:
        return failed(message, settlement)
    fact = MessageMoved(
        message_id=message.id,
        chat_id=message.chat,
        address=message.address,
        status=settlement.status.word,
        at=settlement.at,
        error_code=settlement.error_code,
        error_text=settlement.error_text,
        client_ref=message.client_ref,
    )
    return feed.Entry(message.account, message.channel, fact)
