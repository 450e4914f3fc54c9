"""Fetches what lies at an address somewhere else: so much, for so long, and never from where it must not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from houston.files.addresses import NotAllowed, door_of
from houston.kernel.clock import Clock
from houston.kernel.outside import trusted
from houston.kernel.sentence import say

_REDIRECTS_MAX: Final = 3
_TRIES: Final = 3
_PAUSE_SECONDS: Final = 2.0
_READ_SECONDS_MAX: Final = 15.0
_HEADERS: Final = {"accept-encoding": "identity", "user-agent": "houston"}


class Failure(Exception):
    """It cannot be had: a stable code, and words for the sender."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Found:
    """What answers at an address; its parts come from the network as they are read."""

    content_type: str
    name: str
    size: int | None
    """As the other side says, which may say nothing or a lie."""
    parts: AsyncIterator[bytes]


class Fetcher:
    """Asks other people's servers. `private_too` lets it ask those of one's own network as well."""

    def __init__(self, clock: Clock, *, private_too: bool) -> None:
        self._clock = clock
        self._private_too = private_too
        self._http = httpx.AsyncClient(
            verify=trusted(),
            timeout=_READ_SECONDS_MAX,
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    @asynccontextmanager
    async def open(self, uri: str, *, trusted: bool) -> AsyncIterator[Found]:
        """What lies at an address, to be read within the block.

        Raises:
            Failure: it cannot be had.
        """
        response = await self._answered(uri, private_too=trusted or self._private_too)
        try:
            length = response.headers.get("content-length", "")
            yield Found(
                response.headers.get("content-type", ""),
                httpx.URL(uri).path.rpartition("/")[2],
                int(length) if length.isascii() and length.isdigit() else None,
                _parts(response),
            )
        finally:
            await response.aclose()

    async def _answered(self, uri: str, *, private_too: bool) -> httpx.Response:
        """A good answer; who does not answer at first is asked again."""
        for attempt in range(_TRIES):
            try:
                response = await self._followed(uri, private_too=private_too)
            except NotAllowed as error:
                text = str(say("The file is not fetched: {why}", why=error))
                raise Failure("content_not_allowed", text) from error
            except (httpx.HTTPError, OSError) as error:
                said = type(error).__name__
            else:
                if response.is_success:
                    return response
                await response.aclose()
                said = str(say("it answered {status}", status=response.status_code))
                if response.status_code < 500 and response.status_code != 429:
                    text = str(say("The file cannot be fetched: {why}", why=said))
                    raise Failure("content_gone", text)
            if attempt < _TRIES - 1:
                await self._clock.sleep(_PAUSE_SECONDS)
        text = str(say("The file's address does not give it: {why}", why=said))
        raise Failure("content_unreachable", text)

    async def _followed(self, uri: str, *, private_too: bool) -> httpx.Response:
        for _ in range(_REDIRECTS_MAX + 1):
            door = await door_of(uri, private_too=private_too)
            request = self._http.build_request(
                "GET",
                door.url,
                headers={**_HEADERS, "host": door.host},
                extensions={**self._http_timeout, "sni_hostname": door.name},
            )
            response = await self._http.send(request, stream=True)
            if not response.has_redirect_location:
                return response
            await response.aclose()
            uri = str(httpx.URL(uri).join(response.headers["location"]))
        raise NotAllowed(str(say("it sends on and on to other addresses")))

    @property
    def _http_timeout(self) -> dict[str, object]:
        return {"timeout": self._http.timeout.as_dict()}


async def _parts(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in response.aiter_bytes(2**18):
            yield part
    except (httpx.HTTPError, asyncio.IncompleteReadError) as error:
        text = str(say("The file broke off: {why}", why=type(error).__name__))
        raise Failure("content_unreachable", text) from error
