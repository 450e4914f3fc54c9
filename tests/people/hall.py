"""A whole server on a real socket, put together by app.py itself, on which only requests change anything.

None of its loops run and its clock stands still, so rows that differ were changed by somebody who asked.
"""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from houston.app import _build
from houston.inbox.stream import Hub
from houston.kernel import db
from houston.kernel.db import Database
from houston.kernel.ids import AccountId, PersonId
from houston.kernel.node import Node
from houston.kernel.serving import address_of, listen, serve
from houston.kernel.settings import Settings
from houston.people.founding import make_administrator
from houston.people.keyring import create_account
from houston.routes import Application
from houston.webhooks import store as webhooks
from tests.clocks import StoppedClock

PASSWORD = "correct horse battery"
NOWHERE = "http://127.0.0.1:9"


class LeapingClock(StoppedClock):
    """Whoever pauses is at once where they wanted to be; else time stands still."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(0)
        self.advance(seconds)


@dataclass
class Visitor:
    """Somebody at the server: a program with a key, or a browser with a cookie."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={one}" for name, one in self.cookies.items())
        return await self.http.request(method, path, headers=headers, **more)

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.ask("GET", f"/api/v1{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None) -> Any:
        answer = await self.ask("POST", f"/api/v1{path}", json={} if body is None else body)
        assert answer.is_success, answer.text
        return answer.json()


@dataclass
class Hall:
    """The server."""

    url: str
    http: httpx.AsyncClient
    database: Database
    clock: StoppedClock
    hub: Hub
    application: Application

    def with_key(self, key: str) -> Visitor:
        return Visitor(self.http, {"authorization": f"Bearer {key}"})

    async def try_to_sign_in(
        self, email: str, password: str, headers: Mapping[str, str] = {}
    ) -> httpx.Response:
        body = {"email": email, "password": password}
        return await self.http.post("/api/v1/session", json=body, headers=headers)

    async def signed_in(self, email: str, password: str = PASSWORD) -> Visitor:
        answer = await self.try_to_sign_in(email, password)
        assert answer.status_code == 200, answer.text
        return self.browser(answer)

    def browser(self, answer: httpx.Response) -> Visitor:
        """A browser that was let in by this answer, on a page that knows its token."""
        token = answer.json()["csrf_token"]
        return Visitor(self.http, {"x-csrf-token": token}, {"houston": answer.cookies["houston"]})

    async def take(self, invitation: Mapping[str, Any], password: str = PASSWORD) -> httpx.Response:
        body = {"token": invitation["token"], "password": password}
        return await self.http.post("/api/v1/session/invitation", json=body)

    async def account(self, name: str) -> "Account":
        """An account with an administrator, who is signed in."""
        made = await create_account(self.database, self.clock, name)
        email = f"owner@{name.lower()}.example"
        password = await make_administrator(self.database, self.clock, made.account, email)
        return Account(
            self,
            made.account,
            name,
            email,
            password,
            self.with_key(made.api_key),
            await self.signed_in(email, password),
        )

    async def rows(self, statement: str, *arguments: object) -> list[db.Row]:
        async with self.database.single() as tx:
            return list(await tx.fetch(statement, *arguments))


@dataclass
class Account:
    """A customer, by its first key and by its owner."""

    hall: Hall
    id: AccountId
    name: str
    email: str
    password: str
    key: Visitor
    owner: Visitor

    async def channel(self, phone: str, name: str = "Sales") -> str:
        body = {"name": name, "phone": phone, "transport": "simulator"}
        return str((await self.key.post("/channels", body))["id"])

    async def message(self, channel: str, to: str, text: str) -> dict[str, Any]:
        body = {"channel_id": channel, "chat_id": to, "text": text}
        made: dict[str, Any] = await self.key.post("/messages", body)
        return made

    async def invited(
        self, who: str, role: str | None, channels: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The answer to an invitation."""
        roles = [{"channel_id": one, "role": word} for one, word in (channels or {}).items()]
        email = f"{who.lower()}@{self.name.lower()}.example"
        body = {"name": who, "email": email, "role": role, "channels": roles}
        made: dict[str, Any] = await self.key.post("/people", body)
        return made

    async def person(
        self, who: str, role: str | None, channels: Mapping[str, str] | None = None
    ) -> tuple[PersonId, Visitor]:
        """Somebody who took up their invitation."""
        made = await self.invited(who, role, channels)
        answer = await self.hall.take(made["invitation"])
        assert answer.status_code == 200, answer.text
        return PersonId(made["person"]["id"]), self.hall.browser(answer)

    async def endpoint(self, secret: str) -> None:
        async with self.hall.database.transaction() as tx:
            await webhooks.put_sole(
                tx,
                self.id,
                "wazzup_v3",
                f"https://{secret}.example/hook",
                ["messages"],
                self.hall.clock.now(),
            )


@asynccontextmanager
async def hall(database_url: str, **chosen: Any) -> AsyncIterator[Hall]:
    """The server, for as long as the block, with some settings of one's own."""
    clock = LeapingClock()
    database = await db.connect(database_url, connections_max=6)
    usual = {
        "simulator_url": NOWHERE,
        "v3_requests_per_5s": 0,
        "files_url": "memory:///",
        "sealing_key": "ab" * 32,
        "private_webhooks": True,
    }
    settings = Settings(database_url=database_url, **{**usual, **chosen})
    node = Node(database, clock, ttl_seconds=1_000_000)
    await node.join()
    listener = listen("127.0.0.1", 0)
    house = _build(database, node, settings, clock, random.Random(1), address_of(listener))
    application = Application(house.parts)
    async with serve(application, listener) as url, _client(url) as http:
        yield Hall(url, http, database, clock, house.parts.hub, application)
        house.parts.hub.close()
    for close in house.closings:
        await close()
    await node.leave()
    await database.close()


def _client(url: str) -> httpx.AsyncClient:
    """Without a jar: whose cookie is sent, each visitor says."""
    no_jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(base_url=url, timeout=15, cookies=no_jar, verify=False)
