"""What an account may choose for itself, over HTTP."""

from typing import Literal

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


class AccountChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of an account can be set. What is left out stays."""

    status_notices: Literal["operators", "curators"] | msgspec.UnsetType = msgspec.UNSET
    """Who is told that a channel waits for its scan: whoever writes in its chats, or its curators in their
    stead. A channel without a curator tells the operators all the same."""


class AccountChoices(msgspec.Struct, frozen=True):
    """What the account has chosen."""

    status_notices: Literal["operators", "curators"]


@patch(
    "/account", summary="Choose who is told of statuses", tags=["people"], doing=Doing.ADMINISTER
)
async def change_account(
    data: JSONBody[AccountChange],
    caller: NamedDependency[Caller],
    office: NamedDependency[Office],
) -> AccountChoices:
    """It counts from the next notice on."""
    async with office.database.transaction() as tx:
        if data.status_notices is not msgspec.UNSET:
            await store.choose_status_notices(tx, caller.account, data.status_notices)
            fact = AccountChanged(status_notices=data.status_notices, actor=caller.actor)
            await feed.write(tx, office.clock.now(), [feed.Entry(caller.account, None, fact)])
        row = await store.account(tx, caller.account)
    assert row is not None  # Its key was just found.
    office.wakes.here(Topic.FEED)
    return AccountChoices(row["status_notices"])
