"""How it goes with an endpoint, in one word; and the fact that tells others when it is another word."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from houston.kernel import feed
from houston.kernel.connected import EndpointTurned
from houston.kernel.db import Row, Tx
from houston.kernel.ids import AccountId, EndpointId
from houston.webhooks.rules import Health, health

REMOVED: Final = "removed"


def health_of(row: Row) -> Health:
    """Of an endpoint as it lies on the disk."""
    return health(
        failing=row["first_failed_at"] is not None,
        dead_letters=bool(row["dead_letters"]),
        paused=row["paused_at"] is not None,
    )


def word_of(row: Row | None) -> str:
    """The same for others, who also want to know when there is none any more."""
    return REMOVED if row is None else health_of(row)


async def tell(
    tx: Tx,
    account: AccountId,
    endpoint: EndpointId,
    name: str,
    change: tuple[str, str],
    error: str | None,
    now: datetime,
) -> None:
    """Write the fact, if there is one, in the transaction of what made it true."""
    old, new = change
    if old == new:
        return
    fact = EndpointTurned(endpoint_id=endpoint, name=name, old=old, new=new, error=error, at=now)
    await feed.write(tx, now, [feed.Entry(account, None, fact)])


def name_of(name: str, url: str) -> str:
    """What people call it; the one of a dialect has no name of its own. The whole address may be a secret."""
    return name or urlsplit(url).hostname or url
