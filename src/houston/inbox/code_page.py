"""The page of a link to a channel's code: drawn here, without a sign-in, without anything from elsewhere.

Nothing of it needs a script: with one, the page keeps itself true; without, the browser loads it anew.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jinja2
import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from houston.channels.code_links import PRESSES, Seen, Stage, look, press
from houston.channels.code_links_api import PATH
from houston.channels.desk import Desk
from houston.channels.views import CodeView
from houston.kernel.clock import Clock
from houston.kernel.errors import NotFound
from houston.kernel.language import LANGUAGES, language_of
from houston.kernel.turnstile import Turnstile
from houston.people.sign_in_api import Entrance

_AGAIN_SECONDS: Final = 2
_AGAIN_SECONDS_UNSCRIPTED: Final = 5
"""A page that loads itself anew is tiring to read."""
_DONE: Final = frozenset({Stage.LINKED})


class PageTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every word of the page in one language. A file that lacks one fails at the start."""

    title: str
    steps: str
    step_open: str
    step_menu: str
    step_point: str
    step_type: str
    picture: str
    number: str
    left: str
    coming: str
    confirm: str
    expired: str
    again: str
    by_number: str
    by_number_hint: str
    by_picture: str
    linked: str
    linked_more: str
    stopped: str
    stopped_more: str
    gone: str
    gone_more: str
    busy: str
    busy_more: str
    lost: str
    languages: str


@dataclass(frozen=True)
class Gate:
    """Slows down who asks too often: more than any page of ours does, however many look at it."""

    looks_of_link: Turnstile
    looks_of_address: Turnstile
    presses_of_link: Turnstile

    def wait_seconds(self, token: str, address: str, *, pressing: bool) -> int:
        of_link = self.presses_of_link if pressing else self.looks_of_link
        return max(self.looks_of_address.wait_seconds(address), of_link.wait_seconds(token))


def code_gate(clock: Clock) -> Gate:
    """Five tabs of one link, twenty of one office; a press starts a round of codes at the messenger."""
    return Gate(Turnstile(clock, 150, 60), Turnstile(clock, 600, 60), Turnstile(clock, 10, 60))


@get("/{token:str}")
async def show_code_page(
    token: FromPath[str],
    request: Request[Any, Any, Any],
    desk: NamedDependency[Desk],
    entrance: NamedDependency[Entrance],
    code_gate: NamedDependency[Gate],
) -> Response[str]:
    language = _language(request)
    wait = code_gate.wait_seconds(token, entrance.address(request), pressing=False)
    if wait:
        return _page(language, "busy", 429, again=wait, headers={"retry-after": str(wait)})
    try:
        seen = await look(desk, token, language)
    except NotFound:
        return _page(language, "gone", 404)
    again = 0 if seen.stage in _DONE else _AGAIN_SECONDS
    return _page(language, seen.stage, 200, again=again, **_shown(seen, desk.clock))


@post("/{token:str}")
async def press_code_page(
    token: FromPath[str],
    request: Request[Any, Any, Any],
    desk: NamedDependency[Desk],
    entrance: NamedDependency[Entrance],
    code_gate: NamedDependency[Gate],
) -> Response[str]:
    """Another code. The browser is sent back to the page, so that loading it again presses nothing."""
    wait = code_gate.wait_seconds(token, entrance.address(request), pressing=True)
    language = _language(request)
    if wait:
        return _page(language, "busy", 429, again=wait, headers={"retry-after": str(wait)})
    pressed = (await request.form()).get("press")
    try:
        await press(desk, token, pressed if pressed in PRESSES else "rescan")
    except NotFound:
        return _page(language, "gone", 404)
    query = f"?lang={language}" if "lang" in request.query_params else ""
    return Response("", status_code=303, headers={"location": f"{PATH}/{token}{query}"})


def _shown(seen: Seen, clock: Clock) -> dict[str, Any]:
    code = seen.code
    left = 0 if code is None else (code.expires_at - clock.now()).total_seconds()
    return {
        "seen": seen,
        "picture": _picture(code),
        "left": max(0, round(left)),
        "key": f"{seen.stage} {code and code.way} {code and code.expires_at} {seen.note}",
    }


def _picture(code: CodeView | None) -> str | None:
    if code is None or code.svg is None:
        return None
    return f"data:image/svg+xml;base64,{base64.b64encode(code.svg.encode()).decode()}"


# --- Languages ---------------------------------------------------------------------------------


def _language(request: Request[Any, Any, Any]) -> str:
    """The one that was chosen on the page, or the one of ours that the browser likes best."""
    chosen = str(request.query_params.get("lang", "")).split("-")[0].lower()
    if chosen in LANGUAGES:
        return chosen
    return language_of(request.headers.get("accept-language", ""))


@cache
def _texts() -> dict[str, PageTexts]:
    folder = files("houston").joinpath("texts")
    return {
        language: msgspec.json.decode(
            folder.joinpath(f"code.{language}.json").read_bytes(), type=PageTexts
        )
        for language in LANGUAGES
    }


# --- Drawing -----------------------------------------------------------------------------------

_DRAWER: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("houston.inbox"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _page(
    language: str,
    stage: str,
    status: int,
    *,
    again: int = 0,
    headers: Mapping[str, str] = {},
    **shown: Any,
) -> Response[str]:
    """`again` is after how many seconds the page asks anew; 0 is never."""
    body = _DRAWER.get_template("code.html").render(
        {"key": stage, "seen": None, "picture": None, "left": 0} | shown,
        stage=str(stage),
        t=_texts()[language],
        language=language,
        languages=LANGUAGES,
        again=again,
        reload=max(again, _AGAIN_SECONDS_UNSCRIPTED),
        style=_source("code.css"),
        script=_source("code.js"),
    )
    return Response(
        body, media_type="text/html", status_code=status, headers={**_guards(), **headers}
    )


@cache
def _source(name: str) -> str:
    return files("houston.inbox").joinpath("templates", name).read_text("utf-8")


@cache
def _guards() -> dict[str, str]:
    """The page's own style and script run, known by their hashes, and nothing else does."""
    policy = (
        "default-src 'none'",
        f"style-src '{_hash('code.css')}'",
        f"script-src '{_hash('code.js')}'",
        "img-src data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    return {
        "content-security-policy": "; ".join(policy),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "vary": "accept-language",
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex",
    }


def _hash(name: str) -> str:
    digest = hashlib.sha256(_source(name).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


code_page = Router(PATH, route_handlers=[show_code_page, press_code_page], include_in_schema=False)
