"""Brings one body to one address and tells what came of it. It knows neither endpoints nor the feed."""

import asyncio
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

import httpcore
import httpx

from houston.kernel.clock import Clock
from houston.kernel.outside import PORT_MAX, OutsideOnly, trusted
from houston.kernel.sentence import Sentence, say
from houston.webhooks.rules import Answer

_START_CHARACTERS: Final = 200
_KEPT_OPEN_MAX: Final = 200
_KEPT_OPEN_SECONDS: Final = 30.0
# What is read of an answer is a few bytes, so it must not come packed.
_HEADERS: Final = {
    "content-type": "application/json; charset=utf-8",
    "accept-encoding": "identity",
    "user-agent": "houston",
}


class Postman:
    """Posts JSON. Redirects are answers, not directions: an address is what somebody has tested."""

    def __init__(self, clock: Clock, *, timeout_seconds: float, private_too: bool) -> None:
        """`private_too` allows addresses of our own network, and plain http."""
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._private_too = private_too
        self._connections = httpcore.AsyncConnectionPool(
            ssl_context=trusted(),
            max_connections=None,
            max_keepalive_connections=_KEPT_OPEN_MAX,
            keepalive_expiry=_KEPT_OPEN_SECONDS,
            network_backend=None if private_too else OutsideOnly(),
        )

    async def close(self) -> None:
        await self._connections.aclose()

    def wrong(self, url: str) -> Sentence | None:
        """Why nothing is ever posted to an address; None when something can be."""
        return wrong_address(url, private_too=self._private_too)

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Everything, from looking the name up to the first words of the answer, has to be in time."""
        wrong = self.wrong(url)
        if wrong is not None:
            return Answer(None, error=str(say("not sent: {why}", why=wrong)))
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._post(_parsed(url), content, dict(headers))
        except TimeoutError:
            error = say("no answer within {seconds:g} seconds", seconds=self._timeout_seconds)
            return Answer(None, error=str(error))
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            return Answer(None, error=f"{type(error).__name__}: {error}"[:_START_CHARACTERS])

    async def _post(self, url: httpx.URL, content: bytes, headers: dict[str, str]) -> Answer:
        address = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        said = [(name.encode(), value.encode()) for name, value in (_HEADERS | headers).items()]
        async with self._connections.stream(
            "POST", address, content=content, headers=said
        ) as response:
            start = b""
            async for part in response.aiter_stream():
                start += part
                if len(start) >= _START_CHARACTERS:
                    break
            return Answer(response.status, _shown(start), None, self._retry_after(response))

    def _retry_after(self, response: httpcore.Response) -> float | None:
        """Seconds, or a date, as HTTP allows both."""
        said = dict(response.headers).get(b"Retry-After".lower(), b"").decode("latin-1")
        if said.isascii() and said.isdigit():
            return float(said[:9])
        try:
            date = parsedate_to_datetime(said)
        except ValueError:
            return None
        if date.tzinfo is None:
            return None
        return max(0.0, (date - self._clock.now()).total_seconds())


def wrong_address(url: str, *, private_too: bool) -> Sentence | None:
    """Why nothing can be posted to an address; None when something can.

    Where a name leads to is seen only when it is connected to.
    """
    try:
        parsed = _parsed(url)
    except (httpx.InvalidURL, UnicodeError):
        return say("it is no address")
    if parsed.scheme not in ("http", "https") or not parsed.raw_host:
        return say("it is no https address")
    if parsed.port is not None and not 0 < parsed.port <= PORT_MAX:
        return say("its port is none")
    if parsed.userinfo:
        return say("it carries a user name or a password")
    if not private_too and parsed.scheme != "https":
        return say("it is not https")
    return None


@lru_cache(maxsize=1024)
def _parsed(url: str) -> httpx.URL:
    """Kept, because each POST asks twice, and reading an address was a twentieth of its work."""
    return httpx.URL(url)


def _shown(start: bytes) -> str:
    return start[:_START_CHARACTERS].decode("utf-8", "replace").replace("\x00", "\ufffd")
