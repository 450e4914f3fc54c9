"""Files over HTTP: put there by whoever may write, read by whoever has the link."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, Parameter
from litestar.response import Stream
from litestar.status_codes import (
    HTTP_200_OK,
    HTTP_206_PARTIAL_CONTENT,
    HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE,
)

from houston.files.keeper import Keeper, Shown
from houston.files.rules import NothingThere, is_shown
from houston.kernel.content import ANYTHING
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
    request: Request[Any, Any, Any],
    file_id: FromPath[FileId],
    key: FromPath[str],
    name: FromPath[str],
    files: NamedDependency[Counter],
) -> Stream | Response[str]:
    """The file; of a sound or a film also a part of it, by which browsers find their place in it."""
    try:
        shown = await files.keeper.show(file_id, key, request.headers.get("range"))
    except NothingThere:
        code = HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE
        return Response("There is no such part", status_code=code, media_type=MediaType.TEXT)
    return Stream(
        shown.parts,
        media_type=shown.mime,
        headers=_headers(shown),
        status_code=HTTP_200_OK if shown.span is None else HTTP_206_PARTIAL_CONTENT,
    )


def _headers(shown: Shown) -> dict[str, str]:
    headers = {
        "content-length": str(shown.size),
        "content-disposition": disposition(shown.name, shown.mime),
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "referrer-policy": "no-referrer",
    }
    if shown.span is not None:
        start, end = shown.span.start, shown.span.end
        headers["content-length"] = str(end - start)
        headers["content-range"] = f"bytes {start}-{end - 1}/{shown.size}"
    return headers


def disposition(name: str, mime: str) -> str:
    """How a browser is to treat the file (RFC 6266): show it, or save it under its name."""
    way = "inline" if is_shown(mime) else "attachment"
    return f"{way}; filename*=UTF-8''{quote(name, safe='')}"


files_api = Router("/", route_handlers=[add_file])
"""For those who have a key."""
links_api = Router("/", route_handlers=[show_file])
"""For those who have a link."""
