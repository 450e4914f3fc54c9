"""A Chatwoot in memory: strict about tokens and fields, and with what an agent sees in it as plain data.

It takes everything twice that it is told twice, tells each event once, and calls back also for what
Houston itself wrote, as the real one does.
"""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

TOKEN, SECRET, ACCOUNT, INBOX = "agents-token", "cwsecret", "1", "3"
URL = "https://chatwoot.example"
KINDS = {"incoming": 0, "outgoing": 1}
STATUSES = ("sent", "delivered", "read", "failed")

Call = Callable[[dict[str, str], bytes], Awaitable[bool]]


@dataclass
class Bubble:
    """A message as an agent sees it."""

    id: int
    side: str
    text: str | None
    private: bool = False
    status: str = "sent"
    error: str | None = None
    source_id: str | None = None
    at: int = 0
    files: list[bytes] = field(default_factory=list)
    file_links: list[str] = field(default_factory=list)

    def seen(self) -> tuple[str, str | None]:
        """Who says what: all that matters for most tests."""
        return ("note" if self.private else self.side, self.text)


@dataclass
class Conversation:
    id: int
    contact: int
    source_id: str
    last_activity_at: int
    bubbles: list[Bubble] = field(default_factory=list)


class Strict(Exception):
    """What the real one would not have taken."""

    def __init__(self, status: int, why: str) -> None:
        self.status, self.why = status, why


class ChatwootDouble:
    """The server. `weather` decides the fate of the next calls: `up`, `down`, or an HTTP status."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.contacts: dict[int, dict[str, Any]] = {}
        self.conversations: dict[int, Conversation] = {}
        self.weather: str | int = "up"
        self.drop_answers = 0
        """That many messages are taken, and then the answer is lost."""
        self.stuck: asyncio.Event | None = None
        """Set when a message was taken for which no answer will ever come."""
        self.signs = True
        self.token = TOKEN
        self.hook_url = ""
        self.calls: list[str] = []
        self._events: list[dict[str, Any]] = []
        self._last_id = 100

    # --- The agent -------------------------------------------------------------------------

    def screen(self, phone: str) -> list[tuple[str, str | None]]:
        return [bubble.seen() for bubble in self.bubbles(phone)]

    def bubbles(self, phone: str) -> list[Bubble]:
        return [
            bubble
            for conversation in self.conversations.values()
            if _is(self.contacts[conversation.contact], phone)
            for bubble in conversation.bubbles
        ]

    def agent_writes(
        self, phone: str, text: str | None, *, private: bool = False, files: Sequence[str] = ()
    ) -> Bubble:
        """Write to a client, new or known. Chatwoot will tell of it when the test lets it."""
        conversation = self._conversation_with(phone)
        bubble = Bubble(self._id(), "outgoing", text, private, at=int(self._now()))
        bubble.file_links = list(files)
        conversation.bubbles.append(bubble)
        self._happened("message_created", conversation, bubble)
        return bubble

    def agent_retries(self, phone: str, bubble: Bubble) -> None:
        bubble.status, bubble.error = "sent", None
        self._happened("message_updated", self._conversation_with(phone), bubble)

    def delete_conversation(self, phone: str) -> None:
        del self.conversations[self._conversation_with(phone).id]

    def _conversation_with(self, phone: str) -> Conversation:
        for conversation in self.conversations.values():
            if _is(self.contacts[conversation.contact], phone):
                return conversation
        contact = self._make_contact({"name": phone, "phone_number": f"+{phone}"}, phone)
        return self._begin(contact["id"], phone)

    # --- Telling -----------------------------------------------------------------------------

    async def tell(self, call: Call, *, times: int = 1) -> None:
        """Deliver what happened, once and never again; a failure marks the message, as Chatwoot does."""
        events, self._events = self._events, []
        for event in events:
            body = json.dumps(event).encode()
            for _ in range(times):
                heard = await call(self._headers(body), body)
                if not heard and event["event"] == "message_created":
                    bubble = self._bubble(event["id"])
                    bubble.status, bubble.error = "failed", "500 Internal Server Error"

    def forget(self) -> None:
        """The events are lost: Houston was not there, and Chatwoot never tells them again."""
        self._events = []

    def _headers(self, body: bytes) -> dict[str, str]:
        if not self.signs:
            return {}
        at = str(int(self._now()))
        digest = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"x-chatwoot-timestamp": at, "x-chatwoot-signature": f"sha256={digest}"}

    def _happened(self, event: str, conversation: Conversation, bubble: Bubble) -> None:
        conversation.last_activity_at = int(self._now())
        attachments = [{"file_type": "image", "data_url": link} for link in bubble.file_links]
        self._events.append(
            {
                "event": event,
                "id": bubble.id,
                "content": bubble.text,
                "message_type": bubble.side,
                "content_type": "text",
                "content_attributes": {},
                "private": bubble.private,
                "source_id": bubble.source_id,
                "created_at": "2026-11-23T09:00:00.000Z",
                "sender": {"id": 1, "name": "Olga", "type": "user"},
                "inbox": {"id": int(INBOX), "name": "WhatsApp"},
                "account": {"id": int(ACCOUNT), "name": "Flowers"},
                "conversation": self._shown(conversation),
                **({"attachments": attachments} if attachments else {}),
            }
        )

    def _shown(self, conversation: Conversation) -> dict[str, Any]:
        return {
            "id": conversation.id,
            "account_id": int(ACCOUNT),
            "inbox_id": int(INBOX),
            "status": "open",
            "last_activity_at": conversation.last_activity_at,
            "contact_inbox": {"source_id": conversation.source_id},
            "meta": {"sender": self.contacts[conversation.contact]},
        }

    # --- The interface -----------------------------------------------------------------------

    async def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.calls.append(f"{request.method} {path}")
        if self.weather == "down":
            raise httpx.ConnectError("connection refused")
        if isinstance(self.weather, int):
            return httpx.Response(self.weather, json={"error": "as the test wishes"})
        try:
            body = self._answer(request, path)
        except Strict as error:
            return httpx.Response(error.status, json={"error": error.why})
        if self.drop_answers and request.method == "POST" and path.endswith("/messages"):
            self.drop_answers -= 1
            raise httpx.ReadTimeout("the answer was lost")
        if self.stuck is not None and request.method == "POST" and path.endswith("/messages"):
            self.stuck.set()
            await asyncio.Event().wait()
        return httpx.Response(200, json=body)

    def _answer(self, request: httpx.Request, path: str) -> Any:
        if path == "/picture.jpg":
            return "a picture"
        if request.headers.get("api_access_token") != self.token:
            raise Strict(401, "You need to sign in or sign up before continuing.")
        _, found, rest = path.partition(f"/api/v1/accounts/{ACCOUNT}/")
        if not found:
            raise Strict(404, "Resource could not be found")
        for method, pattern, act in self._routes():
            match = re.fullmatch(pattern, rest)
            if match and request.method == method:
                return act(request, *map(int, match.groups()))
        raise Strict(404, f"{request.method} {rest} is not there")

    def _routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        return [
            ("GET", r"inboxes/(\d+)", self._show_inbox),
            ("GET", "contacts/search", self._search),
            ("POST", "contacts", self._add_contact),
            ("GET", r"contacts/(\d+)/conversations", self._conversations_of),
            ("POST", r"contacts/(\d+)/contact_inboxes", self._join),
            ("GET", "conversations", self._list),
            ("POST", "conversations", self._add_conversation),
            ("GET", r"conversations/(\d+)/messages", self._messages),
            ("POST", r"conversations/(\d+)/messages", self._add_message),
            ("PATCH", r"conversations/(\d+)/messages/(\d+)", self._set_status),
        ]

    def _show_inbox(self, request: httpx.Request, inbox: int) -> Any:
        if str(inbox) != INBOX:
            raise Strict(404, "Resource could not be found")
        return {
            "id": inbox,
            "name": "WhatsApp",
            "channel_type": "Channel::Api",
            "webhook_url": self.hook_url,
        }

    def _search(self, request: httpx.Request) -> Any:
        wanted = request.url.params["q"]
        found = [
            one
            for one in self.contacts.values()
            if wanted in (one["phone_number"] or "") or wanted in (one["identifier"] or "")
        ]
        return {"payload": found}

    def _add_contact(self, request: httpx.Request) -> Any:
        body = _body(request)
        phone, identifier = body.get("phone_number"), body.get("identifier")
        if phone is not None and not re.fullmatch(r"\+[1-9]\d{1,14}", phone):
            raise Strict(422, "Phone number should be in e164 format")
        for one in self.contacts.values():
            if phone and one["phone_number"] == phone:
                raise Strict(422, "Phone number has already been taken")
            if identifier and one["identifier"] == identifier:
                raise Strict(422, "Identifier has already been taken")
        contact = self._make_contact(body, body["source_id"])
        return {"payload": {"contact": contact, "contact_inbox": contact["contact_inboxes"][0]}}

    def _make_contact(self, body: dict[str, Any], source_id: str) -> dict[str, Any]:
        contact = {
            "id": self._id(),
            "name": body["name"],
            "phone_number": body.get("phone_number"),
            "identifier": body.get("identifier"),
            "contact_inboxes": [{"source_id": source_id, "inbox": {"id": int(INBOX)}}],
        }
        self.contacts[contact["id"]] = contact
        return contact

    def known_elsewhere(self, phone: str) -> None:
        """A contact that another inbox of theirs has made."""
        contact = self._make_contact({"name": "Anna", "phone_number": f"+{phone}"}, phone)
        contact["contact_inboxes"] = []

    def _join(self, request: httpx.Request, contact: int) -> Any:
        body = _body(request)
        joined = {"source_id": body["source_id"], "inbox": {"id": int(body["inbox_id"])}}
        self.contacts[contact]["contact_inboxes"].append(joined)
        return joined

    def _conversations_of(self, request: httpx.Request, contact: int) -> Any:
        found = [one for one in self.conversations.values() if one.contact == contact]
        return {"payload": [self._shown(one) for one in found]}

    def _list(self, request: httpx.Request) -> Any:
        page = int(request.url.params["page"])
        lively = sorted(self.conversations.values(), key=lambda one: -one.last_activity_at)
        return {
            "data": {
                "payload": [self._shown(one) for one in lively[(page - 1) * 25 : page * 25]],
            }
        }

    def _add_conversation(self, request: httpx.Request) -> Any:
        body = _body(request)
        contact = self.contacts.get(int(body["contact_id"]))
        if contact is None or not contact["contact_inboxes"]:
            raise Strict(404, "Resource could not be found")
        return self._shown(self._begin(contact["id"], body["source_id"]))

    def _begin(self, contact: int, source_id: str) -> Conversation:
        made = Conversation(self._id(), contact, source_id, int(self._now()))
        self.conversations[made.id] = made
        return made

    def _messages(self, request: httpx.Request, conversation: int) -> Any:
        bubbles = self._there(conversation).bubbles
        before = request.url.params.get("before")
        earlier = [one for one in bubbles if before is None or one.id < int(before)]
        return {"payload": [_listed(one, conversation) for one in earlier[-20:]]}

    def _add_message(self, request: httpx.Request, conversation: int) -> Any:
        there, body = self._there(conversation), _body(request)
        side, private = body.get("message_type", "outgoing"), body.get("private") in (True, "true")
        if side not in KINDS or not (body.get("content") or body.get("files")):
            raise Strict(422, "Content is missing")
        if private and side == "incoming":
            raise Strict(422, "A client writes no notes")
        bubble = Bubble(
            self._id(),
            side,
            body.get("content"),
            private,
            source_id=body.get("source_id"),
            at=int(self._now()),
            files=body.get("files", []),
        )
        there.bubbles.append(bubble)
        self._happened("message_created", there, bubble)
        return _listed(bubble, conversation)

    def _set_status(self, request: httpx.Request, conversation: int, message: int) -> Any:
        body = _body(request)
        status = body.get("status")
        if status not in STATUSES or ("external_error" in body) is not (status == "failed"):
            raise Strict(422, "Invalid status")
        there = self._there(conversation)
        bubble = self._bubble(message)
        if not (bubble.status == "read" and status == "delivered"):
            bubble.status, bubble.error = status, body.get("external_error")
            self._happened("message_updated", there, bubble)
        return _listed(bubble, conversation)

    def _there(self, conversation: int) -> Conversation:
        if conversation not in self.conversations:
            raise Strict(404, "Resource could not be found")
        return self.conversations[conversation]

    def _bubble(self, message: int) -> Bubble:
        for conversation in self.conversations.values():
            for bubble in conversation.bubbles:
                if bubble.id == message:
                    return bubble
        raise Strict(404, "Resource could not be found")

    def _id(self) -> int:
        self._last_id += 1
        return self._last_id


def _is(contact: dict[str, Any], address: str) -> bool:
    return address in (contact["identifier"], str(contact["phone_number"]).removeprefix("+"))


def _body(request: httpx.Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return _form(request.content, kind.partition("boundary=")[2].encode())
    if kind != "application/json":
        raise Strict(415, f"{kind} is not taken")
    body: dict[str, Any] = json.loads(request.content)
    return body


def _form(content: bytes, boundary: bytes) -> dict[str, Any]:
    """What a form of fields and `attachments[]` holds."""
    found: dict[str, Any] = {"files": []}
    for part in content.split(b"--" + boundary)[1:-1]:
        head, _, body = part.strip(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        assert name is not None
        if name[1] == b"attachments[]":
            found["files"].append(body)
        else:
            found[name[1].decode()] = body.decode()
    return found


def _listed(bubble: Bubble, conversation: int) -> dict[str, Any]:
    return {
        "id": bubble.id,
        "conversation_id": conversation,
        "content": bubble.text,
        "message_type": KINDS[bubble.side],
        "private": bubble.private,
        "status": bubble.status,
        "source_id": bubble.source_id,
        "created_at": bubble.at,
        "sender": {"id": 1, "name": "Olga"},
    }
