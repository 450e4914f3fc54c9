"""Files over HTTP: WhatsApp's media hosts behind TLS, and people who send what lies elsewhere."""

from typing import Any

import httpx
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody

from houston.transports.simulated_whatsapp.asked import Number, Play, Said
from houston.transports.simulated_whatsapp.attachments import Attachments, File
from tools.fake_whatsapp.media import Vault, place_of

# --- WhatsApp's hosts -----------------------------------------------------------------------------


@post("/mms/{sort:str}/{token:path}", status_code=200)
async def upload(request: Request[Any, Any, Any], vault: NamedDependency[Vault]) -> dict[str, str]:
    if vault.people.failing is not None:
        raise HTTPException("The hosts fail", status_code=vault.people.failing)
    place = place_of(vault.keep_sealed(await request.body()))
    return {"url": f"https://{request.headers['host']}{place}", "direct_path": place}


@get("/v/{name:str}", media_type=MediaType.TEXT)
async def download(name: FromPath[str], vault: NamedDependency[Vault]) -> Response[bytes]:
    sealed = vault.sealed(name)
    failing = vault.people.failing or (404 if sealed is None else None)
    return Response(b"" if failing else sealed or b"", status_code=failing or 200)


# --- The control ----------------------------------------------------------------------------------


@post("/people/{number:str}/say", status_code=200)
async def say(
    number: Number,
    data: JSONBody[Said],
    play: NamedDependency[Play],
) -> dict[str, str]:
    uri = None if data.content_uri is None else await _within_reach(data.content_uri, play.files)
    content = None if uri is None else play.files.announced(uri)
    wire_id = play.traffic.say(number, data.to, data.text, content=content, quoted=data.quoted)
    return {"id": wire_id}


async def _within_reach(uri: str, files: Attachments) -> str:
    """A person has to hold a file to send it; one from elsewhere is fetched first."""
    if files.file(uri) is not None:
        return uri
    try:
        async with httpx.AsyncClient(trust_env=False) as web:
            found = (await web.get(uri)).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        told = f"content_uri {uri[:80]}: {error}; give the file in at /sim/media first"
        raise HTTPException(told, status_code=400) from error
    sort = found.headers.get("content-type", "application/octet-stream")
    return files.keep(File(found.content, sort))


AT_HOSTS = [upload, download]
ROUTES = [say]
