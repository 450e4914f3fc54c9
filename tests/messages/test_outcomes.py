"""Law M7 on a real PostgreSQL: whatever is written about a message, in whatever order, beside a referee's book.

The referee knows the law and nothing of ranks, statements or locks.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from houston.channels.state import Status
from houston.kernel.db import Tx
from houston.kernel.facts import MessageMoved
from houston.kernel.ids import ChannelId, MessageId
from houston.messages import store
from houston.messages.rules import MessageStatus, Settlement, settle
from houston.transports.events import Receipt, ReceiptKind
from houston.transports.transport import NotSent, Retry, SendResult, Sent, Unknown
from tests.houses import House, until
from tests.wires import ANNA, Gate, Scripted, receipt

NEVER = NotSent(retry=Retry.NEVER, code="not_on_whatsapp", text="no such number")
BUSY = NotSent(retry=Retry.NOW, code="busy", text="try again")


# --- The referee ---------------------------------------------------------------------------------


@dataclass
class Book:
    """What may be said of one message, by the words of the law."""

    said: str = "queued"
    waits: bool = True
    attempts: int = 0
    history: list[str] = field(default_factory=lambda: ["queued"])

    def intent(self) -> None:
        if self.waits:
            self.attempts += 1
            self._say("sending")

    def outcome(self, what: str, attempt: int) -> None:
        """An attempt came to something; perhaps an earlier one, whose node had slept."""
        match what:
            case "again":
                if self.said == "sending" and attempt == self.attempts:
                    self._say("queued")
            case "uncertain":
                self._end(what, over=("queued", "sending"))
            case "sent":
                self._end(what, over=("queued", "sending", "uncertain"))
            case "failed":
                self._end(what, over=("queued", "sending", "uncertain", "sent"))

    def receipt(self, what: str) -> None:
        """The person has it: nothing that was said before can be right, but a further receipt."""
        if self.said != "read" and self.said != what:
            self._end(what, over=(self.said,))

    def cancel(self) -> None:
        if self.waits and self.said == "queued":
            self._end("cancelled", over=("queued",))

    def decision(self, what: str) -> None:
        if self.said == "uncertain":
            self._say(what)
            self.waits = what == "queued"

    def _end(self, said: str, over: tuple[str, ...]) -> None:
        if self.said in over:
            self._say(said)
            self.waits = False

    def _say(self, said: str) -> None:
        self.said = said
        self.history.append(said)


# --- The same on the disk ------------------------------------------------------------------------


@dataclass
class Row:
    """The message as it is stored, and everything that can be written about it."""

    house: House
    channel: ChannelId
    message: MessageId
    wire_id: str

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    async def intent(self) -> None:
        async with self.house.database.transaction() as tx:
            await store.intend(tx, [(self.message, self.channel, 0)], self.house.node.id)

    async def outcome(self, what: str, attempt: int) -> None:
        results: dict[str, SendResult] = {
            "again": BUSY,
            "failed": NEVER,
            "sent": Sent(self.wire_id, self.now),
            "uncertain": Unknown(None),
        }
        settlement = settle(results[what], repeatable=False, attempts=attempt or 1, now=self.now)
        async with self.house.database.transaction() as tx:
            await store.settle(tx, [(self.message, attempt, settlement)])

    async def receipt(self, what: str) -> None:
        kind = ReceiptKind(what)
        await self.house.receiver.hear(
            self.channel, Receipt(wire_ids=(self.wire_id,), chat=ANNA, kind=kind, at=self.now)
        )

    async def cancel(self) -> None:
        async with self.house.database.transaction() as tx:
            await store.cancel(tx, self.channel, [self.message])

    async def decision(self, what: str) -> None:
        async with self.house.database.transaction() as tx:
            await store.decide(tx, self.message, MessageStatus[what.upper()], self.now)


@pytest.fixture
async def held(still_house: House) -> tuple[House, ChannelId]:
    """A channel that the house's node owns on disk, while nothing is really sent."""
    channel = await still_house.channel(Status.ACTIVE)
    await still_house.fetch("update channels set owner = $1", still_house.node.id)
    return still_house, channel


STEPS = st.one_of(
    st.tuples(st.just("intent")),
    st.tuples(
        st.just("outcome"),
        st.sampled_from(["again", "failed", "sent", "uncertain"]),
        st.integers(0, 1),
    ),
    st.tuples(st.just("receipt"), st.sampled_from(["delivered", "read"])),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("decision"), st.sampled_from(["queued", "sent"])),
)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=12))
async def test_what_is_said_of_a_message_only_moves_forward_whatever_comes_in_whatever_order(
    held: tuple[House, ChannelId], steps: list[tuple[object, ...]]
) -> None:
    house, channel = held
    said = await house.say(channel, "hello")
    wire_id = (await house.row(said.message))["wire_id"]
    book, row = Book(), Row(house, channel, said.message, wire_id)
    for name, *details in steps:
        if name == "outcome":
            what, ago = details
            details = [what, max(0, book.attempts - int(str(ago)))]
        getattr(book, str(name))(*details)
        await getattr(row, str(name))(*details)
        stored = await house.row(said.message)
        seen = (MessageStatus(stored["status"]).word, stored["open"], stored["attempts"])
        assert seen == (book.said, book.waits, book.attempts), f"after {name} {details}"


async def test_an_outcome_is_dated_by_who_knows_it(house: House) -> None:
    channel = await house.active()
    said = await house.say(channel)
    await until(lambda: house.is_at(said.message, MessageStatus.SENT))
    (sent,) = house.messenger.handed_over
    house.clock.advance(5)
    await house.messenger.of(channel).say(receipt(sent, ReceiptKind.DELIVERED, house.clock))
    house.clock.advance(60)
    await house.messenger.of(channel).say(receipt(sent, ReceiptKind.READ, house.clock))
    row = await house.row(said.message)
    spent = [(row[at] - row["sent_at"]).total_seconds() for at in ("delivered_at", "read_at")]
    assert spent == [5, 65]


async def test_receipts_that_come_together_keep_their_own_times(house: House) -> None:
    """The time of the delivery was once written as the time of the reading."""
    channel = await house.active()
    said = await house.say(channel)
    await until(lambda: house.is_at(said.message, MessageStatus.SENT))
    (sent,) = house.messenger.handed_over
    delivered = receipt(sent, ReceiptKind.DELIVERED, house.clock)
    house.clock.advance(60)
    read = receipt(sent, ReceiptKind.READ, house.clock)
    await _together(house, channel, delivered, read)
    row = await house.row(said.message)
    assert (row["delivered_at"], row["read_at"]) == (delivered.at, read.at)
    moves = [fact for fact in await house.facts(MessageMoved) if isinstance(fact, MessageMoved)]
    assert [(move.status, move.at) for move in moves[-2:]] == [
        ("delivered", delivered.at),
        ("read", read.at),
    ]


async def _together(house: House, channel: ChannelId, *receipts: Receipt) -> None:
    for saved in [house.receiver.hear(channel, one) for one in receipts]:
        await saved


async def test_what_was_read_is_told_as_sent_and_delivered_before(house: House) -> None:
    """Who follows the feed sees every step once and in order, though the receipts came late or never."""
    channel, gate = await house.active(), Gate(house.messenger)
    house.messenger.answer = gate
    said = await house.say(channel)
    await until(lambda: house.messenger.handed_over)
    (sent,) = house.messenger.handed_over
    await house.messenger.of(channel).say(receipt(sent, ReceiptKind.READ, house.clock))
    assert await house.status_of(said.message) is MessageStatus.READ
    gate.open()
    await house.messenger.of(channel).say(receipt(sent, ReceiptKind.DELIVERED, house.clock))
    await until(lambda: _is_idle(house))
    assert await moves(house) == ["sent", "delivered", "read"]
    assert await house.status_of(said.message) is MessageStatus.READ


async def _is_idle(house: House) -> bool:
    return not house.sender._attempts


async def moves(house: House) -> list[str]:
    return [
        fact.status for fact in await house.facts(MessageMoved) if isinstance(fact, MessageMoved)
    ]


async def test_a_cancelled_message_that_the_person_has_after_all_says_so(house: House) -> None:
    """It had left without an answer and was cancelled while it waited for its repeat."""
    channel = await house.active()
    house.messenger.answer = Scripted(house.messenger, hello=[Unknown("lost")])
    said = await house.say(channel, "hello")
    await until(lambda: _waits_again(house, said.message))
    owner = (await house.stored(channel)).account
    assert await house.outbox.cancel(owner, channel, [said.message]) == [said.message]
    (sent,) = house.messenger.handed_over
    await house.messenger.of(channel).say(receipt(sent, ReceiptKind.DELIVERED, house.clock))
    assert await house.status_of(said.message) is MessageStatus.DELIVERED
    assert await moves(house) == ["cancelled", "delivered"]


async def _waits_again(house: House, message: MessageId) -> bool:
    row = await house.row(message)
    return bool(row["attempts"] and row["status"] == MessageStatus.QUEUED)


async def test_a_receipt_for_a_message_that_nobody_knows_changes_nothing(house: House) -> None:
    channel = await house.active()
    said = await house.say(channel)
    await until(lambda: house.is_at(said.message, MessageStatus.SENT))
    stranger = Receipt(wire_ids=("who",), chat=ANNA, kind=ReceiptKind.READ, at=house.clock.now())
    await house.messenger.of(channel).say(stranger)
    assert await house.status_of(said.message) is MessageStatus.SENT
    assert house.messenger.acknowledged == [stranger]


async def test_a_repeated_outcome_of_many_messages_is_written_once(still_house: House) -> None:
    channel = await still_house.channel(Status.ACTIVE)
    said = [(await still_house.say(channel, f"{n}")).message for n in range(3)]
    at = still_house.clock.now()
    done = [(one, 1, Settlement(status=MessageStatus.SENT, open=False, at=at)) for one in said]

    async def write(tx: Tx) -> int:
        return len(await store.settle(tx, done))

    async with still_house.database.transaction() as tx:
        assert [await write(tx), await write(tx)] == [3, 0]
        assert await store.settle(tx, [(MessageId(uuid4()), 1, done[0][2])]) == set()
