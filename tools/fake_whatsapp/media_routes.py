"""Files over HTTP: WhatsApp's media hosts behind TLS, and the people's own at the control."""

from typing import Any

import httpx
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from houston.transports.simulated_whatsapp.asked import Number, Play, Said
from tools.fake_whatsapp.media import File, Vault, place_of

# --- WhatsApp's hosts -----------------------------------------------------------------------------


@post("/mms/{sort:str}/{token:path}", status_code=200)
async def upload(request: Request[Any, Any, Any], vault: NamedDependency[Vault]) -> dict[str, str]:
    place = place_of(vault.keep_sealed(await request.body()))
    return {"url": f"https://{request.headers['host']}{place}", "direct_path": place}


@get("/v/{name:str}", media_type=MediaType.TEXT)
async def download(name: FromPath[str], vault: NamedDependency[Vault]) -> Response[bytes]:
    sealed = vault.sealed(name)
    return Response(sealed or b"", status_code=404 if sealed is None else 200)


# --- The control ----------------------------------------------------------------------------------


@post("/media", status_code=200)
async def keep(request: Request[Any, Any, Any], vault: NamedDependency[Vault]) -> dict[str, str]:
    """Give the people a file, which they can then say as `content_uri`."""
    sort = request.headers.get("content-type", "application/octet-stream")
    return {"content_uri": vault.keep(File(await request.body(), sort))}


@get("/media/{name:str}", media_type=MediaType.TEXT)
async def look(name: FromPath[str], vault: NamedDependency[Vault]) -> Response[bytes]:
    """A file that reached somebody, as they see it."""
    file = vault.file(name)
    if file is None:
        return Response(b"", status_code=404)
    return Response(file.content, headers={"content-type": file.mime_type})


@post("/people/{number:str}/say", status_code=200)
async def say(
    number: Number,
    data: JSONBody[Said],
    play: NamedDependency[Play],
    vault: NamedDependency[Vault],
) -> dict[str, str]:
    uri = None if data.content_uri is None else await _within_reach(data.content_uri, vault)
    wire_id = play.traffic.say(number, data.to, data.text, content_uri=uri, quoted=data.quoted)
    return {"id": wire_id}


async def _within_reach(uri: str, vault: Vault) -> str:
    """A person has to hold a file to send it; one from elsewhere is fetched first."""
    if vault.file(uri) is not None:
        return uri
    async with httpx.AsyncClient(trust_env=False) as web:
        found = (await web.get(uri)).raise_for_status()
    sort = found.headers.get("content-type", "application/octet-stream")
    return vault.keep(File(found.content, sort))


AT_HOSTS = [upload, download]
ROUTES = [keep, look, say]
