"""What goes wrong on purpose, beyond what the simulated world knows of: it happens on the wire."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum


class Cut(StrEnum):
    """When the line of the next message breaks."""

    BEFORE_TAKING = "before_taking"
    """WhatsApp never sees the message."""
    BEFORE_ACK = "before_ack"
    """WhatsApp has it, and its answer is lost."""
    AFTER_ACK = "after_ack"


@dataclass(slots=True)
class Faults:
    """What befalls the lines of one number."""

    login_code: int | None = None
    """With what every login is refused."""
    send_code: int | None = None
    """With what messages are refused, for the next `send_times`."""
    send_times: int = 0
    garble_times: int = 0
    """How many of the next messages to it cannot be opened."""
    cut: Cut | None = None
    """Once: the next message takes it with it."""

    def taken_cut(self) -> Cut | None:
        cut, self.cut = self.cut, None
        return cut

    def taken_garbling(self) -> bool:
        garbled = self.garble_times > 0
        self.garble_times -= garbled
        return garbled

    def taken_refusal(self) -> int | None:
        if self.send_code is None or self.send_times == 0:
            return None
        self.send_times -= 1
        return self.send_code


class AllFaults:
    """By number."""

    def __init__(self) -> None:
        self._by_number: defaultdict[str, Faults] = defaultdict(Faults)

    def of(self, number: str) -> Faults:
        return self._by_number[number]
