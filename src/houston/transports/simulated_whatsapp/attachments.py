"""The files of the simulated people: what they send, what reaches them, and where it can be had."""

import secrets
from dataclasses import dataclass

from houston.kernel.content import Content, ContentKind, ContentState, content_at, kind_of


@dataclass(frozen=True, slots=True)
class File:
    """A file as a person sees it."""

    content: bytes
    mime_type: str
    name: str | None = None
    kind: ContentKind | None = None
    """As what it was sent, if that is not what it looks like."""


class Attachments:
    """All files, in memory: a restart forgets them."""

    def __init__(self) -> None:
        self.address = ""
        """Of the control, where they can be had."""
        self.failing: int | None = None
        """The hosts of files answer everything with this."""
        self._files: dict[str, File] = {}

    def keep(self, file: File) -> str:
        """Where it can be had."""
        name = secrets.token_hex(12)
        self._files[name] = file
        return f"{self.address}/sim/media/{name}"

    def file(self, uri: str) -> File | None:
        return self._files.get(uri.rpartition("/")[2])

    def announced(self, uri: str) -> Content:
        """What a message tells of a file, wherever that lies."""
        file = self.file(uri)
        if file is None:
            told = content_at(uri)
            kind, mime, name, size = told.kind, told.mime, told.name, None
        else:
            kind, mime = file.kind or kind_of(file.mime_type), file.mime_type
            name, size = file.name, len(file.content)
        state = ContentState.FETCHING
        return Content(kind=kind, mime=mime, uri=uri, name=name, bytes=size, state=state)
