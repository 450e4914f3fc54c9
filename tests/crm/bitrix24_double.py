"""A Bitrix24 portal and its authorization server in memory: strict about tokens, fields and limits.

What an operator sees is data. It shows twice what it is told twice, calls once, and hands to the connector
whatever is not marked as a system message that the connector shall not have.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from tests.crm.bitrix24_methods import (
    ADMIN,
    CLIENT,
    METHODS,
    OLGA,
    SCOPES,
    Bubble,
    Chat,
    Said,
    Strict,
    iso,
    need,
    no_method,
)

HOME = "flowers.bitrix24.example"
PORTAL = f"https://{HOME}"
SECRET = "a-secret-of-the-local-app"
MEMBER = "bac1cd5c8940947a75e0d71b1a84e348"
LINE = "107"
HOUR = 3600

Call = Callable[[dict[str, str], bytes], Awaitable[bool]]


class Bitrix24Double:
    """The portal, its authorization server, and the people in it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.weather: str | int = "up"
        self.drop_answers = 0
        self.limits: list[Strict] = []
        self.echoes = False
        self.calls: list[str] = []
        self.client, self.secret = CLIENT, SECRET
        self.application: str | None = None
        self.connectors: dict[str, Said] = {}
        self.lines: dict[str, dict[str, bool]] = {LINE: {}, "108": {}}
        self.shown_in_widget: dict[str, Said] = {}
        self.handlers: dict[str, str] = {}
        self.chats: dict[str, Chat] = {}
        self.notifications: list[tuple[str, str]] = []
        self.access: dict[str, tuple[str, float]] = {}
        self.refresh: dict[str, str] = {}
        self._last = 1_800
        self._hooks: list[Said] = []

    def next_id(self) -> str:
        self._last += 1
        return str(self._last)

    # --- People ----------------------------------------------------------------------------

    def screen(self, phone: str, line: str = LINE) -> list[tuple[str, str]]:
        return [bubble.seen() for bubble in self.bubbles(phone, line)]

    def bubbles(self, phone: str, line: str = LINE) -> list[Bubble]:
        key = (phone, line)
        return [b for c in self.chats.values() if (c.address, c.line) == key for b in c.bubbles]

    def operator_writes(self, phone: str, text: str, *files: str, line: str = LINE) -> Bubble:
        """Olga answers. Where the connector is off, Bitrix24 says so in words of its own, and calls nobody."""
        chat = self.chat_of(line, phone)
        chat.members.add(OLGA)
        bubble = Bubble(self.next_id(), "operator", text, int(self.now()), "sending", [*files])
        chat.bubbles.append(bubble)
        if not any(self.lines[line].values()):
            chat.bubbles.append(Bubble(self.next_id(), "bitrix", "The connector is off", bubble.at))
            return bubble
        self.tell_of(chat, bubble, "ONIMCONNECTORMESSAGEADD", OLGA)
        return bubble

    def operator_edits(self, phone: str, bubble: Bubble, text: str | None) -> None:
        """Change it, or (None) delete it: either way the portal waits for a confirmation of a change."""
        word = "DELETE" if text is None else "UPDATE"
        bubble.text, bubble.mark = text or "", "sending"
        self.tell_of(self.chat_of(LINE, phone), bubble, f"ONIMCONNECTORMESSAGE{word}", OLGA)

    def tell_of(self, chat: Chat, bubble: Bubble, event: str, user: str) -> None:
        message: Said = {"user_id": user, "text": bubble.text}
        if bubble.ours:
            message["id"] = bubble.ours
        if bubble.files:
            message["files"] = [{"name": "a file", "link": uri} for uri in bubble.files]
        (connector,) = [name for name, on in self.lines[chat.line].items() if on]
        one = {"im": {"chat_id": chat.id, "message_id": bubble.id}, "message": message}
        one["chat"] = {"id": chat.address}
        data = {"CONNECTOR": connector, "LINE": chat.line, "MESSAGES": [one]}
        self._hooks.append(self.event(event, data, user))

    def event(self, name: str, data: Any, user: str) -> Said:
        auth = {
            "access_token": self.token(user),
            "expires": int(self.now()) + HOUR,
            "expires_in": HOUR,
            "domain": HOME,
            "server_endpoint": "https://oauth.bitrix24.tech/rest/",
            "client_endpoint": f"{PORTAL}/rest/",
            "status": "L",
            "scope": ",".join(SCOPES),
            "member_id": MEMBER,
            "user_id": user,
            "application_token": self.application,
        }
        ts = int(self.now())
        return {"event": name, "event_handler_id": 555, "data": data, "ts": ts, "auth": auth}

    def token(self, user: str) -> str:
        token = f"access-{self.next_id()}"
        self.access[token] = (user, self.now() + HOUR)
        return token

    def _new_refresh(self, user: str) -> str:
        token = f"refresh-{self.next_id()}"
        self.refresh[token] = user
        return token

    def administrator_saves_the_app(self) -> None:
        """The form of the local application calls its installation address, unasked and once."""
        self.application = f"application-{self.next_id()}"
        said = self.event("ONAPPINSTALL", {"VERSION": 1, "LANGUAGE_ID": "en"}, ADMIN)
        said["auth"]["refresh_token"] = self._new_refresh(ADMIN)
        self._hooks.append(said)

    def administrator_removes_the_app(self) -> None:
        said = self.event("ONAPPUNINSTALL", {"CLEAN": 1}, ADMIN)
        self._hooks.append(said)
        self.handlers, self.connectors, self.access, self.refresh = {}, {}, {}, {}
        self.lines = {line: {} for line in self.lines}

    def deletes_line(self, line: str) -> None:
        self.lines.pop(line)
        self._hooks.append(self.event("ONIMCONNECTORLINEDELETE", line, ADMIN))

    def switches_connector_off(self, line: str) -> None:
        for name in self.lines[line]:
            self.lines[line][name] = False
            data = {"connector": name, "line": line}
            self._hooks.append(self.event("ONIMCONNECTORSTATUSDELETE", data, ADMIN))

    def opens_the_page(self, user: str = ADMIN, line: str = LINE) -> tuple[str, bytes]:
        """What Bitrix24 posts into the frame: the query and the body."""
        (connector,) = self.connectors
        options = {"CONNECTOR": connector, "LINE": int(line), "ACTIVE_STATUS": 1}
        body = {
            "AUTH_ID": self.token(user),
            "AUTH_EXPIRES": HOUR,
            "REFRESH_ID": self._new_refresh(user),
            "APPLICATION_TOKEN": self.application,
            "SERVER_ENDPOINT": "https://oauth.bitrix24.tech/rest/",
            "member_id": MEMBER,
            "status": "L",
            "PLACEMENT": "SETTING_CONNECTOR",
            "PLACEMENT_OPTIONS": json.dumps(options),
        }
        query = {"DOMAIN": HOME, "PROTOCOL": 1, "LANG": "ru", "APP_SID": "x"}
        return urlencode(query), urlencode(body).encode()

    async def tell(self, call: Call, *, times: int = 1) -> None:
        """Call once for each event; `times` plays the network that delivers a call again."""
        hooks, self._hooks = self._hooks, []
        for said in hooks:
            if (
                said["event"] == "ONAPPINSTALL"
                or said["event"] in self.handlers
                or not self.handlers
            ):
                for _ in range(times):
                    await call(
                        {"content-type": "application/x-www-form-urlencoded"}, as_php(said).encode()
                    )

    def forget(self) -> None:
        self._hooks = []

    # --- HTTP ------------------------------------------------------------------------------

    async def answer(self, request: httpx.Request) -> httpx.Response:
        status, body = self.heard(request.method, str(request.url), request.content)
        return httpx.Response(status, json=body)

    def heard(self, method: str, url: str, content: bytes) -> tuple[int, Said]:
        parts = urlsplit(url)
        if self.weather == "down":
            raise httpx.ConnectError("connection refused")
        if isinstance(self.weather, int):
            return self.weather, {}
        try:
            if parts.path == "/oauth/token/":
                return 200, self._oauth(method, dict(parse_qsl(parts.query)))
            name = parts.path.removeprefix("/rest/").removesuffix(".json")
            self.calls.append(name)
            result = self._rest(method, name, content)
        except Strict as error:
            return error.status, error.body
        if self.drop_answers and name == "imconnector.send.messages":
            self.drop_answers -= 1
            raise httpx.ReadTimeout("the answer was lost")
        return 200, {"result": result, "time": self._time()}

    def _time(self) -> Said:
        now, shown = self.now(), iso(int(self.now()))
        moments = {"start": now, "finish": now, "date_start": shown, "date_finish": shown}
        return {**moments, "duration": 0.04, "processing": 0.01, "operating": 0}

    def _oauth(self, method: str, said: Said) -> Said:
        self.calls.append("oauth")
        if method != "GET" or said.get("grant_type") != "refresh_token":
            raise Strict(400, "invalid_request")
        if (said.get("client_id"), said.get("client_secret")) != (self.client, self.secret):
            raise Strict(401, "invalid_client")
        user = self.refresh.pop(said.get("refresh_token", ""), None)
        if user is None:
            raise Strict(400, "invalid_grant")
        if self.drop_answers < 0:
            self.drop_answers += 1
            raise httpx.ReadTimeout("the answer was lost")
        return {
            "access_token": self.token(user),
            "refresh_token": self._new_refresh(user),
            "expires_in": HOUR,
            "expires": int(self.now()) + HOUR,
            "client_endpoint": f"{PORTAL}/rest/",
            "server_endpoint": "https://oauth.bitrix24.tech/rest/",
            "domain": "oauth.bitrix24.tech",
            "scope": ",".join(SCOPES),
            "member_id": MEMBER,
            "status": "L",
            "user_id": int(user),
        }

    def _rest(self, method: str, name: str, content: bytes) -> Any:
        if method != "POST":
            raise Strict(405, "METHOD_NOT_ALLOWED")
        if self.limits:
            raise self.limits.pop(0)
        said: Said = json.loads(content)
        known = self.access.get(said.pop("auth", ""))
        if known is None:
            raise Strict(401, "NO_AUTH_FOUND", "Wrong authorization data")
        user, until = known
        if until <= self.now():
            raise Strict(401, "expired_token", "The access token provided has expired.")
        return METHODS.get(name, no_method)(self, user, said)

    def chat_of(self, line: str, address: str) -> Chat:
        for chat in self.chats.values():
            if (chat.line, chat.address) == (line, address):
                return chat
        chat = Chat(self.next_id(), line, address)
        self.chats[chat.id] = chat
        return chat

    def of_line(self, said: Said, *, active: bool = True) -> tuple[str, str]:
        need(said, "CONNECTOR", "LINE")
        connector, line = str(said["CONNECTOR"]).lower(), str(said["LINE"])
        if connector not in self.connectors:
            raise Strict(400, "IMCONNECTOR_NO_CORRECT_PROVIDER")
        if line not in self.lines or (active and not self.lines[line].get(connector)):
            raise Strict(400, "NOT_ACTIVE_LINE")
        return connector, line

    def bubble_of(self, of: str) -> tuple[Chat, Bubble]:
        for chat in self.chats.values():
            for bubble in chat.bubbles:
                if of == bubble.id or of in bubble.ours:
                    return chat, bubble
        raise Strict(400, "ERROR_ARGUMENT", f"no message {of}")


def as_php(said: Any) -> str:
    """As PHP's http_build_query would write it."""
    pairs: list[tuple[str, str]] = []

    def put(name: str, value: Any) -> None:
        if isinstance(value, list):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            pairs.append((name, "" if value is None else str(value)))
            return
        for key, one in value.items():
            put(f"{name}[{key}]", one)

    for name, value in said.items():
        put(name, value)
    return urlencode(pairs)
