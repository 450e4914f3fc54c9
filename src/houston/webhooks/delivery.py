"""Carries the feed to one endpoint: in order, at least once. It knows nothing of other endpoints.

The cursor moves after the answer, so a crash between the two repeats a POST, with the same ids in it.
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
from houston.kernel.feed import Event
from houston.kernel.loop import end
from houston.kernel.node import Node
from houston.webhooks import store
from houston.webhooks.postman import Postman
from houston.webhooks.posts import Dialect, Post, next_post
from houston.webhooks.rules import NO_TROUBLE, Again, Answer, Dead, Done, items_max, judge
from houston.webhooks.store import Attempt, Endpoint

log = structlog.get_logger(__name__)

_PAGE: Final = 500
_PAUSE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Means:
    """What all deliveries of a node work with and have to share."""

    database: Database
    node: Node
    clock: Clock
    chance: Chance
    dialects: Mapping[str, Dialect]
    postman: Postman
    # Others of this server want the database too, and files that can be open are not endless.
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    posting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(500))

    @asynccontextmanager
    async def single(self) -> AsyncIterator[Tx]:
        async with self.reading, self.database.single() as tx:
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
        return self._calls == self._answered and not self.working

    def start(self, now: datetime) -> None:
        """Get to work, if there is any and it is time."""
        retry_at = self.endpoint.trouble.retry_at
        due = retry_at is None or retry_at <= now
        if due and self.stands and self._calls > self._answered and not self.working:
            self._work = asyncio.create_task(self._run(), name=f"delivery {self.endpoint.id}")

    async def end(self) -> None:
        await end(self._work)

    async def _run(self) -> None:
        """Send until nothing is left, or until something has to be tried later."""
        try:
            while self.stands and self._calls > self._answered:
                if not await self._tell(await self._page()):
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
            self.stands = await store.stands(tx, endpoint.id, endpoint.fence)
            if not self.stands:
                return []
            news = await feed.news(
                tx, self.cursor, account=endpoint.account, kinds=kinds, limit=_PAGE
            )
        if not news.events:
            self._answered, self.cursor = calls, news.reached
        return news.events

    async def _tell(self, events: list[Event]) -> bool:
        """Send one page, POST by POST; False when it has to be gone on with later, or by others."""
        while events:
            size = items_max(self.endpoint.trouble)
            post = next_post(events, self._dialect, self.endpoint.kinds, size)
            if post.items and not await self._deliver(post):
                return False
            self.cursor = post.reached
            events = events[post.events :]
        return True

    async def _deliver(self, post: Post) -> bool:
        means, endpoint = self._means, self.endpoint
        async with means.posting:
            if not means.node.may_act():
                return False
            began = means.clock.monotonic()
            answer = await means.postman.post(endpoint.url, post.body, endpoint.secret)
        took_ms = int((means.clock.monotonic() - began) * 1000)
        return await self._settle(post, answer, took_ms)

    async def _settle(self, post: Post, answer: Answer, took_ms: int) -> bool:
        """Write down what came of a POST; whether it is dealt with."""
        now = self._means.clock.now()
        reached, trouble, dead_because = post.reached, NO_TROUBLE, None
        match judge(answer, self.endpoint.trouble, now, self._means.chance.random()):
            case Done():
                self.cursor = reached  # Even if the database cannot be told now.
            case Dead(why):
                dead_because = why
                log.warning("webhook_given_up", endpoint=str(self.endpoint.id), why=why)
            case Again(after):
                reached, trouble = self.cursor, after
        attempt = Attempt(post=post, answer=answer, at=now, took_ms=took_ms)
        async with self._means.single() as tx:
            self.stands = await store.settle(
                tx, self.endpoint, attempt, reached, trouble, dead_because
            )
        self.endpoint = replace(self.endpoint, cursor=reached, trouble=trouble)
        return self.stands and trouble is NO_TROUBLE
