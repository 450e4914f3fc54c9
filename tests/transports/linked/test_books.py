"""The journal and the seal by themselves, on real files."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from houston.transports import events
from houston.transports.linked_worker import frames, live_store
from houston.transports.linked_worker.books import Books
from houston.transports.linked_worker.frames import (
    FRAME_BYTES_MAX,
    Beat,
    Stored,
    Unpacker,
    packed,
)
from houston.transports.linked_worker.seal import Keys, NotKeys, Seal, WrongKey
from tests.acceptance.town import until

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEAL = Seal(b"k" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "books"


def test_what_was_kept_is_there_in_order_after_a_crash_until_it_is_let_go(path: Path):
    books = Books(path, SEAL, NOW)
    numbers = [books.keep(17, f"message {n}".encode(), retrieved=n > 1) for n in range(3)]
    books = Books(path, SEAL, NOW)  # The first was never closed: its process was killed.
    assert [entry.body for entry in books.kept()] == [b"message 0", b"message 1", b"message 2"]
    assert [entry.retrieved for entry in books.kept()] == [False, False, True]
    books.let_go(numbers[:2])
    assert [entry.number for entry in books.kept()] == numbers[2:]
    books.let_go(numbers)
    assert books.keep(17, b"later", retrieved=False) > max(numbers)


def test_an_entry_reaches_the_disk_soon_though_nobody_waits_for_it(path: Path):
    books = Books(path, SEAL, NOW)
    books.keep(17, b"message", retrieved=False)

    def saved() -> bool:
        """Into the file itself, without its log, only that moves which the disk has taken."""
        with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as itself:
            tables = itself.execute("select 1 from sqlite_master where name = 'entries'").fetchone()
            return bool(tables and itself.execute("select 1 from entries").fetchone())

    until(saved, 10, "it is saved")
    books.close()


def test_what_was_announced_and_never_came_is_expected_again_after_a_sudden_end(path: Path):
    books = Books(path, SEAL, NOW)
    assert books.expect(5) == 5
    books.keep(17, b"one of them", retrieved=True)
    books.keep(18, b"a receipt", retrieved=True)
    books = Books(path, SEAL, NOW)  # The first was never closed: its process was killed.
    assert books.expect(2) == 4  # Two wait, and two more were in the library's hands when it died.
    books.keep(17, b"another", retrieved=True)
    assert Books(path, SEAL, NOW).expect(7) == 7  # New ones have come meanwhile.
    books.stop_expecting()
    books.keep(17, b"said today", retrieved=False)
    assert Books(path, SEAL, NOW).expect(0) == 0


def test_no_text_lies_open_in_the_journal(path: Path):
    books = Books(path, SEAL, NOW)
    books.keep(17, b"a secret between two", retrieved=False)
    books.close()
    assert b"secret between" not in path.read_bytes()


def test_entries_of_another_key_stay_for_when_it_comes_back(path: Path):
    Books(path, SEAL, NOW).keep(17, b"one", retrieved=False)
    assert Books(path, Seal(b"x" * 32), NOW).kept() == []
    assert len(Books(path, SEAL, NOW).kept()) == 1


def test_a_proof_stays_for_thirty_days_and_the_phones_word_is_never_taken_back(path: Path):
    books = Books(path, SEAL, NOW)
    books.prove(["A"], NOW, by_phone=True)
    books.prove(["A", "B"], NOW + timedelta(seconds=1), by_phone=False)
    assert books.proven_at("A") == NOW
    assert books.phone_saw_any(["B", "A"])
    assert not books.phone_saw_any(["B"])
    books = Books(path, SEAL, NOW + timedelta(days=31))
    assert books.proven_at("A") is None


def test_keys_open_only_with_the_key_that_sealed_them():
    keys = Keys(generation="g", clean=True, store=b"store")
    sealed = SEAL.close_keys(keys)
    assert SEAL.open_keys(sealed) == keys
    with pytest.raises(WrongKey):
        Seal(b"x" * 32).open_keys(sealed)
    with pytest.raises(NotKeys):
        SEAL.open_keys(b"never given out")


def _with_ratchets(path: Path) -> bytes:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("create table whatsmeow_sessions (their_id text)")
    db.execute("insert into whatsmeow_sessions values ('somebody')")
    content = db.serialize()
    db.close()
    return content


@pytest.mark.parametrize(("clean", "left"), [(True, 1), (False, 0)])
def test_ratchets_that_may_have_been_turned_back_are_not_gone_on_with(
    tmp_path: Path, clean: bool, left: int
):
    copy = _with_ratchets(tmp_path / "made")
    keys = Keys(generation="old", clean=clean, store=copy)
    store = live_store.opened_store(tmp_path, "channel", keys)
    assert store.is_whole is clean
    assert store.generation != "old"
    db = sqlite3.connect(store.path)
    assert db.execute("select count(*) from whatsmeow_sessions").fetchone() == (left,)
    db.close()
    store.close(and_remove=True)


def test_a_store_that_outlived_a_crash_is_newer_than_its_copy(tmp_path: Path):
    copy = _with_ratchets(tmp_path / "made")
    first = live_store.opened_store(
        tmp_path, "channel", Keys(generation="old", clean=True, store=copy)
    )
    again = Keys(generation=first.generation, clean=False, store=b"an older copy")
    second = live_store.opened_store(tmp_path, "channel", again)
    assert second.is_whole
    assert second.path == first.path
    for store in (first, second):
        store.close(and_remove=True)


def test_frames_come_whole_however_the_socket_cuts_them():
    data = b"".join(packed(frame) for frame in (Beat(), Beat()))
    unpacker = Unpacker()
    assert [f for byte in data for f in unpacker.frames_from_worker(bytes([byte]))] == [
        Beat(),
        Beat(),
    ]
    assert Unpacker().frames_from_server(packed(Stored(1, (2, 3)))) == [Stored(1, (2, 3))]


def test_every_event_has_a_place_in_a_frame():
    """The server stopped listening to a worker that said a word that it did not know."""
    assert {*frames.EVENTS, events.KeysChanged} == set(get_args(events.Event))


def test_a_frame_without_end_is_not_waited_for():
    with pytest.raises(ValueError, match="at most"):
        Unpacker().frames_from_worker((FRAME_BYTES_MAX + 1).to_bytes(4, "big"))
