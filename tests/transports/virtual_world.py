"""The world of the simulated WhatsApp without sockets, on a time that a test turns by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from pathlib import Path

from houston.kernel.errors import BadSetting
from houston.transports.events import Event
from houston.transports.simulated_whatsapp.books import Journal
from houston.transports.simulated_whatsapp.phones import Phone
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.world import World
from houston.transports.transport import Outgoing, SendResult


class VirtualTime:
    """A clock, and things to do later."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)
        self._order = count()
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the world waits by asking to be called later")

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        heappush(self._due, (self._now + timedelta(seconds=seconds), next(self._order), do))

    def advance(self, seconds: float) -> None:
        """Let time pass, and everything happen that was due in it."""
        end = self._now + timedelta(seconds=seconds)
        while self._due and self._due[0][0] <= end:
            self._now, _, do = heappop(self._due)
            do()
        self._now = end


class Stream:
    """One connection of one number, with all that was said on it."""

    def __init__(self, credentials: bytes | None = None, *, without_phone: bool = False) -> None:
        self.credentials = credentials
        self.without_phone = without_phone
        self.said: list[Event] = []
        self.keeps: dict[int, Event] = {}

    def say(self, event: Event, keep: int | None = None) -> None:
        self.said.append(event)
        if keep is not None:
            self.keeps[keep] = event


class VirtualWhatsApp:
    """A world with a journal, that can be killed and started again on the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = VirtualTime()
        self._start()

    def _start(self) -> None:
        self._journal = Journal(self.folder)
        self.world = World(self.time, self.time.later, self._journal.note)
        self.traffic = Traffic(self.world, self.time, self._journal.note)
        try:
            self._journal.replay(self.world, self.traffic)
        except BadSetting:
            self.kill()
            raise

    def kill(self) -> None:
        self._journal.close()

    def restart(self) -> None:
        self.kill()
        self._start()

    def linked(self, number: str) -> bytes:
        return self.world.pairings.link(self.world.phone(number))

    def connect(self, number: str, credentials: bytes) -> Stream:
        stream = Stream(credentials)
        self.world.resume(number, stream)
        return stream

    def send(self, number: str, stream: Stream, message: Outgoing) -> SendResult | None:
        """The answer; None when none came."""
        answers: list[SendResult] = []
        self.traffic.send(number, stream, message, answers.append)
        return answers[0] if answers else None


def lasting(phone: Phone) -> dict[str, object]:
    """What of a phone must outlive the process."""
    names = "number online lost_at linked banned restricted_until protected_by outdated silent kept"
    return {name: getattr(phone, name) for name in names.split()}
