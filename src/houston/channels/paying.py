"""How channels hear of money: the ledger says who is paid, inside its own transaction (law S4)."""

from collections.abc import Sequence
from datetime import datetime

from houston.channels.hearing import hear
from houston.channels.orders import PaidChanged
from houston.kernel.db import Tx
from houston.kernel.ids import ChannelId


async def hear_money(tx: Tx, channels: Sequence[ChannelId], paid: bool, now: datetime) -> None:
    """Let channels stop or go on. The nodes that hold them are to be woken after the commit.

    They are locked in the order of their ids, as whoever else locks several does.
    """
    for channel in sorted(channels):
        await hear(tx, channel, [PaidChanged(paid)], now)
