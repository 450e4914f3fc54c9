"""Facts: what has happened, in the past tense. They are all that one slice may learn of another.

A fact is written into the feed in the transaction that made it true. Its fields are what followers
(webhooks, the browser's stream, CRM relays, curators) need, so that none of them must ask back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, get_args

from houston.kernel.connected import ConnectionTurned, EndpointChanged, EndpointTurned
from houston.kernel.content import Content
from houston.kernel.ids import ChatId, KeyId, MessageId, PersonId, TemplateId
from houston.kernel.money import (
    BalanceChanged,
    BalanceExhausted,
    BalanceForecast,
    BalanceRestored,
    PlanChosen,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAdded:
    """An account has a new channel."""

    kind: ClassVar[str] = "channel.added"
    name: str
    phone: str
    transport: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanged:
    """A channel was renamed or its pacing set."""

    kind: ClassVar[str] = "channel.changed"
    name: str
    pacing_per_minute: int | None
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """The word shown for a channel, or why it is shown, has changed (law S11)."""

    kind: ClassVar[str] = "channel.status"
    old: str
    new: str
    state: str | None
    reason: str
    actor: str
    at: datetime
    evidence_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QrRefreshed:
    """Another code can be scanned. The code itself is a secret and never in the feed."""

    kind: ClassVar[str] = "channel.qr"
    until: datetime
    number: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLinkChanged:
    """A link to a channel's code was made, opened for the first time or withdrawn: `change` says which."""

    kind: ClassVar[str] = "channel.code_link"
    change: str
    expires_at: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """What waited at WhatsApp was retrieved; fewer than expected is an alarm (law I2)."""

    kind: ClassVar[str] = "channel.caught_up"
    expected: int
    retrieved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesMissed:
    """Messages of this stretch of time may be missing, and nobody can fetch them."""

    kind: ClassVar[str] = "channel.missed"
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAccepted:
    """An outgoing message is stored and will be sent; the sender has been promised so."""

    kind: ClassVar[str] = "message.accepted"
    message_id: MessageId
    chat_id: ChatId
    address: str
    text: str | None
    content_uri: str | None
    author: str
    client_ref: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived:
    """A message of the other side, or one typed on the phone (`echo`), is stored; it may quote another."""

    kind: ClassVar[str] = "message.received"
    message_id: MessageId
    chat_id: ChatId
    address: str
    author: str
    author_name: str | None
    text: str | None
    content_uri: str | None
    quoted_wire_id: str | None
    echo: bool
    retrieved: bool
    at: datetime
    content: Content | None = None
    quoted_message_id: MessageId | None = None
    quoted_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentArrived:
    """What came with an earlier message has been fetched, or (its state says so) is lost for good."""

    kind: ClassVar[str] = "message.content"
    message_id: MessageId
    chat_id: ChatId
    address: str
    author: str
    author_name: str | None
    text: str | None
    content: Content
    echo: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageMoved:
    """An outgoing message has come further: sent, delivered, read, failed, uncertain, cancelled."""

    kind: ClassVar[str] = "message.status"
    message_id: MessageId
    chat_id: ChatId
    address: str
    status: str
    at: datetime
    error_code: str | None = None
    error_text: str | None = None
    client_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited:
    """A message has another text now, or (None) was taken back for everyone."""

    kind: ClassVar[str] = "message.edited"
    message_id: MessageId
    chat_id: ChatId
    address: str
    text: str | None
    old_text: str | None
    at: datetime
    by_us: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReacted:
    """Somebody put an emoji on a message, in place of their earlier one, or (None) took it off.

    `author` is their address; it is empty when the channel did it (`by_us`), here or on its phone.
    """

    kind: ClassVar[str] = "message.reaction"
    message_id: MessageId
    chat_id: ChatId
    address: str
    emoji: str | None
    old_emoji: str | None
    author: str
    author_name: str | None
    by_us: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionFailed:
    """What was asked of the channel's emoji on a message (None: to take it off) certainly did not happen."""

    kind: ClassVar[str] = "message.reaction_failed"
    message_id: MessageId
    chat_id: ChatId
    address: str
    emoji: str | None
    error_code: str | None
    error_text: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoustonCalled:
    """Who wrote into a chat is told "Houston, scan the QR code" (law M4).

    Once per chat and occurrence; the message that called for it stays queued.
    """

    kind: ClassVar[str] = "houston.called"
    chat_id: ChatId
    address: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMerged:
    """Two chats turned out to be with one person: `merged_chat_id` is now part of `chat_id`."""

    kind: ClassVar[str] = "chat.merged"
    chat_id: ChatId
    merged_chat_id: ChatId
    address: str
    hidden: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMarked:
    """The counter of unanswered messages was set by hand."""

    kind: ClassVar[str] = "chat.marked"
    chat_id: ChatId
    unanswered: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCommanded:
    """Somebody pressed a button of a channel, whether or not that changed anything."""

    kind: ClassVar[str] = "channel.commanded"
    command: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged:
    """Somebody was invited, given other roles, reset or removed: `change` says which."""

    kind: ClassVar[str] = "person.changed"
    person_id: PersonId
    name: str
    change: str
    role: str | None
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSignedIn:
    """Somebody came in, with a password or an invitation."""

    kind: ClassVar[str] = "person.signed_in"
    person_id: PersonId
    address: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChanged:
    """An API key was made or revoked: `change` says which."""

    kind: ClassVar[str] = "key.changed"
    key_id: KeyId
    name: str
    change: str
    scopes: list[str]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged:
    """An account has chosen who is told of what, and when. What was left as it was is None."""

    kind: ClassVar[str] = "account.changed"
    status_notices: str | None
    actor: str
    notice_delay_minutes: int | None = None
    warning_days: list[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged:
    """An account made another one for a customer of its own, or closed it: `change` says which."""

    kind: ClassVar[str] = "customer.changed"
    number: int
    name: str
    change: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChanged:
    """A text that is kept for whoever answers was added, changed or removed: `change` says which."""

    kind: ClassVar[str] = "template.changed"
    template_id: TemplateId
    name: str
    change: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatGiven:
    """A chat has become somebody's own, or (None) nobody's."""

    kind: ClassVar[str] = "chat.given"
    chat_id: ChatId
    owner_id: PersonId | None
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWanted:
    """Somebody whom the account's CRM does not know has written for the first time."""

    kind: ClassVar[str] = "crm.contact_wanted"
    name: str
    address: str
    responsible_user_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealWanted:
    """Contacts of the CRM have written, and no deal with them is open."""

    kind: ClassVar[str] = "crm.deal_wanted"
    contacts: list[str]
    responsible_user_id: str


Fact = (
    ChannelAdded
    | ChannelChanged
    | StatusChanged
    | QrRefreshed
    | CodeLinkChanged
    | CaughtUp
    | MessagesMissed
    | MessageAccepted
    | MessageReceived
    | ContentArrived
    | MessageMoved
    | MessageEdited
    | MessageReacted
    | ReactionFailed
    | HoustonCalled
    | ChatMerged
    | ChatMarked
    | ChannelCommanded
    | PersonChanged
    | PersonSignedIn
    | KeyChanged
    | AccountChanged
    | CustomerChanged
    | TemplateChanged
    | EndpointChanged
    | EndpointTurned
    | ConnectionTurned
    | ChatGiven
    | ContactWanted
    | DealWanted
    | BalanceChanged
    | PlanChosen
    | BalanceExhausted
    | BalanceRestored
    | BalanceForecast
)

FACTS: tuple[type[Fact], ...] = get_args(Fact)
KINDS: Final = tuple(sorted({fact.kind for fact in FACTS} - {EndpointTurned.kind}))
"""What webhooks may be told."""
