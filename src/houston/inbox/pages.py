"""The console's built pages over HTTP: what `ui/` was built into, and nothing that is known about anybody."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from houston.kernel.errors import NotFound
from houston.kernel.sentence import say

BUILT: Final = Path(__file__).parent.parent / "web"
"""Where `tools/build_ui.py` puts the built files, and where a wheel carries them."""

_PAGES: Final = (
    "sign-in",
    "invitation",
    "inbox",
    "channels",
    "curators",
    "balance",
    "integrations",
    "webhooks",
    "people",
    "settings",
    "phone",
    "window",
)
"""The first words of addresses behind which the console decides what to show."""

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
_GUARDS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
    "vary": "accept-encoding",
}
_WINDOW: Final = "/window/"
_POLICY_OF_WINDOW: Final = _POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""A CRM shows this page in a frame of its own. It knows nobody: cookies do not reach it there, and what
it shows takes the bearer that only the CRM's link gives."""
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_NOT_BUILT: Final = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Houston</title>
<h1>The console is not built</h1><p>Houston runs, and its interface answers under /api/v1.
To build the console, run <code>python tools/build_ui.py</code> in the checkout and load this page again.</p>
"""


@dataclass(frozen=True)
class Console:
    """The built files, each read when it is first asked for."""

    folder: Path = BUILT

    def file(self, name: str, encodings: str) -> tuple[bytes, dict[str, str]]:
        """A file and its headers, in the best form that a browser understands.

        Raises:
            NotFound: it was not built.
        """
        for ending, encoding in ((".br", "br"), (".gz", "gzip"), ("", "")):
            body = self._bodies.get(name + ending)
            if body is not None and encoding in encodings:
                said = {"content-encoding": encoding} if encoding else {}
                return body, {**_GUARDS, **said}
        what = say("There is no {name}", name=name)
        raise NotFound(what, "Load the page again: it may have been built anew")

    @cached_property
    def _bodies(self) -> dict[str, bytes]:
        """All of them: a few hundred kilobytes, and no name that a request could make up."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}


def _answer(
    console: Console, request: Request[Any, Any, Any], name: str, keep: str
) -> Response[bytes]:
    body, headers = console.file(name, request.headers.get("accept-encoding", ""))
    media_type = _TYPES.get(Path(name).suffix, "application/octet-stream")
    return Response(body, media_type=media_type, headers={**headers, "cache-control": keep})


@get(
    ["/", *(f"/{page}" for page in _PAGES), *(f"/{page}/{{rest:path}}" for page in _PAGES)],
    sync_to_thread=False,
)
def show_console(
    request: Request[Any, Any, Any], console: NamedDependency[Console]
) -> Response[bytes]:
    """Every page is the same one; what it shows is read from its address."""
    try:
        answer = _answer(console, request, "index.html", _ASK_AGAIN)
    except NotFound:
        return Response(_NOT_BUILT, media_type="text/html", status_code=503)
    if f"{request.url.path}/".startswith(_WINDOW):
        answer.headers["content-security-policy"] = _POLICY_OF_WINDOW
    return answer


@get("/assets/{name:str}", sync_to_thread=False)
def show_asset(
    name: FromPath[str], request: Request[Any, Any, Any], console: NamedDependency[Console]
) -> Response[bytes]:
    """Their names change with what is in them."""
    return _answer(console, request, f"assets/{name}", _FOR_EVER)


@get(["/favicon.svg", "/houston.webmanifest"], sync_to_thread=False)
def show_sign(
    request: Request[Any, Any, Any], console: NamedDependency[Console]
) -> Response[bytes]:
    """What browsers show of Houston outside of its page."""
    return _answer(console, request, request.url.path.removeprefix("/"), _ASK_AGAIN)


pages = Router("/", route_handlers=[show_console, show_asset, show_sign], include_in_schema=False)
