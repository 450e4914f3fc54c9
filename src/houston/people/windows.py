"""Windows into the console, for users of a CRM: a link that opens once, and the bearer that it gives.

A browser in a frame of another site sends no cookies of ours, so a page shows the bearer itself.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from houston.kernel.db import Row, Tx
from houston.kernel.errors import NotAllowed
from houston.kernel.ids import AccountId, ChannelId, KeyId, new_id
from houston.people import store_windows
from houston.people.rules import WINDOW_PREFIX, Caller, Doing, Role, Window, key_hash

_LINK_FOR: Final = timedelta(minutes=5)
"""The CRM's page loads the link at once; whoever finds it later finds nothing."""
_OPEN_FOR: Final = timedelta(hours=12)
"""A working day."""
_roles: Final = msgspec.json.Decoder(dict[ChannelId, Role])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A window to open."""

    user: str
    name: str
    chats: list[str] | None
    roles: Mapping[ChannelId, Role] | None
    shown: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """A window that was just opened. The bearer is known to its page alone."""

    bearer: str
    expires_at: datetime
    user: str
    name: str
    shown: bytes


async def offer(tx: Tx, caller: Caller, wanted: Wanted, now: datetime) -> str:
    """The token of a link that opens once, soon, with the rights of the key that asked."""
    token = secrets.token_urlsafe(32)
    roles = wanted.roles
    await store_windows.forget_old(tx, caller.account, now)
    await store_windows.add(
        tx,
        new_id(),
        caller.account,
        KeyId(caller.who),
        wanted.user,
        wanted.name,
        wanted.chats,
        None if roles is None else msgspec.json.encode(roles).decode(),
        msgspec.json.encode(wanted.shown).decode(),
        key_hash(token),
        now + _LINK_FOR,
    )
    return token


async def open_window(tx: Tx, token: str, now: datetime) -> Opened:
    """Use a link up.

    Raises:
        NotAllowed: it was used, is too old or never was, or its key was revoked.
    """
    bearer, until = WINDOW_PREFIX + secrets.token_urlsafe(32), now + _OPEN_FOR
    row = await store_windows.take_link(tx, key_hash(token), now, key_hash(bearer), until)
    if row is None:
        raise NotAllowed("This link is used up or too old", "Load the page of the CRM again")
    return Opened(bearer, until, row["user_id"], row["user_name"], row["shown"].encode())


async def who_looks(tx: Tx, bearer: str, now: datetime) -> Caller:
    """Who shows this bearer.

    Raises:
        NotAllowed: its time is over, its key was revoked, or it never was.
    """
    row = await store_windows.opened(tx, key_hash(bearer), now)
    if row is None:
        raise NotAllowed("This window is closed", "Load the page of the CRM again")
    return _caller(row)


def _caller(row: Row) -> Caller:
    """What a window may is what its key may, of reading and writing, and what its user may."""
    chats, roles = row["chats"], row["roles"]
    return Caller(
        account=AccountId(row["account_id"]),
        who=KeyId(row["key_id"]),
        scopes=frozenset(Doing(word) for word in row["scopes"]) & {Doing.READ, Doing.WRITE},
        role=Role.MANAGER if roles is None else None,
        roles={} if roles is None else _roles.decode(roles),
        window=Window(
            row["user_id"], row["user_name"], None if chats is None else frozenset(chats)
        ),
    )
