"""How far a worker looks back for what was lost, and what it does not take for lost: on real files."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from houston.transports import events
from houston.transports.linked_worker.books import HISTORY_TOLD, Books
from houston.transports.linked_worker.live_store import LiveStore
from houston.transports.linked_worker.losses import Losses
from houston.transports.linked_worker.seal import Seal
from tests.clocks import StoppedClock

ANNA = "79160000001"
OWN = "79990000001"


@dataclass
class Desk:
    """A channel on real files, its library played by the test, in the hands of one worker after another."""

    folder: Path
    clock: StoppedClock = field(default_factory=StoppedClock)
    generation: str = "first"

    def __post_init__(self) -> None:
        path = self.folder / "store"
        self.library = sqlite3.connect(path, isolation_level=None)
        self.library.executescript(
            "create table whatsmeow_device (jid text, lid text);"
            "create table whatsmeow_message_secrets"
            " (chat_jid text, sender_jid text, message_id text, key blob)"
        )
        self.library.execute(
            "insert into whatsmeow_device values (?, null)", [f"{OWN}:1@s.whatsapp.net"]
        )
        self.books = Books(self.folder / "books", Seal(b"k" * 32), self.clock.now())
        self.start()

    def start(self) -> None:
        """A worker begins; the one before it may have been killed."""
        self.store = LiveStore(self.folder / "store", self.generation, is_whole=True)
        holding = SimpleNamespace(books=self.books, store=self.store)
        self.losses = Losses(cast(Any, holding), cast(Any, SimpleNamespace(clock=self.clock)))
        self.losses.look(self.books, self.store)

    def opens(self, *wire_ids: str, chat: str = f"{ANNA}@s.whatsapp.net") -> None:
        rows = [(chat, f"{ANNA}@s.whatsapp.net", wire_id, wire_id.encode()) for wire_id in wire_ids]
        self.library.executemany("insert into whatsmeow_message_secrets values (?, ?, ?, ?)", rows)

    def hears(self, *wire_ids: str) -> None:
        for wire_id in wire_ids:
            self.books.know(wire_id, self.clock.now())

    def passes(self, seconds: float, quiet_seconds: float = 60.0) -> None:
        """Time, in which the worker notes every now and then how far it has heard."""
        for _ in range(int(seconds) // 15):
            self.clock.advance(15)
            self.losses.note(quiet_seconds)

    def missing(self) -> list[str]:
        told: list[events.Event] = []
        self.losses.tell(lambda _: None, lambda event, _: told.append(event))
        return [one.wire_id for one in told if isinstance(one, events.Missed)]

    def known(self) -> int:
        with sqlite3.connect(self.folder / "books") as books:
            found: int = books.execute("select count(*) from known").fetchone()[0]
        return found

    def close(self) -> None:
        self.books.close()
        self.library.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def test_what_was_opened_and_not_heard_is_missing_and_nothing_else(desk: Desk):
    desk.opens("heard", "lost", "heard too", "lost as well")
    desk.hears("heard", "heard too")
    desk.start()
    assert desk.missing() == ["lost", "lost as well"]


def test_what_comes_again_after_all_is_not_missing(desk: Desk):
    desk.opens("lost", "late")
    desk.start()
    desk.hears("late")
    assert desk.missing() == ["lost"]
    assert [entry.code for entry in desk.books.kept()] == [0]


def test_names_are_kept_for_minutes_and_not_for_years(desk: Desk):
    """What is older was opened before the place up to which everything has been heard."""
    for hour in range(20):
        desk.opens(f"n{hour}")
        desk.hears(f"n{hour}")
        desk.passes(3600)
    assert desk.known() <= 1
    desk.opens("lost")
    desk.start()
    assert desk.missing() == ["lost"]


def test_while_there_is_no_pause_nothing_is_taken_for_heard(desk: Desk):
    """A full line, or a slow disk: what was opened a minute ago may not have been handed over yet."""
    desk.opens("in the line")
    desk.passes(60, quiet_seconds=0.0)
    desk.start()
    assert desk.missing() == ["in the line"]


def test_what_was_opened_just_before_a_pause_is_not_taken_for_heard_at_once(desk: Desk):
    desk.passes(60)
    desk.opens("just opened")
    desk.losses.note(60.0)
    desk.start()
    assert desk.missing() == ["just opened"]


def test_more_than_the_library_can_hold_is_history_and_no_loss(desk: Desk):
    desk.opens(*(f"n{number}" for number in range(151)))
    desk.start()
    assert desk.missing() == []
    desk.opens(*(f"m{number}" for number in range(101)))
    desk.start()
    assert len(desk.missing()) == 101


def test_soon_after_a_phone_announced_history_nobody_can_tell(desk: Desk):
    desk.books.mark(HISTORY_TOLD, desk.clock.now())
    desk.passes(60)
    desk.opens("said last year")
    desk.start()
    assert desk.missing() == []
    desk.passes(11 * 60)
    desk.opens("lost")
    desk.start()
    assert desk.missing() == ["lost"]


def test_another_store_begins_anew(desk: Desk):
    """One that was restored from a copy: its places mean something else."""
    desk.opens("opened by the copy")
    desk.generation = "second"
    desk.start()
    assert desk.missing() == []
    desk.opens("lost")
    desk.start()
    assert desk.missing() == ["lost"]


def test_a_status_post_is_no_message_to_people(desk: Desk):
    desk.opens("post", chat="status@broadcast")
    desk.start()
    assert desk.missing() == []
    assert desk.books.kept() == []
