"""The number's own phone: the protocol does not say whether it is there, so its signs of life are noted."""

from collections.abc import Callable

from houston.transports import events
from houston.transports.linked_worker import rules
from houston.transports.linked_worker.books import PHONE_ASKED, PHONE_SEEN
from houston.transports.linked_worker.ground import Ground
from houston.transports.linked_worker.holding import Holding


class Phone:
    """Of one channel."""

    def __init__(
        self, holding: Holding, ground: Ground, say: Callable[[events.Event], None]
    ) -> None:
        self._holding = holding
        self._ground = ground
        self._say = say
        self._is_lost: bool | None = None
        """What the server was told on this connection; None is nothing yet."""

    def begin(self) -> None:
        """There is a new connection: whoever was told before may have lost the channel with the word."""
        self._is_lost = None

    def seen(self) -> None:
        books = self._holding.books
        if books is None:
            return
        now = self._ground.clock.now()
        books.mark(PHONE_SEEN, now)
        books.mark(PHONE_ASKED, None)
        if self._is_lost is not False:
            self._is_lost = False
            self._say(events.PhoneSeen(now))

    def asked(self) -> None:
        """A message left, of which the phone gets a copy, so it should take notice."""
        books = self._holding.books
        if books is not None and books.marked(PHONE_ASKED) is None:
            books.mark(PHONE_ASKED, self._ground.clock.now())

    def think(self) -> None:
        """Now and then: it may have been silent for too long."""
        books = self._holding.books
        if books is None:
            return
        seen, asked = books.marked(PHONE_SEEN), books.marked(PHONE_ASKED)
        silent_max = self._ground.phone_silent_max
        lost = rules.phone_lost(seen, asked, self._ground.clock.now(), silent_max=silent_max)
        if seen is not None and self._is_lost is not (lost is not None):
            self._is_lost = lost is not None
            self._say(lost or events.PhoneSeen(seen))
