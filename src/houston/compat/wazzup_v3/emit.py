"""Facts as Wazzup's webhooks tell them. Source: its API v3 page "Webhooks", and what its clients accept.

What the API itself was asked to send is not echoed; what was typed on the phone is.
"""

from datetime import UTC, datetime
from typing import Any, Final

from houston.kernel.content import Content, content_at
from houston.kernel.facts import (
    ContactWanted,
    ContentArrived,
    DealWanted,
    MessageEdited,
    MessageMoved,
    MessageReceived,
    StatusChanged,
)
from houston.kernel.feed import Event
from houston.webhooks.posts import Dialect, Item

MESSAGES: Final = "messages"
STATUSES: Final = "statuses"
CHANNELS: Final = "channelsUpdates"
CONTACT: Final = "createContact"
DEAL: Final = "createDeal"
_BY_ITSELF: Final = {"source": "auto"}
CRM_REF: Final = "crm:"
"""Marks references of this dialect, so that they cannot be taken for native ones."""
_KINDS: Final = frozenset(
    fact.kind
    for fact in (
        MessageReceived,
        ContentArrived,
        MessageMoved,
        MessageEdited,
        StatusChanged,
        ContactWanted,
        DealWanted,
    )
)
_STATUS: Final = {"sent": "sent", "delivered": "delivered", "read": "read"}
_ERRORS: Final = {
    "failed": ("GENERAL_ERROR", "The message was not sent"),
    "uncertain": ("UNKNOWN_ERROR", "It may have been sent: nothing can tell"),
    "cancelled": ("MESSAGE_CANCELLED", "The message was cancelled before it was sent"),
}
_KNOWN_ERRORS: Final = {
    "not_on_whatsapp": "BAD_CONTACT",
    "no_such_message": "MESSAGE_DELETED",
    "content_gone": "MESSAGE_DOWNLOAD_CONTENT_ERROR",
    "content_unreachable": "MESSAGE_DOWNLOAD_CONTENT_ERROR",
    "content_not_allowed": "MESSAGE_DOWNLOAD_CONTENT_ERROR",
    "content_too_large": "MESSAGES_CONTENT_SIZE_EXCEEDED",
    "content_empty": "MESSAGE_WRONG_CONTENT_TYPE",
    "content_refused": "MESSAGE_WRONG_CONTENT_TYPE",
}


def translate(event: Event) -> Item | None:
    """The fact in Wazzup's words; None when it has none."""
    if event.kind not in _KINDS:
        return None
    match event.fact():
        case MessageReceived() as fact:
            return Item(MESSAGES, _message(event, fact))
        case MessageMoved() as fact:
            return _status(fact)
        case ContentArrived(content=Content(uri=str())) as fact:
            return Item(MESSAGES, _completed(event, fact))
        case MessageEdited() as fact:
            return Item(MESSAGES, _edited(event, fact))
        case StatusChanged(state=str()) as fact:
            return Item(CHANNELS, _channel(event, fact), alone=True)
        case ContactWanted() as fact:
            return Item(CONTACT, _contact(fact), alone=True, bare=True)
        case DealWanted() as fact:
            body = {"responsibleUserId": fact.responsible_user_id, "contacts": fact.contacts}
            return Item(DEAL, body | _BY_ITSELF, alone=True, bare=True)
    return None


DIALECT: Final = Dialect(_KINDS, translate)


def _message(event: Event, fact: MessageReceived) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messageId": str(fact.message_id),
        "channelId": str(event.channel),
        "chatType": "whatsapp",
        "chatId": fact.address,
        "dateTime": stamp(fact.at),
        "type": _type(fact.content, fact.content_uri),
        "isEcho": fact.echo,
        "status": "sent" if fact.echo else "inbound",
        "sentFromApp": fact.echo,
        "retrieved": fact.retrieved,
    }
    optional = {
        "text": fact.text,
        "contentUri": fact.content_uri,
        "contact": None
        if fact.echo
        else {"name": fact.author_name or fact.author, "phone": fact.author},
        "quotedMessage": _quoted(fact),
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def _quoted(fact: MessageReceived) -> dict[str, str] | None:
    """Clients require the id, so what is not here is not told."""
    if fact.quoted_message_id is None:
        return None
    quoted = {"messageId": str(fact.quoted_message_id)}
    return quoted if fact.quoted_text is None else quoted | {"text": fact.quoted_text}


def _type(content: Content | None, uri: str | None) -> str:
    """Wazzup's words for kinds are ours."""
    if content is not None:
        return content.kind.value
    return "text" if uri is None else content_at(uri).kind.value


def _completed(event: Event, fact: ContentArrived) -> dict[str, Any]:
    """The message once more, now with its file. To Wazzup's clients that is an edit."""
    body: dict[str, Any] = {
        "messageId": str(fact.message_id),
        "channelId": str(event.channel),
        "chatType": "whatsapp",
        "chatId": fact.address,
        "dateTime": stamp(fact.at),
        "type": fact.content.kind.value,
        "isEcho": fact.echo,
        "status": "sent" if fact.echo else "inbound",
        "isEdited": True,
        "isDeleted": False,
        "oldInfo": {"oldText": fact.text or ""},
        "contentUri": fact.content.uri,
    }
    return body if fact.text is None else body | {"text": fact.text}


def _edited(event: Event, fact: MessageEdited) -> dict[str, Any]:
    deleted = fact.text is None
    return {
        "messageId": str(fact.message_id),
        "channelId": str(event.channel),
        "chatType": "whatsapp",
        "chatId": fact.address,
        "dateTime": stamp(fact.at),
        "type": "text",
        "isEcho": fact.by_us,
        "status": "sent" if fact.by_us else "inbound",
        "text": fact.text or "",
        "isEdited": not deleted,
        "isDeleted": deleted,
        "oldInfo": {"oldText": fact.old_text or ""},
    }


def _status(fact: MessageMoved) -> Item | None:
    body: dict[str, Any] = {"messageId": str(fact.message_id), "timestamp": stamp(fact.at)}
    if fact.client_ref is not None and fact.client_ref.startswith(CRM_REF):
        body["crmMessageId"] = fact.client_ref.removeprefix(CRM_REF)
    if fact.status in _STATUS:
        return Item(STATUSES, body | {"status": _STATUS[fact.status]})
    if fact.status not in _ERRORS:
        return None
    code, description = _ERRORS[fact.status]
    code = _KNOWN_ERRORS.get(fact.error_code or "", code)
    description = fact.error_text or description
    # Clients read either pair of names.
    error = {"error": code, "description": description, "code": code, "message": description}
    return Item(STATUSES, body | {"status": "error", "error": error})


def _channel(event: Event, fact: StatusChanged) -> dict[str, Any]:
    return {
        "channelId": str(event.channel),
        "state": fact.state,
        "timestamp": int(fact.at.timestamp() * 1000),
        "reason": fact.reason,
    }


def _contact(fact: ContactWanted) -> dict[str, Any]:
    body = {
        "name": fact.name,
        "contactData": [{"chatType": "whatsapp", "chatId": fact.address}],
    }
    user = fact.responsible_user_id
    return body | _BY_ITSELF | ({} if user is None else {"responsibleUserId": user})


def stamp(at: datetime) -> str:
    """`yyyy-mm-ddThh:mm:ss.msZ`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
