"""The dialect of Wazzup's API v3, so that its clients need only another address."""

from houston.compat.wazzup_v3.clerk import KINDS as HEARD
from houston.compat.wazzup_v3.clerk import Clerk
from houston.compat.wazzup_v3.counter_socket import CounterSocket, counter_host
from houston.compat.wazzup_v3.counters import Counters
from houston.compat.wazzup_v3.emit import DIALECT
from houston.compat.wazzup_v3.errors import answer
from houston.compat.wazzup_v3.hooks import NAME
from houston.compat.wazzup_v3.routes import WazzupV3, wazzup_v3

__all__ = [
    "DIALECT",
    "HEARD",
    "NAME",
    "Clerk",
    "CounterSocket",
    "Counters",
    "WazzupV3",
    "answer",
    "counter_host",
    "wazzup_v3",
]
