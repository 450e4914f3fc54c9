"""Works at the connections that this node holds: takes in what came, and tells what happened."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

import structlog

from houston.crm import store, store_line
from houston.crm.connector import (
    Ask,
    AskPerson,
    Carried,
    Connection,
    Connector,
    Errand,
    Failure,
    GiveUp,
    Heard,
    Hook,
    Later,
    OperatorWrote,
    Outcome,
    Say,
    Unreadable,
    What,
)
from houston.crm.intake import Intake
from houston.crm.lookback import WAITS_MAX, Lookback, is_hopeless
from houston.crm.rules import settle
from houston.crm.safe import Safe, SecretsLost
from houston.crm.store import Stored
from houston.crm.store_line import KnownAs
from houston.kernel.clock import Clock
from houston.kernel.db import LOST, Database, Tx
from houston.kernel.ids import ConnectionId
from houston.kernel.loop import Bell, end
from houston.kernel.node import Node
from houston.kernel.sentence import say

log = structlog.get_logger(__name__)

_HELD: Final = timedelta(seconds=60)
"""Longer than any call lasts. Another node takes over what nobody has held on to for that long."""
_LOOK_EVERY_SECONDS: Final = 1.0
_BITE: Final = 50
"""So many hooks at most are taken in before the CRM is told something."""
_KEPT: Final = timedelta(days=14)
"""For whoever wants to see what was told, and what came."""
_TIDY_EVERY_SECONDS: Final = 60.0
_TIDIED_MAX: Final = 1_000


class Next(Enum):
    """Whether to go on after a step."""

    MORE = auto()
    NOTHING = auto()
    STOP = auto()


class Relay:
    """One task for each connection that has work; within it, one thing after the other."""

    def __init__(
        self,
        database: Database,
        node: Node,
        clock: Clock,
        connectors: Mapping[str, Connector],
        intake: Intake,
        safe: Safe,
        lookback: Lookback,
    ) -> None:
        self._database = database
        self._node = node
        self._clock = clock
        self._connectors = connectors
        self._intake = intake
        self._safe = safe
        self._lookback = lookback
        self._tasks: dict[ConnectionId, asyncio.Task[None]] = {}
        self._tidied_at = float("-inf")
        self._may_have_missed = True
        self._bell = Bell()

    def ring(self) -> None:
        """Say that something came."""
        self._bell.ring()

    def missed(self) -> None:
        """Say that something came and could not be kept: no CRM tells it twice, so it has to be asked for."""
        self._may_have_missed = True
        self._bell.ring()

    async def duty(self) -> None:
        """One turn of the loop."""
        if self._node.may_act():
            await self._look_back()
            await self._start()
            await self._tidy_up()
        await self._bell.wait(_LOOK_EVERY_SECONDS)

    async def close(self) -> None:
        """Stop where it is. What was under way is found open by whoever comes next."""
        await end(*self._tasks.values())
        async with self._database.single() as tx:
            for connection in self._tasks:
                await store.let_go(tx, connection, self._node.id)
        for connector in self._connectors.values():
            await connector.close()

    async def _start(self) -> None:
        now = self._clock.now()
        self._tasks = {id: task for id, task in self._tasks.items() if not task.done()}
        async with self._database.single() as tx:
            claimed = await store.claim(tx, self._node.id, now, now + _HELD)
        for one in claimed:
            if one.id not in self._tasks and one.kind in self._connectors:
                self._tasks[one.id] = asyncio.create_task(self._work(one), name=f"crm {one.id}")

    async def _look_back(self) -> None:
        """Nobody can say what was told while nobody listened: not before this node, nor in an outage."""
        if not self._may_have_missed:
            return
        self._may_have_missed = False
        try:
            async with self._database.single() as tx:
                await store.look_back(tx)
        except LOST:
            self._may_have_missed = True
            raise

    async def _tidy_up(self) -> None:
        """Once a minute, and at once again while there is more than one bite of it."""
        if self._clock.monotonic() < self._tidied_at + _TIDY_EVERY_SECONDS:
            return
        before = self._clock.now() - _KEPT
        async with self._database.transaction() as tx:
            gone = await store_line.forget_done(tx, before, _TIDIED_MAX)
        if gone < _TIDIED_MAX:
            self._tidied_at = self._clock.monotonic()

    async def _work(self, one: Stored) -> None:
        """Until nothing is left, or until something has to be tried later."""
        connector = self._connectors[one.kind]
        try:
            if one.reconcile and await self._reconcile(one, connector) is Next.STOP:
                return await self._take_what_waits_too_long(one, connector)
            while await self._holds(one):
                if await self._step(one, connector) is not Next.MORE:
                    return
        except SecretsLost as error:
            await self._settle(one, AskPerson(Ask.KEYS_REFUSED, str(error)))
        except LOST as error:
            log.warning("crm_postponed", connection=str(one.id), error=str(error))
        except Exception:
            log.exception("crm_failed", connection=str(one.id))
            await self._clock.sleep(_LOOK_EVERY_SECONDS)
        finally:
            self._bell.ring()

    async def _holds(self, one: Stored, *, unlooked: bool = False) -> bool:
        """Whether to go on. Not if something was missed meanwhile, for that has to be looked for first."""
        if not self._node.may_act() or (self._may_have_missed and not unlooked):
            return False
        until = self._clock.now() + _HELD
        async with self._database.single() as tx:
            return await store.hold_on(tx, one.id, self._node.id, until, unlooked=unlooked)

    async def _step(self, one: Stored, connector: Connector) -> Next:
        """Hooks go first: an operator waits for them, and errands may need the ids in them.

        Those only that are there by now: a rush of them must not keep clients' words from the CRM.
        """
        async with self._database.single() as tx:
            there = await store_line.open_hooks(tx, one.id, _BITE)
        for _ in range(there):
            if await self._take_hook(one, connector) is Next.STOP:
                return Next.STOP
            if not await self._holds(one):
                return Next.STOP
        told = await self._carry(one, connector)
        return Next.MORE if there and told is Next.NOTHING else told

    # --- In --------------------------------------------------------------------------------

    async def _take_hook(self, one: Stored, connector: Connector) -> Next:
        """Take in the oldest one, with what was remembered together with it: hence first the hook."""
        async with self._database.single() as tx:
            found = await store_line.next_hook(tx, one.id)
        if found is None:
            return Next.NOTHING
        seq, kept, proven = found
        connection = await self._safe.recall(one)
        hook = self._safe.open_hook(one.id, kept) if isinstance(kept, bytes) else kept
        wrong: str | None = None
        for heard in _read(connector, connection, hook):
            if isinstance(heard, Unreadable):
                wrong = heard.why
                log.warning("crm_hook_unreadable", connection=str(one.id), why=wrong)
                continue
            failure = await self._before(one, connector, connection, heard) if proven else None
            if failure is not None and self._clock.now() >= hook.at + WAITS_MAX:
                failure = None  # Whatever was said before it: somebody waits for an answer.
            failure = failure or await self._intake.take(
                one, connector, connection, heard, proven=proven
            )
            if isinstance(failure, GiveUp):
                wrong = failure.why  # Asked again, the CRM would say the same.
            elif failure is not None:
                return await self._put_off(one, failure)
        async with self._database.single() as tx:
            await store_line.close_hook(tx, seq, wrong)
        return Next.MORE

    async def _before(
        self, one: Stored, connector: Connector, connection: Connection, heard: Heard
    ) -> Failure | None:
        """What was said in a chat that is not known here, in order: it was made, and a crash forgot it."""
        if not isinstance(heard, OperatorWrote) or not heard.chat:
            return None
        async with self._database.single() as tx:
            if await store_line.knows_chat(tx, one.id, heard.chat):
                return None
        return await self._lookback.look_before(one, connector, connection, heard)

    async def _reconcile(self, one: Stored, connector: Connector) -> Next:
        """Ask what operators wrote while nobody heard them, before anything else is taken in."""
        upto, connection = self._clock.now(), await self._safe.recall(one)
        failure = await self._lookback.look(one, connector, connection)
        if failure is not None and not is_hopeless(one, failure):
            return await self._put_off(one, failure)
        async with self._database.transaction() as tx:
            if failure is None:
                works = await self._note(tx, one, Carried())  # That all was asked for shows it.
                await store.reconciled(tx, one, upto)
                return works
            goes_on = await self._note(tx, one, failure) if isinstance(failure, GiveUp) else None
            await store.stop_looking_back(tx, one, upto)
            return goes_on or Next.MORE

    async def _take_what_waits_too_long(self, one: Stored, connector: Connector) -> None:
        """A CRM that calls and cannot be asked holds up no operator's words for longer than order is worth."""
        async with self._database.single() as tx:
            since = await store_line.oldest_hook_at(tx, one.id)
        if since is None or self._clock.now() < since + WAITS_MAX:
            return
        log.warning("crm_taken_in_without_looking_back", connection=str(one.id))
        while await self._holds(one, unlooked=True):
            if await self._take_hook(one, connector) is not Next.MORE:
                return

    # --- Out -------------------------------------------------------------------------------

    async def _carry(self, one: Stored, connector: Connector) -> Next:
        connection = await self._safe.recall(one)
        async with self._database.single() as tx:
            intended = await store_line.intend(tx, one.id, self._clock.now())
        if intended is None:
            return Next.NOTHING
        seq, errand, attempts = intended
        outcome = await _carried(connector, connection, errand)
        now = self._clock.now()
        settlement = settle(outcome, attempts=attempts, fails=one.fails, now=now)
        async with self._database.transaction() as tx:
            known_as = await store_line.settle(tx, seq, settlement, one.anew)
            if isinstance(outcome, Carried) and known_as is not None:
                is_first = await _keep_ids(tx, one, errand.what, known_as, outcome, now)
                if is_first and errand.repeated:
                    # Perhaps it was made before a crash, and somebody has written in it since.
                    await self._note(tx, one, outcome)
                    await store.begin_anew(tx, one.id)
                    return Next.STOP
            return await self._note(tx, one, outcome)

    async def _put_off(self, one: Stored, failure: Failure) -> Next:
        """What comes in keeps its order, so trouble with one thing of it holds up all."""
        whole = replace(failure, whole=True) if isinstance(failure, Later) else failure
        return await self._settle(one, whole)

    async def _settle(self, one: Stored, outcome: Outcome) -> Next:
        async with self._database.transaction() as tx:
            return await self._note(tx, one, outcome)

    async def _note(self, tx: Tx, one: Stored, outcome: Outcome) -> Next:
        """Note how the connection is; a change of it ends the work, so that it begins on what is stored."""
        settlement = settle(outcome, attempts=1, fails=one.fails, now=self._clock.now())
        unchanged = settlement.state in (None, one.state) and settlement.error is None
        if unchanged:
            return Next.MORE
        now = self._clock.now()
        await store.note(tx, one, settlement, now)
        await store.hurry(tx, one.id, now, WAITS_MAX)
        stays = settlement.state in (None, one.state) and settlement.retry_at is None
        return Next.MORE if stays else Next.STOP


def _read(connector: Connector, connection: Connection, hook: Hook) -> Sequence[Heard]:
    """What a hook says. One that a connector stumbles over is put aside, or it would hold up all others."""
    try:
        return connector.read(connection, hook)
    except Exception as error:
        log.exception("crm_hook_stumbled_over", connection=str(connection.id))
        return [Unreadable(_stumbled(error))]


async def _carried(connector: Connector, connection: Connection, errand: Errand) -> Outcome:
    """Tell the CRM. An errand that a connector stumbles over waits with its chat; other chats go on."""
    try:
        return await connector.carry(connection, errand)
    except (SecretsLost, *LOST):
        raise
    except Exception as error:
        log.exception("crm_errand_stumbled_over", connection=str(connection.id))
        return Later(why=_stumbled(error), whole=False)


async def _keep_ids(
    tx: Tx, one: Stored, what: What, ours: KnownAs, carried: Carried, now: datetime
) -> bool:
    """What the CRM calls the chat and the message from now on; whether the chat is known for the first time."""
    is_first = carried.chat is not None and await store_line.link_chat(
        tx, one.id, ours.chat, ours.address, carried.chat, carried.contact, now
    )
    if carried.message is not None and isinstance(what, Say):
        await store_line.link_message(tx, one.id, carried.message, what.message)
    return is_first


def _stumbled(error: Exception) -> str:
    return str(say("Houston stumbled over it: {error!r}", error=error))
