"""`POST /v3/message`: the hottest address of all, so it stands on bare ASGI and decodes once."""

from collections.abc import Mapping
from typing import Final, cast
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from litestar.types import HTTPScope, Receive, Scope, Send

from houston.compat.wazzup_v3.bodies import CHAT_TYPES
from houston.compat.wazzup_v3.emit import CRM_REF
from houston.compat.wazzup_v3.errors import WazzupError, as_wazzup, check_text, invalid
from houston.compat.wazzup_v3.limits import Limit
from houston.kernel.errors import shortened
from houston.kernel.ids import ChannelId, MessageId
from houston.messages.outbox import Outbox, Saying
from houston.messages.rules import check_address
from houston.people.keyring import Keyring
from houston.people.rules import Caller, Doing, require

AUTHOR_CHARACTERS_MAX: Final = 200
_TEMPLATE: Final = "@template:"
"""How a text names a template. Sent as it is, it would reach a customer as gibberish."""
_JSON: Final = "application/json"
_JSON_BEGINS: Final = (b"{", b"[")


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """The body. Other fields of Wazzup's are for other messengers: accepted, and without meaning here.

    Ids of a CRM and phone numbers may come as numbers, because so do many CRMs keep them.
    """

    channel_id: str | None = None
    chat_type: str | None = None
    chat_id: str | int | None = None
    phone: str | int | None = None
    text: str | None = None
    content_uri: str | None = None
    ref_message_id: str | None = None
    crm_user_id: str | int | None = None
    crm_message_id: str | int | None = None
    clear_unanswered: bool | None = None
    template_id: str | None = None


PATH: Final = "/v3/message"
_decoder: Final = msgspec.json.Decoder(Message, strict=False)  # "false" is false to PHP.


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
            raise WazzupError(
                "METHOD_NOT_ALLOWED", "Use POST", status=405, headers={"Allow": "POST"}
            )
        headers = _headers(scope)
        caller = await self._keyring.caller(headers.get("authorization"))
        self._limit.count(caller.who)
        require(caller, Doing.WRITE)
        body = await _body(receive, self._body_bytes_max)
        message = _decode(body, headers.get("content-type", ""))
        return await _say(self._outbox, caller, message, self._repeat_seconds)


_HEADERS: Final = frozenset({b"authorization", b"content-type"})
_NONE: Final[Mapping[str, str]] = {}
_encode: Final = msgspec.json.Encoder().encode


async def _say(outbox: Outbox, caller: Caller, message: Message, repeat_seconds: float) -> bytes:
    saying = _saying(caller, message, repeat_seconds)
    accepted = await outbox.say(saying)
    if accepted.repeated:
        data = {"crmMessageId": message.crm_message_id, "messageId": str(accepted.message)}
        raise WazzupError(
            "REPEATED_CRM_MESSAGE_ID", "This crmMessageId was sent already", data=data
        )
    return _encode({"messageId": accepted.message, "chatId": saying.address})


def _saying(caller: Caller, message: Message, repeat_seconds: float) -> Saying:
    """Empty fields count as absent: that is how forms and PHP leave something out."""
    channel = ChannelId(_uuid("channelId", message.channel_id))
    _check_chat_type(channel, message.chat_type)
    _check_said(message)
    reference = str(message.crm_message_id or "")
    return Saying(
        account=caller.account,
        channel=channel,
        address=check_address("chatId", str(message.chat_id or message.phone or "")),
        text=message.text or None,
        content_uri=message.content_uri or None,
        client_ref=CRM_REF + reference if reference else None,
        quoted=_quoted(message.ref_message_id),
        author=_author(message.crm_user_id),
        clears_unanswered=message.clear_unanswered is not False,
        repeat_seconds=repeat_seconds,
    )


def _check_chat_type(channel: ChannelId, chat_type: str | None) -> None:
    if chat_type == "whatsapp":
        return
    if chat_type not in CHAT_TYPES:
        raise invalid("chatType", f"chatType is {shortened(chat_type)}: use whatsapp")
    if chat_type == "whatsgroup":
        raise WazzupError("MESSAGES_INVALID_CONTACT_TYPE", "Houston does not write to groups")
    data = {"channelId": str(channel), "transport": "whatsapp", "chatType": chat_type}
    said = "The channel is WhatsApp: use chatType whatsapp"
    raise WazzupError("WRONG_TRANSPORT", said, data=data)


def _check_said(message: Message) -> None:
    text, uri = message.text, message.content_uri
    if message.template_id or (text or "").startswith(_TEMPLATE):
        said = "Templates belong to the Cloud API: send the text itself to a linked number"
        raise WazzupError("TEMPLATE_REJECTED", said)
    if uri and not uri.strip():
        raise WazzupError("MESSAGES_CONTENT_CAN_NOT_BE_BLANK", "contentUri is blank")
    if not text and not uri:
        raise WazzupError("MESSAGE_NOTHING_TO_SEND", "Give text or contentUri")
    if text and uri:
        said = "Give either text or contentUri, not both"
        raise WazzupError("MESSAGE_ONLY_TEXT_OR_CONTENT", said)
    if text:
        check_text(text)


def _quoted(message: str | None) -> MessageId | None:
    return MessageId(_uuid("refMessageId", message)) if message else None


def _author(user: str | int | None) -> str:
    return str(user or "")[:AUTHOR_CHARACTERS_MAX].replace("\x00", "")


def _uuid(field: str, value: str | None) -> UUID:
    try:
        return UUID(value or "")
    except ValueError as error:
        said = f"{field} is {shortened(value)}: give the UUID that you were given"
        raise invalid(field, said) from error


# --- Reading and answering ---------------------------------------------------------------------


def _headers(scope: Scope) -> dict[str, str]:
    """Those that matter here; reading all of them costs as much as reading the message."""
    return {
        name.decode(): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in _HEADERS
    }


async def _body(receive: Receive, bytes_max: int) -> bytes:
    """The body, never more of it than is allowed."""
    parts, size = [], 0
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise WazzupError("INVALID_MESSAGE_DATA", "The client went away amid the body")
        size += len(event["body"])
        if size > bytes_max:
            said = f"The body is larger than {bytes_max:,} bytes"
            raise WazzupError("REQUEST_TOO_LARGE", said, status=413)
        parts.append(event["body"])
        if not event["more_body"]:
            return b"".join(parts)


def _decode(body: bytes, content_type: str) -> Message:
    """JSON, or a form: a widespread module posts PHP arrays without saying what they are.

    What a form leaves empty is absent: so do forms leave something out.
    """
    try:
        if not content_type.startswith(_JSON) and not body.lstrip().startswith(_JSON_BEGINS):
            fields = parse_qsl(body.decode(), errors="strict")
            return msgspec.convert(dict(fields), Message, strict=False)
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        field = str(error).partition("`$.")[2].rstrip("`") or "body"
        raise invalid(field, str(error)) from error
    except ValueError as error:
        said = f"The body is neither JSON nor a form: {error}"
        raise invalid("body", said) from error


async def _answer(send: Send, status: int, body: bytes, extra: Mapping[str, str]) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in extra.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
