"""Files in the library's messages: how they are told of, both ways. Pure; it never sees what lies in them."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from houston.kernel.content import ANYTHING, Content, ContentKind, ContentState
from houston.transports.transport import Outgoing

PEOPLE: Final = "s.whatsapp.net"
_PARTS: Final = {
    "imageMessage": ContentKind.IMAGE,
    "videoMessage": ContentKind.VIDEO,
    "audioMessage": ContentKind.AUDIO,
    "documentMessage": ContentKind.DOCUMENT,
    "stickerMessage": ContentKind.IMAGE,
}
"""The parts of a message that describe a file."""
NUMBERS: Final = {
    ContentKind.IMAGE: 0,
    ContentKind.VIDEO: 1,
    ContentKind.AUDIO: 2,
    ContentKind.DOCUMENT: 3,
}
"""The library's numbers for what is uploaded."""
_VOICE: Final = "audio/ogg"
_MIME: Final = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")


@dataclass(frozen=True, slots=True)
class Described:
    """A file at WhatsApp's hosts, as a message tells of it; it holds the file's key."""

    content: Content
    upload: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Announced:
    """A message with a file that is to be downloaded."""

    message: bytes = field(repr=False)
    size: int


# --- Told to us ---------------------------------------------------------------------------------


def unwrapped(content: Any) -> Any:
    """The message itself: a document with words below it comes in a wrapper."""
    if content.HasField("documentWithCaptionMessage"):
        return content.documentWithCaptionMessage.message
    return content


def part_of(content: Any) -> str | None:
    """Which part of an unwrapped message describes its file."""
    return next((part for part in _PARTS if content.HasField(part)), None)


def content_of(content: Any) -> Content | None:
    """What comes along, as far as the message itself tells: the file is still at WhatsApp's hosts."""
    content = unwrapped(content)
    name = part_of(content)
    if name is None:
        return None
    part = getattr(content, name)
    mime = str(part.mimetype).partition(";")[0].strip().lower()
    return Content(
        kind=_PARTS[name],
        mime=mime if _MIME.fullmatch(mime) else ANYTHING,
        name=getattr(part, "fileName", "") or getattr(part, "title", "") or None,
        bytes=part.fileLength,
        state=ContentState.FETCHING,
    )


def announced(content: Any) -> Announced | None:
    """The file of a message, as the library wants to be asked for it."""
    content = unwrapped(content)
    name = part_of(content)
    if name is None:
        return None
    return Announced(content.SerializeToString(), getattr(content, name).fileLength)


# --- Told by us ---------------------------------------------------------------------------------


def describe(content: Any, message: Outgoing, file: Described, now: datetime) -> None:
    """A voice message is a sound of the kind that phones record."""
    brought, upload = file.content, file.upload
    name = next(name for name, kind in _PARTS.items() if kind is brought.kind)
    part = getattr(content, name)
    part.URL, part.directPath = upload.url, upload.DirectPath
    part.mediaKey, part.mediaKeyTimestamp = upload.MediaKey, int(now.timestamp())
    part.fileSHA256, part.fileEncSHA256 = upload.FileSHA256, upload.FileEncSHA256
    part.fileLength, part.mimetype = upload.FileLength, brought.mime
    if brought.kind is ContentKind.AUDIO and brought.mime == _VOICE:
        part.PTT, part.mimetype = True, f"{_VOICE}; codecs=opus"
    if brought.kind is ContentKind.DOCUMENT and brought.name:
        part.fileName = part.title = brought.name
    if message.text and brought.kind is not ContentKind.AUDIO:
        part.caption = message.text
    if message.quoted_wire_id is not None:
        quote(part.contextInfo, message)


def quote(context: Any, message: Outgoing) -> None:
    """Say which message of the chat is answered."""
    context.stanzaID = message.quoted_wire_id
    context.participant = written(message.chat)
    context.quotedMessage.conversation = ""


def written(chat: str) -> str:
    """An address as messages name it; a number stands for itself."""
    return chat if "@" in chat else f"{chat}@{PEOPLE}"
