"""The chat API of a Planfix in memory: strict about tokens and fields, with an employee's screen as data."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import httpx

URL = "https://company.planfix.example/webchat/api"
PLANFIX_TOKEN, OUR_TOKEN, PROVIDER = (
    "303cb962ac59075b964b07152d234b70",
    "a-long-token-of-ours",
    "houston",
)
NEEDED = {
    "newMessage": ("chatId", "message", "contactId", "contactName"),
    "messageStatus": ("messageId", "messageStatus"),
    "getTask": ("chatId",),
}

Call = Callable[[bytes], Awaitable[dict[str, str] | None]]


@dataclass
class Comment:
    """A comment of a task. `mark` is None, `sent`, `read` or the text of an error."""

    id: str
    chat: str
    who: str
    text: str
    files: Sequence[str] = ()
    mark: str | None = None


class PlanfixDouble:
    """The server."""

    def __init__(self) -> None:
        self.comments: list[Comment] = []
        self.weather: str | int = "up"
        self.token = PLANFIX_TOKEN
        self.contacts: dict[str, str] = {}
        self._last_id = 4_188_848
        self._hooks: list[tuple[Comment, list[tuple[str, str]]]] = []

    def screen(self, phone: str) -> list[tuple[str, str]]:
        return [(one.who, one.text) for one in self.comments if one.chat == f"wa:{phone}"]

    def employee_writes(self, phone: str, text: str, *files: str) -> Comment:
        """Write to a client; where there is no task yet, Planfix has only the number."""
        self._last_id += 1
        known = f"wa:{phone}" in self.contacts
        comment = Comment(str(self._last_id), f"wa:{phone}" if known else "", "employee", text)
        self.comments.append(comment)
        fields = [("cmd", "newMessage"), ("providerId", PROVIDER), ("token", OUR_TOKEN)]
        fields += [("chatId", comment.chat)] if known else [("contactPhone", f"+{phone}")]
        fields += [("message", text), ("messageId", comment.id), ("userName", "Olga")]
        for file in files:
            fields += [("attachments[name]", "a file"), ("attachments[url]", file)]
        self._hooks.append((comment, fields))
        return comment

    async def tell(self, call: Call, *, times: int = 1) -> None:
        hooks, self._hooks = self._hooks, []
        for comment, fields in hooks:
            for _ in range(times):
                answer = await call(urlencode(fields).encode())
                if answer is not None and not comment.chat:
                    comment.chat = answer["chatId"]
                    self.contacts[answer["contactId"]] = "somebody new"

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if self.weather == "down":
            raise httpx.ConnectError("connection refused")
        if isinstance(self.weather, int):
            return httpx.Response(self.weather)
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        pairs = parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True)
        said = dict(pairs)
        if said.get("planfix_token") != self.token:
            return httpx.Response(401, json={"error": "Invalid token"})
        command = said.get("cmd", "")
        wanting = [name for name in NEEDED.get(command, ("cmd",)) if not said.get(name)]
        if wanting or said.get("providerId") != PROVIDER:
            return httpx.Response(400, json={"error": "Invalid parameters"})
        return self._do(command, said, [uri for name, uri in pairs if name == "attachments[url]"])

    def _do(self, command: str, said: dict[str, str], files: list[str]) -> httpx.Response:
        if command == "getTask":
            return httpx.Response(400, json={"error": "task not found"})
        if command == "newMessage":
            self.contacts[said["contactId"]] = said["contactName"]
            who = "echo" if said.get("isEcho") == "true" else "client"
            self.comments.append(Comment("", said["chatId"], who, said["message"], files))
            return httpx.Response(200)
        comment = next((one for one in self.comments if one.id == said["messageId"]), None)
        if comment is None:
            return httpx.Response(400, json={"error": "Invalid parameters"})
        status = said["messageStatus"]
        comment.mark = said["messageStatusText"] if status == "error" else status
        return httpx.Response(200)
