"""Hears statuses, money and answers, decides what curators are told, and carries it to them: each once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from houston.curators import store, store_notices
from houston.curators.planning import About, plan_balance, plan_status, with_answer
from houston.curators.routes import Routes
from houston.curators.rules import (
    LONG,
    WORKS,
    Acknowledged,
    Counted,
    Kind,
    Purse,
    RanOut,
    Tick,
    Turned,
    decide,
    decide_balance,
    retry_after,
)
from houston.curators.store import Case, Subject
from houston.curators.store_notices import Said
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.connected import ConnectionTurned, EndpointTurned
from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import ChannelRefuses, NotFound
from houston.kernel.facts import MessageReceived, StatusChanged
from houston.kernel.ids import AccountId, ChannelId, MessageId, new_id
from houston.kernel.loop import Bell
from houston.kernel.money import BalanceExhausted, BalanceForecast
from houston.kernel.wake import Topic, Wakes
from houston.messages import store_reading
from houston.messages.outbox import Outbox, Saying
from houston.messages.rules import MessageStatus
from houston.people import store as people

KINDS: Final = (
    StatusChanged.kind,
    BalanceForecast.kind,
    BalanceExhausted.kind,
    MessageReceived.kind,
    ConnectionTurned.kind,
    EndpointTurned.kind,
)
_LOOK_EVERY_SECONDS: Final = 1.0
_PAGE: Final = 100
_CLAIMED_FOR: Final = timedelta(seconds=60)
"""After that another node takes a notice whose sender has died."""
_STUCK_AFTER: Final = timedelta(seconds=60)
"""For how long a notice may wait in a channel that does not work just now."""
_FOLLOWED_FOR: Final = timedelta(days=1)
AUTHOR: Final = "Houston"


class Notifier:
    """`hear` is a follower's; `duty` is the loop that time and due notices keep going."""

    def __init__(
        self, database: Database, clock: Clock, wakes: Wakes, outbox: Outbox, routes: Routes
    ) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._routes = routes
        self._has_planned = False
        self._bell = Bell()
        wakes.on(Topic.NOTICE, lambda _: self._bell.ring())

    def ring(self) -> None:
        """Say that what was heard is on the disk. Most facts are no news for anybody: `duty` may sleep on."""
        if self._has_planned:
            self._has_planned = False
            self._bell.ring()

    # --- Deciding ----------------------------------------------------------------------------

    async def hear(self, tx: Tx, news: Sequence[feed.Event]) -> None:
        """Take in facts, in the transaction that moves the cursor."""
        now = self._clock.now()
        for event in news:
            if await _hear(tx, event, now):
                self._has_planned = True
        await self._hear_answers(tx, news, now)

    async def _hear_answers(self, tx: Tx, news: Sequence[feed.Event], now: datetime) -> None:
        """Who answers a notice where it came from sees to its incident.

        All messages are looked at together: most are of people who are nobody's curator.
        """
        said = [answer for event in news if (answer := _said(event)) is not None]
        if not said:
            return
        for subject in await store_notices.answered(tx, said):
            await take_in(tx, subject, Acknowledged(), now)

    async def duty(self) -> None:
        """One turn of the loop."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            for case in await store.due_incidents(tx, now, _PAGE):
                await _decide(tx, case.subject, case, Tick(), now)
            for account, purse in await store.due_purses(tx, now, _PAGE):
                await _count(tx, account, purse, Tick(), now)
            await store_notices.drop_stale(tx, now)
        await self._follow()
        while await self._tell_next():
            pass
        await self._bell.wait(_LOOK_EVERY_SECONDS)

    # --- Telling -----------------------------------------------------------------------------

    async def _tell_next(self) -> bool:
        """Carry one due notice; whether there was one."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            notice = await store_notices.claim_due(tx, now, now + _CLAIMED_FOR)
            if notice is None:
                return False
            via = notice["via"]
            if via is None and notice["refused"] is None:
                via = await store_notices.choose_channel(
                    tx, notice["id"], notice["account_id"], notice["channel_id"], notice["phone"]
                )
        if via is None:
            await self._by_route(notice)
        else:
            await self._by_channel(notice, ChannelId(via))
        return True

    async def _by_channel(self, notice: Row, via: ChannelId) -> None:
        """The reference makes a repeat harmless: after a crash, or by a second node."""
        saying = Saying(
            account=AccountId(notice["account_id"]),
            channel=via,
            address=notice["phone"],
            text=with_answer(notice["text"], Kind(notice["kind"]), notice["language"]),
            client_ref=_ref(notice),
            author=AUTHOR,
            clears_unanswered=False,
        )
        try:
            accepted = await self._outbox.say(saying)
        except (ChannelRefuses, NotFound):
            async with self._database.single() as tx:
                await store_notices.release_channel(tx, notice["id"], self._clock.now())
        else:
            await self._note_sent(notice["id"], "whatsapp", accepted.message)

    async def _by_route(self, notice: Row) -> None:
        if notice["routes"] and await self._routes.carry(notice["routes"], notice["text"]):
            await self._note_sent(notice["id"], "route", None)
            return
        again_at = self._clock.now() + retry_after(notice["attempts"])
        refused = notice["refused"]
        error = f"{refused or 'no other channel is active'}, and no route took it"
        async with self._database.single() as tx:
            if refused is not None and not notice["routes"]:
                await store_notices.give_up(tx, notice["id"], error)
            else:
                await store_notices.note_not_sent(tx, notice["id"], error, again_at)

    async def _note_sent(self, notice: UUID, way: str, message: MessageId | None) -> None:
        async with self._database.single() as tx:
            await store_notices.note_sent(tx, notice, way, message, self._clock.now())

    async def _follow(self) -> None:
        """See what became of notices in the queues of channels: nobody else would miss them."""
        now = self._clock.now()
        async with self._database.single() as tx:
            notices = await store_notices.on_their_way(tx, now - _FOLLOWED_FOR, _PAGE)
        for notice in notices:
            is_stuck = not notice["works"] and notice["sent_at"] <= now - _STUCK_AFTER
            await self._follow_one(notice, now, is_stuck=is_stuck)

    async def _follow_one(self, notice: Row, now: datetime, *, is_stuck: bool) -> None:
        """What is stuck goes another way. Whether it was cancelled is read again, so a node that dies in
        between loses none."""
        account, message = AccountId(notice["account_id"]), MessageId(notice["message_id"])
        if is_stuck:
            await self._outbox.cancel(account, ChannelId(notice["via"]), [message])
        async with self._database.transaction() as tx:
            row = await store_reading.message(tx, account, message)
            status = MessageStatus.CANCELLED if row is None else MessageStatus(row["status"])
            if status is MessageStatus.FAILED and row is not None:
                why = f"WhatsApp did not take it: {row['error_text'] or row['error_code']}"
                await store_notices.note_refused(tx, notice["id"], message, why, now)
            elif is_stuck and status is MessageStatus.CANCELLED:
                await store_notices.take_back(tx, notice["id"], message, now)
            elif is_stuck or status >= MessageStatus.SENT:
                await store_notices.let_go(tx, notice["id"], message)


async def _hear(tx: Tx, event: feed.Event, now: datetime) -> bool:
    """Take in a fact; whether there is something to tell for it."""
    match event.fact():
        case StatusChanged() as fact if event.channel is not None:
            return await _hear_status(tx, event.account, event.channel, fact, now)
        case BalanceForecast() | BalanceExhausted() as fact:
            account, days = event.account, await people.warning_days(tx, event.account)
            purse = await store.lock_purse(tx, account)
            return await _count(tx, account, purse, _money(fact, days), now)
        case ConnectionTurned() | EndpointTurned() as fact:
            return await take_in(tx, *_of_integration(event.account, fact), now)
    return False


async def _hear_status(
    tx: Tx, account: AccountId, channel: ChannelId, fact: StatusChanged, now: datetime
) -> bool:
    delay = await people.notice_delay(tx, account)
    turned = Turned(fact.old, fact.new, fact.reason, fact.at, delay)
    planned = await take_in(tx, Subject(account=account, channel=channel), turned, now)
    hurried = fact.new == WORKS and await store_notices.hurry(tx, account, now)
    return planned or hurried


async def take_in(tx: Tx, subject: Subject, heard: Turned | Acknowledged, now: datetime) -> bool:
    """Let an incident hear something; whether there is something to tell."""
    case = await store.lock_incident(tx, subject.account, subject.id)
    return await _decide(tx, subject, case, heard, now)


async def _decide(
    tx: Tx,
    subject: Subject,
    case: Case | None,
    heard: Turned | Acknowledged | Tick,
    now: datetime,
) -> bool:
    incident, effects = decide(None if case is None else case.incident, heard, now)
    if case is None and incident is None:
        return False
    number = new_id() if case is None else case.id
    if incident is None:
        await store.close_incident(tx, subject)
    elif case != (kept := Case(number, subject, incident)):
        await store.save_incident(tx, kept)
    for told in effects:
        await plan_status(tx, subject, number, told, now)
    return bool(effects)


def _of_integration(
    account: AccountId, fact: ConnectionTurned | EndpointTurned
) -> tuple[Subject, Turned]:
    """What is connected, and how it has turned, in the words of the rules."""
    match fact:
        case ConnectionTurned(connection_id=integration):
            what = "crm"
        case EndpointTurned(endpoint_id=integration):
            what = "webhook"
    subject = Subject(account=account, integration=integration, name=fact.name)
    return subject, Turned(f"{what}.{fact.old}", f"{what}.{fact.new}", "", fact.at, LONG)


async def _count(
    tx: Tx, account: AccountId, purse: Purse, heard: Counted | RanOut | Tick, now: datetime
) -> bool:
    """Let a purse hear something; whether there is something to tell."""
    counted, effects = decide_balance(purse, heard, now)
    await store.save_purse(tx, account, counted)
    for told in effects:
        await plan_balance(tx, About(account), told, now)
    return bool(effects)


def _ref(notice: Row) -> str:
    """Another one for each turn: a channel may carry again what was once taken back from it."""
    turn = notice["turn"]
    return f"notice {notice['id']}" + (f" turn {turn}" if turn else "")


def _said(event: feed.Event) -> Said | None:
    fact = event.fact()
    if event.channel is None or not isinstance(fact, MessageReceived) or fact.echo:
        return None
    return Said(event.account, event.channel, fact.address, fact.at)


def _money(
    fact: BalanceForecast | BalanceExhausted, days_ahead: tuple[int, ...]
) -> Counted | RanOut:
    if isinstance(fact, BalanceExhausted):
        return RanOut(balance=fact.balance, currency=fact.currency, needed=fact.needed)
    return Counted(
        balance=fact.balance,
        currency=fact.currency,
        money_until=fact.money_until,
        daily=fact.daily,
        days_ahead=days_ahead,
    )
