"""What the simulated WhatsApp remembers: its journal, killed and replayed, on a virtual time.

Lives are also played at random before a referee that keeps its own lists of what was answered and said.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from houston.kernel.errors import BadSetting
from houston.transports import events
from houston.transports.events import ConfirmationKind
from houston.transports.transport import NotSent, Outgoing, OutgoingKind, Sent
from tests.transports.linking import words
from tests.transports.virtual_world import Stream, VirtualWhatsApp, lasting

PHONE, PERSON = "79990000001", "79160000001"


@pytest.fixture
def whatsapp(tmp_path: Path) -> Iterator[VirtualWhatsApp]:
    running = VirtualWhatsApp(tmp_path)
    yield running
    running.kill()


def everything(whatsapp: VirtualWhatsApp) -> dict[str, object]:
    """All that a restart may not change."""
    mail = whatsapp.world.mail
    return {
        "phones": {number: lasting(phone) for number, phone in whatsapp.world.phones.items()},
        "people": mail.people,
        "sayings": mail.sayings,
        "tallies": mail.tallies,
    }


def test_a_restart_forgets_nothing_of_phones_people_messages_and_sums(whatsapp: VirtualWhatsApp):
    keys, world, traffic = whatsapp.linked(PHONE), whatsapp.world, whatsapp.traffic
    stream = whatsapp.connect(PHONE, keys)
    slip, secret = words(PERSON, "teh price #2"), words(PERSON, "a secret #1")
    for message in (slip, slip, secret):
        whatsapp.send(PHONE, stream, message)
    whatsapp.send(
        PHONE, stream, words(PERSON, "the price", kind=OutgoingKind.EDIT, target=slip.wire_id)
    )
    whatsapp.send(
        PHONE, stream, words(PERSON, None, kind=OutgoingKind.REVOKE, target=secret.wire_id)
    )
    said = traffic.say(PERSON, PHONE, "stored")
    traffic.say(PERSON, PHONE, "not stored")
    traffic.alter_saying(PERSON, said, "stored, and edited")
    thanks = words(PERSON, "🙏", kind=OutgoingKind.REACT, target=said, target_author=PERSON)
    whatsapp.send(PHONE, stream, thanks)
    traffic.react(PERSON, PHONE, slip.wire_id, "👍")
    traffic.react_on_phone(PHONE, PERSON, slip.wire_id, "❤️")
    traffic.acknowledge(PHONE, list(stream.keeps)[:3])
    traffic.mark_read((said,))
    traffic.read(PERSON, PHONE)
    traffic.type_on_phone(PHONE, PERSON, "typed")
    traffic.switch(PERSON, online=False)
    whatsapp.send(PHONE, stream, words(PERSON, "waits for the person"))
    traffic.switch("79160000002", absent=True)
    world.ban("79990000002", None)
    world.restrict("79990000003", 60)
    world.protect("79990000004", ConfirmationKind.PASSKEY)
    world.lose(PHONE)
    whatsapp.send(PHONE, stream, words(PERSON, "refused"))
    before = everything(whatsapp)
    whatsapp.restart()
    assert everything(whatsapp) == before
    assert whatsapp.world.mail.sayings[said].reactions == {PHONE: "🙏"}
    assert whatsapp.world.mail.knows(PHONE, thanks.wire_id)


def test_keys_and_what_waits_are_good_after_a_restart(whatsapp: VirtualWhatsApp):
    keys = whatsapp.linked(PHONE)
    whatsapp.traffic.say(PERSON, PHONE, "before the restart")
    whatsapp.restart()
    whatsapp.traffic.say(PERSON, PHONE, "after it")
    stream = whatsapp.connect(PHONE, keys)
    heard = [event for event in stream.said if isinstance(event, events.Incoming)]
    assert [event.text for event in heard] == ["before the restart", "after it"]
    assert len(stream.keeps) == 2


def test_a_person_who_was_away_over_a_restart_still_gets_everything(whatsapp: VirtualWhatsApp):
    stream = whatsapp.connect(PHONE, whatsapp.linked(PHONE))
    whatsapp.traffic.switch(PERSON, online=False)
    message = words(PERSON, "later")
    assert isinstance(whatsapp.send(PHONE, stream, message), Sent)
    whatsapp.restart()
    assert whatsapp.world.mail.person(PERSON).inbox == []
    whatsapp.traffic.switch(PERSON, online=True)
    assert [arrival.id for arrival in whatsapp.world.mail.person(PERSON).inbox] == [message.wire_id]


def test_a_torn_last_line_costs_neither_the_lines_before_nor_those_after_it(
    whatsapp: VirtualWhatsApp,
):
    whatsapp.traffic.say(PERSON, PHONE, "before")
    whatsapp.kill()
    with (whatsapp.folder / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"type":"kept","pho')
    whatsapp.restart()
    whatsapp.traffic.say(PERSON, PHONE, "after")
    whatsapp.restart()
    texts = [saying.text for saying in whatsapp.world.mail.sayings.values()]
    assert texts == ["before", "after"]


def test_a_journal_that_holds_only_a_torn_line_is_an_empty_one(whatsapp: VirtualWhatsApp):
    whatsapp.kill()
    (whatsapp.folder / "journal.jsonl").write_bytes(b'{"type":"ke')
    whatsapp.restart()
    whatsapp.traffic.say(PERSON, PHONE, "first")
    whatsapp.restart()
    assert len(whatsapp.world.mail.sayings) == 1


def test_a_damaged_line_is_named_and_not_skipped(tmp_path: Path):
    (tmp_path / "journal.jsonl").write_bytes(
        b'{"type":"counted","tally":"refused"}\n{"type":"who"}\n'
    )
    with pytest.raises(BadSetting, match=r"journal\.jsonl:2"):
        VirtualWhatsApp(tmp_path)


def test_two_on_one_folder_are_refused(whatsapp: VirtualWhatsApp):
    with pytest.raises(BadSetting, match="another simulated WhatsApp"):
        VirtualWhatsApp(whatsapp.folder)
    whatsapp.kill()
    VirtualWhatsApp(whatsapp.folder).kill()


def test_a_stream_is_not_told_again_what_it_was_told(whatsapp: VirtualWhatsApp):
    stream = whatsapp.connect(PHONE, whatsapp.linked(PHONE))
    whatsapp.traffic.say(PERSON, PHONE, "told at once")
    whatsapp.world.lose(PHONE)
    whatsapp.traffic.say(PERSON, PHONE, "told when it is back")
    whatsapp.world.find(PHONE)
    heard = [event for event in stream.said if isinstance(event, events.Incoming)]
    assert [event.text for event in heard] == ["told at once", "told when it is back"]
    assert [event.retrieved for event in heard] == [False, True]
    assert stream.said.count(events.BacklogBegan(1)) == 1


def test_codes_change_by_the_clock_as_whatsapp_changes_them(whatsapp: VirtualWhatsApp):
    stream, shown = Stream(), list[float]()
    began = whatsapp.time.now()
    whatsapp.world.pair(PHONE, stream, None)
    whatsapp.time.advance(159)
    assert not any(isinstance(event, events.QrExpired) for event in stream.said)
    whatsapp.time.advance(1)
    for event in stream.said:
        if isinstance(event, events.QrShown):
            shown.append((event.until - began).total_seconds())
    assert shown == [60, 80, 100, 120, 140, 160]
    assert stream.said[-1] == events.QrExpired()


class Lives(RuleBasedStateMachine):
    """Random lives of two phones and two people; the referee believes only what it was answered."""

    PHONES = ("79990000001", "79990000002")
    PEOPLE = ("79160000001", "79160000002")
    phones = st.sampled_from(PHONES)
    people = st.sampled_from(PEOPLE)

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.whatsapp = VirtualWhatsApp(Path(self.folder.name))
        self.keys = {phone: self.whatsapp.linked(phone) for phone in self.PHONES}
        self.streams: dict[str, Stream] = {}
        self.tried: list[tuple[str, Outgoing]] = []
        self.acknowledged: dict[str, str] = {}
        self.definitely_not: set[str] = set()
        self.said: set[str] = set()
        self.stored: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "whatsapp"):
            self.whatsapp.kill()
            self.folder.cleanup()

    @rule(phone=phones)
    def connect(self, phone: str) -> None:
        self.streams[phone] = self.whatsapp.connect(phone, self.keys[phone])

    @rule(phone=phones)
    def disconnect(self, phone: str) -> None:
        if phone in self.streams:
            self.whatsapp.world.leave(phone, self.streams.pop(phone))

    @rule(phone=phones, person=people)
    def send(self, phone: str, person: str) -> None:
        self._send(phone, words(person, "hello"))

    @precondition(lambda self: self.tried)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Again under the same id, whatever came of it before."""
        self._send(*data.draw(st.sampled_from(self.tried)))

    def _send(self, phone: str, message: Outgoing) -> None:
        if phone not in self.streams:
            return
        self.tried.append((phone, message))
        answer = self.whatsapp.send(phone, self.streams[phone], message)
        if isinstance(answer, Sent):
            self.acknowledged[message.wire_id] = message.chat
        elif isinstance(answer, NotSent) and message.wire_id not in self.acknowledged:
            self.definitely_not.add(message.wire_id)

    @rule(phone=phones, person=people)
    def say(self, phone: str, person: str) -> None:
        self.said.add(self.whatsapp.traffic.say(person, phone, "hello"))

    @rule(phone=phones)
    def store(self, phone: str) -> None:
        """Houston stores, and acknowledges, all that it heard."""
        stream = self.streams.get(phone)
        if stream is not None and stream.keeps:
            self.whatsapp.traffic.acknowledge(phone, list(stream.keeps))
            heard = (e for e in stream.keeps.values() if isinstance(e, events.Incoming))
            self.stored |= {event.wire_id for event in heard}
            stream.keeps.clear()

    @rule(phone=phones, what=st.sampled_from(["lose", "find"]))
    def phone_comes_and_goes(self, phone: str, what: str) -> None:
        getattr(self.whatsapp.world, what)(phone)

    @rule(phone=phones, on=st.booleans())
    def silence(self, phone: str, on: bool) -> None:
        self.whatsapp.world.silence(phone, on=on)

    @rule(phone=phones, times=st.integers(0, 2))
    def open_elsewhere(self, phone: str, times: int) -> None:
        self.whatsapp.world.open_elsewhere(phone, times)

    @rule(person=people, online=st.booleans())
    def person_comes_and_goes(self, person: str, online: bool) -> None:
        self.whatsapp.traffic.switch(person, online=online)

    @rule(person=people)
    def read(self, person: str) -> None:
        self.whatsapp.traffic.read(person, None)

    @rule(up=st.booleans(), lose=st.sampled_from([0, 0.5]), refuse=st.sampled_from([0, 0.5]))
    def network(self, up: bool, lose: float, refuse: float) -> None:
        self.whatsapp.world.set_network(up=up)
        self.whatsapp.world.network.lose_ack_rate = lose
        self.whatsapp.world.network.refuse_rate = refuse

    @rule(seconds=st.sampled_from([0.1, 1, 100]))
    def time_passes(self, seconds: float) -> None:
        self.whatsapp.time.advance(seconds)

    @rule()
    def kill(self) -> None:
        before = everything(self.whatsapp)
        self.whatsapp.restart()
        self.streams.clear()
        assert everything(self.whatsapp) == before

    @invariant()
    def nobody_sees_one_id_twice(self) -> None:
        for person in self.whatsapp.world.mail.people.values():
            assert max(Counter(one.id for one in person.inbox).values(), default=1) == 1

    @invariant()
    def what_was_acknowledged_is_in_the_books(self) -> None:
        people = self.whatsapp.world.mail.people
        for wire_id, person in self.acknowledged.items():
            known = people[person].inbox + people[person].waiting
            assert wire_id in {arrival.id for arrival in known}

    @invariant()
    def what_was_only_ever_refused_reached_nobody(self) -> None:
        tried_in_vain = self.definitely_not - self.acknowledged.keys() - self._uncertain()
        for person in self.whatsapp.world.mail.people.values():
            assert tried_in_vain.isdisjoint(arrival.id for arrival in person.inbox)

    def _uncertain(self) -> set[str]:
        """Handed over more than once: an attempt without an answer may have been taken."""
        attempts = Counter(message.wire_id for _, message in self.tried)
        return {wire_id for wire_id, times in attempts.items() if times > 1}

    @invariant()
    def what_people_said_waits_until_it_is_stored(self) -> None:
        waits = {
            event.wire_id
            for phone in self.whatsapp.world.phones.values()
            for event in phone.kept.values()
            if isinstance(event, events.Incoming)
        }
        assert waits == self.said - self.stored

    @invariant()
    def the_sums_are_right(self) -> None:
        mail = self.whatsapp.world.mail
        assert mail.tallies.repeats == 0
        assert mail.tallies.delivered == sum(len(person.inbox) for person in mail.people.values())


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
