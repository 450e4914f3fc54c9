"""Contacts and leads of an amoCRM account, by aioamocrm. Chats work without, and then this is not loaded.

Whoever writes becomes a contact, found by number or made, before their first message: else amoCRM would
make one of its own beside the one that it has.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
from aioamocrm import (
    AmoCRMClient,
    AmoCRMError,
    Auth,
    AuthError,
    ForbiddenError,
    LongLivedToken,
    MemoryTokenStorage,
    NetworkError,
    OAuth2,
    PaymentRequiredError,
    RateLimitError,
    RetryPolicy,
    TokenEndpoint,
    TokenSet,
    ValidationError,
)

from houston.crm.connector import Ask, AskPerson, Connection, Failure, Fault, GiveUp, Later
from houston.crm.wire import Table, Wire, table
from houston.kernel.clock import Clock
from houston.kernel.sentence import say

Result = TypeVar("Result")

_TOKENS: Final = "tokens"
_RENEWED_AHEAD_SECONDS: Final = 300.0
_CLOSED: Final = frozenset({142, 143})
"""The statuses of won and lost leads, alike in all pipelines."""
_FOUND_MAX: Final = 50
_NATIONAL_DIGITS: Final = 10


def redirect_of(connection: Connection) -> str:
    """Where amoCRM leads whoever has allowed Houston to use the account."""
    return connection.settings.get("redirect_uri") or f"{connection.hook_url}/oauth"


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair that amoCRM gave. A new one is on the disk before it is used, and made by one node at a time."""

    connection: Connection
    clock: Clock

    async def get_token(self, endpoint: TokenEndpoint) -> str:
        kept = self.connection.memory.known.get(_TOKENS)
        if kept is None:
            raise AuthError(
                str(
                    say("Nobody has allowed Houston to use the account: open the link of the guide")
                )
            )
        tokens = _tokens(kept)
        if not self._is_old(tokens):
            return tokens.access_token
        return await self._renewed(endpoint, tokens.access_token)

    async def handle_unauthorized(self, endpoint: TokenEndpoint, rejected_token: str) -> bool:
        return await self._renewed(endpoint, rejected_token) != rejected_token

    async def exchange(self, endpoint: TokenEndpoint, code: str) -> None:
        tokens = await self._oauth(None).exchange_code(endpoint, code)
        await self.connection.memory.keep(_TOKENS, _written(tokens))

    async def _renewed(self, endpoint: TokenEndpoint, stale: str) -> str:
        async def make(before: str | None) -> str | Failure:
            tokens = None if before is None else _tokens(before)
            if before and tokens and tokens.access_token != stale and not self._is_old(tokens):
                return before  # Another node was quicker.
            return _written(await self._oauth(tokens).refresh(endpoint))

        made = await self.connection.memory.renew(_TOKENS, make)
        assert isinstance(made, str)  # What goes wrong is raised.
        return _tokens(made).access_token

    def _is_old(self, tokens: TokenSet) -> bool:
        return tokens.expires_within(_RENEWED_AHEAD_SECONDS, now=self._seconds())

    def _oauth(self, tokens: TokenSet | None) -> OAuth2:
        settings = self.connection.settings
        return OAuth2(
            settings.get("client_id", "-"),
            settings.get("client_secret", "-"),
            redirect_of(self.connection),
            MemoryTokenStorage(tokens),
            clock=self._seconds,
        )

    def _seconds(self) -> float:
        return self.clock.now().timestamp()


class Rest:
    """One account."""

    def __init__(self, connection: Connection, wire: Wire, clock: Clock) -> None:
        self._settings = connection.settings
        self._tokens = Tokens(connection, clock)
        token = connection.settings.get("token")
        auth: Auth = LongLivedToken(token) if token else self._tokens
        self._client = AmoCRMClient(
            auth=auth,
            base_url=connection.settings["account_url"],
            http=wire.http,
            rate_limit=None,  # One errand after the other, a few calls in each: far below what is allowed.
            retry=RetryPolicy(max_attempts=1),  # The relay tries again, and shows that it does.
        )

    async def allow(self, code: str) -> Failure | None:
        """Take the code that whoever allowed it brings."""
        endpoint = TokenEndpoint(http=self._client.http, url=self._client.token_url)
        return await _outcome(self._tokens.exchange(endpoint, code))

    async def chats_id(self) -> str | Failure:
        """By which id the chats know the account."""
        found = await _outcome(self._get("account", {"with": "amojo_id"}))
        return str(found.get("amojo_id")) if isinstance(found, dict) else found

    async def has_source(self, channel: str) -> bool | Failure:
        """Whether amoCRM knows a channel as a source."""
        found = await _outcome(self._source(channel))
        return found if isinstance(found, Failure) else found is not None

    async def be_source(self, channel: str, name: str) -> Failure | None:
        """Make a channel one of the sources, called as people want it and in their pipeline."""
        return await _outcome(self._be_source(channel, name))

    async def place(self, chat: str, phone: str, name: str | None) -> Failure | None:
        """Make the chat one of its contact, and see to it that there is a lead if that is wanted."""
        return await _outcome(self._place(chat, phone, name))

    async def _place(self, chat: str, phone: str, name: str | None) -> None:
        contact = await self._contact(phone) or await self._make_contact(phone, name)
        await self._attach(contact, chat)
        if self._settings.get("leads") == "on" and not await self._has_lead(contact):
            await self._make_lead(contact, name or phone)

    # --- Sources ---------------------------------------------------------------------------

    async def _source(self, channel: str) -> Table | None:
        params = {"filter": {"external_id": channel}}
        listed = _listed(await self._get("sources", params), "sources")
        return next((one for one in listed if one.get("external_id") == channel), None)

    async def _be_source(self, channel: str, name: str) -> None:
        pipeline = self._settings.get("pipeline_id")
        wanted: Table = {"name": name} | ({"pipeline_id": int(pipeline)} if pipeline else {})
        known = await self._source(channel)
        if known is None:
            body = [wanted | {"external_id": channel}]
            await self._client.request("POST", "sources", json=body)
        elif any(known.get(field) != value for field, value in wanted.items()):
            await self._client.request("PATCH", "sources", json=[wanted | {"id": known["id"]}])

    # --- Contacts --------------------------------------------------------------------------

    async def _contact(self, phone: str) -> int | None:
        """The oldest with this number, however it is written there."""
        wanted = _digits(phone)
        params = {"query": wanted[-_NATIONAL_DIGITS:], "limit": _FOUND_MAX}
        listed = _listed(await self._get("contacts", params), "contacts")
        found = [int(one["id"]) for one in listed if wanted in map(_digits, _phones(one))]
        return min(found, default=None)

    async def _make_contact(self, phone: str, name: str | None) -> int:
        field = {"field_code": "PHONE", "values": [{"value": phone, "enum_code": "WORK"}]}
        body = {"name": name or phone, "custom_fields_values": [field]}
        (made,) = await self._client.contacts.create([body])
        if made.id is None:
            raise AmoCRMError(str(say("amoCRM made a contact and did not say which")))
        return made.id

    async def _attach(self, contact: int, chat: str) -> None:
        body = [{"contact_id": contact, "chat_id": chat}]
        try:
            await self._client.request("POST", "contacts/chats", json=body)
        except ValidationError as error:
            if not any(one.code == "AlreadyExists" for one in error.errors):
                raise

    # --- Leads -----------------------------------------------------------------------------

    async def _has_lead(self, contact: int) -> bool:
        """Whether one is open."""
        known = await self._get(f"contacts/{contact}", {"with": "leads"})
        ids = [one["id"] for one in _listed(known, "leads")]
        if not ids:
            return False
        leads = _listed(await self._get("leads", {"filter": {"id": ids}, "limit": 250}), "leads")
        return any(one.get("status_id") not in _CLOSED for one in leads)

    async def _make_lead(self, contact: int, name: str) -> None:
        body: Table = {"name": f"WhatsApp: {name}", "_embedded": {"contacts": [{"id": contact}]}}
        pipeline = self._settings.get("pipeline_id")
        await self._client.leads.create(
            [body | ({"pipeline_id": int(pipeline)} if pipeline else {})]
        )

    async def _get(self, path: str, params: Table) -> Table:
        return table(await self._client.request("GET", path, params=params))


async def _outcome(work: Awaitable[Result]) -> Result | Failure:
    """What came of it, with what went wrong as a value."""
    try:
        return await work
    except AmoCRMError as error:
        return _failure(error)


def _failure(error: AmoCRMError) -> Failure:
    status, why = error.status_code or 0, error.message
    match error:
        case NetworkError():
            return Later(why=why, fault=Fault.UNREACHABLE)
        case RateLimitError():
            return Later(why=why, fault=Fault.BUSY, seconds=error.retry_after)
        case _ if status == 429 or status >= 500:
            return Later(why=why, fault=Fault.BROKEN)
        case AuthError() | ForbiddenError():
            return AskPerson(Ask.KEYS_REFUSED, why)
        case PaymentRequiredError():
            return AskPerson(Ask.GONE, why)
        case _:
            return GiveUp(why)


# --- Translation -------------------------------------------------------------------------------


def _tokens(kept: str) -> TokenSet:
    return TokenSet.from_dict(msgspec.json.decode(kept))


def _written(tokens: TokenSet) -> str:
    return msgspec.json.encode(tokens.to_dict()).decode()


def _listed(answer: Table, kind: str) -> list[Table]:
    found = table(answer.get("_embedded")).get(kind)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _phones(contact: Table) -> list[str]:
    fields: list[Any] = contact.get("custom_fields_values") or []
    phones = [table(one) for one in fields if table(one).get("field_code") == "PHONE"]
    return [str(table(value).get("value")) for one in phones for value in one.get("values") or []]


def _digits(phone: str) -> str:
    """A number as it is compared; where Russia is dialled with an 8, it is a 7."""
    digits = "".join(one for one in phone if one.isdigit())
    return f"7{digits[1:]}" if len(digits) == 11 and digits.startswith("8") else digits
