"""A channel's books on the disk: the journal of what came in, and proofs of what went out.

An entry outlives the process before anybody acts on it, and a moment later the machine
(docs/why/linked-journal.md). Bodies are sealed; the books may be read on any thread.
"""

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from houston.transports.linked_worker.seal import Seal, WrongKey

_PROOFS_KEPT: Final = timedelta(days=30)
_KNOWN_LONGER: Final = timedelta(minutes=3)
"""A message that we begin to send is known before the library has stored its secret."""
_SAVE_SECONDS: Final = 0.05
"""What came in so closely together is brought to the disk together."""
_TABLES: Final = """
create table if not exists entries (
    number integer primary key autoincrement,
    code integer not null,
    retrieved integer not null,
    body blob not null
);
create table if not exists proofs (wire_id text primary key, at real not null, by_phone integer not null);
create table if not exists marks (name text primary key, at real not null);
create table if not exists known (name text primary key, at real not null);
create table if not exists reached (store text not null, place integer not null, at real not null);
create table if not exists backlogs (expected integer not null, came integer not null);
create trigger if not exists came after insert on entries when new.retrieved and new.code = 17 begin
    update backlogs set came = came + 1;
end;
"""

ALIVE: Final = "alive"
"""When the channel was last known to be open; gone when it was closed in order."""
HISTORY_TOLD: Final = "history_told"
"""When the phone last announced that it hands over what was said before."""
PHONE_SEEN: Final = "phone_seen"
PHONE_ASKED: Final = "phone_asked"
"""When the first message left of which the phone has taken no notice yet."""


MISSED: Final = 0
"""The code of an entry that is about a message which was lost; the library has none such."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Up to which place of which store everything that was opened had been heard of, and when."""

    store: str
    place: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """Something the library said, as it said it."""

    number: int
    code: int
    body: bytes
    retrieved: bool


class Books:
    """Open from the moment a channel is opened until it is closed."""

    def __init__(self, path: Path, seal: Seal, now: datetime) -> None:
        self._seal = seal
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_TABLES)
        self._db.execute("delete from proofs where at < ?", [_stamp(now - _PROOFS_KEPT)])
        self._written = threading.Event()
        self._closed = threading.Event()
        self._saver = threading.Thread(target=self._save, args=[path], name="books", daemon=True)
        self._saver.start()

    def close(self) -> None:
        self._closed.set()
        self._written.set()
        self._saver.join()
        with self._lock:
            self._db.close()

    def _save(self, path: Path) -> None:
        """Have the disk take what was written since: all at once, so that no writer waits for it."""
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            while not self._closed.is_set():
                self._written.wait()
                self._closed.wait(_SAVE_SECONDS)
                self._written.clear()
                with suppress(sqlite3.Error):  # It is full; the next entry asks it again.
                    db.execute("pragma wal_checkpoint(passive)")

    # --- The journal -----------------------------------------------------------------------

    def keep(self, code: int, body: bytes, *, retrieved: bool) -> int:
        """Write down what came in; when this returns it outlives the process."""
        sealed = self._seal.close(body)
        with self._lock:
            written = self._db.execute(
                "insert into entries (code, retrieved, body) values (?, ?, ?)",
                [code, retrieved, sealed],
            )
        self._written.set()
        number = written.lastrowid
        assert number is not None
        return number

    def kept(self) -> list[Entry]:
        """Everything that the server has not stored yet, in the order of arrival."""
        with self._lock:
            rows = self._db.execute(
                "select number, code, retrieved, body from entries order by number"
            ).fetchall()
        return [
            Entry(number, code, body, bool(retrieved))
            for number, code, retrieved, sealed in rows
            if (body := self._opened(sealed)) is not None
        ]

    def entry(self, number: int) -> Entry | None:
        """One that the server has not stored yet."""
        with self._lock:
            row = self._db.execute(
                "select code, retrieved, body from entries where number = ?", [number]
            ).fetchone()
        body = None if row is None else self._opened(row[2])
        return None if body is None else Entry(number, row[0], body, bool(row[1]))

    def _opened(self, sealed: bytes) -> bytes | None:
        """An entry that another key sealed stays where it is: the right key may come back."""
        try:
            return self._seal.open(sealed)
        except WrongKey:
            return None

    def let_go(self, numbers: Sequence[int]) -> None:
        """The server has them."""
        with self._lock:
            self._db.execute("begin")
            self._db.executemany(
                "delete from entries where number = ?", [(number,) for number in numbers]
            )
            self._db.execute("commit")

    def forget(self) -> None:
        """Of a number that was linked by mistake nothing is told."""
        with self._lock:
            self._db.execute("delete from entries")

    # --- What had waited at WhatsApp ---------------------------------------------------------

    def expect(self, announced: int) -> int:
        """How many messages have to come: those that wait, or, if that is more, those that were
        announced the last time and neither came before the end of that run nor wait any more.
        Those that are known to be lost are expected too: they are what will be missing."""
        with self._lock:
            missing = self._db.execute("select expected - came from backlogs").fetchone()
            lost = self._db.execute("select count(*) from entries where code = ?", [MISSED])
            known = announced + int(lost.fetchone()[0])
            expected = known if missing is None else max(announced, int(missing[0]))
            self._db.execute("delete from backlogs")
            self._db.execute("insert into backlogs values (?, 0)", [expected])
        return expected

    def stop_expecting(self) -> None:
        """WhatsApp has handed over everything."""
        with self._lock:
            self._db.execute("delete from backlogs")

    # --- What was opened, and of that, what was heard of ---------------------------------------

    def know(self, name: str, at: datetime) -> None:
        """A message that was opened, or that we began to send, is accounted for."""
        with self._lock:
            self._db.execute("insert or ignore into known values (?, ?)", [name, _stamp(at)])

    def known(self, names: Iterable[str]) -> set[str]:
        with self._lock:
            return {
                name
                for name in names
                if self._db.execute("select 1 from known where name = ?", [name]).fetchone()
            }

    def reached(self) -> Reached | None:
        with self._lock:
            row = self._db.execute("select store, place, at from reached").fetchone()
        return None if row is None else Reached(row[0], row[1], _moment(row[2]))

    def reach(self, reached: Reached, lost: Sequence[bytes] = ()) -> None:
        """Everything up to there is accounted for; what is `lost` of it has to be told."""
        sealed = [(MISSED, False, self._seal.close(body)) for body in lost]
        forgotten = _stamp(reached.at - _KNOWN_LONGER)
        with self._lock:
            self._db.execute("begin")
            self._db.executemany(
                "insert into entries (code, retrieved, body) values (?, ?, ?)", sealed
            )
            self._db.execute("delete from known where at < ?", [forgotten])
            self._db.execute("delete from reached")
            self._db.execute(
                "insert into reached values (?, ?, ?)",
                [reached.store, reached.place, _stamp(reached.at)],
            )
            self._db.execute("commit")
        self._written.set()

    # --- Proofs ----------------------------------------------------------------------------

    def prove(self, wire_ids: Iterable[str], at: datetime, *, by_phone: bool) -> None:
        """A receipt names these messages of ours, so WhatsApp has them."""
        rows = [(wire_id, _stamp(at), by_phone) for wire_id in wire_ids]
        with self._lock:
            self._db.executemany(
                "insert into proofs values (?, ?, ?)"
                " on conflict (wire_id) do update set by_phone = max(by_phone, excluded.by_phone)",
                rows,
            )

    def proven_at(self, wire_id: str) -> datetime | None:
        with self._lock:
            row = self._db.execute("select at from proofs where wire_id = ?", [wire_id]).fetchone()
        return None if row is None else _moment(row[0])

    def phone_saw_any(self, wire_ids: Iterable[str]) -> bool:
        """The number's own phone has confirmed at least one of these."""
        with self._lock:
            return any(
                self._db.execute(
                    "select 1 from proofs where wire_id = ? and by_phone", [wire_id]
                ).fetchone()
                for wire_id in wire_ids
            )

    # --- Marks -----------------------------------------------------------------------------

    def mark(self, name: str, at: datetime | None) -> None:
        with self._lock:
            if at is None:
                self._db.execute("delete from marks where name = ?", [name])
            else:
                self._db.execute("insert or replace into marks values (?, ?)", [name, _stamp(at)])

    def marked(self, name: str) -> datetime | None:
        with self._lock:
            row = self._db.execute("select at from marks where name = ?", [name]).fetchone()
        return None if row is None else _moment(row[0])


def _stamp(at: datetime) -> float:
    return at.timestamp()


def _moment(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
