"""The seam between Houston and a CRM: what an operator wrote comes in, what happened goes out.

A connector translates and calls; it keeps nothing but what it asks a connection's memory to keep. The relay
stores, orders and repeats for it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, Protocol

from houston.crm.field import Field
from houston.kernel.ids import ChannelId, ChatId, ConnectionId, MessageId


class Memory(Protocol):
    """What a CRM gave for a connection and goes on changing, by name: tokens, its own ids of things.

    It is sealed, shared by all nodes, and on the disk before a call returns.
    """

    @property
    def known(self) -> Mapping[str, str]:
        """All of it, as it was when the connection was looked at, and what was kept since."""
        ...

    async def keep(self, name: str, value: str | None) -> None:
        """Remember it, or (None) forget it."""
        ...

    async def renew(
        self, name: str, make: "Callable[[str | None], Awaitable[str | Failure]]"
    ) -> "str | Failure":
        """Replace what is remembered by what is made of it, while nobody else may, on any node."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A CRM as a connector sees it: with its settings, the secret ones too."""

    id: ConnectionId
    channels: tuple[ChannelId, ...]
    settings: Mapping[str, str]
    hook_url: str
    """Where the CRM has to call: whole where the server knows under which address the world sees it."""
    memory: Memory


# --- From the CRM ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A call of the CRM, as it came. `headers` are in lower case."""

    headers: dict[str, str]
    path: str
    query: str
    body: bytes
    at: datetime


class Trust(StrEnum):
    """What the look of a hook says about its origin."""

    PROVEN = "proven"
    DOUBTFUL = "doubtful"
    """It may be genuine: stored, and confirmed by asking the CRM before anything comes of it."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a hook says of the connection itself. It is remembered before the CRM is answered."""

    remember: Mapping[str, str | None] = field(default_factory=dict)
    anew: bool = False
    """The CRM was connected anew, or cut off: look at it at once, and ask what was missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorWrote:
    """An operator wants something said to a client."""

    message: str
    """The CRM's id of it."""
    chat: str
    """The CRM's id of the chat."""
    address: str
    channel: ChannelId | None = None
    """None where a connection serves one channel."""
    contact: str = ""
    text: str | None = None
    files: tuple[str, ...] = ()
    author: str = ""
    quoted: str | None = None
    again: bool = False
    """Said of a message that may be known already: it counts only if the CRM confirms that it waits."""
    perhaps: MessageId | None = None
    """It looks like this message of Houston's own, come back. The first one that does is taken for it."""
    nowhere: str = ""
    """Why no channel speaks in the chat, if none does: nothing is sent, and the operator is told this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorChanged:
    """An operator gave a message another text, or (None) took it back."""

    change: str
    """The CRM's id of the change: a repeat of it is harmless."""
    message: str
    chat: str
    address: str
    channel: ChannelId | None = None
    text: str | None
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorReacted:
    """An operator put an emoji on a message of the chat, or (None) took it off."""

    message: str
    emoji: str | None
    author: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A hook that should have said something and did not; kept, and shown to people."""

    why: str


Heard = OperatorWrote | OperatorChanged | OperatorReacted | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedChannel:
    """One channel of a connection, as people know it."""

    id: ChannelId
    name: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a person in the CRM is shown there, in a frame. Nothing in it runs."""

    language: str
    title: str
    body: str
    """HTML; whatever came from outside is escaped."""
    framed_by: str
    """The one origin that may show it."""
    anew: bool = False
    """What was pressed may have mended the connection: look at it at once."""


# --- To the CRM --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A message that belongs into the CRM's chat: the client's, or one written elsewhere (`ours`)."""

    kind: ClassVar[str] = "say"
    message: MessageId
    ours: bool
    name: str | None
    text: str | None
    content_uri: str | None
    retrieved: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far an outgoing message has come."""

    kind: ClassVar[str] = "mark"
    message: MessageId
    status: str
    error: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A message has another text now, or (None) was taken back."""

    kind: ClassVar[str] = "change"
    message: MessageId
    text: str | None
    old_text: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class React:
    """The client put an emoji on a message, or (None) took it off. No text: nobody has to answer it."""

    kind: ClassVar[str] = "react"
    message: MessageId
    emoji: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """An operator's message was not taken, and why (law M1)."""

    kind: ClassVar[str] = "refuse"
    theirs: str
    reason: str
    code: str = ""
    """Stable, for connectors to which it makes a difference."""


NOWHERE: Final = "NO_CHANNEL_SPEAKS_HERE"
"""The code of a refusal in a chat that is no channel's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Houston's own words for the operator; they never leave the CRM (law M4)."""

    kind: ClassVar[str] = "notice"
    text: str
    at: datetime


What = Say | Mark | Change | React | Refuse | Notice
WHATS: Final[tuple[type[What], ...]] = (Say, Mark, Change, React, Refuse, Notice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Something the CRM has to be told, with the ids that it knows things by."""

    what: What
    chat: ChatId
    channel: ChannelId
    address: str
    their_chat: str | None
    their_contact: str
    their_message: str | None
    parts: tuple[MessageId, ...] = ()
    """All that the CRM's message has become here, in order: a text and each file are sent apart."""
    more: bool
    """Another message of the same chat comes after it: people need not be called for this one."""
    repeated: bool
    """It was tried before, and the CRM may have taken it."""


@dataclass(frozen=True, slots=True)
class KnownChat:
    """A chat that both sides know, for CRMs which tell what happened only chat by chat."""

    theirs: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The CRM has it. Ids that were learnt on the way are kept."""

    chat: str | None = None
    contact: str = ""
    message: str | None = None
    worry: str | None = None
    """Something beside it did not work, and a person should know."""


class Fault(StrEnum):
    """What is the matter when something has to be tried again; it has words in `texts/integration.*.json`."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    BROKEN = "broken"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Try again. `whole` means that nothing else will pass either, until then."""

    why: str
    whole: bool = True
    seconds: float | None = None
    """How long the CRM asked to be left alone."""
    fault: Fault = Fault.OTHER


class Ask(StrEnum):
    """What only a person can mend."""

    KEYS_REFUSED = "keys_refused"
    GONE = "gone"
    NOT_INSTALLED = "not_installed"


@dataclass(frozen=True, slots=True)
class AskPerson:
    """Nothing will pass until a person does something."""

    ask: Ask
    why: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The CRM will never take this one; the next may pass."""

    why: str


Failure = Later | AskPerson | GiveUp
Outcome = Carried | Failure


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a connection test has looked at; its name has words in `texts/integration.*.json`."""

    good: bool
    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    """What the words name. A `channel` is given by its id, and shown by its name."""


def phone_of(address: str) -> str | None:
    """The number as people write it; None where WhatsApp hides it, and for groups."""
    return f"+{address}" if address.isdigit() else None


CALL_SECONDS_MAX: Final = 15.0
"""No call may take longer: while one lasts, the connection waits."""


class Connector(Protocol):
    """A kind of CRM."""

    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def fields(self) -> Sequence[Field]: ...
    @property
    def channels_max(self) -> int: ...

    def verify(self, connection: Connection, hook: Hook) -> Trust:
        """Whether a hook comes from this CRM. Nothing else: the CRM waits for its answer."""
        ...

    def note(self, connection: Connection, hook: Hook) -> Note | None:
        """What a hook that was not refused says of the connection itself."""
        ...

    def reply(self, connection: Connection, hook: Hook) -> Mapping[str, str]:
        """What a CRM wants to hear back at once. It must follow from the hook alone."""
        ...

    def read(self, connection: Connection, hook: Hook) -> Sequence[Heard]:
        """What a stored hook says; nothing for what does not concern Houston."""
        ...

    async def page(
        self, connection: Connection, hook: Hook, channels: Sequence[NamedChannel]
    ) -> Page | None:
        """What the CRM shows people in a frame, and what comes of a press there; None if it shows nothing."""
        ...

    async def confirm(self, connection: Connection, wrote: OperatorWrote) -> bool | Failure:
        """Whether the CRM knows such a message and waits for it to be sent."""
        ...

    async def carry(self, connection: Connection, errand: Errand) -> Outcome:
        """Tell the CRM one thing. A repeated errand must not be seen twice."""
        ...

    async def missed(
        self, connection: Connection, since: datetime, chats: Sequence[KnownChat]
    ) -> Sequence[OperatorWrote] | Failure:
        """What operators wrote since then, known or not, each chat in its order.

        Asked when a node begins and after every outage, so that it also makes sure that the CRM calls us.
        """
        ...

    async def test(self, connection: Connection) -> Sequence[Finding]:
        """Try everything that has to work, without changing anything."""
        ...

    async def close(self) -> None: ...
