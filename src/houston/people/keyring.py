"""Opens doors: who is behind an API key or a cookie, without asking the database at every request."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from houston.kernel.clock import Clock
from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import NotAllowed
from houston.kernel.ids import AccountId, ChannelId, KeyId, PersonId, new_id
from houston.people import store
from houston.people.rules import (
    EVERYTHING,
    KEY_PREFIX,
    Doing,
    Role,
    bearer_key,
    key_hash,
)
from houston.people.rules import Caller as Caller
from houston.people.windows import who_looks

_REMEMBERED_SECONDS: Final = 5.0
_REMEMBERED_MAX: Final = 10_000


class Keyring:
    """Knows keys for a few seconds, so that a revoked key stops working within that time.

    Cookies are looked up each time: signing out means now, on every node.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, tuple[float, Caller]] = {}

    async def caller(self, authorization: str | None) -> Caller:
        """Who sent this Authorization header.

        Raises:
            NotAllowed: no key, or one that opens nothing.
        """
        key = bearer_key(authorization)
        known = self._known.get(key)
        if known is not None and self._clock.monotonic() < known[0]:
            return known[1]
        return await self._look_up(key)

    async def visitor(self, cookie: str) -> Caller:
        """Who signed in with this cookie.

        Raises:
            NotAllowed: nobody, or not any more.
        """
        async with self._database.single() as tx:
            row = await store.person_signed_in(tx, key_hash(cookie), self._clock.now())
        if row is None:
            raise NotAllowed("You are signed out", "Sign in again")
        return _visitor(row)

    async def looker(self, bearer: str) -> Caller:
        """Who looks through the window of this bearer.

        Raises:
            NotAllowed: it is closed.
        """
        async with self._database.single() as tx:
            return await who_looks(tx, bearer, self._clock.now())

    def forget(self) -> None:
        """A key was revoked: on this node it opens nothing from now on."""
        self._known.clear()

    async def _look_up(self, key: str) -> Caller:
        async with self._database.transaction() as tx:
            row = await store.key_that_opens(tx, key_hash(key), self._clock.now())
        if row is None:
            self._known.pop(key, None)
            raise NotAllowed("The API key is not known", "Check the key, or make a new one")
        if len(self._known) >= _REMEMBERED_MAX:
            self._known.clear()
        caller = _program(dict(row))
        self._known[key] = (self._clock.monotonic() + _REMEMBERED_SECONDS, caller)
        return caller


async def known_again(
    tx: Tx, account: AccountId, person: PersonId | None, key: KeyId | None
) -> Caller | None:
    """Who once asked for something, with the rights of today; None when they have none any more."""
    if person is not None:
        found = await store.person(tx, account, person)
        return None if found is None else _visitor(found)
    keys = [row for row in await store.keys(tx, account) if row["id"] == key]
    return (
        _program({**dict(keys[0]), "account_id": account, "administrators": ()}) if keys else None
    )


def _program(row: Mapping[str, Any]) -> Caller:
    return Caller(
        account=AccountId(row["account_id"]),
        who=KeyId(row["id"]),
        scopes=frozenset(Doing(word) for word in row["scopes"]),
        roles={},
        administrators=tuple(row["administrators"]),
    )


def _visitor(row: Row) -> Caller:
    return Caller(
        account=AccountId(row["account_id"]),
        who=PersonId(row["id"]),
        person=PersonId(row["id"]),
        role=None if row["role"] is None else Role(row["role"]),
        roles=roles_of(row),
        administrators=tuple(row["administrators"]),
    )


def roles_of(row: Row) -> dict[ChannelId, Role]:
    """The roles of a person on single channels."""
    return msgspec.json.decode(row["by_channel"], type=dict[ChannelId, Role])


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account with its first key, which is shown this once."""

    account: AccountId
    api_key: str


def new_key() -> str:
    """A key that nobody can guess."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


async def create_account(database: Database, clock: Clock, name: str) -> NewAccount:
    """Make an account and the first key to it."""
    async with database.transaction() as tx:
        return await found_account(tx, name, clock.now())


async def found_account(tx: Tx, name: str, now: datetime) -> NewAccount:
    """The same, as part of something greater."""
    made, key = NewAccount(AccountId(new_id()), new_key()), KeyId(new_id())
    await store.add_account(tx, made.account, name, now)
    hashed = key_hash(made.api_key)
    await store.add_key(tx, key, made.account, "first key", hashed, EVERYTHING, now)
    return made
