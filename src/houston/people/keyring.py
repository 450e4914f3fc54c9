"""Opens doors: who is behind an API key, without asking the database at every request."""

import secrets
from dataclasses import dataclass
from typing import Final

from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.errors import NotAllowed
from houston.kernel.ids import AccountId, KeyId, new_id
from houston.people import store
from houston.people.rules import KEY_PREFIX, bearer_key, key_hash

_REMEMBERED_SECONDS: Final = 5.0
_REMEMBERED_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an account through one of its keys."""

    account: AccountId
    key: KeyId

    @property
    def actor(self) -> str:
        """How the history names this caller."""
        return f"api key {self.key}"


class Keyring:
    """Knows keys for a few seconds, so that a revoked key stops working within that time."""

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

    async def _look_up(self, key: str) -> Caller:
        async with self._database.transaction() as tx:
            row = await store.account_of_key(tx, key_hash(key), self._clock.now())
        if row is None:
            self._known.pop(key, None)
            raise NotAllowed("The API key is not known", "Check the key, or make a new one")
        if len(self._known) >= _REMEMBERED_MAX:
            self._known.clear()
        caller = Caller(AccountId(row["account_id"]), KeyId(row["id"]))
        self._known[key] = (self._clock.monotonic() + _REMEMBERED_SECONDS, caller)
        return caller


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account with its first key, which is shown this once."""

    account: AccountId
    api_key: str


async def create_account(database: Database, clock: Clock, name: str) -> NewAccount:
    """Make an account and the first key to it."""
    made = NewAccount(AccountId(new_id()), KEY_PREFIX + secrets.token_urlsafe(32))
    now = clock.now()
    async with database.transaction() as tx:
        await store.add_account(tx, made.account, name, now)
        await store.add_key(
            tx, KeyId(new_id()), made.account, "first key", key_hash(made.api_key), now
        )
    return made
