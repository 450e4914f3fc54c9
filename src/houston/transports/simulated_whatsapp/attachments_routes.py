"""The simulated people's files over HTTP: `/sim/media`."""

from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, JSONBody

from houston.kernel.content import ContentKind
from houston.transports.simulated_whatsapp.asked import DONE, Asked, Play
from houston.transports.simulated_whatsapp.attachments import File


class HostsFail(Asked, frozen=True):
    """With which status the hosts of files answer from now on; null is well again."""

    status: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = 503


@post("/media", status_code=200)
async def keep(
    request: Request[Any, Any, Any],
    play: NamedDependency[Play],
    name: FromQuery[str | None] = None,
) -> dict[str, str]:
    """Give the people a file, which they can then say as `content_uri`."""
    return await _kept(request, play, name, None)


@post("/uploads", status_code=200)
async def upload(
    request: Request[Any, Any, Any],
    play: NamedDependency[Play],
    kind: FromQuery[ContentKind],
    name: FromQuery[str | None] = None,
) -> dict[str, str]:
    """Houston hands in a file, before the message that tells of it."""
    if play.files.failing is not None:
        raise HTTPException(status_code=play.files.failing)
    return await _kept(request, play, name, kind)


async def _kept(
    request: Request[Any, Any, Any], play: Play, name: str | None, kind: ContentKind | None
) -> dict[str, str]:
    sort = request.headers.get("content-type", "application/octet-stream")
    return {"content_uri": play.files.keep(File(await request.body(), sort, name, kind))}


@get("/media/{name:str}", media_type=MediaType.TEXT)
async def look(name: FromPath[str], play: NamedDependency[Play]) -> Response[bytes]:
    """A file that reached somebody, as they see it."""
    file, failing = play.files.file(name), play.files.failing
    if file is None or failing is not None:
        return Response(b"", status_code=failing or 404)
    return Response(file.content, headers={"content-type": file.mime_type})


@post("/media-hosts", status_code=200)
async def fail_hosts(data: JSONBody[HostsFail], play: NamedDependency[Play]) -> dict[str, Any]:
    """Files cannot be had, or handed in, for as long as this lasts."""
    play.files.failing = data.status
    return DONE


ROUTES = [keep, upload, look, fail_hosts]
