"""Asks CRMs what operators wrote and nobody heard: no CRM tells it twice.

Before anything else is taken in, after a start or trouble; and from time to time although all seems well, for a
call that is lost on its way leaves no trace here.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog

from houston.crm import store, store_line
from houston.crm.connector import (
    AskPerson,
    Connection,
    Connector,
    Failure,
    GiveUp,
    KnownChat,
    Later,
    OperatorWrote,
)
from houston.crm.intake import Intake
from houston.crm.rules import State
from houston.crm.safe import Safe, SecretsLost
from houston.crm.store import Stored
from houston.kernel.clock import Clock
from houston.kernel.db import LOST, Database
from houston.kernel.node import Node

log = structlog.get_logger(__name__)

WAITS_MAX: Final = timedelta(seconds=60)
"""So long a hook waits for what may have been said before it. Then its answer is worth more than its place."""
_LIVELY: Final = timedelta(days=30)
_CHATS_MAX: Final = 200
"""Where a CRM must be asked chat by chat: those in which somebody may have written meanwhile."""
_OVERLAP: Final = timedelta(minutes=10)
"""Clocks differ, and a CRM may show late what it stored: what is known already costs one look."""
_AGAIN_AFTER: Final = timedelta(minutes=10)
_TURN_SECONDS: Final = 2.0
_AT_ONCE_MAX: Final = 20
_PATIENCE: Final = 10
"""So often in a row a look back may fail at one thing, before the rest goes on without it."""


class Lookback:
    """Looks into a CRM's history and takes in what is not known here."""

    def __init__(
        self,
        database: Database,
        node: Node,
        clock: Clock,
        connectors: Mapping[str, Connector],
        intake: Intake,
        safe: Safe,
    ) -> None:
        self._database = database
        self._node = node
        self._clock = clock
        self._connectors = connectors
        self._intake = intake
        self._safe = safe

    async def duty(self) -> None:
        """One turn of the loop. It holds up nothing: a message that is taken in twice is one."""
        if self._node.may_act():
            now = self._clock.now()
            async with self._database.single() as tx:
                due = await store.due_for_a_look(tx, now, now - _AGAIN_AFTER, _AT_ONCE_MAX)
            await asyncio.gather(*map(self._look_again, due))
        await self._clock.sleep(_TURN_SECONDS)

    async def look(
        self, one: Stored, connector: Connector, connection: Connection
    ) -> Failure | None:
        """Take in what was missed in all chats that are in use."""
        since = self._clock.now() - _LIVELY
        async with self._database.single() as tx:
            chats = await store_line.lively_chats(tx, one.id, since, _CHATS_MAX)
        found = await connector.missed(connection, one.reconciled_at - _OVERLAP, chats)
        if isinstance(found, Failure):
            return found
        for wrote in found:
            await self._intake.take(one, connector, connection, wrote, proven=True)
        return None

    async def look_before(
        self, one: Stored, connector: Connector, connection: Connection, heard: OperatorWrote
    ) -> Failure | None:
        """Take in what was said in one chat, up to what was heard and beyond it, in order."""
        chat = KnownChat(heard.chat, heard.address)
        found = await connector.missed(connection, one.reconciled_at - _OVERLAP, [chat])
        if isinstance(found, Failure):
            return None if is_hopeless(one, found) else found
        here = [
            heard if wrote.message == heard.message else wrote
            for wrote in found
            if wrote.chat == heard.chat
        ]
        for wrote in here if heard in here else ():
            await self._intake.take(one, connector, connection, wrote, proven=True)
        return None

    async def _look_again(self, one: Stored) -> None:
        """A CRM that does not answer is left to the relay, which knows what to do in trouble."""
        upto = self._clock.now()
        try:
            connection = await self._safe.recall(one)
            failure = await self.look(one, self._connectors[one.kind], connection)
            async with self._database.single() as tx:
                if failure is None and one.state is State.WORKING:
                    await store.looked_again(tx, one, upto)
                elif failure is None or _is_trouble(failure):
                    await store.look_back_at(tx, one.id)
        except (KeyError, SecretsLost, *LOST) as error:
            log.warning("crm_not_looked_again", connection=str(one.id), error=repr(error))
        except Exception:
            log.exception("crm_look_failed", connection=str(one.id))


def _is_trouble(failure: Failure) -> bool:
    return isinstance(failure, AskPerson) or (isinstance(failure, Later) and failure.whole)


def is_hopeless(one: Stored, failure: Failure) -> bool:
    """The CRM answers, and will not tell what was missed: the rest must not wait for that for ever."""
    stuck = isinstance(failure, Later) and not failure.whole and one.fails >= _PATIENCE
    if stuck or isinstance(failure, GiveUp):
        log.warning("crm_not_looked_back", connection=str(one.id), why=failure.why)
    return stuck or isinstance(failure, GiveUp)
