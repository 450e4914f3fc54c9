"""Opening a window over HTTP: a link's token for what its page needs."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from houston.people.office import Office
from houston.people.windows import open_window


class LinkTaken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands behind the `#` of a link."""

    token: Annotated[str, msgspec.Meta(max_length=200)]


class WindowView(msgspec.Struct, frozen=True):
    """Shown this once. The page sends `Authorization: Bearer <bearer>` until `expires_at`."""

    bearer: str
    expires_at: datetime
    user_id: str
    user_name: str
    shown: msgspec.Raw
    """As the CRM said it: `scope`, `filter`, `activeChat`, `options`."""


@post(
    "/windows",
    summary="Open the window that a CRM's link leads to",
    tags=["windows"],
    status_code=200,
    security=[{}],
)
async def take_link(data: JSONBody[LinkTaken], office: NamedDependency[Office]) -> WindowView:
    """A link opens once and within minutes of its making."""
    async with office.database.transaction() as tx:
        made = await open_window(tx, data.token, office.clock.now())
    return WindowView(made.bearer, made.expires_at, made.user, made.name, msgspec.Raw(made.shown))
