"""Links to a channel's code over HTTP, for those who may scan. What a link opens is `inbox/code_page.py`."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from houston.channels.code_links import offer, withdraw
from houston.channels.desk import Desk
from houston.kernel.ids import ChannelId
from houston.people.rules import Caller, Doing

PATH: Final = "/code"
"""Where the page of a link lies, before its token."""
_MINUTES_MIN: Final = 5
_MINUTES_USUAL: Final = 30
_MINUTES_MAX: Final = 24 * 60


class CodeLinkRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many minutes the link shall work."""

    minutes: Annotated[int, msgspec.Meta(ge=_MINUTES_MIN, le=_MINUTES_MAX)] = _MINUTES_USUAL


class CodeLinkView(msgspec.Struct, frozen=True):
    """Shown this once. It is a secret: whoever has the link can link the number."""

    url: str
    expires_at: datetime


@post(
    "/channels/{channel_id:uuid}/code-link",
    summary="A link to the code, for whoever holds the phone",
    doing=Doing.STEER,
)
async def make_code_link(
    channel_id: FromPath[ChannelId],
    data: JSONBody[CodeLinkRequest],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    public_url: NamedDependency[str | None],
) -> CodeLinkView:
    """Opens without a sign-in, as often as needed, until the number is linked, the time is over, or the link is
    withdrawn. A channel has one: an earlier one ends. Answers 409 when there is nothing to scan."""
    made = await offer(desk, caller, channel_id, data.minutes)
    base = public_url or str(request.base_url)
    return CodeLinkView(f"{base.rstrip('/')}{PATH}/{made.token}", made.expires_at)


@delete(
    "/channels/{channel_id:uuid}/code-link",
    summary="Withdraw the link to the code",
    doing=Doing.STEER,
)
async def withdraw_code_link(
    channel_id: FromPath[ChannelId], caller: NamedDependency[Caller], desk: NamedDependency[Desk]
) -> None:
    """It shows nothing from now on. Harmless when there is none."""
    await withdraw(desk, caller, channel_id)
