"""Carries facts to integrators: in order for each endpoint, for days, and none holds up another.

At least once: the cursor moves after the answer, so a crash between the two repeats a POST, with the
same ids in it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import httpx
import msgspec
import structlog

from houston.kernel import feed
from houston.kernel.clock import Chance, Clock
from houston.kernel.db import LOST, Database
from houston.kernel.feed import Cursor
from houston.kernel.ids import AccountId, EndpointId
from houston.kernel.loop import Bell, end
from houston.kernel.node import Node
from houston.kernel.wake import Topic, Wakes
from houston.webhooks import store
from houston.webhooks.posts import Dialect, Post, next_post
from houston.webhooks.rules import Again, Answer, Dead, Done, Verdict, judge
from houston.webhooks.store import Endpoint

log = structlog.get_logger(__name__)

_LOOK_EVERY_SECONDS: Final = 1.0
_PAGE: Final = 500
_ANSWER_BYTES_KEPT: Final = 200
_TRIES_KEPT: Final = timedelta(days=30)
_FORGET_EVERY_SECONDS: Final = 3600.0


@dataclass(slots=True)
class Served:
    """An endpoint in the hands of this node."""

    endpoint: Endpoint
    has_news: bool = True
    work: "asyncio.Task[None] | None" = None

    @property
    def working(self) -> bool:
        return self.work is not None and not self.work.done()


class Dispatcher:
    """One task for each endpoint that has news; the others cost nothing."""

    def __init__(
        self,
        database: Database,
        node: Node,
        clock: Clock,
        chance: Chance,
        wakes: Wakes,
        dialects: Mapping[str, Dialect],
        *,
        timeout_seconds: float,
    ) -> None:
        self._database = database
        self._node = node
        self._clock = clock
        self._chance = chance
        self._dialects = dialects
        self._timeout_seconds = timeout_seconds
        self._served: dict[EndpointId, Served] = {}
        self._seen: Cursor | None = None
        self._looked_at = float("-inf")
        self._forgot_at = clock.monotonic()
        self._bell = Bell()
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
        self._http = httpx.AsyncClient(
            timeout=timeout_seconds, limits=limits, follow_redirects=False, trust_env=False
        )
        wakes.on(Topic.FEED, lambda _: self._bell.ring())

    async def duty(self) -> None:
        """One turn of the loop."""
        if self._node.may_act():
            await self._take_stock()
            await self._look_for_news()
            self._start_work()
        await self._bell.wait(_LOOK_EVERY_SECONDS)

    async def close(self) -> None:
        await end(*(served.work for served in self._served.values()))
        await self._http.aclose()
        async with self._database.transaction() as tx:
            await store.give_back(tx, self._node.id)

    # --- Who is served ---------------------------------------------------------------------

    async def _take_stock(self) -> None:
        """Once a second: which endpoints are ours, and how they are set now."""
        if self._clock.monotonic() < self._looked_at + _LOOK_EVERY_SECONDS:
            return
        self._looked_at = self._clock.monotonic()
        async with self._database.transaction() as tx:
            ours = {one.id: one for one in await store.held(tx, self._node.id)}
            if self._clock.monotonic() > self._forgot_at + _FORGET_EVERY_SECONDS:
                self._forgot_at = self._clock.monotonic()
                await store.forget_attempts(tx, self._clock.now() - _TRIES_KEPT)
        for gone in self._served.keys() - ours.keys():
            await end(self._served.pop(gone).work)
        for endpoint in ours.values():
            served = self._served.setdefault(endpoint.id, Served(endpoint))
            if not served.working:
                served.endpoint = endpoint

    async def _look_for_news(self) -> None:
        """One look at the feed for all endpoints together."""
        async with self._database.single() as tx:
            if self._seen is None:
                self._seen = await feed.end_of_feed(tx)
            events = await feed.read(tx, self._seen, limit=_PAGE)
        accounts: set[AccountId] = {event.account for event in events}
        for served in self._served.values():
            served.has_news = served.has_news or served.endpoint.account in accounts
        if events:
            self._seen = events[-1].cursor
        if len(events) == _PAGE:
            self._bell.ring()

    def _start_work(self) -> None:
        now = self._clock.now()
        for served in self._served.values():
            due = served.endpoint.retry_at is None or served.endpoint.retry_at <= now
            if served.has_news and due and not served.working:
                served.work = asyncio.create_task(self._work(served))

    # --- Serving one -----------------------------------------------------------------------

    async def _work(self, served: Served) -> None:
        """Send until nothing is left, or until something has to be tried later."""
        try:
            while await self._send_next(served):
                pass
        except LOST as error:
            log.warning("dispatch_postponed", endpoint=str(served.endpoint.id), error=str(error))
        except Exception:
            log.exception("dispatch_failed", endpoint=str(served.endpoint.id))

    async def _send_next(self, served: Served) -> bool:
        endpoint = served.endpoint
        served.has_news = False
        async with self._database.single() as tx:
            events = await feed.read(tx, endpoint.cursor, account=endpoint.account, limit=_PAGE)
        if not events:
            return False
        served.has_news = True
        post = next_post(events, self._dialects[endpoint.dialect], endpoint.kinds)
        if not post.items:
            async with self._database.transaction() as tx:
                ours = await store.move(tx, endpoint.id, self._node.id, post.reached)
            served.endpoint = replace(endpoint, cursor=post.reached)
            return ours
        began = self._clock.monotonic()
        answer = await self._post(endpoint, post)
        return await self._settle(
            served, post, answer, int((self._clock.monotonic() - began) * 1000)
        )

    async def _post(self, endpoint: Endpoint, post: Post) -> Answer:
        headers = {} if endpoint.secret is None else {"authorization": f"Bearer {endpoint.secret}"}
        return await call(self._http, endpoint.url, post.body, headers, self._timeout_seconds)

    async def _settle(self, served: Served, post: Post, answer: Answer, took_ms: int) -> bool:
        endpoint, now = served.endpoint, self._clock.now()
        fails, first = endpoint.fails + 1, endpoint.first_failed_at or now
        verdict: Verdict = judge(answer, fails, first, now, self._chance.random())
        retry_at = verdict.at if isinstance(verdict, Again) else None
        async with self._database.transaction() as tx:
            await store.record(tx, endpoint.id, post, answer, took_ms, retry_at, now)
            match verdict:
                case Again(at):
                    await store.fail(tx, endpoint.id, fails, first, at)
                    served.endpoint = replace(
                        endpoint, fails=fails, first_failed_at=first, retry_at=at
                    )
                    return False
                case Dead(why):
                    log.warning("webhook_given_up", endpoint=str(endpoint.id), why=why)
                    await store.bury(tx, endpoint.id, post.body, why, now)
                case Done():
                    pass
            ours = await store.move(tx, endpoint.id, self._node.id, post.reached)
        served.endpoint = replace(
            endpoint, cursor=post.reached, fails=0, first_failed_at=None, retry_at=None
        )
        return ours


async def call(
    http: httpx.AsyncClient,
    url: str,
    body: object,
    headers: Mapping[str, str],
    seconds_max: float,
) -> Answer:
    """POST a body and hear the answer, all of it in time. Redirects are answers, not directions."""
    content = msgspec.json.encode(body)
    sent = {"content-type": "application/json; charset=utf-8", "user-agent": "houston", **headers}
    try:
        async with (
            asyncio.timeout(seconds_max),
            http.stream("POST", url, content=content, headers=sent) as response,
        ):
            start = b""
            async for part in response.aiter_bytes():
                start += part
                if len(start) >= _ANSWER_BYTES_KEPT:
                    break
    except TimeoutError:
        return Answer(None, error=f"no answer within {seconds_max:g} seconds")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Answer(None, error=f"{type(error).__name__}: {error}"[:_ANSWER_BYTES_KEPT])
    shown = start[:_ANSWER_BYTES_KEPT].decode("utf-8", "replace").replace("\x00", "\ufffd")
    after = response.headers.get("retry-after", "")
    return Answer(response.status_code, shown, None, float(after) if after.isdigit() else None)
