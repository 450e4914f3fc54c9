"""One channel in the worker: opens it, hears it, closes it. What is sent on it is `errands`'."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from houston.transports import events
from houston.transports.linked_worker import rules
from houston.transports.linked_worker.books import ALIVE, MISSED, Books
from houston.transports.linked_worker.connection import Called, Connection, Note
from houston.transports.linked_worker.frames import Closed, Open, said
from houston.transports.linked_worker.ground import Ground
from houston.transports.linked_worker.holding import Holding
from houston.transports.linked_worker.losses import Losses
from houston.transports.linked_worker.pairing import Pairing
from houston.transports.linked_worker.phone import Phone
from houston.transports.linked_worker.seal import NotKeys, WrongKey
from houston.transports.linked_worker.translate import (
    KEPT,
    Kind,
    LinkRestored,
    LinkWord,
    PhoneLinked,
)

_LINGER_SECONDS: Final = 8.0
"""The library repeats a frame under the same id when the link is back within five seconds."""
_SAY_AGAIN_SECONDS: Final = 3.0
_REFUSAL_SECONDS_MAX: Final = 1.0
"""The library removes refused keys on one thread and tells the reason on another."""
_KEYS_REFUSED: Final = events.LoggedOut(events.LogoutCause.KEYS_REFUSED)
_LINK_LOST: Final = events.Offline("network")
_GAVE_UP: Final = events.Faulted("library_gave_up", "")


class Line:
    """A channel that the server has opened here at least once."""

    def __init__(self, channel: str, ground: Ground) -> None:
        self.channel = channel
        self.ground = ground
        self.stream = 0
        self.newest = 0
        """The stream that was asked for last; it may wait until the one before has ended."""
        self.connection: Connection | None = None
        self.holding = Holding(channel, ground, lambda: self.stream)
        self.phone = Phone(self.holding, ground, self.say)
        self._losses = Losses(self.holding, ground)
        self._pairing: Pairing | None = None
        self._turn = asyncio.Lock()
        self._expected: int | None = None
        self._besides = 0
        """How many of those that had waited were no messages to people."""
        self._refusal: events.Event | None = None
        """Why WhatsApp took no keys the last time: a run that is being ended may be the one to hear it."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.under_way: set[str] = set()
        """The keys of messages that are being sent: of these nothing can be said yet."""

    # --- What the server wants ---------------------------------------------------------------

    async def open(self, frame: Open) -> None:
        async with self._turn:
            self.stream = frame.stream
            if self._goes_on_by_itself(frame):
                return
            await self._end_connection()
            if not await self.holding.take():
                self.say(events.Offline("held_by_another_program"))
            elif frame.credentials is None:
                self._pair(frame)
            elif await self._resume(frame.credentials):
                self._connect()

    async def close(self, *, forget: bool) -> None:
        async with self._turn:
            by_mistake = self._pairing is not None
            if forget and self.connection is not None and self.connection.was_online:
                await self.ground.call(self.ground.library.log_out, self.connection.run)
            await self._end_connection()
            if forget:
                self.holding.forget(entries=by_mistake)
            else:
                await self.holding.put_away()
            self.ground.tell(Closed(self.stream))

    async def abandon(self) -> None:
        """The server is gone: end the link; what is on the disk stays for the next worker."""
        async with self._turn:
            await self._end_connection()
            self.holding.let_go()

    def stored(self, entries: tuple[int, ...]) -> None:
        if self.holding.books is not None:
            self.holding.books.let_go(entries)

    def keep_up(self) -> None:
        """Now and then: note that messages may come, and think of the phone."""
        books = self.holding.books
        if books is not None:
            books.mark(ALIVE, self.ground.clock.now() if self._is_online else None)
        if self._is_online and self.connection is not None:
            self.phone.think()
            self._losses.note(self.connection.quiet_seconds)

    async def copy_keys(self) -> None:
        """Let the server store what changed in the keys; who may not store them may not go on."""
        store = self.holding.store
        if store is None or not self._is_online or not store.has_changed():
            return
        if await self.holding.copy_to_server(clean=False) is False:
            async with self._turn:
                await self._end_connection()
                self.holding.close_store(remove=True)
                self.say(events.Offline("held_by_another_node"))

    @property
    def _is_online(self) -> bool:
        return self._pairing is None and self.connection is not None and self.connection.is_online

    # --- Opening and ending --------------------------------------------------------------------

    def _goes_on_by_itself(self, frame: Open) -> bool:
        """A message is on its way, and the library is about to repeat it over a new link."""
        connection = self.connection
        if frame.credentials is None or connection is None or self._pairing is not None:
            return False
        if connection.stopping or not connection.was_online or not connection.in_flight:
            return False
        if connection.is_online:
            self._say_online(connection)
        return True

    def _pair(self, frame: Open) -> None:
        self.holding.open_books()
        self.holding.begin_store()
        self._refusal = None
        self._pairing = Pairing(
            frame,
            self.ground,
            self.say,
            self._give_up_pairing,
            lambda: self.holding.sealed(clean=False),
        )
        self._connect(self._noted)
        self._pairing.begin()

    async def _resume(self, credentials: bytes) -> bool:
        """Put everything in its place; False when there is nothing to connect with."""
        is_first = self.holding.books is None
        books = self.holding.open_books()
        self._tell_what_was_kept(books, after_the_worst=is_first)
        try:
            store, is_new = self.holding.open_store(credentials)
        except NotKeys:
            self.say(_KEYS_REFUSED)
            return False
        except WrongKey:
            self.say(events.Faulted("sealed_with_another_key", "The setting sealing_key is wrong"))
            return False
        if not store.has_keys():
            self.holding.close_store(remove=True)
            self.say(await self._why_without_keys())
            return False
        if is_new and not await self.holding.copy_to_server(clean=False):
            self.holding.close_store(remove=True)
            self.say(events.Offline("keys_not_stored"))
            return False
        self._losses.look(books, store)
        return True

    async def _why_without_keys(self) -> events.Event:
        if self._refusal is None:
            await self.ground.clock.sleep(_REFUSAL_SECONDS_MAX)
        return self._refusal or _KEYS_REFUSED

    def _connect(self, hear_note: Callable[[Connection, Note], None] | None = None) -> None:
        store, books = self.holding.store, self.holding.books
        assert store is not None
        assert books is not None
        self._expected, self._besides = None, 0
        self.connection = Connection(
            self.ground,
            self.channel,
            store,
            books,
            self._heard,
            self._heard_code,
            self._run_over,
            hear_note,
        )
        self.connection.start()

    async def _end_connection(self) -> None:
        pairing, self._pairing = self._pairing, None
        if pairing is not None:
            pairing.end()
        connection = self.connection
        if connection is not None and not connection.left.is_set():
            await connection.stop()
        self.connection = None

    async def give_up(self, connection: Connection) -> None:
        """The library does not come back from a call: end the run under it."""
        if connection is self.connection:
            connection.is_online = False
            self.say(events.Offline("send_without_end"))
            async with self._turn:
                if connection is self.connection:
                    await self._end_connection()

    # --- Hearing -----------------------------------------------------------------------------

    def say(self, event: events.Event, entry: int | None = None) -> None:
        self.ground.tell(said(self.stream, event, entry))

    def _heard(self, connection: Connection, heard: Called) -> None:
        if heard.code in KEPT:
            # While it pairs it is not known whose number it is: the journal keeps what comes.
            if self._pairing is None:
                self._tell_kept(heard.code, heard.body, heard.entry, retrieved=heard.retrieved)
            return
        word = self.ground.translator.link_word(heard.code, heard.body, self.ground.clock.now())
        if isinstance(word, events.LoggedOut | events.Banned):
            self._refusal = word
        if word is None or connection is not self.connection or connection.stopping:
            return
        if self._pairing is not None:
            self._hear_pairing(connection, self._pairing, word)
        else:
            self._hear_link(connection, word)

    def _heard_code(self, connection: Connection, code: str) -> None:
        if connection is not self.connection or connection.stopping:
            return
        if self._pairing is not None:
            self._pairing.code_came(connection, code)
        else:
            self._hear_last(connection, self._refusal or _KEYS_REFUSED)  # It would link anew.

    def _noted(self, connection: Connection, note: Note) -> None:
        if connection is not self.connection or connection.stopping or self._pairing is None:
            return
        match note:
            case Note.PASSKEY_ASKED:
                self._pairing.passkey_asked()
            case Note.PAIRING_FAILED:
                self._hear_last(connection, events.PairingFailed("refused"))

    def _hear_pairing(self, connection: Connection, pairing: Pairing, word: LinkWord) -> None:
        match word:
            case PhoneLinked(phone):
                pairing.scanned(phone)
                self.phone.seen()
            case events.Online():
                connection.is_online = connection.was_online = True
                pairing.let_in()
            case events.BacklogEnded():
                connection.is_catching_up = False
            case events.Offline() if pairing.is_scanned:
                pass  # WhatsApp closes the link after a scan; the library comes back with its keys.
            case _ if isinstance(word, events.LAST_WORDS):
                self._hear_last(connection, word)
            case _:
                pass  # What waits for the number is nobody's before the number is known.

    def _hear_link(self, connection: Connection, word: LinkWord) -> None:
        match word:
            case LinkRestored():
                self.say(events.Alive(self.ground.clock.now()))
            case events.Online():
                connection.is_online = connection.was_online = True
                self._say_online(connection)
            case events.BacklogBegan():
                self._expected = connection.expected
                if connection.is_online:
                    self.say(events.BacklogBegan(self._expected))
            case events.BacklogEnded():
                connection.is_catching_up = False
                if connection.is_online:
                    self._say_caught_up()
            case PhoneLinked():
                pass
            case _ if isinstance(word, events.LAST_WORDS):
                self._hear_last(connection, word)
            case _:
                self.say(word)

    def _say_online(self, connection: Connection) -> None:
        books = self.holding.books
        assert books is not None
        books.mark(ALIVE, self.ground.clock.now())
        self.say(events.Online())
        self.phone.begin()
        if self._expected is not None:
            self.say(events.BacklogBegan(self._expected))
        if not connection.is_catching_up:
            self._say_caught_up()
        self.phone.think()

    def _say_caught_up(self) -> None:
        if self._expected is None:
            books = self.holding.books
            self._expected = 0 if books is None else books.expect(0)
            self.say(events.BacklogBegan(self._expected))
        self.say(events.BacklogEnded(self._besides))
        self._losses.tell(self._phone_of, self.say)

    def _give_up_pairing(self, word: events.Event) -> None:
        if self.connection is not None:
            self._hear_last(self.connection, word)

    def _hear_last(self, connection: Connection, word: events.Event) -> None:
        """The library's run is over; it lingers only where a frame may be repeated by it."""
        connection.is_online = False
        lingers = word == _LINK_LOST and connection.in_flight > 0
        self.say(word)
        seconds = _LINGER_SECONDS if lingers else 0.0
        keys_are_dead = isinstance(word, events.LoggedOut)
        self._later(self._end(connection, seconds, keys_are_dead=keys_are_dead))

    async def _end(
        self, connection: Connection, after_seconds: float, *, keys_are_dead: bool
    ) -> None:
        await self.ground.clock.sleep(after_seconds)
        async with self._turn:
            if connection is not self.connection or connection.is_online:
                return
            await self._end_connection()
            if keys_are_dead:
                self.holding.close_store(remove=True)
            if after_seconds:
                self.say(_LINK_LOST)  # Whoever waited for it to go on stops waiting.

    def _run_over(self, connection: Connection, error: str) -> None:
        """The library has ended a run by itself: it could not even begin to connect, or its package stumbled,
        as it does over refusals that it has no number for."""
        if connection is self.connection and not connection.stopping:
            self.connection = None
            self.say(_LINK_LOST if "dial" in error else _GAVE_UP)

    # --- Messages and the phone ----------------------------------------------------------------

    def _tell_what_was_kept(self, books: Books, *, after_the_worst: bool) -> None:
        """What the server has not stored yet; and if the end came suddenly, from when on that was."""
        alive_at = books.marked(ALIVE)
        if alive_at is not None and after_the_worst:
            books.mark(ALIVE, None)
            gap = rules.gap(alive_at, self.ground.clock.now())
            self._losses.died(gap.until)
            self.say(gap)
        for entry in books.kept():
            if entry.code != MISSED:
                self._tell_kept(entry.code, entry.body, entry.number, retrieved=entry.retrieved)

    def _tell_kept(self, code: int, body: bytes, entry: int | None, *, retrieved: bool) -> None:
        if code == Kind.MESSAGE:
            event = self._message(body, retrieved=retrieved)
            if self.holding.books is not None and self._losses.heard(self.holding.books, body):
                self.phone.seen()
            self._besides += retrieved and not isinstance(event, events.Incoming | events.Echoed)
        else:
            event = self._receipt(body)
            if event is not None and self.connection is not None and self.connection.has_just_sent:
                self.say(event)
                self._later(self._say_again(event, entry))
                return
        if event is not None:
            self.say(event, entry)
        elif entry is not None:
            self.stored((entry,))

    async def _say_again(self, event: events.Event, entry: int | None) -> None:
        """A receipt can be quicker than the answer to the send, which alone tells the server the id."""
        await self.ground.clock.sleep(_SAY_AGAIN_SECONDS)
        self.say(event, entry)

    def _message(self, body: bytes, *, retrieved: bool) -> events.Event | None:
        event = self.ground.translator.message(body, self._phone_of, retrieved=retrieved)
        if isinstance(event, events.Echoed):
            self.phone.seen()
        return event

    def _receipt(self, body: bytes) -> events.Event | None:
        proof, books = self.ground.translator.proof(body, self._phone_of), self.holding.books
        if books is not None and proof.wire_ids:
            books.prove(proof.wire_ids, proof.at, by_phone=proof.by_phone)
        if proof.by_phone:
            self.phone.seen()
        return proof.receipt

    def _phone_of(self, lid: str) -> str | None:
        return None if self.holding.store is None else self.holding.store.phone_of(lid)

    def _later(self, duty: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(duty)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
