"""What comes with a message besides words: a picture, a sound, a film, or any other file."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ANYTHING: Final = "application/octet-stream"


class ContentKind(StrEnum):
    """How a messenger shows it."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"


class ContentState(StrEnum):
    """Where it is."""

    HERE = "here"
    """`uri` opens it."""
    FETCHING = "fetching"
    """The messenger has announced it, and it is still being fetched."""
    LOST = "lost"
    """It could not be retrieved and never will be; `fault` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file that goes with a message."""

    kind: ContentKind
    mime: str
    uri: str | None = None
    name: str | None = None
    bytes: int | None = None
    state: ContentState = ContentState.HERE
    fault: str | None = None


_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
_VIDEOS: Final = frozenset({"video/mp4", "video/3gpp"})
_AUDIOS: Final = frozenset(
    {"audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/opus"}
)

_ENDINGS: Final = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "3gp": "video/3gpp",
    "ogg": "audio/ogg",
    "opus": "audio/opus",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "amr": "audio/amr",
    "pdf": "application/pdf",
}
"""What names end with, as far as it decides how a file is shown."""


def kind_of(mime: str) -> ContentKind:
    """As what a file can be sent. What no phone shows in its place goes as a document."""
    for kind, mimes in (
        (ContentKind.IMAGE, _IMAGES),
        (ContentKind.VIDEO, _VIDEOS),
        (ContentKind.AUDIO, _AUDIOS),
    ):
        if mime in mimes:
            return kind
    return ContentKind.DOCUMENT


def content_at(uri: str) -> Content:
    """What an address says by itself of what lies there; it is not opened for that."""
    name = uri.partition("?")[0].partition("#")[0].rpartition("/")[2]
    mime = _ENDINGS.get(name.rpartition(".")[2].lower(), ANYTHING)
    return Content(kind=kind_of(mime), mime=mime, uri=uri, name=name or None)
