"""What all channels of a worker stand on: the library, the seal, the folders, and the way to the server."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from houston.kernel.clock import Clock
from houston.transports.linked_worker.frames import FromWorker
from houston.transports.linked_worker.library import Library
from houston.transports.linked_worker.seal import Seal
from houston.transports.linked_worker.translate import Translator

Result = TypeVar("Result")
_THREADS_MAX: Final = 256
"""A call can block for a minute, and a few for ever; nobody may wait for a thread because of others."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Shared by all channels of a worker."""

    library: Library
    translator: Translator
    seal: Seal
    live_dir: Path
    books_dir: Path
    clock: Clock
    tell: Callable[[FromWorker], None]
    threads: ThreadPoolExecutor
    phone_silent_max: timedelta
    """For so long may messages be sent of which the phone takes no notice."""

    async def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Let the library do something on a thread; the loop goes on."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, function, *arguments)


def thread_pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS_MAX, thread_name_prefix="library")
