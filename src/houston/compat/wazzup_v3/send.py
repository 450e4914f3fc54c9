"""`POST /v3/message`: the hottest address of all, so it stands on bare ASGI and decodes once."""

from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from litestar.types import HTTPScope, Receive, Scope, Send

from houston.compat.wazzup_v3.emit import CRM_REF
from houston.compat.wazzup_v3.errors import WazzupError, as_wazzup, invalid
from houston.compat.wazzup_v3.limits import Limit
from houston.kernel.errors import NotFound
from houston.kernel.ids import ChannelId, MessageId
from houston.messages.outbox import Outbox, Saying
from houston.messages.rules import TEXT_CHARACTERS_MAX
from houston.people.keyring import Caller, Keyring

_CHAT_TYPES: Final = frozenset(
    [
        "whatsapp",
        "whatsgroup",
        "viber",
        "instagram",
        "telegram",
        "telegroup",
        "vk",
        "avito",
        "max",
        "maxgroup",
    ]
)
_AUTHOR_CHARACTERS_MAX: Final = 200


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """The body. Fields of other messengers are accepted and mean nothing here."""

    channel_id: str | None = None
    chat_type: str | None = None
    chat_id: str | None = None
    phone: str | None = None
    text: str | None = None
    content_uri: str | None = None
    ref_message_id: str | None = None
    crm_user_id: str | None = None
    crm_message_id: str | None = None
    clear_unanswered: bool = True


PATH: Final = "/v3/message"
_decoder: Final = msgspec.json.Decoder(Message)


class SendMessage:
    """The address, with what it works with: an ASGI application of its own."""

    def __init__(
        self,
        keyring: Keyring,
        outbox: Outbox,
        limit: Limit,
        *,
        body_bytes_max: int,
        repeat_seconds: float,
    ) -> None:
        self._keyring = keyring
        self._outbox = outbox
        self._limit = limit
        self._body_bytes_max = body_bytes_max
        self._repeat_seconds = repeat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, body, extra = 201, await self._accept(cast(HTTPScope, scope), receive), _NONE
        except Exception as error:  # noqa: BLE001 - every error has an answer here
            said = as_wazzup(error)
            status, body, extra = said.status, said.body(), said.headers
        await _answer(send, status, body, extra)

    async def _accept(self, scope: HTTPScope, receive: Receive) -> bytes:
        if scope["method"] != "POST":
            raise WazzupError("METHOD_NOT_ALLOWED", "Use POST", status=405)
        headers = _headers(scope)
        caller = await self._keyring.caller(headers.get("authorization"))
        self._limit.count(caller.key)
        body = await _body(receive, self._body_bytes_max)
        message = _decode(body, headers.get("content-type", ""))
        return await _say(self._outbox, caller, message, self._repeat_seconds)


_NONE: Final[dict[str, str]] = {}


async def _say(outbox: Outbox, caller: Caller, message: Message, repeat_seconds: float) -> bytes:
    saying = _saying(caller, message, repeat_seconds)
    try:
        accepted = await outbox.say(saying)
    except NotFound as error:
        code = "CHANNEL_NOT_FOUND" if saying.quoted is None else "REFERENCE_MESSAGE_NOT_FOUND"
        raise WazzupError(code, str(error)) from error
    if accepted.repeated:
        data = {"crmMessageId": message.crm_message_id, "messageId": str(accepted.message)}
        raise WazzupError(
            "REPEATED_CRM_MESSAGE_ID", "This crmMessageId was sent already", data=data
        )
    answer: bytes = msgspec.json.encode({"messageId": accepted.message, "chatId": saying.address})
    return answer


def _saying(caller: Caller, message: Message, repeat_seconds: float) -> Saying:
    channel = ChannelId(_uuid("channelId", message.channel_id))
    _check_chat_type(channel, message.chat_type)
    _check_said(message)
    reference = message.crm_message_id
    return Saying(
        account=caller.account,
        channel=channel,
        address=(message.chat_id or message.phone or "").removeprefix("+"),
        text=message.text,
        content_uri=message.content_uri,
        client_ref=None if reference is None else CRM_REF + reference,
        quoted=_quoted(message.ref_message_id),
        author=(message.crm_user_id or "")[:_AUTHOR_CHARACTERS_MAX].replace("\x00", ""),
        clears_unanswered=message.clear_unanswered,
        repeat_seconds=repeat_seconds,
    )


def _check_chat_type(channel: ChannelId, chat_type: str | None) -> None:
    if chat_type == "whatsapp":
        return
    if chat_type not in _CHAT_TYPES:
        raise invalid("chatType", f"chatType is {chat_type!r}: use whatsapp")
    data = {"channelId": str(channel), "transport": "whatsapp", "chatType": chat_type}
    raise WazzupError(
        "WRONG_TRANSPORT", "The channel is WhatsApp: use chatType whatsapp", data=data
    )


def _check_said(message: Message) -> None:
    text, uri = message.text, message.content_uri
    if not text and not uri:
        raise WazzupError("MESSAGE_NOTHING_TO_SEND", "Give text or contentUri")
    if text is not None and uri is not None:
        raise WazzupError(
            "MESSAGE_ONLY_TEXT_OR_CONTENT", "Give either text or contentUri, not both"
        )
    if text is not None and not text.strip():
        raise WazzupError("MESSAGES_TEXT_CAN_NOT_BE_BLANK", "The text is blank")
    if text is not None and len(text) > TEXT_CHARACTERS_MAX:
        said = f"The text has {len(text):,} characters; {TEXT_CHARACTERS_MAX:,} is the most"
        raise WazzupError("MESSAGE_TEXT_TOO_LONG", said)


def _quoted(message: str | None) -> MessageId | None:
    return None if message is None else MessageId(_uuid("refMessageId", message))


def _uuid(field: str, value: str | None) -> UUID:
    try:
        return UUID(value or "")
    except ValueError as error:
        raise invalid(
            field, f"{field} is {(value or '')[:80]!r}: give the UUID that you were given"
        ) from error


# --- Reading and answering ---------------------------------------------------------------------


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _body(receive: Receive, bytes_max: int) -> bytes:
    """The body, never more of it than is allowed."""
    parts, size = [], 0
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise ConnectionResetError("the client went away")
        size += len(event["body"])
        if size > bytes_max:
            said = f"The body is larger than {bytes_max:,} bytes"
            raise WazzupError("REQUEST_TOO_LARGE", said, status=413)
        parts.append(event["body"])
        if not event["more_body"]:
            return b"".join(parts)


def _decode(body: bytes, content_type: str) -> Message:
    """JSON, or a form: a widespread module posts PHP arrays without saying what they are."""
    try:
        if content_type.startswith("application/x-www-form-urlencoded") and not body.startswith(
            b"{"
        ):
            fields: dict[str, Any] = dict(parse_qsl(body.decode(), keep_blank_values=True))
            return msgspec.convert(fields, Message, strict=False)
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        field = str(error).partition("`$.")[2].rstrip("`") or "body"
        raise invalid(field, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise WazzupError("INVALID_MESSAGE_DATA", f"The body is not JSON: {error}") from error


async def _answer(send: Send, status: int, body: bytes, extra: Mapping[str, str]) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in extra.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
