"""Errors as Wazzup writes them. Source: the error tables of its API v3 pages "Sending messages" and
"Common errors"."""

import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from houston.kernel.db import LOST, lost_how
from houston.kernel.errors import (
    BadInput,
    Broken,
    ChannelRefuses,
    Conflict,
    Forbidden,
    HoustonError,
    NotAllowed,
    NotFound,
    TooMany,
)
from houston.messages.outbox import NOTHING_TO_QUOTE
from houston.messages.rules import TEXT_CHARACTERS_MAX

log = structlog.get_logger(__name__)

_JSON: Final = "application/json"
_NONE: Final[Mapping[str, str]] = {}


class WazzupError(HoustonError):
    """An answer of the dialect that is not a success."""

    code = "WAZZUP_ERROR"

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int = 400,
        data: object = None,
        headers: Mapping[str, str] = _NONE,
    ) -> None:
        self.error = error
        self.description = description
        self.status = status
        self.data = data
        self.headers = headers
        self.request_id = secrets.token_hex(16)
        """What a person can name when asking for help; where something broke, our log has it too."""
        super().__init__(f"{error}: {description}")

    def body(self) -> bytes:
        fields: dict[str, Any] = {
            "status": self.status,
            "requestId": self.request_id,
            "error": self.error,
            "description": self.description,
        }
        if self.data is not None:
            fields["data"] = self.data
        return msgspec.json.encode(fields)


_FIELDS: Final = {
    "chat_id": "chatId",
    "content": "contentUri",
    "client_ref": "crmMessageId",
    "quoted": "refMessageId",
}


def as_wazzup(error: Exception) -> WazzupError:
    """Any error of ours in Wazzup's words."""
    match error:
        case WazzupError():
            return error
        case NotAllowed():
            return WazzupError("UNAUTHORIZED", str(error), status=401)
        case Forbidden():
            return WazzupError("FORBIDDEN", str(error), status=403)
        case TooMany():
            after = {"Retry-After": str(error.retry_after_s)}
            return WazzupError("TOO_MANY_REQUESTS", str(error), status=429, headers=after)
        case ChannelRefuses():
            return WazzupError(error.reason_code, str(error))
        case NotFound():
            is_quote = error is NOTHING_TO_QUOTE
            code = "REFERENCE_MESSAGE_NOT_FOUND" if is_quote else "CHANNEL_NOT_FOUND"
            return WazzupError(code, str(error))
        case Conflict():
            return WazzupError("VALIDATION_ERROR", str(error))
        case BadInput():
            return invalid(_FIELDS.get(error.field, error.field), str(error))
        case HTTPException():
            return _http(error)
        case _:
            return _broken(error)


def _broken(error: Exception) -> WazzupError:
    if isinstance(error, (Broken, *LOST)):
        said = f"{lost_how(error)}; repeat with the same crmMessageId"
        answer = WazzupError("UNKNOWN_ERROR", said, status=503, headers={"Retry-After": "1"})
        log.warning("database_lost", error=str(error), request_id=answer.request_id)
        return answer
    answer = WazzupError("UNKNOWN_ERROR", "Houston failed; its log says why", status=500)
    log.error("request_failed", exc_info=error, request_id=answer.request_id)
    return answer


def _http(error: HTTPException) -> WazzupError:
    """What the framework itself found wrong: the address, the method, the shape of the body."""
    words = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "REQUEST_TOO_LARGE"}
    code = words.get(error.status_code, "VALIDATION_ERROR")
    parts = error.extra if isinstance(error.extra, list) else []
    data = {"fields": [part.get("key", "body") for part in parts]} if parts else None
    headers = dict(error.headers or {})
    return WazzupError(code, error.detail, status=error.status_code, data=data, headers=headers)


_ENTRY: Final = re.compile(r"`\$\.data\[(\d+)\]\.?(\w*)")
"""How the decoder names the place: `$.data[1].name`. The framework's own words lose it."""


def shaped(request: Request[Any, Any, Any], error: Exception) -> WazzupError | None:
    """What cannot be used of a body, as the route says by `invalid=` that Wazzup calls it.

    Of a list of entries: which one has another shape than documented, and in which field.
    """
    route = request.scope.get("route_handler")
    code = None if route is None else route.opt.get("invalid")
    if code is not None and isinstance(error, BadInput):
        return WazzupError(code, str(error), data={"fields": [error.field]})
    if code is None or not isinstance(error, HTTPException) or error.status_code != 400:
        return None
    cause = str(error.__cause__ or error.detail)
    met = _ENTRY.search(cause)
    data = [{"index": int(met[1]), "fields": [met[2]] if met[2] else []}] if met else []
    return WazzupError(code, cause, data=data)


def invalid(field: str, description: str) -> WazzupError:
    return WazzupError("INVALID_MESSAGE_DATA", description, data={"fields": [field]})


def check_text(text: str) -> None:
    """What is wrong with a text in general; what it must not hold is the outbox's to say.

    Raises:
        WazzupError: it is blank or too long.
    """
    if not text.strip():
        raise WazzupError("MESSAGES_TEXT_CAN_NOT_BE_BLANK", "The text is blank")
    if len(text) > TEXT_CHARACTERS_MAX:
        said = f"The text has {len(text):,} characters; {TEXT_CHARACTERS_MAX:,} is the most"
        raise WazzupError("MESSAGE_TEXT_TOO_LONG", said)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The exception handler of every route of the dialect."""
    said = shaped(request, error) or as_wazzup(error)
    headers = dict(said.headers)
    return Response(said.body(), status_code=said.status, media_type=_JSON, headers=headers)
