"""Turns what was decided into notices: for whom, in which words, and from when on they may be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from houston.channels.store import Channel
from houston.channels.texts import status_texts
from houston.curators import store, store_notices
from houston.curators.rules import OF_INCIDENTS, Kind, TellBalance, TellStatus, Want, due_at
from houston.curators.store import Curator, Subject
from houston.curators.store_notices import Notice
from houston.curators.texts import notice_texts
from houston.curators.words import Texts, balance_words, integration_words, status_words
from houston.kernel.db import Tx
from houston.kernel.ids import AccountId, ChannelId, new_id
from houston.kernel.texts import integration_texts
from houston.kernel.words import nearest


@dataclass(frozen=True, slots=True)
class About:
    """What a notice concerns."""

    account: AccountId
    channel: ChannelId | None = None
    incident: UUID | None = None


async def plan_status(
    tx: Tx, subject: Subject, incident: UUID, told: TellStatus, now: datetime
) -> None:
    """Write the notices of an incident for all whom it concerns."""
    people = [one for one in await store.of_account(tx, subject.account) if _sees(one, subject)]
    if told.kind is Kind.WORKING:
        knowing = await store_notices.told_of(tx, incident)
        people = [one for one in people if one.id in knowing]
    texts = await _worded(tx, subject, told, people)
    about = About(subject.account, subject.channel, incident)
    await _plan(tx, about, told.kind, people, texts, now)


async def _worded(
    tx: Tx, subject: Subject, told: TellStatus, people: Sequence[Curator]
) -> dict[UUID, str]:
    """The notice for each, in their language and by their clock."""
    if subject.channel is None:
        return {
            one.id: integration_words(
                told,
                subject.name,
                one.zone,
                _texts(one),
                nearest(one.language, integration_texts()),
            )
            for one in people
        }
    name, phone = await store.named(tx, subject.channel)
    return {
        one.id: status_words(
            told, name, phone, one.zone, _texts(one), nearest(one.language, status_texts())
        )
        for one in people
    }


async def plan_balance(tx: Tx, about: About, told: TellBalance, now: datetime) -> None:
    people = [one for one in await store.of_account(tx, about.account) if Want.BALANCE in one.wants]
    texts = {one.id: balance_words(told, one.zone, _texts(one)) for one in people}
    await _plan(tx, about, told.kind, people, texts, now)


async def plan_test(tx: Tx, curator: Curator, now: datetime) -> UUID:
    """A test is sent at once, quiet hours or not: whoever asks for it sits and waits."""
    notice = _notice(
        About(curator.account), Kind.TEST, curator, _texts(curator).notices["test"], now
    )
    await store_notices.add_notices(tx, [notice], now)
    return notice.id


def with_answer(text: str, kind: Kind, language: str) -> str:
    """What is told where it can be answered says what an answer does."""
    answer = nearest(language, notice_texts()).answer
    return f"{text}\n{answer}" if kind in OF_INCIDENTS else text


async def count_told(tx: Tx, channels: Sequence[Channel]) -> dict[UUID, int]:
    """How many people are told when each channel stops; those with nobody are left out."""
    rows = await store.count_told(tx, [one.id for one in channels])
    return {row["id"]: row["people"] for row in rows}


async def _plan(
    tx: Tx,
    about: About,
    kind: Kind,
    people: list[Curator],
    texts: Mapping[UUID, str],
    now: datetime,
) -> None:
    notices = [_notice(about, kind, one, texts[one.id], _when(one, kind, now)) for one in people]
    await store_notices.add_notices(tx, notices, now)


def _notice(about: About, kind: Kind, curator: Curator, text: str, due: datetime) -> Notice:
    return Notice(
        id=new_id(),
        account=about.account,
        curator=curator.id,
        channel=about.channel,
        incident=about.incident,
        kind=kind,
        text=text,
        due_at=due,
    )


def _when(curator: Curator, kind: Kind, now: datetime) -> datetime:
    """Who is asked only if nobody else acknowledges is told later, but hears of the end at once."""
    waits = timedelta(minutes=curator.after_minutes if kind is Kind.STOPPED else 0)
    return due_at(now + waits, curator.zone, curator.quiet_from, curator.quiet_until)


def _sees(curator: Curator, subject: Subject) -> bool:
    """What is connected serves the account as a whole, so a curator's list of channels says nothing of it."""
    if subject.channel is None:
        return Want.INTEGRATIONS in curator.wants
    listed = curator.channels is None or subject.channel in curator.channels
    return listed and Want.STATUSES in curator.wants


def _texts(curator: Curator) -> Texts:
    return nearest(curator.language, notice_texts())
