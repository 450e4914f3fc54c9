"""What people do with endpoints: add, change, pause, give a new secret, have facts told again.

Each change is written into the feed with it, so the audit log has it.
"""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from houston.channels import store as channels_store
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.connected import EndpointChanged
from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import BadRequest, Conflict, NotFound
from houston.kernel.facts import KINDS
from houston.kernel.feed import Cursor
from houston.kernel.ids import AccountId, ChannelId, EndpointId, new_id
from houston.kernel.sentence import Sentence, say
from houston.kernel.vault import Vault, WrongKey
from houston.kernel.wake import Topic, Wakes
from houston.people.rules import Caller
from houston.people.store import lock_account
from houston.webhooks import health, native, signing, store, store_endpoints, store_replays
from houston.webhooks.posted import posted
from houston.webhooks.postman import Postman
from houston.webhooks.posts import TEST as _TEST
from houston.webhooks.posts import Dialect, bearer
from houston.webhooks.rules import Answer
from houston.webhooks.store import Endpoint
from houston.webhooks.store_endpoints import Wanted
from houston.webhooks.store_replays import Stretch, around

ENDPOINTS_MAX: Final = 100
_URL_CHARACTERS_MAX: Final = 2_000
_NOT_YOURS: Final = NotFound("There is no such endpoint", "List the endpoints to see their ids")


@dataclass(frozen=True, slots=True)
class Tested:
    """How a receiver took a test."""

    answer: Answer
    took_ms: int


@dataclass(frozen=True, slots=True)
class EndpointDesk:
    """Everything about the endpoints of an account."""

    database: Database
    clock: Clock
    wakes: Wakes
    postman: Postman
    vault: Vault
    dialects: Mapping[str, Dialect]

    # --- Looking -----------------------------------------------------------------------------

    async def all(self, account: AccountId) -> list[tuple[Row, Row | None]]:
        """Each endpoint with its last try, if there was one."""
        async with self.database.single() as tx:
            rows = await store_endpoints.of_account(tx, account)
            last = await store_endpoints.last_attempts(tx, [row["id"] for row in rows])
        return [(row, last.get(row["id"])) for row in rows]

    async def one(self, account: AccountId, endpoint: EndpointId) -> tuple[Row, Row | None]:
        """
        Raises:
            NotFound: the account has no such endpoint.
        """
        async with self.database.single() as tx:
            row = await _found(tx, account, endpoint)
            last = await store_endpoints.last_attempts(tx, [endpoint])
        return row, last.get(endpoint)

    async def attempts(
        self, account: AccountId, endpoint: EndpointId, before: int | None, limit: int
    ) -> list[Row]:
        async with self.database.single() as tx:
            await _found(tx, account, endpoint)
            return await store_endpoints.attempts(tx, endpoint, before, limit)

    async def attempt(
        self, account: AccountId, endpoint: EndpointId, attempt: int
    ) -> tuple[Row, bytes | None]:
        """One try, and what was posted.

        Raises:
            NotFound: the account has no such endpoint, or it no such try.
        """
        async with self.database.single() as tx:
            row = await _found(tx, account, endpoint)
            tried = await store_endpoints.attempt(tx, endpoint, attempt)
            if tried is None:
                raise NotFound("There is no such try", "They are kept for two weeks; list them")
            return tried, await posted(tx, account, self.dialects[row["dialect"]], tried)

    async def dead_letters(
        self, account: AccountId, endpoint: EndpointId, before: int | None, limit: int
    ) -> list[Row]:
        async with self.database.single() as tx:
            await _found(tx, account, endpoint)
            return await store_endpoints.dead_letters(tx, endpoint, before, limit)

    # --- Changing ----------------------------------------------------------------------------

    async def add(self, caller: Caller, wanted: Wanted) -> tuple[EndpointId, str]:
        """A new endpoint and its secret, which is shown this once.

        Raises:
            BadRequest: it cannot be told anything.
            Conflict: there are too many already.
        """
        endpoint, secret = EndpointId(new_id()), _new_secret()
        sealed, now = self.vault.seal(secret, endpoint), self.clock.now()
        async with self.database.transaction() as tx:
            await self._check(tx, caller.account, wanted)
            await lock_account(tx, caller.account)  # Two at once must not both be the last one.
            if await store_endpoints.count(tx, caller.account) >= ENDPOINTS_MAX:
                what = say("An account has at most {max} endpoints", max=ENDPOINTS_MAX)
                raise Conflict(what, "Remove one first")
            await store_endpoints.add(
                tx, caller.account, endpoint, native.NAME, wanted, sealed, now
            )
            await self._note(tx, caller, endpoint, wanted.name, "added")
        self._wake()
        return endpoint, secret

    async def change(self, caller: Caller, endpoint: EndpointId, wanted: Wanted) -> None:
        """
        Raises:
            BadRequest: it could not be told anything.
            NotFound: the account has no such endpoint.
        """
        async with self._changed(caller, endpoint, "changed", wanted.name) as (tx, row):
            _require_native(row, say("Change it with PATCH /v3/webhooks"))
            await self._check(tx, caller.account, wanted)
            await store_endpoints.change(tx, endpoint, wanted)

    async def remove(self, caller: Caller, endpoint: EndpointId) -> None:
        """
        Raises:
            NotFound: the account has no such endpoint.
        """
        async with self._changed(caller, endpoint, "removed") as (tx, _):
            await store_endpoints.remove(tx, endpoint)

    async def pause(self, caller: Caller, endpoint: EndpointId, *, on: bool) -> None:
        """Keep everything back, or go on where it stood.

        Raises:
            NotFound: the account has no such endpoint.
        """
        at = self.clock.now() if on else None
        async with self._changed(caller, endpoint, "paused" if on else "resumed") as (tx, _):
            await store_endpoints.pause(tx, endpoint, at)

    async def new_secret(self, caller: Caller, endpoint: EndpointId, overlap: timedelta) -> str:
        """A new secret, shown this once; the one of before signs as well for so long.

        Raises:
            BadRequest: the overlap is too long.
            NotFound: the account has no such endpoint.
        """
        if not timedelta() <= overlap <= signing.OVERLAP_MAX:
            hours = signing.OVERLAP_MAX // timedelta(hours=1)
            cure = say("use {min} to {max}", min=0, max=hours)
            raise BadRequest("overlap_hours", overlap / timedelta(hours=1), cure)
        secret = _new_secret()
        async with self._changed(caller, endpoint, "given a new secret") as (tx, row):
            _require_native(row, say("Change its crmKey with PATCH /v3/webhooks"))
            until = self.clock.now() + overlap
            await store_endpoints.sign_with(tx, endpoint, self.vault.seal(secret, endpoint), until)
        return secret

    # --- Trying ------------------------------------------------------------------------------

    async def test(self, account: AccountId, endpoint: EndpointId) -> Tested:
        """Post a test now, past all that waits, and see how the receiver takes it.

        Raises:
            NotFound: the account has no such endpoint.
            Conflict: its secret cannot be opened.
        """
        async with self.database.single() as tx:
            await _found(tx, account, endpoint)
            found = await store.one(tx, endpoint)
        if found is None:
            raise _NOT_YOURS
        content, headers = self._test_letter(found)
        began = self.clock.monotonic()
        answer = await self.postman.post(found.url, content, headers)
        return Tested(answer, int((self.clock.monotonic() - began) * 1000))

    def _test_letter(self, endpoint: Endpoint) -> tuple[bytes, dict[str, str]]:
        now, test_id = self.clock.now(), f"test-{new_id()}"
        try:
            keys = endpoint.secrets(self.vault, now)
        except WrongKey as error:
            raise Conflict(
                "The secret was sealed with another key",
                "Set HOUSTON_SEALING_KEY to what it was, or give the endpoint a new secret",
            ) from error
        if endpoint.dialect != native.NAME:
            return _TEST, bearer(keys)
        body = {"id": test_id, "at": now, "kind": "test", "channel_id": None, "body": {}}
        content = msgspec.json.encode(body)
        return content, signing.signed(test_id, now, content, keys)

    # --- Telling again -----------------------------------------------------------------------

    async def replay_event(self, caller: Caller, endpoint: EndpointId, event_id: str) -> int:
        """Tell one fact again.

        Raises:
            BadRequest: it is no id of an event.
            NotFound: the account has no such endpoint, or no such event.
        """
        event = Cursor.parse(event_id, "event_id")
        async with self._changed(caller, endpoint, "replayed") as (tx, _):
            if not await feed.holds(tx, caller.account, event):
                raise NotFound("There is no such event", "Give the `id` of one that you received")
            return await self._ask(tx, endpoint, [around(event, event)])

    async def replay_window(
        self, caller: Caller, endpoint: EndpointId, since: datetime, until: datetime
    ) -> int:
        """Tell everything of a stretch of time again, in order.

        Raises:
            BadRequest: it ends before it begins.
            NotFound: the account has no such endpoint.
        """
        if until < since:
            raise BadRequest("until", until.isoformat(), "give a time that is not before `since`")
        async with self._changed(caller, endpoint, "replayed") as (tx, _):
            found = await feed.ends(tx, caller.account, since, until)
            return await self._ask(tx, endpoint, [around(*found)] if found else [])

    async def replay_dead(
        self, caller: Caller, endpoint: EndpointId, ids: Sequence[int] | None
    ) -> int:
        """Try dead letters again; without `ids`, all of them.

        Raises:
            NotFound: the account has no such endpoint.
        """
        async with self._changed(caller, endpoint, "replayed") as (tx, _):
            return await self._ask(tx, endpoint, await store_replays.take_dead(tx, endpoint, ids))

    async def _ask(self, tx: Tx, endpoint: EndpointId, stretches: Sequence[Stretch]) -> int:
        await store_replays.ask(tx, endpoint, stretches, self.clock.now())
        await store_endpoints.hurry(tx, endpoint)
        return len(stretches)

    # --- Inside --------------------------------------------------------------------------------

    @asynccontextmanager
    async def _changed(
        self, caller: Caller, endpoint: EndpointId, change: str, name: str | None = None
    ) -> AsyncIterator[tuple[Tx, Row]]:
        """A transaction around a change of an endpoint that the account has."""
        async with self.database.transaction() as tx:
            row = await _found(tx, caller.account, endpoint, lock=True)
            yield tx, row
            await self._note(tx, caller, endpoint, name or row["name"], change)
            after = await store_endpoints.one(tx, caller.account, endpoint)
            turned = health.word_of(row), health.word_of(after)
            called = health.name_of(name or row["name"], row["url"])
            await health.tell(tx, caller.account, endpoint, called, turned, None, self.clock.now())
        self._wake()

    async def _note(
        self, tx: Tx, caller: Caller, endpoint: EndpointId, name: str, change: str
    ) -> None:
        fact = EndpointChanged(endpoint_id=endpoint, name=name, change=change, actor=caller.actor)
        await feed.write(tx, self.clock.now(), [feed.Entry(caller.account, None, fact)])

    async def _check(self, tx: Tx, account: AccountId, wanted: Wanted) -> None:
        if len(wanted.url) > _URL_CHARACTERS_MAX:
            cure = say("use at most {max} characters", max=_URL_CHARACTERS_MAX)
            raise BadRequest("url", wanted.url, cure)
        wrong = self.postman.wrong(wanted.url)
        if wrong is not None:
            cure = say("give an https address of the internet: {wrong}", wrong=wrong)
            raise BadRequest("url", wanted.url, cure)
        for kind in wanted.kinds or ():
            if kind not in KINDS:
                raise BadRequest("kinds", kind, say("use some of {kinds}", kinds=", ".join(KINDS)))
        for channel in wanted.channels or ():
            if await channels_store.one(tx, account, ChannelId(channel)) is None:
                raise BadRequest("channels", str(channel), "give ids of your channels")

    def _wake(self) -> None:
        self.wakes.here(Topic.FEED)


async def _found(tx: Tx, account: AccountId, endpoint: EndpointId, *, lock: bool = False) -> Row:
    row = await store_endpoints.one(tx, account, endpoint, lock=lock)
    if row is None:
        raise _NOT_YOURS
    return row


def _require_native(row: Row, cure: Sentence) -> None:
    if row["dialect"] != native.NAME:
        raise Conflict("This endpoint belongs to the Wazzup interface", cure)


def _new_secret() -> str:
    return signing.secret_of(secrets.token_bytes(signing.SECRET_BYTES))
