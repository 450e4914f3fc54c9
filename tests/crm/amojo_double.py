"""The chats of an amoCRM in memory: strict about signatures and fields, with a manager's screen as data.

It shows twice what it is told twice, calls once, and calls nobody because of what the bot says.
"""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import httpx

CHANNEL = "344a5002-f8ca-454d-af3d-396180102ac7"
ACCOUNT = "52e591f7-c98f-4255-8495-827210138c81"
SECRET = "5a44c5dff55f3c15a4cce8d7c4cc27e207c7e189"
BOT = "f1910c7f-b1e0-4184-bd09-c7def2a9109a"
MANAGER = "76fc2bea-902f-425c-9a3d-dcdac4766090"
HOST = "https://amojo.example"
PREFIX = "/v2/origin/custom/"
SCOPE = f"{CHANNEL}_{ACCOUNT}"
FILES = ("file", "video", "picture")

Call = Callable[[dict[str, str], bytes], Awaitable[bool]]


@dataclass
class Bubble:
    """A message as a manager sees it: `mark` is None, `delivered`, `read`, or the text of an error."""

    id: str
    who: str
    text: str
    at: int
    silent: bool = False
    mark: str | None = None
    client_id: str | None = None
    media: str | None = None
    reactions: dict[str, str] = field(default_factory=dict)
    """Whose emoji stands on it: `client`, `manager`."""

    def seen(self) -> tuple[str, str]:
        return self.who, self.text


@dataclass
class Chat:
    id: str
    person: str
    phone: str
    client_id: str | None
    conversation: str | None
    bubbles: list[Bubble] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    """By which of the integration's numbers the client came: when the chat was made, and with each message."""


class Strict(Exception):
    def __init__(self, status: int, why: str) -> None:
        self.status, self.why = status, why


class AmojoDouble:
    """The server."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.secret = SECRET
        self.connected = 0
        self.weather: str | int = "up"
        self.drop_answers = 0
        self.chats: dict[str, Chat] = {}
        self.calls: list[str] = []
        self._hooks: list[dict[str, Any]] = []

    # --- The manager -----------------------------------------------------------------------

    def screen(self, phone: str) -> list[tuple[str, str]]:
        return [bubble.seen() for bubble in self.bubbles(phone)]

    def bubbles(self, phone: str) -> list[Bubble]:
        return [b for chat in self.chats.values() if chat.phone == phone for b in chat.bubbles]

    def manager_writes(self, phone: str, text: str, media: str = "") -> Bubble:
        """Write to a client; to one who is not known this is "write first"."""
        chat = next((one for one in self.chats.values() if one.phone == phone), None)
        if chat is None:
            chat = Chat(str(uuid4()), str(uuid4()), phone, None, None)
            self.chats[chat.id] = chat
        bubble = Bubble(str(uuid4()), "manager", text, int(self._now()), media=media or None)
        chat.bubbles.append(bubble)
        self._hooks.append(self._hook(chat, bubble))
        return bubble

    def manager_reacts(self, bubble: Bubble, emoji: str | None, *, user: str = MANAGER) -> None:
        """Put an emoji on a message, or (None) take it off."""
        chat = next(one for one in self.chats.values() if bubble in one.bubbles)
        said = {
            "message": {"id": bubble.id},
            "user": {"id": user, "name": "Olga"},
            "conversation": {"id": chat.id},
            "type": "unreact" if emoji is None else "react",
        }
        reaction = said if emoji is None else said | {"emoji": emoji}
        head = {"account_id": ACCOUNT, "time": int(self._now())}
        self._hooks.append(head | {"action": {"reaction": reaction}})

    def _hook(self, chat: Chat, bubble: Bubble) -> dict[str, Any]:
        receiver = {"id": chat.person, "phone": chat.phone, "email": ""}
        conversation = {"id": chat.id}
        if chat.client_id and chat.conversation:
            receiver["client_id"] = chat.client_id
            conversation["client_id"] = chat.conversation
        return {
            "account_id": ACCOUNT,
            "time": int(self._now()),
            "message": {
                "receiver": receiver,
                "sender": {"id": MANAGER},
                "conversation": conversation,
                "timestamp": bubble.at,
                "msec_timestamp": bubble.at * 1000,
                "message": {
                    "id": bubble.id,
                    "type": "picture" if bubble.media else "text",
                    "text": bubble.text,
                    "media": bubble.media or "",
                },
            },
        }

    async def tell(self, call: Call, *, times: int = 1) -> None:
        hooks, self._hooks = self._hooks, []
        for hook in hooks:
            body = json.dumps(hook).encode()
            signature = hmac.new(self.secret.encode(), body, hashlib.sha1).hexdigest()
            for _ in range(times):
                await call({"x-signature": signature}, body)

    def forget(self) -> None:
        self._hooks = []

    # --- The interface ---------------------------------------------------------------------

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path}")
        if self.weather == "down":
            raise httpx.ConnectError("connection refused")
        if isinstance(self.weather, int):
            return httpx.Response(self.weather)
        if request.url.path == "/picture.jpg":
            return httpx.Response(200, content=b"12345", headers={"content-type": "image/jpeg"})
        try:
            body = self._answer(request)
        except Strict as error:
            said = {"error_code": error.status, "error_type": "x", "error_description": error.why}
            return httpx.Response(error.status, json=said)
        if self.drop_answers and request.url.path == PREFIX + SCOPE:
            self.drop_answers -= 1
            raise httpx.ReadTimeout("the answer was lost")
        return httpx.Response(204) if body is None else httpx.Response(200, json=body)

    def _answer(self, request: httpx.Request) -> Any:
        self._check_signature(request)
        path = request.url.path.removeprefix(PREFIX)
        body = json.loads(request.content) if request.content else {}
        match request.method, path.split("/"):
            case "POST", [channel, "connect"] if channel == CHANNEL:
                return self._connect(body)
            case "POST", [scope] if scope == SCOPE:
                return self._event(body)
            case "POST", [scope, "react"] if scope == SCOPE:
                return self._react(body)
            case "POST", [scope, "chats"] if scope == SCOPE:
                return self._make_chat(body)
            case "POST", [scope, message, "delivery_status"] if scope == SCOPE:
                return self._delivery(message, body)
            case "GET", [scope, "chats", chat, "history"] if scope == SCOPE:
                return self._history(chat, request)
        raise Strict(404, f"{request.method} {path} is not there")

    def _check_signature(self, request: httpx.Request) -> None:
        heads = request.headers
        digest = hashlib.md5(request.content).hexdigest()
        text = [request.method, digest, "application/json", heads["date"], request.url.path]
        right = hmac.new(self.secret.encode(), "\n".join(text).encode(), hashlib.sha1).hexdigest()
        late = abs(parsedate_to_datetime(heads["date"]).timestamp() - self._now()) > 900
        if late or heads["content-md5"] != digest or heads["x-signature"] != right:
            raise Strict(403, "INVALID_SIGNATURE")
        if heads["content-type"] != "application/json":
            raise Strict(400, "content type")

    def _connect(self, body: dict[str, Any]) -> Any:
        if body.get("account_id") != ACCOUNT or body.get("hook_api_version") != "v2":
            raise Strict(400, "account_id, hook_api_version")
        self.connected += 1
        return {**body, "scope_id": SCOPE}

    def _make_chat(self, body: dict[str, Any]) -> Any:
        _need(body, "conversation_id", "user")
        chat = self._chat(body["conversation_id"], body["user"], None)
        _note_source(chat, body)
        user = {"id": chat.person, "client_id": chat.client_id, "name": body["user"]["name"]}
        return {"id": chat.id, "user": user}

    def _chat(self, conversation: str, person: dict[str, Any], ref: str | None) -> Chat:
        """Known by our id, or joined by theirs, or new."""
        _need(person, "id", "name")
        for chat in self.chats.values():
            if chat.conversation == conversation or chat.id == ref:
                chat.conversation, chat.client_id = conversation, person["id"]
                return chat
        phone = person["profile"].get("phone", person["id"].removeprefix("wa:")).removeprefix("+")
        if phone.isdigit() is not ("phone" in person["profile"]):
            raise Strict(400, "phone")
        made = Chat(str(uuid4()), str(uuid4()), phone, person["id"], conversation)
        self.chats[made.id] = made
        return made

    def _event(self, body: dict[str, Any]) -> Any:
        payload, kind = body["payload"], body["event_type"]
        _need(payload, "timestamp", "msec_timestamp", "msgid", "conversation_id", "message")
        message = payload["message"]
        if kind == "edit_message":
            self._bubble(payload["id"]).text = message["text"]
            return {}
        _need(payload, "silent", "sender")
        _need(
            message,
            "type",
            *(("media", "file_name", "file_size") if message["type"] in FILES else ()),
        )
        bot = payload["sender"].get("ref_id") == BOT
        person = payload["receiver"] if bot else payload["sender"]
        chat = self._chat(payload["conversation_id"], person, payload.get("conversation_ref_id"))
        _note_source(chat, payload)
        bubble = Bubble(
            str(uuid4()),
            "bot" if bot else "client",
            message.get("text", ""),
            payload["timestamp"],
            silent=payload["silent"],
            client_id=payload["msgid"],
            media=message.get("media"),
        )
        chat.bubbles.append(bubble)
        return {"new_message": {"msgid": bubble.id, "ref_id": payload["msgid"]}}

    def _delivery(self, message: str, body: dict[str, Any]) -> Any:
        status = body.get("delivery_status")
        failed = status == -1
        if body.get("msgid") != message or status not in (1, 2, -1):
            raise Strict(400, "msgid, delivery_status")
        if failed is not (body.get("error_code") == 905 and bool(body.get("error"))):
            raise Strict(400, "error_code, error")
        bubble = self._bubble(message)
        bubble.mark = body["error"] if failed else {1: "delivered", 2: "read"}[status]
        return {}

    def _react(self, body: dict[str, Any]) -> Any:
        if not body.keys() <= {"conversation_id", "id", "user", "type", "emoji"}:
            raise Strict(400, "a field that is not known")
        _need(body, "conversation_id", "id", "user", "type")
        _need(body["user"], "id")
        bubble = self._bubble(body["id"])
        chat = next(one for one in self.chats.values() if bubble in one.bubbles)
        if chat.conversation != body["conversation_id"] or chat.client_id != body["user"]["id"]:
            raise Strict(404, "no such message in the conversation of this user")
        match body["type"], body.get("emoji"):
            case "react", str(emoji) if emoji:
                bubble.reactions["client"] = emoji
            case "unreact", None:
                bubble.reactions.pop("client", None)
            case _:
                raise Strict(400, "type, emoji")
        return {}

    def _history(self, chat: str, request: httpx.Request) -> Any:
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        if limit > 50:
            raise Strict(400, "limit")
        found = self.chats.get(chat)
        page = found.bubbles[::-1][offset : offset + limit] if found else []
        return {"messages": [_listed(found, one) for one in page]} if found and page else None

    def _bubble(self, message: str) -> Bubble:
        for chat in self.chats.values():
            for bubble in chat.bubbles:
                if bubble.id == message:
                    return bubble
        raise Strict(404, "no such message")


def _need(body: dict[str, Any], *names: str) -> None:
    for name in names:
        if body.get(name) in (None, ""):
            raise Strict(400, f"{name} is missing")


def _note_source(chat: Chat, said: dict[str, Any]) -> None:
    if "source" in said:
        source = said["source"]["external_id"]
        if not 0 < len(source) <= 36 or not source.isascii():
            raise Strict(400, "source")
        chat.sources.append(source)


def _listed(chat: Chat, bubble: Bubble) -> dict[str, Any]:
    client = {"id": chat.person, "client_id": chat.client_id, "phone": chat.phone}
    writers = {"client": client, "bot": {"id": BOT}, "manager": {"id": MANAGER, "name": "Olga"}}
    message = {"id": bubble.id, "type": "text", "text": bubble.text, "media": bubble.media or ""}
    if bubble.client_id:
        message["client_id"] = bubble.client_id
    return {
        "timestamp": bubble.at,
        "sender": writers[bubble.who],
        "receiver": client if bubble.who != "client" else {},
        "message": message,
    }
