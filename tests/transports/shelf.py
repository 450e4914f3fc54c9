"""A porter for tests: what may be fetched and what was kept lies in memory, what is on its way in a folder."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from houston.kernel.content import Content, ContentState, content_at
from houston.kernel.ids import ChannelId
from houston.transports.porter import Parcel
from houston.transports.transport import NotSent, Retry

PATIENCE_SECONDS = 3.0


class Shelf:
    """Keeps everything that comes in."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.bytes_max = 100 * 1024**2
        self.offered: dict[str, tuple[Content, bytes]] = {}
        self.kept: dict[str, tuple[Content, bytes]] = {}

    def offer(self, content: Content, body: bytes) -> str:
        """Let something lie at an address."""
        uri = f"https://flowers.example/{len(self.offered)}"
        self.offered[uri] = (replace(content, uri=uri, bytes=len(body)), body)
        return uri

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Path]:
        path = self.folder / secrets.token_hex(8)
        path.touch()
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    @asynccontextmanager
    async def fetch(
        self, uri: str, bytes_max: int, *, trusted: bool = False
    ) -> AsyncIterator[Parcel | NotSent]:
        async with self.place() as path:
            if uri in self.offered:
                content, body = self.offered[uri]
                path.write_bytes(body)
                yield Parcel(content, path)
            elif not trusted:
                yield NotSent(retry=Retry.NEVER, code="content_gone", text="There is nothing")
            else:
                yield await _downloaded(uri, path)

    async def keep(self, channel: ChannelId, parcel: Parcel) -> Content:
        uri = f"https://houston.example/files/{len(self.kept)}"
        body = parcel.path.read_bytes()
        content = replace(parcel.content, uri=uri, bytes=len(body), state=ContentState.HERE)
        self.kept[uri] = (content, body)
        return content


async def _downloaded(uri: str, path: Path) -> Parcel | NotSent:
    async with httpx.AsyncClient(trust_env=False) as web:
        answer = await web.get(uri)
    if not answer.is_success:
        code = "content_gone" if answer.status_code == 404 else "content_unreachable"
        return NotSent(retry=Retry.NEVER, code=code, text="")
    path.write_bytes(answer.content)
    return Parcel(replace(content_at(uri), bytes=len(answer.content)), path)
