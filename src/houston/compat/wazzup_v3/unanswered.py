"""How many messages wait for an answer, for one of the CRM's users: theirs and those they watch over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from houston.compat.wazzup_v3 import store_crm
from houston.compat.wazzup_v3.emit import stamp
from houston.compat.wazzup_v3.manners import Manners
from houston.compat.wazzup_v3.store_crm import UserRole
from houston.kernel.db import Database, Tx
from houston.kernel.ids import AccountId
from houston.messages import store_reading
from houston.people.rules import Caller, Doing

_LOOKS_BACK: Final = timedelta(days=7)


class Counter(msgspec.Struct, frozen=True, rename={"last_at": "lastMsgDateTime"}):
    """`type` is red when somebody of the user's own waits, grey when only others do."""

    counterV2: int
    type: Literal["red", "grey"] | None
    last_at: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chat in which somebody waits, and whose it is in the CRM."""

    channel: str
    messages: int
    at: datetime
    responsible: frozenset[str]


def count(user: str, chats: Sequence[Waiting], roles: Mapping[str, UserRole] | None) -> Counter:
    """What of it is the user's: `roles` are theirs by channel; None: nobody was given any, all see all."""
    own = [one for one in chats if _is_own(user, one, roles)]
    others = [one for one in chats if one not in own and _watches(one, roles)]
    seen = own + others
    return Counter(
        counterV2=sum(one.messages for one in seen),
        type="red" if own else "grey" if others else None,
        last_at=stamp(max(one.at for one in seen)) if seen else None,
    )


def _is_own(user: str, chat: Waiting, roles: Mapping[str, UserRole] | None) -> bool:
    if roles is None:
        return user in chat.responsible
    role = roles.get(chat.channel)
    if role is None:
        return False
    return user in chat.responsible or (not chat.responsible and role.gets_new)


def _watches(chat: Waiting, roles: Mapping[str, UserRole] | None) -> bool:
    if roles is None:
        return True
    role = roles.get(chat.channel)
    return role is not None and role.role != "seller"


@dataclass(frozen=True, slots=True)
class Board:
    """Who waits in an account, and what each of the CRM's users has to do with it."""

    users: frozenset[str]
    roles: Sequence[UserRole]
    chats: Sequence[Waiting]

    def counter(self, user: str) -> Counter:
        """Nobody knows the user, or they have no role: 0."""
        if user not in self.users:
            return count(user, [], None)
        own = {one.channel_id: one for one in self.roles if one.user_id == user}
        return count(user, self.chats, own if self.roles else None)


async def look(tx: Tx, account: AccountId, now: datetime) -> Board:
    """What waits for an answer, of the last seven days."""
    rows = await store_reading.unanswered(tx, account, now - _LOOKS_BACK)
    contacts = await store_crm.contacts_in(tx, account, [row["address"] for row in rows])
    responsible: dict[str, set[str]] = {}
    for contact in contacts:
        for chat in contact.chats:
            responsible.setdefault(chat, set()).add(contact.responsible_user_id)
    return Board(
        frozenset(user.id for user in await store_crm.users(tx, account)),
        await store_crm.roles(tx, account),
        [
            Waiting(
                str(row["channel_id"]),
                row["unanswered"],
                row["last_at"],
                frozenset(responsible.get(row["address"], ())),
            )
            for row in rows
        ],
    )


@get("/unanswered/{user_id:str}", summary="How many messages wait for an answer", doing=Doing.READ)
async def get_unanswered(
    user_id: FromPath[str],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Counter:
    """Of the last seven days. Nobody knows the user, or they have no role: 0."""
    async with database.single() as tx:
        return (await look(tx, v3.account, manners.clock.now())).counter(user_id)


@get("/templates/whatsapp", summary="Templates: none on linked numbers", doing=Doing.READ)
async def list_templates(v3: NamedDependency[Caller]) -> list[dict[str, Any]]:
    """Templates belong to the Cloud API. A number that is linked as a device writes freely."""
    return []
