"""Sees to it that every endpoint is served by one node, and wakes a delivery where there is news."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import islice
from typing import Final

from houston.kernel import feed
from houston.kernel.clock import Chance, Clock
from houston.kernel.db import Database
from houston.kernel.feed import Cursor
from houston.kernel.ids import EndpointId
from houston.kernel.loop import Bell
from houston.kernel.node import Node
from houston.kernel.vault import Vault
from houston.kernel.wake import Topic, Wakes
from houston.webhooks import store
from houston.webhooks.delivery import Delivery, Means
from houston.webhooks.postman import Postman
from houston.webhooks.posts import Dialect

_PAGE: Final = 500
_TIDY_EVERY_SECONDS: Final = 60.0
_ATTEMPTS_KEPT: Final = timedelta(days=14)


class Dispatcher:
    """One task for each endpoint that has news; the others cost nothing but their place here."""

    def __init__(
        self,
        database: Database,
        node: Node,
        clock: Clock,
        chance: Chance,
        wakes: Wakes,
        dialects: Mapping[str, Dialect],
        postman: Postman,
        vault: Vault,
        *,
        look_every_seconds: float = 1.0,
    ) -> None:
        self._database = database
        self._node = node
        self._clock = clock
        self._means = Means(database, node, clock, chance, dialects, postman, vault)
        self._speaks = list(dialects)
        self._hears = sorted({kind for dialect in dialects.values() for kind in dialect.hears})
        self._deliveries: dict[EndpointId, Delivery] = {}
        self._look_every_seconds = look_every_seconds
        self._seen: Cursor | None = None
        self._took_stock_at = self._tidied_at = float("-inf")
        self._bell = Bell()
        wakes.on(Topic.FEED, lambda _: self._bell.ring())

    async def duty(self) -> None:
        """One turn of the loop."""
        if self._node.may_act():
            await self._take_stock()
            await self._look_for_news()
            now = self._clock.now()
            for delivery in self._deliveries.values():
                delivery.start(now)
            await self._tidy_up()
        await self._bell.wait(self._look_every_seconds)

    async def close(self) -> None:
        """End all deliveries where they are, and leave the endpoints to others."""
        for delivery in self._deliveries.values():
            await delivery.end()
        await self._give_back(list(self._deliveries.values()))

    # --- Who is served ---------------------------------------------------------------------

    async def _take_stock(self) -> None:
        """Now and then: take a fair share of the endpoints, and give back what is above it."""
        now = self._clock.monotonic()
        if now < self._took_stock_at + self._look_every_seconds:
            return
        self._took_stock_at = now
        async with self._database.single() as tx:
            endpoints = await store.count(tx, self._speaks)
            held = await store.held(tx, self._node.id)
        for delivery in list(self._deliveries.values()):
            if held.get(delivery.endpoint.id) != delivery.endpoint.fence:
                del self._deliveries[delivery.endpoint.id]
                await delivery.end()
        room = -(-endpoints // (self._node.others + 1)) - len(self._deliveries)
        if room > 0 and self._node.may_claim():
            await self._claim(room, [id for id in held if id not in self._deliveries])
        elif room < 0:
            idle = (delivery for delivery in self._deliveries.values() if delivery.idle)
            await self._give_back(list(islice(idle, -room)))

    async def _claim(self, room: int, forgotten: list[EndpointId]) -> None:
        """Forgotten are those whose claim was stored, but the answer to it was lost."""
        async with self._database.single() as tx:
            claimed = await store.claim(tx, self._node.id, self._speaks, forgotten, room)
        for endpoint in claimed:
            self._deliveries[endpoint.id] = Delivery(endpoint, self._means)

    async def _give_back(self, deliveries: list[Delivery]) -> None:
        if not deliveries:
            return
        await self._note_progress(deliveries)
        async with self._database.single() as tx:
            await store.give_back(tx, {one.endpoint.id: one.endpoint.fence for one in deliveries})
        for delivery in deliveries:
            del self._deliveries[delivery.endpoint.id]

    # --- Who has news ----------------------------------------------------------------------

    async def _look_for_news(self) -> None:
        """One look at the feed for all endpoints together; none if there are no endpoints.

        An endpoint that has just come looks for itself first.
        """
        if not self._deliveries:
            self._seen = None
            return
        async with self._database.single() as tx:
            seen = self._seen or await feed.end_of_feed(tx)
            news = await feed.news(tx, seen, kinds=self._hears, limit=_PAGE)
        self._seen = news.reached
        accounts = {event.account for event in news.events}
        for delivery in self._deliveries.values():
            if delivery.endpoint.account in accounts:
                delivery.call()
            elif delivery.idle:
                # Nothing of its own lies between its place and here, so it need never be read again.
                delivery.cursor = max(delivery.cursor, self._seen)
        if news.more:
            self._bell.ring()

    async def _tidy_up(self) -> None:
        """Once a minute, and first of all: what saves reading and room, and keeps keys sealed."""
        now = self._clock.monotonic()
        if now < self._tidied_at + _TIDY_EVERY_SECONDS:
            return
        self._tidied_at = now
        await self._seal_keys()
        await self._note_progress([one for one in self._deliveries.values() if one.idle])
        async with self._database.single() as tx:
            await store.forget_attempts(tx, self._clock.now() - _ATTEMPTS_KEPT)

    async def _seal_keys(self) -> None:
        """What a version before this one left open, also one that still runs beside this one.

        It can go once nobody comes from a version before the second.
        """
        async with self._database.transaction() as tx:
            for endpoint, key in await store.left_unsealed(tx, _PAGE):
                await store.keep_key(tx, endpoint, self._means.vault.seal(key, endpoint))

    async def _note_progress(self, deliveries: list[Delivery]) -> None:
        passed = [
            (one.endpoint, one.cursor) for one in deliveries if one.cursor > one.endpoint.cursor
        ]
        if passed:
            async with self._database.single() as tx:
                await store.move(tx, passed)
