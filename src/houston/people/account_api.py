"""What an account may choose for itself, over HTTP."""

from typing import Annotated, Literal

import msgspec
from litestar import patch
from litestar.di import NamedDependency
from litestar.params import JSONBody

from houston.kernel import feed
from houston.kernel.facts import AccountChanged
from houston.kernel.wake import Topic
from houston.people import store
from houston.people.office import Office
from houston.people.rules import Caller, Doing

Told = Literal["operators", "curators"]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=1440)]
Days = Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=365)]], msgspec.Meta(max_length=10)]


class AccountChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of an account can be set. What is left out, or null, stays."""

    status_notices: Told | None = None
    """Who is told that a channel waits for its scan: whoever writes in its chats, or its curators in their
    stead. A channel without a curator tells the operators all the same."""
    notice_delay_minutes: Minutes | None = None
    """How long a trouble that may pass by itself lasts before curators are told."""
    warning_days: Days | None = None
    """With how many days of money left curators are told; none but the end of it when empty."""


class AccountChoices(msgspec.Struct, frozen=True):
    """What the account has chosen."""

    status_notices: Told
    notice_delay_minutes: int
    warning_days: list[int]


@patch(
    "/account",
    summary="Choose who is told of what, and when",
    tags=["people"],
    doing=Doing.ADMINISTER,
)
async def change_account(
    data: JSONBody[AccountChange],
    caller: NamedDependency[Caller],
    office: NamedDependency[Office],
) -> AccountChoices:
    """It counts from the next trouble and the next charge on."""
    days = None if data.warning_days is None else sorted(set(data.warning_days))
    chosen = (data.status_notices, data.notice_delay_minutes, days)
    async with office.database.transaction() as tx:
        if any(one is not None for one in chosen):
            await store.choose(tx, caller.account, *chosen)
            await feed.write(tx, office.clock.now(), [_entry(caller, *chosen)])
        row = await store.account(tx, caller.account)
    assert row is not None  # Its key was just found.
    office.wakes.here(Topic.FEED)
    return AccountChoices(row["status_notices"], row["notice_delay_minutes"], row["warning_days"])


def _entry(
    caller: Caller, told: Told | None, minutes: int | None, days: list[int] | None
) -> feed.Entry:
    fact = AccountChanged(
        status_notices=told, notice_delay_minutes=minutes, warning_days=days, actor=caller.actor
    )
    return feed.Entry(caller.account, None, fact)
