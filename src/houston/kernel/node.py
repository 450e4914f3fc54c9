"""This process among its like: a row that is renewed every second and may act only while it is.

Who fails to renew in time loses what it holds to the others. A node judges its own time by the
monotonic clock and the others' by the database's: no two machines' clocks are ever compared.
"""

import os
from pathlib import Path

import structlog

from houston.kernel.clock import Clock
from houston.kernel.db import LOST, Database, Tx
from houston.kernel.ids import NodeId

log = structlog.get_logger(__name__)

RENEW_SECONDS = 1.0
_MARGIN_SECONDS = 1.0


class Node:
    """The lease of a process on everything it holds."""

    def __init__(self, database: Database, clock: Clock, *, ttl_seconds: float) -> None:
        self._database = database
        self._clock = clock
        self._ttl_seconds = ttl_seconds
        self._acts_until = 0.0
        self._claims_from = 0.0
        self.id = NodeId(0)
        self.lapses = 0
        """How often the lease ran out: each time, others may have taken what we held."""
        self.living: tuple[int, ...] = ()
        """The other nodes that are alive."""

    async def join(self) -> None:
        """Take a row. Nodes of this machine whose process is gone are declared dead at once."""
        asked_at = self._clock.monotonic()
        async with self._database.transaction() as tx:
            row = await tx.fetchrow(
                _JOIN, host(), os.getpid(), _started(os.getpid()), self._ttl_seconds
            )
            assert row is not None
            self.id = NodeId(row["id"])
            await self._bury_the_dead(tx)
        self._renewed(asked_at)

    async def renew(self) -> None:
        """Prolong the lease; errors of the database only let it run out."""
        asked_at = self._clock.monotonic()
        try:
            async with self._database.transaction() as tx:
                row = await tx.fetchrow(_RENEW, self.id, self._ttl_seconds)
                assert row is not None
                self.living = tuple(row["others"])
                await self._bury_the_dead(tx)
        except LOST as error:
            log.warning("lease_not_renewed", error=str(error))
            return
        if not row["renewed"]:
            # We were away for so long that the row is gone, and with it every claim under its id.
            self.lapses += 1
            await self.join()
            return
        if not self.may_act():
            # Others had every right to take what was ours. Give them a whole turn before we claim.
            self.lapses += 1
            self._claims_from = asked_at + self._ttl_seconds
        self._renewed(asked_at)

    async def duty(self) -> None:
        """One turn of the loop that keeps the lease alive."""
        await self._clock.sleep(RENEW_SECONDS)
        await self.renew()

    async def leave(self) -> None:
        """Give the row up, so that nobody has to wait for it to expire."""
        self._acts_until = 0.0
        async with self._database.transaction() as tx:
            await tx.execute("delete from nodes where id = $1", self.id)

    @property
    def others(self) -> int:
        """How many other nodes are alive."""
        return len(self.living)

    def may_act(self) -> bool:
        """Whether what we hold is certainly still ours."""
        return self._clock.monotonic() < self._acts_until

    def may_claim(self) -> bool:
        """Whether we may take over what others left."""
        return self.may_act() and self._clock.monotonic() >= self._claims_from

    def _renewed(self, asked_at: float) -> None:
        self._acts_until = asked_at + self._ttl_seconds - _MARGIN_SECONDS

    async def _bury_the_dead(self, tx: Tx) -> None:
        rows = await tx.fetch(
            "select id, pid, process_started from nodes where host = $1 and id <> $2",
            host(),
            self.id,
        )
        dead = [row["id"] for row in rows if _started(row["pid"]) != row["process_started"]]
        if dead:
            log.info("nodes_found_dead", nodes=dead)
            await tx.execute("delete from nodes where id = any($1)", dead)


_JOIN = """
insert into nodes (host, pid, process_started, started_at, expires_at)
values ($1, $2, $3, now(), now() + make_interval(secs => $4))
returning id
"""

# An expired row may be renewed: a claim by somebody else shows in the channel's owner and fence.
_RENEW = """
with gone as (delete from nodes where expires_at < now() - interval '1 day'),
mine as (update nodes set expires_at = now() + make_interval(secs => $2) where id = $1 returning id)
select
    array(select id from nodes where id <> $1 and expires_at > now() order by id) as others,
    exists (select from mine) as renewed
"""


def host() -> str:
    """Which machine and which world of process numbers this is; containers differ in the latter."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    space = Path("/proc/self/ns/pid")
    if not boot.exists():
        return os.uname().nodename
    return f"{boot.read_text().strip()}/{os.stat(space).st_ino}"


def _started(pid: int) -> str:
    """When a process began, in the kernel's own ticks; empty when there is none.

    A zombie has ended: it holds nothing any more.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
