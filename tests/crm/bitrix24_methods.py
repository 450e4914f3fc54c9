"""The methods of the double's portal: what each wants, and what it does to the operator's screen."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from tests.crm.bitrix24_double import Bitrix24Double

CLIENT = "local.5f3a1b2c3d4e56.78901234"
ADMIN, OLGA = "1", "27"
SCOPES = ["imconnector", "imopenlines", "im"]
HOUR = 3600

Said = dict[str, Any]


@dataclass
class Bubble:
    """A message as an operator sees it. `mark` is `sending` until the connector confirms it."""

    id: str
    who: str
    text: str
    at: int
    mark: str | None = None
    files: list[str] = field(default_factory=list)
    ours: list[str] = field(default_factory=list)

    def seen(self) -> tuple[str, str]:
        return self.who, self.text


@dataclass
class Chat:
    id: str
    line: str
    address: str
    members: set[str] = field(default_factory=set)
    bubbles: list[Bubble] = field(default_factory=list)


class Strict(Exception):
    def __init__(self, status: int, code: str, text: str = "", **more: Any) -> None:
        self.status, self.body = status, {"error": code, "error_description": text, **more}


def need(said: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if said.get(name) in (None, "", [], {}):
            raise Strict(400, "ERROR_ARGUMENT", f"Argument '{name}' is null or empty")


_NAME = re.compile(r"[^\W\d_]+(?:[ '’-]+[^\W\d_]+)*")


def no_method(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    raise Strict(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")


def _register(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    """Failure is a success that says otherwise."""
    for name in ("ID", "NAME", "ICON", "PLACEMENT_HANDLER"):
        if not said.get(name):
            return {"result": False, "error": f"{name}_REQUIRED"}
    if not re.fullmatch(r"[a-z0-9_]+", said["ID"]) or "DATA_IMAGE" not in said["ICON"]:
        return {"result": False, "error": "GENERAL_REGISTRATION_ERROR"}
    if not said["PLACEMENT_HANDLER"].startswith("https://"):
        return {"result": False, "error": "NO_PLACEMENT_HANDLER"}
    portal.connectors[said["ID"]] = said
    return {"result": True}


def _activate(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    connector, line = portal.of_line(said, active=False)
    if str(said.get("ACTIVE")) not in ("0", "1"):
        raise Strict(400, "ERROR_ARGUMENT", "ACTIVE")
    portal.lines[line][connector] = str(said["ACTIVE"]) == "1"
    return True


def _data_set(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    _, line = portal.of_line(said)
    need(said.get("DATA", {}), "ID", "URL", "URL_IM", "NAME")
    portal.shown_in_widget[line] = said["DATA"]
    return True


def _status(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    connector, line = portal.of_line(said, active=False)
    works = portal.lines[line].get(connector, False)
    return {
        "LINE": int(line),
        "CONNECTOR": connector,
        "ERROR": False,
        "CONFIGURED": works,
        "STATUS": works,
    }


def _send(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    _, line = portal.of_line(said)
    need(said, "MESSAGES")
    results = []
    for one in said["MESSAGES"]:
        person, message = one["user"], one["message"]
        need(person, "id")
        need(message, "id", "date")
        need(one["chat"], "id")
        if "text" not in message and not message.get("files"):
            raise Strict(400, "ERROR_ARGUMENT", "text or files")
        if not isinstance(message["date"], int) or message["date"] > portal.now() + HOUR:
            raise Strict(400, "ERROR_ARGUMENT", "date")
        for name in ("name", "last_name"):
            if name in person and not (_NAME.fullmatch(person[name]) and len(person[name]) <= 25):
                raise Strict(400, "ERROR_ARGUMENT", name)
        chat = portal.chat_of(line, one["chat"]["id"])
        who = f"employee {message['user_id']}" if message.get("user_id") else "client"
        files = [file["url"] for file in message.get("files", [])]
        bubble = Bubble(
            portal.next_id(), who, message.get("text", ""), message["date"], None, files
        )
        bubble.ours = [message["id"]]
        chat.bubbles.append(bubble)
        if portal.echoes and who != "client":
            portal.tell_of(chat, bubble, "ONIMCONNECTORMESSAGEADD", message["user_id"])
        session = {"ID": "1", "CHAT_ID": chat.id}
        results.append({**one, "SUCCESS": True, "session": session})
    return {"SUCCESS": True, "DATA": {"RESULT": results}}


def _update(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    portal.of_line(said)
    for one in said["MESSAGES"]:
        need(one["message"], "id", "text")
        portal.bubble_of(one["message"]["id"])[1].text = one["message"]["text"]
    return {"SUCCESS": True, "DATA": {"RESULT": [{**said["MESSAGES"][0], "SUCCESS": True}]}}


def _delete(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    portal.of_line(said)
    for one in said["MESSAGES"]:
        chat, bubble = portal.bubble_of(one["message"]["id"])
        chat.bubbles.remove(bubble)
    return {"SUCCESS": True, "DATA": {"RESULT": [{**said["MESSAGES"][0], "SUCCESS": True}]}}


def _delivered(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    portal.of_line(said)
    for one in said["MESSAGES"]:
        need(one, "im", "message", "chat")
        need(one["im"], "chat_id", "message_id")
        need(one["message"], "id", "date")
        chat, bubble = portal.bubble_of(str(one["im"]["message_id"]))
        if chat.id != one["im"]["chat_id"] or chat.address != one["chat"]["id"]:
            raise Strict(400, "ERROR_ARGUMENT", "chat")
        bubble.mark, bubble.ours = "delivered", [*one["message"]["id"]]
    return {"SUCCESS": True, "DATA": []}


def _say(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    need(said, "DIALOG_ID", "MESSAGE")
    chat = portal.chats.get(said["DIALOG_ID"].removeprefix("chat"))
    if chat is None or user not in chat.members:
        raise Strict(403, "ACCESS_ERROR", "You do not have access to the specified dialog")
    system = said.get("SYSTEM") == "Y"
    bubble = Bubble(portal.next_id(), "system" if system else "operator", said["MESSAGE"], 0)
    bubble.at = int(portal.now())
    chat.bubbles.append(bubble)
    if not system or said.get("SKIP_CONNECTOR") != "Y":
        portal.tell_of(chat, bubble, "ONIMCONNECTORMESSAGEADD", user)
    return int(bubble.id)


def _notify(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    need(said, "USER_ID", "MESSAGE")
    portal.notifications.append((said["USER_ID"], said["MESSAGE"]))
    return int(portal.next_id())


def _bind(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    need(said, "event", "handler")
    event = said["event"].upper()
    if not said["handler"].startswith("https://"):
        raise Strict(400, "ERROR_EVENT_BINDING_FAILED", "Unable to set event handler")
    if event in portal.handlers:
        raise Strict(400, "ERROR_EVENT_BINDING_FAILED", "Handler already binded")
    portal.handlers[event] = said["handler"]
    return True


def _bound(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    return [
        {"event": event, "handler": uri, "offline": 0} for event, uri in portal.handlers.items()
    ]


def _batch(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    need(said, "cmd")
    if len(said["cmd"]) > 50:
        raise Strict(400, "ERROR_BATCH_LENGTH_EXCEEDED")
    good: Said = {}
    bad: Said = {}
    for name, command in said["cmd"].items():
        method, _, query = command.partition("?")
        try:
            good[name] = METHODS.get(method, no_method)(portal, user, dict(parse_qsl(query)))
        except Strict as error:
            bad[name] = error.body
    return {"result": good, "result_error": bad, "result_total": [], "result_next": []}


def _history(portal: "Bitrix24Double", user: str, said: Said) -> Any:
    chat = portal.chats.get(str(said.get("CHAT_ID", "")))
    if chat is None:
        raise Strict(403, "ACCESS_DENIED")
    senders = {"client": "587", "operator": OLGA, "system": "0", "bitrix": "0"}
    messages = {
        one.id: {
            "id": one.id,
            "chatid": chat.id,
            "senderid": senders.get(one.who, one.who.removeprefix("employee ")),
            "date": iso(one.at),
            "text": one.text,
            "params": {"connectorMid": one.ours} if one.ours else {},
        }
        for one in chat.bubbles[::-1]
    }
    users = {"587": {"id": "587", "connector": True}, OLGA: {"id": OLGA, "connector": False}}
    (connector,) = portal.lines[chat.line]
    about = {"id": chat.id, "entityId": f"{connector}|{chat.line}|{chat.address}|587"}
    return {"chatId": int(chat.id), "message": messages, "users": users, "chat": {chat.id: about}}


def iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(timezone(timedelta(hours=3))).isoformat()


Method = Callable[["Bitrix24Double", str, Said], Any]
METHODS: dict[str, Method] = {
    "imconnector.register": _register,
    "imconnector.activate": _activate,
    "imconnector.connector.data.set": _data_set,
    "imconnector.status": _status,
    "imconnector.send.messages": _send,
    "imconnector.update.messages": _update,
    "imconnector.delete.messages": _delete,
    "imconnector.send.status.delivery": _delivered,
    "imopenlines.session.history.get": _history,
    "im.message.add": _say,
    "im.notify.system.add": _notify,
    "event.bind": _bind,
    "event.get": _bound,
    "batch": _batch,
    "scope": lambda portal, user, said: SCOPES,
    "app.info": lambda portal, user, said: {"ID": 5, "CODE": CLIENT, "STATUS": "L"},
    "user.admin": lambda portal, user, said: user == ADMIN,
}
