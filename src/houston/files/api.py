"""Files over HTTP: put there by whoever may write, read by whoever has the link."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, Parameter
from litestar.response import Stream

from houston.files.keeper import Keeper
from houston.files.rules import ANYTHING, is_shown
from houston.kernel.ids import FileId
from houston.people.rules import Caller, Doing


@dataclass(frozen=True, slots=True)
class Counter:
    """Where files are handed in. `public_url` begins the links, else the address that was asked."""

    keeper: Keeper
    public_url: str | None


class FileView(msgspec.Struct, frozen=True):
    """A file that was stored. Its `uri` opens it without a key: treat it as a password."""

    id: FileId
    name: str
    mime: str
    bytes: int
    uri: str


@post(
    "/files",
    summary="Store a file, to send it",
    tags=["messages"],
    doing=Doing.WRITE,
    request_max_body_size=None,  # Counted as it comes, and with a limit of its own.
)
async def add_file(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    files: NamedDependency[Counter],
    name: Annotated[str, Parameter(description="What people see; `photo.jpg`")],
) -> FileView:
    """The body is the file itself, and `Content-Type` says what it is. Send the `uri` as a message's
    content."""
    said = request.headers.get("content-type", ANYTHING)
    kept = await files.keeper.keep(caller.account, name, said, request.stream())
    base = files.public_url or str(request.base_url)
    uri = f"{base.rstrip('/')}/{kept.path}"
    return FileView(kept.id, kept.name, kept.mime, kept.size, uri)


@get("/files/{file_id:uuid}/{key:str}/{name:str}", include_in_schema=False)
async def show_file(
    file_id: FromPath[FileId],
    key: FromPath[str],
    name: FromPath[str],
    files: NamedDependency[Counter],
) -> Stream:
    shown = await files.keeper.show(file_id, key)
    headers = {
        "content-length": str(shown.size),
        "content-disposition": disposition(shown.name, shown.mime),
        "cache-control": "private, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "referrer-policy": "no-referrer",
    }
    return Stream(shown.parts, media_type=shown.mime, headers=headers)


def disposition(name: str, mime: str) -> str:
    """How a browser is to treat the file (RFC 6266): show it, or save it under its name."""
    way = "inline" if is_shown(mime) else "attachment"
    return f"{way}; filename*=UTF-8''{quote(name, safe='')}"


files_api = Router("/", route_handlers=[add_file])
"""For those who have a key."""
links_api = Router("/", route_handlers=[show_file])
"""For those who have a link."""
