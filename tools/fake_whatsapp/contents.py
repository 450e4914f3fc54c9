"""What is inside an envelope: WhatsApp's messages on one side, the words of the simulated world on the other.

Pure: it knows neither keys nor sockets.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from houston.transports import events
from houston.transports.transport import OutgoingKind
from tools.fake_whatsapp.addresses import by_number
from tools.fake_whatsapp.media import PARTS
from tools.fake_whatsapp.proto import words

_WRAPPERS: Final = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "documentWithCaptionMessage",
    "editedMessage",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A message of a companion, read."""

    kind: OutgoingKind = OutgoingKind.SAY
    text: str | None = None
    target: str | None = None
    target_is_ours: bool = True
    """Who sends this wrote the message that it is about."""
    quoted: str | None = None
    secret: str | None = None
    """The random bytes that official clients add, and that name a message whatever its id is."""
    media: tuple[str, Any] | None = None
    """The part that describes a file, and its name, as WhatsApp words it."""


def read(plain: bytes) -> Content:
    message = words.Message.FromString(plain)
    secret = message.messageContextInfo.messageSecret.hex() or None
    if message.HasField("deviceSentMessage"):
        message = message.deviceSentMessage.message
        secret = secret or message.messageContextInfo.messageSecret.hex() or None
    message = _unwrapped(message)
    if message.HasField("protocolMessage"):
        return _alteration(message.protocolMessage, secret)
    if message.HasField("reactionMessage"):
        said = message.reactionMessage
        emoji = said.text or None
        return Content(
            kind=OutgoingKind.REACT,
            target=said.key.id,
            target_is_ours=said.key.fromMe,
            text=emoji,
            secret=secret,
        )
    part = next((part for part in PARTS if message.HasField(part)), None)
    if part is not None:
        file = getattr(message, part)
        caption, quoted = getattr(file, "caption", "") or None, file.contextInfo.stanzaId or None
        return Content(text=caption, quoted=quoted, secret=secret, media=(part, file))
    quoted = message.extendedTextMessage.contextInfo.stanzaId or None
    return Content(text=_text(message), quoted=quoted, secret=secret)


def _alteration(said: Any, secret: str | None) -> Content:
    kinds = words.Message.ProtocolMessage.Type
    if said.type == kinds.REVOKE:
        return Content(kind=OutgoingKind.REVOKE, target=said.key.id, secret=secret)
    if said.type == kinds.MESSAGE_EDIT:
        text = _text(_unwrapped(said.editedMessage))
        return Content(kind=OutgoingKind.EDIT, target=said.key.id, text=text, secret=secret)
    return Content(secret=secret)


def _unwrapped(message: Any) -> Any:
    for wrapper in _WRAPPERS:
        if message.HasField(wrapper):
            return _unwrapped(getattr(message, wrapper).message)
    return message


def _text(message: Any) -> str | None:
    return message.conversation or message.extendedTextMessage.text or None


# --- The other way -------------------------------------------------------------------------------


def said(
    text: str | None,
    *,
    quoted: str | None = None,
    quoted_from: str = "",
    media: tuple[str, dict[str, Any]] | None = None,
) -> Any:
    """What a person says: a text, or a file with a text below it."""
    message = words.Message()
    if media is not None:
        kind, fields = media
        part = getattr(message, kind)
        part.MergeFrom(type(part)(**fields))
        if text is not None and "caption" in part.DESCRIPTOR.fields_by_name:
            part.caption = text
        if quoted is not None:
            _quote(part.contextInfo, quoted, quoted_from)
    elif quoted is not None:
        message.extendedTextMessage.text = text or ""
        _quote(message.extendedTextMessage.contextInfo, quoted, quoted_from)
    else:
        message.conversation = text or ""
    return message


def put_secret(message: Any, wire_id: str) -> None:
    """What official clients add to all that is said: random, but the same whenever it is sealed again."""
    message.messageContextInfo.messageSecret = secret_of(wire_id)


def secret_of(wire_id: str) -> bytes:
    return hashlib.sha256(b"secret of " + wire_id.encode()).digest()


def _quote(context: Any, quoted: str, quoted_from: str) -> None:
    context.stanzaId, context.participant = quoted, quoted_from
    context.quotedMessage.conversation = ""


def altered(event: events.Edited | events.Revoked, chat: str) -> Any:
    """A person gives a message another text, or takes it back."""
    message = words.Message()
    part = message.protocolMessage
    part.key.remoteJid, part.key.fromMe, part.key.id = chat, False, event.wire_id
    if isinstance(event, events.Revoked):
        part.type = words.Message.ProtocolMessage.Type.REVOKE
    else:
        part.type = words.Message.ProtocolMessage.Type.MESSAGE_EDIT
        part.editedMessage.conversation = event.text
        part.timestampMs = int(event.at.timestamp() * 1000)
    return message


def reacted(event: events.Reacted, chat: str) -> Any:
    """Somebody puts an emoji on a message, or takes it off; whose that is, its id tells."""
    message = words.Message()
    part = message.reactionMessage
    part.key.remoteJid, part.key.id = chat, event.wire_id
    part.text = event.emoji or ""
    part.senderTimestampMs = int(event.at.timestamp() * 1000)
    return message


def sent_by_device(message: Any, to: str) -> Any:
    """The copy that the phone gives its companions of what was typed on it."""
    copy = words.Message()
    copy.deviceSentMessage.destinationJid = by_number(to)
    copy.deviceSentMessage.message.CopyFrom(message)
    return copy


def seconds(at: datetime) -> str:
    return str(int(at.timestamp()))
