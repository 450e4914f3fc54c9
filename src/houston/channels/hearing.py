"""One turn of the machine on disk: lock the channel, decide, write the state and its facts together.

Any node may take a turn, because all of it happens under the row's lock. What remains to be done on
the wire is given back to the caller; only the node that holds the channel can do it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from houston.channels import store, store_code_links
from houston.channels.changed import changed
from houston.channels.decide import decide
from houston.channels.orders import (
    Announce,
    Effect,
    ForgetCredentials,
    Heard,
    KeepCredentials,
    StatusChange,
)
from houston.channels.state import Policy, State
from houston.channels.status import policy, status
from houston.channels.store import Channel
from houston.kernel import feed
from houston.kernel.db import Tx
from houston.kernel.errors import LeaseLost, NotFound
from houston.kernel.facts import CaughtUp, Fact, QrRefreshed, StatusChanged
from houston.kernel.ids import AccountId, ChannelId, NodeId
from houston.transports.events import Paired, PairingCodeShown, QrShown


@dataclass(frozen=True, slots=True)
class Holder:
    """The node that speaks for a channel, with the fence that proves it.

    `memory` is the state as the node knows it: idle turns are not written down.
    """

    node: NodeId
    fence: int
    memory: State


def remembered(stored: State, memory: State) -> State:
    """What is stored, with what only the holder's memory knows of the same link: proofs and timers."""
    if stored.link_since != memory.link_since:
        return changed(stored, wake_at=memory.wake_at)
    return changed(
        stored,
        wake_at=memory.wake_at,
        evidence_at=max(filter(None, (stored.evidence_at, memory.evidence_at)), default=None),
        probing_since=memory.probing_since,
        probed_at=memory.probed_at,
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn came to: the channel as it is now, and what is to be done on the wire."""

    channel: Channel
    effects: tuple[Effect, ...]


async def hear(
    tx: Tx,
    channel: ChannelId,
    heard: Sequence[Heard],
    now: datetime,
    *,
    account: AccountId | None = None,
    holder: Holder | None = None,
    caught_up: CaughtUp | None = None,
) -> Turn:
    """Let a channel hear something, and write down what follows.

    Raises:
        NotFound: there is no such channel, or not in this account.
        LeaseLost: the holder no longer holds it; whatever it heard is not for it to judge.
    """
    found = await store.lock(tx, channel, account)
    if found is None:
        raise NotFound("There is no such channel", "List the channels to see their ids")
    if holder is not None and (found.owner, found.fence) != (holder.node, holder.fence):
        raise LeaseLost(f"channel {channel} is held by another node")
    state = found.state if holder is None else remembered(found.state, holder.memory)
    effects = tuple[Effect, ...]()
    for word in heard:
        decision = decide(state, word, now, drives=holder is not None)
        state, effects = decision.state, effects + decision.effects
    await _keep_code(tx, found, state, heard)
    changed = replace(found, state=state)
    await store.save(
        tx, channel, state, status(state).value, accepting=policy(state) is not Policy.REFUSE
    )
    await _write_down(tx, changed, heard, effects, now)
    if caught_up is not None:
        await store.caught_up(tx, channel, caught_up.expected, caught_up.retrieved, now)
        await feed.write(tx, now, feed.entries(found.account, channel, [caught_up]))
    return Turn(changed, tuple(effect for effect in effects if not isinstance(effect, _WRITTEN)))


_CODES = (QrShown, PairingCodeShown)
_WRITTEN = (Announce, KeepCredentials, ForgetCredentials)


async def _write_down(
    tx: Tx, channel: Channel, heard: Sequence[Heard], effects: Sequence[Effect], now: datetime
) -> None:
    facts: list[Fact] = [_code_fact(word) for word in heard if isinstance(word, _CODES)]
    for effect in effects:
        match effect:
            case Announce(change):
                await store.record(tx, channel.id, change)
                facts.append(announced(change))
            case KeepCredentials():
                paired = next(word for word in heard if isinstance(word, Paired))
                await store.keep_credentials(tx, channel.id, paired.credentials, now)
                await store_code_links.use_up(tx, channel.id, now)
            case ForgetCredentials():
                await store.forget_credentials(tx, channel.id)
            case _:
                pass  # The wire's business.
    await feed.write(tx, now, feed.entries(channel.account, channel.id, facts))


def _code_fact(code: QrShown | PairingCodeShown) -> QrRefreshed:
    """That there is a new code; the code itself is a secret."""
    number, of = (code.number, code.of) if isinstance(code, QrShown) else (1, 1)
    return QrRefreshed(until=code.until, number=number, of=of)


def announced(change: StatusChange) -> StatusChanged:
    """A line of the history as a fact."""
    return StatusChanged(
        old=change.old.value,
        new=change.new.value,
        state=change.wire_state,
        reason=change.reason.value,
        actor=change.actor,
        at=change.at,
        evidence_at=change.evidence_at,
    )


async def _keep_code(tx: Tx, channel: Channel, state: State, heard: Sequence[Heard]) -> None:
    """A code is shown by whichever node is asked, so it lies on disk, for as long as it lives."""
    shown = [word for word in heard if isinstance(word, _CODES)]
    if state.code_until is None:
        if channel.qr_code is not None:
            await store.show_code(tx, channel.id, None, None)
    elif shown:
        await store.show_code(tx, channel.id, shown[-1].code, shown[-1].until)
