"""Facts: what has happened, in the past tense. They are all that one slice may learn of another.

A fact is written into the feed in the transaction that made it true. Its fields are what followers
(webhooks, the browser's stream, CRM relays, curators) need, so that none of them must ask back.
"""

from datetime import datetime
from typing import ClassVar, Final, get_args

import msgspec

from houston.kernel.connected import ConnectionTurned, EndpointChanged, EndpointTurned
from houston.kernel.content import Content
from houston.kernel.ids import ChatId, KeyId, MessageId, PersonId, TemplateId
from houston.kernel.missed import MessageMissed, MessagesMissed
from houston.kernel.money import (
    BalanceChanged,
    BalanceExhausted,
    BalanceForecast,
    BalanceRestored,
    PlanChosen,
)


class ChannelAdded(msgspec.Struct, frozen=True, kw_only=True):
    """An account has a new channel."""

    kind: ClassVar[str] = "channel.added"
    name: str
    phone: str
    transport: str
    actor: str


class ChannelChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A channel was renamed or its pacing set."""

    kind: ClassVar[str] = "channel.changed"
    name: str
    pacing_per_minute: int | None
    actor: str


class StatusChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The word shown for a channel, or why it is shown, has changed (law S11)."""

    kind: ClassVar[str] = "channel.status"
    old: str
    new: str
    state: str | None
    reason: str
    actor: str
    at: datetime
    evidence_at: datetime | None


class QrRefreshed(msgspec.Struct, frozen=True, kw_only=True):
    """Another code can be scanned. The code itself is a secret and never in the feed."""

    kind: ClassVar[str] = "channel.qr"
    until: datetime
    number: int
    of: int


class CodeLinkChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A link to a channel's code was made, opened for the first time or withdrawn: `change` says which."""

    kind: ClassVar[str] = "channel.code_link"
    change: str
    expires_at: datetime
    actor: str


class CaughtUp(msgspec.Struct, frozen=True, kw_only=True):
    """What waited at WhatsApp was retrieved; fewer than expected is an alarm (law I2)."""

    kind: ClassVar[str] = "channel.caught_up"
    expected: int
    retrieved: int


class MessageAccepted(msgspec.Struct, frozen=True, kw_only=True):
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


class MessageReceived(msgspec.Struct, frozen=True, kw_only=True):
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


class ContentArrived(msgspec.Struct, frozen=True, kw_only=True):
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


class MessageMoved(msgspec.Struct, frozen=True, kw_only=True):
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


class MessageEdited(msgspec.Struct, frozen=True, kw_only=True):
    """A message has another text now, or (None) was taken back for everyone."""

    kind: ClassVar[str] = "message.edited"
    message_id: MessageId
    chat_id: ChatId
    address: str
    text: str | None
    old_text: str | None
    at: datetime
    by_us: bool


class MessageReacted(msgspec.Struct, frozen=True, kw_only=True):
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


class ReactionFailed(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked of the channel's emoji on a message (None: to take it off) certainly did not happen."""

    kind: ClassVar[str] = "message.reaction_failed"
    message_id: MessageId
    chat_id: ChatId
    address: str
    emoji: str | None
    error_code: str | None
    error_text: str | None
    at: datetime


class HoustonCalled(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote into a chat is told "Houston, scan the QR code" (law M4).

    Once per chat and occurrence; the message that called for it stays queued.
    """

    kind: ClassVar[str] = "houston.called"
    chat_id: ChatId
    address: str
    at: datetime


class ChatMerged(msgspec.Struct, frozen=True, kw_only=True):
    """Two chats turned out to be with one person: `merged_chat_id` is now part of `chat_id`."""

    kind: ClassVar[str] = "chat.merged"
    chat_id: ChatId
    merged_chat_id: ChatId
    address: str
    hidden: str
    at: datetime


class ChatMarked(msgspec.Struct, frozen=True, kw_only=True):
    """The counter of unanswered messages was set by hand."""

    kind: ClassVar[str] = "chat.marked"
    chat_id: ChatId
    unanswered: int
    actor: str


class ChannelCommanded(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody pressed a button of a channel, whether or not that changed anything."""

    kind: ClassVar[str] = "channel.commanded"
    command: str
    actor: str


class PersonChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody was invited, given other roles, reset or removed: `change` says which."""

    kind: ClassVar[str] = "person.changed"
    person_id: PersonId
    name: str
    change: str
    role: str | None
    actor: str


class PersonSignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody came in, with a password or an invitation."""

    kind: ClassVar[str] = "person.signed_in"
    person_id: PersonId
    address: str
    actor: str


class KeyChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An API key was made or revoked: `change` says which."""

    kind: ClassVar[str] = "key.changed"
    key_id: KeyId
    name: str
    change: str
    scopes: list[str]
    actor: str


class AccountChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An account has chosen who is told of what, and when. What was left as it was is None."""

    kind: ClassVar[str] = "account.changed"
    status_notices: str | None
    actor: str
    notice_delay_minutes: int | None = None
    warning_days: list[int] | None = None


class CustomerChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An account made another one for a customer of its own, or closed it: `change` says which."""

    kind: ClassVar[str] = "customer.changed"
    number: int
    name: str
    change: str
    actor: str


class TemplateChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is kept for whoever answers was added, changed or removed: `change` says which."""

    kind: ClassVar[str] = "template.changed"
    template_id: TemplateId
    name: str
    change: str
    actor: str


class ChatGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A chat has become somebody's own, or (None) nobody's."""

    kind: ClassVar[str] = "chat.given"
    chat_id: ChatId
    owner_id: PersonId | None
    actor: str


class ContactWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom the account's CRM does not know has written for the first time."""

    kind: ClassVar[str] = "crm.contact_wanted"
    name: str
    address: str
    responsible_user_id: str | None


class DealWanted(msgspec.Struct, frozen=True, kw_only=True):
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
    | MessageMissed
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
