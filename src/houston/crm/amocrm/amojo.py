"""The chats of amoCRM over HTTP ("amojo"): every call signed over the very bytes that leave."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

import msgspec

from houston.crm.connector import Connection, Failure
from houston.crm.wire import Answer, Table, Wire, failure, table
from houston.kernel.clock import Clock

_JSON: Final = "application/json"
_PREFIX: Final = "/v2/origin/custom/"
_PAGE: Final = 50
_PAGES_MAX: Final = 40


def signed(secret: str, method: str, path: str, body: bytes, date: str) -> dict[str, str]:
    """The headers that prove where a call comes from."""
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    said = "\n".join((method, digest, _JSON, date, path))
    return {
        "Date": date,
        "Content-Type": _JSON,
        "Content-MD5": digest,
        "X-Signature": hmac.new(secret.encode(), said.encode(), hashlib.sha1).hexdigest(),
    }


def hook_is_genuine(secret: str, body: bytes, said: str) -> bool:
    """Some of amoCRM's hooks are signed without the line break at their end."""
    return any(
        hmac.compare_digest(_hook_signature(secret, form).encode(), said.encode())
        for form in (body, body.strip(b"\r\n"))
    )


def _hook_signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


@dataclass(frozen=True, slots=True)
class Amojo:
    """The chats of one account."""

    wire: Wire
    clock: Clock
    connection: Connection

    @property
    def scope(self) -> str:
        settings = self.connection.settings
        return f"{settings['channel_id']}_{settings['account_id']}"

    async def connect(self) -> Answer | Failure:
        """Ask for hooks. A repeat is harmless, and needed after the integration was installed anew."""
        settings = self.connection.settings
        body = {
            "account_id": settings["account_id"],
            "title": "WhatsApp (Houston)",
            "hook_api_version": "v2",
        }
        return await self.call("POST", f"{settings['channel_id']}/connect", body)

    async def event(self, kind: str, payload: Table) -> Answer | Failure:
        return await self.call("POST", self.scope, {"event_type": kind, "payload": payload})

    async def history(self, chat: str, offset: int = 0) -> list[Table] | Failure:
        """A page of a chat, the newest first."""
        path = f"{self.scope}/chats/{chat}/history"
        answer = await self.call("GET", path, None, query=f"?offset={offset}&limit={_PAGE}")
        return list_of(answer.json(), "messages") if isinstance(answer, Answer) else answer

    async def history_since(self, chat: str, since: datetime) -> list[Table] | Failure:
        """In the order in which it was written."""
        found: list[Table] = []
        for page in range(_PAGES_MAX):
            messages = await self.history(chat, page * _PAGE)
            if not isinstance(messages, list):
                return messages
            fresh = [one for one in messages if _seconds(one) >= since.timestamp()]
            found += fresh
            if len(fresh) < _PAGE:
                break
        return found[::-1]

    async def call(
        self, method: str, path: str, body: Table | None, query: str = ""
    ) -> Answer | Failure:
        """The answer, if it is a success."""
        settings = self.connection.settings
        content = b"" if body is None else msgspec.json.encode(body)
        date = format_datetime(self.clock.now().astimezone(UTC))
        headers = signed(settings["secret"], method, _PREFIX + path, content, date)
        url = f"{settings['host']}{_PREFIX}{path}{query}"
        answer = await self.wire.call(method, url, headers, content=content)
        if not isinstance(answer, Answer) or answer.ok:
            return answer
        return failure(answer)


def list_of(value: object, field: str) -> list[Table]:
    found = table(value).get(field)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _seconds(one: Table) -> float:
    value = one.get("timestamp")
    return float(value) if isinstance(value, int | float) else 0.0
