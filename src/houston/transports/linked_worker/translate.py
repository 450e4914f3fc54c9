"""The library's messages, turned into Houston's words and back. Knows both languages and no state."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final

from houston.kernel.content import Content
from houston.transports import events
from houston.transports.linked_worker import media, rules
from houston.transports.linked_worker.cards import card_text
from houston.transports.linked_worker.library import import_messages
from houston.transports.linked_worker.media import PEOPLE, Announced, Described
from houston.transports.transport import Outgoing, OutgoingKind, SendResult, Sent

_HIDDEN: Final = "lid"
_GROUPS: Final = "g.us"


class Kind(IntEnum):
    """The library's numbers for the events that are asked for."""

    PAIR_STATUS = 2
    CONNECTED = 3
    KEEP_ALIVE_TIMEOUT = 4
    KEEP_ALIVE_RESTORED = 5
    LOGGED_OUT = 6
    STREAM_REPLACED = 7
    TEMPORARY_BAN = 8
    CONNECT_FAILURE = 9
    CLIENT_OUTDATED = 10
    STREAM_ERROR = 11
    DISCONNECTED = 12
    MESSAGE = 17
    RECEIPT = 18
    BACKLOG_PREVIEW = 26
    BACKLOG_COMPLETED = 27


KEPT: Final = frozenset({Kind.MESSAGE, Kind.RECEIPT})
"""What the library has told WhatsApp to forget by the time it is heard."""
_PAIRED_WELL: Final = 2
_RECEIPTS: Final = {
    1: events.ReceiptKind.DELIVERED,
    2: events.ReceiptKind.SENT,
    4: events.ReceiptKind.READ,
    6: events.ReceiptKind.READ,
}
_BY_PHONE: Final = 2


@dataclass(frozen=True, slots=True)
class PhoneLinked:
    """A phone has scanned; the library now connects with the new keys."""

    phone: str


@dataclass(frozen=True, slots=True)
class LinkRestored:
    """WhatsApp answers again."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A receipt: what it says to Houston, and of which messages it proves that they left."""

    receipt: events.Receipt | None
    wire_ids: tuple[str, ...]
    at: datetime
    by_phone: bool


LinkWord = events.Event | PhoneLinked | LinkRestored


class Translator:
    """Speaks the language of one version of the library."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._own, self._whatsapp, self._registration = import_messages()

    def properties(self) -> bytes:
        """How the device is called on the phone's list of linked devices."""
        kind = self._registration.DeviceProps
        found: bytes = kind(os="Houston", platformType=kind.CHROME).SerializeToString()
        return found

    # --- The link --------------------------------------------------------------------------

    def link_word(  # noqa: C901 - a flat table
        self, code: int, body: bytes, now: datetime
    ) -> LinkWord | None:
        """What an event of the link means."""
        own = self._own
        match code:
            case Kind.PAIR_STATUS:
                status = own.PairStatus.FromString(body)
                well = status.Status == _PAIRED_WELL
                return PhoneLinked(status.ID.User) if well else events.PairingFailed("refused")
            case Kind.CONNECTED:
                return events.Online()
            case Kind.KEEP_ALIVE_TIMEOUT:
                quiet = own.KeepAliveTimeout.FromString(body)
                return (
                    events.Offline("no_answer") if quiet.ErrorCount > 1 else events.LinkQuiet(now)
                )
            case Kind.KEEP_ALIVE_RESTORED:
                return LinkRestored()
            case Kind.LOGGED_OUT:
                out = own.LoggedOut.FromString(body)
                return rules.logged_out(out.Reason, on_connect=out.OnConnect)
            case Kind.STREAM_REPLACED:
                return events.Replaced()
            case Kind.TEMPORARY_BAN:
                ban = own.TemporaryBan.FromString(body)
                return rules.banned(ban.Code, ban.Expire, now)
            case Kind.CONNECT_FAILURE:
                failure = own.ConnectFailure.FromString(body)
                return events.Faulted(f"refused_{_raw_reason(failure)}", "")
            case Kind.CLIENT_OUTDATED:
                return events.Outdated(self._version)
            case Kind.STREAM_ERROR:
                return events.Faulted(f"stream_{own.StreamError.FromString(body).Code}", "")
            case Kind.DISCONNECTED:
                return events.Offline("network")
            case Kind.BACKLOG_PREVIEW:
                return events.BacklogBegan(self.announced_backlog(body))
            case Kind.BACKLOG_COMPLETED:
                return events.BacklogEnded()
        return None

    def announced_backlog(self, body: bytes) -> int:
        """How many messages wait; reactions and changes of other messages are among them."""
        return int(self._own.OfflineSyncPreview.FromString(body).Message)

    # --- What comes in ---------------------------------------------------------------------

    def noted(self, body: bytes) -> tuple[str, bool]:
        """The id of whatever came, and whether the phone announces with it what was said before."""
        heard = self._own.Message.FromString(body)
        protocol = heard.Message.protocolMessage
        return str(heard.Info.ID), bool(protocol.HasField("historySyncNotification"))

    def message(
        self, body: bytes, phone_of: Callable[[str], str | None], *, retrieved: bool
    ) -> events.MessageEvent | None:
        """A message of somebody; None is for what is no message to people, such as a status post."""
        heard = self._own.Message.FromString(body)
        source, content = heard.Info.MessageSource, heard.Message
        if source.Chat.Server not in (PEOPLE, _HIDDEN, _GROUPS):
            return None
        alternative = source.RecipientAlt if source.IsFromMe else source.SenderAlt
        chat = _address(source.Chat, alternative, phone_of)
        hidden = _hidden(source.Chat, alternative, chat)
        author = "" if source.IsFromMe else _address(source.Sender, source.SenderAlt, phone_of)
        at, protocol = _moment(heard.Info.Timestamp), content.protocolMessage
        if content.HasField("protocolMessage"):
            return _change(protocol, chat, author, at)
        if content.HasField("reactionMessage"):
            name = None if source.IsFromMe else heard.Info.Pushname or None
            return _reaction(content.reactionMessage, chat, author, name, at)
        text, quoted, brought = _text(content), _quoted(content), media.content_of(content)
        if text is None and brought is None:
            return None
        if source.IsFromMe:
            return events.Echoed(
                wire_id=heard.Info.ID,
                chat=chat,
                text=text,
                content=brought,
                sent_at=at,
                hidden=hidden,
                retrieved=retrieved,
            )
        return events.Incoming(
            wire_id=heard.Info.ID,
            chat=chat,
            author=author,
            author_name=heard.Info.Pushname or None,
            text=text,
            content=brought,
            quoted_wire_id=quoted,
            sent_at=at,
            hidden=hidden,
            retrieved=retrieved,
        )

    def announced(self, body: bytes) -> Announced | None:
        """The file of a message, for the library to download; None when it has none."""
        return media.announced(self._own.Message.FromString(body).Message)

    def downloaded(self, answer: bytes) -> bytes | str:
        """The file, or the library's words for why not."""
        found = self._own.DownloadReturnFunction.FromString(answer)
        return str(found.Error) if found.Error else bytes(found.Binary)

    def proof(self, body: bytes, phone_of: Callable[[str], str | None]) -> Proof:
        """A receipt. Only those about our own messages prove anything."""
        heard = self._own.Receipt.FromString(body)
        at, ids = _moment(heard.Timestamp), tuple(heard.MessageIDs)
        kind = _RECEIPTS.get(heard.Type)
        if kind is None:
            return Proof(None, (), at, by_phone=False)
        source = heard.MessageSource
        chat = _address(source.Chat, source.RecipientAlt, phone_of)
        receipt = events.Receipt(wire_ids=ids, chat=chat, kind=kind, at=at)
        return Proof(receipt, ids, at, by_phone=heard.Type == _BY_PHONE)

    # --- What goes out ---------------------------------------------------------------------

    def address(self, chat: str) -> bytes:
        user, _, server = chat.partition("@")
        found: bytes = self._jid(user, server or PEOPLE).SerializeToString()
        return found

    def uploaded(self, answer: bytes, content: Content) -> Described | str:
        """The file as it lies at WhatsApp's hosts, or the library's words for why not."""
        found = self._own.UploadReturnFunction.FromString(answer)
        return str(found.Error) if found.Error else Described(content, found.UploadResponse)

    def outgoing(
        self, message: Outgoing, secret: bytes, now: datetime, file: Described | None = None
    ) -> bytes:
        """A message as WhatsApp takes it, with the secret by which its id is found again."""
        content = self._whatsapp.Message()
        match message.kind:
            case OutgoingKind.SAY if file is not None:
                media.describe(content, message, file, now)
            case OutgoingKind.SAY:
                self._say(content, message)
            case OutgoingKind.EDIT | OutgoingKind.REVOKE:
                self._alter(content, message, now)
            case OutgoingKind.REACT:
                _react(content.reactionMessage, message, now)
        content.messageContextInfo.messageSecret = secret
        found: bytes = content.SerializeToString()
        return found

    def _say(self, content: Any, message: Outgoing) -> None:
        if message.quoted_wire_id is None:
            content.conversation = message.text or ""
            return
        content.extendedTextMessage.text = message.text or ""
        media.quote(content.extendedTextMessage.contextInfo, message)

    def _alter(self, content: Any, message: Outgoing, now: datetime) -> None:
        editing = message.kind is OutgoingKind.EDIT
        holder = content.editedMessage.message if editing else content
        protocol = holder.protocolMessage
        protocol.key.fromMe = True
        protocol.key.ID = message.target_wire_id or ""
        protocol.key.remoteJID = media.written(message.chat)
        protocol.type = protocol.MESSAGE_EDIT if editing else protocol.REVOKE
        if editing:
            protocol.editedMessage.conversation = message.text or ""
            protocol.timestampMS = int(now.timestamp() * 1000)

    def sent(self, answer: bytes, now: datetime) -> SendResult:
        """What the library answered to a send."""
        found = self._own.SendMessageReturnFunction.FromString(answer)
        if found.Error:
            return rules.send_failure(found.Error, now)
        response = found.SendResponse
        return Sent(response.ID, _moment(response.Timestamp))

    # --- Small questions -------------------------------------------------------------------

    def pairing_wish(self, phone: str) -> bytes:
        wish = self._own.PairPhoneParams(
            phone=phone,
            clientDisplayName="Chrome (Linux)",
            clientType=1,
            showPushNotification=True,
        )
        found: bytes = wish.SerializeToString()
        return found

    def pairing_code(self, answer: bytes) -> str | None:
        """The code to type, or None when WhatsApp gave none."""
        found = self._own.PairPhoneReturnFunction.FromString(answer)
        return None if found.Error else str(found.Code)

    def was_answered(self, answer: bytes) -> bool:
        """WhatsApp said something, though it may have refused."""
        error = self._own.GetBlocklistReturnFunction.FromString(answer).Error
        return not any(word in error for word in ("websocket", "timed out", "deadline"))

    def _jid(self, user: str, server: str) -> Any:
        return self._own.JID(
            User=user, RawAgent=0, Device=0, Integrator=0, Server=server, IsEmpty=False
        )


def written_address(address: str, phone_of: Callable[[str], str | None]) -> str | None:
    """An address as the library's store writes it, in our words; None when it is no person's and no group's."""
    user, _, host = address.partition("@")
    user = user.partition(":")[0]
    if host == PEOPLE:
        return user
    if host == _HIDDEN:
        return phone_of(user) or f"{user}@{host}"
    return f"{user}@{host}" if host == _GROUPS else None


# --- Pieces ------------------------------------------------------------------------------------


def _address(jid: Any, alternative: Any, phone_of: Callable[[str], str | None]) -> str:
    """The phone number if it can be known: a person has a hidden address besides it."""
    if jid.Server == PEOPLE:
        return str(jid.User)
    if jid.Server == _HIDDEN:
        known = alternative.User if alternative.Server == PEOPLE else phone_of(jid.User)
        if known:
            return str(known)
    return f"{jid.User}@{jid.Server}"


def _hidden(jid: Any, alternative: Any, address: str) -> str | None:
    """The hidden address of a person whose number is known."""
    if "@" in address:
        return None
    found = next((one for one in (jid, alternative) if one.Server == _HIDDEN), None)
    return None if found is None else f"{found.User}@{_HIDDEN}"


def _change(protocol: Any, chat: str, author: str, at: datetime) -> events.MessageEvent | None:
    target = protocol.key.ID
    if protocol.type == protocol.REVOKE:
        return events.Revoked(wire_id=target, chat=chat, author=author, at=at)
    if protocol.type == protocol.MESSAGE_EDIT:
        text = _text(protocol.editedMessage) or ""
        return events.Edited(wire_id=target, chat=chat, author=author, text=text, at=at)
    return None


def _reaction(
    said: Any, chat: str, author: str, name: str | None, at: datetime
) -> events.MessageEvent:
    """WhatsApp says with an empty text that somebody took theirs off."""
    return events.Reacted(
        wire_id=said.key.ID,
        chat=chat,
        author=author,
        author_name=name,
        emoji=said.text or None,
        at=at,
    )


def _react(said: Any, message: Outgoing, now: datetime) -> None:
    said.key.remoteJID = media.written(message.chat)
    said.key.fromMe = not message.target_author
    said.key.ID = message.target_wire_id or ""
    if message.target_author not in ("", message.chat):
        said.key.participant = media.written(message.target_author)  # In a talk of many.
    said.text = message.text or ""
    said.senderTimestampMS = int(now.timestamp() * 1000)


def _text(content: Any) -> str | None:
    """The words of a message, below its file, or of a place or a contact."""
    content = media.unwrapped(content)
    if content.conversation:
        return str(content.conversation)
    if content.HasField("extendedTextMessage"):
        return str(content.extendedTextMessage.text)
    part = media.part_of(content)
    if part is not None:
        return getattr(getattr(content, part), "caption", "") or None
    return card_text(content)


def _quoted(content: Any) -> str | None:
    content = media.unwrapped(content)
    part = media.part_of(content) or "extendedTextMessage"
    if not content.HasField(part):
        return None
    return getattr(content, part).contextInfo.stanzaID or None


def _moment(stamp: int) -> datetime:
    """The library counts in seconds in some places and in thousandths in others."""
    seconds = stamp / 1000 if stamp > 100_000_000_000 else stamp
    return datetime.fromtimestamp(seconds, UTC)


def _raw_reason(failure: Any) -> str:
    for attribute in failure.Raw.Attrs:
        if attribute.name == "reason":
            value = getattr(attribute, attribute.WhichOneof("Value") or "text", "")
            return str(value)
    return str(failure.Reason)
