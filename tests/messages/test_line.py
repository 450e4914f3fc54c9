"""One channel's window on its queue, with a disk that is a list; nothing here is stored or sent."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houston.channels.held import Held
from houston.channels.state import Status
from houston.channels.store import Channel
from houston.kernel.ids import AccountId, ChannelId, ChatId, MessageId
from houston.messages.line import IN_FLIGHT_MAX, Line, Waiting, new_line
from houston.messages.store import Body
from houston.transports.transport import OutgoingKind, Pacing
from tests.clocks import StoppedClock
from tests.houses import PHONE
from tests.statuses import state_in
from tests.wires import UNPACED, Messenger

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CHANNEL = ChannelId(UUID(int=1))
ACCOUNT = AccountId(UUID(int=2))


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def chat(letter: str) -> ChatId:
    return ChatId(UUID(int=ord(letter)))


@dataclass
class Disk:
    """The queue itself: what waits, in order, such as "a1 a2 b1": chat a's first and second, b's first."""

    rows: list[Waiting] = field(default_factory=list)

    def add(self, *names: str, not_before: datetime | None = None) -> None:
        self.rows += [_row(name, not_before) for name in names]

    def remove(self, name: str) -> None:
        self.rows = [row for row in self.rows if row.address != name]

    def read(self, barred: frozenset[ChatId], limit: int = 100) -> list[Waiting]:
        return [row for row in self.rows if row.chat not in barred][:limit]


def _row(name: str, not_before: datetime | None) -> Waiting:
    return Waiting(
        id=MessageId(UUID(bytes=name.encode().rjust(16))),
        account=ACCOUNT,
        channel=CHANNEL,
        chat=chat(name[0]),
        address=name,
        kind=OutgoingKind.SAY,
        body=Body(text=name),
        wire_id=name,
        client_ref=None,
        interrupted=False,
        not_before=not_before,
        first_contact=False,
    )


def line_with(pacing: Pacing = UNPACED, own_pace: int | None = None) -> Line:
    channel = Channel(
        id=CHANNEL,
        account=ACCOUNT,
        name="Front desk",
        phone=PHONE,
        transport="played",
        state=state_in(Status.ACTIVE, PHONE),
        owner=None,
        fence=1,
        qr_code=None,
        qr_until=None,
        pacing_per_minute=own_pace,
        catch_up_expected=None,
        catch_up_retrieved=None,
        caught_up_at=None,
        created_at=NOW,
    )
    return new_line(Held(channel, Messenger(StoppedClock(), pacing=pacing)), NOW)


def look(line: Line, disk: Disk, now: datetime = NOW, limit: int = 100) -> None:
    """What the sender does: look if it is worth while."""
    if line.wants_look(now):
        rows = disk.read(line.look(now), limit)
        line.show(rows, all_of_it=len(rows) < limit)


def pick(line: Line, disk: Disk, now: datetime = NOW, limit: int = 100) -> list[str]:
    """One turn of the sender: what leaves now."""
    look(line, disk, now, limit)
    return [message.address for message in line.pick(now)]


@pytest.fixture
def disk() -> Disk:
    return Disk()


# --- Order (law M5) ----------------------------------------------------------------------------


def test_one_message_of_each_chat_is_on_its_way_at_a_time(disk: Disk) -> None:
    disk.add("a1", "a2", "b1", "a3", "b2")
    line = line_with()
    assert pick(line, disk) == ["a1", "b1"]
    assert pick(line, disk) == []
    disk.remove("a1")
    line.free(chat("a"), None)
    assert pick(line, disk) == ["a2"]


def test_a_message_that_comes_back_is_the_first_again(disk: Disk) -> None:
    disk.add("a1", "a2", "b1")
    line = line_with()
    pick(line, disk)
    line.free(chat("a"), at(5))
    assert pick(line, disk, at(4)) == [], "nothing of its chat may overtake it"
    assert pick(line, disk, at(5)) == ["a1"]


def test_a_chat_that_must_wait_holds_up_no_other(disk: Disk) -> None:
    disk.add("a1", not_before=at(60))
    disk.add("a2", "b1")
    assert pick(line_with(), disk) == ["b1"]


def test_what_must_wait_leaves_when_its_time_has_come(disk: Disk) -> None:
    disk.add("a1", not_before=at(60))
    disk.add("a2")
    line = line_with()
    pick(line, disk)
    assert line.next_at() == at(60)
    assert pick(line, disk, at(60)) == ["a1"]


def test_so_many_chats_are_sent_to_at_once_and_no_more(disk: Disk) -> None:
    disk.rows = [_row(f"{chr(200 + n)}", None) for n in range(IN_FLIGHT_MAX + 5)]
    line = line_with()
    assert len(pick(line, disk, limit=1_000)) == IN_FLIGHT_MAX
    line.free(chat(chr(200)), None)
    assert len(pick(line, disk, limit=1_000)) == 1


# --- Nothing is overlooked ---------------------------------------------------------------------


def test_what_came_while_the_chat_was_busy_is_found_when_it_is_free(disk: Disk) -> None:
    disk.add("a1")
    line = line_with()
    assert pick(line, disk) == ["a1"]
    disk.add("a2")
    line.stale = True  # Somebody rang.
    assert pick(line, disk) == []
    disk.remove("a1")
    line.free(chat("a"), None)
    assert pick(line, disk) == ["a2"]


def test_a_chat_that_became_free_during_a_look_is_looked_at_again(disk: Disk) -> None:
    """It was passed over as busy; nobody looked again, and its next message waited up to ten seconds."""
    disk.add("a1")
    line = line_with()
    assert pick(line, disk) == ["a1"]
    disk.add("a2")
    line.stale = True
    rows = disk.read(line.look(NOW))
    disk.remove("a1")
    line.free(chat("a"), None)
    line.show(rows, all_of_it=True)
    assert pick(line, disk) == ["a2"]


def test_what_was_accepted_during_a_look_is_looked_for_again(disk: Disk) -> None:
    """The bell that rang meanwhile was overwritten by the look, which could not have seen it."""
    line = line_with()
    rows = disk.read(line.look(NOW))
    disk.add("a1")
    line.stale = True
    line.show(rows, all_of_it=True)
    assert pick(line, disk) == ["a1"]


def test_a_retry_leaves_when_it_is_due_although_nobody_rings(disk: Disk) -> None:
    """Its chat was left out of the last look, and nobody looked again: retries came ten seconds late."""
    disk.add("a1")
    line = line_with()
    pick(line, disk)
    line.free(chat("a"), at(1))
    assert pick(line, disk) == []
    assert line.next_at() == at(1)
    assert pick(line, disk, at(1)) == ["a1"]


def test_a_long_queue_is_read_bit_by_bit(disk: Disk) -> None:
    disk.add(*(f"a{n}" for n in range(7)))
    line, left = line_with(), []
    for _ in range(7):
        left += pick(line, disk, limit=2)
        disk.remove(left[-1])
        line.free(chat("a"), None)
    assert left == [f"a{n}" for n in range(7)]


def test_a_line_with_nothing_to_do_is_idle_and_one_that_waits_is_not(disk: Disk) -> None:
    disk.add("a1")
    line = line_with()
    assert not line.idle
    pick(line, disk)
    assert not line.idle, "a1 is on its way"
    line.free(chat("a"), at(1))
    look(line, disk)
    assert not line.idle, "a1 must wait"
    disk.remove("a1")
    assert pick(line, disk, at(1)) == []
    assert line.idle


# --- Pacing (law M9) ---------------------------------------------------------------------------


def test_a_waiting_queue_is_flushed_at_the_pace_of_the_transport(disk: Disk) -> None:
    disk.add(*(f"{letter}1" for letter in "abcdefgh"))
    line = line_with(Pacing(per_minute=20, burst=3))
    assert pick(line, disk) == ["a1", "b1", "c1"]
    assert pick(line, disk, at(2.9)) == []
    assert line.paced_until() == line.next_at() == at(3)
    assert pick(line, disk, at(3)) == ["d1"]
    assert pick(line, disk, at(9)) == ["e1", "f1"]


def test_a_pace_of_the_channels_own_overrules_the_transports(disk: Disk) -> None:
    disk.add(*(f"{letter}1" for letter in "abcdefgh"))
    line = line_with(UNPACED, own_pace=60)
    assert pick(line, disk) == ["a1"]
    assert pick(line, disk, at(1)) == ["b1"]


def test_a_chat_that_must_wait_is_not_said_to_be_paced(disk: Disk) -> None:
    disk.add("a1", not_before=at(60))
    line = line_with()
    pick(line, disk)
    assert line.next_at() == at(60)
    assert line.paced_until() is None


# --- All of it, at random ----------------------------------------------------------------------


class Chance:
    """A line in the hands of chance: what may happen to it, and in the midst of what."""

    def __init__(self, data: st.DataObject) -> None:
        self.disk, self.line, self.now = Disk(), line_with(), NOW
        self.arrived: list[str] = []
        self.accepted = dict.fromkeys("abc", 0)
        self._on_its_way: dict[ChatId, str] = {}
        self._data = data

    def happen(self) -> None:
        self._data.draw(st.sampled_from([self.accept, self.answer, self.turn]))()

    def accept(self) -> None:
        letter = self._data.draw(st.sampled_from("abc"))
        self.accepted[letter] += 1
        self.disk.add(f"{letter}{self.accepted[letter]:02}")
        self.line.stale = True

    def answer(self) -> None:
        if self._on_its_way:
            back = self._data.draw(st.sampled_from(sorted(self._on_its_way)))
            if self._data.draw(st.booleans()):
                self._arrive(back)
            else:
                del self._on_its_way[back]
                self.line.free(back, self.now + timedelta(seconds=1))

    def turn(self) -> None:
        if self.line.wants_look(self.now):
            rows = self.disk.read(self.line.look(self.now), 2)
            for _ in range(self._data.draw(st.integers(0, 2))):
                self._data.draw(st.sampled_from([self.accept, self.answer]))()
            self.line.show(rows, all_of_it=len(rows) < 2)
        self._pick()

    def go_well(self) -> None:
        """From now on nothing new comes, and whatever leaves arrives."""
        for _ in range(100):
            self.now += timedelta(seconds=1)
            look(self.line, self.disk, self.now, 2)
            self._pick()
            for back in list(self._on_its_way):
                self._arrive(back)

    def _pick(self) -> None:
        picked = self.line.pick(self.now)
        self._on_its_way |= {message.chat: message.address for message in picked}

    def _arrive(self, back: ChatId) -> None:
        self.arrived.append(self._on_its_way.pop(back))
        self.disk.remove(self.arrived[-1])
        self.line.free(back, None)


@given(st.data())
def test_every_message_leaves_once_and_in_the_order_of_its_chat(data: st.DataObject) -> None:
    """Accepted, answered and tried again at any moment, also amid a look; nobody rings twice."""
    chance = Chance(data)
    for _ in range(data.draw(st.integers(1, 25))):
        chance.happen()
    chance.go_well()
    assert chance.disk.rows == [], "something was overlooked"
    for letter, count in chance.accepted.items():
        own = [name for name in chance.arrived if name[0] == letter]
        assert own == [f"{letter}{n:02}" for n in range(1, count + 1)]


# --- Two chats turn out to be one ----------------------------------------------------------------


def test_chats_that_become_one_send_in_the_order_of_the_disk(disk: Disk):
    line = line_with()
    disk.add("a1", "b1", "a2", "b2")
    look(line, disk)  # All four are in the window, under the chats that they had.
    disk.rows = [replace(row, chat=chat("b")) for row in disk.rows]
    line.merge(chat("a"), chat("b"))
    for name in ("a1", "b1", "a2", "b2"):
        assert pick(line, disk) == [name]
        disk.remove(name)
        line.free(chat("b"), None)


def test_what_must_wait_in_a_chat_waits_in_the_one_that_it_became_part_of(disk: Disk):
    line = line_with()
    disk.add("a1")
    assert pick(line, disk) == ["a1"]
    line.free(chat("a"), at(10))
    disk.rows = [replace(row, chat=chat("b")) for row in disk.rows]
    disk.add("b1")
    line.merge(chat("a"), chat("b"))
    assert pick(line, disk, at(5)) == []
    assert pick(line, disk, at(11)) == ["a1"]
