"""The seam between transports and whoever keeps files: contents are carried in and out as files on disk.

So neither a pipe nor a process has to hold a film in its memory, and a heartbeat never waits behind one.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from houston.kernel.content import Content
from houston.kernel.ids import ChannelId
from houston.transports.transport import NotSent


@dataclass(frozen=True, slots=True)
class Parcel:
    """A content on its way through this machine: what it is, and where it lies meanwhile."""

    content: Content
    path: Path


class Porter(Protocol):
    """Carries contents. `bytes_max` is the largest that is kept."""

    bytes_max: int

    def fetch(
        self, uri: str, bytes_max: int, *, trusted: bool = False
    ) -> AbstractAsyncContextManager[Parcel | NotSent]:
        """What lies at an address, for as long as the block lasts; or why it cannot be had.

        `trusted` addresses were given by the messenger, not by a person: they may be private.
        """
        ...

    def place(self) -> AbstractAsyncContextManager[Path]:
        """Where a worker may put a file for as long as the block lasts; there is none yet."""
        ...

    async def keep(self, channel: ChannelId, parcel: Parcel) -> Content:
        """Store what came in; the content with the address that opens it.

        Raises:
            Refused: it cannot be stored, now or ever.
            OutOfReach: it cannot be stored now.
        """
        ...
