"""Who sends a request, and whether they may: the one place where every route of the native interface asks."""

from typing import Any, Final

from litestar import Request
from litestar.di import NamedDependency

from houston.kernel.errors import Forbidden
from houston.kernel.ids import ChannelId
from houston.kernel.sentence import say
from houston.people.keyring import Keyring
from houston.people.rules import (
    WINDOW_PREFIX,
    Caller,
    Doing,
    bearer_key,
    comes_from_elsewhere,
    is_csrf_token,
    only_reads,
    require,
)

COOKIE: Final = "houston"
CSRF_HEADER: Final = "x-csrf-token"


async def provide_caller(
    request: Request[Any, Any, Any], keyring: NamedDependency[Keyring]
) -> Caller:
    """Litestar's dependency `caller`: somebody who may do what the route is about.

    A route says that by `doing=Doing.READ` in its decorator; `doing=None` is open to everybody who is
    known, and a route that says nothing is for administrators alone. Where the address names the
    channel, the right is asked for there; a route that learns its channel later asks `require` then.

    Raises:
        NotAllowed: the request carries neither a key nor a cookie that opens something.
        Forbidden: the caller is known, and it is not for them.
        NotFound: the channel is not theirs to know of.
    """
    caller = await known_caller(request, keyring)
    if caller.window is not None and not request.route_handler.opt.get("window"):
        raise Forbidden("A window of a CRM does not show this", "Sign in to Houston itself")
    doing = request.route_handler.opt.get("doing", Doing.ADMINISTER)
    if doing is not None:
        channel = request.path_params.get("channel_id")
        require(caller, doing, None if channel is None else ChannelId(channel))
    return caller


async def known_caller(request: Request[Any, Any, Any], keyring: Keyring) -> Caller:
    """The key if there is one: programs that send both mean it."""
    authorization, cookie = request.headers.get("authorization"), request.cookies.get(COOKIE)
    if authorization is not None or cookie is None:
        bearer = bearer_key(authorization)
        if bearer.startswith(WINDOW_PREFIX):  # Not somewhere in it: a key holds any letters.
            return await keyring.looker(bearer)
        return await keyring.caller(authorization)
    if not only_reads(request.method):
        refuse_other_pages(request)
        if not is_csrf_token(cookie, request.headers.get(CSRF_HEADER, "")):
            what = say("The request does not carry the header {header}", header=CSRF_HEADER)
            raise Forbidden(what, "Send the `csrf_token` that GET /api/v1/session tells")
    return await keyring.visitor(cookie)


def refuse_other_pages(request: Request[Any, Any, Any]) -> None:
    """Let nothing be changed from a page of somebody else.

    Raises:
        Forbidden: the browser says that such a page sent the request.
    """
    headers = request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if comes_from_elsewhere(site, origin, headers.get("host", "")):
        raise Forbidden("Another page sent this request", "Use Houston's own pages")
