"""What routes about people and keys work with, as one thing that can be handed to them."""

from dataclasses import dataclass

from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.wake import Wakes
from houston.people.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Office:
    """Where people and keys are administered."""

    database: Database
    clock: Clock
    wakes: Wakes
    keyring: Keyring
