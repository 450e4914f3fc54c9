"""Brings one body to one address and tells what came of it. It knows neither endpoints nor the feed."""

import asyncio
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import msgspec

from houston.kernel.clock import Clock
from houston.webhooks.rules import Answer

_START_CHARACTERS: Final = 200
_KEPT_OPEN_MAX: Final = 200
# What is read of an answer is a few bytes, so it must not come packed.
_HEADERS: Final = {
    "content-type": "application/json; charset=utf-8",
    "accept-encoding": "identity",
    "user-agent": "houston",
}


class Postman:
    """Posts JSON. Redirects are answers, not directions: an address is what somebody has tested."""

    def __init__(self, clock: Clock, *, timeout_seconds: float) -> None:
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT_OPEN_MAX)
        self._http = httpx.AsyncClient(
            timeout=timeout_seconds, limits=limits, follow_redirects=False, trust_env=False
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def post(self, url: str, body: Any, secret: str | None) -> Answer:
        """Everything, from looking the name up to the first words of the answer, has to be in time."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._post(url, body, secret)
        except TimeoutError:
            return Answer(None, error=f"no answer within {self._timeout_seconds:g} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return Answer(None, error=f"{type(error).__name__}: {error}"[:_START_CHARACTERS])

    async def _post(self, url: str, body: Any, secret: str | None) -> Answer:
        headers = _HEADERS if secret is None else {**_HEADERS, "authorization": f"Bearer {secret}"}
        content = msgspec.json.encode(body)
        async with self._http.stream("POST", url, content=content, headers=headers) as response:
            start = b""
            async for part in response.aiter_raw():
                start += part
                if len(start) >= _START_CHARACTERS:
                    break
            return Answer(response.status_code, _shown(start), None, self._retry_after(response))

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Seconds, or a date, as HTTP allows both."""
        said = response.headers.get("retry-after", "")
        if said.isascii() and said.isdigit():
            return float(said[:9])
        try:
            date = parsedate_to_datetime(said)
        except ValueError:
            return None
        if date.tzinfo is None:
            return None
        return max(0.0, (date - self._clock.now()).total_seconds())


def is_address(url: str) -> bool:
    """Whether it can be posted to at all: http(s), with a host that can be looked up."""
    try:
        parsed = httpx.URL(url)
        return parsed.scheme in ("http", "https") and bool(parsed.raw_host)
    except (httpx.InvalidURL, UnicodeError):
        return False


def _shown(start: bytes) -> str:
    return start[:_START_CHARACTERS].decode("utf-8", "replace").replace("\x00", "\ufffd")
