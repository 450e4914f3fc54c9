"""`/tech/iframe`: addresses of pages for a partner's customers: to connect a number, and to answer chats."""

from typing import Any, Final

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from houston.channels import code_links, desk
from houston.channels.code_links_api import PATH as CODE_PATH
from houston.channels.desk import Desk, NewChannel
from houston.compat.wazzup_v3 import store_crm
from houston.compat.wazzup_v3.errors import WazzupError
from houston.compat.wazzup_v3.iframe import offer, printable, window_url
from houston.compat.wazzup_v3.manners import Manners
from houston.kernel.db import Database, Tx
from houston.kernel.ids import ChannelId
from houston.people.rules import Caller, Doing

_MINUTES: Final = 60
"""For which a page with a code can be opened."""


class Link(msgspec.Struct, frozen=True):
    link: str


class ChannelLinkAsked(msgspec.Struct, frozen=True, rename="camel"):
    """A channel that waits for its scan, or the number of one to make. Wazzup learns the number from the scan;
    Houston wants to know whom it waits for."""

    transport: str = "whatsapp"
    channel_id: ChannelId | None = None
    phone: str | int | None = None
    name: str | None = None


class ChatsLinkAsked(msgspec.Struct, frozen=True, rename="camel"):
    """For one of the CRM's users: the chats of a deal's contacts or, without a deal, all."""

    user_id: str | int
    deal_id: str | int | None = None


@post(
    "/iframe/generate-channels-link",
    summary="A page with the code of a channel",
    status_code=200,
    doing=Doing.SET_UP,
    invalid="VALIDATION_ERROR",
)
async def link_to_code(
    data: JSONBody[ChannelLinkAsked],
    request: Request[Any, Any, Any],
    v3: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    manners: NamedDependency[Manners],
) -> Link:
    """It opens without a sign-in, for an hour or until the number is linked."""
    if data.transport not in ("whatsapp", "wapi"):
        raise WazzupError(
            "WRONG_TRANSPORT", "Houston connects whatsapp", data={"transport": data.transport}
        )
    channel = data.channel_id or await _made(data, desk, v3)
    made = await code_links.offer(desk, v3, channel, _MINUTES)
    base = manners.public_url or str(request.base_url)
    return Link(f"{base.rstrip('/')}{CODE_PATH}/{made.token}")


async def _made(data: ChannelLinkAsked, counter: Desk, caller: Caller) -> ChannelId:
    if data.phone is None:
        said = "Give channelId, or phone: the number to connect"
        raise WazzupError("VALIDATION_ERROR", said, data={"fields": ["channelId", "phone"]})
    phone = str(data.phone)
    return (
        await desk.make_channel(counter, caller, NewChannel(data.name or phone, phone), "en")
    ).id


@post(
    ["/iframe/generate-chats-link", "/iframe/generate-unanswered-link"],
    summary="A window into chats, for one of the CRM's users",
    status_code=200,
    doing=Doing.WRITE,
    invalid="VALIDATION_ERROR",
)
async def link_to_chats(
    data: JSONBody[ChatsLinkAsked],
    request: Request[Any, Any, Any],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Link:
    """It opens once, within five minutes, like the one of `POST /v3/iframe`. Who waits stands first in it."""
    async with database.transaction() as tx:
        chats = None if data.deal_id is None else await _chats_of_deal(tx, v3, str(data.deal_id))
        return await _window(tx, request, v3, str(data.user_id), chats, manners)


async def _window(
    tx: Tx,
    request: Request[Any, Any, Any],
    caller: Caller,
    asked: str,
    chats: list[str] | None,
    manners: Manners,
) -> Link:
    user = printable("userId", asked)
    known = await store_crm.user(tx, caller.account, user)
    shown = {"user": {"id": user}, "scope": "global" if chats is None else "card"}
    name = known.name if known else user
    token = await offer(tx, caller, user, name, chats, shown, manners)
    return Link(window_url(request, manners, token))


async def _chats_of_deal(tx: Tx, caller: Caller, named: str) -> list[str]:
    deal = None if "\x00" in named else await store_crm.deal(tx, caller.account, named)
    if deal is None:
        said = f"There is no deal with the id {named[:100]!r}: post it to /v3/deals first"
        raise WazzupError("NOT_FOUND", said, status=404)
    return await store_crm.chats_of(tx, caller.account, deal.contacts)


@post(
    ["/iframe/generate-templates-link", "/iframe/generate-waba-profile-link"],
    summary="Not here: templates belong to the Cloud API",
    doing=Doing.SET_UP,
)
async def link_to_templates(v3: NamedDependency[Caller]) -> Link:
    """Always refused: `WRONG_TRANSPORT`."""
    why = "Templates and business profiles belong to the Cloud API; a linked number has none"
    raise WazzupError("WRONG_TRANSPORT", why)


link_routes: Final = [link_to_code, link_to_chats, link_to_templates]
