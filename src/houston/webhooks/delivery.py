"""Carries the feed to one endpoint: in order, at least once. It knows nothing of other endpoints.

The cursor moves after the answer, so a crash between the two repeats a POST, with the same ids in it. What
somebody wants to have again goes between the pages of what is new.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import structlog

from houston.kernel import feed
from houston.kernel.clock import Chance, Clock
from houston.kernel.db import LOST, Database, Tx
from houston.kernel.feed import Cursor, Event
from houston.kernel.loop import end
from houston.kernel.node import Node
from houston.kernel.vault import Vault, WrongKey
from houston.webhooks import health, rules, store, store_replays
from houston.webhooks.postman import Postman
from houston.webhooks.posts import Dialect, Post, next_post
from houston.webhooks.rules import NO_TROUBLE, Again, Answer, Dead, Done, Health, items_max, judge
from houston.webhooks.store import Attempt, Endpoint
from houston.webhooks.store_replays import Replay

log = structlog.get_logger(__name__)

_PAGE: Final = 500
_PAGE_AGAIN: Final = 50
_PAUSE_SECONDS: Final = 1.0
_SEALED_ELSEWHERE: Final = Answer(
    None,
    error="not sent: the secret was sealed with another key; set HOUSTON_SEALING_KEY alike on all nodes",
)


@dataclass(frozen=True, slots=True)
class Means:
    """What all deliveries of a node work with and have to share."""

    database: Database
    node: Node
    clock: Clock
    chance: Chance
    dialects: Mapping[str, Dialect]
    postman: Postman
    vault: Vault
    # Others of this server want the database too, and files that can be open are not endless.
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    posting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(500))

    @asynccontextmanager
    async def single(self) -> AsyncIterator[Tx]:
        async with self.reading, self.database.single() as tx:
            yield tx

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        async with self.reading, self.database.transaction() as tx:
            yield tx


class Delivery:
    """An endpoint in the hands of this node, for as long as one claim stands."""

    def __init__(self, endpoint: Endpoint, means: Means) -> None:
        self.endpoint = endpoint
        self.cursor = endpoint.cursor
        """How far it has come; `endpoint.cursor` is how far it has on the disk."""
        self.stands = True
        """False once the claim turned out to be gone."""
        self._means = means
        self._dialect = means.dialects[endpoint.dialect]
        self._calls, self._answered = 1, 0
        self._repeats = endpoint.repeats
        self._work: asyncio.Task[None] | None = None

    def call(self) -> None:
        """Say that there may be news."""
        self._calls += 1

    @property
    def working(self) -> bool:
        return self._work is not None and not self._work.done()

    @property
    def idle(self) -> bool:
        """Nothing is left to tell."""
        return not self._wanted and not self.working

    @property
    def _has_news(self) -> bool:
        return self._calls > self._answered

    @property
    def _wanted(self) -> bool:
        return self.stands and (self._has_news or self._repeats)

    def start(self, now: datetime) -> None:
        """Get to work, if there is any and it is time."""
        retry_at = self.endpoint.trouble.retry_at
        due = retry_at is None or retry_at <= now
        if due and self._wanted and not self.working:
            self._work = asyncio.create_task(self._run(), name=f"delivery {self.endpoint.id}")

    async def end(self) -> None:
        await end(self._work)

    async def _run(self) -> None:
        """Send until nothing is left, or until something has to be tried later."""
        try:
            while self._wanted:
                if self._has_news and not await self._tell(await self._page()):
                    return
                if self._repeats and not await self._tell_again():
                    return
        except LOST as error:
            log.warning("delivery_postponed", endpoint=str(self.endpoint.id), error=str(error))
            await self._means.clock.sleep(_PAUSE_SECONDS)
        except Exception:
            log.exception("delivery_failed", endpoint=str(self.endpoint.id))
            await self._means.clock.sleep(_PAUSE_SECONDS)

    async def _page(self) -> list[Event]:
        """What comes next in the feed, while the claim stands."""
        endpoint, calls = self.endpoint, self._calls
        kinds = list(self._dialect.hears)
        async with self._means.single() as tx:
            news = await feed.news(
                tx, self.cursor, account=endpoint.account, kinds=kinds, limit=_PAGE
            )
            # After the reading: what happens once an endpoint is removed is no longer for it.
            self.stands = await store.stands(tx, endpoint.id, endpoint.fence)
        if not self.stands:
            return []
        if not news.events:
            self._answered, self.cursor = calls, news.reached
        return news.events

    async def _tell(self, events: list[Event]) -> bool:
        """Send one page, POST by POST; False when it has to be gone on with later, or by others."""
        while events:
            post = self._next_post(events)
            if post.items and not await self._deliver(post, post.reached):
                return False
            self.cursor = post.reached
            events = events[post.events :]
        return True

    async def _tell_again(self) -> bool:
        """A page of what was asked for again; the endpoint's own place stays where it is."""
        endpoint, kinds = self.endpoint, list(self._dialect.hears)
        async with self._means.single() as tx:
            replay = await store_replays.next_one(tx, endpoint.id)
            # Asking for one ends the claim, so a look at it has to come after the one at what is asked.
            self.stands = await store.stands(tx, endpoint.id, endpoint.fence)
            if not self.stands:
                return False
            if replay is None:
                self._repeats = False
                return True
            found = await feed.read(
                tx, replay.reached, account=endpoint.account, kinds=kinds, limit=_PAGE_AGAIN
            )
        events = [event for event in found if event.cursor <= replay.until]
        reached = events[-1].cursor if len(events) == _PAGE_AGAIN else replay.until
        while events and self.stands:
            post = self._next_post(events)
            if post.items and not await self._deliver(post, self.cursor, replay):
                return False
            events = events[post.events :]
        if self.stands:
            async with self._means.single() as tx:
                await store_replays.come_to(tx, replay, reached)
        return True

    def _next_post(self, events: list[Event]) -> Post:
        size = items_max(self.endpoint.trouble)
        return next_post(events, self._dialect, self.endpoint.wants, size)

    async def _deliver(self, post: Post, reached: Cursor, replay: Replay | None = None) -> bool:
        """One POST; whether it is dealt with. `reached` is the endpoint's place if it is."""
        means, endpoint = self._means, self.endpoint
        content = self._dialect.content(post)
        async with means.posting:
            if not means.node.may_act():
                return False
            began = means.clock.monotonic()
            try:
                secrets = endpoint.secrets(means.vault, means.clock.now())
            except WrongKey:
                answer = _SEALED_ELSEWHERE
            else:
                headers = self._dialect.headers(post, content, secrets, means.clock.now())
                answer = await means.postman.post(endpoint.url, content, headers)
        took_ms = int((means.clock.monotonic() - began) * 1000)
        now = means.clock.now()
        attempt = Attempt(post=post, content=content, answer=answer, at=now, took_ms=took_ms)
        return await self._settle(attempt, reached, replay)

    async def _settle(self, attempt: Attempt, reached: Cursor, replay: Replay | None) -> bool:
        """Write down what came of a POST; whether it is dealt with."""
        trouble, dead_because = NO_TROUBLE, None
        chance = self._means.chance.random()
        match judge(attempt.answer, self.endpoint.trouble, attempt.at, chance):
            case Done():
                self.cursor = reached  # Even if the database cannot be told now.
            case Dead(why):
                dead_because = why
                log.warning("webhook_given_up", endpoint=str(self.endpoint.id), why=why)
            case Again(after):
                reached, trouble = self.cursor, after
        means, before = self._means, self.endpoint
        dead_letters = before.dead_letters or dead_because is not None
        turned = replace(before, cursor=reached, trouble=trouble, dead_letters=dead_letters)
        alone = replay is None and _word(before) == _word(turned)
        async with means.single() if alone else means.transaction() as tx:
            self.stands = await store.settle(tx, before, attempt, reached, trouble, dead_because)
            if replay is not None and self.stands and trouble is NO_TROUBLE:
                await store_replays.come_to(tx, replay, attempt.post.reached)
            if self.stands:
                await _tell_health(tx, before, turned, attempt)
        self.endpoint = turned
        return self.stands and trouble is NO_TROUBLE


async def _tell_health(tx: Tx, before: Endpoint, after: Endpoint, attempt: Attempt) -> None:
    answer = attempt.answer
    error = answer.error or (None if answer.code is None else f"HTTP {answer.code}")
    change = _word(before), _word(after)
    await health.tell(tx, before.account, before.id, before.name, change, error, attempt.at)


def _word(endpoint: Endpoint) -> Health:
    failing = endpoint.trouble.first_failed_at is not None
    return rules.health(failing=failing, dead_letters=endpoint.dead_letters)
