"""`POST /v3/iframe`: the address of a window into the console, for one of the CRM's users."""

from typing import Any, Final, Literal

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from houston.compat.wazzup_v3 import store_crm
from houston.compat.wazzup_v3.bodies import CHAT_TYPES
from houston.compat.wazzup_v3.errors import WazzupError, as_wazzup, shaped
from houston.compat.wazzup_v3.manners import Manners
from houston.compat.wazzup_v3.store_crm import UserRole
from houston.kernel.db import Database, Tx
from houston.kernel.ids import ChannelId
from houston.kernel.problems import TOLD
from houston.messages.rules import check_address
from houston.people import windows
from houston.people.rules import Caller, Doing, Role
from houston.people.windows import Wanted

_CHATS_MAX: Final = 100
_CHARACTERS_MAX: Final = 200
_BYTES_MAX: Final = 65_536


class IframeUser(msgspec.Struct, frozen=True):
    id: str | int
    name: str | None = None


class ChatFilter(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A chat to show. One without `chatId` names somebody who has none yet."""

    chat_type: str
    chat_id: str | int | None = None
    name: str | None = None


class ActiveChat(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    chat_type: str
    chat_id: str | int
    channel_id: str | None = None


class WindowAsked(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """`global` shows all chats, `card` those of the filter."""

    user: IframeUser
    scope: Literal["global", "card"]
    filter: list[ChatFilter] | None = None
    active_chat: ActiveChat | None = None
    options: dict[str, Any] | None = None


def _nested(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """This route alone tells its errors as `{"error": {"code": ...}}`."""
    said = shaped(request, error) or as_wazzup(error)
    body = {
        "status": said.status,
        "requestId": said.request_id,
        "error": {"code": said.error, "description": said.description, "data": said.data},
    }
    return Response(
        msgspec.json.encode(body),
        status_code=said.status,
        media_type="application/json",
        headers=dict(said.headers),
    )


@post(
    "/iframe",
    summary="The address of a window into the console",
    status_code=200,
    doing=Doing.WRITE,
    invalid="VALIDATION_ERROR",
    exception_handlers=dict.fromkeys(TOLD, _nested),
)
async def open_iframe(
    data: JSONBody[WindowAsked],
    request: Request[Any, Any, Any],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> dict[str, str]:
    """It opens once, within five minutes, and shows its chats for twelve hours."""
    user = printable("user.id", str(data.user.id))
    chats = _chats(data)
    async with database.transaction() as tx:
        known = await store_crm.user(tx, v3.account, user)
        name = printable("user.name", data.user.name or (known.name if known else user))
        token = await offer(tx, v3, user, name, chats, _shown(data), manners)
    return {"url": window_url(request, manners, token)}


async def offer(
    tx: Tx,
    caller: Caller,
    user: str,
    name: str,
    chats: list[str] | None,
    shown: dict[str, Any],
    manners: Manners,
) -> str:
    """The token of a window for a user of the CRM; without `chats` it shows all."""
    roles = await store_crm.roles(tx, caller.account)
    wanted = Wanted(
        user=user,
        name=name,
        chats=chats,
        roles=_roles(user, roles) if roles else None,
        shown=shown,
    )
    return await windows.offer(tx, caller, wanted, manners.clock.now())


def window_url(request: Request[Any, Any, Any], manners: Manners, token: str) -> str:
    """The token stands behind the #, so that no server on the way writes it into a log."""
    base = manners.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/window#{token}"


def _shown(data: WindowAsked) -> dict[str, Any]:
    """All of it, for the page.

    Raises:
        WazzupError: it cannot be kept.
    """
    body = msgspec.json.encode(data)
    if b"\\u0000" in body or len(body) > _BYTES_MAX:
        why = f"Keep the body under {_BYTES_MAX:,} bytes and free of U+0000"
        raise WazzupError("VALIDATION_ERROR", why, data={"fields": ["body"]})
    shown: dict[str, Any] = msgspec.to_builtins(data)
    return shown


def _chats(data: WindowAsked) -> list[str] | None:
    """The numbers of the chats to show; None is all.

    Raises:
        WazzupError: there are none, too many, or something of them cannot be.
    """
    if data.scope == "global":
        return None
    wanted = data.filter or []
    if not 0 < len(wanted) <= _CHATS_MAX or any(one.chat_type not in CHAT_TYPES for one in wanted):
        said = f"Give filter, 1 to {_CHATS_MAX} chats with a known chatType, for the scope card"
        raise WazzupError("VALIDATION_ERROR", said, data={"fields": ["filter"]})
    return [
        check_address("filter", str(one.chat_id))
        for one in wanted
        if one.chat_type == "whatsapp" and one.chat_id is not None
    ]


def _roles(user: str, roles: list[UserRole]) -> dict[ChannelId, Role]:
    """A seller writes like a manager: whose a chat is, the CRM says by its filter."""
    return {
        ChannelId(msgspec.convert(one.channel_id, ChannelId, strict=False)): (
            Role.AUDITOR if one.role == "auditor" else Role.MANAGER
        )
        for one in roles
        if one.user_id == user
    }


def printable(field: str, text: str) -> str:
    if not text.strip() or len(text) > _CHARACTERS_MAX or not text.isprintable():
        said = f"Give {field}, 1 to {_CHARACTERS_MAX} printable characters"
        raise WazzupError("VALIDATION_ERROR", said, data={"fields": [field]})
    return text
