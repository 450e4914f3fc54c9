"""The words of notices: what happened, since when, what to do. The wording lies in `texts/notice.*.json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from houston.channels.words import Texts as StatusTexts
from houston.curators.rules import TellBalance, TellStatus
from houston.kernel.words import Integrations


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The wording of notices in one language, by kind."""

    notices: Mapping[str, str]
    integrations: Mapping[str, Mapping[str, str]]
    """For what is connected: by what it is, then by kind."""
    answer: str
    """What an answer to a notice of an incident does."""
    days: str
    hours: str
    minutes: str


def status_words(
    told: TellStatus, name: str, phone: str, zone: tzinfo, texts: Texts, statuses: StatusTexts
) -> str:
    status, why = statuses.statuses[told.status], statuses.reasons[told.reason]
    return texts.notices[told.kind].format(
        name=name,
        phone=phone,
        title=status.title,
        meaning=why.meaning or status.meaning,
        todo=why.todo or status.todo,
        since=_when(told.since, zone),
        length=_length((told.until or told.since) - told.since, texts),
    )


def integration_words(
    told: TellStatus, name: str, zone: tzinfo, texts: Texts, integrations: Integrations
) -> str:
    what, _, state = told.status.partition(".")
    said = integrations.states[what][state]
    return texts.integrations[what][told.kind].format(
        name=name,
        title=said.title,
        meaning=said.meaning,
        todo=said.todo,
        since=_when(told.since, zone),
        length=_length((told.until or told.since) - told.since, texts),
    )


def balance_words(told: TellBalance, zone: tzinfo, texts: Texts) -> str:
    return texts.notices[told.kind].format(
        balance=_money(told.balance, told.currency),
        needed=_money(told.needed, told.currency),
        until="" if told.until is None else _when(told.until, zone),
    )


def _when(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _money(amount: int, currency: str) -> str:
    sign, cents = "-" if amount < 0 else "", abs(amount)
    return f"{sign}{cents // 100}.{cents % 100:02} {currency}"


def _length(span: timedelta, texts: Texts) -> str:
    """The two largest parts: nobody wants the seconds of a day."""
    minutes = max(1, round(span.total_seconds() / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, texts.days), (hours, texts.hours), (minutes, texts.minutes)]
    return " ".join(word.format(n=n) for n, word in [part for part in parts if part[0]][:2])
