"""What of the feed concerns a CRM, and when to try again. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from houston.crm.connector import (
    Ask,
    AskPerson,
    Carried,
    Change,
    GiveUp,
    Later,
    Mark,
    Notice,
    Outcome,
    React,
    Say,
    What,
)
from houston.kernel.content import Content, ContentState
from houston.kernel.facts import (
    ContentArrived,
    Fact,
    HoustonCalled,
    MessageAccepted,
    MessageEdited,
    MessageMoved,
    MessageReacted,
    MessageReceived,
)
from houston.kernel.ids import ChatId, ConnectionId
from houston.kernel.missed import MessageMissed

HEARS: Final = (
    MessageReceived,
    ContentArrived,
    MessageAccepted,
    MessageMoved,
    MessageEdited,
    MessageReacted,
    MessageMissed,
    HoustonCalled,
)
HOUSTON_TEXT: Final = "Houston, scan the QR code"
_MARKED: Final = frozenset({"sent", "delivered", "read", "failed", "cancelled", "uncertain"})
_PAUSES_SECONDS: Final = (1, 2, 5, 10, 20, 30, 60)
_ASKING_PAUSE: Final = timedelta(minutes=5)
_REFUSED: Final = "refused"
_WORRY: Final = "worry"


class State(StrEnum):
    """How a connection is, in one word."""

    OFF = "off"
    UNTRIED = "untried"
    WORKING = "working"
    UNREACHABLE = "unreachable"
    KEYS_REFUSED = "keys_refused"
    GONE = "gone"
    NOT_INSTALLED = "not_installed"


_ASKED: Final = {
    Ask.KEYS_REFUSED: State.KEYS_REFUSED,
    Ask.GONE: State.GONE,
    Ask.NOT_INSTALLED: State.NOT_INSTALLED,
}


def client_ref(connection: ConnectionId, theirs: str, part: int) -> str:
    """The reference under which an operator's message is queued: a repeat of it is harmless (law M6)."""
    return f"crm {connection} {theirs} {part}"


def is_of(connection: ConnectionId, ref: str | None) -> bool:
    return ref is not None and ref.startswith(f"crm {connection} ")


def what_of(fact: Fact, connection: ConnectionId) -> What | None:
    """What a connection's CRM has to be told of a fact. Never its own message: that would be an echo."""
    match fact:
        case MessageReceived(content=Content(state=ContentState.FETCHING)):
            return None  # Told as a whole when its file has come.
        case MessageReceived():
            return Say(
                message=fact.message_id,
                ours=fact.echo,
                name=fact.author_name,
                text=_with_fault(fact.text, fact.content),
                content_uri=fact.content_uri,
                retrieved=fact.retrieved,
                at=fact.at,
            )
        case ContentArrived():
            return Say(
                message=fact.message_id,
                ours=fact.echo,
                name=fact.author_name,
                text=_with_fault(fact.text, fact.content),
                content_uri=fact.content.uri,
                retrieved=False,
                at=fact.at,
            )
        case MessageAccepted() if not is_of(connection, fact.client_ref):
            return Say(
                message=fact.message_id,
                ours=True,
                name=None,
                text=fact.text,
                content_uri=fact.content_uri,
                retrieved=False,
                at=fact.at,
            )
        case MessageMoved() if fact.status in _MARKED:
            why = fact.error_text or fact.error_code
            return Mark(message=fact.message_id, status=fact.status, error=why, at=fact.at)
        case MessageEdited():
            return Change(
                message=fact.message_id, text=fact.text, old_text=fact.old_text, at=fact.at
            )
        case MessageReacted(by_us=False):
            return React(message=fact.message_id, emoji=fact.emoji)
        case HoustonCalled():
            return Notice(text=HOUSTON_TEXT, at=fact.at)
        case MessageMissed():
            return Notice(text=fact.text, at=fact.at)
        case _:
            return None


def _with_fault(text: str | None, content: Content | None) -> str | None:
    """A file that is lost for good leaves a line behind, so that nobody answers past it."""
    if content is None or content.state is not ContentState.LOST:
        return text
    what = content.name or content.kind.value
    return "\n".join(filter(None, [text, f"📎 {what}: it could not be retrieved"]))


def chat_of(fact: Fact) -> tuple[ChatId, str]:
    """The chat of a fact that concerns a CRM, and the number in it."""
    assert isinstance(fact, HEARS)
    return fact.chat_id, fact.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What an outcome means: for the errand, and for the connection."""

    open: bool
    error: str | None = None
    """In the CRM's own words."""
    fault: str | None = None
    """The same as a code that has words for people."""
    not_before: datetime | None = None
    state: State | None = None
    """None where the outcome says nothing about the connection."""
    retry_at: datetime | None = None
    """Until then nothing is tried at all."""


def settle(outcome: Outcome, *, attempts: int, fails: int, now: datetime) -> Settlement:
    """Failures of the whole connection lose no try of an errand: they wait until it works again."""
    match outcome:
        case Later(why=why, whole=True, seconds=seconds, fault=fault):
            until = now + _pause(seconds, fails)
            state = State.UNREACHABLE
            return Settlement(open=True, error=why, fault=fault, state=state, retry_at=until)
        case Later(why=why, seconds=seconds, fault=fault):
            until = now + _pause(seconds, attempts - 1)
            return Settlement(open=True, error=why, fault=fault, not_before=until)
        case AskPerson(ask, why):
            until, state = now + _ASKING_PAUSE, _ASKED[ask]
            return Settlement(open=True, error=why, fault=ask, state=state, retry_at=until)
        case GiveUp(why):
            return Settlement(open=False, error=why, fault=_REFUSED, state=State.WORKING)
        case Carried(worry=worry):
            beside = None if worry is None else _WORRY
            return Settlement(open=False, error=worry, fault=beside, state=State.WORKING)


def _pause(asked_seconds: float | None, fails: int) -> timedelta:
    own = _PAUSES_SECONDS[min(max(fails, 0), len(_PAUSES_SECONDS) - 1)]
    return timedelta(seconds=own if asked_seconds is None else max(asked_seconds, 1.0))
