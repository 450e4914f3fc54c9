"""Stretches of time of which messages may be missing, on disk."""

from datetime import datetime

from houston.kernel.db import Row, Tx
from houston.kernel.ids import ChannelId


async def note(tx: Tx, channel: ChannelId, since: datetime, until: datetime, now: datetime) -> None:
    """Note a gap; one that is told again is the same."""
    await tx.execute(
        "insert into gaps (channel_id, since, until, noted_at) values ($1, $2, $3, $4)"
        " on conflict do nothing",
        channel,
        since,
        until,
        now,
    )


async def newest(tx: Tx, channel: ChannelId, limit: int) -> list[Row]:
    """The last gaps of a channel, the newest first."""
    return list(
        await tx.fetch(
            "select since, until, noted_at from gaps where channel_id = $1"
            " order by since desc, until desc limit $2",
            channel,
            limit,
        )
    )
