"""The library's own store of one channel while it is in use: a file in a folder that no disk keeps.

The server keeps a sealed copy. A file that outlived a crash is newer than the copy and is used; a copy
that was taken before the end is older than what people's phones know, and then the talks begin anew.
"""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from houston.transports.linked_worker.seal import Keys

_OPENED_MAX: Final = 20_000
"""So many are looked through after a sudden end; they are those of half a minute."""
_OLD_RATCHETS: Final = ("whatsmeow_sessions", "whatsmeow_sender_keys")
"""Going on with ratchets that were turned back, others would take what we send for a repetition."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that the library has opened, or begun to send, by the secret that it stored of it."""

    place: int
    chat: str
    sender: str
    """Addresses as the library writes them."""
    wire_id: str
    secret: bytes


class LiveStore:
    """The open store of one channel."""

    def __init__(self, path: Path, generation: str, *, is_whole: bool) -> None:
        self.path = path
        self.generation = generation
        self.is_whole = is_whole
        """Nothing that was ever done with it is missing."""
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5)
        self._seen = -1
        self._inherited = self._last_written()
        """What was written by a worker before this one, whose ears may have been shut too soon."""

    def close(self, *, and_remove: bool) -> None:
        self._db.close()
        if and_remove:
            _remove(self.path)

    def has_keys(self) -> bool:
        """A phone is linked. The library removes its line when WhatsApp logs it out."""
        return _has_table(self._db, "whatsmeow_device") and bool(
            self._db.execute("select 1 from whatsmeow_device").fetchone()
        )

    def sealed_copy(self, *, clean: bool) -> Keys:
        with _memory() as copy:
            self._db.backup(copy)
            store = copy.serialize()
        return Keys(generation=self.generation, clean=clean, store=store)

    def has_changed(self) -> bool:
        """Whether the library wrote anything since this was last asked."""
        before, self._seen = self._seen, self._db.execute("pragma data_version").fetchone()[0]
        return before != self._seen

    def phone_of(self, lid: str) -> str | None:
        """The phone number behind WhatsApp's hidden address, if the library has learned it."""
        if not _has_table(self._db, "whatsmeow_lid_map"):
            return None
        row = self._db.execute("select pn from whatsmeow_lid_map where lid = ?", [lid]).fetchone()
        return None if row is None else str(row[0])

    def written_as(self, secret: bytes) -> tuple[str, list[str]] | None:
        """Under which id a message was about to leave, and the ids of those after it.

        Of what an earlier worker handed over there are none: the receipt that is missing may have died with
        it, so that later ones have theirs proves nothing.
        """
        found = self._db.execute(
            "select rowid, message_id from whatsmeow_message_secrets where key = ?"
            " order by rowid desc",
            [secret],
        ).fetchone()
        if found is None:
            return None
        if found[0] <= self._inherited:
            return str(found[1]), []
        later = self._db.execute(
            "select message_id from whatsmeow_message_secrets where rowid > ?", [found[0]]
        )
        return str(found[1]), [str(row[0]) for row in later]

    def opened_after(self, place: int) -> list[Opened]:
        """What the library has opened since, in that order. History that a phone hands over is among it."""
        if not _has_table(self._db, "whatsmeow_message_secrets"):
            return []
        rows = self._db.execute(
            "select rowid, chat_jid, sender_jid, message_id, key from whatsmeow_message_secrets"
            " where rowid > ? order by rowid limit ?",
            [place, _OPENED_MAX],
        )
        return [Opened(*row) for row in rows]

    def own_users(self) -> frozenset[str]:
        """The number's own addresses, without their hosts."""
        rows = self._db.execute("select jid, lid from whatsmeow_device").fetchall()
        return frozenset(user_of(address) for row in rows for address in row if address)

    def last_opened(self) -> int:
        """The place of what was opened last."""
        return self._last_written()

    def _last_written(self) -> int:
        if not _has_table(self._db, "whatsmeow_message_secrets"):
            return 0
        row = self._db.execute("select max(rowid) from whatsmeow_message_secrets").fetchone()
        return int(row[0] or 0)


def user_of(address: str) -> str:
    """Without host and device."""
    return address.partition("@")[0].partition(":")[0]


def new_store(folder: Path, channel: str) -> LiveStore:
    """An empty one, to pair with."""
    discard(folder, channel)
    return _opened(folder, channel, secrets.token_hex(8), is_whole=True)


def opened_store(folder: Path, channel: str, keys: Keys) -> LiveStore:
    """The store of these keys: the file that is still here, or else the copy."""
    path = _path(folder, channel, keys.generation)
    if path.exists():
        return _opened(folder, channel, keys.generation, is_whole=True)
    discard(folder, channel)
    generation = secrets.token_hex(8)
    _write(_path(folder, channel, generation), keys.store)
    if not keys.clean:
        _forget_ratchets(_path(folder, channel, generation))
    return _opened(folder, channel, generation, is_whole=keys.clean)


def discard(folder: Path, channel: str) -> None:
    """Remove whatever is left of a channel."""
    for path in folder.glob(f"{channel}.*.store"):
        _remove(path)


def _opened(folder: Path, channel: str, generation: str, *, is_whole: bool) -> LiveStore:
    path = _path(folder, channel, generation)
    path.touch(mode=0o600)
    with _database(path) as db:
        # Readers of ours must never make the library wait.
        db.execute("pragma journal_mode = wal")
    return LiveStore(path, generation, is_whole=is_whole)


def _forget_ratchets(path: Path) -> None:
    with _database(path) as db:
        for table in _OLD_RATCHETS:
            if _has_table(db, table):
                db.execute(f"delete from {table}")  # noqa: S608 - a constant of this file


def _has_table(db: sqlite3.Connection, table: str) -> bool:
    found = db.execute("select 1 from sqlite_master where name = ?", [table]).fetchone()
    return found is not None


def _path(folder: Path, channel: str, generation: str) -> Path:
    return folder / f"{channel}.{generation}.store"


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _database(path: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        yield db
    finally:
        db.close()


@contextmanager
def _memory() -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(":memory:")
    try:
        yield db
    finally:
        db.close()
