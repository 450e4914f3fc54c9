"""Signing in and out. A wrong password makes the next try wait, for its name and for its address."""

import math
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import NotAllowed, TooMany
from houston.kernel.facts import PersonSignedIn
from houston.kernel.ids import AccountId, PersonId
from houston.kernel.sentence import say
from houston.kernel.wake import Topic, Wakes
from houston.people import store, store_sign_in
from houston.people.passwords import Passwords
from houston.people.rules import (
    OF_ADDRESS,
    OF_NAME,
    SIGNED_IN_FOR,
    TRIES_FORGOTTEN_AFTER,
    Patience,
    check_password,
    failures_with,
    key_hash,
    wait_seconds,
)

_ACCOUNTS_MAX: Final = 5
"""In so many accounts one mail address can sign in: each costs the check of a password."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody came in. The cookie is known to their browser alone."""

    cookie: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Tried:
    """Who tries to come in, in the two ways in which failures are counted."""

    name: str
    address: str

    def patience(self) -> dict[str, Patience]:
        return {f"name {self.name}": OF_NAME, f"address {self.address}": OF_ADDRESS}


class Door:
    """Lets people in by a password or an invitation."""

    def __init__(self, database: Database, clock: Clock, wakes: Wakes) -> None:
        self._database = database
        self._clock = clock
        self._wakes = wakes
        self._passwords = Passwords()

    async def sign_in(self, email: str, password: str, address: str) -> SignedIn:
        """Let somebody in by a password.

        Raises:
            NotAllowed: the address or the password is wrong; which one is not said.
            TooMany: there were too many wrong ones.
        """
        tried = Tried(email, address)
        await self._count(tried)
        async with self._database.single() as tx:
            rows = await store.people_called(tx, email, _ACCOUNTS_MAX)
        row = await self._whose(rows, password)
        if row is None:
            raise _WRONG
        fresh = await self._refreshed(row["password_hash"], password)
        async with self._database.transaction() as tx:
            person, account = PersonId(row["id"]), AccountId(row["account_id"])
            if not await store_sign_in.still_has_password(tx, person, row["password_hash"]):
                raise _WRONG
            if fresh is not None:
                await store_sign_in.set_password(tx, person, fresh)
            await self._forgive(tx, tried)
            return await self._let_in(tx, account, person, address)

    async def change_password(
        self, account: AccountId, person: PersonId, old: str, new: str, address: str
    ) -> SignedIn:
        """Another password, and a sign-in that takes the place of all others.

        Raises:
            BadRequest: the new password cannot be used.
            NotAllowed: the old one is wrong.
            TooMany: there were too many wrong ones.
        """
        check_password(new)
        async with self._database.single() as tx:
            row = await store.person(tx, account, person)
        if row is None or row["password_hash"] is None:
            raise _WRONG
        tried = Tried(row["email"], address)
        await self._count(tried)
        if not await self._passwords.is_right(row["password_hash"], old):
            raise _WRONG
        hashed = await self._passwords.hash(new)
        async with self._database.transaction() as tx:
            if not await store_sign_in.still_has_password(tx, person, row["password_hash"]):
                raise _WRONG
            await store_sign_in.set_password(tx, person, hashed)
            await store_sign_in.end_sign_ins(tx, person)
            await self._forgive(tx, tried)
            return await self._let_in(tx, account, person, address)

    async def take_invitation(self, token: str, password: str, address: str) -> SignedIn:
        """Let somebody in who was invited, with the password that they choose now.

        Raises:
            BadRequest: the password cannot be used; the invitation can, still.
            NotAllowed: the invitation was used, is too old or never was.
            TooMany: this address has tried too many.
        """
        check_password(password)
        tried = Tried(f"invitation {key_hash(token).hex()}", address)
        await self._count(tried)
        hashed = await self._passwords.hash(password)
        async with self._database.transaction() as tx:
            row = await store_sign_in.take_invitation(tx, key_hash(token), self._clock.now())
            if row is None:
                raise NotAllowed("This invitation is used up or too old", "Ask for a new one")
            person = PersonId(row["id"])
            await store_sign_in.set_password(tx, person, hashed)
            await self._forgive(tx, tried)
            return await self._let_in(tx, AccountId(row["account_id"]), person, address)

    async def sign_out(self, cookie: str) -> None:
        async with self._database.transaction() as tx:
            await store_sign_in.end_sign_in(tx, key_hash(cookie))

    async def sign_out_everywhere(self, person: PersonId) -> None:
        async with self._database.transaction() as tx:
            await store_sign_in.end_sign_ins(tx, person)

    async def _count(self, tried: Tried) -> None:
        """Count a try as a failure before it is known to be one, so that many at once count as many."""
        now, wait = self._clock.now(), 0.0
        async with self._database.transaction() as tx:
            await store_sign_in.forget_old_tries(tx, now - TRIES_FORGOTTEN_AFTER)
            patience = tried.patience()
            rows = await store_sign_in.lock_tries(tx, list(patience), now)
            for subject, row in rows.items():
                failures, last = row["failures"], row["last_at"]
                wait = max(wait, wait_seconds(patience[subject], failures, last, now))
            for subject, row in rows.items() if not wait else ():
                failures = failures_with(row["failures"], row["last_at"], now)
                await store_sign_in.note_failures(tx, subject, failures, now)
        if wait:
            seconds = math.ceil(wait)
            cure = say("Try again in {seconds} s", seconds=seconds)
            raise TooMany("There were too many tries", cure, seconds)

    async def _whose(self, rows: list[Row], password: str) -> Row | None:
        """The first of the rows with this password. It takes as long when there is none."""
        if not rows:
            await self._passwords.is_right(await self._passwords.nobodys(), password)
        for row in rows:
            if await self._passwords.is_right(row["password_hash"], password):
                return row
        return None

    async def _refreshed(self, password_hash: str, password: str) -> str | None:
        outdated = self._passwords.is_outdated(password_hash)
        return await self._passwords.hash(password) if outdated else None

    async def _forgive(self, tx: Tx, tried: Tried) -> None:
        """It was no failure. The address is forgiven this one only: else a thief with an account of
        their own could try others for ever."""
        name, address = tried.patience()
        await store_sign_in.forgive(tx, address)
        await store_sign_in.forget_tries(tx, name)

    async def _let_in(self, tx: Tx, account: AccountId, person: PersonId, address: str) -> SignedIn:
        now = self._clock.now()
        made = SignedIn(secrets.token_urlsafe(32), now + SIGNED_IN_FOR)
        hashed = key_hash(made.cookie)
        await store_sign_in.add_sign_in(tx, hashed, person, address, now, made.expires_at)
        fact = PersonSignedIn(person_id=person, address=address, actor=f"person {person}")
        await feed.write(tx, now, [feed.Entry(account, None, fact)])
        self._wakes.here(Topic.FEED)
        return made


_WRONG: Final = NotAllowed(
    "The address or the password is wrong", "Try again, or ask an administrator for a reset"
)
