"""An API inbox of Chatwoot over HTTP: contacts, conversations, messages. It knows none of ours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from houston.crm.connector import Connection, Failure, GiveUp, phone_of
from houston.crm.wire import Answer, Table, Wire, failure, table
from houston.kernel.sentence import say

Result = TypeVar("Result")

_PAGES_MAX: Final = 200
_FILE_BYTES_MAX: Final = 40 * 1024 * 1024
"""What Chatwoot takes; a larger file is told by its address."""


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation, and whose it is."""

    conversation: str
    contact: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """The inbox of one connection."""

    wire: Wire
    connection: Connection

    @property
    def id(self) -> str:
        return self.connection.settings["inbox_id"]

    async def call(self, method: str, path: str, **more: Any) -> Answer | Failure:
        """The answer, if it is a success."""
        settings = self.connection.settings
        url = f"{settings['url']}/api/v1/accounts/{settings['account_id']}/{path}"
        headers = {"api_access_token": settings["access_token"]}
        answer = await self.wire.call(method, url, headers, **more)
        if not isinstance(answer, Answer) or answer.ok:
            return answer
        return failure(answer)

    # --- Messages --------------------------------------------------------------------------

    async def messages(self, conversation: str, before: int | None = None) -> list[Table] | Failure:
        """A page of a conversation, the newest or those before an id, in the order they were written."""
        params = {} if before is None else {"before": before}
        path = f"conversations/{conversation}/messages"
        answer = await self.call("GET", path, params=params)
        return rows(answer.json()) if isinstance(answer, Answer) else answer

    async def messages_since(self, conversation: str, since: datetime) -> list[Table] | Failure:
        found: list[Table] = []
        before: int | None = None
        for _ in range(_PAGES_MAX):
            page = await self.messages(conversation, before)
            if not isinstance(page, list):
                return page
            found = page + found
            if not page or _seconds(page[0], "created_at") < since.timestamp():
                break
            before = int(page[0]["id"])
        return [one for one in found if _seconds(one, "created_at") >= since.timestamp()]

    async def write(self, conversation: str, body: Table, uri: str | None) -> Answer | Failure:
        """A new message, with the file at an address if there is one."""
        path = f"conversations/{conversation}/messages"
        if uri is None:
            return await self.call("POST", path, json=body)
        file = await self.wire.call("GET", uri, {})
        if not isinstance(file, Answer) or not file.ok or len(file.body) > _FILE_BYTES_MAX:
            told = {**body, "content": "\n".join(filter(None, [body["content"], uri]))}
            return await self.call("POST", path, json=told)
        name = uri.split("?")[0].rsplit("/", 1)[-1] or "file"
        form = {key: _form_value(value) for key, value in body.items() if value is not None}
        return await self.call("POST", path, data=form, files={"attachments[]": (name, file.body)})

    # --- Conversations ---------------------------------------------------------------------

    async def conversations_since(self, since: datetime) -> list[Table] | Failure:
        """Those in which something has happened since then. Chatwoot lists the liveliest first."""
        found: list[Table] = []
        for page in range(1, _PAGES_MAX):
            params = {"inbox_id": self.id, "status": "all", "assignee_type": "all", "page": page}
            answer = await self.call("GET", "conversations", params=params)
            if not isinstance(answer, Answer):
                return answer
            listed = rows(table(answer.json().get("data")))
            lively = [
                one for one in listed if _seconds(one, "last_activity_at") >= since.timestamp()
            ]
            found += lively
            if len(lively) < len(listed) or not listed:
                break
        return found

    async def place(self, address: str, name: str | None) -> Place | Failure:
        """The conversation with a client, made where there is none."""
        contact = await self._contact(address, name)
        if not isinstance(contact, str):
            return contact
        answer = await self.call("GET", f"contacts/{contact}/conversations")
        if not isinstance(answer, Answer):
            return answer
        here = [one for one in rows(answer.json()) if str(one.get("inbox_id")) == self.id]
        if here:
            return Place(str(here[0]["id"]), contact)
        body = {"source_id": address, "inbox_id": self.id, "contact_id": contact}
        return await self._made("conversations", body, lambda made: Place(str(made["id"]), contact))

    async def _contact(self, address: str, name: str | None) -> str | Failure:
        """By number; who hides it is known by the hidden address, which Chatwoot takes for no number."""
        phone = phone_of(address)
        what, value = ("identifier", address) if phone is None else ("phone_number", phone)
        answer = await self.call("GET", "contacts/search", params={"q": value})
        if not isinstance(answer, Answer):
            return answer
        known = [one for one in rows(answer.json()) if one.get(what) == value]
        if known:
            return await self._joined(known[0], address)
        body = {"inbox_id": self.id, "name": name or value, what: value, "source_id": address}
        return await self._made(
            "contacts", body, lambda made: str(made["payload"]["contact"]["id"])
        )

    async def _joined(self, contact: Table, address: str) -> str | Failure:
        """A contact that is known from elsewhere, made one of this inbox too."""
        inboxes = [str(table(one.get("inbox")).get("id")) for one in contact["contact_inboxes"]]
        if self.id in inboxes:
            return str(contact["id"])
        body = {"inbox_id": self.id, "source_id": address}
        path = f"contacts/{contact['id']}/contact_inboxes"
        return await self._made(path, body, lambda _: str(contact["id"]))

    async def _made(
        self, path: str, body: Table, found: Callable[[Table], Result]
    ) -> Result | Failure:
        answer = await self.call("POST", path, json=body)
        if not isinstance(answer, Answer):
            return answer
        try:
            return found(answer.json())
        except (KeyError, TypeError):
            why = say(
                "Chatwoot made something in {path} and did not say what: {answer}",
                path=path,
                answer=answer.shown(),
            )
            return GiveUp(str(why))


# --- Reading what Chatwoot says ----------------------------------------------------------------


def rows(value: object) -> list[Table]:
    """The objects under `payload`."""
    payload = table(value).get("payload")
    return [one for one in payload if isinstance(one, dict)] if isinstance(payload, list) else []


def _seconds(one: Table, field: str) -> float:
    value = one.get(field)
    return float(value) if isinstance(value, int | float) else 0.0


def _form_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
