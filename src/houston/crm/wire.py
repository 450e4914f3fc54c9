"""Calls of a CRM's own interface, in time, with what went wrong as a value. Knows no CRM."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import msgspec

from houston.crm.connector import CALL_SECONDS_MAX, Ask, AskPerson, Failure, Fault, GiveUp, Later
from houston.kernel.outside import trusted
from houston.kernel.sentence import say

Table = dict[str, Any]

_BROKEN_WAYS: Final = frozenset({502, 503, 504})
"""What stands before the CRM answers, not the CRM: nothing else will pass either."""
_SHOWN_CHARACTERS: Final = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What the CRM answered, whatever it was."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    """With names in lower case."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body decoded; an empty object where there is nothing to decode."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return {}

    def shown(self) -> str:
        said = self.body[:_SHOWN_CHARACTERS].decode("utf-8", "replace").replace("\x00", "\ufffd")
        return f"HTTP {self.status} {said}".strip()


def table(value: object) -> Table:
    """The value if it is an object; others may send anything."""
    return value if isinstance(value, dict) else {}


class Wire:
    """An HTTP connection to wherever customers keep their CRMs."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout_seconds: float = CALL_SECONDS_MAX,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=timeout_seconds,
            verify=trusted(),
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def http(self) -> httpx.AsyncClient:
        """The connection itself, for a library that makes the calls."""
        return self._http

    async def close(self) -> None:
        await self._http.aclose()

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], **more: Any
    ) -> Answer | Later:
        """The answer, or why there was none; then it is unknown whether the call was heard."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._http.request(method, url, headers=dict(headers), **more)
        except TimeoutError:
            why = str(say("No answer within {seconds:g} seconds", seconds=self._timeout_seconds))
            return Later(why=why, fault=Fault.TIMEOUT)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            met = f"{type(error).__name__} {error}"
            why = str(say("Cannot be reached: {error}", error=met))[:_SHOWN_CHARACTERS]
            return Later(why=why, fault=Fault.UNREACHABLE)
        heads = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, answer.content, heads)


def failure(answer: Answer) -> Failure:
    """What an answer that is no success means, as most CRMs mean it."""
    match answer.status:
        case 401 | 403:
            return AskPerson(Ask.KEYS_REFUSED, answer.shown())
        case 402:
            why = say("The CRM asks to be paid: {answer}", answer=answer.shown())
            return AskPerson(Ask.GONE, str(why))
        case 429:
            asked = answer.headers.get("retry-after", "")
            seconds = float(asked[:6]) if asked.isascii() and asked.isdigit() else None
            return Later(why=answer.shown(), seconds=seconds, fault=Fault.BUSY)
        case status if status in _BROKEN_WAYS:
            return Later(why=answer.shown(), fault=Fault.BROKEN)
        case status if status >= 500:
            return Later(why=answer.shown(), whole=False, fault=Fault.BROKEN)
        case status if 300 <= status < 400:
            why = say("It is at another address: {answer}", answer=answer.shown())
            return AskPerson(Ask.GONE, str(why))
        case _:
            return GiveUp(answer.shown())
